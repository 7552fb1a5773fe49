package linkage

import (
	"strings"
	"testing"
	"unicode"
)

// What is kept of a source or an id is never somebody's number, whatever comes.
func FuzzSource(f *testing.F) {
	for _, seed := range []string{"NIMC", "MTN Nigeria", "71234509876", "7123 450 9876", "a\x00b", " NIBSS (v2) ", "Ṣọ"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, cell []byte) {
		name, err := sourceOf(cell)
		if err != nil {
			if name != "" || strings.Contains(err.Error(), string(cell)) && len(cell) > 12 {
				t.Fatalf("a refusal keeps %q or repeats the cell: %v", name, err)
			}
			return
		}
		digits := strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return r
			}
			return -1
		}, name)
		if name == "" || len(name) > longestSource || len(digits) > 6 {
			t.Fatalf("%q is kept as %q", cell, name)
		}
	})
}

func FuzzNumberIn(f *testing.F) {
	f.Add("lnk_00000000000000000000000000")
	f.Add("lnk_")
	f.Add("lnk_zzzzzzzzzzzzzzzzzzzzzzzzzz")
	f.Fuzz(func(t *testing.T, id string) {
		if n, ok := numberIn(id); ok && (n < 0 || n >= 1<<48 || len(id) != len(idPrefix)+26) {
			t.Fatalf("%q is taken for the number %d", id, n)
		}
	})
}

func FuzzBanks(f *testing.F) {
	b := newBanks([]Bank{{"044", "Access Bank"}, {"50211", "Kuda"}})
	for _, seed := range []string{"044", "44", "access bank", " Kuda ", "", "0044", "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, cell []byte) {
		if code, err := b.code(cell); (err == nil) != (code == "044" || code == "50211") {
			t.Fatalf("%q is the bank %q, %v", cell, code, err)
		}
	})
}
