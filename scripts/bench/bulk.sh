#!/usr/bin/env bash
# 10,000 records in one request.
# shellcheck source=scripts/bench/lib.sh
source scripts/bench/lib.sh

records=${BULK:-10000}
house
serve "$data"
token=$(sign_in "$email")
for round in 1 2 3; do
	awk -v first=$((2348060000000 + round * 1000000)) -v n="$records" 'BEGIN {
		printf "{\"sims\":["
		for (i = 0; i < n; i++)
			printf "%s{\"msisdn\":\"+%.0f\",\"sim_serial\":\"8923430%.0f\",\"operator_code\":\"MTN\",\"date_recycled\":\"2026-10-01\",\"previous_owner_nin\":\"%011.0f\",\"previous_owner_name\":\"Adaeze Okafor\"}", (i ? "," : ""), first + i, first + i, 12345678901 + i
		printf "]}"
	}' >"$scratch/bulk.json"
	curl -sS --fail-with-body -o "$scratch/answer" -w '%{time_total}\n' -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
		--data-binary @"$scratch/bulk.json" "$url/api/v1/recycled-sims/bulk" >>"$scratch/took"
	jq -er --argjson n "$records" 'if .successful == $n then empty else error("taken: \(.successful) of \($n)") end' "$scratch/answer" || [[ $? == 4 ]]
done
row "bulk of $records records (of 3)" "$(median 1 "$scratch/took" | awk '{printf "%.2f", $1}')" s '<=' 1
