package inventory

import (
	"context"
	"errors"
	"os"

	"reconexus/app/access"
	"reconexus/app/jobs"
	"reconexus/app/kit/day"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/sims"
	"reconexus/app/reconix/tenure"
	"reconexus/app/reconix/webhook"
	"reconexus/store/sqlite"
)

// pieceRows is how many first statements are written between two looks at the clock.
const pieceRows = 512

// togetherRows is how many changes are written by the same statements. It is a size of
// [sqlite.Asked] and [sqlite.Many].
const togetherRows = 64

// apply writes what a feed changes, in pieces, and then makes its snapshot the one
// that counts.
func (s *Service) apply(ctx context.Context, r *jobs.Run, t task, last Feed, p *progress) (any, error) {
	r.Stage("Writing what changed")
	changes, err := s.changes(t, last)
	if err != nil {
		return nil, err
	}
	defer changes.close()
	w := &writing{Service: s, run: r, task: t, seen: last.Day, changes: changes.cursor(), p: p}
	if last.ID == "" {
		w.seen = day.None
	}
	if err := w.skip(); err != nil {
		return nil, err
	}
	for {
		more, err := sqlite.Bulk(ctx, s.DB, w.piece)
		if err != nil {
			return nil, err
		}
		r.Progress(p.Written, changes.rows, "changes")
		if !more {
			break
		}
	}
	return s.finish(ctx, r, t, last, p)
}

// changes are what is to be written: of a first feed, everything. Its snapshot may
// have its final name already, when a crash came right before the end.
func (s *Service) changes(t task, last Feed) (*snapshot, error) {
	if last.snapshot != "" {
		return openSnapshot(s.path(t.Feed, ".changes"))
	}
	c, err := openSnapshot(s.path(t.Feed, ".part"))
	if errors.Is(err, os.ErrNotExist) {
		return openSnapshot(s.path(t.Feed, ".snapshot"))
	}
	return c, err
}

// finish makes the feed the operator's newest. The snapshot's new name is there before
// the store says so: a crash in between finds both names' bytes the same.
func (s *Service) finish(ctx context.Context, r *jobs.Run, t task, last Feed, p *progress) (any, error) {
	part, whole := s.path(t.Feed, ".part"), s.path(t.Feed, ".snapshot")
	if err := os.Rename(part, whole); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	now := s.Clock().UTC()
	f := Feed{ID: t.Feed, State: Applied, Rows: p.Counts.Rows, Rejected: p.Counts.Rejected,
		Changed: p.Counts.Changed + p.Counts.Missing, AppliedAt: &now, snapshot: t.Feed + ".snapshot"}
	out := Result{Feed: t.Feed, Operator: t.Operator, Day: t.Day, State: Applied, counts: p.Counts, Events: p.Events}
	return out, sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		tx.After(func() {
			s.sweep(t.Feed)
			if last.snapshot != "" {
				_ = os.Remove(s.path(last.ID, ".snapshot")) // a left-over is swept at the next start
			}
		})
		return errors.Join(finish(tx, f), dropSnapshot(tx, last.ID),
			s.Audit.Record(tx, r.Principal(), "inventory.apply", t.Feed, "rows", f.Rows, "rejected", f.Rejected, "changed", f.Changed))
	})
}

// writing is the last stage of an import.
type writing struct {
	*Service
	run     *jobs.Run
	task    task
	seen    day.Day // when the numbers were seen last before this feed
	changes *cursor
	p       *progress
}

// skip moves behind what an earlier run has written.
func (w *writing) skip() error {
	for w.p.Last > 0 {
		r, err := w.changes.peek()
		if err != nil || r == nil || r.msisdn > w.p.Last {
			return err
		}
		w.changes.at++
	}
	return nil
}

// piece writes for a little while and notes how far it has come, in one write. It
// answers whether there is more.
func (w *writing) piece(tx *sqlite.Tx) (bool, error) {
	// The commit may fail: what this piece did to the progress counts only after it.
	p, at, chunk := w.p.copy(), w.changes.at, w.changes.chunk
	p.Writing = true
	more, err := w.some(tx, &p)
	if err != nil {
		if back := w.changes.rewind(chunk, at); back != nil {
			err = errors.Join(err, back)
		}
		return false, err
	}
	tx.After(func() { *w.p = p })
	return more, w.run.Checkpoint(tx, &p)
}

func (w *writing) some(tx *sqlite.Tx, p *progress) (bool, error) {
	for {
		if r, err := w.changes.peek(); err != nil || r == nil {
			return false, err
		}
		if fresh, err := w.fresh(tx, p); err != nil {
			return false, err
		} else if !fresh {
			if err := w.changed(tx, p, w.changes.rest(togetherRows)); err != nil {
				return false, err
			}
		}
		if tx.Enough() {
			return true, nil
		}
	}
}

// fresh writes a run of numbers that nobody has told of before, when a first feed
// comes to one.
func (w *writing) fresh(tx *sqlite.Tx, p *progress) (bool, error) {
	if w.seen != day.None {
		return false, nil
	}
	rows := w.changes.rest(pieceRows)
	if len(rows) < 2 {
		return false, nil
	}
	first, last := rows[0].msisdn, rows[len(rows)-1].msisdn
	any, err := tenure.AnyIn(tx, first, last)
	if err != nil || any {
		return false, err
	}
	statements := make([]tenure.Statement, 0, len(rows))
	for i := range rows {
		if rows[i].status != unreadable {
			statements = append(statements, tenure.FirstOf(rows[i].observation(w.task.Operator, w.task.Day, w.seen), p.Learnt, w.task.Feed))
		}
	}
	if err := errors.Join(tenure.First(tx, statements), linkage.Arrived(tx, first, last)); err != nil {
		return false, err
	}
	w.changes.at += len(rows)
	p.Written += int64(len(rows))
	p.Last = last
	return true, nil
}

// changed writes what some changed rows mean.
func (w *writing) changed(tx *sqlite.Tx, p *progress, rows []record) error {
	numbers := make([]int64, 0, len(rows))
	for i := range rows {
		numbers = append(numbers, rows[i].msisdn)
	}
	known, err := tenure.OfEach(tx, numbers)
	if err != nil {
		return err
	}
	var told news
	for i := range rows {
		r := &rows[i]
		if r.status == unreadable {
			continue
		}
		c := known[i].Observe(r.observation(w.task.Operator, w.task.Day, w.seen))
		if len(known[i]) == 0 && r.line == seenBefore {
			c.Events = nil // its row was refused until now: it is known late, not new
		}
		told = told.and(*r, known[i], c)
	}
	w.changes.at += len(rows)
	p.Written += int64(len(rows))
	p.Last = numbers[len(numbers)-1]
	return w.record(tx, p, w.task, told)
}

// news is what rows about different numbers, ascending, tell that was not known.
type news struct {
	rows    []record
	before  []tenure.History
	changes []tenure.Change
}

// and adds a row's change, if it is one.
func (n news) and(r record, before tenure.History, c tenure.Change) news {
	if len(c.Add) == 0 {
		return n
	}
	return news{append(n.rows, r), append(n.before, before), append(n.changes, c)}
}

// record writes news, with what follows from it: the records of recycled SIMs, and
// linkages to be judged again.
func (s *Service) record(tx *sqlite.Tx, p *progress, t task, n news) error {
	if len(n.rows) == 0 {
		return nil
	}
	if err := errors.Join(tenure.Record(tx, n.changes, p.Learnt, t.Feed), s.corrected(tx, n.changes)); err != nil {
		return err
	}
	numbers := make([]int64, len(n.rows))
	for i, c := range n.changes {
		numbers[i] = n.rows[i].msisdn
		for _, e := range c.Events {
			p.Events[string(e.Kind)]++
			if e.Kind == tenure.Recycled || e.Kind == tenure.Reissued {
				if err := s.recycled(tx, n.before[i], c, e, &n.rows[i]); err != nil {
					return err
				}
			}
		}
	}
	return linkage.Recheck(tx, numbers)
}

// correction is what is told outside of a tenure that is known otherwise than before.
type correction struct {
	MSISDN     numbering.MSISDN `json:"msisdn"`
	Generation int              `json:"generation"`
	Kind       tenure.Kind      `json:"kind"`
	Day        day.Day          `json:"day"`
	Operator   string           `json:"operator_code"`
	Source     string           `json:"source"`
}

// corrected tells outside of what was told wrongly before: answers that somebody keeps
// may be others now.
func (s *Service) corrected(tx *sqlite.Tx, changes []tenure.Change) error {
	for _, c := range changes {
		for _, e := range c.Events {
			if e.Kind != tenure.Correction && e.Kind != tenure.Reversal {
				continue
			}
			if err := s.Webhooks.Publish(tx, webhook.Event{
				Type: webhook.TenureCorrected,
				Data: correction{numbering.MSISDN(e.MSISDN), e.Generation, e.Kind, e.Day, e.Operator, e.Source},
				See: func(p access.Principal) bool {
					return p.Bank == "" && (p.Operator == "" || p.Operator == e.Operator) && (p.MSISDN == 0 || p.MSISDN == e.MSISDN)
				},
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) recycled(tx *sqlite.Tx, h tenure.History, c tenure.Change, e tenure.Event, r *record) error {
	before := *h.Present()
	for _, closed := range c.Add {
		if closed.Generation == before.Generation {
			before = closed // by this very feed
		}
	}
	imsi := ""
	if r.imsi != 0 {
		imsi = imsiOf(r.imsi)
	}
	_, err := s.Sims.Recycled(tx, sims.Recycling{
		MSISDN: e.MSISDN, Generation: e.Generation, SIMSerial: r.iccid.String(), IMSI: imsi, Operator: e.Operator,
		Recycled: e.Day, Deactivated: before.To, Method: "reconciliation",
		QuickReuse: e.Day.Known() && before.Last.Known() && e.Day-before.Last <= quickReuse,
	})
	return err
}

// quickReuse is within how many days of the last day that it was seen in use a number
// given out again counts as reused too early (reconix.md §2); a tenure whose last day
// is not known does not count.
const quickReuse = 7
