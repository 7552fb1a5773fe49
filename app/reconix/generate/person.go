package generate

import "strings"

// word is one name part in the forms that a feed may show.
type word struct {
	usual, other, marked [2]string // plain and in capitals; other and marked may be empty
	stems                []string  // the first three letters of every form, to keep strangers apart
}

// names is the stock of name parts, read once for a run.
type names struct {
	firsts, surnames [len(peoples)][]word
	shares           [len(peoples)]uint64 // running sum of 100
}

func readNames() *names {
	n := &names{}
	sum := uint64(0)
	for i, p := range peoples {
		n.firsts[i], n.surnames[i] = words(p.firsts), words(p.surnames)
		sum += p.share
		n.shares[i] = sum
	}
	return n
}

func words(list string) []word {
	var out []word
	for _, entry := range strings.Fields(list) {
		plain, marked, _ := strings.Cut(entry, "~")
		forms := strings.Split(plain, "/")
		w := word{usual: cases(forms[0]), marked: cases(marked)}
		if len(forms) > 1 {
			w.other = cases(forms[1])
		}
		for _, form := range forms {
			w.stems = append(w.stems, strings.ToLower(form)[:min(3, len(form))])
		}
		out = append(out, w)
	}
	return out
}

func cases(s string) [2]string { return [2]string{s, strings.ToUpper(s)} }

// person is one human being, known by a key; everything about a person follows
// from it.
type person struct {
	key                    uint64
	surname, first, middle *word // middle may be nil
}

// holder names the n-th holder of a number; 0 held it before the world began.
// No name part of a holder begins with the same three letters as a part of an
// earlier holder of that number, so that no fair matcher can take the two for
// one person.
func (n *names) holder(line key, generation uint32) person {
	p := n.draw(line.pick(saltPerson + uint64(generation)))
	for try := uint64(1); generation > firstHolder && n.resemblesEarlier(line, generation, p); try++ {
		p = n.draw(line.pick(saltPerson + uint64(generation) + try<<32))
	}
	return p
}

func (n *names) resemblesEarlier(line key, generation uint32, p person) bool {
	for earlier := uint32(firstHolder); earlier < generation; earlier++ {
		if p.resembles(n.holder(line, earlier)) {
			return true
		}
	}
	return false
}

func (n *names) draw(h uint64) person {
	community := 0
	for share := below(h, 100); share >= n.shares[community]; {
		community++
	}
	firsts, surnames := n.firsts[community], n.surnames[community]
	a, b := mix(h+1), mix(h+2)
	p := person{
		key:     h,
		surname: &surnames[below(a, uint64(len(surnames)))],
		first:   &firsts[below(a<<32, uint64(len(firsts)))],
	}
	middle := &firsts[below(b, uint64(len(firsts)))]
	if b&0xff < 180 && middle != p.first { // seven in ten give a third name
		p.middle = middle
	}
	return p
}

func (p person) parts() []*word {
	if p.middle == nil {
		return []*word{p.surname, p.first}
	}
	return []*word{p.surname, p.first, p.middle}
}

func (p person) resembles(q person) bool {
	for _, a := range p.parts() {
		for _, b := range q.parts() {
			for _, x := range a.stems {
				for _, y := range b.stems {
					if x == y {
						return true
					}
				}
			}
		}
	}
	return false
}

// The ways of writing a holder. asGiven is the person's own habit; each other
// way differs from it in one thing that reconix.md §7 tells a matcher to forgive.
const (
	asGiven uint8 = iota
	otherOrder
	otherCase
	shortForm
	middleDropped
	toneMarks
	spellings
)

// appendName writes the name in one of the spellings. A spelling that the
// person's name does not offer becomes a change of order or of case.
func (p person) appendName(dst []byte, spelling uint8) []byte {
	surname, first, middle := &p.surname.usual, &p.first.usual, (*[2]string)(nil)
	if p.middle != nil {
		middle = &p.middle.usual
	}
	letters, surnameFirst := int(p.key>>40&1), p.key>>41&3 != 0
	switch {
	case spelling == shortForm && p.first.other[0] != "":
		first = &p.first.other
	case spelling == toneMarks && p.surname.marked[0] != "":
		surname = &p.surname.marked
	case spelling == middleDropped && middle != nil:
		middle = nil
	case spelling == otherOrder, spelling == shortForm:
		surnameFirst = !surnameFirst
	case spelling != asGiven:
		letters = 1 - letters
	}
	if surnameFirst {
		dst = append(append(dst, surname[letters]...), ' ')
	}
	dst = append(dst, first[letters]...)
	if middle != nil {
		dst = append(append(dst, ' '), middle[letters]...)
	}
	if !surnameFirst {
		dst = append(append(dst, ' '), surname[letters]...)
	}
	return dst
}

// nin is the person's National Identification Number: eleven digits.
func (p person) nin() uint64 { return 10_000_000_000 + below(mix(p.key+3), 90_000_000_000) }

// bvn is the person's Bank Verification Number: eleven digits, the first two 22.
func (p person) bvn() uint64 { return 22_000_000_000 + below(mix(p.key+4), 1_000_000_000) }
