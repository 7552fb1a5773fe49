package holder

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// part is one token of a name in clear text.
type part struct {
	raw   string // as written, folded
	stand string // the form that stands for it
	last  bool   // at the end of its field, where registers cut names off
}

// likeness is how two tokens agree.
type likeness uint8

const (
	unlike likeness = iota
	byInitial
	bySlips // two letters differ
	byCut
	bySlip // a letter differs
	byForm
	identical
)

// weight is how much of a name a likeness is worth. The steps are judged, not
// measured: what matters is their order, and that an initial is worth half.
func (l likeness) weight() float64 {
	return [...]float64{0, 0.5, 0.75, 0.8, 0.85, 0.95, 1}[l]
}

func (l likeness) say(count int) string {
	return fmt.Sprintf([...]string{
		"%d without a counterpart", "%d given as an initial", "%d with two letters different", "%d cut short",
		"%d with one letter different", "%d in another form or spelling", "%d equal"}[l], count)
}

// Match compares two names in clear text and says why they are held alike. The
// score is 1 for names that are equal but for their order, titles and marks;
// from 0.85 on they are one name as people write it, below 0.5 they are two.
// The reasons count tokens and never repeat a name.
func (names *Names) Match(a, b string) (score float64, reasons []string) {
	one, other := names.parts(a), names.parts(b)
	if len(one) == 0 || len(other) == 0 {
		return 0, []string{"a name is missing"}
	}
	if len(one) > len(other) {
		one, other = other, one
	}
	found := align(one, other)
	var sum float64
	matched := 0
	for kind := identical; kind > unlike; kind-- {
		if found[kind] > 0 {
			sum += kind.weight() * float64(found[kind])
			matched += found[kind]
			reasons = append(reasons, kind.say(found[kind]))
		}
	}
	score = sum / float64(len(one)) * (1 - 0.05*float64(len(other)-len(one)))
	if alone := len(one) + len(other) - 2*matched; alone > 0 {
		reasons = append(reasons, unlike.say(alone))
	}
	if matched < 2 && len(other) > 1 {
		score *= 0.4
		reasons = append(reasons, "fewer than two parts agree, as among relatives")
	}
	return math.Round(score*100) / 100, reasons
}

// align pairs the tokens, the best pairs first, and counts the likenesses.
func align(one, other []part) (found [identical + 1]int) {
	usedOne, usedOther := make([]bool, len(one)), make([]bool, len(other))
	for kind := identical; kind > unlike; kind-- {
		for i := range one {
			for j := range other {
				if !usedOne[i] && !usedOther[j] && alike(one[i], other[j]) == kind {
					usedOne[i], usedOther[j] = true, true
					found[kind]++
				}
			}
		}
	}
	return found
}

func alike(a, b part) likeness {
	switch {
	case a.raw == b.raw:
		return identical
	case a.stand == b.stand:
		return byForm
	case isInitial(a.raw) || isInitial(b.raw):
		if begins(a, b) || begins(b, a) {
			return byInitial
		}
		return unlike
	case cut(a, b) || cut(b, a):
		return byCut
	}
	letters := min(utf8.RuneCountInString(a.raw), utf8.RuneCountInString(b.raw))
	switch slips := distance([]rune(a.raw), []rune(b.raw)); {
	case slips == 1 && letters >= 5:
		return bySlip
	case slips == 2 && letters >= 9:
		return bySlips
	}
	return unlike
}

func isInitial(word string) bool { return utf8.RuneCountInString(word) == 1 }

func begins(short, long part) bool {
	return strings.HasPrefix(long.raw, short.raw) || strings.HasPrefix(long.stand, short.raw)
}

// cut tells whether short is what a field's end has left of long.
func cut(short, long part) bool {
	return short.last && len(short.raw) >= 4 && len(short.raw) < len(long.raw)+len(long.stand) && begins(short, long)
}

// parts gives the tokens of a name in the order in which they are written.
func (names *Names) parts(text string) []part {
	var space [maxText]byte
	t := tokens{text: fold(space[:0], []byte(text))}
	t.split(names)
	end := int16(len(strings.TrimRight(string(t.text), " ")))
	t.join(names)
	t.drop()
	all := make([]part, 0, t.n)
	for i := range t.n {
		at := t.all[i]
		all = append(all, part{raw: string(t.text[at.start:at.end]), stand: string(t.bytes(names, i)), last: at.end == end})
	}
	return all
}

// distance is the optimal string alignment distance: letters put in, left out,
// changed, or swapped with their neighbour.
func distance(a, b []rune) int {
	if d := len(a) - len(b); d > 2 || d < -2 {
		return 3
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			change := 1
			if a[i] == b[j] {
				change = 0
			}
			row[j+1] = min(last[j]+change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
