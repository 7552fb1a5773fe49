// Package dashboard counts what the first page shows: how many numbers changed hands,
// how many still carry a stranger's identity, and how that goes day by day.
//
// Nothing here scans a table of numbers. Sums that each write keeps in step
// (recycled_sim_tally, linkage_tally), the feeds' own counts and covering indexes
// answer; what they answered is kept for five seconds a tenant.
//
// Somebody who is bound to an operator sees that operator's figures, a bank those of
// the numbers that it has a linkage of.
package dashboard

import (
	"time"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/sims"
	"reconexus/app/reconix/tenure"
)

// Stats are the counts of now.
type Stats struct {
	Total      int `json:"total_recycled_sims"`
	Pending    int `json:"total_cleanup_pending"`
	InProgress int `json:"total_cleanup_in_progress"`
	Completed  int `json:"total_cleanup_completed"`
	Failed     int `json:"total_cleanup_failed"`

	ActiveNIN int `json:"active_nin_linkages" doc:"Linkages that stand; for an operator, those that its recycled SIMs carry from a former holder"`
	ActiveBVN int `json:"active_bvn_linkages" doc:"Likewise; for a bank, its own"`

	Delinks

	Numbers  int `json:"numbers_known" doc:"Numbers in the newest full inventories; for a bank, numbers with one of its linkages"`
	StaleNIN int `json:"recycled_with_stale_nin" doc:"Recycled SIMs that still carry a former holder's NIN"`
	StaleBVN int `json:"recycled_with_stale_bvn" doc:"Recycled SIMs that still carry a former holder's BVN"`
	Stale    int `json:"stale_linkages" doc:"Linkages that belong to somebody before"`
	Review   int `json:"review_linkages" doc:"Linkages that a person must look at"`

	ByOperator []OperatorStats   `json:"by_operator" nullable:"false"`
	ByRisk     RiskStats         `json:"by_risk"`
	Coverage   []tenure.Coverage `json:"coverage" nullable:"false" doc:"The days for which each operator has told everything"`
	LastImport *time.Time        `json:"last_import_at" nullable:"true" doc:"When an inventory was last taken in"`
	Running    int               `json:"running_jobs" doc:"Jobs that run or wait for their turn, of those that you may see"`
}

// Delinks counts delink requests by their phase.
type Delinks struct {
	Requests   int `json:"total_delink_requests"`
	Pending    int `json:"delink_pending"`
	Processing int `json:"delink_processing"`
	Completed  int `json:"delink_completed"`
	Rejected   int `json:"delink_rejected"`
	Cancelled  int `json:"delink_cancelled"`
	Failed     int `json:"delink_failed"`
	Overdue    int `json:"delink_overdue" doc:"Requests whose deadline is over"`
}

// OperatorStats are one operator's.
type OperatorStats struct {
	Code     string `json:"operator_code"`
	Name     string `json:"name"`
	Numbers  int    `json:"numbers" doc:"In its newest full inventory"`
	Recycled int    `json:"recycled"`
	Stale    int    `json:"stale" doc:"Recycled SIMs that still carry a former holder's NIN or BVN"`
}

// RiskStats counts recycled SIMs by their level of risk.
type RiskStats struct {
	Low      int `json:"low"`
	Medium   int `json:"medium"`
	High     int `json:"high"`
	Critical int `json:"critical"`
}

func (r *RiskStats) add(l sims.Level, n int) {
	switch l {
	case sims.Low:
		r.Low += n
	case sims.Medium:
		r.Medium += n
	case sims.High:
		r.High += n
	case sims.Critical:
		r.Critical += n
	}
}

// Trends is what happened on each of the last days.
type Trends struct {
	Days   int        `json:"days"`
	Series []DayStats `json:"series" nullable:"false" doc:"Oldest day first, today last, none left out"`
}

// DayStats is one day, as Lagos counts it.
type DayStats struct {
	Day        day.Day `json:"date"`
	Recycled   int     `json:"recycled" doc:"Numbers that began a new holder's tenure"`
	SameHolder int     `json:"same_holder" doc:"Numbers that their former holder took back"`
	Ported     int     `json:"ported"`
	Swapped    int     `json:"swapped"`
	Resolved   int     `json:"resolved" doc:"Recycled SIMs whose stale linkages were found gone"`
}

// count adds what happened to the day's figure of its kind.
func (d *DayStats) count(kind string, n int) {
	switch kind {
	case recycled:
		d.Recycled += n
	case string(tenure.SameHolderReturn):
		d.SameHolder += n
	case string(tenure.Port):
		d.Ported += n
	case string(tenure.Swap):
		d.Swapped += n
	case resolved:
		d.Resolved += n
	}
}

// Kinds of the series that are no events of a tenure.
const (
	recycled = "recycled_sim"
	resolved = "resolved_sim"
)

// add counts a sort of recycled SIMs.
func (s *Stats) add(t sims.Tally) {
	s.Total += t.SIMs
	switch t.Cleanup {
	case sims.Pending:
		s.Pending += t.SIMs
	case sims.InProgress:
		s.InProgress += t.SIMs
	case sims.Completed:
		s.Completed += t.SIMs
	case sims.Failed:
		s.Failed += t.SIMs
	}
	if t.NINLinked {
		s.StaleNIN += t.SIMs
	}
	if t.BVNLinked {
		s.StaleBVN += t.SIMs
	}
	_, level := sims.Risk(t.Parts)
	s.ByRisk.add(level, t.SIMs)
}
