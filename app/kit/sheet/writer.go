package sheet

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode/utf8"
)

// Writer writes CSV that is safe to open in a spreadsheet. A cell that a
// spreadsheet would run as a formula gets an apostrophe in front, by which the
// spreadsheet takes it as text. A phone number in E.164 begins with a plus and
// is left alone: a sign and digits are no formula, and every program that
// reads our exports expects the number as it is.
type Writer struct {
	csv *csv.Writer
	row []string
}

// NewWriter writes to w with commas and CRLF, as RFC 4180 has it.
func NewWriter(w io.Writer) *Writer {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	return &Writer{csv: out}
}

// Write writes one row; the slice stays the caller's.
func (w *Writer) Write(cells ...string) error {
	w.row = w.row[:0]
	for _, cell := range cells {
		w.row = append(w.row, Safe(cell))
	}
	return w.csv.Write(w.row)
}

// Flush writes what is still held and gives the first error there was.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

// Safe is the cell as Writer writes it.
func Safe(cell string) string {
	switch first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, " ")); first {
	case '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
		if !isE164(cell) {
			return "'" + cell
		}
	}
	return cell
}

// isE164 tells a plus and 8 to 15 digits, the first of them not zero.
func isE164(cell string) bool {
	if len(cell) < 9 || len(cell) > 16 || cell[0] != '+' || cell[1] == '0' {
		return false
	}
	for i := 1; i < len(cell); i++ {
		if cell[i]-'0' > 9 {
			return false
		}
	}
	return true
}
