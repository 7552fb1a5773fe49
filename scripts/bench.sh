#!/usr/bin/env bash
# bench.sh [ROWS]: the second day of an operator's inventory, taken in, compared
# and searched for stale linkages: once by PostgreSQL and once by Reconexus, on
# the same files, one after the other. Prints rows a second and peak memory.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/need.sh go initdb time runuser

rows=${1:-10M}
files=$PWD/.cache/bench/$rows
scratch=$(mktemp -d "${TMPDIR:-/tmp}/reconexus-bench.XXXXXX")
bin=$PWD/bin/reconexus
pg=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -1)
first_day=2026-10-01
second_day=2026-10-02

clean_up() {
	if [[ -f $scratch/pg/postmaster.pid ]]; then as_postgres "$pg/pg_ctl" -D "$scratch/pg" -m immediate stop >/dev/null || true; fi
	rm -rf "$scratch"
}
trap clean_up EXIT

# PostgreSQL refuses to run as root.
as_postgres() {
	if ((EUID == 0)); then runuser -u postgres -- "$@"; else "$@"; fi
}

make_files() {
	if [[ -f $files/done ]]; then return; fi
	echo "making the files of two days ($rows rows)"
	mkdir -p "$files"
	local world=(--operator MTN --rows "$rows" --base-day "$first_day")
	"$bin" generate inventory "${world[@]}" --day "$first_day" --out "$files/first.csv"
	"$bin" generate inventory "${world[@]}" --day "$second_day" --out "$files/second.csv"
	"$bin" generate linkages "${world[@]}" --day "$second_day" --out "$files/linkages.csv"
	touch "$files/done"
}

psql_run() {
	as_postgres "$pg/psql" -X -q -h "$scratch" -d postgres -v ON_ERROR_STOP=1 \
		-v first="$files/first.csv" -v second="$files/second.csv" -v linkages="$files/linkages.csv" "$@"
}

start_postgres() {
	chmod 755 "$scratch"
	install -d -m 700 "$scratch/pg"
	if ((EUID == 0)); then chown postgres "$scratch" "$scratch/pg"; fi
	as_postgres "$pg/initdb" -D "$scratch/pg" -A trust --locale=C.UTF-8 >/dev/null
	cat >>"$scratch/pg/postgresql.conf" <<-CONF
		listen_addresses = ''
		unix_socket_directories = '$scratch'
		shared_buffers = 1GB
		work_mem = 256MB
		maintenance_work_mem = 512MB
		max_wal_size = 16GB
		checkpoint_timeout = 30min
		max_parallel_workers_per_gather = 2
	CONF
	as_postgres "$pg/pg_ctl" -D "$scratch/pg" -l "$scratch/pg/log" -w start >/dev/null
}

milliseconds() { date +%s%3N; }

postgres() {
	start_postgres
	psql_run -f scripts/bench/postgres-first-day.sql
	local start
	start=$(milliseconds)
	psql_run -At -f scripts/bench/postgres-second-day.sql >"$scratch/stale"
	postgres_ms=$(($(milliseconds) - start))
	postgres_stale=$(<"$scratch/stale")
	as_postgres "$pg/pg_ctl" -D "$scratch/pg" -m fast stop >/dev/null
}

reconexus() {
	local data=$scratch/data start
	"$bin" import inventory "$files/first.csv" --operator MTN --day "$first_day" --wait --data "$data" >/dev/null
	"$bin" import linkages "$files/linkages.csv" --wait --data "$data" >/dev/null
	"$bin" detect --wait --data "$data" >/dev/null
	start=$(milliseconds)
	/usr/bin/time -f %M -o "$scratch/rss-import" \
		"$bin" import inventory "$files/second.csv" --operator MTN --day "$second_day" --wait --data "$data" >/dev/null
	/usr/bin/time -f %M -o "$scratch/rss-detect" "$bin" detect --wait --json --data "$data" >"$scratch/detected"
	reconexus_ms=$(($(milliseconds) - start))
	reconexus_rss=$(sort -n "$scratch/rss-import" "$scratch/rss-detect" | tail -1)
}

per_second() { echo $((lines * 1000 / $1)); }

scripts/build.sh "$bin"
make_files
lines=$(($(wc -l <"$files/second.csv") - 1))
postgres
printf 'PostgreSQL  %8d ms  %9d rows/s  %s stale linkages\n' "$postgres_ms" "$(per_second "$postgres_ms")" "$postgres_stale"
reconexus
printf 'Reconexus   %8d ms  %9d rows/s  %d MB at most  %s\n' "$reconexus_ms" "$(per_second "$reconexus_ms")" $((reconexus_rss / 1024)) "$(<"$scratch/detected")"
awk -v p="$postgres_ms" -v r="$reconexus_ms" 'BEGIN {printf "%.1f times as fast\n", p / r}'
