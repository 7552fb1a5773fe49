// Package sims keeps recycled SIMs: the numbers that went from one holder to another,
// one record for each generation, and what became of the identities left on them.
//
// Records come in three ways: the comparison of inventories finds them, operators
// report them (one by one, up to 10,000 at once, or as a file of any size), and a scan
// makes those that show only by a stale linkage. A record lives like this:
//
//	linkage_status   orphaned ─ a stale linkage is found ─▶ active ─ it is gone ─▶ resolved
//	                    (nothing was ever linked)     disputed ◀─ a person ─┘
//	cleanup_status   pending ─▶ in_progress ─▶ completed · failed
//
// The former holder's NIN, BVN and name are kept sealed, shown masked, and revealed
// only to who holds pii:reveal, with a reason, on the audit log.
//
//	sims.go     the record and its pure rules
//	entry.go    what a report must be like
//	service.go  the verbs
//	list.go     filters, sorting and cursors: which index serves which question
//	detail.go   all that is known about one
//	bulk.go     many records in one request
//	job.go      files
//	sql.go      the table recycled_sim
//	rest.go     the routes
package sims

import (
	"time"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/numbering"
)

// LinkageStatus is what is known of the identities that the former holder left.
type LinkageStatus string

// The linkage statuses of the REST contract.
const (
	Active   LinkageStatus = "active"   // a stale linkage is there
	Orphaned LinkageStatus = "orphaned" // none was ever found
	Resolved LinkageStatus = "resolved" // there was one, and it is gone
	Disputed LinkageStatus = "disputed" // a person doubts it
)

// CleanupStatus is how far the removal is.
type CleanupStatus string

// The cleanup statuses of the REST contract.
const (
	Pending    CleanupStatus = "pending"
	InProgress CleanupStatus = "in_progress"
	Completed  CleanupStatus = "completed"
	Failed     CleanupStatus = "failed"
)

// How a recycling became known.
const (
	Reconciliation = "reconciliation"  // inventories were compared
	APIQuery       = "api_query"       // a question led to it
	OperatorReport = "operator_report" // the operator said so
)

// Registration is what is known of the new holder's own registration.
const (
	RegistrationUnknown    = "unknown"
	RegistrationPending    = "pending"
	RegistrationVerified   = "verified"
	RegistrationUnverified = "unverified" // NIMC could not confirm the NIN
)

// Record is a recycled SIM as it is shown.
type Record struct {
	ID           string           `json:"id"`
	SIMSerial    string           `json:"sim_serial" doc:"ICCID; empty when it was not told"`
	MSISDN       numbering.MSISDN `json:"msisdn" doc:"E.164" example:"+2348031234567"`
	Generation   int              `json:"generation" doc:"Which holder of the number began with this recycling, counted from 1"`
	IMSI         string           `json:"imsi"`
	Operator     string           `json:"operator_code"`
	Recycled     day.Day          `json:"date_recycled" nullable:"true" doc:"First day of the new holder; null when it is not known"`
	Deactivated  day.Day          `json:"date_deactivated" nullable:"true" doc:"First day on which the former holder had it no more; null when it is not known"`
	NIN          *string          `json:"previous_owner_nin" nullable:"true" doc:"Masked"`
	Name         *string          `json:"previous_owner_name" nullable:"true" doc:"Masked"`
	BVN          *string          `json:"previous_owner_bvn" nullable:"true" doc:"Masked"`
	NINLinked    bool             `json:"previous_nin_linked" doc:"The former holder's NIN is still linked to the number"`
	BVNLinked    bool             `json:"previous_bvn_linked" doc:"The former holder's BVN is still linked to the number"`
	Registration string           `json:"new_registration_status" enum:"unknown,pending,verified,unverified"`
	Linkage      LinkageStatus    `json:"linkage_status" enum:"active,orphaned,resolved,disputed" doc:"active: a former holder's identity is on the number; orphaned: none was ever found; resolved: it is gone; disputed: a person doubts it"`
	Cleanup      CleanupStatus    `json:"cleanup_status" enum:"pending,in_progress,completed,failed"`
	Method       string           `json:"detection_method" enum:"reconciliation,api_query,operator_report"`
	Risk         float64          `json:"risk_score" minimum:"0" maximum:"1"`
	Created      time.Time        `json:"created_at"`
	Updated      time.Time        `json:"updated_at"`

	parts   Parts
	version int
}

// Parts are the things that make a recycled number dangerous, as bits.
type Parts uint8

// The parts.
const (
	QuickReuse Parts = 1 << iota
	BVNLinked
	NINUnconfirmed
	Reported
)

// quickReuse is within how many days of its deactivation a number that is back in use
// counts: the former holder's bank does not know yet.
const quickReuse = 7

// weights is the one place where they stand, in tenths, so that they add up exactly
// (reconix.md §2).
var weights = [...]struct {
	part   Parts
	code   string
	tenths int
}{
	{QuickReuse, "quick_reuse", 4},
	{BVNLinked, "bvn_linked", 3},
	{NINUnconfirmed, "nin_unconfirmed", 2},
	{Reported, "operator_report", 1},
}

// Level is a risk score in a word.
type Level string

// The levels.
const (
	Low      Level = "low"
	Medium   Level = "medium"   // from 0.4
	High     Level = "high"     // from 0.7
	Critical Level = "critical" // 1
)

// Risk is the score from 0 to 1 that the parts make, and its level.
func Risk(p Parts) (float64, Level) {
	tenths := 0
	for _, w := range weights {
		if p&w.part != 0 {
			tenths += w.tenths
		}
	}
	level := Low
	switch {
	case tenths >= 10:
		level = Critical
	case tenths >= 7:
		level = High
	case tenths >= 4:
		level = Medium
	}
	return float64(tenths) / 10, level
}

// RiskPart is one part of a score, counted or not.
type RiskPart struct {
	Code    string  `json:"code" enum:"quick_reuse,bvn_linked,nin_unconfirmed,operator_report"`
	Weight  float64 `json:"weight"`
	Counted bool    `json:"counted"`
}

func riskParts(p Parts) []RiskPart {
	out := make([]RiskPart, len(weights))
	for i, w := range weights {
		out[i] = RiskPart{w.code, float64(w.tenths) / 10, p&w.part != 0}
	}
	return out
}

// partsOf is which parts count for a record.
func (r *Record) partsOf(quick bool) Parts {
	var p Parts
	for _, c := range []struct {
		part Parts
		is   bool
	}{
		{QuickReuse, quick},
		{BVNLinked, r.BVNLinked},
		{NINUnconfirmed, r.Registration == RegistrationUnverified},
		{Reported, r.Method == OperatorReport},
	} {
		if c.is {
			p |= c.part
		}
	}
	return p
}

// rate works the risk out again.
func (r *Record) rate(quick bool) {
	r.parts = r.partsOf(quick)
	r.Risk, _ = Risk(r.parts)
}

// quick tells whether a number was back in use so soon that it counts.
func quick(deactivated, recycled day.Day) bool {
	return deactivated.Known() && recycled.Known() && recycled >= deactivated && recycled-deactivated <= quickReuse
}

// linked is the status that follows from what is linked now. What a person disputes
// stays disputed while there is something to dispute.
func (s LinkageStatus) linked(nin, bvn, before bool) LinkageStatus {
	switch {
	case (nin || bvn) && s == Disputed:
		return Disputed
	case nin || bvn:
		return Active
	case before || s == Active || s == Resolved || s == Disputed:
		return Resolved
	}
	return Orphaned
}
