package sheet

import (
	"fmt"
	"strings"

	"reconexus/app/kit/day"
)

// DateFormat is how a column writes its dates. Which of them it is, is decided
// for the whole column by a [DateProfile], never by a single row.
type DateFormat uint8

// The formats. Single digits for day and month are taken, and any of / - . as
// separator of the two with digits only.
const (
	NoFormat    DateFormat = iota
	ISO                    // 2026-11-20, also 2026/11/20, with or without a time
	DayFirst               // 20/11/2026
	MonthFirst             // 11/20/2026
	MonthName              // 20-Nov-2026, 20 November 2026, 20-NOV-26
	Compact                // 20261120
	ExcelSerial            // 46346: days as Excel counts them
)

func (f DateFormat) String() string {
	switch f {
	case ISO:
		return "YYYY-MM-DD"
	case DayFirst:
		return "DD/MM/YYYY"
	case MonthFirst:
		return "MM/DD/YYYY"
	case MonthName:
		return "DD-Mon-YYYY"
	case Compact:
		return "YYYYMMDD"
	case ExcelSerial:
		return "Excel serial number"
	}
	return "no date"
}

// Excel counts days from 1899-12-30, which makes 1 the first of January 1900
// once its imagined 29 February 1900 has passed. Numbers outside 1970 to 2099
// are not dates of SIM cards but something else.
const (
	excelEpoch = -25569 // 1899-12-30 in days since 1970-01-01
	firstExcel = 25569
	lastExcel  = 73050
)

// ParseDate reads a cell in a format that was decided. A time behind the date
// is passed over, unless it names its zone: then it is an instant, and what
// counts is the day that it was in Lagos.
func ParseDate(format DateFormat, cell []byte) (day.Day, error) {
	if format == ISO {
		if d, ok := plainISO(cell); ok {
			return d, nil
		}
	}
	if d, ok := readDate(format, cell); ok {
		return d, nil
	}
	return day.None, &Refusal{Code: "BAD_DATE", Message: fmt.Sprintf("the date is not of the form %s, as the rest of the column is: write it as %s", format, example(format))}
}

// plainISO reads the form that nearly all files have.
func plainISO(cell []byte) (day.Day, bool) {
	d, ok := day.ParseBytes(cell)
	return d, ok && d >= firstDay && d <= lastDay
}

func example(format DateFormat) string {
	switch format {
	case DayFirst:
		return "20/11/2026"
	case MonthFirst:
		return "11/20/2026"
	case MonthName:
		return "20-Nov-2026"
	case Compact:
		return "20261120"
	case ExcelSerial:
		return "46346"
	}
	return "2026-11-20"
}

func readDate(format DateFormat, cell []byte) (day.Day, bool) {
	cell = trim(cell)
	if len(cell) > 40 {
		return day.None, false
	}
	switch format {
	case ISO, DayFirst, MonthFirst:
		return readParts(format, cell)
	case MonthName:
		return readMonthName(cell)
	case Compact:
		if len(cell) < 8 {
			return day.None, false
		}
		n, rest, ok := number(cell[:8])
		shift, timeOK := clock(cell[8:])
		if !ok || len(rest) > 0 || !timeOK {
			return day.None, false
		}
		return date(n/10000, n/100%100, n%100, shift)
	case ExcelSerial:
		n, rest, ok := number(cell)
		if !ok || n < firstExcel || n > lastExcel || len(rest) > 0 && !fraction(rest) {
			return day.None, false
		}
		return day.Day(n + excelEpoch), true
	}
	return day.None, false
}

// readParts reads three numbers between equal separators.
func readParts(format DateFormat, cell []byte) (day.Day, bool) {
	a, rest, ok := number(cell)
	if !ok || len(rest) == 0 {
		return day.None, false
	}
	firstWidth, separator := len(cell)-len(rest), rest[0]
	if separator != '/' && separator != '-' && separator != '.' {
		return day.None, false
	}
	b, after, ok := number(rest[1:])
	if !ok || len(rest)-1-len(after) > 2 || len(after) == 0 || after[0] != separator {
		return day.None, false
	}
	c, tail, ok := number(after[1:])
	shift, timeOK := clock(tail)
	if !ok || !timeOK {
		return day.None, false
	}
	lastWidth := len(after) - 1 - len(tail)
	switch {
	case format == ISO:
		if firstWidth != 4 || lastWidth > 2 {
			return day.None, false
		}
		return date(a, b, c, shift)
	case firstWidth > 2 || lastWidth != 4 && lastWidth != 2:
		return day.None, false
	case format == DayFirst:
		return date(fullYear(c, lastWidth), b, a, shift)
	default:
		return date(fullYear(c, lastWidth), a, b, shift)
	}
}

// readMonthName reads 20-Nov-2026 and November 20, 2026.
func readMonthName(cell []byte) (day.Day, bool) {
	var parts [3]string
	rest := string(cell)
	for i := range parts {
		rest = strings.TrimLeft(rest, "-/., ")
		end := strings.IndexAny(rest, "-/., ")
		if end < 0 || i == 2 && end > 4 {
			end = min(len(rest), 12)
		}
		parts[i], rest = rest[:end], rest[end:]
	}
	shift, ok := clock([]byte(rest))
	if !ok {
		return day.None, false
	}
	if month(parts[0]) > 0 {
		parts[0], parts[1] = parts[1], parts[0]
	}
	date1, more1, ok1 := number([]byte(parts[0]))
	year, more2, ok2 := number([]byte(parts[2]))
	if width := len(parts[2]); !ok1 || !ok2 || len(more1)+len(more2) > 0 || len(parts[0]) > 2 || width != 4 && width != 2 {
		return day.None, false
	}
	return date(fullYear(year, len(parts[2])), month(parts[1]), date1, shift)
}

// month reads a month by its first three letters, or its whole name.
func month(name string) int {
	const all = "january february march april may june july august september october november december "
	name = strings.ToLower(name)
	if name == "sept" {
		return 9
	}
	if len(name) < 3 {
		return 0
	}
	for n, rest := 1, all; rest != ""; n++ {
		full, after, _ := strings.Cut(rest, " ")
		if name == full || name == full[:3] {
			return n
		}
		rest = after
	}
	return 0
}

// Days are taken from 1900 to 2099: in other years nobody alive was born or
// got a SIM.
const (
	firstDay day.Day = -25567 // 1900-01-01
	lastDay  day.Day = 47481  // 2099-12-31
)

func date(year, month, dayOfMonth, shift int) (day.Day, bool) {
	d, ok := day.Date(year, month, dayOfMonth)
	if !ok {
		return day.None, false
	}
	d += day.Day(shift)
	return d, d >= firstDay && d <= lastDay
}

// fullYear completes two digits as POSIX does: 69 to 99 lie before 2000.
func fullYear(year, width int) int {
	switch {
	case width != 2:
		return year
	case year >= 69:
		return 1900 + year
	}
	return 2000 + year
}

func number(b []byte) (n int, rest []byte, ok bool) {
	for len(b) > 0 && b[0]-'0' <= 9 && n < 1e8 {
		n, b, ok = n*10+int(b[0]-'0'), b[1:], true
	}
	return n, b, ok
}

func fraction(b []byte) bool {
	if b[0] != '.' {
		return false
	}
	for _, c := range b[1:] {
		if c-'0' > 9 {
			return false
		}
	}
	return len(b) > 1
}
