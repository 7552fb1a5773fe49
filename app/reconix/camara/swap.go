package camara

import (
	"fmt"
	"time"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/tenure"
)

// change is the last day on which a number came onto another card, as far as is known.
// The specification counts as a swap what the industry's fraud desks do: a new card, a
// port, and a new subscription under an old number.
type change struct {
	day  day.Day // day.None: no change is known
	seen bool    // it was told as an event, not only as the day of activation
}

func lastChange(h tenure.History, events []tenure.Event) change {
	present := h.Present()
	c := change{day: max(present.From, present.Activated)} // day.None sorts first
	for _, e := range events {
		on := e.Day
		switch e.Kind {
		case tenure.Swap, tenure.Port, tenure.Recycled, tenure.Reissued, tenure.SameHolderReturn:
			if !on.Known() {
				on = day.Of(e.Learnt) // it was over by then
			}
			if on >= c.day {
				c = change{on, true}
			}
		case tenure.Activated:
			c.day = max(c.day, on)
		}
	}
	return c
}

// current tells whether feeds have told of yesterday.
func current(covered tenure.Coverage, today day.Day) bool {
	return covered.To.Known() && covered.To >= today-late
}

// latest is the last change that can be told, or how many days are known to be free of
// one; neither when the record does not tell. A day is told as its beginning in Lagos:
// finer it is not known.
func (c change) latest(covered tenure.Coverage, today day.Day) (at *time.Time, monitored int) {
	told := c.seen
	if covered.From.Known() {
		told = c.day >= covered.From // between an older one and the first feed there may have been others
	}
	if told && c.day.Known() {
		start := c.day.Start().In(lagos())
		return &start, 0
	}
	if current(covered, today) && today > covered.From {
		return nil, int(today - covered.From)
	}
	return nil, 0
}

func lagos() *time.Location { return time.FixedZone("WAT", 60*60) }

// within tells whether the card was changed in the last hours. A change is known by its
// day, so one on the day on which the hours begin counts: for a fraud desk a false
// alarm is the smaller harm.
func (c change) within(hours int, covered tenure.Coverage, now time.Time) (bool, error) {
	today, from := day.Of(now), day.Of(now.Add(-time.Duration(hours)*time.Hour))
	switch {
	case c.day.Known() && c.day >= from:
		return true, nil
	case !covered.From.Known():
		return false, outOfRange("Changes of this phone number's card are not monitored.")
	case !current(covered, today):
		return false, outOfRange(fmt.Sprintf("The operator has told nothing since %s, so the last hours are not known.", covered.To))
	case covered.From > from:
		return false, outOfRange(fmt.Sprintf("maxAge cannot exceed the monitored period of %d hours.", int(now.Sub(covered.From.Start()).Hours())))
	}
	return false, nil
}
