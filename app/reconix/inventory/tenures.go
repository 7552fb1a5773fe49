package inventory

import (
	"errors"

	"reconexus/app/kit/day"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/sims"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// A TENURES file hands over the past: one row for each time that somebody held a
// number, from its first day to the first day that it was over. Rows come in any order;
// what contradicts the record is refused, with the tenure that it contradicts.

// The columns of a TENURES file, by their place in its spec.
const (
	tnMSISDN = iota
	tnFrom
	tnTo
	tnEndedAs
	tnSerial
	tnIMSI
	tnName
	tnHolder
	tnNIN
)

var tenureFile = rowFile{
	kind: "tenures", spec: tenureSpec, sign: tnFrom, date: tnFrom,
	stage: "Reading the tenures and writing them", deed: "inventory.tenures",
	read: (*Service).readTenure,
}

func tenureSpec() sheet.Spec {
	full := spec().Columns
	return sheet.Spec{Columns: []sheet.Column{
		tnMSISDN:  full[colMSISDN],
		tnFrom:    {Name: "FROM", Synonyms: []string{"FROM_DAY", "HELD_FROM", "VALID_FROM"}, Required: true},
		tnTo:      {Name: "TO", Synonyms: []string{"TO_DAY", "HELD_TO", "HELD_UNTIL", "VALID_TO"}, Required: true},
		tnEndedAs: {Name: "ENDED_AS", Synonyms: []string{"END", "END_REASON"}},
		tnSerial:  full[colSerial], tnIMSI: full[colIMSI], tnName: full[colName], tnHolder: full[colHolder], tnNIN: full[colNIN],
	}}
}

func (s *Service) readTenure(row *sheet.Row, t task, dates sheet.DateFormat, scratch *[]byte) (do doing, column int, err error) {
	number, err := s.Table.Parse(row.Cell(tnMSISDN))
	if err != nil {
		return nil, tnMSISDN, err
	}
	told := tenure.Statement{MSISDN: int64(number), To: day.None, Last: day.None, Operator: t.Operator}
	if told.From, err = sheet.ParseDate(dates, row.Cell(tnFrom)); err != nil {
		return nil, tnFrom, err
	}
	if told.From > t.Day {
		return nil, tnFrom, &numbering.Rejection{Code: "DATE_RANGE", Message: "lies behind the day of the file"}
	}
	told.Activated = told.From
	if cell := row.Cell(tnTo); len(cell) > 0 {
		if told.To, err = sheet.ParseDate(dates, cell); err != nil {
			return nil, tnTo, err
		}
		if told.To <= told.From || told.To > t.Day {
			return nil, tnTo, &numbering.Rejection{Code: "DATE_RANGE", Message: "must lie after FROM and not behind the day of the file: it is the first day on which the number was no longer held"}
		}
		told.Last = told.To - 1
	}
	status, ok := statusOf(row.Cell(tnEndedAs))
	if told.EndedAs = status.endedAs(); !ok || (told.EndedAs != "" && told.To == day.None) {
		return nil, tnEndedAs, &numbering.Rejection{Code: "STATUS", Message: "is no way that a tenure ends; write deactivated, churned or quarantined beside a day in TO, or leave the cell empty"}
	}
	if told.EndedAs == "" && told.To != day.None {
		told.EndedAs = deactivated.endedAs()
	}
	if told.Card, column, err = s.cardOf(row, tnSerial, tnIMSI); err != nil {
		return nil, column, err
	}
	if told.Holder, column, err = s.holderOf(row, t.Operator, tnNIN, tnHolder, tnName, scratch); err != nil {
		return nil, column, err
	}
	if told.Holder.Kind == tenure.Unknown {
		return nil, tnName, &numbering.Rejection{Code: "HOLDER_MISSING", Message: "is empty: a tenure needs a subscriber name, a holder id or a NIN"}
	}
	return func(tx *sqlite.Tx, p *progress) (why, err error) { return s.held(tx, p, t, told) }, 0, nil
}

// held writes one tenure of the past; why is the reason when the record says otherwise.
func (s *Service) held(tx *sqlite.Tx, p *progress, t task, told tenure.Statement) (why, err error) {
	known, err := tenure.Of(tx, told.MSISDN)
	if err != nil {
		return nil, err
	}
	change, refusal := known.Fit(told)
	if refusal != "" {
		return &numbering.Rejection{Code: "CONTRADICTION", Message: refusal}, nil
	}
	p.Counts.Rows++
	if len(change.Add) == 0 {
		p.Counts.Repeated++
		return nil, nil
	}
	p.Counts.Changed++
	for _, e := range change.Events {
		p.Events[string(e.Kind)]++
	}
	changes := []tenure.Change{change}
	return nil, errors.Join(
		tenure.Record(tx, changes, p.Learnt, t.Feed),
		s.corrected(tx, changes),
		s.presentRecycled(tx, told.MSISDN),
		linkage.Recheck(tx, []int64{told.MSISDN}),
	)
}

// presentRecycled makes the record of a recycled SIM when the past shows that a
// number's present holder is not its first. Those who held it in between are history:
// nothing of theirs can be cleaned up but what is on the number now.
func (s *Service) presentRecycled(tx *sqlite.Tx, msisdn int64) error {
	h, err := tenure.Of(tx, msisdn)
	if err != nil || len(h) < 2 {
		return err
	}
	before, present := h[len(h)-2], h[len(h)-1]
	if tenure.Same(before.Holder, present.Holder) == tenure.Yes {
		return nil
	}
	_, err = s.Sims.Recycled(tx, sims.Recycling{
		MSISDN: msisdn, Generation: present.Generation, Operator: present.Operator, Recycled: present.From, Deactivated: before.To,
		Method: "reconciliation", QuickReuse: present.From.Known() && before.Last.Known() && present.From-before.Last <= quickReuse,
	})
	return err
}
