package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"reconexus/app/kit/fault"
	"reconexus/store/sqlite"
)

// maxAttempts is how often a job is begun without getting further (a checkpoint
// counts it anew): after a Retry, a crash or a power cut.
const maxAttempts = 5

// idle is the longest sleep of the worker loop: a clock that jumps is noticed by then.
const idle = 30 * time.Second

const (
	sentenceDefect   = "Something broke here, and it is not your doing. Start the job again; if it stays, report the job's id."
	sentencePassing  = "Something that this job needs did not work; it is tried again by itself."
	sentenceUnknown  = "This release does not know this kind of work any more; start it anew from its page."
	sentenceCrashing = "The program ended five times while this job ran, and it got no further. Look at the log, then resume or cancel it."
)

// Start queues again what was running when the program last ended, and begins to
// work. It answers at once; the work ends with ctx or [Queue.Close].
func (q *Queue) Start(ctx context.Context) error {
	if err := sqlite.Do(ctx, q.db, q.recover); err != nil {
		return fmt.Errorf("take up interrupted jobs: %w", err)
	}
	base, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	q.mu.Lock()
	q.stop = stop
	q.mu.Unlock()
	context.AfterFunc(ctx, func() { stop(Stopping) })
	q.done.Go(func() { q.dispatch(base) })
	q.done.Go(func() { q.keepTime(base) })
	return nil
}

// Close stops the work and answers when every job has let go, or the context ended:
// what then still runs is taken up at the next start.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	stop := q.stop
	q.mu.Unlock()
	stop(Stopping)
	done := make(chan struct{})
	go func() { q.done.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("some jobs did not stop in time; they go on at the next start: %w", context.Cause(ctx))
	}
}

func (q *Queue) recover(tx *sqlite.Tx) error {
	cut, err := interrupted(tx)
	if err != nil {
		return err
	}
	for _, j := range cut {
		j.State = Queued
		if j.attempts >= maxAttempts {
			err = q.pause(tx, j, sentenceCrashing)
		} else {
			err = requeue(tx, j, atOnce())
		}
		if err != nil {
			return err
		}
	}
	names, err := json.Marshal(q.kindNames())
	if err != nil {
		return err
	}
	lost, err := orphaned(tx, string(names))
	if err != nil {
		return err
	}
	for _, j := range lost {
		if err := q.end(tx, &j, Failed, nil, sentenceUnknown, true); err != nil {
			return err
		}
	}
	return nil
}

// dispatch starts what is due, whenever something may have become so.
func (q *Queue) dispatch(ctx context.Context) {
	for ctx.Err() == nil {
		sleep, err := q.startDue(ctx)
		if err != nil && ctx.Err() == nil {
			q.log.Error("jobs cannot be started", "error", err)
			sleep = time.Second
		}
		timer := time.NewTimer(sleep)
		select {
		case <-ctx.Done():
		case <-q.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// startDue starts jobs until none is due or no hand is free, and tells how long nothing more will be.
func (q *Queue) startDue(ctx context.Context) (time.Duration, error) {
	for {
		kinds := q.free()
		if kinds == "[]" {
			return idle, nil // the end of a run wakes
		}
		due, err := sqlite.Read(ctx, q.db, func(tx *sqlite.Tx) (time.Time, error) { return nextDue(tx, kinds) })
		if errors.Is(err, sqlite.ErrNotFound) {
			return idle, nil
		}
		if err != nil {
			return 0, err
		}
		if wait := due.Sub(q.clock()); wait > 0 {
			return min(wait, idle), nil
		}
		if err := q.startOne(ctx, kinds); err != nil && !errors.Is(err, sqlite.ErrNotFound) {
			return 0, err
		}
	}
}

// free lists, as JSON, the kinds of which another one may run.
func (q *Queue) free() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.running) >= q.Workers {
		return "[]"
	}
	busy := map[string]int{}
	for _, r := range q.running {
		busy[r.job.Kind]++
	}
	names := []string{}
	for name, k := range q.kinds {
		if busy[name] < k.Limit {
			names = append(names, name)
		}
	}
	text, _ := json.Marshal(names) // words
	return string(text)
}

// startOne takes one job and sets it going. The run is known before anybody can see
// the job running, so that a cancellation always finds it.
func (q *Queue) startOne(ctx context.Context, kinds string) error {
	within, cancel := context.WithCancelCause(ctx)
	r, err := sqlite.Write(ctx, q.db, func(tx *sqlite.Tx) (*Run, error) {
		j, err := claim(tx, kinds, q.clock())
		if err != nil {
			return nil, err
		}
		r := &Run{q: q, job: j, cancel: cancel, stage: j.Stage, p: j.Progress}
		tx.After(func() {
			q.mu.Lock()
			q.running[j.ID] = r
			q.mu.Unlock()
		})
		return r, q.publish(tx, j)
	})
	if err != nil {
		cancel(err)
		return err
	}
	q.done.Go(func() { q.work(within, r) })
	return nil
}

func (q *Queue) work(ctx context.Context, r *Run) {
	telling, quiet := context.WithCancel(ctx)
	said := make(chan struct{})
	go func() { defer close(said); r.tell(telling) }()
	result, err := q.call(ctx, r)
	quiet()
	<-said
	q.save(ctx, r, result, err)
	r.cancel(nil)
	q.mu.Lock()
	if q.running[r.job.ID] == r {
		delete(q.running, r.job.ID)
	}
	q.mu.Unlock()
	q.poke()
}

// call runs the kind's work; a panic in it is a defect of that job alone.
func (q *Queue) call(ctx context.Context, r *Run) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the job panicked: %v\n%s", p, debug.Stack())
		}
	}()
	if err := json.Unmarshal([]byte(r.job.actor), &r.who); err != nil {
		return nil, fmt.Errorf("read whom the job acts for: %w", err)
	}
	return q.kinds[r.job.Kind].Run(ctx, r)
}

// hookTries is how often a kind's Ended may fail before the job ends without it.
const hookTries = 3

// save writes how the run ended. While the store takes no writes (a full disk) it
// tries again: a job must not stay running without anybody working on it.
func (q *Queue) save(ctx context.Context, r *Run, result any, cause error) {
	delay := time.Second / 4
	for try := 1; ; try++ {
		err := sqlite.Do(context.WithoutCancel(ctx), q.db, func(tx *sqlite.Tx) error {
			return q.outcome(ctx, tx, r, result, cause, try <= hookTries)
		})
		if err == nil || errors.Is(err, sqlite.ErrClosed) {
			return
		}
		q.log.Error("the end of a job could not be kept; it is tried again", "job", r.job.ID, "error", err)
		timer := time.NewTimer(delay)
		delay = min(2*delay, idle)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			if context.Cause(ctx) == Stopping {
				return // the next start takes the job up again
			}
		}
	}
}

// outcome decides what becomes of a job whose run has returned.
func (q *Queue) outcome(ctx context.Context, tx *sqlite.Tx, r *Run, result any, cause error, hooks bool) error {
	j, err := find(tx, r.job.ID)
	if err != nil {
		return err
	}
	if j.State != Running {
		return nil // it was cancelled, and that is written
	}
	j.Stage, j.Progress = r.told()
	if _, err := progress(tx, j.ID, j.Stage, j.Progress); err != nil {
		return err
	}
	var waits pause
	var again retry
	switch {
	case cause == nil:
		return q.succeed(tx, j, result, hooks)
	case errors.As(cause, &waits):
		return q.pause(tx, j, waits.sentence)
	case context.Cause(ctx) == Stopping:
		j.State, j.attempts = Queued, max(j.attempts-1, 0)
		return errors.Join(requeue(tx, j, atOnce()), q.publish(tx, j))
	case errors.As(cause, &again) && j.attempts < maxAttempts:
		return q.tryAgain(tx, j, cause)
	}
	return q.end(tx, &j, Failed, nil, q.sentence(j, cause), hooks)
}

func (q *Queue) succeed(tx *sqlite.Tx, j Job, result any, hooks bool) error {
	text, err := json.Marshal(result)
	if err != nil {
		q.log.Error("a job's result is no JSON", "job", j.ID, "kind", j.Kind, "error", err)
		return q.end(tx, &j, Failed, nil, sentenceDefect, hooks)
	}
	return q.end(tx, &j, Succeeded, text, "", hooks)
}

func (q *Queue) pause(tx *sqlite.Tx, j Job, sentence string) error {
	j.State, j.Error = Paused, &sentence
	if err := hold(tx, j); err != nil {
		return err
	}
	tx.After(func() { q.settle(j.ID) })
	return q.publish(tx, j)
}

func (q *Queue) tryAgain(tx *sqlite.Tx, j Job, cause error) error {
	sentence := sentencePassing
	if f, ok := fault.In(cause); ok {
		sentence = f.Message
	} else {
		q.log.Warn("a job is tried again", "job", j.ID, "kind", j.Kind, "attempt", j.attempts, "error", cause)
	}
	j.State, j.Error = Queued, &sentence
	return errors.Join(requeue(tx, j, q.clock().Add(backOff(j.attempts))), q.publish(tx, j))
}

// backOff is how long to wait after an attempt: 1 s, 4 s, 16 s and so on, up to 5
// minutes, each up to a quarter longer, so that jobs that failed together do not come
// back together.
func backOff(attempt int) time.Duration {
	d := min(time.Second<<(2*min(max(attempt-1, 0), 10)), 5*time.Minute)
	return d + rand.N(d/4)
}

// sentence is what people are told of an error. What is no fault is a defect: it is
// logged here, and its text, which may hold anything, stays in the log.
func (q *Queue) sentence(j Job, cause error) string {
	if f, ok := fault.In(cause); ok {
		return f.Message
	}
	q.log.Error("a job failed", "job", j.ID, "kind", j.Kind, "attempt", j.attempts, "error", cause)
	return sentenceDefect
}
