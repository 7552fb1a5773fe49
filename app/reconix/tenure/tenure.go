// Package tenure is the record of who held a number when: an append-only log of
// statements, never one row per number.
//
// A number has generations 1..n, each a half-open interval of days with one holder. A
// statement has the time that it is true for and the time that it was learnt. A later
// statement about the same generation retracts the one before; both stay, so that any
// answer can be given as it was known on a past date.
//
// Three things look alike in an inventory and are not:
//
//	new card, same holder             swap       the tenure goes on
//	other network, same holder        port       the tenure goes on
//	other holder after a gap          recycled   a new generation begins
//	same holder back after a gap      same_holder_return: a new generation, nothing to delink
//	an end that was taken back        reversal   the statement of the end is retracted
//
// A holder is a keyed token, never a name or a NIN. What is not told stays unknown.
package tenure

import (
	"time"

	"reconexus/app/kit/day"
)

// HolderKind says what a holder token was made of; only tokens of one kind compare.
type HolderKind uint8

// The kinds, weakest first: an inventory's optional columns are stronger than its name.
const (
	Unknown HolderKind = iota
	Name
	ID
	NIN
)

// Holder is who holds a number, as far as somebody without the keys may know.
type Holder struct {
	Kind  HolderKind
	Token int64 // keyed token of the canonical name, the operator's holder id, or the NIN
	Names int64 // keyed signature of the parts of a name, to compare two spellings
}

// Statement is what was said about one generation of a number.
type Statement struct {
	MSISDN     int64
	Generation int
	Learnt     time.Time
	Retracted  time.Time // zero: still holds
	From       day.Day   // first day; day.None: not known
	Activated  day.Day   // the network's activation date; a port has another than From
	To         day.Day   // first day that it is known to be over; day.None: goes on
	Last       day.Day   // last day that it is known to go on, when To is not exact
	EndedAs    string    // deactivated, churned, quarantined, missing
	Holder     Holder
	Operator   string
	Card       int64  // keyed token of ICCID and IMSI
	Source     string // job or request that told it
}

// Open tells whether the tenure goes on.
func (s Statement) Open() bool { return s.To == day.None }

// Kind is what happened to a number.
type Kind string

// The kinds of events.
const (
	Activated        Kind = "activated"
	Ended            Kind = "ended"
	Recycled         Kind = "recycled"           // another holder
	Reissued         Kind = "reissued"           // given out again; whether to another holder is not known
	SameHolderReturn Kind = "same_holder_return" // recycled by the same holder
	Port             Kind = "port"
	Swap             Kind = "swap"
	Reversal         Kind = "reversal"
	Correction       Kind = "correction" // the same tenure, told differently
)

// Event is one thing that happened to a number, as it was learnt.
type Event struct {
	MSISDN     int64
	Generation int
	Kind       Kind
	Day        day.Day
	Operator   string
	Learnt     time.Time
	Source     string
	Note       string
}

// History is what holds about one number: the statements that are not retracted, one
// for each generation, oldest first.
type History []Statement

// Present is the newest statement; nil for an unknown number.
func (h History) Present() *Statement {
	if len(h) == 0 {
		return nil
	}
	return &h[len(h)-1]
}

// PresentRun is the generation with which the present holder's unbroken run of
// tenures began: a holder who gave the number up and took it back is one run. Runs
// break where the holder changed or may have.
func (h History) PresentRun() *Statement {
	if len(h) == 0 {
		return nil
	}
	i := len(h) - 1
	for i > 0 && Same(h[i-1].Holder, h[i].Holder) == Yes {
		i--
	}
	return &h[i]
}

// At is the generation that held the number on a day, or that held it last before it
// (a day in a gap belongs to the one who had it); nil before the first.
func (h History) At(d day.Day) *Statement {
	for i := len(h) - 1; i >= 0; i-- {
		if h[i].From != day.None && h[i].From <= d {
			return &h[i]
		}
	}
	return nil
}

// Answer is yes, no or no data: absence of knowledge is never a no.
type Answer string

// The three answers.
const (
	Yes    Answer = "yes"
	No     Answer = "no"
	NoData Answer = "no_data"
)

// Coverage is the period for which an operator's feed told everything; both ends
// included. Days outside it are not known about.
type Coverage struct {
	Operator string  `json:"operator_code"`
	From     day.Day `json:"from"`
	To       day.Day `json:"to"`
}

// Covers tells whether a day lies in the period.
func (c Coverage) Covers(d day.Day) bool {
	return c.From != day.None && c.To != day.None && c.From <= d && d <= c.To
}

// RecycledSince answers the industry's question (CAMARA number recycling): did the
// holder change after d? Yes when d lies before the present holder's run, also in the
// gap before it; no from the run's first day on.
//
// A run whose beginning is not known, or that is the first one known and began after
// d without our having seen anyone before, is yes: the number was given out after d,
// so whoever had it on d was somebody else. Only an unknown number, or an unknown
// first day, is no data.
func (h History) RecycledSince(d day.Day) Answer {
	run := h.PresentRun()
	switch {
	case run == nil:
		return NoData
	case run.From == day.None:
		return NoData
	case d >= run.From:
		return No
	case len(h) > 1 && h[len(h)-1].Holder.Kind == Unknown:
		return NoData
	}
	return Yes
}

// ReassignedSince answers the database question (FCC reassigned numbers): was the
// number disconnected on or after d? Yes when d is not later than the last end; no
// when it is later, or when no end is known and d lies in the feed's coverage; else no
// data.
func (h History) ReassignedSince(d day.Day, c Coverage) Answer {
	last := day.None
	for _, s := range h {
		if s.To != day.None && (last == day.None || s.To > last) {
			last = s.To
		}
	}
	switch {
	case last != day.None && d <= last:
		return Yes
	case last != day.None:
		return No
	case c.From != day.None && d >= c.From && (c.To == day.None || d <= c.To):
		return No
	}
	return NoData
}
