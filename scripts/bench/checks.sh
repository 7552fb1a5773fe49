#!/usr/bin/env bash
# Point checks against a bare handler and against PocketBase's view of a record, in
# turns, so that whatever else the machine does hits all of them.
# shellcheck source=scripts/bench/lib.sh
source scripts/bench/lib.sh
# shellcheck source=scripts/bench/pocketbase.sh
source scripts/bench/pocketbase.sh

house
seconds=${CHECK_SECONDS:-6}
numbers=$scratch/numbers
tail -n +2 "$files/first.csv" | cut -d, -f1 >"$numbers"

serve "$data"
token=$(sign_in "$email")
"$(program bare)" serve "$data/reconexus.db" >"$scratch/bare.out" 2>"$scratch/bare.log" &
children+=("$!")
await "$!" "$scratch/bare.out" http
read -r bare_url bare_token <"$scratch/bare.out"
start_pocketbase

path='/api/v1/identity/msisdn/{n}/status'
round() {
	walk "$url" "$path" "$numbers" "$token" "$1" >>"$scratch/ours"
	walk "$bare_url" "$path" "$numbers" "$bare_token" "$1" >>"$scratch/bare"
	walk "$pocketbase_url" '/api/collections/sims/records/{n}' "$pocketbase_ids" "$pocketbase_token" "$1" >>"$scratch/pocketbase.walk"
}
round 1
rm "$scratch"/{ours,bare,pocketbase.walk} # that was to warm up
for _ in 1 2 3; do round "$seconds"; done

ours=$(median 1 "$scratch/ours") bare=$(median 1 "$scratch/bare") other=$(median 1 "$scratch/pocketbase.walk")
row 'point checks, 64 connections' "$ours" /s
row 'point checks, p99' "$(median 2 "$scratch/ours")" ms '<=' 25
row 'point checks that failed' "$(total 3 "$scratch/ours")" '' '<=' 0
row "bare router, token and one read (p99 $(median 2 "$scratch/bare") ms, $(total 3 "$scratch/bare") failed)" "$bare" /s
row 'point checks against the bare router' "$(ratio "$ours" "$bare")" times '>=' 0.5
row "PocketBase, view (p99 $(median 2 "$scratch/pocketbase.walk") ms, $(total 3 "$scratch/pocketbase.walk") failed)" "$other" /s
row 'point checks against PocketBase' "$(ratio "$ours" "$other")" times '>=' 2
