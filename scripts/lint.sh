#!/usr/bin/env bash
# lint.sh: what reads the sources without running them.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/need.sh go shellcheck

"$(scripts/tool.sh staticcheck)" ./...
go run ./scripts/rules
shellcheck -x scripts/*.sh scripts/bench/*.sh packaging/test.sh packaging/postinst packaging/prerm packaging/postrm .ci/run
