package sheet

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

// repeat gives a text a number of times without holding it.
type repeat struct {
	text string
	left int64 // bytes
	at   int
}

func (r *repeat) Read(p []byte) (n int, err error) {
	for n < len(p) && r.left > 0 {
		got := copy(p[n:], r.text[r.at:])
		got = int(min(int64(got), r.left))
		r.at, r.left, n = (r.at+got)%len(r.text), r.left-int64(got), n+got
	}
	if n == 0 {
		err = io.EOF
	}
	return n, err
}

// A gigabyte without a line end, within quotes and without, is one row error
// and a few megabytes of memory; the row behind it is read. So is a file of
// nothing but quotes, of line feeds, or of delimiters.
func TestClass21MemoryIsBounded(t *testing.T) {
	size := int64(1 << 30)
	if testing.Short() {
		size = 1 << 26
	}
	for _, c := range []struct {
		name, text string
		size       int64
		rows       int64
	}{
		{"a long line", "x", size, 2}, {"a long line in quotes", "\"x", size, 2}, {"a long line of delimiters", ",", size, 2},
		{"line feeds", "\n", 1 << 22, 2}, {"lines of open quotes", "\"\n", 1 << 21, -1}, {"NUL bytes", "\x00", 1 << 26, 2},
		{"quotes", "\"", 1 << 24, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := io.MultiReader(strings.NewReader("MSISDN,DATE\n1,2\n"), &repeat{text: strings.Repeat(c.text, 64<<10), left: c.size}, strings.NewReader("\n3,4\n"))
			f, err := Open(in, simSpec())
			if err != nil {
				t.Fatal(err)
			}
			var before, now runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			var rows, bad int64
			last := ""
			for {
				block, err := f.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				block.Rows(func(r *Row) bool {
					rows++
					if r.Err() != nil {
						bad++
					}
					last = string(r.Cell(0))
					return true
				})
				block.Release()
			}
			runtime.ReadMemStats(&now)
			if grown := int64(now.TotalAlloc - before.TotalAlloc); c.rows > 0 && grown > 24<<20 {
				t.Errorf("%d MB were allocated", grown>>20)
			}
			if last != "3" || c.rows > 0 && rows-bad != c.rows {
				t.Errorf("%d rows, %d of them bad, the last begins with %q", rows, bad, last)
			}
		})
	}
}

func TestRowsAllocateNothing(t *testing.T) {
	for name, data := range map[string][]byte{"plain": inventory(1000, plainRow), "quoted": inventory(1000, quotedRow)} {
		f, err := Open(strings.NewReader(string(data)), benchSpec())
		if err != nil {
			t.Fatal(err)
		}
		block, err := f.Next()
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		if n := testing.AllocsPerRun(5, func() {
			block.Rows(func(r *Row) bool {
				if r.Err() == nil && len(r.Cell(4)) > 0 {
					rows++
				}
				return true
			})
		}); n > 1 {
			t.Errorf("%s: %v allocations for 1000 rows", name, n)
		}
		if rows != 6000 {
			t.Errorf("%s: %d rows", name, rows)
		}
		block.Release()
	}
}
