// Package detect finds the identities that numbers still carry from somebody else.
//
// A scan judges every linkage about which something new is known: it was reported
// since the last scan, or its number's tenure changed. The verdict is a function of
// the number's history and the linkage alone ([linkage.Judge]), so judging only those
// is the same as judging all. A full scan judges all again.
//
// The scan goes over numbers in ascending order, in pieces that yield to other
// writers. Most linkages began in the present tenure and are settled by one statement
// for a whole range of numbers; only the others are looked at one by one.
package detect

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/sheet"
	"reconexus/app/live"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/sims"
	"reconexus/app/reconix/tenure"
	"reconexus/app/reconix/webhook"
	"reconexus/store/sqlite"
)

const kind = "detect.scan"

// Service scans.
type Service struct {
	DB    *sqlite.DB
	Clock func() time.Time
	Audit *audit.Log
	Jobs  *jobs.Queue
	Hub   *live.Hub
	Sims  *sims.Service
	// Webhooks tells outside; nil tells nobody.
	Webhooks *webhook.Service
}

// New tells the queue what the service can do.
func New(s Service) *Service {
	s.Jobs.Handle(jobs.Kind{Name: kind, Permission: access.SIMDetect, Run: s.run})
	return &s
}

// Result is what a scan ends with.
type Result struct {
	Scanned    int64 `json:"scanned" doc:"Linkages judged in this scan"`
	Conflicted int64 `json:"conflicted" doc:"Of these, linkages that belong to somebody before"`
	Clean      int64 `json:"clean" doc:"Of these, linkages of the present holder"`
	Review     int64 `json:"review" doc:"Of these, linkages that a person must look at"`
	NoData     int64 `json:"no_data" doc:"Of these, linkages of numbers that no feed has told of"`
	AllStale   int64 `json:"all_conflicted" doc:"Conflicted linkages in the whole record; result.csv lists them"`
	AllReview  int64 `json:"all_review" doc:"Linkages to be looked at in the whole record"`
}

type task struct {
	Full bool `json:"full"`
}

// progress is where a scan goes on after a restart.
type progress struct {
	Last   int64  `json:"last"` // number
	Result Result `json:"result"`
}

// Start adds a scan. One runs at a time: a second is a conflict that names the first.
func (s *Service) Start(ctx context.Context, who access.Principal, full bool) (jobs.Job, error) {
	if who.Operator != "" || who.Bank != "" {
		return jobs.Job{}, fault.New(fault.Forbidden, "A scan goes over every operator's numbers; ask an administrator to start it.")
	}
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (jobs.Job, error) {
		j, err := s.Jobs.Add(tx, who, jobs.Spec{Kind: kind, Title: "Detection of stale linkages", Args: task{full}, UniqueKey: kind})
		if err != nil {
			return j, err
		}
		return j, s.Audit.Record(tx, who, "detect.start", j.ID, "full", full)
	})
}

// pieceRows is how many linkages are settled between two looks at the clock.
const pieceRows = 1000

func (s *Service) run(ctx context.Context, r *jobs.Run) (any, error) {
	var t task
	var p progress
	if err := errors.Join(r.Args(&t), r.Resume(&p)); err != nil {
		return nil, err
	}
	r.Stage("Comparing linkages with tenures")
	total, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (int64, error) { return linkage.Waiting(tx, t.Full) })
	if err != nil {
		return nil, err
	}
	total = max(total, p.Result.Scanned)
	for more := true; more; {
		p, err = sqlite.Bulk(ctx, s.DB, func(tx *sqlite.Tx) (progress, error) {
			next, left, news := p, true, alarm{job: r.Job().ID}
			for left && !tx.Enough() {
				var err error
				if left, err = s.piece(tx, t, &next, &news); err != nil {
					return p, err
				}
			}
			more = left
			return next, errors.Join(r.Checkpoint(tx, &next), news.publish(tx, s.Hub, s.Webhooks))
		})
		if err != nil {
			return nil, err
		}
		r.Progress(p.Result.Scanned, total, "linkages")
	}
	r.Stage("Writing the result")
	if err := s.list(ctx, r, &p.Result); err != nil {
		return nil, err
	}
	return p.Result, s.Audit.Note(ctx, r.Principal(), "detect.finish", r.Job().ID, audit.Done,
		"scanned", p.Result.Scanned, "conflicted", p.Result.Conflicted, "review", p.Result.Review)
}

// piece judges the linkages of the next range of numbers; it answers whether more wait.
func (s *Service) piece(tx *sqlite.Tx, t task, p *progress, news *alarm) (bool, error) {
	now := s.Clock()
	first, last, more, err := linkage.Range(tx, p.Last, pieceRows, t.Full)
	if err != nil || !more {
		return false, err
	}
	if t.Full {
		if err := linkage.RecheckRange(tx, first, last); err != nil {
			return false, err
		}
	}
	known, err := s.Sims.Waiting(tx, first, last)
	if err != nil {
		return false, err
	}
	clean, err := linkage.SettleClean(tx, first, last, now)
	if err != nil {
		return false, err
	}
	p.Result.Scanned += clean
	p.Result.Clean += clean
	stale, err := s.judge(tx, first, last, now, p, news)
	if err != nil {
		return false, err
	}
	p.Last = last
	return true, s.mark(tx, known, stale, now, news)
}

// number is one with something to tell its SIM's record.
type number struct {
	history  tenure.History
	nin, bvn bool // a stale linkage of the kind
}

// judge looks at the linkages of a range that were not settled, one by one.
func (s *Service) judge(tx *sqlite.Tx, first, last int64, now time.Time, p *progress, news *alarm) (map[int64]*number, error) {
	waiting, err := linkage.UncheckedIn(tx, first, last)
	if err != nil {
		return nil, err
	}
	stale := map[int64]*number{}
	var h tenure.History
	for i, l := range waiting {
		if i == 0 || waiting[i-1].MSISDN != l.MSISDN {
			if h, err = tenure.Of(tx, l.MSISDN); err != nil {
				return nil, err
			}
		}
		verdict, reason := linkage.Judge(h, l)
		if err := linkage.Decide(tx, l, verdict, reason, now); err != nil {
			return nil, err
		}
		p.Result.Scanned++
		switch verdict {
		case linkage.Clean:
			p.Result.Clean++
		case linkage.Review:
			p.Result.Review++
		case linkage.NoData:
			p.Result.NoData++
		case linkage.Stale:
			p.Result.Conflicted++
			news.add(l, h.Present().Operator)
			n := stale[l.MSISDN]
			if n == nil {
				n = &number{history: h}
				stale[l.MSISDN] = n
			}
			n.nin = n.nin || l.Kind == linkage.NIN
			n.bvn = n.bvn || l.Kind == linkage.BVN
		}
	}
	return stale, nil
}

// mark tells the records of recycled SIMs whose linkages were judged what their numbers
// still carry, and makes the records that were missing: a number recycled before any
// feed told of it shows only by its stale linkage.
func (s *Service) mark(tx *sqlite.Tx, known []sims.Known, stale map[int64]*number, now time.Time, news *alarm) error {
	for msisdn, n := range stale {
		present := n.history.Present()
		sim, err := s.Sims.Recycled(tx, sims.Recycling{
			MSISDN: msisdn, Generation: present.Generation, Operator: present.Operator, Recycled: present.From,
			Deactivated: deactivated(n.history), Method: "reconciliation",
		})
		if err != nil {
			return err
		}
		news.record(msisdn, sim)
		known = append(known, sims.Known{MSISDN: msisdn, Generation: present.Generation})
	}
	for _, k := range known {
		nin, bvn, err := linkage.StaleOf(tx, k.MSISDN)
		if err != nil {
			return err
		}
		if err := s.Sims.Linked(tx, k.MSISDN, k.Generation, nin, bvn, now); err != nil {
			return err
		}
	}
	return nil
}

// deactivated is when the tenure before the present one ended.
func deactivated(h tenure.History) day.Day {
	if len(h) < 2 {
		return day.None
	}
	return h[len(h)-2].To
}

// list writes every flagged linkage of the record to result.csv and counts them.
func (s *Service) list(ctx context.Context, r *jobs.Run, out *Result) error {
	f, err := r.File("result.csv")
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Truncate(0); err != nil {
		return fmt.Errorf("begin the result: %w", err)
	}
	buf := bufio.NewWriterSize(f, 64<<10)
	csv := sheet.NewWriter(buf)
	out.AllStale, out.AllReview = 0, 0
	err = csv.Write("msisdn", "event")
	if err != nil {
		return err
	}
	_, err = sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (struct{}, error) {
		return struct{}{}, linkage.EachFlagged(tx, func(msisdn int64, k linkage.Kind, v linkage.Verdict) error {
			event := "stale_"
			if v == linkage.Review {
				event = "review_"
				out.AllReview++
			} else {
				out.AllStale++
			}
			if k == linkage.NIN {
				event += "nin"
			} else {
				event += "bvn"
			}
			return csv.Write(numbering.MSISDN(msisdn).String(), event)
		})
	})
	return errors.Join(err, csv.Flush(), buf.Flush())
}
