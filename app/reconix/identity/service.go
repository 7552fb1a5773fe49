package identity

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// Service answers. Make it with [New], and let [Service.Run] run.
type Service struct {
	DB    *sqlite.DB
	Clock func() time.Time
	Table *numbering.Table
	Audit *audit.Log
	Log   *slog.Logger

	lookups *Lookups
	recent  *recent
}

// recent is what may be a moment old.
type recent struct {
	coverage atomic.Pointer[coverage]
	disputed atomic.Pointer[counting]
}

// New completes a service.
func New(s Service) *Service {
	s.lookups, s.recent = newLookups(s.DB, s.Clock, s.Log), &recent{}
	return &s
}

// Lookups is the record of who asked, for other features that answer about numbers.
func (s *Service) Lookups() *Lookups { return s.lookups }

// Run keeps the record of who asked until the context ends.
func (s *Service) Run(ctx context.Context) { s.lookups.Run(ctx) }

// coverage is what each operator's feeds cover, as of a moment ago.
type coverage struct {
	of    map[string]tenure.Coverage
	until time.Time
}

// coverageFor is how long coverage may be shown: it changes with a feed, once a day.
const coverageFor = 5 * time.Second

// Coverage is the period that an operator's feeds cover, as of a moment ago.
func (s *Service) Coverage(tx *sqlite.Tx, operator string) (tenure.Coverage, error) {
	c := s.recent.coverage.Load()
	if now := s.Clock(); c == nil || now.After(c.until) {
		all, err := tenure.Coverages(tx)
		if err != nil {
			return tenure.Coverage{}, err
		}
		c = &coverage{of: make(map[string]tenure.Coverage, len(all)), until: now.Add(coverageFor)}
		for _, x := range all {
			c.of[x.Operator] = x
		}
		s.recent.coverage.Store(c)
	}
	if x, ok := c.of[operator]; ok {
		return x, nil
	}
	return tenure.Coverage{Operator: operator, From: day.None, To: day.None}, nil
}

// Answer is what is known about one number, and what is concluded from it.
type Answer struct {
	Known
	Assessment
	Coverage tenure.Coverage
}

// StatusOf says what a number's identity is now, or as it was known at an instant.
func (s *Service) StatusOf(ctx context.Context, who access.Principal, number numbering.MSISDN, at time.Time) (*Answer, error) {
	// The read is over before anybody could give it up; not listening for that saves
	// a goroutine for each statement.
	return sqlite.Read(context.WithoutCancel(ctx), s.DB, func(tx *sqlite.Tx) (*Answer, error) {
		out := &Answer{}
		var err error
		if at.IsZero() {
			out.Known, err = known(tx, who, int64(number))
		} else {
			out.Known, err = asKnown(tx, who, int64(number), at)
		}
		if err != nil {
			return nil, err
		}
		out.Assessment = out.Assess()
		out.Coverage, err = s.Coverage(tx, out.Operator)
		return out, err
	})
}

// Of says what is known about many numbers, one query for each table, in no order.
func (s *Service) Of(ctx context.Context, who access.Principal, numbers []numbering.MSISDN) (map[numbering.MSISDN]*Answer, error) {
	distinct := make([]int64, len(numbers))
	for i, n := range numbers {
		distinct[i] = int64(n)
	}
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (map[numbering.MSISDN]*Answer, error) { return s.of(tx, who, distinct) })
}

func (s *Service) of(tx *sqlite.Tx, who access.Principal, distinct []int64) (map[numbering.MSISDN]*Answer, error) {
	all, err := Read(tx, who, distinct)
	if err != nil {
		return nil, err
	}
	out := make(map[numbering.MSISDN]*Answer, len(all))
	for i, n := range distinct {
		a := &Answer{Known: all[i]}
		a.Assessment = a.Assess()
		if a.Coverage, err = s.Coverage(tx, a.Operator); err != nil {
			return nil, err
		}
		out[numbering.MSISDN(n)] = a
	}
	return out, nil
}

// counting is how many numbers are disputed, as of a moment ago.
type counting struct {
	n     int
	until time.Time
}

const countingFor = 30 * time.Second

// Disputed is one page of numbers on which sources disagree, in the order of numbers;
// the total may be half a minute old.
func (s *Service) Disputed(ctx context.Context, who access.Principal, after int64, skip, limit int) (numbers []int64, answers map[numbering.MSISDN]*Answer, total int, err error) {
	if who.Operator != "" || who.Bank != "" || who.MSISDN != 0 {
		return nil, nil, 0, fault.New(fault.Forbidden, "This list is about every operator's and bank's numbers; your account is bound to one.")
	}
	_, err = sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (struct{}, error) {
		c := s.recent.disputed.Load()
		if now := s.Clock(); c == nil || now.After(c.until) {
			n, err := countConflicting(tx)
			if err != nil {
				return struct{}{}, err
			}
			c = &counting{n, now.Add(countingFor)}
			s.recent.disputed.Store(c)
		}
		total = c.n
		if numbers, err = conflicting(tx, after, skip, limit); err != nil {
			return struct{}{}, err
		}
		answers, err = s.of(tx, who, numbers)
		return struct{}{}, err
	})
	return numbers, answers, total, err
}

// cleanup is the state of the clean-up of the number's last recycling; nil without one.
func (a *Answer) cleanup() *string {
	if !a.report.exists {
		return nil
	}
	return &a.report.cleanup
}

// masks are the NIN and BVN that say most about the present holder.
func (a *Answer) masks() (nin, bvn string) {
	if l := best(a.Linkages, linkage.NIN); l != nil {
		nin = l.Mask
	}
	if l := best(a.Linkages, linkage.BVN); l != nil {
		bvn = l.Mask
	}
	return nin, bvn
}

// verified is when the newest of what is used here was told.
func (a *Answer) verified() *time.Time {
	var newest time.Time
	if present := a.History.Present(); present != nil {
		newest = present.Learnt
	}
	for _, l := range a.Linkages {
		if l.Active() && l.Learnt.After(newest) {
			newest = l.Learnt
		}
	}
	if newest.IsZero() {
		return nil
	}
	return &newest
}
