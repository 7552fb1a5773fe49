// Package day is the calendar of the house: one day in Africa/Lagos, held as
// the number of days since 1970-01-01.
//
// What operators report is a day, not an instant: a SIM was activated "on
// 2026-11-20", as the clock on the wall in Lagos says. Lagos is UTC+1 and has
// had no summer time since 1919, so the zone is arithmetic and needs no zone
// database. A day that nobody told us is [None]; it is never today and never
// the zero value, which is 1970-01-01.
package day

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Day counts days since 1970-01-01 in Africa/Lagos. Days compare and subtract
// as numbers; check for [None] before doing arithmetic with one.
type Day int32

// None is a day that is not known. It sorts before every real day, prints as
// the empty string, and is null in JSON and SQL.
const None Day = math.MinInt32

const (
	lagosOffset   = 60 * 60 // seconds east of UTC
	secondsPerDay = 24 * 60 * 60
)

// Of gives the day on which an instant falls in Lagos. The zero time is None.
func Of(t time.Time) Day {
	if t.IsZero() {
		return None
	}
	seconds := t.Unix() + lagosOffset
	days := seconds / secondsPerDay
	if seconds%secondsPerDay < 0 {
		days--
	}
	return Day(days)
}

// Date gives the day of a civil date; ok is false when the calendar has no
// such date or the year lies outside 1 to 9999.
func Date(year, month, date int) (d Day, ok bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || date < 1 || date > daysIn(year, month) {
		return None, false
	}
	return Day(daysFromCivil(year, month, date)), true
}

// Parse reads "2006-01-02". The empty string is refused: a caller that takes
// an unknown day asks for it by name.
func Parse(s string) (Day, error) {
	if d, ok := parse(s); ok {
		return d, nil
	}
	return None, fmt.Errorf("%q is not a day: write it as YYYY-MM-DD, for example 2026-11-20", clip(s))
}

// ParseBytes is Parse for a cell of a file; it does not allocate when the day
// is good, and ok is false when it is not.
func ParseBytes(b []byte) (d Day, ok bool) { return parse(b) }

// Known tells whether the day is a real one.
func (d Day) Known() bool { return d != None }

// Start is the first instant of the day in Lagos, in UTC (23:00 on the day
// before). The start of None is the zero time.
func (d Day) Start() time.Time {
	if d == None {
		return time.Time{}
	}
	return time.Unix(int64(d)*secondsPerDay-lagosOffset, 0).UTC()
}

// Civil gives year, month and date; for None all three are zero.
func (d Day) Civil() (year, month, date int) {
	if d == None {
		return 0, 0, 0
	}
	return civilFromDays(int(d))
}

// String writes "2006-01-02"; None is the empty string.
func (d Day) String() string { return string(d.Append(nil)) }

// Append writes the day to dst as String does.
func (d Day) Append(dst []byte) []byte {
	if d == None {
		return dst
	}
	year, month, date := civilFromDays(int(d))
	if year < 0 || year > 9999 {
		return strconv.AppendInt(append(dst, "day "...), int64(d), 10)
	}
	return append(dst,
		'0'+byte(year/1000), '0'+byte(year/100%10), '0'+byte(year/10%10), '0'+byte(year%10), '-',
		'0'+byte(month/10), '0'+byte(month%10), '-',
		'0'+byte(date/10), '0'+byte(date%10))
}

func parse[T string | []byte](s T) (Day, bool) {
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return None, false
	}
	century, ok1 := pair(s[0], s[1])
	year, ok2 := pair(s[2], s[3])
	month, ok3 := pair(s[5], s[6])
	date, ok4 := pair(s[8], s[9])
	if !(ok1 && ok2 && ok3 && ok4) {
		return None, false
	}
	return Date(century*100+year, month, date)
}

func pair(tens, ones byte) (value int, ok bool) {
	tens, ones = tens-'0', ones-'0'
	return int(tens)*10 + int(ones), tens <= 9 && ones <= 9
}

// clip keeps a hostile value from filling a log line.
func clip(s string) string {
	if len(s) > 32 {
		return s[:32] + "…"
	}
	return s
}
