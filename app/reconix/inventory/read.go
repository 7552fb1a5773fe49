package inventory

import (
	"bytes"
	"context"
	"encoding/binary"
	"sync"

	"github.com/dchest/siphash"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/tenure"
)

// The columns of an inventory, by their place in the spec.
const (
	colMSISDN = iota
	colSerial
	colIMSI
	colActivated
	colName
	colStatus
	colHolder
	colNIN
)

var columnNames = [...]string{"MSISDN", "SIM_SERIAL", "IMSI", "ACTIVATION_DATE", "SUBSCRIBER_NAME", "STATUS", "HOLDER_ID", "NIN"}

// spec names the columns with the synonyms that operators use.
func spec() sheet.Spec {
	return sheet.Spec{Columns: []sheet.Column{
		colMSISDN:    {Name: columnNames[colMSISDN], Synonyms: []string{"PHONE", "PHONE_NUMBER", "MOBILE", "MOBILE_NUMBER", "SUBSCRIBER_NUMBER", "NUMBER", "GSM", "LINE"}, Required: true},
		colSerial:    {Name: columnNames[colSerial], Synonyms: []string{"ICCID", "SIM", "SIM_NO", "SIM_NUMBER", "SERIAL", "SIM_SERIAL_NUMBER", "CARD"}},
		colIMSI:      {Name: columnNames[colIMSI], Synonyms: []string{"IMSI_NUMBER"}},
		colActivated: {Name: columnNames[colActivated], Synonyms: []string{"ACTIVATED", "ACTIVATED_ON", "ACTIVATION", "DATE_ACTIVATED", "START_DATE", "REGISTRATION_DATE"}, Required: true},
		colName:      {Name: columnNames[colName], Synonyms: []string{"NAME", "FULL_NAME", "CUSTOMER_NAME", "OWNER", "OWNER_NAME", "SUBSCRIBER"}},
		colStatus:    {Name: columnNames[colStatus], Synonyms: []string{"STATE", "LINE_STATUS", "SIM_STATUS"}},
		colHolder:    {Name: columnNames[colHolder], Synonyms: []string{"CUSTOMER_ID", "SUBSCRIBER_ID", "ACCOUNT_ID"}},
		colNIN:       {Name: columnNames[colNIN], Synonyms: []string{"NIN_NUMBER", "NATIONAL_ID"}},
	}}
}

// Kinds are the files that tell of an operator's numbers: all of them, single events, or the past.
func Kinds() []intake.Kind {
	return []intake.Kind{
		{Name: "inventory", Need: access.SIMBulkUpload, Spec: spec(), MSISDN: colMSISDN, Dates: []int{colActivated}, Numbers: []int{colNIN}, Names: []int{colName}, Words: []int{colStatus}},
		{Name: "events", Need: access.SIMBulkUpload, Spec: eventSpec(), MSISDN: evMSISDN, Dates: []int{evDate}, Numbers: []int{evNIN}, Names: []int{evName}, Words: []int{evKind}},
		{Name: "tenures", Need: access.SIMBulkUpload, Spec: tenureSpec(), MSISDN: tnMSISDN, Dates: []int{tnFrom, tnTo}, Numbers: []int{tnNIN}, Names: []int{tnName}, Words: []int{tnEndedAs}},
	}
}

// reader turns rows of one file into records.
type reader struct {
	table    *numbering.Table
	keys     *tenure.Keys
	operator string
	k0, k1   uint64 // of raw and card hashes
	dates    sheet.DateFormat
	layout   uint64
	today    day.Day   // no activation lies after the day of the feed
	prev     *snapshot // of the same layout, or nil: an unchanged row is copied from it
}

// batch is what became of one block of the file.
type batch struct {
	rows      []record
	rejects   []intake.Reject
	ascending bool
	err       error
}

// layoutOf is the fingerprint of what a row's bytes mean: which column is where, and
// how dates are written.
func layoutOf(d sheet.Dialect, dates sheet.DateFormat, k0, k1 uint64) uint64 {
	var b bytes.Buffer
	b.WriteByte(d.Delimiter)
	for _, c := range d.Columns {
		_ = binary.Write(&b, binary.LittleEndian, int32(c)) // a Buffer takes everything
	}
	_ = binary.Write(&b, binary.LittleEndian, int32(dates))
	return siphash.Hash(k0, k1, b.Bytes())
}

// parser is one worker's own scratch space.
type parser struct {
	*reader
	prev    *cursor
	scratch []byte
	out     *batch
}

func (p *parser) block(b *sheet.Block, out *batch) {
	p.out = out
	out.rows, out.rejects, out.ascending = out.rows[:0], nil, true
	last := int64(0)
	b.Rows(func(row *sheet.Row) bool {
		n := len(out.rows)
		out.err = p.row(row)
		if len(out.rows) > n {
			out.ascending = out.ascending && out.rows[n].msisdn >= last
			last = out.rows[n].msisdn
		}
		return out.err == nil
	})
}

// row reads one row. The number and the bytes come first, since splitting a row into
// all its cells is dear and most rows are the same as yesterday.
func (p *parser) row(row *sheet.Row) error {
	number, wrong := p.table.Parse(row.Cell(colMSISDN))
	r := record{msisdn: int64(number), line: uint32(row.Line)}
	if wrong == nil {
		r.raw = siphash.Hash(p.k0, p.k1, row.Raw)
		same, err := p.unchanged(&r)
		if err != nil || same {
			return err
		}
	}
	if e := row.Err(); e != nil {
		p.out.rejects = append(p.out.rejects, intake.Because(row.Line, "", e))
		return nil
	}
	if wrong != nil {
		p.refuse(row, colMSISDN, wrong)
		return nil
	}
	if !p.cells(row, &r) {
		r = record{msisdn: r.msisdn, line: r.line, status: unreadable, activated: noDay}
	}
	p.out.rows = append(p.out.rows, r)
	return nil
}

// unchanged takes a row over from the last snapshot when its bytes are the same.
func (p *parser) unchanged(r *record) (bool, error) {
	if p.prev == nil {
		return false, nil
	}
	old, err := p.prev.seek(r.msisdn)
	if err != nil || old == nil || old.raw != r.raw {
		return false, err
	}
	same := *old
	same.line = r.line
	p.out.rows = append(p.out.rows, same)
	return true, nil
}

// cells reads the row behind its number; false when one of them spoils it.
func (p *parser) cells(row *sheet.Row, r *record) bool {
	ok := false
	if r.status, ok = statusOf(row.Cell(colStatus)); !ok {
		p.refuse(row, colStatus, &numbering.Rejection{Code: "STATUS", Message: "is not a status that is known here; write active, barred, deactivated, churned or quarantined, or leave the cell empty"})
		return false
	}
	if cell := row.Cell(colSerial); len(cell) > 0 {
		iccid, _, err := numbering.ICCID(cell)
		if err != nil {
			p.refuse(row, colSerial, err)
			return false
		}
		r.iccid = packCard(iccid, func(b []byte) uint64 { return siphash.Hash(p.k0, p.k1, b) })
	}
	if cell := row.Cell(colIMSI); len(cell) > 0 {
		imsi, _, err := numbering.ParseIMSI(cell)
		if err != nil {
			p.refuse(row, colIMSI, err)
			return false
		}
		r.imsi = int64(imsi)
	}
	return p.date(row, r) && p.who(row, r)
}

func (p *parser) date(row *sheet.Row, r *record) bool {
	r.activated = noDay
	cell := row.Cell(colActivated)
	if len(cell) == 0 {
		return true // not told is not wrong: it stays unknown
	}
	d, err := sheet.ParseDate(p.dates, cell)
	if err == nil && (d > p.today || d < 0) {
		err = &numbering.Rejection{Code: "DATE_RANGE", Message: "lies outside 1970-01-01 and the day of the file"}
	}
	if err != nil {
		p.refuse(row, colActivated, err)
		return false
	}
	r.activated = int16(d)
	return true
}

// who reads the strongest thing that the row tells of its holder: NIN, the operator's
// holder id, or the name.
func (p *parser) who(row *sheet.Row, r *record) bool {
	var h tenure.Holder
	if cell := row.Cell(colNIN); len(cell) > 0 {
		nin, _, err := numbering.ParseNIN(cell)
		if err != nil {
			p.refuse(row, colNIN, err)
			return false
		}
		h = p.keys.NIN([]byte(nin.Reveal()))
	} else if cell := row.Cell(colHolder); len(cell) > 0 {
		h = p.keys.ID(p.operator, cell)
	} else {
		h, p.scratch = p.keys.Name(p.scratch, row.Cell(colName))
	}
	if h.Kind == tenure.Unknown && r.status == active {
		p.refuse(row, colName, &numbering.Rejection{Code: "HOLDER_MISSING", Message: "is empty: a line in use needs a subscriber name, a holder id or a NIN"})
		return false
	}
	r.kind, r.holder, r.names = h.Kind, h.Token, h.Names
	return true
}

func (p *parser) refuse(row *sheet.Row, column int, err error) {
	p.out.rejects = append(p.out.rejects, intake.Because(row.Line, columnNames[column], err))
}

// read parses a file with several workers side by side.
func (r *reader) read(ctx context.Context, file *sheet.File) *blocks {
	b := &blocks{pool: sync.Pool{New: func() any { return &batch{} }}}
	parse := make([]func(*sheet.Block) *batch, workers)
	for i := range parse {
		p := &parser{reader: r}
		if r.prev != nil {
			p.prev = r.prev.cursor()
		}
		parse[i] = func(block *sheet.Block) *batch {
			out := b.pool.Get().(*batch)
			p.block(block, out)
			return out
		}
	}
	b.Batches = intake.Read(ctx, file, parse...)
	return b
}

// blocks are a file's batches, whose space is used again.
type blocks struct {
	*intake.Batches[*batch]
	pool sync.Pool
	held *batch
}

// next is the next batch in the file's order, nil at the end. It is valid until the
// next call.
func (b *blocks) next(ctx context.Context) (*batch, error) {
	if b.held != nil {
		b.pool.Put(b.held)
		b.held = nil
	}
	out, more, err := b.Next(ctx)
	if err != nil || !more {
		return nil, err
	}
	b.held = out
	return out, out.err
}
