package inventory

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"reconexus/app/jobs"
	"reconexus/app/kit/day"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// An EVENT file tells single things that happened instead of everything that is: one
// row an event, oldest first. It says nothing of numbers that it does not name, so it
// has no snapshot, no breaker and no part in coverage.

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
	line   int64
	msisdn int64
	word   eventWord
	day    day.Day
	holder tenure.Holder
	card   int64 // 0: not told
}

// openEvents reads an upload as an EVENT file; a *sheet.Refusal when it is none.
func (s *Service) openEvents(t task) (*sheet.File, io.Closer, error) {
	return s.openAs(t, eventSpec())
}

// specOf is what a sender's columns speak of: a list of events when they say where the
// event is, and a full list otherwise.
func specOf(as intake.As) sheet.Spec {
	if saysEvents(as) {
		return eventSpec()
	}
	return spec()
}

func saysEvents(as intake.As) bool {
	m, refusal := sheet.ParseMapping(as.Columns)
	return refusal == nil && m.Names(eventSpec().Columns[evKind].Name)
}

// areEvents tells whether an upload is an EVENT file: by what its sender says of its
// columns or else by its header.
func (s *Service) areEvents(t task) (bool, error) {
	if t.Columns != "" {
		return saysEvents(t.As), nil
	}
	_, in, err := s.openEvents(t)
	var refusal *sheet.Refusal
	if errors.As(err, &refusal) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, in.Close()
}

// applyEvents writes what an EVENT file tells, row by row, in pieces with checkpoints.
func (s *Service) applyEvents(ctx context.Context, r *jobs.Run, t task, p *progress) (any, error) {
	r.Stage("Reading the events and writing them")
	dates, err := intake.Dates(func() (*sheet.File, io.Closer, error) { return s.openEvents(t) }, evDate, t.DateOrder)
	if err != nil {
		return nil, intake.Refused(err)
	}
	file, in, err := s.openEvents(t)
	if err != nil {
		return nil, intake.Refused(err)
	}
	defer in.Close()
	rejects, err := intake.NewErrors(r, p.Rejects)
	if err != nil {
		return nil, err
	}
	defer rejects.Close()
	if p.Learnt.IsZero() {
		p.Learnt = s.Clock().UTC().Truncate(time.Millisecond)
	}
	w := &eventWriting{Service: s, run: r, task: t, p: p, rejects: rejects}
	for {
		block, err := file.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, intake.Refused(err)
		}
		rows, wrong := s.parseEvents(block, t, dates, p.Last)
		block.Release()
		if err := w.write(ctx, rows, wrong); err != nil {
			return nil, err
		}
		r.Progress(file.Taken(), t.Upload.Size, "bytes")
	}
	return s.finishEvents(ctx, r, t, p)
}

// parseEvents reads the rows of a block behind a line.
func (s *Service) parseEvents(block *sheet.Block, t task, dates sheet.DateFormat, after int64) (rows []happening, wrong []intake.Reject) {
	var scratch []byte
	block.Rows(func(row *sheet.Row) bool {
		if row.Line <= after {
			return true
		}
		if e := row.Err(); e != nil {
			wrong = append(wrong, intake.Because(row.Line, "", e))
			return true
		}
		h := happening{line: row.Line}
		column, err := s.readEvent(row, t, dates, &h, &scratch)
		if err != nil {
			wrong = append(wrong, intake.Because(row.Line, eventSpec().Columns[column].Name, err))
			return true
		}
		rows = append(rows, h)
		return true
	})
	return rows, wrong
}

func (s *Service) readEvent(row *sheet.Row, t task, dates sheet.DateFormat, h *happening, scratch *[]byte) (column int, err error) {
	number, err := s.Table.Parse(row.Cell(evMSISDN))
	if err != nil {
		return evMSISDN, err
	}
	h.msisdn = int64(number)
	var ok bool
	if h.word, ok = eventWordOf(row.Cell(evKind)); !ok {
		return evKind, &numbering.Rejection{Code: "EVENT", Message: "is not an event that is known here; write activated, deactivated, churned, quarantined, reactivated, swapped or ported"}
	}
	if h.day, err = sheet.ParseDate(dates, row.Cell(evDate)); err != nil {
		return evDate, err
	}
	if h.day > t.Day {
		return evDate, &numbering.Rejection{Code: "DATE_RANGE", Message: "lies behind the day of the file"}
	}
	var card record
	if cell := row.Cell(evSerial); len(cell) > 0 {
		iccid, _, err := numbering.ICCID(cell)
		if err != nil {
			return evSerial, err
		}
		card.iccid = packCard(iccid, s.hashOf)
	}
	if cell := row.Cell(evIMSI); len(cell) > 0 {
		imsi, _, err := numbering.ParseIMSI(cell)
		if err != nil {
			return evIMSI, err
		}
		card.imsi = int64(imsi)
	}
	if card.iccid != 0 || card.imsi != 0 {
		h.card = card.token()
	}
	switch {
	case len(row.Cell(evNIN)) > 0:
		nin, _, err := numbering.ParseNIN(row.Cell(evNIN))
		if err != nil {
			return evNIN, err
		}
		h.holder = s.Keys.NIN([]byte(nin.Reveal()))
	case len(row.Cell(evHolder)) > 0:
		h.holder = s.Keys.ID(t.Operator, row.Cell(evHolder))
	default:
		h.holder, *scratch = s.Keys.Name(*scratch, row.Cell(evName))
	}
	return 0, nil
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

type eventWriting struct {
	*Service
	run     *jobs.Run
	task    task
	p       *progress
	rejects *intake.List
}

// write applies the rows of one block, in pieces.
func (w *eventWriting) write(ctx context.Context, rows []happening, wrong []intake.Reject) error {
	if err := w.rejects.Reject(wrong); err != nil {
		return err
	}
	for len(rows) > 0 {
		var refused []intake.Reject
		n, err := sqlite.Bulk(ctx, w.DB, func(tx *sqlite.Tx) (int, error) {
			n := 0
			refused = refused[:0]
			p := w.p.copy()
			for ; n < len(rows) && !tx.Enough(); n++ {
				why, err := w.one(tx, &p, rows[n])
				if err != nil {
					return 0, err
				}
				if why != nil {
					refused = append(refused, intake.Because(rows[n].line, "MSISDN", why))
				}
				p.Last = rows[n].line
			}
			if err := w.rejects.Reject(refused); err != nil {
				return 0, err
			}
			mark, err := w.rejects.Mark()
			if err != nil {
				return 0, err
			}
			p.Rejects, p.Counts.Rejected, p.Writing = mark, mark.Rows, true
			tx.After(func() { *w.p = p })
			return n, w.run.Checkpoint(tx, &p)
		})
		if err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// one writes one event; why is the reason when it cannot be about anything.
func (w *eventWriting) one(tx *sqlite.Tx, p *progress, e happening) (why error, err error) {
	known, err := tenure.Of(tx, e.msisdn)
	if err != nil {
		return nil, err
	}
	o, ok := e.observation(w.task.Operator, known)
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
	return nil, w.record(tx, p, w.task, news{}.and(record{msisdn: e.msisdn}, known, change))
}

func (s *Service) finishEvents(ctx context.Context, r *jobs.Run, t task, p *progress) (any, error) {
	now := s.Clock().UTC()
	f := Feed{ID: t.Feed, State: Applied, Rows: p.Counts.Rows, Rejected: p.Counts.Rejected, Changed: p.Counts.Changed, AppliedAt: &now}
	out := Result{Feed: t.Feed, Operator: t.Operator, Day: t.Day, State: Applied, counts: p.Counts, Events: p.Events}
	return out, sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		tx.After(func() { s.sweep(t.Feed) })
		return errors.Join(finish(tx, f), setPartial(tx, t.Feed),
			s.Audit.Record(tx, r.Principal(), "inventory.events", t.Feed, "rows", f.Rows, "rejected", f.Rejected, "changed", f.Changed))
	})
}
