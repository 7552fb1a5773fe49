# shellcheck shell=bash
# What the parts of the benchmark share; each begins with: source scripts/bench/lib.sh
#
# BENCH_SCRATCH (the dispatcher makes it) holds what several parts use: the data
# folder with HOUSE numbers, built once. The files that are taken in stay in
# .cache/bench.
# The variables here are used by the parts.
# shellcheck disable=SC2034
set -euo pipefail

root=$PWD
bin=$root/bin/reconexus
house_rows=${HOUSE:-1M}
first_day=2026-10-01
second_day=2026-10-02
email=bench@example.test
password='a long benchmark password'

own_scratch=
if [[ -z ${BENCH_SCRATCH:-} ]]; then
	BENCH_SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/reconexus-bench.XXXXXX")
	own_scratch=$BENCH_SCRATCH
fi
shared=$BENCH_SCRATCH
scratch=$(mktemp -d "$shared/part.XXXXXX")
children=()

end_children() {
	local child
	for child in "${children[@]}"; do
		kill "$child" 2>/dev/null || true
		wait "$child" 2>/dev/null || true
	done
	children=()
}

clean_up() {
	end_children
	rm -rf "$scratch" ${own_scratch:+"$own_scratch"}
}
trap clean_up EXIT

# A program under scripts/bench/, built once for each run of the benchmark.
program() {
	local file=$shared/$1
	if [[ ! -x $file ]]; then CGO_ENABLED=0 go build -trimpath -o "$file" "./scripts/bench/$1"; fi
	echo "$file"
}

# with_pages: the binary with its pages, and a browser for them.
with_pages() {
	scripts/need.sh node chromium
	scripts/ui.sh
	scripts/build.sh "$bin"
}

# make_files ROWS: the inventories of two days and the linkages, as $files/*.csv.
make_files() {
	files=$root/.cache/bench/$1
	if [[ -f $files/done ]]; then return; fi
	echo "making the files of two days ($1 rows)" >&2
	mkdir -p "$files"
	local world=(--operator MTN --rows "$1" --base-day "$first_day")
	"$bin" generate inventory "${world[@]}" --day "$first_day" --out "$files/first.csv"
	"$bin" generate inventory "${world[@]}" --day "$second_day" --out "$files/second.csv"
	"$bin" generate linkages "${world[@]}" --day "$second_day" --out "$files/linkages.csv"
	touch "$files/done"
}

add_user() { "$bin" user create --data "$1" --email "$2" --role admin --password-stdin <<<"$password" >/dev/null; }

# house: the data folder of house_rows numbers and their linkages, as $data.
house() {
	make_files "$house_rows"
	data=$shared/house
	if [[ -f $data/built ]]; then return; fi
	echo "making a data folder of $house_rows numbers" >&2
	"$bin" import inventory "$files/first.csv" --operator MTN --day "$first_day" --wait --data "$data" >/dev/null
	"$bin" import linkages "$files/linkages.csv" --wait --data "$data" >/dev/null
	"$bin" detect --wait --data "$data" >/dev/null
	add_user "$data" "$email"
	touch "$data/built"
}

# serve DIR [WRAPPER…]: starts the appliance without limits, under a wrapper if there is
# one, and waits until it is ready: $url and $server, its pid.
serve() {
	local folder=$1
	shift
	rm -f "$scratch/serve.out"
	"$@" "$bin" serve --data "$folder" --set http.addr=127.0.0.1:0 --set limits.general_per_minute=0 --set limits.auth_per_minute=0 \
		>"$scratch/serve.out" 2>"$scratch/serve.log" &
	server=$!
	children+=("$server")
	await "$server" "$scratch/serve.out" ' ready on '
	url=$(sed -n 's/.* ready on //p' "$scratch/serve.out")
}

# await PID FILE WORDS: until a line with the words stands in the file.
await() {
	until grep -q "$3" "$2" 2>/dev/null; do
		kill -0 "$1" 2>/dev/null || { echo "what was started ended early:" >&2 && cat "$scratch"/*.log >&2 && exit 1; }
		sleep 0.02
	done
}

# sign_in EMAIL: prints an access token.
sign_in() {
	jq -n --arg e "$1" --arg p "$password" '{email: $e, password: $p}' |
		curl -sS --fail-with-body -H 'Content-Type: application/json' -d @- "$url/api/v1/auth/login" | jq -er .access_token
}

# walk URL PATH FILE TOKEN SECONDS: asks from 64 connections for random lines of the
# file; prints answers a second, p99 in ms, failures.
walk() {
	WALK_PATH=$2 WALK_FILE=$3 WALK_TOKEN=$4 wrk -t1 -c64 -d"$5" --timeout 10s -s scripts/bench/walk.lua "$1" |
		awk '$1 == "walked" {print $2, $3, $4}'
}

# median COLUMN FILE: the middle value.
median() { awk -v c="$1" '{print $c}' "$2" | sort -g | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

# total COLUMN FILE
total() { awk -v c="$1" '{s += $c} END {print s + 0}' "$2"; }

# ratio A B: how many times B goes into A.
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", (b > 0 ? a / b : 0)}'; }

milliseconds() { date +%s%3N; }

# row NAME FIGURE UNIT [SIGN TARGET]: one line of the table; SIGN is <= or >=.
row() {
	local target='' verdict=''
	if (($# > 3)); then
		target="$4 $5 $3"
		verdict=$(awk -v f="$2" -v s="$4" -v t="$5" 'BEGIN {print (s == "<=" ? f <= t : f >= t) ? "ok" : "MISSED"}')
	fi
	printf '%-52s %10s %-10s %-18s %s\n' "$1" "$2" "$3" "$target" "$verdict"
}
