package dashboard

import (
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/reconix/sims"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// talliesOfBank counts recycled SIMs of numbers that a bank has a linkage of, through
// the bank's linkages.
func talliesOfBank(tx *sqlite.Tx, t tenant) ([]sims.Tally, error) {
	var w sqlite.Where
	w.And("s.deleted_at IS NULL")
	if t.operator != "" {
		w.And("s.operator_code = ?", t.operator)
	}
	return sqlite.All(tx, func(r sqlite.Row) (v sims.Tally, err error) {
		err = r.Scan(&v.Operator, &v.Cleanup, &v.Linkage, &v.NINLinked, &v.BVNLinked, &v.Parts, &v.SIMs)
		return v, err
	}, `SELECT s.operator_code, s.cleanup_status, s.linkage_status, s.previous_nin_linked, s.previous_bvn_linked, s.risk_parts, count(*)
		FROM (SELECT DISTINCT msisdn FROM linkage INDEXED BY linkage_bank WHERE bank_code = ? AND bank_code <> '') l
		CROSS JOIN recycled_sim s INDEXED BY recycled_sim_number ON s.msisdn = l.msisdn`+w.SQL()+` GROUP BY 1, 2, 3, 4, 5, 6`,
		append([]any{t.bank}, w.Args...)...)
}

// eachInventory hands out how many rows each operator's newest full inventory had.
func eachInventory(tx *sqlite.Tx, operator string, visit func(code string, rows int)) error {
	var w sqlite.Where
	w.And("state = 'applied' AND full = 1")
	if operator != "" {
		w.And("operator_code = ?", operator)
	}
	return sqlite.Each(tx, func(r sqlite.Row) error {
		var code string
		var rows int
		var on day.Day
		err := r.Scan(&code, &rows, &on) // rows are those of the newest day: SQLite's rule for max()
		if err == nil {
			visit(code, rows)
		}
		return err
	}, `SELECT operator_code, rows, max(day) FROM feed`+w.SQL()+` GROUP BY operator_code`, w.Args...)
}

// activeLinkages reads the sums that the linkages keep, of one bank or of all.
func activeLinkages(tx *sqlite.Tx, bank string) (nin, bvn int, err error) {
	var w sqlite.Where
	if bank != "" {
		w.And("kind = 2 AND bank_code = ?", bank)
	}
	_, err = sqlite.One(tx, func(r sqlite.Row) (struct{}, error) { return struct{}{}, r.Scan(&nin, &bvn) },
		`SELECT coalesce(sum(active) FILTER (WHERE kind = 1), 0), coalesce(sum(active) FILTER (WHERE kind = 2), 0) FROM linkage_tally`+w.SQL(), w.Args...)
	return nin, bvn, err
}

// flagged counts stale linkages and those to be looked at. The index holds the whole
// key of a linkage, its bank too.
func flagged(tx *sqlite.Tx, bank string) (stale, review int, err error) {
	var w sqlite.Where
	w.And("verdict IN (2, 3) AND to_day IS NULL")
	if bank != "" {
		w.And("kind = 2 AND bank_code = ?", bank)
	}
	_, err = sqlite.One(tx, func(r sqlite.Row) (struct{}, error) { return struct{}{}, r.Scan(&stale, &review) },
		`SELECT count(*) FILTER (WHERE verdict = 2), count(*) FILTER (WHERE verdict = 3) FROM linkage INDEXED BY linkage_flagged`+w.SQL(), w.Args...)
	return stale, review, err
}

// reviewOfOperator counts linkages to be looked at on an operator's recycled SIMs.
func reviewOfOperator(tx *sqlite.Tx, operator string) (int, error) {
	return sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM linkage l INDEXED BY linkage_flagged WHERE l.verdict IN (2, 3) AND l.verdict = 3 AND l.to_day IS NULL
		AND EXISTS (SELECT 1 FROM recycled_sim s INDEXED BY recycled_sim_number WHERE s.msisdn = l.msisdn AND s.operator_code = ? AND s.deleted_at IS NULL)`, operator)
}

func lastImport(tx *sqlite.Tx, operator string) (*time.Time, error) {
	var w sqlite.Where
	w.And("state = 'applied'")
	if operator != "" {
		w.And("operator_code = ?", operator)
	}
	ms, err := sqlite.One(tx, func(r sqlite.Row) (ms *int64, err error) { err = r.Scan(&ms); return ms, err },
		`SELECT max(applied_at) FROM feed`+w.SQL(), w.Args...)
	if err != nil || ms == nil {
		return nil, err
	}
	at := time.UnixMilli(*ms).UTC()
	return &at, nil
}

// runningJobs counts the jobs that have not ended and that somebody may see.
func runningJobs(tx *sqlite.Tx, who access.Principal) (n int, err error) {
	err = sqlite.Each(tx, func(r sqlite.Row) error {
		var need, operator, bank string
		if err := r.Scan(&need, &operator, &bank); err != nil {
			return err
		}
		if who.Can(access.Permission(need)) && (who.Operator == "" || who.Operator == operator) && (who.Bank == "" || who.Bank == bank) {
			n++
		}
		return nil
	}, `SELECT permission, coalesce(operator_code, ''), coalesce(bank_code, '') FROM job INDEXED BY job_waiting WHERE state IN ('queued', 'running') LIMIT 10000`)
	return n, err
}

// eachDay hands out how often each kind of thing happened on each day of a span.
func eachDay(tx *sqlite.Tx, t tenant, first, last day.Day, visit func(kind string, on day.Day, n int)) error {
	scan := func(r sqlite.Row) error {
		var kind string
		var on day.Day
		var n int
		err := r.Scan(&kind, &on, &n)
		if err == nil {
			visit(kind, on, n)
		}
		return err
	}
	for _, q := range []struct {
		query, operator, number, group, span string
		args                                 []any
	}{
		{`SELECT kind, day, count(*) FROM tenure_event INDEXED BY tenure_event_day`, "operator", "tenure_event.msisdn", " GROUP BY 1, 2",
			"kind IN (?, ?, ?) AND day BETWEEN ? AND ?", []any{string(tenure.SameHolderReturn), string(tenure.Port), string(tenure.Swap), int64(first), int64(last)}},
		{`SELECT '` + recycled + `', coalesce(date_recycled, -2147483648), count(*) FROM recycled_sim INDEXED BY recycled_sim_day`, "operator_code", "recycled_sim.msisdn", " GROUP BY 2",
			"deleted_at IS NULL AND coalesce(date_recycled, -2147483648) BETWEEN ? AND ?", []any{int64(first), int64(last)}},
		// A day in Lagos is an hour ahead.
		{`SELECT '` + resolved + `', (resolved_at + 3600000) / 86400000, count(*) FROM recycled_sim INDEXED BY recycled_sim_resolved`, "operator_code", "recycled_sim.msisdn", " GROUP BY 2",
			"deleted_at IS NULL AND resolved_at >= ? AND resolved_at < ?", []any{first.Start().UnixMilli(), (last + 1).Start().UnixMilli()}},
	} {
		var w sqlite.Where
		w.And(q.span, q.args...)
		if t.operator != "" {
			w.And(q.operator+" = ?", t.operator)
		}
		if t.bank != "" {
			w.And(`EXISTS (SELECT 1 FROM linkage l WHERE l.msisdn = `+q.number+` AND l.kind = 2 AND l.bank_code = ?)`, t.bank)
		}
		if err := sqlite.Each(tx, scan, q.query+w.SQL()+q.group, w.Args...); err != nil {
			return err
		}
	}
	return nil
}
