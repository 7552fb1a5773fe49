#!/usr/bin/env bash
# What Lighthouse says of four pages with the demo's data on a phone; the middle one of
# RUNS runs (5; 3 on a busy machine). With DETAILS=1 it says what cost points.
# shellcheck source=scripts/bench/lib.sh
source scripts/bench/lib.sh

with_pages
lighthouse=$root/.cache/lighthouse
version=12.8.2
if [[ $(jq -r .version "$lighthouse/node_modules/lighthouse/package.json" 2>/dev/null) != "$version" ]]; then
	echo "installing Lighthouse $version" >&2
	mkdir -p "$lighthouse"
	npm install --prefix "$lighthouse" --ignore-scripts --save-exact --no-audit --no-fund --loglevel=error "lighthouse@$version" >&2
fi

data=$scratch/data
add_user "$data" "$email"
serve "$data"
token=$(sign_in "$email")
ask() { curl -sS --fail-with-body -H "Authorization: Bearer $token" "$@"; }
job=$(ask -H 'Content-Type: application/json' -d '{}' "$url/api/v1/demo-data" | jq -er .job_id)
until state=$(ask "$url/api/v1/jobs/$job?wait=30s" | jq -er .state) && [[ $state != queued && $state != running ]]; do :; done
[[ $state == succeeded ]] || { echo "the demo's data: $state" >&2 && exit 1; }
sim=$(ask "$url/api/v1/recycled-sims?linkage_status=active&limit=1" | jq -er '.items[0].id')

runs=5
if awk -v cores="$(nproc)" '{exit !($1 > 2 * cores)}' /proc/loadavg; then runs=3; fi
runs=${RUNS:-$runs}
node scripts/bench/lighthouse.mjs "$lighthouse" "$url" "$email" "$runs" "$sim" <<<"$password" >"$scratch/figures"

# middle PAGE COLUMN
middle() { median "$2" <(awk -F '\t' -v p="$1" -v OFS='\t' '$1 == p {$1 = "-"; print}' "$scratch/figures"); }

for page in sign-in dashboard 'SIM list' 'SIM detail'; do
	row "Lighthouse, $page: performance" "$(middle "$page" 2)" points '>=' 95
	row "Lighthouse, $page: accessibility" "$(middle "$page" 3)" points '>=' 95
	row "Lighthouse, $page: best practices" "$(middle "$page" 4)" points '>=' 95
done
row 'first page (sign-in) usable: time to interactive' "$(middle sign-in 6)" ms '<=' 1000
row 'first page (sign-in): largest contentful paint' "$(middle sign-in 5)" ms
row 'Lighthouse: speed that it found here (1500: a desktop)' "$(middle sign-in 7)" points
