package generate_test

import (
	"bytes"
	"testing"

	"reconexus/app/reconix/generate"
)

func TestDemoIsABelievableMonth(t *testing.T) {
	last := date(t, "2026-11-20")
	files, err := generate.Demo(7, last, 3000)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 6*4+4 {
		t.Fatalf("%d files", len(files))
	}
	earlier := map[string]snapshot{}
	counts := map[string]int{}
	at := files[0].Day
	for _, f := range files {
		var file bytes.Buffer
		if err := f.Write(&file); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if f.Day < at || f.Day < last-29 || f.Day > last {
			t.Errorf("%s is out of order or of the month", f.Name)
		}
		at = f.Day
		if f.Kind == generate.KindLinkages {
			if n := bytes.Count(file.Bytes(), []byte("\n")); n < 200 {
				t.Errorf("%s has %d lines", f.Name, n)
			}
			continue
		}
		now := read(t, f.Operator, file.Bytes())
		if old, known := earlier[f.Operator]; known {
			if len(now.rows)*100 < len(old.rows)*95 {
				t.Errorf("%s has %d rows after %d, which stops an import", f.Name, len(now.rows), len(old.rows))
			}
			for event, n := range diffRing([]snapshot{old}, []snapshot{now}).counts() {
				counts[event] += n
			}
		}
		earlier[f.Operator] = now
	}
	for _, event := range []string{"recycled", "same_holder_return", "reversal", "swap", "churned", "activated"} {
		if counts[event] < 30 {
			t.Errorf("only %d times %s in a month", counts[event], event)
		}
	}
	t.Log(counts)
}

func TestDemoOfNothingIsRefused(t *testing.T) {
	if _, err := generate.Demo(7, date(t, "2026-11-20"), 1); err == nil {
		t.Error("a demo of one number was planned")
	}
}
