package sheet

import (
	"bytes"
	"fmt"
	"strings"
)

// DateProfile decides how a column writes its dates from all of its cells.
// 03/04/2026 is 3 April or 4 March and no row can tell; but one row of the
// column with 20/11/2026 can. When none can, or when rows contradict each
// other, the file is refused with the rows that decide it, rather than reading
// half the country's activations with day and month swapped.
//
// Add takes some tens of nanoseconds for an ISO date; a profile may be made
// for each block and joined by Merge.
type DateProfile struct {
	iso, dayFirst, monthFirst, monthName, compact, serial, unread tally
	slashes                                                       tally // all that are written with digits and separators
	either                                                        tally // of those: ones that read in both orders
	same                                                          int64 // of those: day and month are equal, so both orders say the same
}

// tally counts cells and keeps the line and text of the first.
type tally struct {
	count int64
	line  int64
	cell  string
}

func (t *tally) add(line int64, cell []byte) {
	if t.count == 0 || line < t.line {
		t.line, t.cell = line, string(cell[:min(len(cell), 24)])
	}
	t.count++
}

func (t *tally) merge(o tally) {
	if o.count > 0 && (t.count == 0 || o.line < t.line) {
		t.line, t.cell = o.line, o.cell
	}
	t.count += o.count
}

// Add takes one cell of the column; empty cells say nothing.
func (p *DateProfile) Add(line int64, cell []byte) {
	if cell = trim(cell); len(cell) == 0 {
		return
	}
	if isISO(cell) {
		p.iso.add(line, cell)
		return
	}
	first, isDayFirst := readDate(DayFirst, cell)
	second, isMonthFirst := readDate(MonthFirst, cell)
	switch {
	case isDayFirst && isMonthFirst:
		p.slashes.add(line, cell)
		if first == second {
			p.same++
		} else {
			p.either.add(line, cell)
		}
	case isDayFirst:
		p.slashes.add(line, cell)
		p.dayFirst.add(line, cell)
	case isMonthFirst:
		p.slashes.add(line, cell)
		p.monthFirst.add(line, cell)
	default:
		p.addOther(line, cell)
	}
}

func isISO(cell []byte) bool {
	if _, ok := plainISO(cell); ok {
		return true
	}
	_, ok := readDate(ISO, cell)
	return ok
}

func (p *DateProfile) addOther(line int64, cell []byte) {
	for _, kind := range []struct {
		format DateFormat
		tally  *tally
	}{{MonthName, &p.monthName}, {Compact, &p.compact}, {ExcelSerial, &p.serial}} {
		if _, ok := readDate(kind.format, cell); ok {
			kind.tally.add(line, cell)
			return
		}
	}
	p.unread.add(line, shape(cell))
}

// shape shows how a cell is written and not what it says: it may be somebody's
// number in the wrong column.
func shape(cell []byte) []byte {
	out := bytes.Clone(cell[:min(len(cell), 24)])
	for i, c := range out {
		switch {
		case c-'0' <= 9:
			out[i] = '9'
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= 0x80:
			out[i] = 'x'
		}
	}
	return out
}

// Merge joins what another part of the same column showed.
func (p *DateProfile) Merge(o *DateProfile) {
	for _, pair := range [][2]*tally{
		{&p.iso, &o.iso}, {&p.dayFirst, &o.dayFirst}, {&p.monthFirst, &o.monthFirst}, {&p.monthName, &o.monthName},
		{&p.compact, &o.compact}, {&p.serial, &o.serial}, {&p.unread, &o.unread}, {&p.slashes, &o.slashes}, {&p.either, &o.either},
	} {
		pair[0].merge(*pair[1])
	}
	p.same += o.same
}

// Decide gives the format of the column. A few rows of another format do not
// refuse the file, they will be errors of their own; but a column that is
// mixed, and one in which day and month cannot be told apart, do. A column
// without any cell is NoFormat.
func (p *DateProfile) Decide() (DateFormat, *Refusal) {
	if p.dayFirst.count > 0 && p.monthFirst.count > 0 {
		return p.conflict()
	}
	best, most, all := NoFormat, tally{}, p.unread.count
	for _, kind := range []struct {
		format DateFormat
		tally  tally
	}{{ISO, p.iso}, {DayFirst, p.slashes}, {MonthName, p.monthName}, {Compact, p.compact}, {ExcelSerial, p.serial}} {
		all += kind.tally.count
		if kind.tally.count > most.count {
			best, most = kind.format, kind.tally
		}
	}
	switch {
	case all == 0:
		return NoFormat, nil
	case best == NoFormat:
		return NoFormat, refuse(NoDates, "no cell of the date column can be read as a date (%s): write dates as YYYY-MM-DD", p.unread)
	case (all-most.count)*20 > all:
		return NoFormat, refuse(MixedDates, "the date column is written in more than one way (%s): write all of it as YYYY-MM-DD", p.kinds())
	case best == DayFirst:
		return p.order()
	}
	return best, nil
}

// Order is which of day and month comes first, when a person says so.
type Order string

// The orders that a person may give; empty leaves it to the file.
const (
	DMY Order = "dmy"
	MDY Order = "mdy"
)

// WrongOrder is the code of a person's order that the file contradicts.
const WrongOrder = "DATE_ORDER"

// DecideAs is [DateProfile.Decide] for a column whose order a person gave: it
// settles what the file leaves open, and a file that proves the other order is
// refused rather than read against its own rows.
func (p *DateProfile) DecideAs(order Order) (DateFormat, *Refusal) {
	format, refusal := p.Decide()
	wanted, proof := DayFirst, p.monthFirst
	if order == MDY {
		wanted, proof = MonthFirst, p.dayFirst
	}
	switch {
	case order == "":
		return format, refusal
	case refusal != nil && refusal.Code == AmbiguousDates:
		return wanted, nil
	case refusal == nil && (format == DayFirst || format == MonthFirst) && format != wanted && proof.count > 0:
		return NoFormat, refuse(WrongOrder, "the dates were said to be written as %s, but the file has %s, which cannot be: choose the other order, or let the file decide", wanted, proof)
	}
	return format, refusal
}

// order decides between DD/MM and MM/DD when at most one of them was proved.
func (p *DateProfile) order() (DateFormat, *Refusal) {
	switch {
	case p.dayFirst.count > 0:
		return DayFirst, nil
	case p.monthFirst.count > 0:
		return MonthFirst, nil
	case p.either.count == 0:
		return DayFirst, nil // every day equals its month, so the order does not matter
	}
	return NoFormat, refuse(AmbiguousDates, "day and month cannot be told apart in the date column: no row has a day above 12 (%s): write dates as YYYY-MM-DD", p.either)
}

// conflict is rows that prove the one order and rows that prove the other. If
// one side is a slip, its rows can be errors; but then the rows that read in
// both orders are not safe either, so anything above one in a thousand is
// refused.
func (p *DateProfile) conflict() (DateFormat, *Refusal) {
	few := min(p.dayFirst.count, p.monthFirst.count)
	if few*1000 <= p.slashes.count {
		if p.dayFirst.count > p.monthFirst.count {
			return DayFirst, nil
		}
		return MonthFirst, nil
	}
	return NoFormat, refuse(MixedDates, "some rows have the day first (%s) and others the month (%s), so the rest cannot be trusted: write dates as YYYY-MM-DD", p.dayFirst, p.monthFirst)
}

func (p *DateProfile) kinds() string {
	var all []string
	for _, t := range []tally{p.iso, p.slashes, p.monthName, p.compact, p.serial, p.unread} {
		if t.count > 0 {
			all = append(all, t.String())
		}
	}
	return strings.Join(all, "; ")
}

// String tells how many rows and which is the first, for a refusal.
func (t tally) String() string {
	rows := "1 row"
	if t.count != 1 {
		rows = fmt.Sprintf("%d rows", t.count)
	}
	return fmt.Sprintf("%s, first line %d with %q", rows, t.line, t.cell)
}
