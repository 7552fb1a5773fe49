#!/usr/bin/env bash
# e2e.sh: the stories of a person at a browser, against the real binary.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/need.sh go node chromium

scripts/ui.sh
scripts/build.sh bin/reconexus
cd ui && RECONEXUS_BIN=$OLDPWD/bin/reconexus npm run --silent e2e
