// Package inventory takes in what operators tell every day: full lists of their
// numbers, 10 to 50 million rows each.
//
// A feed is compared with the operator's last one, kept as a snapshot file beside the
// store. Only what differs is looked at, and only that is written:
//
//	upload ─▶ spool ─▶ read (2 cores) ─▶ compare with the last snapshot ─▶ breaker ─▶ write changes ─▶ applied
//	             │            │                                             │
//	             │            └─ refused (no such columns, broken gzip …)   └─ stopped: far fewer rows than last time
//	             └─ filed: a day before the newest one is kept, not applied
//
// Memory is bounded whatever the size: a sorted file streams through, any other is
// sorted in runs on disk. Nothing of a file is visible before its breaker has passed;
// from then on its writing is finished in pieces, each with its checkpoint, through
// kill -9 and power cuts, exactly once.
package inventory

import (
	"time"

	"reconexus/app/kit/day"
)

// State is where a feed is.
type State string

// The states of a feed.
const (
	Receiving State = "receiving"
	Applied   State = "applied"
	Filed     State = "filed"   // a day before the newest applied one: kept, not applied
	Stopped   State = "stopped" // by the breaker: a person must look
	Failed    State = "failed"
)

// Feed is one file of one operator for one day.
type Feed struct {
	ID        string     `json:"id"`
	Operator  string     `json:"operator_code"`
	Day       day.Day    `json:"day"`
	State     State      `json:"state" enum:"receiving,applied,filed,stopped,failed"`
	Rows      int64      `json:"rows" doc:"Numbers in the file"`
	Rejected  int64      `json:"rejected" doc:"Rows refused; the job's errors.csv says why"`
	Changed   int64      `json:"changed" doc:"Numbers about which it said something new, the ones no longer listed included"`
	JobID     string     `json:"job_id"`
	FileName  string     `json:"file_name"`
	Digest    string     `json:"digest" doc:"BLAKE2b-256 of the file as it was sent, in hexadecimal (b2sum -l 256)"`
	Received  time.Time  `json:"received_at"`
	AppliedAt *time.Time `json:"applied_at" nullable:"true"`

	snapshot string
}

// shrink is the breaker: a full file with this share fewer rows than the last one
// stops before it changes anything (reconix.md §4), or half the country would churn.
const shrink = 0.05

// breaks tells whether a file is too small to be believed.
func breaks(rows, before int64, share float64) bool {
	return float64(rows) < float64(before)*(1-share)
}
