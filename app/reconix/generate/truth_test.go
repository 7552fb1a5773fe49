package generate_test

import (
	"bytes"
	"fmt"
	"testing"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/generate"
)

func operators() []string { return []string{"MTN", "AIRTEL", "GLO", "T2"} }

func date(t *testing.T, s string) day.Day {
	t.Helper()
	d, err := day.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func inventory(t *testing.T, o generate.Options) (file, truth []byte) {
	t.Helper()
	var f, tr bytes.Buffer
	if _, err := generate.Inventory(&f, o, &tr); err != nil {
		t.Fatalf("generating the inventory of %s: %v", o.Operator, err)
	}
	return f.Bytes(), tr.Bytes()
}

// ringFiles reads all four operators' files of both days of o and their truth.
func ringFiles(t *testing.T, o generate.Options) (then, now []snapshot, truth labels) {
	t.Helper()
	truth = labels{}
	for _, operator := range operators() {
		o.Operator = operator
		earlier := o
		earlier.Day = o.Since
		file, _ := inventory(t, earlier)
		then = append(then, read(t, operator, file))
		file, told := inventory(t, o)
		now = append(now, read(t, operator, file))
		for l, n := range readTruth(t, operator, told) {
			truth[l] += n
		}
	}
	return then, now, truth
}

// diffRing finds the events of all four operators by comparing everything.
func diffRing(then, now []snapshot) labels {
	m, found := newMatcher(), labels{}
	before, after, refused := merge(then), merge(now), map[string]bool{}
	for _, s := range append(append([]snapshot(nil), then...), now...) {
		for number := range s.refused {
			refused[number] = true
		}
	}
	for number, new := range after {
		old, known := before[number]
		if refused[number] {
			continue
		}
		for _, l := range eventsOf(m, number, old, known, new) {
			found[l]++
		}
	}
	for number, old := range before {
		if _, there := after[number]; !there && !refused[number] && old.status == "active" {
			found[label{old.operator, number, "churned"}]++
		}
	}
	return found
}

func merge(files []snapshot) map[string]record {
	all := map[string]record{}
	for _, s := range files {
		for number, row := range s.rows {
			all[number] = row
		}
	}
	return all
}

func eventsOf(m matcher, number string, old record, known bool, new record) (out []label) {
	add := func(operator, event string) { out = append(out, label{operator, number, event}) }
	same := known && m.same(old.name, new.name)
	switch {
	case !known:
		if new.status == "active" {
			add(new.operator, "activated")
		}
	case old.operator != new.operator && same:
		add(old.operator, "port_out")
		add(new.operator, "port_in")
	case !same:
		add(new.operator, "recycled")
		if old.operator != new.operator && old.status == "active" {
			add(old.operator, "churned")
		}
	case old.date != new.date:
		add(new.operator, "same_holder_return")
	default:
		if old.status != "active" && new.status == "active" {
			add(new.operator, "reversal")
		}
		if old.status == "active" && new.status != "active" {
			add(new.operator, "churned")
		}
		if old.serial != new.serial {
			add(new.operator, "swap")
		}
	}
	return out
}

func TestTruthIsWhatANaiveReaderOfTheRingFinds(t *testing.T) {
	base := date(t, "2026-11-20")
	for name, o := range map[string]generate.Options{
		"next day":          {Rows: 8_000, Seed: 1, Base: base, Since: base, Day: base + 1, Changed: 0.05},
		"within a month":    {Rows: 8_000, Seed: 2, Day: base, Changed: 0.005},
		"three weeks apart": {Rows: 5_000, Seed: 3, Base: base, Since: base + 2, Day: base + 23, Changed: 0.02, Seasonal: true},
		"scattered":         {Rows: 5_000, Seed: 4, Base: base, Since: base, Day: base + 1, Changed: 0.05, Shuffle: true},
		"with defects":      {Rows: 8_000, Seed: 5, Base: base, Since: base, Day: base + 1, Changed: 0.05, Defects: true},
	} {
		t.Run(name, func(t *testing.T) {
			if !o.Since.Known() || o.Since == 0 {
				o.Since = o.Day - 1
			}
			then, now, truth := ringFiles(t, o)
			found := diffRing(then, now)
			if o.Defects {
				dropLostPorts(then, now, found, truth)
			}
			compare(t, truth, found)
			t.Log(truth)
		})
	}
}

// dropLostPorts sets aside the ports whose row at the new operator was refused:
// the old operator's truth rightly says port_out, and this reader skips every
// number that was refused anywhere.
func dropLostPorts(then, now []snapshot, found, truth labels) {
	for _, s := range now {
		for number := range s.refused {
			for _, operator := range operators() {
				l := label{operator, number, "port_out"}
				if truth[l] == 1 && found[l] == 0 {
					delete(truth, l)
				}
			}
		}
	}
}

func TestReaderOfOneOperatorFindsPortsAsGoneAndNew(t *testing.T) {
	base := date(t, "2026-11-20")
	o := generate.Options{Operator: "AIRTEL", Rows: 20_000, Seed: 9, Base: base, Day: base + 1, Changed: 0.02}
	file, told := inventory(t, o)
	first := o
	first.Day = base
	earlier, _ := inventory(t, first)
	found := diffRing([]snapshot{read(t, "AIRTEL", earlier)}, []snapshot{read(t, "AIRTEL", file)})
	truth := labels{}
	for l, n := range readTruth(t, "AIRTEL", told) {
		switch l.event {
		case "port_out":
			l.event = "churned"
		case "port_in":
			l.event = "activated"
		}
		truth[l] += n
	}
	compare(t, truth, found)
}

func TestSharesOfEvents(t *testing.T) {
	base := date(t, "2026-11-20")
	const rows, changed = 200_000, 0.005
	file, told := inventory(t, generate.Options{Operator: "GLO", Rows: rows, Seed: 11, Base: base, Day: base + 1, Changed: changed})
	truth := readTruth(t, "GLO", told)
	counts, sum := truth.counts(), 0
	for _, n := range counts {
		sum += n
	}
	if want := rows * changed; float64(sum) < 0.9*want || float64(sum) > 1.1*want {
		t.Errorf("%d events are not about %.0f", sum, want)
	}
	for _, event := range []string{"recycled", "same_holder_return", "port_in", "port_out", "swap", "reversal"} {
		if n := float64(counts[event]); n < 80 || n > 160 {
			t.Errorf("%s came %.0f times, far from the 119 of its fair share", event, n)
		}
	}
	idle := 0
	for _, row := range read(t, "GLO", file).rows {
		if row.status != "active" {
			idle++
		}
	}
	if idle < rows*2/1000 || idle > rows*4/1000 {
		t.Errorf("%d idle lines are not about 0.3 %%", idle)
	}
}

func TestPortedNumberKeepsHolderAtTheNextOperator(t *testing.T) {
	base := date(t, "2026-11-20")
	o := generate.Options{Rows: 20_000, Seed: 12, Base: base, Since: base, Day: base + 1, Changed: 0.05}
	then, now, truth := ringFiles(t, o)
	ports := 0
	for l := range truth {
		if l.event != "port_out" {
			continue
		}
		ports++
		from, to := -1, -1
		for i, operator := range operators() {
			if operator == l.operator {
				from, to = i, (i+1)%4
			}
		}
		old, new := then[from].rows[l.number], now[to].rows[l.number]
		if _, still := now[from].rows[l.number]; still {
			t.Errorf("%s was ported out of %s and is still in its file", l.number, l.operator)
		}
		if !newMatcher().same(old.name, new.name) || old.serial == new.serial || old.imsi == new.imsi || new.date != o.Day {
			t.Errorf("%s went from %v to %v", l.number, old, new)
		}
		if truth[label{operators()[to], l.number, "port_in"}] != 1 {
			t.Errorf("%s left %s and did not arrive at %s", l.number, l.operator, operators()[to])
		}
	}
	if ports < 200 {
		t.Errorf("only %d ports", ports)
	}
}

func TestUnequalOperatorsStillFormARing(t *testing.T) {
	base := date(t, "2026-11-20")
	o := generate.Options{Seed: 13, Base: base, Day: base + 10, Changed: 0.05}
	rows := map[string]int{"MTN": 3000, "AIRTEL": 700}
	out, in := o, o
	out.Operator, out.Rows, out.RowsBefore = "MTN", rows["MTN"], 100
	in.Operator, in.Rows, in.RowsBefore = "AIRTEL", rows["AIRTEL"], rows["MTN"]
	_, left := inventory(t, out)
	_, came := inventory(t, in)
	gone, arrived := map[string]bool{}, map[string]bool{}
	for l := range readTruth(t, "", left) {
		if l.event == "port_out" {
			gone[l.number] = true
		}
	}
	for l := range readTruth(t, "", came) {
		if l.event == "port_in" {
			arrived[l.number] = true
		}
	}
	if len(gone) == 0 || fmt.Sprint(gone) != fmt.Sprint(arrived) {
		t.Errorf("%d numbers left and %d arrived", len(gone), len(arrived))
	}
}
