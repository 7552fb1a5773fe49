#!/usr/bin/env bash
# The list of recycled SIMs in a browser: SIMS records (1M), PRESSES presses (20) of each
# kind from the press to the new rows, and frames while a long table scrolls.
# shellcheck source=scripts/bench/lib.sh
source scripts/bench/lib.sh

with_pages
sims=${SIMS:-1M}
count=$(numfmt --from=si "${sims^^}")

# The records are written straight into the table, spread as real ones are: a file of
# so many takes its time, and what is measured here is reading.
echo "making a list of $sims recycled SIMs" >&2
data=$scratch/data
add_user "$data" "$email"
sqlite3 "$data/reconexus.db" >/dev/null <<SQL
PRAGMA synchronous = OFF;
PRAGMA cache_size = -1000000;
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $count)
INSERT INTO recycled_sim (id, msisdn, generation, sim_serial, operator_code, date_recycled, date_deactivated, previous_nin_linked,
	linkage_status, cleanup_status, detection_method, risk_score, risk_parts, created_at, updated_at)
SELECT printf('sim_%026d', i), 2348030000000 + (i * 7919) % 9999991, 2, '89234' || (10000000000000 + i),
	CASE WHEN i % 100 < 45 THEN 'MTN' WHEN i % 100 < 72 THEN 'AIRTEL' WHEN i % 100 < 92 THEN 'GLO' ELSE 'T2' END,
	CASE WHEN i % 50 = 0 THEN NULL ELSE 20000 + i % 777 END, 19990 + i % 777, i % 7 = 0,
	CASE WHEN i % 7 = 0 THEN 'active' WHEN i % 7 = 1 THEN 'resolved' ELSE 'orphaned' END,
	CASE WHEN i % 10 < 8 THEN 'pending' WHEN i % 10 = 8 THEN 'completed' WHEN i % 1000 = 9 THEN 'failed' ELSE 'in_progress' END,
	'reconciliation', CASE WHEN i % 3 = 0 THEN 0.4 WHEN i % 5 = 0 THEN 0.3 ELSE 0.0 END,
	CASE WHEN i % 3 = 0 THEN 1 WHEN i % 5 = 0 THEN 2 ELSE 0 END, 1700000000000 + i * 1000, 1700000000000 + i * 1000
FROM n;
INSERT INTO recycled_sim_tally
SELECT operator_code, cleanup_status, linkage_status, previous_nin_linked, previous_bvn_linked, risk_parts, count(*)
FROM recycled_sim WHERE deleted_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6;
SQL
sqlite3 "$data/reconexus.db" "SELECT '0' || (msisdn - 2340000000000) FROM recycled_sim WHERE rowid % ($count / 100 + 1) = 1" >"$scratch/numbers"

serve "$data"
node scripts/bench/browser.mjs "$url" "$email" "${PRESSES:-20}" "$count" "$scratch/numbers" <<<"$password" >"$scratch/presses"

while read -r what; do
	p95=$(awk -F '\t' -v w="$what" '$1 == w {print $2}' "$scratch/presses" | sort -g | awk '{v[NR] = $1} END {print v[int(NR * 0.95 + 0.999)]}')
	row "$sims SIMs: $what, p95" "$p95" ms '<=' 300
done < <(cut -f 1 "$scratch/presses" | grep -v '^frames$' | awk '!seen[$0]++')
row 'scrolling 10,000 rows in the list of SIMs' "$(awk -F '\t' '$1 == "frames" {print $2}' "$scratch/presses")" frames/s '>=' 55
