package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/app/live"
	"reconexus/store/sqlite"
)

// Kind is a sort of work.
type Kind struct {
	Name       string
	Permission access.Permission // who may see, cancel and resume such a job
	Limit      int               // how many run at the same time; 0 means 1
	// Run does the work. A fault's sentence is shown to people; any other error is
	// logged and shown as a defect. See [Retry], [Pause] and [Run].
	Run func(ctx context.Context, r *Run) (result any, err error)
	// Firm, when set, is asked before a job is cancelled: with its last checkpoint, it
	// answers why the work must now be finished, or "". For work that would be left half
	// done and ends by itself in a while.
	Firm func(checkpoint json.RawMessage) string
	// Ended, when set, runs in the write in which a job ends, also when it is cancelled
	// before it ran: the place to give back what Add took.
	Ended func(tx *sqlite.Tx, job Job) error
}

// Queue holds the jobs. Make it with [New], say what it can do with [Queue.Handle] and
// [Queue.Every], then [Queue.Start] it and end it with [Queue.Close].
type Queue struct {
	Workers int // jobs that run at the same time; set it before Start

	db    *sqlite.DB
	dir   string
	clock func() time.Time
	hub   *live.Hub
	log   *slog.Logger
	kinds map[string]Kind
	ends  []func(*sqlite.Tx, Job) error
	times []*schedule
	wake  chan struct{}

	mu      sync.Mutex
	running map[string]*Run
	settled chan struct{} // closed when a job settles, and then made anew
	stop    context.CancelCauseFunc
	done    sync.WaitGroup
}

// New makes a queue that keeps its jobs in db and their files under dir.
func New(db *sqlite.DB, dir string, clock func() time.Time, hub *live.Hub, log *slog.Logger) *Queue {
	q := &Queue{
		Workers: 2, db: db, dir: dir, clock: clock, hub: hub, log: log,
		kinds: map[string]Kind{}, wake: make(chan struct{}, 1),
		running: map[string]*Run{}, settled: make(chan struct{}), stop: func(error) {},
	}
	q.tidyUp()
	return q
}

// Handle says how a kind of work is done. Call it before Start.
func (q *Queue) Handle(k Kind) {
	if k.Limit == 0 {
		k.Limit = 1
	}
	q.kinds[k.Name] = k
}

// OnEnded hears of every job's end, in the write that ends it: for features that tell
// others of work that is not theirs. An error fails the job. Call it before Start.
func (q *Queue) OnEnded(f func(tx *sqlite.Tx, job Job) error) { q.ends = append(q.ends, f) }

// Folder is where a job keeps its files. It may not be there yet.
func (q *Queue) Folder(jobID string) string { return filepath.Join(q.dir, jobID) }

// Add adds a job inside the caller's write; it starts after the commit. A unique key
// that another job holds is a conflict.
func (q *Queue) Add(tx *sqlite.Tx, who access.Principal, s Spec) (Job, error) {
	k, ok := q.kinds[s.Kind]
	if !ok {
		return Job{}, fmt.Errorf("add a job: nothing handles the kind %q", s.Kind)
	}
	args, err := json.Marshal(s.Args)
	if err != nil {
		return Job{}, fmt.Errorf("add a job of kind %s: %w", s.Kind, err)
	}
	actor, err := json.Marshal(who)
	if err != nil {
		return Job{}, fmt.Errorf("add a job of kind %s: %w", s.Kind, err)
	}
	if s.UniqueKey != "" {
		switch first, err := holder(tx, s.UniqueKey); {
		case err == nil:
			return Job{}, fault.New(fault.Conflict, "This is already being done by job %s; wait for it, or cancel it first.", first)
		case !errors.Is(err, sqlite.ErrNotFound):
			return Job{}, err
		}
	}
	now := q.clock().UTC().Truncate(time.Millisecond)
	j := Job{
		ID: id.New("job", now), Kind: k.Name, Title: s.Title, State: Queued, Operator: s.Operator, Bank: s.Bank,
		CreatedBy: who.ID, CreatedAt: now, permission: k.Permission, actor: string(actor), args: string(args),
	}
	if err := insert(tx, j, s.UniqueKey, s.After); err != nil {
		return Job{}, err
	}
	tx.After(q.poke)
	return j, q.publish(tx, j)
}

// Get is one job, whoever asks.
func (q *Queue) Get(ctx context.Context, jobID string) (Job, error) {
	j, err := sqlite.Read(ctx, q.db, func(tx *sqlite.Tx) (Job, error) { return find(tx, jobID) })
	if err != nil {
		return Job{}, err
	}
	return q.fresh(j), nil
}

// Wait answers a job once it has ended or waits for a person, or as it is after d.
func (q *Queue) Wait(ctx context.Context, jobID string, d time.Duration) (Job, error) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		settled := q.nextSettled()
		j, err := q.Get(ctx, jobID)
		if err != nil || j.State.settled() || d <= 0 {
			return j, err
		}
		select {
		case <-settled:
		case <-timer.C:
			return q.Get(ctx, jobID)
		case <-ctx.Done():
			return j, context.Cause(ctx)
		}
	}
}

// Counts is how many jobs there are in each state that has not ended.
func (q *Queue) Counts(ctx context.Context) (map[State]int, error) {
	return sqlite.Read(ctx, q.db, func(tx *sqlite.Tx) (map[State]int, error) {
		out := map[State]int{Queued: 0, Running: 0, Paused: 0}
		return out, sqlite.Each(tx, func(r sqlite.Row) error {
			var s State
			var n int
			err := r.Scan(&s, &n)
			out[s] = n
			return err
		}, `SELECT state, count(*) FROM job WHERE state IN ('queued', 'running', 'paused') GROUP BY state`)
	})
}

// Cancel ends a job that has not ended, for a caller who may see it. Its real work is
// stopped, and whatever it still tries to write is refused.
func (q *Queue) Cancel(tx *sqlite.Tx, who access.Principal, jobID string) (Job, error) {
	j, err := visible(tx, who, jobID)
	if err != nil {
		return j, err
	}
	if j.State.Ended() {
		return j, fault.New(fault.Conflict, "This job has ended already (%s); there is nothing to cancel.", j.State)
	}
	if k, ok := q.kinds[j.Kind]; ok && k.Firm != nil {
		if why := k.Firm(json.RawMessage(j.state)); why != "" {
			return j, fault.New(fault.Conflict, "%s", why)
		}
	}
	return j, q.end(tx, &j, Canceled, nil, "", true)
}

// Resume queues a paused job again, for a caller who may see it.
func (q *Queue) Resume(tx *sqlite.Tx, who access.Principal, jobID string) (Job, error) {
	j, err := visible(tx, who, jobID)
	if err != nil {
		return j, err
	}
	if j.State != Paused {
		return j, fault.New(fault.Conflict, "This job is %s; only a paused job can be resumed.", j.State)
	}
	j.State, j.Error, j.attempts = Queued, nil, 0
	if err := requeue(tx, j, atOnce()); err != nil {
		return j, err
	}
	tx.After(q.poke)
	return j, q.publish(tx, j)
}

// end writes a job's last state, lets its kind give back what it holds (hooks), and
// stops the work if it still goes on.
func (q *Queue) end(tx *sqlite.Tx, j *Job, s State, result json.RawMessage, sentence string, hooks bool) error {
	now := q.clock().UTC().Truncate(time.Millisecond)
	j.State, j.Result, j.FinishedAt, j.Error = s, result, &now, nil
	if sentence != "" {
		j.Error = &sentence
	}
	if err := finish(tx, *j); err != nil {
		return err
	}
	if k, ok := q.kinds[j.Kind]; ok && k.Ended != nil && hooks {
		if err := k.Ended(tx, *j); err != nil {
			return fmt.Errorf("end the job %s: %w", j.ID, err)
		}
	}
	for i := 0; i < len(q.ends) && hooks; i++ {
		if err := q.ends[i](tx, *j); err != nil {
			return fmt.Errorf("tell of the end of the job %s: %w", j.ID, err)
		}
	}
	tx.After(func() { q.settle(j.ID) })
	return q.publish(tx, *j)
}

// publish tells who may see the job that it changed.
func (q *Queue) publish(tx *sqlite.Tx, j Job) error { return q.hub.Publish(tx, event(j)) }

func event(j Job) live.Event {
	return live.Event{Channel: live.Jobs, Type: "job.updated", Data: j, See: j.seenBy}
}

// seenBy tells whether somebody may see the job: the kind's permission, inside the
// tenancy that the principal is bound to.
func (j Job) seenBy(p access.Principal) bool {
	return p.Can(j.permission) && p.MSISDN == 0 &&
		(p.Operator == "" || p.Operator == j.Operator) && (p.Bank == "" || p.Bank == j.Bank)
}

// visible finds a job that the caller may see; any other is not found, as if it were not there.
func visible(tx *sqlite.Tx, who access.Principal, jobID string) (Job, error) {
	j, err := find(tx, jobID)
	if err == nil && !j.seenBy(who) {
		return Job{}, errNoJob()
	}
	return j, err
}

func errNoJob() error {
	return fault.New(fault.NotFound, "There is no such job among those that you may see. Jobs are forgotten 30 days after they ended.")
}

// poke wakes the worker loop; it never waits.
func (q *Queue) poke() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *Queue) nextSettled() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.settled
}

// settle runs after the commit that settled a job: it wakes who waits, and stops work
// that was cancelled.
func (q *Queue) settle(jobID string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	close(q.settled)
	q.settled = make(chan struct{})
	if r, ok := q.running[jobID]; ok {
		r.cancel(Cancelled)
	}
}

// fresh lays what a running job last told over what is kept.
func (q *Queue) fresh(j Job) Job {
	q.mu.Lock()
	r := q.running[j.ID]
	q.mu.Unlock()
	switch {
	case r != nil && j.State == Running:
		j.Stage, j.Progress = r.told()
	case j.State.Ended() && j.StartedAt != nil && j.FinishedAt != nil:
		if took := j.FinishedAt.Sub(*j.StartedAt).Seconds(); took > 0 {
			j.Progress.PerSecond = float64(j.Progress.Done) / took
		}
	}
	return j
}

func (q *Queue) kindNames() []string { return slices.Sorted(maps.Keys(q.kinds)) }
