#!/usr/bin/env bash
# How long a start takes on a full data folder, and what it holds when idle.
# shellcheck source=scripts/bench/lib.sh
source scripts/bench/lib.sh

house
for _ in 1 2 3 4 5; do
	start=$(milliseconds)
	serve "$data"
	echo $(($(milliseconds) - start)) >>"$scratch/ready"
	sleep "${IDLE:-10}"
	awk '$1 == "VmRSS:" {print $2 / 1024}' "/proc/$server/status" >>"$scratch/rss"
	IDLE=0 # the first is looked at when it has come to rest
	end_children
done
row "start on $house_rows numbers, until ready (of 5)" "$(median 1 "$scratch/ready")" ms '<=' 500
row 'memory when idle' "$(head -1 "$scratch/rss" | awk '{printf "%.0f", $1}')" MB '<=' 80
