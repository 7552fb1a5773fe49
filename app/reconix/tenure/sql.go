package tenure

import (
	"errors"
	"fmt"
	"time"

	"reconexus/app/kit/day"
	"reconexus/store/sqlite"
)

const columns = `msisdn, generation, learnt_at, retracted_at, from_day, activated, to_day, last_day, coalesce(ended_as, ''), holder, holder_kind, names, operator, card, source`

func scan(r sqlite.Row) (Statement, error) {
	c := make(sqlite.Columns, 15)
	if err := c.Scan(r); err != nil {
		return Statement{}, err
	}
	s := Statement{
		MSISDN: c.Int64(0), Generation: int(c.Int64(1)), Learnt: time.UnixMilli(c.Int64(2)).UTC(),
		From: Day(c, 4), Activated: Day(c, 5), To: Day(c, 6), Last: Day(c, 7), EndedAs: c.Text(8),
		Holder:   Holder{Token: c.Int64(9), Kind: HolderKind(c.Int64(10)), Names: c.Int64(11)},
		Operator: c.Text(12), Card: c.Int64(13), Source: c.Text(14),
	}
	if !c.Null(3) {
		s.Retracted = time.UnixMilli(c.Int64(3)).UTC()
	}
	return s, nil
}

// Day is a column that holds a day.
func Day(c sqlite.Columns, i int) day.Day {
	if c.Null(i) {
		return day.None
	}
	return day.Day(c.Int64(i))
}

// Of is what holds now about a number.
func Of(tx *sqlite.Tx, msisdn int64) (History, error) {
	return sqlite.All(tx, scan, `SELECT `+columns+` FROM tenure WHERE msisdn = ? AND retracted_at IS NULL ORDER BY generation`, msisdn)
}

// OfEach is what holds now about each of some numbers, distinct and ascending.
func OfEach(tx *sqlite.Tx, numbers []int64) ([]History, error) {
	out := make([]History, len(numbers))
	if len(numbers) == 0 {
		return out, nil
	}
	with, args := sqlite.Asked(numbers)
	at := 0
	err := sqlite.Each(tx, func(r sqlite.Row) error {
		s, err := scan(r)
		if err != nil {
			return err
		}
		for numbers[at] < s.MSISDN {
			at++
		}
		out[at] = append(out[at], s)
		return nil
	}, with+`SELECT `+columns+` FROM asked CROSS JOIN tenure ON msisdn = n WHERE retracted_at IS NULL ORDER BY n, generation`, args...)
	if err != nil {
		return nil, fmt.Errorf("read tenures: %w", err)
	}
	return out, nil
}

// AsKnown is what held about a number as it was known at an instant.
func AsKnown(tx *sqlite.Tx, msisdn int64, at time.Time) (History, error) {
	return sqlite.All(tx, scan, `SELECT `+columns+` FROM tenure
		WHERE msisdn = ? AND learnt_at <= ? AND (retracted_at IS NULL OR retracted_at > ?) ORDER BY generation`,
		msisdn, at.UnixMilli(), at.UnixMilli())
}

// Everything is every statement ever made about a number, retracted ones too.
func Everything(tx *sqlite.Tx, msisdn int64) ([]Statement, error) {
	return sqlite.All(tx, scan, `SELECT `+columns+` FROM tenure WHERE msisdn = ? ORDER BY generation, learnt_at LIMIT 1000`, msisdn)
}

// Each hands out the history of every known number of a closed range, in ascending
// order of numbers. Histories are fresh; visit may keep them.
func Each(tx *sqlite.Tx, first, last int64, visit func(History) error) error {
	var h History
	err := sqlite.Each(tx, func(r sqlite.Row) error {
		s, err := scan(r)
		if err != nil {
			return err
		}
		if len(h) > 0 && h[0].MSISDN != s.MSISDN {
			if err := visit(h); err != nil {
				return err
			}
			h = nil
		}
		h = append(h, s)
		return nil
	}, `SELECT `+columns+` FROM tenure WHERE msisdn BETWEEN ? AND ? AND retracted_at IS NULL ORDER BY msisdn, generation`, first, last)
	if err != nil || len(h) == 0 {
		return err
	}
	return visit(h)
}

// Events lists what happened to a number, oldest first.
func Events(tx *sqlite.Tx, msisdn int64) ([]Event, error) {
	return sqlite.All(tx, scanEvent, `SELECT msisdn, generation, kind, day, operator, learnt_at, source, note
		FROM tenure_event WHERE msisdn = ? ORDER BY seq LIMIT 1000`, msisdn)
}

func scanEvent(r sqlite.Row) (Event, error) {
	var e Event
	var learnt int64
	err := r.Scan(&e.MSISDN, &e.Generation, &e.Kind, &e.Day, &e.Operator, &learnt, &e.Source, &e.Note)
	e.Learnt = time.UnixMilli(learnt).UTC()
	return e, err
}

// Record writes changes of different numbers with the instant and the source that they
// were learnt from, which it fills in.
func Record(tx *sqlite.Tx, changes []Change, at time.Time, source string) error {
	var gone, told []Statement
	var events []Event
	for i := range changes {
		c := &changes[i]
		c.stamp(at, source)
		learnt := at
		for _, s := range c.Retract {
			if !s.Learnt.Before(learnt) {
				// The clock stands still or went back: order is kept, by a millisecond.
				learnt = s.Learnt.Add(time.Millisecond)
				c.stamp(learnt, source)
			}
		}
		if c.Lowered > 0 {
			if err := lower(tx, c.Retract[c.Lowered-1]); err != nil {
				return err
			}
		}
		for _, s := range c.Retract {
			s.Retracted = learnt
			gone = append(gone, s)
		}
		told, events = append(told, c.Add...), append(events, c.Events...)
	}
	return errors.Join(retract(tx, gone), First(tx, told), tell(tx, events))
}

// lower moves what happened to a generation and those before it to the number below:
// what happened stays, only its place in the count is another.
func lower(tx *sqlite.Tx, last Statement) error {
	_, err := sqlite.Exec(tx, `UPDATE tenure_event SET generation = generation - 1 WHERE msisdn = ? AND generation <= ?`, last.MSISDN, last.Generation)
	if err != nil {
		return fmt.Errorf("make room for an earlier tenure: %w", err)
	}
	return nil
}

func retract(tx *sqlite.Tx, gone []Statement) error {
	_, err := sqlite.Many(tx, `WITH gone (m, g, l, r) AS (VALUES `, `(?, ?, ?, ?)`, `)
		UPDATE OR FAIL tenure SET retracted_at = r FROM gone WHERE msisdn = m AND generation = g AND learnt_at = l`,
		len(gone), func(args []any, i int) []any {
			s := &gone[i]
			return append(args, s.MSISDN, s.Generation, s.Learnt.UnixMilli(), s.Retracted.UnixMilli())
		})
	if err != nil {
		return fmt.Errorf("retract statements: %w", err)
	}
	return nil
}

func tell(tx *sqlite.Tx, events []Event) error {
	_, err := sqlite.Many(tx, `INSERT OR FAIL INTO tenure_event (msisdn, generation, kind, day, operator, learnt_at, source, note) VALUES `,
		`(?, ?, ?, ?, ?, ?, ?, ?)`, "", len(events), func(args []any, i int) []any {
			e := &events[i]
			return append(args, e.MSISDN, e.Generation, string(e.Kind), e.Day, e.Operator, e.Learnt.UnixMilli(), e.Source, e.Note)
		})
	if err != nil {
		return fmt.Errorf("write events: %w", err)
	}
	return nil
}

func (s Statement) values(dst []any) []any {
	var token any
	if s.Holder.Kind != Unknown {
		token = s.Holder.Token
	}
	return append(dst, s.MSISDN, s.Generation, s.Learnt.UnixMilli(), number(s.From), number(s.Activated), number(s.To), number(s.Last),
		s.EndedAs, token, int64(s.Holder.Kind), s.Holder.Names, s.Operator, s.Card, s.Source)
}

func number(d day.Day) any {
	if d == day.None {
		return nil
	}
	return int64(d)
}

// Coverages is the period that each operator's feeds cover, by operator code.
func Coverages(tx *sqlite.Tx) ([]Coverage, error) {
	return sqlite.All(tx, func(r sqlite.Row) (c Coverage, err error) {
		err = r.Scan(&c.Operator, &c.From, &c.To)
		return c, err
	}, `SELECT operator_code, min(day), max(day) FROM feed WHERE state = 'applied' AND full = 1 GROUP BY operator_code ORDER BY operator_code`)
}

// CoverageOf is the period that one operator's feeds cover; both days are day.None
// when it has told nothing.
func CoverageOf(tx *sqlite.Tx, operator string) (Coverage, error) {
	return sqlite.One(tx, func(r sqlite.Row) (Coverage, error) {
		c := Coverage{Operator: operator}
		err := r.Scan(&c.From, &c.To)
		return c, err
	}, `SELECT min(day), max(day) FROM feed WHERE operator_code = ? AND state = 'applied' AND full = 1`, operator)
}

// First writes statements that retract nothing, as those about numbers that had none.
func First(tx *sqlite.Tx, statements []Statement) error {
	_, err := sqlite.Many(tx, `INSERT OR FAIL INTO tenure (msisdn, generation, learnt_at, from_day, activated, to_day, last_day, ended_as, holder, holder_kind, names, operator, card, source) VALUES `,
		`(?, ?, ?, ?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?)`, "", len(statements), func(args []any, i int) []any { return statements[i].values(args) })
	if err != nil {
		return fmt.Errorf("write statements: %w", err)
	}
	return nil
}

// AnyIn tells whether anything is known about a number of a closed range.
func AnyIn(tx *sqlite.Tx, first, last int64) (bool, error) {
	return sqlite.One(tx, sqlite.Bool, `SELECT EXISTS (SELECT 1 FROM tenure WHERE msisdn BETWEEN ? AND ?)`, first, last)
}

// FirstOf is the statement that an observation of a number never heard of makes.
func FirstOf(o Observation, at time.Time, source string) Statement {
	c := History(nil).first(o)
	c.stamp(at, source)
	return c.Add[0]
}
