#!/usr/bin/env bash
# check.sh [STEP…]: what every change must pass; all steps in this order, or
# only those that are named. CI runs nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."

steps=(format vet lint floors tracked pages licences tests build reproducible browser deb boot)

format() {
	local wrong
	wrong=$(git ls-files -z --cached --others --exclude-standard '*.go' | xargs -0 -r gofmt -l)
	[[ -z $wrong ]] || { printf 'run gofmt -w on:\n%s\n' "$wrong" >&2 && return 1; }
}
vet() { go vet ./...; }
lint() { scripts/lint.sh; }
floors() { GOFLAGS=$plain CGO_ENABLED=1 go test -race -run 'Imports|Floor|Libc|Shell' ./app; }
tracked() { go run ./scripts/tracked; }
pages() {
	scripts/ui.sh packages
	(cd ui && npm run --silent check)
	scripts/ui.sh
}
licences() { go run ./scripts/licences; }
tests() { GOFLAGS=$plain scripts/test.sh; }
build() { scripts/build.sh bin/reconexus; }
reproducible() { scripts/reproducible.sh; }
browser() { scripts/e2e.sh; }
deb() { scripts/deb-check.sh; }
boot() {
	if ((EUID != 0)); then
		echo "left out: booting the package needs root (sudo make check-deb)" >&2
		return
	fi
	packaging/test.sh
}

# A step runs in a shell of its own, so that its first failure ends it. Vet, the
# linter, the checks and the binary are one kind of build: what one compiles the
# next takes from the cache. The tests are built as always.
if [[ ${1:-} == --step ]]; then
	plain=${GOFLAGS:-}
	export CGO_ENABLED=0 GOFLAGS="$plain -trimpath"
	"$2"
	exit
fi

for step in "$@"; do
	[[ " ${steps[*]} " == *" $step "* ]] || { echo "no step $step; the steps are: ${steps[*]}" >&2 && exit 2; }
done
scripts/need.sh go node
for step in "${@:-${steps[@]}}"; do
	printf '\n== %s\n' "$step"
	SECONDS=0
	"$0" --step "$step" || { echo "== $step FAILED after $SECONDS s; alone: scripts/check.sh $step" >&2 && exit 1; }
	printf '== %s: %s s\n' "$step" "$SECONDS"
done
