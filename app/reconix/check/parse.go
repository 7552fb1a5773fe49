package check

import (
	"errors"
	"fmt"
	"io"
	"os"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/numbering"
)

const (
	colMSISDN = iota
	colDate
)

func spec() sheet.Spec {
	return sheet.Spec{Columns: []sheet.Column{
		colMSISDN: {Name: "MSISDN", Synonyms: []string{"PHONE", "PHONE_NUMBER", "MOBILE", "MOBILE_NUMBER", "SUBSCRIBER_NUMBER", "NUMBER", "GSM"}, Required: true},
		colDate:   {Name: "DATE", Synonyms: []string{"SINCE", "SINCE_DATE", "CONSENT_DATE", "LINKED_DATE", "LAST_CONTACT", "LAST_CONTACTED"}, Required: true},
	}}
}

// FileKind is a file of numbers to be checked.
func FileKind() intake.Kind {
	return intake.Kind{Name: "checks", Need: access.SIMRead, Spec: spec(), Bare: true, MSISDN: colMSISDN, Dates: []int{colDate}}
}

// upload is an open file of numbers and days.
type upload struct {
	*sheet.File
	in io.Closer
}

// open opens a file with or without a header.
func open(path string, as intake.As) (*upload, error) {
	columns, err := as.Of(spec())
	if err != nil {
		return nil, err
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the upload: %w", err)
	}
	file, err := intake.OpenBare(in, columns)
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return &upload{file, in}, nil
}

// asked is one good row.
type asked struct {
	msisdn int64
	since  day.Day
}

// batch is what became of one block of the file.
type batch struct {
	rows    []asked
	rejects []intake.Reject
	last    int64 // line
	seen    int64 // rows, good and bad
}

// parser is one worker's reader of rows.
type parser struct {
	table *numbering.Table
	dates sheet.DateFormat
	today day.Day
	after int64 // rows up to this line are answered
}

func (p *parser) block(b *sheet.Block) *batch {
	out := &batch{last: b.Line(), rows: make([]asked, 0, b.Len()/24)}
	b.Rows(func(r *sheet.Row) bool {
		out.last = r.Line
		if r.Line <= p.after {
			return true
		}
		out.seen++
		row, column, err := p.row(r)
		if err != nil {
			out.rejects = append(out.rejects, intake.Because(r.Line, spec().Columns[column].Name, err))
		} else {
			out.rows = append(out.rows, row)
		}
		return true
	})
	return out
}

func (p *parser) row(r *sheet.Row) (out asked, column int, err error) {
	if e := r.Err(); e != nil {
		return out, colMSISDN, e
	}
	number, err := p.table.Parse(r.Cell(colMSISDN))
	if err != nil {
		return out, colMSISDN, err
	}
	cell := r.Cell(colDate)
	if len(cell) == 0 {
		return out, colDate, &numbering.Rejection{Code: numbering.Empty, Message: "the date is missing: give the day since which you ask, such as 2026-11-20"}
	}
	out = asked{msisdn: int64(number)}
	out.since, err = sheet.ParseDate(p.dates, cell)
	if err == nil && out.since > p.today {
		err = &numbering.Rejection{Code: "FUTURE", Message: "the date lies in the future: give today or a day before"}
	}
	return out, colDate, err
}
