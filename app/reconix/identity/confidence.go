package identity

import (
	"fmt"
	"math"
	"slices"
	"time"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/tenure"
)

// The weights of confidence, all in one place. A source counts by its authority over
// what it says, and by its age: what was told now counts whole, what was told long
// ago approaches half.
const (
	weightOperator = 1.0 // the operator knows who holds the number
	weightOwn      = 1.0 // NIMC of a NIN, NIBSS of a BVN
	weightOther    = 0.5 // anybody else of either
	alone          = 0.5 // one source agrees with nobody
	halfLife       = 365 * 24 * time.Hour
)

// Source is one that was consulted.
type Source struct {
	Name      string `json:"name" doc:"operator_feed, nin_record or bvn_record"`
	Reporter  string `json:"reported_by,omitempty" doc:"The operator, or who told the record"`
	Available bool   `json:"available" doc:"false: it says nothing about the number"`
	Age       *int64 `json:"age" nullable:"true" doc:"Seconds since it said what is used here; null when it says nothing"`
}

// Side is what one source says in a conflict.
type Side struct {
	Source string `json:"source"`
	Says   string `json:"says"`
}

// Conflict is something on which sources disagree. A person must settle it.
type Conflict struct {
	Field   string `json:"field" enum:"holder,nin"`
	Verdict string `json:"verdict" enum:"stale,review,disagreement"`
	Sides   []Side `json:"sides" nullable:"false" doc:"Both sides"`
	Reason  string `json:"reason"`
}

// confidence is how far the sources that say something agree, 0 to 1: what agrees with
// the operator's record over everything said, by authority and age. One source alone
// agrees with nobody and reaches a half at most; silence is no agreement.
func confidence(k *Known, covered tenure.Coverage, now time.Time) (float64, []Source) {
	operator := Source{Name: "operator_feed"}
	said, agreed, speakers := 0.0, 0.0, 0
	if present := k.History.Present(); present != nil {
		told := present.Learnt
		if covered.To.Known() && covered.To.Start().After(told) {
			told = covered.To.Start() // each later feed has said it again
		}
		operator.Reporter, operator.Available, operator.Age = present.Operator, true, ageOf(told, now)
		said += weightOperator
		agreed += weightOperator * fresh(told, now)
		speakers++
	}
	sources := []Source{operator}
	for _, kind := range []linkage.Kind{linkage.NIN, linkage.BVN} {
		source := Source{Name: map[linkage.Kind]string{linkage.NIN: "nin_record", linkage.BVN: "bvn_record"}[kind]}
		if l := best(k.Linkages, kind); l != nil {
			source.Reporter, source.Available, source.Age = l.Source, true, ageOf(l.Learnt, now)
			weight := authority(l)
			said += weight
			speakers++
			if l.Verdict == linkage.Clean {
				agreed += weight * fresh(l.Learnt, now)
			}
		}
		sources = append(sources, source)
	}
	if said == 0 {
		return 0, sources
	}
	score := agreed / said
	if speakers == 1 {
		score *= alone
	}
	return math.Round(score*100) / 100, sources
}

func authority(l *linkage.Linkage) float64 {
	if (l.Kind == linkage.NIN && l.Source == "NIMC") || (l.Kind == linkage.BVN && l.Source == "NIBSS") {
		return weightOwn
	}
	return weightOther
}

func fresh(told, now time.Time) float64 {
	return 0.5 + 0.5*math.Exp2(-float64(max(now.Sub(told), 0))/float64(halfLife))
}

func ageOf(told, now time.Time) *int64 {
	seconds := int64(max(now.Sub(told), 0) / time.Second)
	return &seconds
}

// best is the active linkage of a kind that says most about the present holder.
func best(all []linkage.Linkage, kind linkage.Kind) (out *linkage.Linkage) {
	for i := range all {
		if l := &all[i]; l.Kind == kind && l.Active() && (out == nil || l.Better(*out)) {
			out = l
		}
	}
	return out
}

// conflicts names what sources disagree on; verdicts must have been given.
func conflicts(k *Known) []Conflict {
	out := []Conflict{}
	var nins []*linkage.Linkage
	for i := range k.Linkages {
		l := &k.Linkages[i]
		if !l.Active() {
			continue
		}
		if l.Verdict == linkage.Stale || l.Verdict == linkage.Review {
			out = append(out, Conflict{Field: "holder", Verdict: l.Verdict.String(), Reason: l.Reason, Sides: []Side{linked(l), held(k.History)}})
		}
		if l.Kind == linkage.NIN && !slices.ContainsFunc(nins, func(o *linkage.Linkage) bool { return o.SamePerson(*l) }) {
			nins = append(nins, l)
		}
	}
	if len(nins) > 1 {
		c := Conflict{Field: "nin", Verdict: "disagreement", Reason: "More than one NIN is linked; which is the holder's is for a person to settle."}
		for _, l := range nins {
			c.Sides = append(c.Sides, linked(l))
		}
		out = append(out, c)
	}
	return out
}

func linked(l *linkage.Linkage) Side {
	since := "since an unknown day"
	if l.From.Known() {
		since = "since " + l.From.String()
	}
	return Side{l.Source, fmt.Sprintf("The %s %s is linked %s.", l.Kind, l.Mask, since)}
}

func held(h tenure.History) Side {
	present, run := h.Present(), h.PresentRun()
	switch {
	case present == nil:
		return Side{"operator_feed", "Nothing is known of the number."}
	case !present.Open():
		return Side{present.Operator, "The number was given up by " + present.To.String() + "."}
	case run.From == day.None:
		return Side{present.Operator, "The present holder has the number since an unknown day."}
	}
	return Side{present.Operator, "The present holder has the number since " + run.From.String() + "."}
}
