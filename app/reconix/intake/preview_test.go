package intake_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"

	"reconexus/app/access"
	"reconexus/app/reconix/check"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/inventory"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/reconixtest"
	"reconexus/app/reconix/sims"
	"reconexus/app/rest"
)

type glance struct {
	*reconixtest.House
}

func openPreview(t testing.TB) glance {
	h := reconixtest.Open(t)
	intake.Mount(h.API, append(inventory.Kinds(), linkage.FileKind(), sims.FileKind(), check.FileKind())...)
	return glance{h}
}

// look sends a beginning and reads the answer.
func (g glance) look(query string, head []byte) (p intake.Preview, a reconixtest.Answer) {
	g.Helper()
	a = g.Send(http.MethodPost, "/imports/preview?"+query, "application/octet-stream", head)
	if a.Code == 200 {
		if err := json.Unmarshal([]byte(a.Text), &p); err != nil {
			g.Fatal(err)
		}
	}
	return p, a
}

// used are the columns as they were understood: POSITION=FIELD.
func used(p intake.Preview) string {
	var all []string
	for _, c := range p.Columns {
		all = append(all, fmt.Sprintf("%d=%s", c.Position, c.Field))
	}
	return strings.Join(all, " ")
}

func codes(p intake.Preview) string {
	var all []string
	for _, f := range p.Problems {
		all = append(all, f.Code)
	}
	return strings.Join(all, " ")
}

const feed = "MSISDN,SIM_SERIAL,IMSI,ACTIVATION_DATE,SUBSCRIBER_NAME,NIN\n" +
	"+2348031234567,89234010000000000013,621300000000001,2026-01-31,Adaeze Obi,12345678901\n" +
	"+2348031234568,89234010000000000021,621300000000002,2026-02-28,Musa Bello,\n"

func TestAPreviewKnowsEachKindOfFile(t *testing.T) {
	g := openPreview(t)
	for _, c := range []struct{ name, text, kind, columns string }{
		{"an inventory", feed, "inventory", "1=MSISDN 2=SIM_SERIAL 3=IMSI 4=ACTIVATION_DATE 5=SUBSCRIBER_NAME 6=NIN"},
		{"events", "MSISDN;EVENT;DATE\n08031234567;churned;2026-01-31\n", "events", "1=MSISDN 2=EVENT 3=DATE"},
		{"linkages", "kind\tnumber\tphone\nNIN\t12345678901\t08031234567\n", "linkages", "1=KIND 2=NUMBER 3=MSISDN"},
		{"recycled SIMs", "MSISDN,SIM_SERIAL,PREVIOUS_NIN,OPERATOR\n08031234567,89234010000000000013,12345678901,MTN\n", "sims", "1=MSISDN 2=SIM_SERIAL 3=PREVIOUS_NIN 4=OPERATOR"},
		{"checks", "msisdn,since\n08031234567,2026-01-31\n", "checks", "1=MSISDN 2=DATE"},
		{"checks without a header", "08031234567,2026-01-31\n", "checks", "1=MSISDN 2=DATE"},
		{"something else", "Colour,Taste\nred,sweet\n", "unknown", "1= 2="},
	} {
		p, a := g.look("", []byte(c.text))
		if a.Code != 200 || p.Kind != c.kind || used(p) != c.columns {
			t.Errorf("%s: %d, %q, %q, want %q, %q\n%s", c.name, a.Code, p.Kind, used(p), c.kind, c.columns, a.Text)
		}
		if c.kind != "unknown" && (codes(p) != "" || len(p.Rows) == 0) {
			t.Errorf("%s: problems %+v, rows %v", c.name, p.Problems, p.Rows)
		}
	}
}

func TestClass25APreviewShowsNobody(t *testing.T) {
	g := openPreview(t)
	secrets := []string{"12345678901", "22345678901", "Adaeze", "Obi", "Bello"}
	for _, text := range []string{
		feed,
		"phone,KIND,NUMBER,SOURCE\n08031234567,NIN,12345678901,NIMC\n",
		"Line,National ID,Who,Bank no\n08031234567,12345678901,Adaeze Obi,22345678901\n",   // nobody said what they are
		"08031234567,12345678901,Adaeze Obi\n08031234568,22345678901,Musa Bello\n",         // no header at all
		"MSISDN,ACTIVATION_DATE\n12345678901,2026-01-01\n22345678901,Adaeze\n",             // in the wrong column
		"KIND,NUMBER,MSISDN,REMARK\nNIN,12345678901,08031234567,of Adaeze Obi\n",           //
		"MSISDN,12345678901,Name\n08031234567,1,Obi\n",                                     // in the header
		"MSISDN,ACTIVATION_DATE,SUBSCRIBER_NAME\n08031234567,\"22345678901 Adaeze\",Obi\n", // in the date
	} {
		for _, query := range []string{"", "kind=inventory", "kind=linkages", "kind=inventory&columns=" + url.QueryEscape("MSISDN:1,ACTIVATION_DATE:2,SUBSCRIBER_NAME:0")} {
			_, a := g.look(query, []byte(text))
			for _, s := range secrets {
				if strings.Contains(a.Text, s) {
					t.Errorf("%q of %q shows %s:\n%s", query, text, s, a.Text)
				}
			}
		}
	}
}

func TestAPreviewSaysHowAFileIsWritten(t *testing.T) {
	g := openPreview(t)
	wide := append([]byte{0xff, 0xfe}, utf16Bytes("MSISDN;ACTIVATION_DATE\r\n08031234567;\"25/01/2026\"\r\n")...)
	p, _ := g.look("", wide)
	if want := (intake.Format{Encoding: "UTF-16LE", Delimiter: "semicolon", Quoted: true, LineEnd: "CRLF", HeaderLine: 1, Dates: "DD/MM/YYYY"}); p.Format != want {
		t.Errorf("%+v, want %+v", p.Format, want)
	}
	p, _ = g.look("", []byte("Report\n\nMSISDN,ACTIVATION_DATE\n08031234567,20260125\n"))
	if p.Format.HeaderLine != 3 || p.Format.Dates != "YYYYMMDD" {
		t.Errorf("%+v", p.Format)
	}
}

func utf16Bytes(s string) (out []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

func TestAPreviewOfACutFile(t *testing.T) {
	g := openPreview(t)
	var plain bytes.Buffer
	plain.WriteString("MSISDN,SIM_SERIAL,ACTIVATION_DATE\n")
	const rows = 40_000
	for i := range rows {
		fmt.Fprintf(&plain, "+23480%08d,%020d,2026-01-%02d\n", 30_000_000+i*7919%9_000_000, i*104729, i%28+1)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(plain.Bytes())
	_ = w.Close()
	for name, file := range map[string][]byte{"plain": plain.Bytes(), "gzip": packed.Bytes()} {
		for _, n := range []int{100_000, 100_001, 100_013} {
			p, a := g.look(fmt.Sprintf("size=%d", len(file)), file[:n])
			if a.Code != 200 || codes(p) != "" || p.Kind != "inventory" || len(p.Rows) != 6 {
				t.Errorf("%s cut at %d: %s", name, n, a.Text)
			}
			if off := float64(p.Estimate)/rows - 1; off < -0.1 || off > 0.1 {
				t.Errorf("%s cut at %d: %d rows estimated of %d", name, n, p.Estimate, rows)
			}
		}
	}
	if p, _ := g.look("", packed.Bytes()[:100_000]); codes(p) != "TRUNCATED_GZIP" || !p.Problems[0].Refused || len(p.Rows) == 0 {
		t.Errorf("a whole gzip that breaks off: %+v", p.Problems)
	}
	if _, a := g.look("", plain.Bytes()[:intake.Head+1]); a.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("more than a beginning: %d %s", a.Code, a.Text)
	}
}

func TestAPersonCorrectsAPreview(t *testing.T) {
	g := openPreview(t)
	text := []byte("Line,When,Who\n08031234567,01/02/2026,Ada\n08031234568,03/04/2026,Obi\n")
	p, _ := g.look("kind=inventory", text)
	if codes(p) != "MISSING_COLUMNS" || !p.Problems[0].Refused || len(p.Columns) != 3 {
		t.Fatalf("%+v", p)
	}
	p, _ = g.look("kind=inventory&columns="+url.QueryEscape("MSISDN:1,ACTIVATION_DATE:2,SUBSCRIBER_NAME:Who"), text)
	if codes(p) != "AMBIGUOUS_DATES" || used(p) != "1=MSISDN 2=ACTIVATION_DATE 3=SUBSCRIBER_NAME" || p.Problems[0].Field != "ACTIVATION_DATE" {
		t.Errorf("%s %+v", used(p), p.Problems)
	}
	p, _ = g.look("kind=inventory&date_order=mdy&columns="+url.QueryEscape("MSISDN:1,ACTIVATION_DATE:2"), text)
	if codes(p) != "" || p.Format.Dates != "MM/DD/YYYY" {
		t.Errorf("%+v %+v", p.Problems, p.Format)
	}
	p, _ = g.look("kind=inventory&columns="+url.QueryEscape("MSISDN:3,ACTIVATION_DATE:2"), text)
	if !strings.Contains(codes(p), "NUMBERS") {
		t.Errorf("a wrong column is not noticed: %+v", p.Problems)
	}
	for _, columns := range []string{"MSISDN", "COLOUR:1", "MSISDN:0"} {
		if _, a := g.look("kind=inventory&columns="+url.QueryEscape(columns), text); a.Code != 422 || !strings.Contains(a.Text, "BAD_COLUMNS") {
			t.Errorf("%s: %d %s", columns, a.Code, a.Text)
		}
	}
}

func TestWhoMayLook(t *testing.T) {
	g := openPreview(t)
	g.Who = reconixtest.Of(access.Auditor, "")
	if p, a := g.look("", []byte(feed)); a.Code != 200 || p.Kind == "inventory" {
		t.Errorf("an auditor sends checks and no inventories: %d %q", a.Code, p.Kind)
	}
	if _, a := g.look("kind=inventory", []byte(feed)); a.Code != 403 {
		t.Errorf("an auditor looks at an inventory: %d", a.Code)
	}
	g.Who = access.Principal{ID: "key_1", May: []access.Permission{access.AuditRead}}
	if _, a := g.look("", []byte(feed)); a.Code != 403 {
		t.Errorf("somebody who may send nothing looks: %d", a.Code)
	}
}

func TestRubbishGetsASentence(t *testing.T) {
	g := openPreview(t)
	for name, head := range map[string][]byte{
		"nothing": {}, "blanks": []byte(" \n\n"), "NUL": make([]byte, 1000), "a workbook": []byte("PK\x03\x04xxxx"), "half a gzip header": {0x1f, 0x8b, 8},
		"a bad gzip": append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0}, bytes.Repeat([]byte{0xff}, 500)...), "a header alone": []byte("MSISDN,ACTIVATION_DATE\n"),
		"delimiters": bytes.Repeat([]byte{','}, 100_000), "quotes": bytes.Repeat([]byte{'"'}, 9_999), "one long line": bytes.Repeat([]byte{'x'}, 200_000),
	} {
		p, a := g.look("", head)
		if a.Code != 200 || len(p.Problems) == 0 || !p.Problems[0].Refused {
			t.Errorf("%s: %d %s", name, a.Code, a.Text)
			continue
		}
		if m := p.Problems[0].Message; !unicode.IsUpper([]rune(m)[0]) || !strings.HasSuffix(m, ".") {
			t.Errorf("%s: no sentence: %q", name, m)
		}
	}
}

func FuzzPreview(f *testing.F) {
	for _, text := range []string{feed, "a;b\n1;2\n", "\xff\xfea\x00", "08031234567,2026-01-31\n", "MSISDN\n\"x\n"} {
		f.Add([]byte(text), "MSISDN:1", int64(0))
	}
	g := openPreview(f)
	f.Fuzz(func(t *testing.T, head []byte, columns string, size int64) {
		query := url.Values{"columns": {columns}, "size": {fmt.Sprint(size)}}
		w := httptest.NewRecorder()
		g.Door().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, rest.Base+"/imports/preview?"+query.Encode(), bytes.NewReader(head)))
		var p intake.Preview
		if w.Code >= 500 || w.Code == 200 && json.Unmarshal(w.Body.Bytes(), &p) != nil {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		for _, row := range p.Rows {
			if len(row) != len(p.Columns) {
				t.Fatalf("a row of %d cells under %d columns", len(row), len(p.Columns))
			}
		}
	})
}
