package inventory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"time"

	"reconexus/app/jobs"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/intake"
	"reconexus/store/sqlite"
)

const kind = "inventory.import"

// workers read a file side by side; with the comparison that makes use of both cores
// of a small box.
const workers = 2

// task is what an import is added with.
type task struct {
	Feed     string        `json:"feed"`
	Operator string        `json:"operator"`
	Day      day.Day       `json:"day"`
	Upload   intake.Upload `json:"upload"`
	intake.As
}

// progress is where an import goes on after a restart. Reading begins anew; writing
// goes on behind the last number written.
type progress struct {
	Kind     string      `json:"kind"`     // of file
	Compared bool        `json:"compared"` // snapshot and changes are on disk
	Stopped  bool        `json:"stopped"`  // by the breaker; resuming lets the file pass
	Previous string      `json:"previous"` // the feed that it was compared with
	Counts   counts      `json:"counts"`
	Learnt   time.Time   `json:"learnt"`  // one instant for all that the file says
	Writing  bool        `json:"writing"` // something of it is in the record: it must be finished
	Written  int64       `json:"written"`
	Last     int64       `json:"last"` // number
	Events   events      `json:"events"`
	Rejects  intake.Mark `json:"rejects"` // of a file of rows, which is read and written in one go
}

// copy is a progress that may be changed without changing p.
func (p *progress) copy() progress {
	c := *p
	c.Events = maps.Clone(p.Events)
	return c
}

// Result is what an import ends with.
type Result struct {
	Feed     string  `json:"feed"`
	Operator string  `json:"operator_code"`
	Day      day.Day `json:"day"`
	State    State   `json:"state"`
	counts
	Events events `json:"events" doc:"What happened to numbers, by kind"`
	Note   string `json:"note,omitempty"`
}

// firm keeps a file from being cancelled half applied.
func firm(checkpoint json.RawMessage) string {
	var p progress
	if json.Unmarshal(checkpoint, &p) == nil && p.Writing {
		return "The file is being written into the record and can no longer be cancelled; it ends by itself, also after a restart."
	}
	return ""
}

// events counts what happened, by kind.
type events map[string]int64

func (s *Service) run(ctx context.Context, r *jobs.Run) (any, error) {
	var t task
	p := progress{Events: events{}}
	if err := errors.Join(r.Args(&t), r.Resume(&p)); err != nil {
		return nil, err
	}
	prev, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (Feed, error) { return newest(tx, t.Operator) })
	if err != nil {
		return nil, err
	}
	if p.Kind == "" {
		if p.Kind, err = s.look(t); err != nil {
			return nil, err
		}
	}
	for _, f := range rowFiles() {
		if p.Kind == f.kind {
			out, err := s.applyRows(ctx, r, t, &p, f)
			return out, s.halfway(ctx, t, &p, err)
		}
	}
	if !p.Compared && prev.ID != "" && t.Day < prev.Day {
		return s.file(ctx, r, t, prev)
	}
	if !p.Compared {
		if err := s.compare(ctx, r, t, prev, &p); err != nil {
			return nil, err
		}
	}
	if p.Previous != prev.ID {
		return nil, fault.New(fault.Conflict, "Another inventory of %s was applied while this one waited; send it again to compare it with that.", t.Operator)
	}
	if p.Counts.Rows == 0 && p.Counts.Rejected > 0 {
		// Taken for a full list of nothing, it would say that everything is told.
		return nil, fault.New(fault.Invalid, "No row of the file could be taken (%d rejected; errors.csv says why). Nothing was changed: mend the file, or say which column is which, and send it again.", p.Counts.Rejected)
	}
	if !p.Stopped && breaks(p.Counts.Listed, p.Counts.Before, s.Shrink) {
		return nil, s.stop(ctx, r, t, &p)
	}
	out, err := s.apply(ctx, r, t, prev, &p)
	return out, s.halfway(ctx, t, &p, err)
}

// halfway pauses a job that failed while it wrote: half a file in the record is worse
// than one that waits.
func (s *Service) halfway(ctx context.Context, t task, p *progress, err error) error {
	if err == nil || ctx.Err() != nil || !p.Writing {
		return err
	}
	s.Log.Error("the writing of an inventory stopped", "feed", t.Feed, "error", err)
	return jobs.Pause("The writing of the file stopped half way; the disk may be full. Look at the log, mend it and resume the job: it goes on where it stopped.")
}

// file keeps a late delivery without applying it: it would undo what is known since.
func (s *Service) file(ctx context.Context, r *jobs.Run, t task, prev Feed) (any, error) {
	out := Result{Feed: t.Feed, Operator: t.Operator, Day: t.Day, State: Filed, Events: events{},
		Note: fmt.Sprintf("An inventory for %s was applied already; this older one is kept on record and changes nothing.", prev.Day)}
	return out, sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		tx.After(func() { s.sweep(t.Feed) })
		return errors.Join(setState(tx, t.Feed, Filed), s.Audit.Record(tx, r.Principal(), "inventory.file", t.Feed, "newest", prev.Day.String()))
	})
}

// stop is the breaker: nothing has been changed, and a person must look.
func (s *Service) stop(ctx context.Context, r *jobs.Run, t task, p *progress) error {
	p.Stopped = true
	err := sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		return errors.Join(r.Checkpoint(tx, p), setStopped(tx, t.Feed, p.Counts),
			s.Audit.Record(tx, r.Principal(), "inventory.stop", t.Feed, "rows", p.Counts.Rows, "before", p.Counts.Before))
	})
	if err != nil {
		return err
	}
	return jobs.Pause(fmt.Sprintf("The file has %d rows, the last one had %d: more than %.0f %% fewer. Nothing was changed. If the file is complete, resume the job and it is applied; if not, cancel it and send the whole file.",
		p.Counts.Listed, p.Counts.Before, s.Shrink*100))
}

// compare reads the file against the last snapshot and leaves the new snapshot and
// the changes on disk.
func (s *Service) compare(ctx context.Context, r *jobs.Run, t task, last Feed, p *progress) error {
	r.Stage("Reading the file and comparing it with the last one")
	var prev *snapshot
	if last.snapshot != "" {
		var err error
		if prev, err = openSnapshot(s.path(last.ID, ".snapshot")); err != nil {
			s.Log.Warn("the last snapshot cannot be read and is made again from the store", "operator", t.Operator, "error", err)
			if prev, err = s.rebuild(ctx, t.Operator, s.path(last.ID, ".snapshot")); err != nil {
				return err
			}
		}
		defer prev.close()
		p.Counts.Before = prev.rows
	}
	dates, err := intake.Dates(func() (*sheet.File, io.Closer, error) { return s.open(t) }, colActivated, t.DateOrder)
	if err != nil {
		return intake.Refused(err)
	}
	err = s.merge(ctx, r, t, dates, prev, p, false)
	if errors.Is(err, errUnsorted) {
		r.Stage("Sorting the file and comparing it with the last one")
		err = s.merge(ctx, r, t, dates, prev, p, true)
	}
	if err != nil {
		return intake.Refused(err)
	}
	p.Previous, p.Compared, p.Learnt = last.ID, true, s.Clock().UTC().Truncate(time.Millisecond)
	return sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error { return r.Checkpoint(tx, p) })
}

// merge reads the file once, sorted or through a sorter, into snapshot and changes.
func (s *Service) merge(ctx context.Context, r *jobs.Run, t task, dates sheet.DateFormat, prev *snapshot, p *progress, unsorted bool) error {
	file, in, err := s.open(t)
	if err != nil {
		return err
	}
	defer in.Close()
	rejects, err := intake.NewErrors(r, intake.Mark{})
	if err != nil {
		return err
	}
	defer rejects.Close()
	rd := &reader{table: s.Table, keys: s.Keys, operator: t.Operator, k0: s.hash[0], k1: s.hash[1], dates: dates, today: t.Day,
		layout: layoutOf(file.Dialect(), dates, s.hash[0], s.hash[1])}
	if prev != nil && prev.layout == rd.layout {
		rd.prev = prev
	}
	blocks := rd.read(ctx, file)
	defer blocks.Close()
	tell := func(some []intake.Reject) error {
		if taken := file.Taken(); taken > 0 {
			r.Progress(file.RowsSeen(), file.RowsSeen()*t.Upload.Size/taken, "rows")
		}
		return rejects.Reject(some)
	}
	var source stream = &sorted{blocks: blocks, tell: tell}
	if unsorted {
		dir := s.path(t.Feed, ".runs")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("sort on disk: %w", err)
		}
		defer os.RemoveAll(dir)
		m, err := sortAll(ctx, blocks, dir, tell)
		if err != nil {
			return err
		}
		defer m.close()
		source = m
	}
	if err := s.write(ctx, t, source, prev, rd.layout, rejects, p); err != nil {
		return err
	}
	mark, err := rejects.Mark()
	p.Counts.Rejected = mark.Rows
	return err
}

func (s *Service) write(ctx context.Context, t task, source stream, prev *snapshot, layout uint64, rejects *intake.List, p *progress) error {
	c := comparison{tell: rejects.Reject}
	var err error
	if c.next, err = createSnapshot(s.path(t.Feed, ".part"), layout); err != nil {
		return err
	}
	if prev != nil {
		c.prev = prev.cursor()
		if c.changes, err = createSnapshot(s.path(t.Feed, ".changes"), layout); err != nil {
			return errors.Join(err, c.next.file.Close())
		}
	}
	err = c.run(ctx, source)
	if c.changes != nil {
		err = errors.Join(err, c.changes.close())
	}
	if err = errors.Join(err, c.next.close()); err != nil {
		return err
	}
	c.counts.Before = p.Counts.Before
	p.Counts = c.counts
	return nil
}

// open reads a feed's upload from the start.
func (s *Service) open(t task) (*sheet.File, io.Closer, error) { return s.openAs(t, spec()) }

func (s *Service) openAs(t task, columns sheet.Spec) (*sheet.File, io.Closer, error) {
	columns, err := t.Of(columns)
	if err != nil {
		return nil, nil, err
	}
	in, err := os.Open(t.Upload.Path(s.Dir))
	if err != nil {
		return nil, nil, fmt.Errorf("open the upload: %w", err)
	}
	file, err := sheet.Open(in, columns)
	if err != nil {
		return nil, nil, errors.Join(err, in.Close())
	}
	return file, in, nil
}
