package inventory_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"reconexus/app/reconix/generate"
)

// BenchmarkSecondDay takes a second day of RECONEXUS_ROWS rows (200,000 when not set).
func BenchmarkSecondDay(b *testing.B) {
	rows, err := strconv.Atoi(os.Getenv("RECONEXUS_ROWS"))
	if err != nil {
		rows = 200_000
	}
	write := func(on string) string {
		f, err := os.CreateTemp(b.TempDir(), "*.csv")
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		if _, err := generate.Inventory(f, options(b, rows, on, false), nil); err != nil {
			b.Fatal(err)
		}
		return f.Name()
	}
	first, second := write(day1), write(day2)
	for b.Loop() {
		l := open(b, b.TempDir())
		for _, day := range []struct{ on, path string }{{day1, first}, {day2, second}} {
			f, err := os.Open(day.path)
			if err != nil {
				b.Fatal(err)
			}
			start := time.Now()
			_, r := l.take("MTN", day.on, f)
			took := time.Since(start)
			b.Logf("%s: %d rows in %s (%.0f rows/s): %+v", day.on, r.Rows, took, float64(r.Rows)/took.Seconds(), r)
			b.ReportMetric(float64(r.Rows)/took.Seconds(), "rows/s")
			_ = f.Close()
		}
		l.close()
	}
}
