#!/usr/bin/env bash
# The second day of an operator's inventory, taken in, compared and searched for stale
# linkages: once by PostgreSQL and once by Reconexus, on the same files, one after the
# other.
# shellcheck source=scripts/bench/lib.sh
source scripts/bench/lib.sh

rows=${ROWS:-10M}
pg=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -1)

end_postgres() {
	if [[ -f $scratch/pg/postmaster.pid ]]; then as_postgres "$pg/pg_ctl" -D "$scratch/pg" -m immediate stop >/dev/null || true; fi
	clean_up
}
trap end_postgres EXIT

# PostgreSQL refuses to run as root.
as_postgres() {
	if ((EUID == 0)); then runuser -u postgres -- "$@"; else "$@"; fi
}

psql_run() {
	as_postgres "$pg/psql" -X -q -h "$scratch" -d postgres -v ON_ERROR_STOP=1 \
		-v first="$files/first.csv" -v second="$files/second.csv" -v linkages="$files/linkages.csv" "$@"
}

start_postgres() {
	chmod 755 "$shared" "$scratch"
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

make_files "$rows"
lines=$(($(wc -l <"$files/second.csv") - 1))
postgres
row "second day of $rows in PostgreSQL ($postgres_stale stale)" "$(per_second "$postgres_ms")" rows/s
reconexus
row "second day of $rows in Reconexus ($(jq -r .conflicted "$scratch/detected") stale)" "$(per_second "$reconexus_ms")" rows/s
row 'its memory at most' $((reconexus_rss / 1024)) MB '<=' 512
row 'second day against PostgreSQL' "$(ratio "$postgres_ms" "$reconexus_ms")" times '>=' 3
