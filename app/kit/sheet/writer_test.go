package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"
)

func TestClass21ExportsAreSafeForSpreadsheets(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "Ngozi": "Ngozi", "+2348031234567": "+2348031234567", "2026-11-20": "2026-11-20", "a=b": "a=b", "O'Brien": "O'Brien",
		"=1+1": "'=1+1", "=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0", "+1+1": "'+1+1", "-5": "'-5", "@SUM(A1)": "'@SUM(A1)",
		"\tx": "'\tx", "\r=1": "'\r=1", "\n=1": "'\n=1", "  =1+1": "'  =1+1", "＝1+1": "'＝1+1", "＠x": "'＠x",
		"+234803123456a": "'+234803123456a", "+0348031234567": "'+0348031234567", "+": "'+", "+1234567": "'+1234567", "+12345678901234567": "'+12345678901234567",
		" +2348031234567": "' +2348031234567",
	} {
		if got := Safe(cell); got != want {
			t.Errorf("%q is written as %q, want %q", cell, got, want)
		}
	}
}

func TestWriter(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out)
	cells := []string{"+2348031234567", "=1+1", "a,b", "5\" pipe", "two\nlines"}
	if err := w.Write(cells...); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if want := "+2348031234567,'=1+1,\"a,b\",\"5\"\" pipe\",\"two\r\nlines\"\r\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	if cells[1] != "=1+1" {
		t.Error("the caller's cells were changed")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestWriterTellsAFullDisk(t *testing.T) {
	w := NewWriter(full{})
	_ = w.Write("x") // held back until Flush
	if err := w.Flush(); err == nil {
		t.Error("a full disk was not told")
	}
}

// Whatever is written, no cell that comes back starts a formula, and nothing
// else is changed.
func FuzzWriter(f *testing.F) {
	for _, seed := range []string{"=1+1", "+2348031234567", "a\r\nb", "\"", "'", "", "＋1", " -x"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		var out bytes.Buffer
		w := NewWriter(&out)
		if err := errors.Join(w.Write("x", a, b), w.Flush()); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&out).ReadAll()
		if err != nil || len(rows) != 1 || len(rows[0]) != 3 {
			t.Fatalf("%q %q: %q, %v", a, b, rows, err)
		}
		for i, cell := range []string{a, b} {
			got := rows[0][i+1]
			if got != cell && got != "'"+cell && !strings.Contains(cell, "\r") {
				t.Fatalf("%q came back as %q", cell, got)
			}
			if got != "" && strings.ContainsRune("=@-\t\r", rune(got[0])) || strings.HasPrefix(got, "+") && strings.Trim(got[1:], "0123456789") != "" {
				t.Fatalf("%q came back as %q, which a spreadsheet runs", cell, got)
			}
		}
	})
}
