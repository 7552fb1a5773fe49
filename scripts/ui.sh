#!/usr/bin/env bash
# ui.sh: builds the pages into embed/dist/pages and packs the API reference into
# embed/docs, unless nothing changed since the last time.
# ui.sh packages: only installs what the pages are built with.
set -euo pipefail
cd "$(dirname "$0")/.."

# One line for the state of everything the build reads. A file that is deleted
# and still tracked has no sum, which also is a state.
state() {
	git ls-files -z --cached --others --exclude-standard -- ui | sort -z |
		{ xargs -0 sha256sum 2>/dev/null || true; } | sha256sum
}

packages() {
	local now
	now="$(node --version) $(sha256sum <ui/package-lock.json)"
	if [[ $(cat ui/node_modules/.installed 2>/dev/null) == "$now" ]]; then return; fi
	echo "installing the npm packages of the pages" >&2
	(cd ui && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
	echo "$now" >ui/node_modules/.installed
}

# Swagger UI as it comes, packed: the binary serves it so.
reference() {
	local file
	for file in swagger-ui-bundle.js swagger-ui.css; do
		gzip -9nc "ui/node_modules/swagger-ui-dist/$file" >"embed/docs/$file.gz"
	done
}

scripts/need.sh node
packages
if [[ ${1:-} == packages ]]; then exit; fi

now="$(node --version) $(state)"
if [[ -d embed/dist/pages/assets && -f embed/docs/swagger-ui.css.gz && $(cat .cache/ui-built 2>/dev/null) == "$now" ]]; then exit; fi
echo "building the pages" >&2
(cd ui && npm run --silent build -- --logLevel error >&2)
reference
mkdir -p .cache
echo "$now" >.cache/ui-built
