#!/usr/bin/env bash
# Webhook deliveries to a sink on this machine: to one subscriber, one after another, and
# to ten side by side. 10,000 recycled SIMs are reported in one request each time.
# shellcheck source=scripts/bench/lib.sh
source scripts/bench/lib.sh

sink=$(program sink)
data=$scratch/data
add_user "$data" "$email"
serve "$data" env RECONEXUS_OUTBOUND_ALLOW=127.0.0.0/8
token=$(sign_in "$email")

# ask METHOD PATH [BODY FILE]
ask() { curl -sS --fail-with-body -X "$1" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' ${3:+--data-binary "@$3"} "$url/api/v1$2"; }

# deliver SUBSCRIBERS FIRST: prints deliveries a second, those out of order, those twice.
deliver() {
	local n=$1 child i address
	"$sink" -want $((n * 10000)) >"$scratch/sink.$n" 2>"$scratch/sink.log" &
	child=$!
	children+=("$child")
	await "$child" "$scratch/sink.$n" '^sink on'
	address=$(sed -n 's/^sink on //p' "$scratch/sink.$n")
	for ((i = 0; i < n; i++)); do
		jq -n --arg u "$address/$i" '{subscriber_name: "sink", callback_url: $u, events: ["sim.recycled"]}' >"$scratch/sub.json"
		ask POST /webhooks/register "$scratch/sub.json" | jq -r .id >>"$scratch/subs"
	done
	jq -n --argjson f "$2" '{sims: [range(10000) | {msisdn: "+\($f + .)", sim_serial: "8923430\($f + .)", operator_code: "MTN", date_recycled: "2026-10-01"}]}' >"$scratch/sims.json"
	ask POST /recycled-sims/bulk "$scratch/sims.json" >/dev/null
	wait "$child"
	while read -r i; do ask DELETE "/webhooks/subscriptions/$i"; done <"$scratch/subs"
	rm "$scratch/subs"
	sed -n 2p "$scratch/sink.$n"
}

read -r rate wild twice < <(deliver 1 2348030000000)
row 'webhooks to one subscriber' "$rate" /s '>=' 1000
row 'webhooks to one subscriber, out of order' "$wild" '' '<=' 0
row 'webhooks to one subscriber, sent twice' "$twice" '' '<=' 0
read -r rate wild twice < <(deliver 10 2348031000000)
row 'webhooks to ten subscribers' "$rate" /s '>=' 1000
row 'webhooks to ten subscribers, out of order' "$wild" '' '<=' 0
row 'webhooks to ten subscribers, sent twice' "$twice" '' '<=' 0
