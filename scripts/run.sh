#!/usr/bin/env bash
# run.sh: from a fresh clone to a running appliance.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/need.sh go node
go mod download
scripts/ui.sh
scripts/build.sh bin/reconexus
exec bin/reconexus serve --data ./data
