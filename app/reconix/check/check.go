// Package check answers the one question that everybody has: has this number changed
// hands since a day? For one number at once, or for a file of any size.
//
// Two rules answer it, each by its name, because they are not the same question:
//
//	recycled    (the industry's, CAMARA number recycling) the holder changed after the day
//	reassigned  (the database's, FCC reassigned numbers) the number was given up on or after the day
//
// Each answer is yes, no or no_data, with its evidence. A number that the caller may
// not see is answered as one that nobody has told of.
package check

import (
	"strconv"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/tenure"
)

// Finding is the answer about one number and day.
type Finding struct {
	Recycled   tenure.Answer
	Reassigned tenure.Answer
	Elsewhere  bool // ported in, as far as is known, from a network that has not told of the day
	Known      bool // something is known about the number, and may be seen
}

// Ask answers by a number's history, the coverage of its operator's feeds, and that of
// the network that the number's block belongs to.
func Ask(h tenure.History, since day.Day, covered, block tenure.Coverage) Finding {
	if len(h) == 0 {
		return Finding{Recycled: tenure.NoData, Reassigned: tenure.NoData}
	}
	f := Finding{Recycled: h.RecycledSince(since), Reassigned: h.ReassignedSince(since, covered), Known: true}
	if f.Recycled == tenure.Yes && elsewhere(h, since, block) {
		f.Recycled, f.Elsewhere = tenure.NoData, true
	}
	return f
}

// elsewhere tells whether a number may have been in the network of its block on a day
// before everything that is known of it: ported in from a network that has not told of
// the day, it looks like one that was given out afresh.
func elsewhere(h tenure.History, since day.Day, block tenure.Coverage) bool {
	first := h[0]
	return first.From.Known() && since < first.From && block.Operator != "" && block.Operator != first.Operator && !block.Covers(since)
}

// appendEvidence writes what an answer is based on, as a sentence without a comma, for
// a cell of a file.
func appendEvidence(dst []byte, h tenure.History, covered tenure.Coverage) []byte {
	present := h.Present()
	if present == nil {
		return append(dst, "none"...)
	}
	run := h.PresentRun()
	dst = append(dst, "held since "...)
	dst = appendDay(dst, run.From)
	if first := h[0].Generation; run.Generation > first {
		dst = append(dst, "; tenures before: "...)
		dst = strconv.AppendInt(dst, int64(run.Generation-first), 10)
	}
	if end := lastEnd(h); end.Known() {
		dst = append(dst, "; last given up by "...)
		dst = end.Append(dst)
	}
	dst = append(append(dst, "; told by "...), present.Operator...)
	if covered.From.Known() {
		dst = append(dst, " from "...)
		dst = covered.From.Append(dst)
		dst = append(dst, " to "...)
		dst = covered.To.Append(dst)
	}
	return dst
}

func appendDay(dst []byte, d day.Day) []byte {
	if !d.Known() {
		return append(dst, "an unknown day"...)
	}
	return d.Append(dst)
}

// lastEnd is the last day by which a tenure was given up; day.None when none is known.
func lastEnd(h tenure.History) day.Day {
	last := day.None
	for i := range h {
		if h[i].To.Known() && h[i].To > last {
			last = h[i].To
		}
	}
	return last
}

// none is the coverage of an operator of which nothing is known.
func none(operator string) tenure.Coverage {
	return tenure.Coverage{Operator: operator, From: day.None, To: day.None}
}
