// Package identity answers what a number's identity is today: whether it changed
// hands, which NIN and BVN it still carries, how far the sources agree, and what the
// answer is based on.
//
//	held, and what is linked is the holder's           ACTIVE
//	recycled, nothing of somebody before is linked     RECYCLED
//	a linkage of somebody else than the holder         CONFLICTED
//	given back, nothing is linked                      AVAILABLE
//	under a legal hold                                 BLOCKED
//	nothing is known                                   UNKNOWN, never available
//
// A number that was given back while something is still linked is CONFLICTED too: the
// operator says that nobody holds it, and another source says who.
//
// An answer shows no more than its caller may see; what a caller may not see is
// answered as if it were unknown. Who asked about which number is recorded.
package identity

import (
	"fmt"

	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/tenure"
)

// Status is what can be said of a number in one word.
type Status string

// The statuses of the REST contract.
const (
	Active     Status = "ACTIVE"
	Recycled   Status = "RECYCLED"
	Conflicted Status = "CONFLICTED"
	Blocked    Status = "BLOCKED"
	Available  Status = "AVAILABLE"
	Unknown    Status = "UNKNOWN"
)

// report is what the record of recycled SIMs says of a number.
type report struct {
	exists   bool
	operator string
	cleanup  string
	nin, bvn bool // an identity of a former holder is known to be linked
}

// Known is everything that is known about one number and may be seen.
type Known struct {
	History  tenure.History
	Linkages []linkage.Linkage // also removed ones
	report   report
	held     bool // under a legal hold
}

// Assessment is what is concluded from what is known.
type Assessment struct {
	Status   Status
	Recycled bool
	NIN, BVN int    // active linkages
	Stale    int    // of these, of a former holder
	Review   int    // of these, for a person to look at
	Evidence string // what the answer is based on: none, or of tenure, linkage and report, joined with +
	Operator string // of the present or last tenure
}

// Assess draws the conclusions of reconix.md §2. Verdicts are given anew, on what is
// known here.
func (k *Known) Assess() Assessment {
	a := Assessment{Operator: k.report.operator}
	present := k.History.Present()
	if present != nil {
		a.Operator = present.Operator
	}
	for i := range k.Linkages {
		l := &k.Linkages[i]
		l.Verdict, l.Reason = linkage.Judge(k.History, *l)
		if !l.Active() {
			continue
		}
		if l.Kind == linkage.NIN {
			a.NIN++
		} else {
			a.BVN++
		}
		switch l.Verdict {
		case linkage.Stale:
			a.Stale++
		case linkage.Review:
			a.Review++
		}
	}
	if present == nil && k.report.exists && (k.report.nin || k.report.bvn) {
		a.Stale++ // nothing else tells; the record of the recycling does
	}
	a.Recycled = a.Stale > 0 || k.report.exists || changedHands(k.History)
	a.Evidence = k.evidence()
	a.Status = k.status(a)
	return a
}

func (k *Known) status(a Assessment) Status {
	present := k.History.Present()
	switch {
	case k.held:
		return Blocked
	case present == nil && !k.report.exists:
		return Unknown
	case a.Stale > 0:
		return Conflicted
	case present != nil && !present.Open() && a.NIN+a.BVN > 0:
		return Conflicted
	case present != nil && !present.Open():
		return Available
	case a.Recycled:
		return Recycled
	}
	return Active
}

// blockers says why the number cannot be given to somebody new; nothing when it can.
func (a *Answer) blockers() []string {
	out := []string{}
	if a.held {
		out = append(out, "The number is under a legal hold.")
	}
	switch present := a.History.Present(); {
	case present == nil:
		out = append(out, "No feed has told who holds the number.")
	case present.Open() && present.From.Known():
		out = append(out, "The number is in use since "+present.From.String()+".")
	case present.Open():
		out = append(out, "The number is in use.")
	}
	out = counted(out, a.NIN, "NIN linkage is", "NIN linkages are", "active")
	out = counted(out, a.BVN, "BVN linkage is", "BVN linkages are", "active")
	out = counted(out, a.Stale, "linkage is", "linkages are", "of a former holder")
	return counted(out, a.Review, "linkage", "linkages", "must be looked at by a person")
}

func counted(out []string, n int, one, many, what string) []string {
	switch n {
	case 0:
		return out
	case 1:
		return append(out, "1 "+one+" "+what+".")
	}
	return append(out, fmt.Sprintf("%d %s %s.", n, many, what))
}

// changedHands tells whether somebody else is known to have held the number before the
// present holder.
func changedHands(h tenure.History) bool {
	run := h.PresentRun()
	for i := range h {
		if h[i].Generation >= run.Generation {
			return false
		}
		if tenure.Same(h[i].Holder, run.Holder) == tenure.No {
			return true
		}
	}
	return false
}

func (k *Known) evidence() string {
	tenures, linkages := len(k.History) > 0, len(k.Linkages) > 0
	switch {
	case tenures && linkages && k.report.exists:
		return "tenure+linkage+report"
	case tenures && linkages:
		return "tenure+linkage"
	case tenures && k.report.exists:
		return "tenure+report"
	case linkages && k.report.exists:
		return "linkage+report"
	case tenures:
		return "tenure"
	case linkages:
		return "linkage"
	case k.report.exists:
		return "report"
	}
	return "none"
}
