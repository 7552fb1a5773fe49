package generate_test

import (
	"bytes"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"reconexus/app/reconix/generate"
)

func TestDefectsAreMendableOrRefused(t *testing.T) {
	base := date(t, "2026-11-20")
	const rows = 20_000
	o := generate.Options{Operator: "T2", Rows: rows, Seed: 21, Base: base, Day: base}
	file, _ := inventory(t, o)
	clean := read(t, "T2", file)
	o.Defects = true
	file, _ = inventory(t, o)
	spoilt := read(t, "T2", file)

	reasons := map[string]int{}
	for number, reason := range spoilt.refused {
		reasons[reason]++
		if _, known := clean.rows[number]; !known {
			t.Errorf("the number of a refused row reads as %s, which is nobody's", number)
		}
	}
	for _, reason := range []string{"serial", "imsi", "name", "date"} {
		if n := reasons[reason]; n < rows/1000 || n > rows*3/1000 {
			t.Errorf("%d rows are refused for their %s, far from a thirteenth of 2 %%", n, reason)
		}
	}
	if len(spoilt.rows)+len(spoilt.refused) != rows {
		t.Errorf("%d rows and %d refused ones are not %d", len(spoilt.rows), len(spoilt.refused), rows)
	}
	m := newMatcher()
	for number, row := range spoilt.rows {
		want := clean.rows[number]
		if !m.same(row.name, want.name) {
			t.Errorf("%s is %q instead of %q", number, row.name, want.name)
		}
		row.name = want.name
		if row != want {
			t.Errorf("%s reads as %v instead of %v", number, row, want)
		}
	}
}

func TestEveryKindOfDefectOccurs(t *testing.T) {
	base := date(t, "2026-11-20")
	var file bytes.Buffer
	n, err := generate.Inventory(&file, generate.Options{Operator: "MTN", Rows: 20_000, Seed: 22, Base: base, Day: base, Defects: true}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	text := file.String()
	if !strings.HasPrefix(text, "\uFEFFMSISDN,SIM_SERIAL,IMSI,ACTIVATION_DATE,SUBSCRIBER_NAME,STATUS,REGION,DEVICE\r\n") {
		t.Errorf("the file begins with %q", text[:80])
	}
	if n <= 20_000 || !strings.HasSuffix(text, "\r\nTOTAL,"+strconv.Itoa(n)+"\r\n") {
		t.Errorf("of %d rows the file ends with %q", n, text[len(text)-40:])
	}
	for name, pattern := range map[string]string{
		"local form":        `\n0[789]\d{9},`,
		"lost zero":         `\n[789]\d{9},`,
		"spreadsheet quote": `\n'0[789]\d{9},`,
		"formal":            `\n\+234 \(0\)\d{3} \d{3} \d{4},`,
		"blanks":            `\n 234 \d{3} \d{3} \d{4} ,`,
		"filler":            `,89234\d{15}F,`,
		"comma in name":     `,"[A-Z'-]+, [^"]+",`,
		"newline in name":   `,"[^",\n]+\n[^"]+",`,
		"eaten serial":      `,8\.9234\dE\+19,`,
		"short IMSI":        `,621\d{11},`,
		"no name":           `-\d\d,,active`,
		"30 February":       `,\d{4}-02-30,`,
	} {
		if !regexp.MustCompile(pattern).MatchString(text) {
			t.Errorf("no row with: %s", name)
		}
	}
}
