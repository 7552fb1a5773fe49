package sheet

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Row is one row, good or bad. It and its cells live until the callback of
// Rows returns.
type Row struct {
	Line int64  // of its first byte, counting from 1
	Raw  []byte // as it stands in the file, in UTF-8, without its line end; cut short when TOO_LONG

	// Most rows of a daily file are those of the day before. An importer that
	// sees this by Raw and one cell does not pay for the rest: a row is split
	// only as far as it is asked for.
	layout  *layout
	checks  checks
	checked bool // code is known
	code    rowFault
	quoted  bool
	pending bool     // a quoted row whose fields were not read yet
	count   int      // fields found so far
	ends    []int32  // plain row: where each field ends in Raw
	cells   [][]byte // quoted row: the fields without their quotes
	spare   bool     // a field behind the last column has something in it
	space   []byte   // holds fields whose doubled quotes were undone
}

// checks are what must be looked at in each row, because the block as a whole
// did not pass.
type checks struct{ quotes, nul, encoding bool }

// RowError is why a row is not taken. Column is empty when it is about the
// whole row.
type RowError struct {
	Line    int64  `json:"line"`
	Column  string `json:"column,omitempty"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (e *RowError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

// The codes of row errors.
const (
	TooLong      = "TOO_LONG"
	BadQuote     = "BAD_QUOTE"
	WrongColumns = "WRONG_COLUMNS"
	NULByte      = "NUL_BYTE"
	BadEncoding  = "BAD_ENCODING"
)

type rowFault uint8

const (
	sound rowFault = iota
	faultTooLong
	faultBadQuote
	faultWrongColumns
	faultNULByte
	faultBadEncoding
)

// Cell gives the cell under a column of the Spec, by its index there, without
// quotes and without blanks around it. It is nil when the file has no such
// column, and when the row is broken so that nobody can say what is under it.
func (r *Row) Cell(column int) []byte {
	at := r.layout.columns[column]
	if at < 0 {
		return nil
	}
	if at >= r.count && !r.reach(at) {
		return nil
	}
	if r.quoted {
		return trim(r.cells[at])
	}
	start := int32(0)
	if at > 0 {
		start = r.ends[at-1] + 1
	}
	cell := r.Raw[start:r.ends[at]]
	if n := len(cell); n > 0 && cell[0] > ' ' && cell[n-1] > ' ' {
		return cell
	}
	return trim(cell)
}

// Field gives the cell at a place of the header, counted from 0, for who looks at a file
// whatever its columns are.
func (r *Row) Field(at int) []byte {
	if at >= r.count && !r.reach(at) {
		return nil
	}
	if r.quoted {
		return trim(r.cells[at])
	}
	start := int32(0)
	if at > 0 {
		start = r.ends[at-1] + 1
	}
	return trim(r.Raw[start:r.ends[at]])
}

// Blank tells a row without anything in it, as spreadsheets leave them under
// their data.
func (r *Row) Blank() bool {
	r.check()
	if !r.quoted {
		return empty(r.Raw, r.layout.delimiter)
	}
	return !slices.ContainsFunc(r.cells, func(cell []byte) bool { return len(trim(cell)) > 0 })
}

// empty tells a stretch of blank cells.
func empty(cells []byte, delimiter byte) bool {
	for _, c := range cells {
		if !blank(c) && c != delimiter {
			return false
		}
	}
	return true
}

// Err tells what is wrong with the row; nil when it is sound.
func (r *Row) Err() *RowError {
	r.check()
	if r.code == sound {
		return nil
	}
	e := &RowError{Line: r.Line}
	switch r.code {
	case faultTooLong:
		e.Code, e.Message = TooLong, fmt.Sprintf("the row is longer than %d bytes: end each row with a line feed", r.layout.maxRow)
	case faultBadQuote:
		e.Code, e.Message = BadQuote, `the quotes do not match: put a cell with a quote in it between quotes and double those within, as in "5"" pipe"`
	case faultWrongColumns:
		e.Code, e.Message = WrongColumns, fmt.Sprintf("the row has %s: the header has %d, so put cells that contain %q between quotes", r.countText(), r.layout.fields, string(rune(r.layout.delimiter)))
	case faultNULByte:
		e.Code, e.Column, e.Message = NULByte, r.columnOf(func(cell []byte) bool { return bytes.IndexByte(cell, 0) >= 0 }), "the row contains a NUL byte: export the file as text again"
	case faultBadEncoding:
		e.Code, e.Column, e.Message = BadEncoding, r.columnOf(func(cell []byte) bool { return !utf8.Valid(cell) }), "the row is not UTF-8: save the file as CSV (UTF-8)"
	}
	return e
}

func (r *Row) countText() string {
	switch {
	case r.spare:
		return fmt.Sprintf("more than %d columns", r.layout.fields)
	case r.count == 1:
		return "1 column"
	}
	return fmt.Sprintf("%d columns", r.count)
}

// columnOf names the first wanted column whose cell is meant.
func (r *Row) columnOf(meant func([]byte) bool) string {
	for i, name := range r.layout.names {
		if cell := r.Cell(i); cell != nil && meant(cell) {
			return name
		}
	}
	return ""
}

// start makes ready for another row.
func (r *Row) start(raw []byte, quoted bool) {
	r.Raw, r.quoted, r.pending = raw, quoted, quoted
	r.checked, r.code, r.count, r.spare = false, sound, 0, false
}

// fail is a row of which no cell can be told.
func (r *Row) fail(raw []byte, code rowFault) {
	r.start(raw, false)
	r.checked, r.code = true, code
}

// reach splits the row as far as a field, the first or else all; false when
// it has no such field.
func (r *Row) reach(field int) bool {
	switch {
	case r.pending:
		r.read()
	case r.quoted, r.code == faultTooLong, r.code == faultBadQuote:
	case field == 0:
		r.first()
	case r.count < r.layout.fields:
		r.split()
	}
	return field < r.count
}

// read reads the fields of a quoted row.
func (r *Row) read() {
	r.begin()
	if _, v := r.layout.record(r.Raw, true, r); v != good {
		r.fail(r.Raw, faultBadQuote)
	}
}

// check looks at the row as a whole.
func (r *Row) check() {
	if r.pending {
		r.read()
	}
	if r.checked {
		return
	}
	r.checked = true
	switch {
	case r.wrongColumns():
		r.code = faultWrongColumns
	case r.checks.nul && bytes.IndexByte(r.Raw, 0) >= 0:
		r.code = faultNULByte
	case r.checks.encoding && !utf8.Valid(r.Raw):
		r.code = faultBadEncoding
	}
}

func (r *Row) wrongColumns() bool {
	fields := r.layout.fields
	if r.quoted {
		return r.count < fields || r.spare
	}
	r.split()
	r.spare = r.count == fields && !empty(r.Raw[r.ends[fields-1]:], r.layout.delimiter)
	return r.count < fields || r.spare
}

// begin makes ready for a row with quotes, whose fields come by add.
func (r *Row) begin() {
	r.quoted, r.pending, r.spare, r.count = true, false, false, 0
	r.cells, r.space = r.cells[:0], r.space[:0]
}

func (r *Row) add(field []byte, escaped bool) {
	if r.count == r.layout.fields {
		r.spare = r.spare || len(trim(field)) > 0
		return
	}
	if escaped {
		field = r.unescape(field)
	}
	r.cells = append(r.cells, field)
	r.count++
}

// unescape undoes doubled quotes and, as encoding/csv does, the carriage
// returns before line feeds. Cells that were given out stay where they are
// when space moves.
func (r *Row) unescape(field []byte) []byte {
	start := len(r.space)
	for i := 0; i < len(field); i++ {
		c := field[i]
		if c == '\r' && i+1 < len(field) && field[i+1] == '\n' {
			continue
		}
		if c == '"' {
			i++ // the grammar of record leaves none but doubled ones
		}
		r.space = append(r.space, c)
	}
	return r.space[start:len(r.space):len(r.space)]
}

func trim(cell []byte) []byte {
	for len(cell) > 0 && blank(cell[0]) {
		cell = cell[1:]
	}
	for len(cell) > 0 && blank(cell[len(cell)-1]) {
		cell = cell[:len(cell)-1]
	}
	return cell
}

func blank(c byte) bool { return c == ' ' || c-'\t' < 5 } // \t \n \v \f \r
