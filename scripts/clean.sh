#!/usr/bin/env bash
# clean.sh: deletes what was built, and nothing that took a person's work.
set -euo pipefail
cd "$(dirname "$0")/.."

rm -rf bin dist .cache/ui-built ui/node_modules
git clean -fdqX embed
