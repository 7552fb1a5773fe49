package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"
)

// simSpec is a spec as an importer has it.
func simSpec() Spec {
	return Spec{Columns: []Column{
		{Name: "MSISDN", Synonyms: []string{"PHONE_NUMBER", "PHONE"}, Required: true},
		{Name: "ACTIVATION_DATE", Synonyms: []string{"DATE"}, Required: true},
		{Name: "NAME"},
	}}
}

// line is a row as a test sees it.
type line struct {
	at    int64
	code  string
	cells []string
}

// read reads a whole file. It copies what it keeps, since rows are reused.
func read(f *File, columns int) (rows []line, err error) {
	for {
		block, err := f.Next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return rows, err
		}
		block.Rows(func(r *Row) bool {
			l := line{at: r.Line}
			if e := r.Err(); e != nil {
				l.code = e.Code
				if e.Line != r.Line || e.Message == "" {
					l.code = "A ROW ERROR THAT SAYS NOTHING"
				}
			}
			for i := range columns {
				l.cells = append(l.cells, string(r.Cell(i)))
			}
			rows = append(rows, l)
			return true
		})
		block.Release()
	}
}

func mustRead(t *testing.T, text string) (rows []line, f *File) {
	t.Helper()
	f, err := Open(strings.NewReader(text), simSpec())
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	rows, err = read(f, 3)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return rows, f
}

func utf16of(text string, little bool, mark string) string {
	out := []byte(mark)
	for _, unit := range utf16.Encode([]rune(text)) {
		if little {
			out = append(out, byte(unit), byte(unit>>8))
		} else {
			out = append(out, byte(unit>>8), byte(unit))
		}
	}
	return string(out)
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// However a file is dressed, its rows are the same.
func TestDialects(t *testing.T) {
	const plain = "MSISDN,ACTIVATION_DATE,NAME\n08031234567,2026-11-20,Ọlá\n08051234567,2026-11-21,Ngozi\n"
	want := []line{{2, "", []string{"08031234567", "2026-11-20", "Ọlá"}}, {3, "", []string{"08051234567", "2026-11-21", "Ngozi"}}}
	cases := []struct{ name, text, delimiter, encoding string }{
		{"plain", plain, ",", "UTF-8"},
		{"semicolons", strings.ReplaceAll(plain, ",", ";"), ";", "UTF-8"},
		{"tabs", strings.ReplaceAll(plain, ",", "\t"), "\t", "UTF-8"},
		{"bars", strings.ReplaceAll(plain, ",", "|"), "|", "UTF-8"},
		{"byte order mark", "\ufeff" + plain, ",", "UTF-8"},
		{"CRLF", strings.ReplaceAll(plain, "\n", "\r\n"), ",", "UTF-8"},
		{"CR", strings.ReplaceAll(plain, "\n", "\r"), ",", "UTF-8"},
		{"mixed line ends", strings.Replace(plain, "\n", "\r\n", 2), ",", "UTF-8"},
		{"no final line feed", strings.TrimSuffix(plain, "\n"), ",", "UTF-8"},
		{"ends with CR", strings.TrimSuffix(plain, "\n") + "\r", ",", "UTF-8"},
		{"UTF-16LE with mark", utf16of(plain, true, "\xff\xfe"), ",", "UTF-16LE"},
		{"UTF-16BE with mark", utf16of(plain, false, "\xfe\xff"), ",", "UTF-16BE"},
		{"UTF-16LE", utf16of(plain, true, ""), ",", "UTF-16LE"},
		{"UTF-16BE", utf16of(plain, false, ""), ",", "UTF-16BE"},
		{"UTF-16LE with CR", utf16of(strings.ReplaceAll(plain, "\n", "\r"), true, "\xff\xfe"), ",", "UTF-16LE"},
		{"gzip", gzipped(plain), ",", "UTF-8"},
		{"gzip in two parts", gzipped(plain[:40]) + gzipped(plain[40:]), ",", "UTF-8"},
		{"gzip of UTF-16", gzipped(utf16of(plain, true, "\xff\xfe")), ",", "UTF-16LE"},
		{"order and names", "Name,Phone Number,extra,activation-date\nỌlá,08031234567,x,2026-11-20\nNgozi,08051234567,,2026-11-21\n", ",", "UTF-8"},
		{"quoted", "\"MSISDN\",\"ACTIVATION_DATE\",\"NAME\"\n\"08031234567\",\"2026-11-20\",\"Ọlá\"\n08051234567,2026-11-21,\"Ngozi\"", ",", "UTF-8"},
		{"blanks", " MSISDN , ACTIVATION_DATE,NAME\n 08031234567 ,2026-11-20,\" Ọlá \"\n08051234567,2026-11-21\t,Ngozi\n", ",", "UTF-8"},
		{"spare cells", "MSISDN,ACTIVATION_DATE,NAME\n08031234567,2026-11-20,Ọlá,,\n08051234567,2026-11-21,\"Ngozi\", ,\"\"\n", ",", "UTF-8"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for name, wrap := range map[string]func(io.Reader) io.Reader{"whole": func(r io.Reader) io.Reader { return r }, "a byte at a time": iotest.OneByteReader, "end with data": iotest.DataErrReader} {
				f, err := Open(wrap(strings.NewReader(c.text)), simSpec())
				if err != nil {
					t.Fatal(name, err)
				}
				rows, err := read(f, 3)
				if err != nil || !slices.EqualFunc(rows, want, same) {
					t.Fatalf("%s: %v, %v", name, rows, err)
				}
				d := f.Dialect()
				if string(d.Delimiter) != c.delimiter || d.Encoding != c.encoding || (d.Compression == "gzip") != strings.HasPrefix(c.name, "gzip") {
					t.Errorf("%s: %+v", name, d)
				}
				if f.Taken() != int64(len(c.text)) || f.RowsSeen() != 2 {
					t.Errorf("%s: took %d of %d bytes, saw %d rows", name, f.Taken(), len(c.text), f.RowsSeen())
				}
			}
		})
	}
}

func same(a, b line) bool { return a.at == b.at && a.code == b.code && slices.Equal(a.cells, b.cells) }

func TestHeaderIsMapped(t *testing.T) {
	_, f := mustRead(t, "MTN daily report\n20 November 2026,,,\n\nS/N,name,ACTIVATION DATE,Remark,Phone\n1,Ngozi,2026-11-20,,08031234567\n")
	d := f.Dialect()
	if d.HeaderLine != 4 || !slices.Equal(d.Columns, []int{4, 2, 1}) || !slices.Equal(d.Unknown, []string{"S/N", "Remark"}) {
		t.Errorf("%+v", d)
	}
	_, f = mustRead(t, "sep=;\nMSISDN;DATE\n1;2\n")
	if d := f.Dialect(); d.Delimiter != ';' || !slices.Equal(d.Columns, []int{0, 1, -1}) {
		t.Errorf("%+v", d)
	}
	_, f = mustRead(t, "PHONE,MSISDN,DATE\n1,2,3\n")
	if d := f.Dialect(); !slices.Equal(d.Columns, []int{1, 2, -1}) {
		t.Errorf("a column's own name goes before its synonyms: %+v", d)
	}
}

func TestRefusals(t *testing.T) {
	gz := gzipped("MSISDN,DATE\n" + strings.Repeat("08031234567,2026-11-20\n", 1000))
	damaged := []byte(gz)
	damaged[len(damaged)-5] ^= 0xff
	cases := []struct{ name, text, code, says string }{
		{"empty", "", EmptyFile, "at least one row"},
		{"blank", " \r\n\t\n", EmptyFile, "at least one row"},
		{"byte order mark only", "\ufeff", EmptyFile, "at least one row"},
		{"missing", "MSISDN,NAME\n1,2\n", MissingColumns, "also taken: DATE"},
		{"no header", "08031234567,2026-11-20\n08031234568,2026-11-20\n", NoHeader, "MSISDN,ACTIVATION_DATE"},
		{"no header, one name fits", "NAME,12034561234\n", MissingColumns, `"(digits)"`},
		{"double", "MSISDN,msisdn,DATE\n", DuplicateColumn, "keep the one"},
		{"too many", "MSISDN,DATE" + strings.Repeat(",x", 600) + "\n", TooManyColumns, "512"},
		{"workbook", "PK\x03\x04xxxx", NotText, ".xlsx"},
		{"old workbook", "\xd0\xcf\x11\xe0xxxx", NotText, ".xls"},
		{"binary", "MSI\x00SDN,DATE\n", NotText, "binary"},
		{"quotes only", strings.Repeat("\"", 101), NoHeader, "MSISDN,ACTIVATION_DATE"},
		{"gzip cut short", gz[:len(gz)-20], TruncatedGzip, "breaks off"},
		{"gzip without its sum", gz[:len(gz)-3], TruncatedGzip, "breaks off"},
		{"gzip of three bytes", gz[:3], TruncatedGzip, "breaks off"},
		{"gzip damaged", string(damaged), BadGzip, "damaged"},
		{"gzip twice", gzipped(gz), NotText, "gzipped twice"},
	}
	for _, c := range cases {
		f, err := Open(strings.NewReader(c.text), simSpec())
		if err == nil {
			_, err = read(f, 3)
		}
		var refusal *Refusal
		if !errors.As(err, &refusal) || refusal.Code != c.code || !strings.Contains(refusal.Message, c.says) {
			t.Errorf("%s: %#v, want %s and %q", c.name, err, c.code, c.says)
		}
	}
}

func TestReadersFaultIsTold(t *testing.T) {
	broken := errors.New("the line went dead")
	text := "MSISDN,DATE\n" + strings.Repeat("08031234567,2026-11-20\n", 200000)
	f, err := Open(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), simSpec())
	if err != nil {
		t.Fatal(err)
	}
	rows, err := read(f, 2)
	if !errors.Is(err, broken) || len(rows) == 0 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if _, again := f.Next(); !errors.Is(again, broken) {
		t.Error("the fault must stay:", again)
	}
	if _, err := Open(iotest.ErrReader(broken), simSpec()); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := Open(io.MultiReader(strings.NewReader("MSIS"), iotest.ErrReader(broken)), simSpec()); !errors.Is(err, broken) {
		t.Error("a header that broke off is not a bad header:", err)
	}
}

func TestClass21RowErrors(t *testing.T) {
	const header = "MSISDN,DATE,NAME\n"
	cases := []struct {
		name, text string
		want       []line
	}{
		{"too few", "1,2\n4,5,6\n", []line{{2, WrongColumns, []string{"1", "2", ""}}, {3, "", []string{"4", "5", "6"}}}},
		{"too many", "1,2,3,4\n4,5,6\n", []line{{2, WrongColumns, []string{"1", "2", "3"}}, {3, "", []string{"4", "5", "6"}}}},
		{"too many, quoted", "1,2,\"3\",4\n", []line{{2, WrongColumns, []string{"1", "2", "3"}}}},
		{"bare quote", "1,2,5\" pipe\n4,5,6\n", []line{{2, BadQuote, []string{"", "", ""}}, {3, "", []string{"4", "5", "6"}}}},
		{"text behind a quote", "1,\"2\"x,3\n4,5,6\n", []line{{2, BadQuote, []string{"", "", ""}}, {3, "", []string{"4", "5", "6"}}}},
		{"never closed", "1,\"2,3\n4,5,6\n7,8,9\n", []line{{2, BadQuote, []string{"", "", ""}}, {3, "", []string{"4", "5", "6"}}, {4, "", []string{"7", "8", "9"}}}},
		{"closed by another row's quote", "1,\"2,3\n4,\"5\",6\n", []line{{2, BadQuote, []string{"", "", ""}}, {3, "", []string{"4", "5", "6"}}}},
		{"doubled quotes", "1,2,\"5\"\" pipe\"\n", []line{{2, "", []string{"1", "2", "5\" pipe"}}}},
		{"quoted line feed", "1,2,\"a\r\nb\nc\"\n4,5,6\n", []line{{2, "", []string{"1", "2", "a\nb\nc"}}, {5, "", []string{"4", "5", "6"}}}},
		{"quoted delimiter", "1,2,\"a,b\"\n", []line{{2, "", []string{"1", "2", "a,b"}}}},
		{"NUL", "1,2\x00,3\n4,5,6\n", []line{{2, NULByte, []string{"1", "2\x00", "3"}}, {3, "", []string{"4", "5", "6"}}}},
		{"Latin-1", "1,2,Jos\xe9\n4,5,6\n", []line{{2, BadEncoding, []string{"1", "2", "Jos\xe9"}}, {3, "", []string{"4", "5", "6"}}}},
		{"blank lines", "\n\r\n1,2,3\n\n,,\n\n", []line{{4, "", []string{"1", "2", "3"}}, {6, "", []string{"", "", ""}}}},
		{"too long", "1,2," + strings.Repeat("x", 65<<10) + "\n4,5,6\n", []line{{2, TooLong, []string{"", "", ""}}, {3, "", []string{"4", "5", "6"}}}},
		{"just not too long", "1,2," + strings.Repeat("x", 64<<10-4) + "\n", []line{{2, "", []string{"1", "2", strings.Repeat("x", 64<<10-4)}}}},
		{"longer than a block", "1,2," + strings.Repeat("x", 3<<20) + "\n4,5,6\n", []line{{2, TooLong, []string{"", "", ""}}, {3, "", []string{"4", "5", "6"}}}},
		{"longer than a block, at the end", "4,5,6\n1,2," + strings.Repeat("x", 3<<20), []line{{2, "", []string{"4", "5", "6"}}, {3, TooLong, []string{"", "", ""}}}},
		{"open quote, longer than a block", "1,\"" + strings.Repeat("x", 3<<20) + "\n4,5,6\n", []line{{2, TooLong, []string{"", "", ""}}, {3, "", []string{"4", "5", "6"}}}},
	}
	for _, c := range cases {
		if rows, _ := mustRead(t, header+c.text); !slices.EqualFunc(rows, c.want, same) {
			t.Errorf("%s: got %.300v, want %.300v", c.name, rows, c.want)
		}
	}
}

func TestRowErrorsSpeakPlainly(t *testing.T) {
	f, err := Open(strings.NewReader("MSISDN,DATE,NAME\n1,2\n1,2,Jos\xe9\n1,2,\"x\n1,\x00,3\n1,2,"+strings.Repeat("x", 70000)), simSpec())
	if err != nil {
		t.Fatal(err)
	}
	block, err := f.Next()
	if err != nil {
		t.Fatal(err)
	}
	defer block.Release()
	want := []string{"line 2: the row has 2 columns: the header has 3", "line 3: the row is not UTF-8", "line 4: the quotes do not match", "line 5: the row contains a NUL byte", "line 6: the row is longer than 65536 bytes"}
	columns := []string{"", "NAME", "", "ACTIVATION_DATE", ""}
	i := 0
	block.Rows(func(r *Row) bool {
		if e := r.Err(); e == nil || !strings.HasPrefix(e.Error(), want[i]) || e.Column != columns[i] {
			t.Errorf("%v, want %s in %q", e, want[i], columns[i])
		}
		i++
		return true
	})
	if i != len(want) {
		t.Errorf("%d rows", i)
	}
}

func TestFooters(t *testing.T) {
	const data = "MSISDN,DATE,NAME\n1,2,3\n4,5,6\n"
	for text, stated := range map[string]int64{
		"TOTAL,2,\n": 2, "TOTAL": -1, "Total records: 2": 2, "TRAILER,20261120,2\n\n": 2, "\"Total\",\"2\"\r\n": 2, ",,TOTAL 2\n,,\n": 2,
		"T,2": 2, "Total Rows = 2": 2, "Total: 2\n\n \n": 2, "GRAND TOTAL,,2": 2, "EOF": -1, "TRAILER,5,2": -1, "Count: 2": 2,
	} {
		rows, f := mustRead(t, data+text)
		footer := f.Footer()
		if len(rows) != 2 || footer == nil || footer.Stated != stated || footer.Line != 4 {
			t.Errorf("%q: %v, %+v", text, rows, footer)
			continue
		}
		if err := f.CheckFooter(); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"7,8,9\n", "T,8,9\n", "TOTALLY FINE,8,9\n", "7,8,TOTAL\n", "\"TOTAL\n", "TOTAL,1,2\n7,8,9\n"} {
		if rows, f := mustRead(t, data+text); f.Footer() != nil || len(rows) < 3 || f.CheckFooter() != nil {
			t.Errorf("%q was taken as a footer", text)
		}
	}
	_, f := mustRead(t, data+"\"Total records: 1,234\"")
	var refusal *Refusal
	if err := f.CheckFooter(); !errors.As(err, &refusal) || refusal.Code != FooterMismatch || !strings.Contains(err.Error(), "has 1234 records and it has 2:") {
		t.Errorf("a footer that does not fit must be told: %v %+v", err, f.Footer())
	}
}

// The footer is found wherever the edge of a block falls.
func TestFooterAtABlocksEdge(t *testing.T) {
	spec := simSpec()
	spec.MaxRow, spec.MaxColumns = 30, 10
	for rows := range 60 {
		for _, row := range []string{"1,2,3\n", "1,2,\"3\"\n"} {
			text := "MSISDN,DATE,NAME\n" + strings.Repeat(row, rows) + fmt.Sprintf("TOTAL,%d\n\n", rows)
			f, err := open(strings.NewReader(text), spec, 120)
			if err != nil {
				t.Fatal(err)
			}
			got, err := read(f, 3)
			if err != nil || len(got) != rows || f.Footer() == nil || f.Footer().Line != int64(rows)+2 || f.CheckFooter() != nil {
				t.Fatalf("%d rows: %d, %v, %+v", rows, len(got), err, f.Footer())
			}
		}
	}
}

func TestRowsCanStopAndBeBlank(t *testing.T) {
	f, err := Open(strings.NewReader("MSISDN,DATE\n,\n1,2\n3,4\n"), simSpec())
	if err != nil {
		t.Fatal(err)
	}
	block, err := f.Next()
	if err != nil {
		t.Fatal(err)
	}
	var seen []bool
	block.Rows(func(r *Row) bool { seen = append(seen, r.Blank()); return len(seen) < 2 })
	if !slices.Equal(seen, []bool{true, false}) {
		t.Error(seen)
	}
}

// fuzzSpec has small limits, so that every edge is met by small inputs.
func fuzzSpec() Spec {
	return Spec{Columns: []Column{{Name: "a", Required: true}, {Name: "b", Required: true}}, MaxRow: 40, MaxColumns: 8}
}

// What encoding/csv accepts we read in the same way, up to the first record
// that it does not accept; and blocks of any size give the same rows.
func FuzzAgainstEncodingCSV(f *testing.F) {
	for _, seed := range []string{"1,2\n3,4\n", "1,\"2\"\r\n\"3\",4", "\"a\nb\",\"c\"\"d\"\n", "\"\",\n,\r\n\r", "a\"b,c\n", "\"a\"b,c\nd,e\n", "\"abc\n1,2\n",
		"1,2\r\r\n", "1\r2,3\n", "\n\n1,2\n\n", "TOTAL,2\n", "x,\"\r\n\"\r\n", "1,2,3\n4\n", "\"a\r\"\r", "é,\xff\n", "1,2\x00\n", "\"a\",\"b\"\r", "\"1\",\"2\n\"\n\"3\n\",4\n",
		strings.Repeat("1,2\n", 60), strings.Repeat("\"1\n\",2\n", 60), strings.Repeat("x", 300), strings.Repeat("\n", 400) + "1,2", "1,2\n" + strings.Repeat("\"", 200)} {
		for _, delimiter := range []byte{0, 1, 2, 3} {
			f.Add([]byte(seed), delimiter)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, which byte) {
		delimiter := ",;\t|"[which%4]
		body = bytes.ReplaceAll(body, []byte(","), []byte{delimiter})
		text := append([]byte("a"+string(delimiter)+"b\n"), body...)
		small := readFuzzed(t, text, 160)
		if large := readFuzzed(t, text, 1<<14); !slices.EqualFunc(small.rows, large.rows, same) || small.footer != large.footer {
			t.Fatalf("%q\nin small blocks: %v %s\nin one block:    %v %s", text, small.rows, small.footer, large.rows, large.footer)
		}
		compare(t, text, rune(delimiter), small)
	})
}

type fuzzed struct {
	rows   []line
	footer string
	lines  int64 // of the footer
}

func readFuzzed(t *testing.T, text []byte, size int) (out fuzzed) {
	t.Helper()
	f, err := open(bytes.NewReader(text), fuzzSpec(), size)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if out.rows, err = read(f, 2); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if f.RowsSeen() != int64(len(out.rows)) {
		t.Fatalf("%q: %d rows, counted %d", text, len(out.rows), f.RowsSeen())
	}
	if f.Footer() != nil {
		out.footer, out.lines = f.Footer().Raw, f.Footer().Line
	}
	return out
}

func compare(t *testing.T, text []byte, delimiter rune, got fuzzed) {
	t.Helper()
	reference := csv.NewReader(bytes.NewReader(text))
	reference.Comma, reference.FieldsPerRecord = delimiter, -1
	if _, err := reference.Read(); err != nil {
		t.Fatalf("the header: %v", err)
	}
	from := reference.InputOffset()
	for i := 0; ; i++ {
		want, err := reference.Read()
		if errors.Is(err, io.EOF) {
			if i != len(got.rows) {
				t.Fatalf("%q: encoding/csv has %d rows, we have %d", text, i, len(got.rows))
			}
			return
		}
		if err != nil {
			return
		}
		record := withoutBlankLines(text[from:reference.InputOffset()])
		from = reference.InputOffset()
		if len(record) > fuzzSpec().MaxRow {
			return // ours is an error, and from then on lines and records differ
		}
		at, _ := reference.FieldPos(0)
		if i == len(got.rows) && got.footer != "" && int64(at) == got.lines {
			return
		}
		if i >= len(got.rows) {
			t.Fatalf("%q: we have no row %d: %q", text, i, want)
		}
		compareRow(t, text, int64(at), want, got.rows[i])
	}
}

func withoutBlankLines(text []byte) []byte {
	for {
		rest, ok := bytes.CutPrefix(text, []byte("\n"))
		if !ok {
			rest, ok = bytes.CutPrefix(text, []byte("\r\n"))
		}
		if !ok {
			return chomp(bytes.TrimSuffix(text, []byte("\n")))
		}
		text = rest
	}
}

func compareRow(t *testing.T, text []byte, at int64, want []string, row line) {
	t.Helper()
	if row.at != at {
		t.Fatalf("%q: row %q is on line %d, we say %d", text, want, at, row.at)
	}
	spare := strings.TrimSpace(strings.Join(want[min(2, len(want)):], "")) != ""
	if wrong := len(want) < 2 || spare; wrong != (row.code == WrongColumns) {
		t.Fatalf("%q: row %q has %d columns, we say %q", text, want, len(want), row.code)
	}
	if row.code == BadQuote || row.code == TooLong {
		t.Fatalf("%q: we refuse row %q as %s", text, want, row.code)
	}
	for i, cell := range row.cells {
		if i < len(want) && cell != strings.Trim(want[i], " \t\n\v\f\r") {
			t.Fatalf("%q: cell %d is %q, we say %q", text, i, want[i], cell)
		}
	}
}

// Whatever comes, opening and reading ends, and with a reason.
func FuzzOpen(f *testing.F) {
	const plain = "MSISDN,ACTIVATION_DATE,NAME\n08031234567,2026-11-20,Ọlá\n"
	for _, seed := range []string{plain, utf16of(plain, true, "\xff\xfe"), utf16of(plain, false, ""), gzipped(plain), gzipped(plain)[:40], "\xff\xfe", "\x1f\x8b", "sep=;\n" + plain, "PK\x03\x04", "\"", "MSISDN\rDATE\r"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Open(bytes.NewReader(data), simSpec())
		if err == nil {
			_, err = read(file, 3)
		}
		var refusal *Refusal
		if err != nil && (!errors.As(err, &refusal) || refusal.Code == "" || refusal.Message == "") {
			t.Fatalf("%q: %#v", data, err)
		}
	})
}
