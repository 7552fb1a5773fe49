package linkage

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"reconexus/app/kit/day"
	"reconexus/store/sqlite"
)

const columns = `msisdn, kind, bank_code, token, learnt_at, holder, mask, from_day, to_day, source, verdict, reason, checked_at`

func scan(r sqlite.Row) (Linkage, error) {
	var l Linkage
	var learnt int64
	var checked *int64
	err := r.Scan(&l.MSISDN, &l.Kind, &l.Bank, &l.token, &learnt, &l.Holder, &l.Mask, &l.From, &l.To, &l.Source, &l.Verdict, &l.Reason, &checked)
	l.Learnt = time.UnixMilli(learnt).UTC()
	if checked != nil {
		l.Checked = time.UnixMilli(*checked).UTC()
	}
	if l.Reason == "" {
		l.Reason = l.Verdict.usual()
	}
	return l, err
}

// Of lists every linkage of a number, also removed ones, oldest first; what is linked
// since an unknown day comes last.
func Of(tx *sqlite.Tx, msisdn int64) ([]Linkage, error) {
	return sqlite.All(tx, scan, `SELECT `+columns+` FROM linkage WHERE msisdn = ? ORDER BY from_day IS NULL, from_day, learnt_at, kind, bank_code LIMIT 1000`, msisdn)
}

// Recheck asks for new verdicts on numbers whose tenure changed.
func Recheck(tx *sqlite.Tx, numbers []int64) error {
	with, args := sqlite.Asked(numbers)
	return change(tx, "ask for verdicts", with+`UPDATE linkage SET verdict = 0, reason = '', checked_at = NULL
		WHERE msisdn IN (SELECT n FROM asked) AND to_day IS NULL AND verdict <> 0`, args...)
}

// RecheckRange asks for new verdicts on a closed range of numbers.
func RecheckRange(tx *sqlite.Tx, first, last int64) error {
	return change(tx, "ask for verdicts", `UPDATE linkage SET verdict = 0, reason = '', checked_at = NULL
		WHERE msisdn BETWEEN ? AND ? AND to_day IS NULL AND verdict <> 0`, first, last)
}

// Arrived asks for verdicts on those numbers of a closed range of which nothing was
// known, now that something is.
func Arrived(tx *sqlite.Tx, first, last int64) error {
	return change(tx, "ask for verdicts", `UPDATE linkage SET verdict = 0, reason = '', checked_at = NULL
		WHERE msisdn BETWEEN ? AND ? AND to_day IS NULL AND verdict = 4`, first, last)
}

func change(tx *sqlite.Tx, doing, query string, args ...any) error {
	if _, err := sqlite.Exec(tx, query, args...); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// Waiting counts the active linkages without a verdict, or all active ones.
func Waiting(tx *sqlite.Tx, all bool) (int64, error) {
	if all {
		return sqlite.One(tx, sqlite.Int64, `SELECT count(*) FROM linkage WHERE to_day IS NULL`)
	}
	return sqlite.One(tx, sqlite.Int64, `SELECT count(*) FROM linkage INDEXED BY linkage_unchecked WHERE verdict = 0 AND to_day IS NULL`)
}

// Range is the next closed range of numbers behind one that holds n active linkages
// without a verdict (or n active ones), some more when the last number has several;
// more is false when there is none.
func Range(tx *sqlite.Tx, after int64, n int, all bool) (first, last int64, more bool, err error) {
	query := `SELECT min(msisdn), max(msisdn) FROM (
		SELECT msisdn FROM linkage INDEXED BY linkage_unchecked WHERE verdict = 0 AND to_day IS NULL AND msisdn > ? ORDER BY msisdn LIMIT ?)`
	if all {
		query = `SELECT min(msisdn), max(msisdn) FROM (SELECT msisdn FROM linkage WHERE to_day IS NULL AND msisdn > ? ORDER BY msisdn LIMIT ?)`
	}
	var low, high *int64
	_, err = sqlite.One(tx, func(r sqlite.Row) (struct{}, error) { return struct{}{}, r.Scan(&low, &high) }, query, after, n)
	if err != nil || low == nil || high == nil {
		return 0, 0, false, err
	}
	return *low, *high, true, nil
}

// SettleClean gives the verdict clean, in one statement, to those linkages of a closed
// range that [Judge] would find clean by the present tenure alone: most of them. It
// answers how many; the others are for Judge.
func SettleClean(tx *sqlite.Tx, first, last int64, at time.Time) (int64, error) {
	n, err := sqlite.Exec(tx, `UPDATE linkage INDEXED BY linkage_unchecked SET verdict = 1, checked_at = ?
		WHERE verdict = 0 AND to_day IS NULL AND msisdn BETWEEN ? AND ? AND from_day IS NOT NULL AND (
			SELECT CASE WHEN linkage.kind = 1 AND t.holder_kind = 3 AND linkage.holder IS NOT NULL THEN t.holder = linkage.holder
				ELSE t.from_day <= linkage.from_day AND (t.to_day IS NULL OR linkage.from_day < t.to_day) END
			FROM tenure t WHERE t.msisdn = linkage.msisdn AND t.retracted_at IS NULL ORDER BY t.generation DESC LIMIT 1) = 1`,
		at.UnixMilli(), first, last)
	if err != nil {
		return 0, fmt.Errorf("settle linkages: %w", err)
	}
	return n, nil
}

// UncheckedIn lists the active linkages without a verdict of a closed range of
// numbers, in the order of numbers.
func UncheckedIn(tx *sqlite.Tx, first, last int64) ([]Linkage, error) {
	return sqlite.All(tx, scan, `SELECT `+columns+` FROM linkage INDEXED BY linkage_unchecked
		WHERE verdict = 0 AND to_day IS NULL AND msisdn BETWEEN ? AND ? ORDER BY msisdn`, first, last)
}

// Decide keeps the verdict on a linkage.
func Decide(tx *sqlite.Tx, l Linkage, v Verdict, reason string, at time.Time) error {
	if reason == v.usual() {
		reason = ""
	}
	return change(tx, "keep a verdict", `UPDATE linkage SET verdict = ?, reason = ?, checked_at = ?
		WHERE msisdn = ? AND kind = ? AND bank_code = ? AND token = ?`,
		int64(v), reason, at.UnixMilli(), l.MSISDN, int64(l.Kind), l.Bank, l.token)
}

// StaleOf tells which kinds of stale linkages a number carries.
func StaleOf(tx *sqlite.Tx, msisdn int64) (nin, bvn bool, err error) {
	kinds, err := sqlite.All(tx, sqlite.Int, `SELECT DISTINCT kind FROM linkage WHERE msisdn = ? AND verdict = 2 AND to_day IS NULL`, msisdn)
	for _, k := range kinds {
		nin, bvn = nin || Kind(k) == NIN, bvn || Kind(k) == BVN
	}
	return nin, bvn, err
}

// EachFlagged hands out what carries a stale linkage or one for review: once for each
// verdict, number and kind, stale ones first, in the order of numbers. A BVN that two
// banks use is one.
func EachFlagged(tx *sqlite.Tx, visit func(msisdn int64, k Kind, v Verdict) error) error {
	type flag struct {
		verdict Verdict
		msisdn  int64
		kind    Kind
	}
	var last flag
	return sqlite.Each(tx, func(r sqlite.Row) error {
		var f flag
		if err := r.Scan(&f.verdict, &f.msisdn, &f.kind); err != nil || f == last {
			return err
		}
		last = f
		return visit(f.msisdn, f.kind, f.verdict)
	}, `SELECT verdict, msisdn, kind FROM linkage INDEXED BY linkage_flagged
		WHERE verdict IN (2, 3) AND to_day IS NULL ORDER BY verdict, msisdn, kind`)
}

const (
	// What the rows of one statement share comes first: ?1 to ?4.
	insertHead = `INSERT INTO linkage (learnt_at, kind, bank_code, source, msisdn, token, holder, sealed, mask, from_day) VALUES `
	insertRow  = `(?1, ?2, ?3, ?4, ?, ?, ?, ?, ?, ?)`
	// A report that brings nothing new changes nothing. An earlier first day is kept; a
	// removed linkage is active again, and when it was linked anew after the removal,
	// or nobody says since when, the day of before no longer stands.
	insertAgain = ` ON CONFLICT (msisdn, kind, bank_code, token) DO UPDATE SET
		from_day = CASE WHEN to_day IS NOT NULL AND (excluded.from_day IS NULL OR excluded.from_day >= to_day) THEN excluded.from_day
			ELSE coalesce(min(from_day, excluded.from_day), from_day, excluded.from_day) END,
		to_day = NULL, source = excluded.source, verdict = 0, reason = '', checked_at = NULL
		WHERE to_day IS NOT NULL OR from_day > excluded.from_day OR (from_day IS NULL AND excluded.from_day IS NOT NULL)`
)

// insert keeps linkages that were told at one instant, of one kind and bank, by one
// source. It answers how many of them said something new.
func insert(tx *sqlite.Tx, some []*Linkage, args []any) (int64, []any, error) {
	first := some[0]
	args = append(args[:0], first.Learnt.UnixMilli(), int64(first.Kind), first.Bank, first.Source)
	for _, l := range some {
		var holder any
		if l.Holder != nil {
			holder = *l.Holder
		}
		args = append(args, l.MSISDN, l.token, holder, l.sealed, l.Mask, number(l.From))
	}
	n, err := sqlite.Exec(tx, insertHead+strings.Repeat(insertRow+", ", len(some)-1)+insertRow+insertAgain, args...)
	if err != nil {
		err = fmt.Errorf("write linkages: %w", err)
	}
	return n, args, err
}

func number(d day.Day) any {
	if d == day.None {
		return nil
	}
	return int64(d)
}

// find is a linkage as it is kept now.
func find(tx *sqlite.Tx, l Linkage) (Linkage, error) {
	return sqlite.One(tx, scan, `SELECT `+columns+` FROM linkage WHERE msisdn = ? AND kind = ? AND bank_code = ? AND token = ?`,
		l.MSISDN, int64(l.Kind), l.Bank, l.token)
}

// taken is the job that took the same content before, or is about to, for the same
// operator or bank; empty when there is none. A job that failed or was cancelled has
// not taken it.
func taken(tx *sqlite.Tx, digest, operator, bank string) (string, error) {
	id, err := sqlite.One(tx, sqlite.Text, `SELECT id FROM job WHERE kind = ? AND state IN ('queued', 'running', 'paused', 'succeeded')
		AND args ->> '$.upload.digest' = ? AND coalesce(operator_code, '') = ? AND coalesce(bank_code, '') = ? ORDER BY id LIMIT 1`,
		importKind, digest, operator, bank)
	if errors.Is(err, sqlite.ErrNotFound) {
		return "", nil
	}
	return id, err
}

// taskOf is what an import was added with.
func taskOf(tx *sqlite.Tx, jobID string) (t task, err error) {
	text, err := sqlite.One(tx, sqlite.Text, `SELECT args FROM job WHERE id = ?`, jobID)
	if err == nil {
		err = json.Unmarshal([]byte(text), &t)
	}
	return t, err
}
