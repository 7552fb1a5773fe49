package generate_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/nyaruka/phonenumbers"

	"reconexus/app/reconix/generate"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s changed, which changes every world; when that is meant, run the tests with -rewrite. Got:\n%s", path, got)
	}
}

func TestGoldenFiles(t *testing.T) {
	base := date(t, "2026-11-20")
	first := generate.Options{Operator: "MTN", Rows: 20, Seed: 42, Base: base, Day: base, WithNIN: true}
	file, _ := inventory(t, first)
	golden(t, "mtn-day-1.csv", file)

	later := generate.Options{Operator: "9mobile", Rows: 20, Seed: 42, Base: base, Day: base + 1, Changed: 0.5}
	file, truth := inventory(t, later)
	golden(t, "t2-day-2.csv", file)
	golden(t, "t2-day-2-truth.csv", truth)

	var links, told bytes.Buffer
	if _, err := generate.Linkages(&links, later, &told); err != nil {
		t.Fatal(err)
	}
	golden(t, "t2-linkages.csv", links.Bytes())
	golden(t, "t2-linkages-truth.csv", told.Bytes())
}

func TestSameOptionsSameBytes(t *testing.T) {
	base := date(t, "2026-11-20")
	o := generate.Options{Operator: "GLO", Rows: 3000, Seed: 1, Base: base, Day: base + 3, Changed: 0.02, Defects: true}
	one, oneTruth := inventory(t, o)
	two, twoTruth := inventory(t, o)
	if !bytes.Equal(one, two) || !bytes.Equal(oneTruth, twoTruth) {
		t.Error("the same options gave two files")
	}
	o.Seed++
	if other, _ := inventory(t, o); bytes.Equal(one, other) {
		t.Error("another seed gave the same file")
	}
	o.Seed--
	o.Gzip = true
	packed, _ := inventory(t, o)
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if unpacked, err := io.ReadAll(r); err != nil || !bytes.Equal(unpacked, one) {
		t.Errorf("the compressed file differs (%v)", err)
	}
}

func TestFirstDayHasExactlyTheRowsAskedFor(t *testing.T) {
	base := date(t, "2026-11-20")
	for _, rows := range []int{1, 15, 16, 17, 1000, 12_345} {
		for _, operator := range operators() {
			n, err := generate.Inventory(io.Discard, generate.Options{Operator: operator, Rows: rows, Base: base, Day: base}, nil)
			if n != rows || err != nil {
				t.Errorf("%d rows of %s became %d (%v)", rows, operator, n, err)
			}
		}
	}
}

func TestEveryRowIsValid(t *testing.T) {
	base := date(t, "2026-11-20")
	for _, operator := range operators() {
		o := generate.Options{Operator: operator, Rows: 800, Seed: 3, Base: base, Day: base + 1, Changed: 0.05}
		file, _ := inventory(t, o)
		serials, imsis, previous := map[string]bool{}, map[string]bool{}, ""
		for _, line := range strings.Split(strings.TrimSpace(string(file)), "\n")[1:] {
			cells := strings.Split(line, ",")
			number, err := phonenumbers.Parse("+"+cells[0], "")
			if err != nil || !phonenumbers.IsValidNumberForRegion(number, "NG") || phonenumbers.GetNumberType(number) != phonenumbers.MOBILE {
				t.Fatalf("%s is not a Nigerian mobile number", cells[0])
			}
			if cells[0] <= previous {
				t.Fatalf("%s follows %s", cells[0], previous)
			}
			previous = cells[0]
			if s := cells[1]; len(s) != 20 || !strings.HasPrefix(s, "892342 892343 892345 892346"[strings.Index("2356", s[5:6])*7:][:6]) || !luhn(s) || serials[s] {
				t.Fatalf("%s is not a good or not a new ICCID", s)
			}
			if s := cells[2]; len(s) != 15 || s[:3] != "621" || s[3:5] != cells[1][5:7] || imsis[s] {
				t.Fatalf("%s is not a good or not a new IMSI", s)
			}
			serials[cells[1]], imsis[cells[2]] = true, true
			if d := date(t, cells[3]); d > o.Day || d < o.Day-13*366 {
				t.Fatalf("%s is no believable activation date", d)
			}
		}
	}
}

func luhn(digits string) bool {
	sum, double := 0, false
	for i := len(digits) - 1; i >= 0; i-- {
		d := int(digits[i] - '0')
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, double = sum+d, !double
	}
	return sum%10 == 0
}

func TestNextDayIsTheDayBeforePlusOneDay(t *testing.T) {
	base := date(t, "2026-11-20")
	o := generate.Options{Operator: "MTN", Rows: 5000, Seed: 4, Base: base, Day: base + 8, Since: base + 7, Changed: generate.UsualChange}
	long, _ := inventory(t, o)
	o.Since = base
	same, _ := inventory(t, o)
	if !bytes.Equal(long, same) {
		t.Error("the file of a day depends on the day it is compared with")
	}
	o.Day = base + 7
	before, _ := inventory(t, o)
	changed := len(lineSet(long)) - shared(lineSet(long), lineSet(before))
	if changed < 10 || changed > 40 {
		t.Errorf("%d of 5000 rows are new a day later, not about 0.5 %%", changed)
	}
}

func lineSet(file []byte) map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(string(file)) {
		set[line] = true
	}
	return set
}

func shared(a, b map[string]bool) (n int) {
	for line := range a {
		if b[line] {
			n++
		}
	}
	return n
}

func TestAMillionRowsNeedNoMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("a million rows take seconds")
	}
	base := date(t, "2026-11-20")
	o := generate.Options{Operator: "MTN", Rows: 1_000_000, Seed: 1, Base: base, Day: base + 1, Changed: 0.005, Defects: true}
	for name, write := range map[string]func(io.Writer, generate.Options, io.Writer) (int, error){
		"inventory": generate.Inventory, "linkages": generate.Linkages,
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		n, err := write(io.Discard, o, io.Discard)
		runtime.ReadMemStats(&after)
		if err != nil || n < 400_000 {
			t.Errorf("%s: %d rows, %v", name, n, err)
		}
		if grew := after.TotalAlloc - before.TotalAlloc; grew > 16<<20 {
			t.Errorf("%s allocated %d bytes in all", name, grew)
		}
	}
}

func TestOptionsThatCannotBeMeantAreRefused(t *testing.T) {
	base := date(t, "2026-11-20")
	good := generate.Options{Operator: "MTN", Rows: 10, Base: base, Day: base + 1, Changed: 0.005}
	for want, change := range map[string]func(*generate.Options){
		"not an operator":     func(o *generate.Options) { o.Operator = "VODAFONE" },
		"1 to 122352928 rows": func(o *generate.Options) { o.Rows = 0 },
		"47058816 rows":       func(o *generate.Options) { o.Operator, o.Rows = "T2", 50_000_000 },
		"the day of the file": func(o *generate.Options) { o.Day = 0 },
		"lies after":          func(o *generate.Options) { o.Base = o.Day + 1 },
		"earlier file":        func(o *generate.Options) { o.Since = o.Day + 1 },
		"days are replayed":   func(o *generate.Options) { o.Base -= 500 },
		"out of range":        func(o *generate.Options) { o.Changed = 0.9 },
		"between 0 and 1":     func(o *generate.Options) { o.NINShare = 25 },
	} {
		o := good
		change(&o)
		if _, err := generate.Inventory(io.Discard, o, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("wanted a sentence with %q, got %v", want, err)
		}
	}
}

func BenchmarkInventory(b *testing.B) {
	base := generate.Options{Operator: "MTN", Rows: b.N, Seed: 1, Day: 20_000, Base: 19_999, Changed: 0.005}
	if b.N < 2 {
		base.Rows = 2
	}
	if _, err := generate.Inventory(io.Discard, base, nil); err != nil {
		b.Fatal(err)
	}
}
