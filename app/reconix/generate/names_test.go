package generate

import (
	"strings"
	"testing"
	"unicode"
)

func TestNamesAreManyAndTwoKinds(t *testing.T) {
	n := readNames()
	kindOf := map[string]string{}
	firsts, surnames := map[string]bool{}, map[string]bool{}
	note := func(list []word, kind string, all map[string]bool) {
		for _, w := range list {
			all[w.usual[0]] = true
			for _, form := range []string{w.usual[0], w.other[0]} {
				if form == "" {
					continue
				}
				if was := kindOf[form]; was != "" && was != kind {
					t.Errorf("%s is a first name and a surname", form)
				}
				kindOf[form] = kind
				if strings.ContainsAny(form, `",`+"\n") || !unicode.IsUpper([]rune(form)[0]) {
					t.Errorf("%q is not a name", form)
				}
			}
		}
	}
	for i := range n.firsts {
		note(n.firsts[i], "first", firsts)
		note(n.surnames[i], "surname", surnames)
	}
	if len(firsts) < 300 || len(surnames) < 300 {
		t.Errorf("%d first names and %d surnames are too few", len(firsts), len(surnames))
	}
}

func TestEquivalenceClassesDoNotTouch(t *testing.T) {
	class := map[string]string{}
	for _, forms := range Equivalents() {
		for _, form := range forms {
			key := strings.ToLower(form)
			if was, known := class[key]; known && was != forms[0] {
				t.Errorf("%s stands for %s and for %s", form, was, forms[0])
			}
			class[key] = forms[0]
		}
	}
	n := readNames()
	for i := range n.firsts {
		for _, w := range append(n.firsts[i], n.surnames[i]...) {
			if was, known := class[strings.ToLower(w.usual[0])]; known && was != w.usual[0] {
				t.Errorf("%s is a name of its own and a form of %s", w.usual[0], was)
			}
		}
	}
}

func TestHoldersOfOneNumberHaveNothingInCommon(t *testing.T) {
	n := readNames()
	for line := range key(20_000) {
		var holders []person
		for generation := uint32(firstHolder); generation < firstHolder+4; generation++ {
			holders = append(holders, n.holder(key(mix(uint64(line))), generation))
		}
		for i, p := range holders {
			for _, q := range holders[:i] {
				if p.resembles(q) || p.nin() == q.nin() || p.bvn() == q.bvn() {
					t.Fatalf("%s and %s held one number", p.appendName(nil, asGiven), q.appendName(nil, asGiven))
				}
			}
		}
	}
}

func TestEverySpellingDiffersAndKeepsTwoParts(t *testing.T) {
	n := readNames()
	for line := range key(2000) {
		p := n.holder(key(mix(uint64(line))), firstHolder)
		given := string(p.appendName(nil, asGiven))
		for s := asGiven + 1; s < spellings; s++ {
			other := string(p.appendName(nil, s))
			if other == given {
				t.Fatalf("spelling %d of %q changes nothing", s, given)
			}
			if len(strings.Fields(other)) < 2 {
				t.Fatalf("spelling %d of %q leaves %q", s, given, other)
			}
		}
	}
}
