#!/usr/bin/env bash
# Two days and the linkages, of HOUSE numbers, clean and with the defects of real files:
# what was found of what happened, and of what is stale, against the generator's truth.
# shellcheck source=scripts/bench/lib.sh
source scripts/bench/lib.sh

# share A B: how many of the lines of file A stand in file B too, in per cent. Both are
# sorted.
share() { awk -v both="$(comm -12 "$1" "$2" | wc -l)" -v all="$(wc -l <"$1")" 'BEGIN {printf "%.3f", all ? 100 * both / all : 100}'; }

# judge NAME TARGET: rows for $scratch/found and $scratch/true.
judge() {
	LC_ALL=C sort -o "$scratch/found" "$scratch/found"
	LC_ALL=C sort -o "$scratch/true" "$scratch/true"
	row "$1: precision ($(wc -l <"$scratch/found") found)" "$(share "$scratch/found" "$scratch/true")" % '>=' "$2"
	row "$1: recall ($(wc -l <"$scratch/true") true)" "$(share "$scratch/true" "$scratch/found")" % '>=' "$2"
}

export LC_ALL=C
for kind in clean defects; do
	files=$scratch/$kind
	data=$files/data
	target=100
	mkdir -p "$files"
	world=(--operator MTN --rows "$house_rows" --base-day "$first_day")
	if [[ $kind == defects ]]; then world+=(--defects) target=99.9; fi
	"$bin" generate inventory "${world[@]}" --day "$first_day" --out "$files/first.csv" >/dev/null
	"$bin" generate inventory "${world[@]}" --day "$second_day" --out "$files/second.csv" --truth "$files/happened.csv" >/dev/null
	"$bin" generate linkages "${world[@]}" --day "$second_day" --out "$files/linkages.csv" --truth "$files/stale.csv" >/dev/null
	"$bin" import inventory "$files/first.csv" --operator MTN --day "$first_day" --wait --data "$data" >/dev/null 2>&1
	before=$(sqlite3 "$data/reconexus.db" 'SELECT coalesce(max(seq), 0) FROM tenure_event')
	"$bin" import inventory "$files/second.csv" --operator MTN --day "$second_day" --wait --data "$data" >/dev/null 2>&1
	"$bin" import linkages "$files/linkages.csv" --wait --data "$data" >/dev/null 2>&1
	"$bin" detect --wait --data "$data" >/dev/null 2>&1

	# One operator's reader sees a number that was ported away as gone, and one that came as new.
	sqlite3 -separator , "$data/reconexus.db" "SELECT '+' || msisdn, kind FROM tenure_event WHERE seq > $before" >"$scratch/found"
	tail -n +2 "$files/happened.csv" | tr -d '\r' | sed 's/,port_out$/,ended/; s/,churned$/,ended/; s/,port_in$/,activated/' >"$scratch/true"
	judge "what happened, $house_rows $kind" "$target"

	tail -n +2 "$data"/jobs/*/result.csv | tr -d '\r' | grep ',stale_' >"$scratch/found"
	tail -n +2 "$files/stale.csv" | tr -d '\r' | grep ',stale_' >"$scratch/true"
	judge "stale linkages, $house_rows $kind" "$target"
done
