#!/usr/bin/env bash
# dev.sh: Vite with hot reload in front of the binary. Both end together.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/need.sh go node
scripts/ui.sh packages
scripts/build.sh bin/reconexus
bin/reconexus serve --data ./data &
appliance=$!
trap 'kill "$appliance" 2>/dev/null; wait "$appliance" 2>/dev/null || true' EXIT
cd ui && npm run dev
