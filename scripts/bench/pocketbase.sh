# shellcheck shell=bash
# PocketBase as a neighbour to measure against: built from its own module, with a
# collection of records that whoever is signed in may view and create.
# It follows lib.sh; what it sets is for the parts.
# shellcheck disable=SC2034,SC2154

pocketbase_version=v0.30.4
pocketbase_records=${POCKETBASE_RECORDS:-100000}

build_pocketbase() {
	local dir
	dir=$root/.cache/tools/pocketbase-$pocketbase_version-$(go env GOVERSION)
	pocketbase=$dir/base
	if [[ -x $pocketbase ]]; then return; fi
	echo "building PocketBase $pocketbase_version (once)" >&2
	GOBIN=$dir CGO_ENABLED=0 go install -trimpath -ldflags='-s -w' "github.com/pocketbase/pocketbase/examples/base@$pocketbase_version"
}

# pocketbase_call PATH [TOKEN]: posts standard input.
pocketbase_call() {
	curl -sS --fail-with-body -H 'Content-Type: application/json' -H "Authorization: ${2:-}" -d @- "$pocketbase_url/api/collections$1"
}

launch_pocketbase() {
	local port
	for port in $(shuf -i 20000-30000 -n 20); do
		rm -f "$scratch/pocketbase.out" # of the launch before
		"$pocketbase" serve --dir "$scratch/pocketbase" --http "127.0.0.1:$port" >"$scratch/pocketbase.out" 2>"$scratch/pocketbase.log" &
		pocketbase_pid=$!
		until grep -q 'Server started' "$scratch/pocketbase.out" 2>/dev/null; do
			kill -0 "$pocketbase_pid" 2>/dev/null || continue 2 # the port is taken
			sleep 0.05
		done
		children+=("$pocketbase_pid")
		pocketbase_url=http://127.0.0.1:$port
		return
	done
	cat "$scratch/pocketbase.log" >&2
	return 1
}

# start_pocketbase: $pocketbase_url, $pocketbase_token of a user, and the ids of the
# records in the file $pocketbase_ids.
start_pocketbase() {
	build_pocketbase
	local super
	"$pocketbase" superuser upsert "$email" "$password" --dir "$scratch/pocketbase" >/dev/null
	launch_pocketbase
	super=$(jq -n --arg e "$email" --arg p "$password" '{identity: $e, password: $p}' |
		pocketbase_call /_superusers/auth-with-password | jq -er .token)
	jq -n '{name: "sims", type: "base", viewRule: "@request.auth.id != \"\"", createRule: "@request.auth.id != \"\"",
		fields: [{name: "msisdn", type: "text"}, {name: "sim_serial", type: "text"}, {name: "operator_code", type: "text"}, {name: "date_recycled", type: "text"}]}' |
		pocketbase_call '' "$super" >/dev/null
	jq -n --arg e clerk@example.test --arg p "$password" '{email: $e, password: $p, passwordConfirm: $p}' |
		pocketbase_call /users/records "$super" >/dev/null
	end_pocketbase
	sqlite3 "$scratch/pocketbase/data.db" "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $pocketbase_records)
		INSERT INTO sims (id, msisdn, sim_serial, operator_code, date_recycled)
		SELECT printf('r%014d', i), printf('+234703%07d', i), printf('8923430%013d', i), 'MTN', '2026-10-01' FROM n"
	pocketbase_ids=$scratch/pocketbase.ids
	seq -f 'r%014.0f' 1 "$pocketbase_records" >"$pocketbase_ids"
	launch_pocketbase
	pocketbase_token=$(jq -n --arg e clerk@example.test --arg p "$password" '{identity: $e, password: $p}' |
		pocketbase_call /users/auth-with-password | jq -er .token)
}

end_pocketbase() {
	kill "$pocketbase_pid"
	wait "$pocketbase_pid" 2>/dev/null || true
}
