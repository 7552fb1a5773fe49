package linkage

import (
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/numbering"
)

// The columns of a file of linkages, by their place in the spec.
const (
	colMSISDN = iota
	colKind
	colNumber
	colDate
	colSource
	colBank
)

func spec() sheet.Spec {
	return sheet.Spec{Columns: []sheet.Column{
		colMSISDN: {Name: "MSISDN", Synonyms: []string{"PHONE", "PHONE_NUMBER", "MOBILE", "MOBILE_NUMBER", "SUBSCRIBER_NUMBER", "GSM"}, Required: true},
		colKind:   {Name: "KIND", Synonyms: []string{"TYPE", "LINKAGE_TYPE", "ID_TYPE", "IDENTITY_TYPE"}, Required: true},
		colNumber: {Name: "NUMBER", Synonyms: []string{"ID_NUMBER", "IDENTITY_NUMBER", "NIN_BVN", "NIN_OR_BVN", "IDENTITY", "VALUE"}, Required: true},
		colDate:   {Name: "LINKED_DATE", Synonyms: []string{"DATE_LINKED", "LINK_DATE", "LINKED_ON", "LINKED_SINCE", "LINKED_AT", "DATE"}},
		colSource: {Name: "SOURCE", Synonyms: []string{"REPORTED_BY", "ORIGIN", "PROVIDER"}},
		colBank:   {Name: "BANK", Synonyms: []string{"BANK_CODE", "CBN_CODE", "BANK_NAME", "INSTITUTION"}},
	}}
}

// FileKind is a file of linkages.
func FileKind() intake.Kind {
	return intake.Kind{Name: "linkages", Need: access.LinkageWrite, Spec: spec(), MSISDN: colMSISDN, Dates: []int{colDate}, Numbers: []int{colNumber}, Words: []int{colKind, colSource, colBank}}
}

// row is a linkage of a file before it is written.
type row struct {
	Linkage
	line int64
}

// batch is what became of one block of the file.
type batch struct {
	rows    []row
	rejects []intake.Reject
	last    int64 // line
	seen    int64 // rows, good and bad
}

// parser is one worker's reader of rows.
type parser struct {
	table   *numbering.Table
	seals   *sealer
	banks   *banks
	dates   sheet.DateFormat
	today   day.Day
	at      time.Time
	after   int64  // rows up to this line are done
	bank    string // when set: only BVNs of this bank
	msisdn  int64  // when set: only this number
	sources map[string]string
	columns []sheet.Column
}

func (p *parser) block(b *sheet.Block) *batch {
	out := &batch{last: b.Line()}
	b.Rows(func(r *sheet.Row) bool {
		out.last = r.Line
		if r.Line <= p.after {
			return true
		}
		out.seen++
		if out.rows == nil {
			out.rows = make([]row, 0, b.Len()/40)
		}
		out.rows = append(out.rows, row{})
		if column, err := p.row(r, &out.rows[len(out.rows)-1]); err != nil {
			out.rows = out.rows[:len(out.rows)-1]
			out.rejects = append(out.rejects, intake.Because(r.Line, p.name(column), err))
		}
		return true
	})
	return out
}

func (p *parser) name(column int) string { return p.columns[column].Name }

// row reads one row; an error names the column that is wrong.
func (p *parser) row(r *sheet.Row, out *row) (column int, err error) {
	if e := r.Err(); e != nil {
		return 0, e
	}
	number, err := p.table.Parse(r.Cell(colMSISDN))
	if err != nil {
		return colMSISDN, err
	}
	*out = row{line: r.Line, Linkage: Linkage{MSISDN: int64(number), From: day.None, To: day.None, Learnt: p.at}}
	if p.msisdn != 0 && p.msisdn != out.MSISDN {
		return colMSISDN, errOther()
	}
	kind, ok := kindOf(r.Cell(colKind))
	if !ok || (p.bank != "" && kind != BVN) {
		return colKind, errKind(p.bank != "")
	}
	if column, err := p.when(r, out); err != nil {
		return column, err
	}
	if out.Source, err = p.source(r.Cell(colSource)); err != nil {
		return colSource, err
	}
	if kind == NIN {
		nin, _, err := numbering.ParseNIN(r.Cell(colNumber))
		if err == nil {
			p.seals.ofNIN(&out.Linkage, nin)
		}
		return colNumber, err
	}
	if out.Bank, err = p.banks.code(r.Cell(colBank)); err != nil {
		return colBank, err
	}
	if p.bank != "" && out.Bank != p.bank {
		return colBank, errOther()
	}
	bvn, _, err := numbering.ParseBVN(r.Cell(colNumber))
	if err == nil {
		p.seals.ofBVN(&out.Linkage, bvn)
	}
	return colNumber, err
}

func (p *parser) when(r *sheet.Row, out *row) (column int, err error) {
	cell := r.Cell(colDate)
	if len(cell) == 0 {
		return colDate, nil // not told is not wrong: it stays unknown
	}
	out.From, err = sheet.ParseDate(p.dates, cell)
	if err == nil && out.From > p.today {
		err = &numbering.Rejection{Code: "FUTURE", Message: "the day lies in the future: give the day since which the linkage stands, or leave the cell empty"}
	}
	return colDate, err
}

// unnamed is the source of rows that name none.
const unnamed = "file"

// source reads who says so; the few names of a file are judged once.
func (p *parser) source(cell []byte) (string, error) {
	if len(cell) == 0 {
		return unnamed, nil
	}
	if name, ok := p.sources[string(cell)]; ok {
		return name, nil
	}
	name, err := sourceOf(cell)
	if err == nil && len(p.sources) < 1000 {
		p.sources[string(cell)] = name
	}
	return name, err
}

func kindOf(cell []byte) (Kind, bool) {
	if len(cell) != 3 {
		return 0, false
	}
	switch [3]byte{cell[0] &^ 0x20, cell[1] &^ 0x20, cell[2] &^ 0x20} {
	case [3]byte{'N', 'I', 'N'}:
		return NIN, true
	case [3]byte{'B', 'V', 'N'}:
		return BVN, true
	}
	return 0, false
}

func errKind(bank bool) error {
	if bank {
		return &numbering.Rejection{Code: "KIND", Message: "your account speaks for a bank: it reports linkages of the kind BVN only"}
	}
	return &numbering.Rejection{Code: "KIND", Message: "the kind is neither NIN nor BVN: give one of the two"}
}

func errOther() error {
	return &numbering.Rejection{Code: "NOT_YOURS", Message: "the row is about something that your account may not report on: send only rows of your own network, bank or number"}
}
