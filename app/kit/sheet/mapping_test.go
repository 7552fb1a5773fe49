package sheet

import (
	"strings"
	"testing"
)

func mapped(text string) Spec {
	spec := simSpec()
	m, refusal := ParseMapping(text)
	if refusal != nil {
		panic(refusal)
	}
	spec.Mapping = m
	return spec
}

// cellsOf reads a file's rows under the two columns of simSpec.
func cellsOf(t *testing.T, content string, spec Spec) (string, Dialect) {
	t.Helper()
	f, err := Open(strings.NewReader(content), spec)
	if err != nil {
		return err.Error(), Dialect{}
	}
	var out []string
	for {
		block, err := f.Next()
		if err != nil {
			return strings.Join(out, "\n"), f.Dialect()
		}
		block.Rows(func(r *Row) bool {
			out = append(out, string(r.Cell(0))+"|"+string(r.Cell(1)))
			return true
		})
		block.Release()
	}
}

func TestAPersonPlacesColumns(t *testing.T) {
	for _, c := range []struct{ name, content, columns, want string }{
		{"by position", "a,b,c\n1,2,3\n", "MSISDN:3,ACTIVATION_DATE:1", "3|1"},
		{"by title", "Line no,b,When?\n1,2,3\n", "msisdn:line-no, ACTIVATION_DATE : When", "1|3"},
		{"against a title that fits", "MSISDN,Other,DATE\n1,2,3\n", "MSISDN:2", "2|3"},
		{"a placed column is nothing else", "MSISDN,DATE\n1,2\n", "MSISDN:2,ACTIVATION_DATE:1", "2|1"},
		{"a title that comes twice", "MSISDN,MSISDN,DATE\n1,2,3\n", "MSISDN:2", "2|3"},
		{"under a title line", "Report of the day\nx;y;z\n1;2;3\n", "MSISDN:2,ACTIVATION_DATE:3", "2|3"},
		{"without a header no row is lost", "2348030000001,2026-11-20\n2348030000002,2026-11-21\n", "MSISDN:1,ACTIVATION_DATE:2", "2348030000001|2026-11-20\n2348030000002|2026-11-21"},
		{"beyond the last", "a,b\n1,2\n", "MSISDN:9,ACTIVATION_DATE:1", "the file has 2 columns and none at position 9"},
		{"no such title", "a,b\n1,2\n", "MSISDN:zz,ACTIVATION_DATE:1", `the header has no column "zz"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, _ := cellsOf(t, c.content, mapped(c.columns)); got != c.want && !strings.HasPrefix(got, c.want) || got == "" {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	if _, d := cellsOf(t, "2348030000001,2026-11-20\n", mapped("MSISDN:1,ACTIVATION_DATE:2")); d.HeaderLine != 0 || strings.Join(d.Header, "") != "" {
		t.Errorf("a row became a header: %+v", d)
	}
}

func TestMappingsThatCannotBe(t *testing.T) {
	for text, want := range map[string]string{
		"MSISDN": "cannot be read", ":2": "cannot be read", "MSISDN:": "cannot be read", "MSISDN:-1": "below 0",
		"COLOUR:2": "no column \"COLOUR\"", "MSISDN:2,msisdn:3": "placed twice", "MSISDN:0": "cannot be left out",
		"MSISDN:2,ACTIVATION_DATE:2": "for two things", strings.Repeat("A:1,", 100): "cannot be read",
	} {
		m, refusal := ParseMapping(text)
		if refusal == nil {
			refusal = m.Check(simSpec())
		}
		if refusal == nil || refusal.Code != BadMapping || !strings.Contains(refusal.Message, want) {
			t.Errorf("%q: %v, want %q", text, refusal, want)
		}
	}
	if m, refusal := ParseMapping(" MSISDN:2 ,, ACTIVATION_DATE:when "); refusal != nil || m.Check(simSpec()) != nil {
		t.Errorf("a good mapping: %v %v", m, refusal)
	}
}

// Whoever looks at a file sees it as it is, also without a header that is known.
func TestALenientLookReadsAnything(t *testing.T) {
	spec := simSpec()
	spec.Lenient = true
	for content, header := range map[string]string{
		"Report\na;b;c\n1;2;3\n":                 "a,b,c",
		"MSISDN,MSISDN\n1,2\n":                   "MSISDN,MSISDN",
		"2348030000001,12345678901\n2,3\n":       ",",
		"MSISDN,name\n2348030000001,12345678901": "MSISDN,name",
	} {
		f, err := Open(strings.NewReader(content), spec)
		if err != nil {
			t.Errorf("%q: %v", content, err)
		} else if got := strings.Join(f.Dialect().Header, ","); got != header {
			t.Errorf("%q: the header %q, want %q", content, got, header)
		}
	}
}

func TestAPersonSettlesTheOrderOfDates(t *testing.T) {
	for _, c := range []struct {
		cells string
		order Order
		want  DateFormat
		code  string
	}{
		{"03/04/2026 05/06/2026", "", NoFormat, AmbiguousDates},
		{"03/04/2026 05/06/2026", DMY, DayFirst, ""},
		{"03/04/2026 05/06/2026", MDY, MonthFirst, ""},
		{"03/04/2026 25/06/2026", MDY, NoFormat, WrongOrder},
		{"03/04/2026 05/26/2026", DMY, NoFormat, WrongOrder},
		{"03/04/2026 25/06/2026", DMY, DayFirst, ""},
		{"2026-11-20", MDY, ISO, ""},
		{"25/06/2026 06/25/2026", MDY, NoFormat, MixedDates},
		{"01/01/2026", MDY, DayFirst, ""},
	} {
		var p DateProfile
		for i, cell := range strings.Fields(c.cells) {
			p.Add(int64(i+2), []byte(cell))
		}
		got, refusal := p.DecideAs(c.order)
		code := ""
		if refusal != nil {
			code = refusal.Code
		}
		if got != c.want || code != c.code {
			t.Errorf("%s as %q: %v %q, want %v %q", c.cells, c.order, got, code, c.want, c.code)
		}
	}
}

func FuzzMapping(f *testing.F) {
	f.Add("MSISDN:2,ACTIVATION_DATE:5", "a,b\n1,2\n")
	f.Add("MSISDN:x", "x;y\n")
	f.Fuzz(func(t *testing.T, text, content string) {
		m, refusal := ParseMapping(text)
		if refusal != nil || m.Check(simSpec()) != nil {
			return
		}
		for _, lenient := range []bool{false, true} {
			spec := simSpec()
			spec.Mapping, spec.Lenient = m, lenient
			_, _ = Open(strings.NewReader(content), spec)
		}
	})
}
