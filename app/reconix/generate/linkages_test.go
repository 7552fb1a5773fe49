package generate_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/generate"
)

type linkage struct {
	msisdn, kind, number string
	date                 day.Day
	source, bank         string
}

func linkages(t *testing.T, o generate.Options) ([]linkage, labels) {
	t.Helper()
	var file, truth bytes.Buffer
	if _, err := generate.Linkages(&file, o, &truth); err != nil {
		t.Fatalf("generating linkages of %s: %v", o.Operator, err)
	}
	rows, err := csv.NewReader(&file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if head := strings.Join(rows[0], ","); head != "MSISDN,KIND,NUMBER,LINKED_DATE,SOURCE,BANK" {
		t.Fatalf("the header is %s", head)
	}
	var out []linkage
	for _, c := range rows[1:] {
		l := linkage{"+" + c[0], c[1], c[2], day.None, c[4], c[5]}
		if c[3] != "" {
			l.date = date(t, c[3])
		}
		out = append(out, l)
	}
	return out, readTruth(t, o.Operator, truth.Bytes())
}

// judge finds stale and undecidable linkages with two days of inventories.
func judge(operator string, then, now map[string]record, all []linkage) labels {
	m, found := newMatcher(), labels{}
	for _, l := range all {
		old, before := then[l.msisdn]
		last, present := now[l.msisdn]
		if !present {
			last = old
		}
		event := "stale_" + strings.ToLower(l.kind)
		switch {
		case !present && !before:
			continue
		case l.kind == "NIN" && last.nin != "":
			if last.nin == l.number {
				continue
			}
		case !l.date.Known():
			event = "review_" + strings.ToLower(l.kind)
		case l.date >= last.date:
			continue
		case before && m.same(old.name, last.name) && l.date >= old.date:
			continue
		}
		found[label{operator, l.msisdn, event}] = 1
	}
	return found
}

func TestLinkageTruthIsWhatANaiveReaderFinds(t *testing.T) {
	base := date(t, "2026-11-20")
	for name, o := range map[string]generate.Options{
		"next day":       {Rows: 8_000, Seed: 1, Base: base, Since: base, Day: base + 1, Changed: 0.05},
		"within a month": {Rows: 8_000, Seed: 2, Base: base - 19, Since: base - 1, Day: base, Changed: 0.005},
		"weeks apart":    {Rows: 5_000, Seed: 3, Base: base, Since: base, Day: base + 21, Changed: 0.02},
		"with defects":   {Rows: 8_000, Seed: 5, Base: base, Since: base, Day: base + 1, Changed: 0.05, Defects: true},
		"with NIN":       {Rows: 8_000, Seed: 6, Base: base, Since: base, Day: base + 1, Changed: 0.05, WithNIN: true, Defects: true},
		"first day":      {Rows: 5_000, Seed: 7, Base: base, Since: base, Day: base},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			then, now, _ := ringFiles(t, o)
			o.Operator = "GLO"
			all, truth := linkages(t, o)
			t.Run("reader of the ring", func(t *testing.T) {
				compare(t, truth, judge("GLO", merge(then), merge(now), all))
			})
			t.Run("reader of one operator", func(t *testing.T) {
				compare(t, truth, judge("GLO", then[2].rows, now[2].rows, all))
			})
			t.Logf("%d linkages: %s", len(all), truth)
		})
	}
}

func TestLinkagesOfOneNumberAreBelievable(t *testing.T) {
	base := date(t, "2026-11-20")
	const rows = 40_000
	o := generate.Options{Operator: "MTN", Rows: rows, Seed: 8, Base: base, Day: base + 1, Changed: 0.05}
	all, truth := linkages(t, o)
	numbers, banks := map[string]map[string]bool{"NIN": {}, "BVN": {}}, map[string]bool{}
	for _, l := range all {
		if len(l.number) != 11 || l.date.Known() && l.date > o.Day {
			t.Fatalf("not believable: %+v", l)
		}
		if bvn := l.kind == "BVN"; bvn != strings.HasPrefix(l.number, "22") && bvn || bvn != (len(l.bank) == 3) {
			t.Fatalf("not believable: %+v", l)
		}
		if key := l.msisdn + l.number + l.bank; banks[key] {
			t.Fatalf("the same linkage stands twice: %+v", l)
		} else {
			banks[key] = true
		}
		numbers[l.kind][l.msisdn] = true
	}
	for kind, want := range map[string]float64{"NIN": 0.25, "BVN": 0.15} {
		if share := float64(len(numbers[kind])) / rows; share < want*0.95 || share > want*1.1 {
			t.Errorf("%.3f of the numbers have a %s, not about %.2f", share, kind, want)
		}
	}
	_, told := inventory(t, o)
	returned, recycled := 0, labels{}
	for l := range readTruth(t, "MTN", told) {
		switch l.event {
		case "same_holder_return":
			for _, kind := range []string{"nin", "bvn"} {
				if truth[label{"MTN", l.number, "stale_" + kind}] != 0 {
					returned++ // only with a holder from before the first day
				}
			}
		case "recycled":
			recycled[l]++
		}
	}
	stale := 0
	for l := range recycled {
		if truth[label{"MTN", l.number, "stale_nin"}] != 0 {
			stale++
		}
	}
	if n := len(recycled); stale*10 < n*4 || stale*10 > n*7 {
		t.Errorf("%d of %d recycled numbers keep a stranger's NIN, not about half", stale, n)
	}
	if returned > 8 {
		t.Errorf("%d returned numbers have stale linkages", returned)
	}
}
