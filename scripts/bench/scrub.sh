#!/usr/bin/env bash
# A file of numbers and days, from the first byte sent to the result.
# shellcheck source=scripts/bench/lib.sh
source scripts/bench/lib.sh

house
serve "$data"
token=$(sign_in "$email")
{
	echo msisdn,date
	tail -n +2 "$files/first.csv" | awk -F, '{print $1 ",2026-0" NR % 9 + 1 "-15"}' | shuf --random-source=<(yes)
} >"$scratch/numbers.csv"

start=$(milliseconds)
job=$(curl -sS --fail-with-body -H "Authorization: Bearer $token" -H 'Content-Type: text/csv' --data-binary @"$scratch/numbers.csv" "$url/api/v1/recycling-checks" | jq -er .job_id)
curl -sS --fail-with-body -H "Authorization: Bearer $token" "$url/api/v1/jobs/$job?wait=60s" >"$scratch/job"
took=$(($(milliseconds) - start))
jq -er 'if .state == "succeeded" then empty else error("the job \(.state): \(.error)") end' "$scratch/job" || [[ $? == 4 ]]
lines=$(curl -sS --fail-with-body -H "Authorization: Bearer $token" "$url/api/v1/jobs/$job/result.csv" | wc -l)
[[ $lines == $(wc -l <"$scratch/numbers.csv") ]] || { echo "the result has $lines lines, not as many as the file" >&2 && exit 1; }
row "scrub of $house_rows numbers" "$(awk -v t="$took" 'BEGIN {printf "%.1f", t / 1000}')" s '<=' 10
