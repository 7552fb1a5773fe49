package identity

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

const reportColumns = `msisdn, operator_code, cleanup_status, previous_nin_linked, previous_bvn_linked`

func scanReport(r sqlite.Row) (msisdn int64, out report, err error) {
	out.exists = true
	err = r.Scan(&msisdn, &out.operator, &out.cleanup, &out.nin, &out.bvn)
	return msisdn, out, err
}

// known reads everything about one number, within what the caller may see.
func known(tx *sqlite.Tx, who access.Principal, msisdn int64) (k Known, err error) {
	if k.History, err = tenure.Of(tx, msisdn); err != nil {
		return k, err
	}
	if k.Linkages, err = linkage.Of(tx, msisdn); err != nil {
		return k, err
	}
	k.report, err = sqlite.One(tx, func(r sqlite.Row) (report, error) {
		_, out, err := scanReport(r)
		return out, err
	}, `SELECT `+reportColumns+` FROM recycled_sim WHERE msisdn = ? AND deleted_at IS NULL ORDER BY generation DESC LIMIT 1`, msisdn)
	if err != nil && !errors.Is(err, sqlite.ErrNotFound) {
		return k, fmt.Errorf("read the record of a recycling: %w", err)
	}
	if k.held, err = heldAt(tx, msisdn, nil); err != nil {
		return k, err
	}
	k.hide(who, msisdn)
	return k, nil
}

// asKnown is known as of a past instant. The record of recycled SIMs keeps no past.
func asKnown(tx *sqlite.Tx, who access.Principal, msisdn int64, at time.Time) (k Known, err error) {
	if k.History, err = tenure.AsKnown(tx, msisdn, at); err != nil {
		return k, err
	}
	all, err := linkage.Of(tx, msisdn)
	k.Linkages = slices.DeleteFunc(all, func(l linkage.Linkage) bool { return l.Learnt.After(at) })
	for i := range k.Linkages {
		if l := &k.Linkages[i]; l.To.Known() && l.To > day.Of(at) {
			l.To = day.None
		}
	}
	if err != nil {
		return k, err
	}
	when := at.UnixMilli()
	k.held, err = heldAt(tx, msisdn, &when)
	k.hide(who, msisdn)
	return k, err
}

// heldAt tells whether a number is under a legal hold: now, or at an instant.
func heldAt(tx *sqlite.Tx, msisdn int64, at *int64) (bool, error) {
	if at == nil {
		return sqlite.One(tx, sqlite.Bool, `SELECT EXISTS (SELECT 1 FROM legal_hold WHERE msisdn = ? AND lifted_at IS NULL)`, msisdn)
	}
	return sqlite.One(tx, sqlite.Bool, `SELECT EXISTS (SELECT 1 FROM legal_hold WHERE msisdn = ?1 AND placed_at <= ?2 AND (lifted_at IS NULL OR lifted_at > ?2))`, msisdn, *at)
}

// Read reads everything about many numbers, distinct and ascending, within what the
// caller may see: one query for each table.
func Read(tx *sqlite.Tx, who access.Principal, numbers []int64) ([]Known, error) {
	out := make([]Known, len(numbers))
	if len(numbers) == 0 {
		return out, nil
	}
	with, args := sqlite.Asked(numbers)
	if err := readTenures(tx, with, args, places(out, numbers)); err != nil {
		return nil, err
	}
	of := places(out, numbers)
	if err := linkage.EachOf(tx, numbers, func(l linkage.Linkage) error {
		k := of(l.MSISDN)
		k.Linkages = append(k.Linkages, l)
		return nil
	}); err != nil {
		return nil, err
	}
	if err := readReports(tx, with, args, places(out, numbers)); err != nil {
		return nil, err
	}
	if err := readHolds(tx, with, args, places(out, numbers)); err != nil {
		return nil, err
	}
	for i := range out {
		out[i].sortHistory()
		out[i].hide(who, numbers[i])
	}
	return out, nil
}

// hide takes out what the caller may not see. A number of another network is as one
// that nobody has told of.
func (k *Known) hide(who access.Principal, msisdn int64) {
	if who.Operator == "" && who.Bank == "" && who.MSISDN == 0 {
		return
	}
	other := who.MSISDN != 0 && who.MSISDN != msisdn
	if who.Operator != "" {
		operator := k.report.operator
		if present := k.History.Present(); present != nil {
			operator = present.Operator
		}
		other = other || operator != who.Operator
	}
	if other {
		*k = Known{}
		return
	}
	if who.Bank != "" {
		k.Linkages = slices.DeleteFunc(k.Linkages, func(l linkage.Linkage) bool { return l.Kind != linkage.BVN || l.Bank != who.Bank })
		k.report.nin, k.report.bvn = false, false
	}
}

// disputed lists numbers on which sources disagree, behind one number: a linkage that
// is stale or must be looked at, or two different NINs. SQLite takes a partial index
// only where its condition stands word for word.
const disputed = `SELECT msisdn FROM linkage INDEXED BY linkage_flagged WHERE verdict IN (2, 3) AND verdict = 2 AND to_day IS NULL AND msisdn > ?1
	UNION SELECT msisdn FROM linkage INDEXED BY linkage_flagged WHERE verdict IN (2, 3) AND verdict = 3 AND to_day IS NULL AND msisdn > ?1
	UNION SELECT msisdn FROM linkage WHERE kind = 1 AND to_day IS NULL AND msisdn > ?1 GROUP BY msisdn HAVING min(token) <> max(token)`

func conflicting(tx *sqlite.Tx, after int64, skip, limit int) ([]int64, error) {
	return sqlite.All(tx, sqlite.Int64, disputed+` ORDER BY msisdn LIMIT ?2 OFFSET ?3`, after, limit, skip)
}

func countConflicting(tx *sqlite.Tx) (int, error) {
	return sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM (`+disputed+`)`, 0)
}

// writeLookups appends to the record of who asked.
func writeLookups(tx *sqlite.Tx, asked []lookup) error {
	const rows = 100
	var args []any
	for part := range slices.Chunk(asked, rows) {
		args = args[:0]
		query := make([]byte, 0, 64+len(part)*14)
		query = append(query, `INSERT INTO lookup (msisdn, at, actor, purpose) VALUES `...)
		for i, l := range part {
			if i > 0 {
				query = append(query, ", "...)
			}
			query = append(query, "(?, ?, ?, ?)"...)
			args = append(args, l.msisdn, l.at, l.actor, l.purpose)
		}
		if _, err := sqlite.Exec(tx, string(query), args...); err != nil {
			return fmt.Errorf("record who asked: %w", err)
		}
	}
	return nil
}
