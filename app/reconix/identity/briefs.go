package identity

import (
	"fmt"
	"slices"
	"time"

	"reconexus/app/access"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// Briefs reads of many numbers, distinct and ascending, what decides their status, as
// [Service.Brief] does of one: a query for each table, because files ask by the
// million. It writes over what it answered before, when that is given back.
func Briefs(tx *sqlite.Tx, who access.Principal, numbers []int64, into []Known) ([]Known, error) {
	out := cleared(into, len(numbers))
	if len(numbers) == 0 {
		return out, nil
	}
	with, args := sqlite.Asked(numbers)
	for _, read := range []reader{readTenures, readLinkages, readReports, readHolds} {
		if err := read(tx, with, args, places(out, numbers)); err != nil {
			return nil, err
		}
	}
	for i := range out {
		out[i].sortHistory()
		out[i].hide(who, numbers[i])
	}
	return out, nil
}

// reader reads one table of what is known about the numbers asked about.
type reader func(tx *sqlite.Tx, with string, args []any, of func(msisdn int64) *Known) error

// places finds what is known about each number of an answer. Answers come in the order
// asked, so that one step ahead finds the place.
func places(all []Known, numbers []int64) func(int64) *Known {
	at := 0
	return func(msisdn int64) *Known {
		for numbers[at] < msisdn {
			at++
		}
		return &all[at]
	}
}

// cleared makes room for what is known about n numbers, in old room where it lasts.
func cleared(old []Known, n int) []Known {
	out := slices.Grow(old[:0], n)[:n]
	for i := range out {
		out[i] = Known{History: out[i].History[:0], Linkages: out[i].Linkages[:0]}
	}
	return out
}

// readTenures reads what of statements decides a status.
func readTenures(tx *sqlite.Tx, with string, args []any, of func(int64) *Known) error {
	c := make(sqlite.Columns, 9)
	err := sqlite.Each(tx, func(r sqlite.Row) error {
		if err := c.Scan(r); err != nil {
			return err
		}
		k := of(c.Int64(0))
		k.History = append(k.History, tenure.Statement{
			MSISDN: c.Int64(0), Generation: int(c.Int64(1)), Learnt: time.UnixMilli(c.Int64(2)).UTC(),
			From: tenure.Day(c, 3), To: tenure.Day(c, 4),
			Holder: tenure.Holder{Token: c.Int64(5), Kind: tenure.HolderKind(c.Int64(6)), Names: c.Int64(7)}, Operator: c.Text(8),
		})
		return nil
	}, with+`SELECT msisdn, generation, learnt_at, from_day, to_day, coalesce(holder, 0), holder_kind, names, operator
		FROM asked CROSS JOIN tenure ON msisdn = n WHERE retracted_at IS NULL`, args...)
	if err != nil {
		return fmt.Errorf("read tenures: %w", err)
	}
	return nil
}

// readLinkages reads what of linkages decides a status.
func readLinkages(tx *sqlite.Tx, with string, args []any, of func(int64) *Known) error {
	c := make(sqlite.Columns, 7)
	err := sqlite.Each(tx, func(r sqlite.Row) error {
		if err := c.Scan(r); err != nil {
			return err
		}
		l := linkage.Linkage{
			MSISDN: c.Int64(0), Kind: linkage.Kind(c.Int64(1)), Learnt: time.UnixMilli(c.Int64(2)).UTC(),
			From: tenure.Day(c, 3), To: tenure.Day(c, 4), Bank: c.Text(6),
		}
		if !c.Null(5) {
			token := c.Int64(5)
			l.Holder = &token
		}
		k := of(l.MSISDN)
		k.Linkages = append(k.Linkages, l)
		return nil
	}, with+`SELECT msisdn, kind, learnt_at, from_day, to_day, holder, bank_code FROM asked CROSS JOIN linkage ON msisdn = n`, args...)
	if err != nil {
		return fmt.Errorf("read linkages: %w", err)
	}
	return nil
}

func readReports(tx *sqlite.Tx, with string, args []any, of func(int64) *Known) error {
	err := sqlite.Each(tx, func(r sqlite.Row) error {
		n, report, err := scanReport(r)
		if err == nil {
			of(n).report = report // the last generation wins
		}
		return err
	}, with+`SELECT `+reportColumns+` FROM asked CROSS JOIN recycled_sim INDEXED BY recycled_sim_number ON msisdn = n WHERE deleted_at IS NULL`, args...)
	if err != nil {
		return fmt.Errorf("read the records of recyclings: %w", err)
	}
	return nil
}

// readHolds reads which numbers are under a legal hold. Holds are few.
func readHolds(tx *sqlite.Tx, with string, args []any, of func(int64) *Known) error {
	err := sqlite.Each(tx, func(r sqlite.Row) error {
		var n int64
		err := r.Scan(&n)
		if err == nil {
			of(n).held = true
		}
		return err
	}, with+`SELECT msisdn FROM asked CROSS JOIN legal_hold INDEXED BY legal_hold_number ON msisdn = n WHERE lifted_at IS NULL`, args...)
	if err != nil {
		return fmt.Errorf("read legal holds: %w", err)
	}
	return nil
}
