// Package operators keeps mobile operators and banks as data: what they are called,
// what they were called, and when.
//
// Rows everywhere refer to a code, which never changes; names do. Etisalat became
// 9mobile and then T2, and files with any of the three names still come in. A name
// that meant different operators at different times is told apart by the day.
//
//	operators.go  the kinds, and finding one by any of its names
//	service.go    the verbs
//	seed.go       what a new installation begins with
//	sql.go        the tables operator and bank
//	rest.go       /operators and /banks
package operators

import (
	"strings"
	"unicode"

	"reconexus/app/kit/day"
)

// Alias is a former or other name and when it was in use, as a half-open interval;
// an unknown end is open.
type Alias struct {
	Name string  `json:"name"`
	From day.Day `json:"from" nullable:"true" doc:"First day; null when it is not known"`
	To   day.Day `json:"to" nullable:"true" doc:"First day on which it was no longer used; null while it is"`
}

// Operator is a mobile network, or a virtual one that rides on another's.
type Operator struct {
	Code      string  `json:"code" doc:"What rows refer to; never changes"`
	Name      string  `json:"name" doc:"What it calls itself today"`
	MNC       string  `json:"mnc" doc:"Network code under MCC 621; empty when it has none"`
	Aliases   []Alias `json:"aliases" nullable:"false"`
	HostCode  string  `json:"host_code,omitempty" doc:"Of a virtual operator: the network that carries it"`
	ValidFrom day.Day `json:"valid_from" nullable:"true"`
	ValidTo   day.Day `json:"valid_to" nullable:"true" doc:"First day on which it was no operator any more; null while it is one"`
	version   int
}

// Bank is a deposit bank under the code that the Central Bank of Nigeria gave it.
type Bank struct {
	Code      string  `json:"code" doc:"CBN code"`
	Name      string  `json:"name"`
	ValidFrom day.Day `json:"valid_from" nullable:"true"`
	ValidTo   day.Day `json:"valid_to" nullable:"true" doc:"First day on which it was no bank any more; null while it is one"`
	version   int
}

func within(d, from, to day.Day) bool {
	return (!from.Known() || d >= from) && (!to.Known() || d < to)
}

// directory is everything by name, as of the last commit. It never changes: a new one
// takes its place.
type directory struct {
	operators map[string]Operator // by code
	banks     map[string]string   // names by code
	names     map[string][]named  // by squeezed name
}

// named is one meaning of a name.
type named struct {
	code     string
	from, to day.Day
	rank     int // 0 code, 1 present name, 2 alias
}

func newDirectory(all []Operator, banks []Bank) *directory {
	d := &directory{operators: map[string]Operator{}, banks: map[string]string{}, names: map[string][]named{}}
	for _, o := range all {
		d.operators[o.Code] = o
		d.add(o.Code, named{o.Code, day.None, day.None, 0})
		d.add(o.Name, named{o.Code, o.ValidFrom, o.ValidTo, 1})
		for _, a := range o.Aliases {
			d.add(a.Name, named{o.Code, a.From, a.To, 2})
		}
	}
	for _, b := range banks {
		d.banks[b.Code] = b.Name
	}
	return d
}

func (d *directory) add(name string, n named) {
	key := squeeze(name)
	d.names[key] = append(d.names[key], n)
}

// resolve prefers a code, then a meaning that was in use on the day, then a present
// name. An old name outside its time still counts when it means one operator only:
// systems keep writing names for years after they were given up.
func (d *directory) resolve(name string, on day.Day) (string, bool) {
	meanings := d.names[squeeze(name)]
	best, points, tie := "", -1, false
	for _, n := range meanings {
		p := 0
		switch {
		case n.rank == 0:
			p = 3
		case on.Known() && within(on, n.from, n.to):
			p = 2
		case n.rank == 1:
			p = 1
		}
		switch {
		case p > points:
			best, points, tie = n.code, p, false
		case p == points && n.code != best:
			tie = true
		}
	}
	return best, best != "" && !tie
}

// squeeze is a name by what counts in it: letters and digits, in one case.
func squeeze(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, name)
}
