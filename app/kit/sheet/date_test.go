package sheet

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"reconexus/app/kit/day"
)

func TestParseDate(t *testing.T) {
	cases := []struct {
		format DateFormat
		cell   string
		want   string // empty: refused
	}{
		{ISO, "2026-11-20", "2026-11-20"},
		{ISO, " 2026/11/20 ", "2026-11-20"},
		{ISO, "2026-1-2", "2026-01-02"},
		{ISO, "2026-11-20 08:15", "2026-11-20"},
		{ISO, "2026-11-20T23:59:59.999", "2026-11-20"},
		{ISO, "2026-11-20T00:00:00Z", "2026-11-20"},
		{ISO, "2026-11-19T23:00:00Z", "2026-11-20"}, // midnight in Lagos
		{ISO, "2026-11-20T23:30:00+01:00", "2026-11-20"},
		{ISO, "2026-11-20T23:30:00 WAT", "2026-11-20"},
		{ISO, "2026-11-20 00:30:00+05:30", "2026-11-19"},
		{ISO, "2026-11-20 18:30:00-0800", "2026-11-21"},
		{ISO, "2026-11-20 12:30:00 AM", "2026-11-20"},
		{ISO, "2026-11-31", ""}, {ISO, "2025-02-29", ""}, {ISO, "20-11-2026", ""}, {ISO, "2026-11/20", ""}, {ISO, "2026-11-20x", ""},
		{ISO, "2026-11-20T25:00", ""}, {ISO, "2026-11-20 1", ""}, {ISO, "0026-11-20", ""}, {ISO, "", ""}, {ISO, "2026", ""}, {ISO, "2026-11-20 08:15 XYZ", ""},
		{DayFirst, "20/11/2026", "2026-11-20"}, {DayFirst, "3/4/26", "2026-04-03"}, {DayFirst, "03.04.1999", "1999-04-03"},
		{DayFirst, "20-11-2026 10:00:00", "2026-11-20"}, {DayFirst, "11/20/2026", ""}, {DayFirst, "2026/11/20", ""}, {DayFirst, "1/2/3", ""},
		{MonthFirst, "11/20/2026", "2026-11-20"}, {MonthFirst, "3/4/2026", "2026-03-04"}, {MonthFirst, "20/11/2026", ""},
		{MonthName, "20-Nov-2026", "2026-11-20"}, {MonthName, "20 NOVEMBER 2026", "2026-11-20"}, {MonthName, "1-sept-26", "2026-09-01"},
		{MonthName, "Nov 20, 2026", "2026-11-20"}, {MonthName, "20/Nov/2026 10:11:12", "2026-11-20"}, {MonthName, "20-NOV-26 10.11", ""},
		{MonthName, "31-Nov-2026", ""}, {MonthName, "20-Nub-2026", ""}, {MonthName, "20-No-2026", ""}, {MonthName, "Nov-2026", ""},
		{Compact, "20261120", "2026-11-20"}, {Compact, "20261120 10:00", "2026-11-20"}, {Compact, "2026112", ""}, {Compact, "20261320", ""}, {Compact, "202611201", ""},
		{ExcelSerial, "46346", "2026-11-20"}, {ExcelSerial, "46346.75", "2026-11-20"}, {ExcelSerial, "25569", "1970-01-01"}, {ExcelSerial, "1", ""},
		{ExcelSerial, "46346.", ""}, {ExcelSerial, "46346x", ""}, {ExcelSerial, "8031234567", ""},
		{NoFormat, "2026-11-20", ""},
	}
	for _, c := range cases {
		got, err := ParseDate(c.format, []byte(c.cell))
		if c.want == "" {
			if err == nil || got != day.None || !strings.Contains(err.Error(), "write it as") {
				t.Errorf("%v %q was taken as %v, %v", c.format, c.cell, got, err)
			}
			continue
		}
		if err != nil || got.String() != c.want {
			t.Errorf("%v %q is %v, %v; want %s", c.format, c.cell, got, err, c.want)
		}
	}
}

func profile(cells ...string) *DateProfile {
	p := &DateProfile{}
	for i, cell := range cells {
		p.Add(int64(i+2), []byte(cell))
	}
	return p
}

func many(n int, cell string) (all []string) {
	for range n {
		all = append(all, cell)
	}
	return all
}

func TestAColumnDecides(t *testing.T) {
	cases := []struct {
		name   string
		cells  []string
		format DateFormat
		code   string
		says   string
	}{
		{"ISO", []string{"2026-11-20", "", "2026-01-02"}, ISO, "", ""},
		{"nothing", []string{"", " "}, NoFormat, "", ""},
		{"one row decides for the day", []string{"03/04/2026", "05/06/2026", "20/11/2026"}, DayFirst, "", ""},
		{"one row decides for the month", []string{"03/04/2026", "05/06/2026", "11/20/2026"}, MonthFirst, "", ""},
		{"no row decides", []string{"03/04/2026", "05/06/2026"}, NoFormat, AmbiguousDates, `2 rows, first line 2 with "03/04/2026"`},
		{"day and month are equal", []string{"04/04/2026", "05/05/2026"}, DayFirst, "", ""},
		{"rows conflict", []string{"03/04/2026", "20/11/2026", "11/20/2026"}, NoFormat, MixedDates, `1 row, first line 3 with "20/11/2026") and others the month (1 row, first line 4 with "11/20/2026")`},
		{"a slip among thousands", append(many(2000, "20/11/2026"), "11/20/2026"), DayFirst, "", ""},
		{"a few others", append(many(99, "2026-11-20"), "20/11/2026"), ISO, "", ""},
		{"two ways", append(many(10, "2026-11-20"), many(10, "20/11/2026")...), NoFormat, MixedDates, "10 rows, first line 2"},
		{"names of months", []string{"20-Nov-2026", "1-Dec-2026"}, MonthName, "", ""},
		{"compact", []string{"20261120", "20261121"}, Compact, "", ""},
		{"Excel", []string{"46346", "46347.5"}, ExcelSerial, "", ""},
		{"no dates", []string{"Ngozi 12034561234", "x"}, NoFormat, NoDates, `"xxxxx 99999999999"`},
	}
	for _, c := range cases {
		format, refusal := profile(c.cells...).Decide()
		if c.code == "" {
			if refusal != nil || format != c.format {
				t.Errorf("%s: %v, %v", c.name, format, refusal)
			}
		} else if refusal == nil || refusal.Code != c.code || !strings.Contains(refusal.Message, c.says) {
			t.Errorf("%s: %v, %+v, want %s and %q", c.name, format, refusal, c.code, c.says)
		}
		half := len(c.cells) / 2
		joined, rest := profile(c.cells[:half]...), &DateProfile{}
		for i, cell := range c.cells[half:] {
			rest.Add(int64(i+half+2), []byte(cell))
		}
		rest.Merge(joined)
		if again, r := rest.Decide(); again != format || fmt.Sprint(r) != fmt.Sprint(refusal) {
			t.Errorf("%s: joined of two halves it is %v %v, whole %v %v", c.name, again, r, format, refusal)
		}
	}
}

// Each format reads every day that it can write, and never another one.
func TestFormatsReadWhatTheyWrite(t *testing.T) {
	writers := map[DateFormat]func(time.Time) string{
		ISO: func(at time.Time) string { return at.Format("2006-01-02") }, DayFirst: func(at time.Time) string { return at.Format("02/01/2006") },
		MonthFirst: func(at time.Time) string { return at.Format("1/2/2006") }, MonthName: func(at time.Time) string { return at.Format("02-Jan-2006") },
		Compact: func(at time.Time) string { return at.Format("20060102") }, ExcelSerial: func(at time.Time) string { return fmt.Sprint(at.Unix()/86400 + 25569) },
	}
	for at := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2100; at = at.AddDate(0, 0, 1) {
		for format, write := range writers {
			if got, err := ParseDate(format, []byte(write(at))); err != nil || got.String() != at.Format(time.DateOnly) {
				t.Fatalf("%v: %s is read as %v, %v", format, write(at), got, err)
			}
		}
	}
}

func TestISODatesAllocateNothing(t *testing.T) {
	cell, p := []byte("2026-11-20"), profile("2026-11-20")
	if n := testing.AllocsPerRun(100, func() {
		if _, err := ParseDate(ISO, cell); err != nil {
			t.Fatal(err)
		}
		p.Add(3, cell)
	}); n != 0 {
		t.Errorf("%v allocations a cell", n)
	}
}

func FuzzDates(f *testing.F) {
	for _, seed := range []string{"2026-11-20", "20/11/2026 10:00 PM", "20-Nov-26", "November 20, 2026 10:00:00 +0100", "46346.5", "20261120T101112Z", "1/1/1", "-/., "} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, cell []byte) {
		var p DateProfile
		p.Add(2, cell)
		format, refusal := p.Decide()
		for _, one := range []DateFormat{ISO, DayFirst, MonthFirst, MonthName, Compact, ExcelSerial} {
			d, err := ParseDate(one, cell)
			if (err == nil) != d.Known() {
				t.Fatalf("%v %q: %v %v", one, cell, d, err)
			}
			if year, _, _ := d.Civil(); err == nil && (year < 1899 || year > 2100) {
				t.Fatalf("%v %q: %v", one, cell, d)
			}
			if one == format && err != nil {
				t.Fatalf("%q was profiled as %v and cannot be read: %v", cell, format, err)
			}
		}
		if format != NoFormat && refusal != nil {
			t.Fatalf("%q: %v and %v", cell, format, refusal)
		}
	})
}
