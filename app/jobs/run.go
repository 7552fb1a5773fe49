package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"

	"reconexus/app/access"
	"reconexus/store/sqlite"
)

// Run is a job in the hands of its kind.
type Run struct {
	q      *Queue
	job    Job
	who    access.Principal
	cancel context.CancelCauseFunc

	mu    sync.Mutex
	stage string
	p     Progress
	past  []sample // the last seconds, for the rate
	dirty bool     // something is not yet kept
}

type sample struct {
	at   time.Time
	done int64
}

// How often progress is kept and told, and over how long the rate is taken.
const (
	tellEvery = 500 * time.Millisecond
	rateOver  = 5 * time.Second
)

// Job is the job as it was when this run began.
func (r *Run) Job() Job { return r.job }

// Principal is who the job was added for, with the rights of then.
func (r *Run) Principal() access.Principal { return r.who }

// Args reads what the job was added with.
func (r *Run) Args(v any) error { return r.read("arguments", r.job.args, v) }

// Resume reads what the last checkpoint kept; without one, v stays as it is.
func (r *Run) Resume(state any) error {
	if r.job.state == nothing {
		return nil
	}
	return r.read("checkpoint", r.job.state, state)
}

// nothing is the checkpoint of a job that has kept none.
const nothing = "{}"

func (r *Run) read(what, from string, v any) error {
	if err := json.Unmarshal([]byte(from), v); err != nil {
		return fmt.Errorf("read the %s of job %s: %w", what, r.job.ID, err)
	}
	return nil
}

// Checkpoint keeps how far the job has come, in the same write as the effect that got
// it there. It refuses, and so undoes the effect, once the job was cancelled.
func (r *Run) Checkpoint(tx *sqlite.Tx, state any) error {
	text, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("keep the checkpoint of job %s: %w", r.job.ID, err)
	}
	stage, p := r.told()
	n, err := checkpoint(tx, r.job.ID, string(text), stage, p)
	if err == nil && n == 0 {
		err = Cancelled
	}
	return err
}

// Stage says in words what the job does now: "Reading the file".
func (r *Run) Stage(words string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dirty = r.dirty || r.stage != words
	r.stage = words
}

// Progress says how far the job is; total is 0 while it is not known. It is cheap to
// call often: at most two a second are kept and told.
func (r *Run) Progress(done, total int64, unit string) {
	now := r.q.clock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if unit != r.p.Unit || done < r.p.Done {
		r.past = r.past[:0] // something else is counted now
	}
	r.dirty = r.dirty || done != r.p.Done || total != r.p.Total || unit != r.p.Unit
	r.p.Done, r.p.Total, r.p.Unit = done, total, unit
	if n := len(r.past); n == 0 || now.Sub(r.past[n-1].at) >= tellEvery {
		r.past = append(r.past, sample{now, done})
		for now.Sub(r.past[0].at) > rateOver && len(r.past) > 2 {
			r.past = append(r.past[:0], r.past[1:]...)
		}
	}
}

// File opens a file of the job for reading and writing, and makes it when it is not
// there. After a restart it still holds what was written before the crash, perhaps
// beyond the last checkpoint: keep the length in the checkpoint and truncate to it.
func (r *Run) File(name string) (*os.File, error) {
	if name != filepath.Base(name) || !filepath.IsLocal(name) {
		return nil, fmt.Errorf("open a file of job %s: the name must be one plain word", r.job.ID)
	}
	folder := r.q.Folder(r.job.ID)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of job %s: %w", r.job.ID, err)
	}
	f, err := os.OpenFile(filepath.Join(folder, name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open a file of job %s: %w", r.job.ID, err)
	}
	return f, nil
}

// told is what the job said last, with the rate of now.
func (r *Run) told() (string, Progress) {
	now := r.q.clock()
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.p
	if len(r.past) > 0 {
		if took := now.Sub(r.past[0].at).Seconds(); took > 0 {
			p.PerSecond = math.Round(float64(p.Done-r.past[0].done)/took*10) / 10
		}
	}
	return r.stage, p
}

// tell keeps what is new and publishes it, until the context ends.
func (r *Run) tell(ctx context.Context) {
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := r.keep(ctx); err != nil && ctx.Err() == nil {
				r.q.log.Warn("the progress of a job could not be kept", "job", r.job.ID, "error", err)
			}
		}
	}
}

func (r *Run) keep(ctx context.Context) error {
	r.mu.Lock()
	dirty := r.dirty
	r.dirty = false
	r.mu.Unlock()
	if !dirty {
		return nil
	}
	return sqlite.Do(ctx, r.q.db, func(tx *sqlite.Tx) error {
		j := r.job
		j.Stage, j.Progress = r.told()
		n, err := progress(tx, j.ID, j.Stage, j.Progress)
		if err != nil || n == 0 {
			return err // 0: it was cancelled, and that was told
		}
		return r.q.publish(tx, j)
	})
}
