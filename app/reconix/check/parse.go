package check

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"

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

// upload is an open file of numbers and days.
type upload struct {
	*sheet.File
	in     io.Closer
	header int64 // 1 when the file has no header and was given one: its lines count from there
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
	file, err := sheet.Open(in, columns)
	if err == nil {
		return &upload{File: file, in: in}, nil
	}
	var refusal *sheet.Refusal
	if errors.As(err, &refusal) && refusal.Code == sheet.NoHeader {
		if headed, ok := withHeader(in); ok {
			if file, wrong := sheet.Open(headed, spec()); wrong == nil {
				return &upload{File: file, in: in, header: 1}, nil
			}
		}
	}
	return nil, errors.Join(err, in.Close())
}

// withHeader reads a file from its start and puts a header before it, if its first
// line begins with a number.
func withHeader(in *os.File) (io.Reader, bool) {
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return nil, false
	}
	text := bufio.NewReaderSize(in, 64<<10)
	if start, _ := text.Peek(2); bytes.Equal(start, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(text)
		if err != nil {
			return nil, false
		}
		text = bufio.NewReaderSize(unzipped, 64<<10)
	}
	if mark, _ := text.Peek(3); bytes.Equal(mark, []byte{0xef, 0xbb, 0xbf}) {
		if _, err := text.Discard(3); err != nil {
			return nil, false
		}
	}
	start, _ := text.Peek(256)
	at := bytes.IndexAny(start, ",;\t|")
	if at < 0 {
		return nil, false
	}
	if _, err := numbering.ParseMSISDN(bytes.Trim(start[:at], `" `)); err != nil {
		return nil, false
	}
	return io.MultiReader(bytes.NewReader([]byte("MSISDN"+string(start[at])+"DATE\n")), text), true
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
	table  *numbering.Table
	dates  sheet.DateFormat
	today  day.Day
	header int64
	after  int64 // rows up to this line are answered
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
			out.rejects = append(out.rejects, intake.Because(r.Line-p.header, spec().Columns[column].Name, err))
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
