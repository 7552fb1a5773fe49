package sims_test

import (
	"fmt"

	"reconexus/store/sqlite"
)

// fill writes so many records straight into the table: operators, statuses, risks and
// days spread over them, in the shares that a real table has.
func (h *house) fill(records int) {
	h.Helper()
	const piece = 20_000
	for first := 0; first < records; first += piece {
		h.write(func(tx *sqlite.Tx) error {
			_, err := sqlite.Exec(tx, `WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)
				INSERT INTO recycled_sim (id, msisdn, generation, sim_serial, operator_code, date_recycled, date_deactivated, previous_nin_linked, linkage_status,
					cleanup_status, detection_method, risk_score, risk_parts, created_at, updated_at)
				SELECT printf('sim_%026d', i), 2348030000000 + (i * 7919) % 9999991, 2, '89234' || (10000000000000 + i),
					CASE WHEN i % 100 < 45 THEN 'MTN' WHEN i % 100 < 72 THEN 'AIRTEL' WHEN i % 100 < 92 THEN 'GLO' WHEN i % 100 < 99 THEN 'T2' ELSE 'SMILE' END,
					CASE WHEN i % 50 = 0 THEN NULL ELSE 20000 + i % 777 END, 19990 + i % 777, i % 7 = 0,
					CASE WHEN i % 7 = 0 THEN 'active' WHEN i % 7 = 1 THEN 'resolved' ELSE 'orphaned' END,
					CASE WHEN i % 10 < 8 THEN 'pending' WHEN i % 10 = 8 THEN 'completed' WHEN i % 1000 = 9 THEN 'failed' ELSE 'in_progress' END,
					'reconciliation', CASE WHEN i % 3 = 0 THEN 0.4 WHEN i % 5 = 0 THEN 0.3 ELSE 0.0 END, CASE WHEN i % 3 = 0 THEN 1 WHEN i % 5 = 0 THEN 2 ELSE 0 END,
					1700000000000 + i * 1000, 1700000000000 + i * 1000
				FROM n`, first, min(first+piece, records))
			if err != nil {
				return fmt.Errorf("fill: %w", err)
			}
			return nil
		})
	}
	h.exec(`INSERT INTO recycled_sim_tally SELECT operator_code, cleanup_status, linkage_status, previous_nin_linked, previous_bvn_linked, risk_parts, count(*)
		FROM recycled_sim WHERE deleted_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6`)
}
