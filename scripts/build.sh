#!/usr/bin/env bash
# build.sh FILE: builds the static binary. GOOS and GOARCH are honoured.
# No path, time or build id goes in: two builds of one source are identical.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/need.sh go

out=${1:-bin/reconexus}
commit=$(git rev-parse HEAD 2>/dev/null || echo unknown)
CGO_ENABLED=0 go build -trimpath -buildvcs=false \
	-ldflags "-s -w -buildid= -X main.version=$(scripts/version.sh) -X main.commit=$commit" \
	-o "$out" .
