package delink

import (
	"context"
	"errors"
	"fmt"

	"reconexus/app/access"
	"reconexus/app/jobs"
	"reconexus/app/kit/fault"
	"reconexus/app/reconix/sims"
	"reconexus/store/sqlite"
)

// Batch opens requests for many SIMs: those of a filter, or a list of ids.
type Batch struct {
	Type   Type
	Reason string
	Review bool
	IDs    []string
	Filter *sims.Filter
}

// Opened is what came of a batch.
type Opened struct {
	Matched     int `json:"matched" doc:"SIMs that were looked at"`
	Opened      int `json:"opened" doc:"Requests that were submitted"`
	AlreadyOpen int `json:"already_open" doc:"SIMs that have an open request of this kind"`
	Nothing     int `json:"nothing_to_remove" doc:"SIMs of which nothing of a former holder is known that could be removed"`
	Held        int `json:"on_hold" doc:"SIMs whose number is under a legal hold"`
	Unknown     int `json:"not_found" doc:"Ids of no SIM that you may see"`
}

func (o *Opened) skip(f *fault.Fault) {
	switch f.Message {
	case errHeld().Message:
		o.Held++
	case errNothing(OfNIN).Message, errNothing(OfBVN).Message, errNothing(OfBoth).Message:
		o.Nothing++
	default:
		o.AlreadyOpen++
	}
}

// piece opens requests for some SIMs and tells the SIMs' records.
func (s *Service) piece(tx *sqlite.Tx, who access.Principal, d Draft, records []sims.Record, into *Opened) error {
	opened, skipped, err := s.open(tx, who, d, records)
	if err != nil {
		return err
	}
	into.Matched += len(records)
	into.Opened += len(opened)
	for _, why := range skipped {
		into.skip(why)
	}
	ids := make([]string, len(opened))
	for i, r := range opened {
		ids[i] = r.SIM
	}
	if len(ids) == 0 {
		return nil
	}
	return s.Sims.Cleaning(tx, ids, sims.InProgress)
}

// Bounds of a batch: with more SIMs than batchNow it becomes a job; a job takes as
// many of one page in a write as the other writers let it.
const (
	batchNow  = 500
	batchPage = 500
	batchStep = 50
	mostIDs   = 10_000
)

// batchTask is a batch as a job keeps it.
type batchTask struct {
	Draft  Draft        `json:"draft"`
	IDs    []string     `json:"ids,omitempty"`
	Filter *sims.Filter `json:"filter,omitempty"`
	Total  int          `json:"total"`
}

// batchProgress is where a batch goes on after a restart.
type batchProgress struct {
	After  string `json:"after"` // cursor of the filter's list
	Last   string `json:"last"`  // the last SIM of the page behind it
	Done   int    `json:"done"`  // of the ids
	Result Opened `json:"result"`
}

// OpenMany opens requests for many SIMs: at once up to 500, as a job beyond.
func (s *Service) OpenMany(ctx context.Context, who access.Principal, b Batch) (job string, _ Opened, err error) {
	var out Opened
	reason, err := reasonOf(b.Reason, true)
	if err != nil {
		return "", out, err
	}
	if err := mayOpen(who); err != nil {
		return "", out, err
	}
	t := batchTask{Draft: Draft{Type: b.Type, Reason: reason, Review: b.Review}, IDs: b.IDs, Filter: b.Filter, Total: len(b.IDs)}
	if t.Filter != nil {
		first, err := s.page(ctx, who, t.Filter, "", 1)
		if err != nil {
			return "", out, err
		}
		t.Total = first.Total
	}
	if t.Total <= batchNow {
		var p batchProgress
		err := s.batch(ctx, who, t, &p, func(*sqlite.Tx, batchProgress) error { return nil }, func(tx *sqlite.Tx) bool { return false })
		return "", p.Result, err
	}
	j, err := sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (jobs.Job, error) {
		j, err := s.Jobs.Add(tx, who, jobs.Spec{Kind: batchKind, Title: fmt.Sprintf("Opening delink requests for %d SIMs", t.Total), Args: t, Operator: who.Operator})
		if err != nil {
			return j, err
		}
		return j, s.Audit.Record(tx, who, "delink.batch", j.ID, "request_type", t.Draft.Type, "sims", t.Total)
	})
	return j.ID, out, err
}

func (s *Service) openMany(ctx context.Context, run *jobs.Run) (any, error) {
	var t batchTask
	var p batchProgress
	if err := errors.Join(run.Args(&t), run.Resume(&p)); err != nil {
		return nil, err
	}
	run.Stage("Opening requests")
	err := s.batch(ctx, run.Principal(), t, &p, func(tx *sqlite.Tx, at batchProgress) error {
		run.Progress(int64(at.Result.Matched), int64(t.Total), "sims")
		return run.Checkpoint(tx, at)
	}, (*sqlite.Tx).Enough)
	return p.Result, err
}

// page is some of the SIMs that a filter takes, oldest first. What a request changes in
// them does not move them behind the cursor.
func (s *Service) page(ctx context.Context, who access.Principal, f *sims.Filter, after string, limit int) (*sims.List, error) {
	ask := *f
	ask.Skip, ask.Limit, ask.After, ask.Sort = 0, limit, after, "created_at"
	return s.Sims.List(ctx, who, &ask)
}

// batch goes over the SIMs of a task, some in each write, and keeps how far it came in
// the same write.
func (s *Service) batch(ctx context.Context, who access.Principal, t batchTask, p *batchProgress, keep func(*sqlite.Tx, batchProgress) error, enough func(*sqlite.Tx) bool) error {
	for {
		next := ""
		ids := t.IDs[min(p.Done, len(t.IDs)):]
		if t.Filter != nil {
			list, err := s.page(ctx, who, t.Filter, p.After, batchPage)
			if err != nil {
				return err
			}
			ids, next = nil, list.Next
			for _, rec := range list.Items {
				if rec.ID > p.Last { // ids sort by age, as the page does
					ids = append(ids, rec.ID)
				}
			}
		}
		for len(ids) > 0 {
			at, err := sqlite.Bulk(ctx, s.DB, func(tx *sqlite.Tx) (batchProgress, error) {
				at := *p
				for len(ids) > 0 {
					some := ids[:min(batchStep, len(ids))]
					if err := s.some(tx, who, t.Draft, some, &at.Result); err != nil {
						return at, err
					}
					ids = ids[len(some):]
					at.Done += len(some)
					at.Last = some[len(some)-1]
					if enough(tx) {
						break
					}
				}
				return at, keep(tx, at)
			})
			if err != nil {
				return err
			}
			*p = at
		}
		if t.Filter == nil || next == "" {
			return nil
		}
		p.After = next
	}
}

// some opens requests for SIMs by their ids, as they are now.
func (s *Service) some(tx *sqlite.Tx, who access.Principal, d Draft, ids []string, into *Opened) error {
	records := make([]sims.Record, 0, len(ids))
	for _, id := range ids {
		rec, err := s.Sims.Find(tx, who, id)
		if fault.Is(err, fault.NotFound) {
			into.Unknown++
			continue
		}
		if err != nil {
			return err
		}
		records = append(records, rec)
	}
	return s.piece(tx, who, d, records, into)
}
