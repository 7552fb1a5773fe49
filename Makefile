# What a person types. Each recipe of more than a line lives in scripts/.
.DEFAULT_GOAL := help
.PHONY: help run test check dev ui build bench deb check-deb clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: ## Install what is missing, build, and start the appliance on 127.0.0.1:8080 (data in ./data)
	@scripts/run.sh

test: ## Run every test: Go with the race detector in random order, and the pages' unit tests
	@scripts/test.sh

check: ## Everything a change must pass, as CI runs it (one step alone: scripts/check.sh STEP)
	@scripts/check.sh

dev: ## Vite with hot reload in front of the binary
	@scripts/dev.sh

ui: ## Build the pages into embed/dist/pages, if their sources changed
	@scripts/ui.sh

build: ui ## Build the static binary bin/reconexus
	@scripts/build.sh bin/reconexus

bench: ## Measure what must hold, and print a table with targets (takes minutes)
	@scripts/bench.sh

deb: build ## Build the Debian package in dist/
	@scripts/deb.sh

check-deb: deb ## Install, upgrade, remove and purge the package on a booted Debian
	@packaging/test.sh

clean: ## Delete what was built (./data and the tools in .cache stay)
	@scripts/clean.sh
