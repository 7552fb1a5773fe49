package camara

import (
	"reconexus/app/kit/day"
	"reconexus/app/reconix/tenure"
)

// recycled tells whether the subscriber changed after a day, by the industry's rule:
// yes also for a day in a gap, no from the present tenure's first day on.
//
// A day before everything that is known of the number cannot be answered, though its
// holder then may well be another; the check under the rule's own name,
// /recycling-checks, says so with its evidence. Nor can a day before the first tenure
// known, when the number may have been elsewhere then: ported in, it would look like one
// that was given out afresh. A number that was given up is nobody's: "not changed" would
// tell the asker to go on writing to it.
func recycled(h tenure.History, covered tenure.Coverage, elsewhere bool, since, today day.Day) (bool, error) {
	switch {
	case since > today:
		return false, outOfRange("specifiedDate lies in the future; send today or a day before.")
	case before(h, covered, since):
		return false, outOfRange("specifiedDate lies before everything that is known of this phone number.")
	case elsewhere && h[0].From.Known() && since < h[0].From:
		return false, outOfRange("On specifiedDate this phone number may have been in another network, which has not told who held it.")
	}
	switch h.RecycledSince(since) {
	case tenure.Yes:
		return true, nil
	case tenure.NoData:
		return false, outOfRange("It is not known who held this phone number on specifiedDate.")
	}
	if !h.Present().Open() {
		return false, unknown()
	}
	if behind(covered, since) {
		return false, outOfRange("specifiedDate lies behind the last day that the operator has told of.")
	}
	return false, nil
}

// before tells whether a day lies before everything that is known of a number.
func before(h tenure.History, covered tenure.Coverage, d day.Day) bool {
	first := h[0].From
	return first.Known() && d < first && (!covered.From.Known() || d < covered.From)
}

// late is how many days after the last one told may be asked about: a day is told of
// when it is over.
const late = 1

// behind tells whether a day lies behind what the operator has told of.
func behind(covered tenure.Coverage, d day.Day) bool {
	return covered.To.Known() && d > covered.To+late
}

// heldSince tells whether one holder has had the number without a pause since a day.
// Porting it and changing its card are no pause; giving it up and taking it back is.
func heldSince(h tenure.History, covered tenure.Coverage, since, today day.Day) (bool, error) {
	switch first := unbroken(h); {
	case since > today:
		return false, outOfRange("tenureDate lies in the future; send today or a day before.")
	case !h.Present().Open():
		return false, unknown()
	case !first.Known():
		return false, outOfRange("It is not known since when the present holder has this phone number.")
	case since < first:
		return false, nil
	case behind(covered, since):
		return false, outOfRange("tenureDate lies behind the last day that the operator has told of.")
	}
	return true, nil
}

// unbroken is the first day of the present holder's time without a pause; day.None when
// it is not known.
func unbroken(h tenure.History) day.Day {
	i := len(h) - 1
	for i > 0 && tenure.Same(h[i-1].Holder, h[i].Holder) == tenure.Yes &&
		h[i-1].To.Known() && h[i].From.Known() && h[i-1].To >= h[i].From {
		i--
	}
	return h[i].From
}
