package linkage

import (
	"fmt"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/tenure"
)

// Judge compares a linkage with what is known about its number's holders, and says why
// it comes to its verdict. It reads nothing and writes nothing.
//
// A NIN that can be compared with the present holder's decides alone. Otherwise the
// first day of the linkage does: it belongs to who held the number then. So a linkage
// of the present holder is never stale, however often the number was ported, swapped,
// given up and taken back by the same person; and where the record does not tell who
// held the number then, or whether that was somebody else, a person must look.
func Judge(h tenure.History, l Linkage) (Verdict, string) {
	present := h.Present()
	switch {
	case present == nil:
		return NoData, NoData.usual()
	case l.To.Known():
		return Clean, fmt.Sprintf("The linkage was removed on %s.", l.To)
	case l.Kind == NIN && l.Holder != nil && present.Holder.Kind == tenure.NIN:
		if *l.Holder == present.Holder.Token {
			return Clean, "The NIN is the one that the present holder is registered with."
		}
		return Stale, "The NIN is not the one that the present holder is registered with."
	case !l.From.Known():
		return Review, "It is not known since when this is linked, so it may be of somebody before."
	}
	return byDate(h, l.From)
}

// byDate judges a linkage that began on a day.
func byDate(h tenure.History, from day.Day) (Verdict, string) {
	present, run := h.Present(), runStart(h)
	switch {
	case began(h[run:], from) && !present.Open() && from >= present.To:
		return Review, fmt.Sprintf("Linked on %s, after the number was given up (by %s), and nobody is known to hold it since.", from, present.To)
	case began(h[run:], from):
		return Clean, Clean.usual()
	case !h[run].From.Known():
		return Review, "It is not known since when the present holder has the number."
	case present.Holder.Kind == tenure.Unknown:
		return Review, fmt.Sprintf("Linked on %s, before the number was given out again on %s; whether to the same holder is not known.", from, h[run].From)
	}
	switch heldBy(h, run, from) {
	case tenure.Yes:
		return Clean, fmt.Sprintf("Linked on %s, when the present holder had the number before.", from)
	case tenure.No:
		return Stale, fmt.Sprintf("Linked on %s, before the present holder got the number on %s.", from, h[run].From)
	}
	return Review, fmt.Sprintf("Linked on %s, before the present tenure began on %s; whether that was the same holder is not known.", from, h[run].From)
}

// runStart is the index of the generation with which the present holder's unbroken
// run began ([tenure.History.PresentRun]).
func runStart(h tenure.History) int {
	run := h.PresentRun()
	for i := range h {
		if h[i].Generation == run.Generation {
			return i
		}
	}
	return len(h) - 1
}

// began tells whether one of the generations is known to have begun by a day.
func began(run tenure.History, d day.Day) bool {
	for i := range run {
		if run[i].From.Known() && run[i].From <= d {
			return true
		}
	}
	return false
}

// heldBy tells whether the present holder is who held the number on a day before the
// present run, as far as the generations before it tell. Nobody known then is
// somebody else: the number was given out after that day.
func heldBy(h tenure.History, run int, d day.Day) tenure.Answer {
	answer, first := tenure.No, true
	for i := run - 1; i >= 0; i-- {
		s := h[i]
		if s.From.Known() && s.From > d {
			continue
		}
		same := tenure.Same(s.Holder, h[run].Holder)
		if same == tenure.Yes && !s.Open() && d >= s.To {
			same = tenure.NoData // in the gap behind it: nobody's, or already the next one's
		}
		if !first && same != answer {
			return tenure.NoData
		}
		answer, first = same, false
		if s.From.Known() {
			break
		}
	}
	return answer
}
