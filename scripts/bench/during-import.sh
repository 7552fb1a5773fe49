#!/usr/bin/env bash
# How long the audited writes of 16 users take while a first day's inventory comes in.
# shellcheck source=scripts/bench/lib.sh
source scripts/bench/lib.sh

rows=${IMPORT:-2M}
make_files "$rows"
data=$scratch/data
for user in {1..16}; do add_user "$data" "clerk$user@example.test"; done
serve "$data"
for user in {1..16}; do sign_in "clerk$user@example.test"; done >"$scratch/tokens"

load=$(program load)
sim='{"msisdn":"+{n}","sim_serial":"8923430{n}","operator_code":"AIRTEL","date_recycled":"2026-09-01"}'
"$load" -url "$url/api/v1/recycled-sims" -tokens "$scratch/tokens" -clients 16 -body "$sim" -from 2348020000000 -for 10m >"$scratch/during" 2>"$scratch/load.log" &
writers=$!
children+=("$writers")
start=$(milliseconds)
"$bin" import inventory "$files/first.csv" --operator MTN --day "$first_day" --wait --data "$data" >/dev/null
took=$(($(milliseconds) - start))
kill -INT "$writers"
wait "$writers" || { cat "$scratch/load.log" >&2 && exit 1; }
read -r rate _ p99 slowest failed <"$scratch/during"
row "import of $rows numbers while 16 users write" "$(awk -v t="$took" 'BEGIN {printf "%.1f", t / 1000}')" s
row 'audited writes of 16 users meanwhile' "$rate" /s
row "their p99 (slowest $slowest ms)" "$p99" ms '<=' 250
row 'those that failed' "$failed" '' '<=' 0
