package day

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestDaysAreLagosDays(t *testing.T) {
	cases := []struct{ instant, day string }{
		{"1970-01-01T00:00:00Z", "1970-01-01"},
		{"2026-11-20T22:59:59Z", "2026-11-20"},
		{"2026-11-20T23:00:00Z", "2026-11-21"}, // midnight in Lagos
		{"2026-11-20T23:30:00+01:00", "2026-11-20"},
		{"1969-12-31T22:59:59Z", "1969-12-31"},
		{"1969-12-31T23:00:00Z", "1970-01-01"},
		{"1960-10-01T12:00:00Z", "1960-10-01"},
		{"2024-02-29T05:00:00Z", "2024-02-29"},
	}
	for _, c := range cases {
		instant, err := time.Parse(time.RFC3339, c.instant)
		if err != nil {
			t.Fatal(err)
		}
		if got := Of(instant); got.String() != c.day {
			t.Errorf("Of(%s) = %s, want %s", c.instant, got, c.day)
		}
	}
	if Of(time.Time{}) != None {
		t.Error("the zero time must be an unknown day")
	}
}

// The arithmetic is compared with the standard library on every day of more
// than one era of 400 years, after which the calendar repeats itself, and at
// both ends of the years that it takes.
func TestCalendarAgreesWithTimePackage(t *testing.T) {
	for _, years := range [][2]int{{1, 9}, {1599, 2101}, {9990, 9999}} {
		day, ok := Date(years[0], 1, 1)
		if !ok {
			t.Fatalf("year %d must be taken", years[0])
		}
		for at := time.Date(years[0], 1, 1, 0, 0, 0, 0, time.UTC); at.Year() <= years[1]; at, day = at.AddDate(0, 0, 1), day+1 {
			y, m, d := day.Civil()
			if y != at.Year() || m != int(at.Month()) || d != at.Day() {
				t.Fatalf("day %d is %04d-%02d-%02d, want %s", int32(day), y, m, d, at.Format(time.DateOnly))
			}
			if back, ok := Date(y, m, d); !ok || back != day {
				t.Fatalf("Date(%d, %d, %d) = %d, want %d", y, m, d, int32(back), int32(day))
			}
		}
	}
}

func TestStartIsMidnightInLagos(t *testing.T) {
	d, err := Parse("2026-11-20")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := d.Start(), time.Date(2026, 11, 19, 23, 0, 0, 0, time.UTC); !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("Start = %v, want %v", got, want)
	}
	if Of(d.Start()) != d || Of(d.Start().Add(-time.Nanosecond)) != d-1 {
		t.Error("a day must begin exactly at its start")
	}
	if !None.Start().IsZero() || None.Known() || !d.Known() {
		t.Error("None has no start")
	}
}

func TestParseRefuses(t *testing.T) {
	for _, bad := range []string{"", "2026-11-2", "2026-11-31", "2025-02-29", "1900-02-29", "2026-00-10", "2026-13-01",
		"0000-01-01", "2026/11/20", "20-11-2026", " 2026-11-20", "2026-11-20T00:00:00Z", "+026-11-20", "2O26-11-20", strings.Repeat("9", 1000)} {
		d, err := Parse(bad)
		if err == nil || d != None {
			t.Errorf("Parse(%q) = %v, %v; want None and an error", bad, d, err)
			continue
		}
		if !strings.Contains(err.Error(), "YYYY-MM-DD") || len(err.Error()) > 150 {
			t.Errorf("the refusal of %.20q does not say what would be right: %s", bad, err)
		}
	}
}

func TestJSONTextAndSQL(t *testing.T) {
	type record struct {
		From Day         `json:"from"`
		To   Day         `json:"to"`
		By   map[Day]int `json:"by"`
	}
	from, _ := Date(2026, 11, 20)
	in := record{From: from, To: None, By: map[Day]int{from: 1}}
	data, err := json.Marshal(in)
	if err != nil || string(data) != `{"from":"2026-11-20","to":null,"by":{"2026-11-20":1}}` {
		t.Fatalf("%s, %v", data, err)
	}
	out := record{To: 5}
	if err := json.Unmarshal(data, &out); err != nil || out.From != from || out.To != None || out.By[from] != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	for _, bad := range []string{`20261120`, `""`, `"2026-11-31"`, `{}`, `true`} {
		var d Day
		if err := json.Unmarshal([]byte(bad), &d); err == nil {
			t.Errorf("%s was taken as %v", bad, d)
		}
	}
	for _, d := range []Day{from, None, 0, -1} {
		kept, err := d.Value()
		var back Day
		if err != nil || back.Scan(kept) != nil || back != d {
			t.Errorf("%v came back from SQL as %v", d, back)
		}
	}
	var d Day
	if d.Scan("2026-11-20") == nil || d.Scan(int64(1)<<40) == nil {
		t.Error("Scan must take days as numbers only")
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"2026-11-20", "2024-02-29", "", "0001-01-01", "9999-12-31", "2026-1-1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, wrong := time.Parse(time.DateOnly, s)
		got, err := Parse(s)
		if year0 := wrong == nil && want.Year() == 0; (err == nil) != (wrong == nil && !year0) {
			t.Fatalf("Parse(%q): %v, the time package says %v", s, err, wrong)
		}
		if err == nil && got.String() != s {
			t.Fatalf("%q came back as %s", s, got)
		}
	})
}

func BenchmarkParseBytes(b *testing.B) {
	cell := []byte("2026-11-20")
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := ParseBytes(cell); !ok {
			b.Fatal("refused")
		}
	}
}
