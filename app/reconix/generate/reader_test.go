package generate_test

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/generate"
)

// This file is a naive reader: everything in memory, nothing shared with the
// generator but its public list of equivalent name parts.

type record struct {
	operator, serial, imsi, name, status, nin string
	date                                      day.Day
}

// snapshot is one file as a reader understood it.
type snapshot struct {
	rows    map[string]record // by "+234…"
	refused map[string]string // number to reason
}

func read(t *testing.T, operator string, file []byte) snapshot {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\uFEFF"))))
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if err != nil {
		t.Fatalf("reading the header: %v", err)
	}
	column := map[string]int{}
	for i, name := range head {
		column[name] = i
	}
	s := snapshot{map[string]record{}, map[string]string{}}
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return s
		}
		if err != nil {
			t.Fatalf("reading a row: %v", err)
		}
		if cells[0] == "TOTAL" {
			continue
		}
		cell := func(name string) string {
			if i, ok := column[name]; ok {
				return cells[i]
			}
			return ""
		}
		number := mendNumber(cell("MSISDN"))
		row, reason := readRow(operator, cell)
		if reason != "" {
			s.refused[number] = reason
			continue
		}
		if twin, twice := s.rows[number]; twice && twin != row {
			t.Fatalf("%s stands twice and differs: %v and %v", number, twin, row)
		}
		s.rows[number] = row
	}
}

func readRow(operator string, cell func(string) string) (record, string) {
	row := record{
		operator: operator, serial: strings.TrimSuffix(cell("SIM_SERIAL"), "F"), imsi: cell("IMSI"),
		name: cell("SUBSCRIBER_NAME"), status: cell("STATUS"), nin: cell("NIN"),
	}
	date, err := day.Parse(cell("ACTIVATION_DATE"))
	row.date = date
	switch {
	case strings.Contains(row.serial, "E+"):
		return row, "serial"
	case len(row.imsi) != 15:
		return row, "imsi"
	case row.name == "":
		return row, "name"
	case err != nil:
		return row, "date"
	}
	return row, ""
}

func mendNumber(s string) string {
	s = strings.Replace(s, "(0)", "", 1)
	s = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	return "+234" + strings.TrimPrefix(strings.TrimPrefix(s, "234"), "0")
}

// matcher tells whether two names are one person's by reconix.md §7.
type matcher map[string]string

func newMatcher() matcher {
	m := matcher{}
	for _, class := range generate.Equivalents() {
		for _, form := range class {
			m[strings.ToLower(form)] = strings.ToLower(class[0])
		}
	}
	return m
}

func (m matcher) same(a, b string) bool {
	x, y := m.parts(a), m.parts(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	for part := range x {
		if !y[part] {
			return false
		}
	}
	return len(x) >= 2
}

func (m matcher) parts(name string) map[string]bool {
	out := map[string]bool{}
	for _, part := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return strings.ContainsRune(" ,\n", r) }) {
		if usual, ok := m[part]; ok {
			part = usual
		}
		out[part] = true
	}
	return out
}

// label is one line of truth, of one operator's file.
type label struct{ operator, number, event string }

type labels map[label]int

func readTruth(t *testing.T, operator string, file []byte) labels {
	t.Helper()
	out := labels{}
	lines := bufio.NewScanner(bytes.NewReader(file))
	if !lines.Scan() || lines.Text() != "msisdn,event" {
		t.Fatalf("the truth begins with %q", lines.Text())
	}
	for lines.Scan() {
		number, event, _ := strings.Cut(lines.Text(), ",")
		out[label{operator, number, event}]++
	}
	return out
}

func compare(t *testing.T, truth, found labels) {
	t.Helper()
	bad := 0
	complain := func(format string, l label, n int) {
		if bad++; bad <= 10 {
			t.Errorf(format, l.operator, l.number, l.event, n)
		}
	}
	for l, n := range truth {
		if n != 1 {
			complain("the truth says %s %s %s %d times", l, n)
		}
		if found[l] == 0 {
			complain("the truth says %s %s %s (%d) and the reader did not find it", l, n)
		}
	}
	for l, n := range found {
		if truth[l] == 0 {
			complain("the reader found %s %s %s (%d) and the truth does not have it", l, n)
		}
	}
	if bad > 10 {
		t.Errorf("and %d more", bad-10)
	}
}

// counts tells how often each event comes.
func (l labels) counts() map[string]int {
	out := map[string]int{}
	for key := range l {
		out[key.event]++
	}
	return out
}

func (l labels) String() string {
	var out []string
	counts := l.counts()
	for _, event := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, event+" "+strconv.Itoa(counts[event]))
	}
	return strings.Join(out, ", ")
}
