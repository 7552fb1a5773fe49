#!/usr/bin/env bash
# test.sh [go|ui]: runs the tests, of both by default.
set -euo pipefail
cd "$(dirname "$0")/.."

test_go() {
	scripts/need.sh go gcc # the race detector needs cgo
	CGO_ENABLED=1 go test -race -shuffle=on ./...
}

test_ui() {
	scripts/ui.sh packages
	(cd ui && npm run --silent test)
}

case ${1:-both} in
go) test_go ;;
ui) test_ui ;;
both) test_go && test_ui ;;
*) echo "test.sh takes go, ui or nothing, not $1" >&2 && exit 2 ;;
esac
