package sheet

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Mapping says under which columns of a file some columns of the [Spec] stand, where a
// person knows better than the header tells.
type Mapping []Mapped

// Mapped is one column of the Spec and its place: a column of the file by its position,
// or else by its title.
type Mapped struct {
	Column string
	At     int    // 1 for the first column; 0 with a title, or when the file has none for it
	Title  string // compared by letters and digits only, as names are
}

// BadMapping is the code of a mapping that says nothing that can be done.
const BadMapping = "BAD_COLUMNS"

// mostMapped bounds a mapping's text: more is a mistake.
const mostMapped = 64

// ParseMapping reads "MSISDN:2,ACTIVATION_DATE:5" or "MSISDN:Line no,STATUS:0": behind
// the name of a column its position in the file, counted from 1, its title there, or 0
// for a column that the file does not have.
func ParseMapping(text string) (Mapping, *Refusal) {
	var out Mapping
	for part := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, place, ok := strings.Cut(part, ":")
		m := Mapped{Column: strings.TrimSpace(name), Title: strings.TrimSpace(place)}
		if !ok || m.Column == "" || m.Title == "" || len(out) == mostMapped {
			return nil, refuse(BadMapping, "the columns cannot be read: write the name of each, a colon and its position in the file or its title there, with commas between, as in MSISDN:2,ACTIVATION_DATE:5")
		}
		if n, err := strconv.Atoi(m.Title); err == nil {
			if m.At, m.Title = n, ""; n < 0 {
				return nil, refuse(BadMapping, "a position below 0 is given for %s: the first column of the file is 1, and 0 says that it has none", m.Column)
			}
		}
		out = append(out, m)
	}
	return out, nil
}

// Names tells whether a column is placed by the mapping.
func (m Mapping) Names(column string) bool {
	return slices.ContainsFunc(m, func(x Mapped) bool { return sameName(x.Column, column) && (x.At > 0 || x.Title != "") })
}

// Check refuses what cannot be right whatever the file: columns that are unknown or
// named twice, one place for two, and a needed column that is left out.
func (m Mapping) Check(spec Spec) *Refusal {
	var seen, places []string
	for _, x := range m {
		at := slices.IndexFunc(spec.Columns, func(c Column) bool { return sameName(c.Name, x.Column) })
		place := strconv.Itoa(x.At) + letters(x.Title)
		switch {
		case at < 0:
			return refuse(BadMapping, "there is no column %q here: %s can be placed", clip(x.Column), all(spec))
		case slices.Contains(seen, letters(x.Column)):
			return refuse(BadMapping, "%s is placed twice: say once where it is", spec.Columns[at].Name)
		case place == "0" && spec.Columns[at].Required:
			return refuse(BadMapping, "%s cannot be left out: say in which column it is", spec.Columns[at].Name)
		case place != "0" && slices.Contains(places, place):
			return refuse(BadMapping, "one column of the file is given for two things, %s among them: give each its own", spec.Columns[at].Name)
		}
		seen, places = append(seen, letters(x.Column)), append(places, place)
	}
	return nil
}

// place is where the mapping puts a column in a header: set tells whether it does.
func (m Mapping) place(column Column, header []string) (at int, set bool, wrong *Refusal) {
	for _, x := range m {
		if !sameName(x.Column, column.Name) {
			continue
		}
		if x.Title == "" {
			if x.At > len(header) {
				return -1, true, refuse(BadMapping, "the file has %d columns and none at position %d, where %s should be: give a position from 1 to %d", len(header), x.At, column.Name, len(header))
			}
			return x.At - 1, true, nil
		}
		at := slices.IndexFunc(header, func(title string) bool { return sameName(title, x.Title) })
		if at < 0 {
			return -1, true, refuse(BadMapping, "the header has no column %q, where %s should be (it has %s)", clip(x.Title), column.Name, titles(header))
		}
		return at, true, nil
	}
	return -1, false, nil
}

// headless tells whether a "header" under which a needed column was placed is a row of
// the file already: a title has not so many digits. The file has no header then, and
// its first row must not be lost.
func (c *candidate) headless(spec Spec) bool {
	if spec.Lenient && c.found == 0 && slices.ContainsFunc(c.header, func(title string) bool { return digitsIn(title) > 4 }) {
		return true
	}
	for i, column := range spec.Columns {
		if at := c.columns[i]; at >= 0 && column.Required && spec.Mapping.Names(column.Name) && digitsIn(c.header[at]) > 4 {
			return true
		}
	}
	return false
}

func digitsIn(title string) (n int) {
	for _, c := range title {
		if unicode.IsDigit(c) {
			n++
		}
	}
	return n
}

func sameName(a, b string) bool { return letters(a) == letters(b) }

func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), 40)], "") }

func all(spec Spec) string {
	var names []string
	for _, c := range spec.Columns {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}
