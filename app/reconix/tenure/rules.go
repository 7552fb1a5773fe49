package tenure

import (
	"time"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/holder"
)

// Observation is what a feed says about a number on a day.
type Observation struct {
	MSISDN    int64
	Operator  string
	EndedAs   string  // empty: in use; else deactivated, churned, quarantined or missing
	Activated day.Day // the network's activation date
	Holder    Holder
	Card      int64
	Day       day.Day // of the feed
	Seen      day.Day // when the feed saw the number last, before Day
}

// Change is what an observation does to a number's record.
type Change struct {
	Retract []Statement // statements that no longer hold
	Add     []Statement // statements that hold now; Learnt and Source are filled in by the writer
	Events  []Event     // likewise
	Lowered int         // how many of the number's oldest generations count one lower from now on
}

// Same tells whether two tokens name one holder. Tokens of different kinds, and
// unknown ones, cannot be compared.
func Same(a, b Holder) Answer {
	if a.Kind != b.Kind || a.Kind == Unknown {
		return NoData
	}
	if a.Token == b.Token {
		return Yes
	}
	if a.Kind != Name {
		return No
	}
	_, same, reason := holder.Compare(uint64(a.Token), unpack(a.Names), uint64(b.Token), unpack(b.Names))
	switch {
	case same:
		return Yes
	case reason == holder.Alike || reason == holder.NoName:
		return NoData // names alone do not decide; a person must look
	}
	return No
}

// Observe works out what an observation changes. It is the one place where the rules
// of reconix.md §1 and §4 stand; it reads nothing and writes nothing.
func (h History) Observe(o Observation) Change {
	last := h.Present()
	switch {
	case last == nil:
		return h.first(o)
	case o.EndedAs != "" && last.Open():
		return last.end(o)
	case o.EndedAs != "":
		return Change{} // it had ended already; the first end told stays
	case last.Open():
		return last.goesOn(o)
	}
	return last.comesBack(o)
}

// Fit works out where a tenure of the past, told as a whole, belongs among what is
// known; nothing changes when it is known already. What contradicts the record is
// refused with a sentence. Generations that inventories told of keep their numbers, so
// that those before them count down from 0.
func (h History) Fit(told Statement) (c Change, refusal string) {
	at := 0
	for i, k := range h {
		switch {
		case k.From == told.From && k.To == told.To && k.Operator == told.Operator && Same(k.Holder, told.Holder) != No:
			return Change{}, ""
		case k.From == day.None && (k.Open() || told.From < k.To):
			return Change{}, "a tenure is known whose first day is not, so that nothing can be placed before its end"
		case k.From != day.None && before(told.From, k) && (told.Open() || told.To > k.From):
			return Change{}, "it overlaps with the tenure that is known from " + k.From.String() + " on; a file of events can end or correct that one"
		}
		if k.From == day.None || k.From < told.From {
			at = i + 1
		}
	}
	switch {
	case at == len(h) && at > 0:
		told.Generation = h[at-1].Generation + 1
	case at == len(h):
		told.Generation = 1
	case at == 0:
		told.Generation = min(0, h[0].Generation-1)
	case h[at-1].Generation > 0:
		return Change{}, "it lies between two tenures that inventories told of; a file of events can correct those"
	default:
		told.Generation, c.Lowered = h[at-1].Generation, at
		for _, k := range h[:at] {
			c.Retract = append(c.Retract, k)
			k.Generation--
			c.Add = append(c.Add, k)
		}
	}
	c.Add = append(c.Add, told)
	c.Events = told.arrival(h[:at], h[at:])
	return c, ""
}

// before tells whether a day lies before the end of a tenure.
func before(d day.Day, k Statement) bool { return k.Open() || d < k.To }

// arrival is what a tenure of the past, between others, shows to have happened.
func (s Statement) arrival(earlier, later []Statement) []Event {
	event := func(k Kind, generation int, d day.Day) Event {
		return Event{MSISDN: s.MSISDN, Generation: generation, Kind: k, Day: d, Operator: s.Operator, Note: "told afterwards"}
	}
	kind := map[Answer]Kind{Yes: SameHolderReturn, No: Recycled, NoData: Reissued}
	began := Activated
	if len(earlier) > 0 {
		began = kind[Same(earlier[len(earlier)-1].Holder, s.Holder)]
	}
	out := []Event{event(began, s.Generation, s.From)}
	if s.To != day.None {
		out = append(out, event(Ended, s.Generation, s.To))
	}
	if len(later) > 0 && len(earlier) == 0 {
		out = append(out, event(kind[Same(s.Holder, later[0].Holder)], later[0].Generation, later[0].From))
	}
	return out
}

// first is the beginning of a number's record.
func (h History) first(o Observation) Change {
	s := o.tenure(1)
	if o.EndedAs != "" {
		s.To, s.Last, s.EndedAs = o.Day, o.Seen, o.EndedAs
	}
	return Change{Add: []Statement{s}, Events: []Event{o.event(Activated, 1, o.Activated, "")}}
}

// end closes a tenure: between the day it was last seen and the feed's day.
func (s Statement) end(o Observation) Change {
	if o.Operator != s.Operator {
		return Change{} // it has moved on; the old network's silence says nothing new
	}
	next := s
	next.To, next.Last, next.EndedAs = o.Day, o.Seen, o.EndedAs
	return s.becomes(next, o.event(Ended, s.Generation, o.Day, o.EndedAs))
}

// goesOn is news about a number that is in use.
func (s Statement) goesOn(o Observation) Change {
	same := Same(s.Holder, o.Holder)
	switch {
	case o.Operator != s.Operator && same == Yes:
		return s.port(o)
	case o.Operator == s.Operator && o.Activated == s.Activated && same != No && o.Card == s.Card:
		return s.correct(o, "")
	case o.Operator == s.Operator && o.Activated == s.Activated && same != No:
		next := s
		next.Card = o.Card
		next.Holder = stronger(s.Holder, o.Holder)
		return s.becomes(next, o.event(Swap, s.Generation, o.Day, ""))
	case o.Operator == s.Operator && o.Activated == s.Activated:
		return s.correct(o, "the holder was told differently under the same activation date")
	case o.Operator == s.Operator && o.Activated.Known() && s.Activated.Known() && o.Activated < s.Activated:
		return s.correct(o, "an earlier activation date was told")
	case o.Operator == s.Operator && !o.Activated.Known():
		return s.correct(o, "the activation date is no longer told")
	}
	return s.next(o, same)
}

// comesBack is a number in use again after its tenure had ended.
func (s Statement) comesBack(o Observation) Change {
	same := Same(s.Holder, o.Holder)
	switch {
	case o.Operator == s.Operator && o.Activated == s.Activated && same != No:
		next := s
		next.To, next.Last, next.EndedAs, next.Card = day.None, day.None, "", o.Card
		return s.becomes(next, o.event(Reversal, s.Generation, o.Day, "the end was taken back"))
	case o.Operator != s.Operator && same == Yes:
		return s.port(o)
	}
	return s.next(o, same)
}

// port moves a tenure to another network. An end that the old network reported was
// the leaving, not an end.
func (s Statement) port(o Observation) Change {
	next := s
	next.To, next.Last, next.EndedAs = day.None, day.None, ""
	next.Operator, next.Activated, next.Card = o.Operator, o.Activated, o.Card
	return s.becomes(next, o.event(Port, s.Generation, o.Activated, "from "+s.Operator))
}

// next begins a new generation.
func (s Statement) next(o Observation, same Answer) Change {
	kind := map[Answer]Kind{Yes: SameHolderReturn, No: Recycled, NoData: Reissued}[same]
	began := o.tenure(s.Generation + 1)
	if s.To != day.None && began.From.Known() && began.From < s.Last {
		began.From = day.None // the dates contradict each other: a person must look
	}
	c := Change{Add: []Statement{began}, Events: []Event{o.event(kind, began.Generation, began.From, "")}}
	if s.Open() {
		ended := s
		ended.To, ended.EndedAs = o.Day, "missing"
		if began.From.Known() {
			ended.To = began.From
		}
		if ended.Last = o.Seen; ended.Last.Known() && ended.Last >= ended.To {
			ended.Last = ended.To - 1
		}
		c.Retract = []Statement{s}
		c.Add = []Statement{ended, began}
	}
	return c
}

// correct restates the same tenure; silent when nothing that is kept differs.
func (s Statement) correct(o Observation, note string) Change {
	next := s
	next.Card = o.Card
	next.Holder = o.Holder
	if note == "" {
		next.Holder = stronger(s.Holder, o.Holder)
	}
	if o.Activated.Known() && o.Activated != s.Activated {
		if s.From == s.Activated {
			next.From = o.Activated
		}
		next.Activated = o.Activated
	}
	if next == s {
		return Change{}
	}
	if note == "" {
		return Change{Retract: []Statement{s}, Add: []Statement{next}}
	}
	return s.becomes(next, o.event(Correction, s.Generation, o.Day, note))
}

func (s Statement) becomes(next Statement, e Event) Change {
	return Change{Retract: []Statement{s}, Add: []Statement{next}, Events: []Event{e}}
}

// stronger is the better known of two tokens of the same holder.
func stronger(a, b Holder) Holder {
	if b.Kind >= a.Kind && b.Kind != Unknown {
		return b
	}
	return a
}

func (o Observation) tenure(generation int) Statement {
	return Statement{
		MSISDN: o.MSISDN, Generation: generation, From: o.Activated, Activated: o.Activated,
		To: day.None, Last: day.None, Holder: o.Holder, Operator: o.Operator, Card: o.Card,
	}
}

func (o Observation) event(k Kind, generation int, d day.Day, note string) Event {
	return Event{MSISDN: o.MSISDN, Generation: generation, Kind: k, Day: d, Operator: o.Operator, Note: note}
}

// stamp fills in when and from whom a change was learnt.
func (c *Change) stamp(at time.Time, source string) {
	for i := range c.Add {
		c.Add[i].Learnt, c.Add[i].Source, c.Add[i].Retracted = at, source, time.Time{}
	}
	for i := range c.Events {
		c.Events[i].Learnt, c.Events[i].Source = at, source
	}
}
