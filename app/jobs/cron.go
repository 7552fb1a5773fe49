package jobs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// schedule is a deed that comes round.
type schedule struct {
	name string
	when cron.Schedule
	next time.Time
	do   func(context.Context) error
}

// lagos is UTC+1 without summer time; the box may have no time-zone files. A schedule
// reckons in the zone of the instant that it is asked about.
func lagos() *time.Location { return time.FixedZone("Africa/Lagos", 60*60) }

// Every calls f when the schedule says: five fields of crontab(5) in Africa/Lagos, or
// a word such as @daily or "@every 1h". What was missed while the program was down is
// not made up for. f must be quick: it adds a job and lets the queue do the work.
// Call it before Start.
func (q *Queue) Every(spec, name string, f func(ctx context.Context) error) error {
	when, err := parse(spec)
	if err != nil {
		return fmt.Errorf("schedule %s: %w", name, err)
	}
	next := when.Next(q.clock().In(lagos()))
	if next.IsZero() {
		return fmt.Errorf("schedule %s: %q never comes", name, spec)
	}
	q.times = append(q.times, &schedule{name, when, next, f})
	return nil
}

func parse(spec string) (cron.Schedule, error) {
	if strings.Contains(spec, "TZ=") {
		return nil, fmt.Errorf("%q names a time zone; schedules are in Africa/Lagos, leave TZ= out", spec)
	}
	when, err := cron.ParseStandard(spec)
	if err != nil {
		return nil, fmt.Errorf("%q is no schedule; use five fields as in crontab(5), or @daily: %w", spec, err)
	}
	return when, nil
}

// keepTime calls what is due, until the context ends.
func (q *Queue) keepTime(ctx context.Context) {
	for ctx.Err() == nil {
		now := q.clock().In(lagos())
		sleep := idle
		for _, s := range q.times {
			if !s.next.After(now) {
				s.next = s.when.Next(now)
				if err := s.do(ctx); err != nil && ctx.Err() == nil {
					q.log.Error("a scheduled deed failed", "name", s.name, "error", err)
				}
			}
			if sooner := s.when.Next(now); sooner.Before(s.next) {
				s.next = sooner // the clock was set back
			}
			sleep = min(sleep, max(s.next.Sub(now), time.Second))
		}
		timer := time.NewTimer(sleep)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}
