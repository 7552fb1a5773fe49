// Package linkage keeps which NIN and which BVN somebody says belong to a number, and
// judges whether they belong to who holds the number now.
//
// A linkage is a statement of NIMC, NIBSS, a bank or an operator. It says since when,
// if it says so at all. When a number changes hands the linkage often stays: then it
// is stale, and its owner's codes reach a stranger.
//
//	reported ─▶ unchecked ─ Judge ─┬─▶ clean     of the present holder, or removed
//	   ▲            ▲              ├─▶ stale     of somebody before
//	   │            │              ├─▶ review    the dates do not tell: a person must look
//	   │            │              └─▶ no data   no feed has told of the number
//	   │            └─ Recheck: the number's tenure changed · Arrived: it became known
//	   └─ removed linkages that are reported again are active again
//
// NIN and BVN are kept sealed, found by a keyed blind index, and shown masked. A NIN
// also has the token that tenures use for a holder known by NIN, so the two compare
// without either being opened.
package linkage

import (
	"time"

	"reconexus/app/kit/day"
)

// Kind is what a number is linked to.
type Kind uint8

// The kinds, as they are kept.
const (
	NIN Kind = iota + 1
	BVN
)

func (k Kind) String() string {
	switch k {
	case NIN:
		return "NIN"
	case BVN:
		return "BVN"
	}
	return "unknown"
}

// Verdict is what is thought of a linkage.
type Verdict uint8

// The verdicts, as they are kept.
const (
	Unchecked Verdict = iota
	Clean             // of the present holder, or removed
	Stale             // of somebody who held the number before
	Review            // what is known does not tell: a person must look
	NoData            // nothing is known about the number's holders
)

func (v Verdict) String() string {
	switch v {
	case Unchecked:
		return "unchecked"
	case Clean:
		return "clean"
	case Stale:
		return "stale"
	case Review:
		return "review"
	case NoData:
		return "no_data"
	}
	return "unknown"
}

// usual is the reason that stands for itself: it is not kept with each of millions of
// linkages.
func (v Verdict) usual() string {
	switch v {
	case Unchecked:
		return "This linkage has not been compared with the number's holders yet."
	case Clean:
		return "The linkage began in the present holder's time."
	case NoData:
		return "No feed has told who holds this number."
	}
	return ""
}

// Linkage is one NIN or BVN that somebody says belongs to a number.
type Linkage struct {
	MSISDN  int64
	Kind    Kind
	Bank    string  // of a BVN: the CBN code of the bank that uses it
	From    day.Day // linked since; day.None: not known
	To      day.Day // removed on; day.None: active
	Source  string  // who says so
	Mask    string  // 120****1234
	Verdict Verdict
	Reason  string    // why, as a sentence
	Holder  *int64    // of a NIN: the token that tenures use for a holder known by NIN
	Learnt  time.Time // when it was first told
	Checked time.Time // when the verdict was reached; zero while unchecked

	token  []byte // blind index of the digits
	sealed []byte // the digits; only reports carry them
}

// Active tells whether the linkage stands.
func (l Linkage) Active() bool { return l.To == day.None }

// SamePerson tells whether two linkages of one kind name the same NIN or BVN, without
// opening either.
func (l Linkage) SamePerson(o Linkage) bool {
	return l.Kind == o.Kind && string(l.token) == string(o.token)
}
