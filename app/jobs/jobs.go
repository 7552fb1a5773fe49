// Package jobs does the work that outlives a request: imports, scans, deliveries.
//
// A job is added inside the caller's write and starts after its commit, never when it
// was undone. It runs until it has ended, through restarts and power cuts:
//
//	              ┌──────── resumed ────────┐
//	              ▼                         │
//	added ─▶ queued ─▶ running ─┬─ Pause ─▶ paused ─┐
//	            │ ▲        │    ├─▶ succeeded       ├─▶ cancelled
//	            │ └─ Retry,│    ├─▶ failed          │
//	            │  shutdown┘    └───────────────────┤
//	            └───────────────────────────────────┘
//
// Exactly once: a job writes its effect and, in the same write, how far it has come
// ([Run.Checkpoint]). Found running after a crash, it is queued again and goes on from
// there. A job that was cancelled can no longer checkpoint, so that no effect follows
// the answer that it is cancelled.
//
//	queue.go    adding, cancelling, resuming, waiting
//	worker.go   choosing and running
//	run.go      what a running job may ask and tell
//	sql.go      the table
//	rest.go     the routes, and who sees what
//	cron.go     schedules, which only add jobs
//	tidy.go     forgetting what ended long ago
package jobs

import (
	"encoding/json"
	"errors"
	"time"

	"reconexus/app/access"
)

// State is where a job is in its life.
type State string

// The states of the REST contract.
const (
	Queued    State = "queued"
	Running   State = "running"
	Paused    State = "paused"
	Succeeded State = "succeeded"
	Failed    State = "failed"
	Canceled  State = "cancelled"
)

// Ended tells whether nothing more will happen.
func (s State) Ended() bool { return s == Succeeded || s == Failed || s == Canceled }

// settled also counts a job that waits for a person.
func (s State) settled() bool { return s.Ended() || s == Paused }

// Job is a piece of work as it is shown.
type Job struct {
	ID         string          `json:"id"`
	Kind       string          `json:"kind" doc:"What sort of work, such as inventory.import"`
	Title      string          `json:"title" doc:"What it does, in words"`
	State      State           `json:"state" enum:"queued,running,paused,succeeded,failed,cancelled"`
	Stage      string          `json:"stage" doc:"What it is doing at the moment, in words"`
	Progress   Progress        `json:"progress"`
	Result     json.RawMessage `json:"result" doc:"What came of it; null until it has succeeded"`
	Error      *string         `json:"error" nullable:"true" doc:"Why it failed, waits or is tried again; null otherwise"`
	Operator   string          `json:"operator_code,omitempty" doc:"Whose numbers it works on"`
	Bank       string          `json:"bank_code,omitempty" doc:"Whose linkages it works on"`
	CreatedBy  string          `json:"created_by" doc:"Id of who started it"`
	CreatedAt  time.Time       `json:"created_at"`
	StartedAt  *time.Time      `json:"started_at" nullable:"true"`
	FinishedAt *time.Time      `json:"finished_at" nullable:"true"`

	permission access.Permission
	actor      string // JSON of the principal
	args       string // JSON
	state      string // JSON of the last checkpoint
	attempts   int
}

// Progress is how far a job is. With a total and a rate, (total−done) / per_second is
// the time left in seconds.
type Progress struct {
	Done      int64   `json:"done"`
	Total     int64   `json:"total" doc:"0 while it is not known"`
	Unit      string  `json:"unit" doc:"What is counted, such as rows"`
	PerSecond float64 `json:"per_second" doc:"Over the last seconds; over the whole run once it has ended"`
}

// Spec describes a job to add.
type Spec struct {
	Kind  string
	Title string // for people: "Inventory of MTN, 2026-11-20"; no identity data
	Args  any    // JSON, read back with [Run.Args]
	// UniqueKey, when set, is held by at most one job that has not ended: a second Add
	// is a conflict that names the first.
	UniqueKey string
	Operator  string    // when set, who is bound to this operator sees the job
	Bank      string    // when set, who is bound to this bank sees the job
	After     time.Time // when set, not before
}

// The causes of a cancelled context in [Kind.Run]; see context.Cause.
var (
	Cancelled = errors.New("the job was cancelled")
	Stopping  = errors.New("the program is stopping; the job goes on at its next start")
)

type retry struct{ error }

func (r retry) Unwrap() error { return r.error }

// Retry marks an error that may pass, such as a source that is down: the job is tried
// again later, from its last checkpoint, at most five times without getting further.
func Retry(err error) error {
	if err == nil {
		return nil
	}
	return retry{err}
}

type pause struct{ sentence string }

func (p pause) Error() string { return p.sentence }

// Pause stops a job until a person has looked and resumes it. The sentence says what
// to look at and what resuming will do.
func Pause(sentence string) error { return pause{sentence} }
