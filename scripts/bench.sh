#!/usr/bin/env bash
# bench.sh [PART…]: measures what must hold and prints a table: what, figure, target,
# ok or MISSED. All parts in this order, or only those that are named; each is a file in
# scripts/bench/. Smaller for a try: HOUSE=10k (numbers in the data folder), IMPORT=10k
# (during-import), ROWS=1M (second-day), SIMS=10k (browser).
set -euo pipefail
cd "$(dirname "$0")/.."

parts=(truth start checks writes bulk scrub webhooks during-import second-day lighthouse browser)
for part in "$@"; do
	[[ " ${parts[*]} " == *" $part "* ]] || { echo "no part $part; the parts are: ${parts[*]}" >&2 && exit 2; }
done
scripts/need.sh go curl jq wrk sqlite3 strace shuf initdb time runuser
scripts/build.sh bin/reconexus

BENCH_SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/reconexus-bench.XXXXXX")
export BENCH_SCRATCH
trap 'rm -rf "$BENCH_SCRATCH"' EXIT

failed=()
for part in "${@:-${parts[@]}}"; do
	"scripts/bench/$part.sh" || failed+=("$part")
done
if ((${#failed[@]})); then
	echo "could not be measured: ${failed[*]}; alone: scripts/bench.sh ${failed[0]}" >&2
	exit 1
fi
