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

	layout *layout
	code   rowFault
	count  int // fields found
	quoted bool
	ends   []int32  // plain row: where each field ends in Raw
	cells  [][]byte // quoted row: the fields without their quotes
	spare  bool     // a field behind the last column has something in it
	space  []byte   // holds fields whose doubled quotes were undone
}

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
	if at < 0 || at >= r.count {
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

// Blank tells a row without anything in it, as spreadsheets leave them under
// their data.
func (r *Row) Blank() bool {
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
	case r.count > r.layout.fields:
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

// split cuts a row without quotes.
func (r *Row) split(raw []byte) {
	r.Raw, r.quoted, r.spare = raw, false, false
	delimiter, ends := r.layout.delimiter, r.ends
	n, start := 0, 0
	for {
		at := bytes.IndexByte(raw[start:], delimiter)
		if at < 0 {
			break
		}
		start += at
		ends[n] = int32(start)
		start++
		if n++; n == r.layout.fields {
			r.spare = !empty(raw[start:], delimiter)
			r.count = n
			return
		}
	}
	ends[n] = int32(len(raw))
	r.count = n + 1
}

// begin makes ready for a row with quotes, whose fields come by add.
func (r *Row) begin() {
	r.quoted, r.spare, r.count = true, false, 0
	r.cells, r.space = r.cells[:0], r.space[:0]
}

func (r *Row) add(field []byte, escaped bool) {
	if r.count == r.layout.fields {
		r.spare = r.spare || len(trim(field)) > 0
		return
	}
	if escaped || bytes.IndexByte(field, '\r') >= 0 {
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
