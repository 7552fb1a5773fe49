package inventory

import (
	"strings"

	"reconexus/app/kit/day"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// An EVENT file tells single things that happened instead of everything that is: one
// row an event, oldest first.

// The columns of an EVENT file, by their place in its spec.
const (
	evMSISDN = iota
	evKind
	evDate
	evSerial
	evIMSI
	evName
	evHolder
	evNIN
)

var eventFile = rowFile{
	kind: "events", spec: eventSpec, sign: evKind, date: evDate,
	stage: "Reading the events and writing them", deed: "inventory.events",
	read: (*Service).readEvent,
}

func eventSpec() sheet.Spec {
	full := spec().Columns
	return sheet.Spec{Columns: []sheet.Column{
		evMSISDN: full[colMSISDN],
		evKind:   {Name: "EVENT", Synonyms: []string{"EVENT_TYPE", "EVENT_NAME"}, Required: true},
		evDate:   {Name: "DATE", Synonyms: []string{"EVENT_DATE", "DAY"}, Required: true},
		evSerial: full[colSerial], evIMSI: full[colIMSI], evName: full[colName], evHolder: full[colHolder], evNIN: full[colNIN],
	}}
}

// eventWord is a kind of event as files call it.
type eventWord string

const (
	wordActivated   eventWord = "activated"
	wordDeactivated eventWord = "deactivated"
	wordChurned     eventWord = "churned"
	wordQuarantined eventWord = "quarantined"
	wordReactivated eventWord = "reactivated" // an end that is taken back
	wordSwapped     eventWord = "swapped"
	wordPorted      eventWord = "ported" // to this operator
)

func eventWordOf(cell []byte) (eventWord, bool) {
	w := eventWord(strings.ToLower(string(cell)))
	switch w {
	case wordActivated, wordDeactivated, wordChurned, wordQuarantined, wordReactivated, wordSwapped, wordPorted:
		return w, true
	}
	return "", false
}

// happening is one row of an EVENT file.
type happening struct {
	msisdn int64
	word   eventWord
	day    day.Day
	holder tenure.Holder
	card   int64 // 0: not told
}

func (s *Service) readEvent(row *sheet.Row, t task, dates sheet.DateFormat, scratch *[]byte) (do doing, column int, err error) {
	number, err := s.Table.Parse(row.Cell(evMSISDN))
	if err != nil {
		return nil, evMSISDN, err
	}
	h := happening{msisdn: int64(number)}
	var ok bool
	if h.word, ok = eventWordOf(row.Cell(evKind)); !ok {
		return nil, evKind, &numbering.Rejection{Code: "EVENT", Message: "is not an event that is known here; write activated, deactivated, churned, quarantined, reactivated, swapped or ported"}
	}
	if h.day, err = sheet.ParseDate(dates, row.Cell(evDate)); err != nil {
		return nil, evDate, err
	}
	if h.day > t.Day {
		return nil, evDate, &numbering.Rejection{Code: "DATE_RANGE", Message: "lies behind the day of the file"}
	}
	if h.card, column, err = s.cardOf(row, evSerial, evIMSI); err != nil {
		return nil, column, err
	}
	if h.holder, column, err = s.holderOf(row, t.Operator, evNIN, evHolder, evName, scratch); err != nil {
		return nil, column, err
	}
	return func(tx *sqlite.Tx, p *progress) (why, err error) { return s.happened(tx, p, t, h) }, 0, nil
}

// observation is what an event says of a number whose history is known; false when
// there is nothing that it could be about.
func (h happening) observation(operator string, known tenure.History) (tenure.Observation, bool) {
	o := tenure.Observation{MSISDN: h.msisdn, Operator: operator, Activated: h.day, Holder: h.holder, Card: h.card, Day: h.day, Seen: h.day - 1}
	last := known.Present()
	if last == nil {
		return o, h.word == wordActivated || h.word == wordPorted
	}
	if h.word != wordActivated && h.holder.Kind == tenure.Unknown {
		o.Holder = last.Holder
	}
	if h.card == 0 {
		o.Card = last.Card
	}
	switch h.word {
	case wordActivated, wordPorted:
		return o, true
	case wordDeactivated, wordChurned, wordQuarantined:
		o.EndedAs = string(h.word)
	case wordSwapped:
		if h.card == 0 {
			o.Card = int64(mix(uint64(last.Card), uint64(h.day))) // another card, whichever
		}
	}
	o.Activated = last.Activated
	return o, true
}

// early tells whether an event lies before what is known already.
func (h happening) early(known tenure.History) bool {
	last := known.Present()
	return last != nil && ((last.From.Known() && h.day < last.From) || (last.Last.Known() && h.day <= last.Last))
}

// happened writes one event; why is the reason when it cannot be about anything.
func (s *Service) happened(tx *sqlite.Tx, p *progress, t task, e happening) (why, err error) {
	known, err := tenure.Of(tx, e.msisdn)
	if err != nil {
		return nil, err
	}
	o, ok := e.observation(t.Operator, known)
	switch {
	case !ok:
		return &numbering.Rejection{Code: "NOTHING_KNOWN", Message: "nothing is known of this number before; its first event must be activated or ported"}, nil
	case e.early(known):
		return &numbering.Rejection{Code: "OUT_OF_ORDER", Message: "the event lies before what is known of this number already; events come oldest first"}, nil
	}
	p.Counts.Rows++
	change := known.Observe(o)
	if len(change.Add) == 0 {
		return nil, nil
	}
	p.Counts.Changed++
	return nil, s.record(tx, p, t, news{}.and(record{msisdn: e.msisdn}, known, change))
}
