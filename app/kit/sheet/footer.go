package sheet

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Footer is the totals row that many systems write under their data, such as
// "TOTAL,123", "Total records: 123" or "TRAILER|20261120|123".
type Footer struct {
	Line   int64
	Raw    string
	Stated int64 // the number of records that it states, or -1
}

// Footer gives the totals row. It is known when Next has answered io.EOF, and
// nil when the file has none.
func (f *File) Footer() *Footer { return f.footer }

// CheckFooter compares the footer's count with the rows that were seen; call
// it when Rows has gone through every block. Systems differ in whether header
// and footer count, so the count may be higher by one or two. No footer, or one
// without a count, is fine.
func (f *File) CheckFooter() error {
	if f.footer == nil || f.footer.Stated < 0 {
		return nil
	}
	seen := f.rows.Load()
	if surplus := f.footer.Stated - seen; surplus >= 0 && surplus <= 2 {
		return nil
	}
	return refuse(FooterMismatch, "the last line says that the file has %d records and it has %d: it was cut or changed on its way, so export and send it again", f.footer.Stated, seen)
}

// cutFooter gives where the footer begins, or else the end of the data.
func (f *File) cutFooter(data []byte, quotes bool) int {
	end := f.textEnd(data)
	start := bytes.LastIndexByte(data[:end], '\n') + 1
	if quotes {
		start = f.lastRecord(data, end)
	}
	row := f.layout.newRow()
	row.begin()
	next, v := f.layout.record(data[start:], true, row)
	if v != good || next == 0 || end == 0 {
		return len(data)
	}
	footer := &Footer{Line: f.line + int64(bytes.Count(data[:start], []byte("\n"))), Raw: string(data[start:end]), Stated: -1}
	if !footer.read(row.cells, row.count == f.layout.fields && !row.spare) {
		return len(data)
	}
	f.footer = footer
	return start
}

func (f *File) lastRecord(data []byte, end int) (start int) {
	for at := 0; at < end; {
		start = at
		next, _ := f.layout.record(data[at:], true, nil)
		at += next
	}
	return start
}

// read tells whether the cells are a footer. A row that has a cell for each
// column must say so in a word; one that has not, by a bare mark too.
func (f *Footer) read(cells [][]byte, whole bool) bool {
	first := slices.IndexFunc(cells, func(cell []byte) bool { return len(trim(cell)) > 0 })
	if first < 0 {
		return false
	}
	label, rest := words(string(cells[first]))
	switch label {
	case "TOTAL", "TOTALS", "GRAND TOTAL", "SUB TOTAL", "TRAILER", "FOOTER", "TOTAL RECORDS", "TOTAL RECORD", "TOTAL ROWS", "TOTAL COUNT",
		"TOTAL NUMBER OF RECORDS", "TOTAL NO OF RECORDS", "NUMBER OF RECORDS", "NO OF RECORDS", "RECORD COUNT", "RECORDS COUNT", "ROW COUNT", "RECORDS", "COUNT", "ROWS",
		"END OF FILE", "EOF", "END":
	case "TRL", "TR", "T", "Z", "FTR":
		if whole {
			return false
		}
	default:
		return false
	}
	f.Stated = stated(append([]string{rest}, texts(cells[first+1:])...))
	return true
}

// words parts "Total records: 123" into "TOTAL RECORDS" and "123".
func words(cell string) (label, rest string) {
	at := strings.IndexFunc(cell, unicode.IsDigit)
	if at < 0 {
		at = len(cell)
	}
	only := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToUpper(r)
		}
		return ' '
	}, cell[:at])
	return strings.Join(strings.Fields(only), " "), cell[at:]
}

func texts(cells [][]byte) (all []string) {
	for _, cell := range cells {
		all = append(all, string(cell))
	}
	return all
}

// stated finds the count. A footer may carry a date as well; with more than
// one number that could be the count nothing is claimed.
func stated(cells []string) int64 {
	var numbers, dates []int64
	for _, cell := range cells {
		_, digits := words(cell)
		digits = strings.NewReplacer(",", "", " ", "", "\u00a0", "").Replace(strings.TrimSpace(digits))
		number, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			continue
		}
		if _, err := ParseDate(Compact, []byte(digits)); err == nil {
			dates = append(dates, number)
		} else {
			numbers = append(numbers, number)
		}
	}
	switch {
	case len(numbers) == 1:
		return numbers[0]
	case len(numbers) == 0 && len(dates) == 1:
		return dates[0]
	}
	return -1
}
