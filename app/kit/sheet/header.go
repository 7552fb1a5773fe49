package sheet

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// headerWithin is how many records are looked at for the header: reports have
// a title and a date above it, and Excel a line "sep=;".
const headerWithin = 10

// candidate is one reading of the file's start: a delimiter and a line that
// may be the header.
type candidate struct {
	delimiter byte
	line      int64
	start     int // where the record begins
	next      int // where the data begin
	header    []string
	columns   []int // by column of the Spec
	found     int
	missing   []string
	double    *Refusal
	misplaced *Refusal
}

// readHeader finds delimiter and header together: the reading under which the
// most of the wanted columns are found.
func (f *File) readHeader(spec Spec) error {
	if len(bytes.TrimSpace(f.carry)) == 0 {
		return refuse(EmptyFile, "the file is empty: send one with a header and at least one row")
	}
	if first, _, _ := bytes.Cut(f.carry, []byte("\n")); bytes.IndexByte(first, 0) >= 0 {
		return refuse(NotText, "the file begins with binary data, not with text: export it as CSV (UTF-8) and send that")
	}
	var best candidate
	for _, delimiter := range []byte{',', ';', '\t', '|'} {
		for _, c := range f.readings(delimiter, spec) {
			if best.delimiter == 0 || c.better(best) {
				best = c
			}
		}
	}
	if err := best.refusal(spec); err != nil {
		return err
	}
	f.adopt(best, spec)
	return nil
}

// readings reads the first records under one delimiter.
func (f *File) readings(delimiter byte, spec Spec) (all []candidate) {
	l := &layout{delimiter: delimiter, maxRow: max(f.layout.maxRow, defaultMaxRow), fields: spec.MaxColumns + 1}
	row := l.newRow()
	rest, line := f.carry, int64(1)
	for seen := 0; seen < headerWithin && len(rest) > 0; {
		row.begin()
		next, v := l.record(rest, true, row)
		text := rest[:next]
		if v == good && len(chomp(bytes.TrimSuffix(text, []byte("\n")))) > 0 {
			seen++
			start := len(f.carry) - len(rest)
			c := candidate{delimiter: delimiter, line: line, start: start, next: start + next}
			c.read(row.cells, spec)
			all = append(all, c)
		}
		line += int64(bytes.Count(text, []byte("\n")))
		rest = rest[next:]
	}
	return all
}

func (c *candidate) read(cells [][]byte, spec Spec) {
	for _, cell := range cells {
		c.header = append(c.header, string(trim(cell)))
	}
	placed := make([]bool, len(c.header))
	for _, column := range spec.Columns {
		at, _, wrong := spec.Mapping.place(column, c.header)
		if c.misplaced == nil {
			c.misplaced = wrong
		}
		if at >= 0 {
			placed[at] = true
		}
	}
	for _, column := range spec.Columns {
		at, set, _ := spec.Mapping.place(column, c.header)
		if !set {
			at = c.find(column, placed)
		}
		c.columns = append(c.columns, at)
		if at >= 0 {
			c.found++
		} else if column.Required {
			c.missing = append(c.missing, column.Name)
		}
	}
}

// find gives the place of a column by its title. Its own name goes before its
// synonyms, and an earlier synonym before a later one; columns that a person
// gave another meaning are passed over.
func (c *candidate) find(column Column, placed []bool) int {
	for _, name := range append([]string{column.Name}, column.Synonyms...) {
		at := -1
		for i, title := range c.header {
			if placed[i] || letters(title) != letters(name) {
				continue
			}
			if at >= 0 {
				c.double = refuse(DuplicateColumn, "the header has two columns for %s (%q and %q): keep the one that counts", column.Name, c.header[at], title)
			}
			if at < 0 {
				at = i
			}
		}
		if at >= 0 {
			return at
		}
	}
	return -1
}

// better prefers a reading in which a person's mapping can be, then fewer
// missing columns, then more found ones, then more columns in all; of equals
// the first stays. Where nothing is found, the most columns are the likeliest.
func (c *candidate) better(than candidate) bool {
	if (c.misplaced == nil) != (than.misplaced == nil) {
		return c.misplaced == nil
	}
	if c.found == 0 && than.found == 0 {
		return len(c.header) > len(than.header)
	}
	if len(c.missing) != len(than.missing) {
		return len(c.missing) < len(than.missing)
	}
	if c.found != than.found {
		return c.found > than.found
	}
	return c.line == than.line && len(c.header) > len(than.header)
}

func (c *candidate) refusal(spec Spec) error {
	switch {
	case c.delimiter == 0:
		return refuse(NoHeader, "no line at the start of the file can be read as a header: begin it with the names of the columns, as in %s", names(spec))
	case spec.Lenient && len(c.header) <= spec.MaxColumns:
		return nil
	case c.misplaced != nil:
		return c.misplaced
	case len(c.header) > spec.MaxColumns:
		return refuse(TooManyColumns, "the header has more than %d columns: keep those that are needed", spec.MaxColumns)
	case len(c.missing) > 0 && c.found == 0:
		return refuse(NoHeader, "the file does not begin with a header that names its columns: add one, as in %s", names(spec))
	case len(c.missing) > 0:
		return refuse(MissingColumns, "the header has no column %s: add %s (it has %s)", strings.Join(c.missing, ", "), wanted(c.missing, spec), titles(c.header))
	case c.double != nil:
		return c.double
	}
	return nil
}

func (f *File) adopt(c candidate, spec Spec) {
	f.layout.delimiter, f.layout.fields, f.layout.columns = c.delimiter, len(c.header), c.columns
	for _, column := range spec.Columns {
		f.layout.names = append(f.layout.names, column.Name)
	}
	f.dialect.Delimiter, f.dialect.HeaderLine, f.dialect.Header = c.delimiter, c.line, c.header
	f.dialect.Columns = slices.Clone(c.columns)
	if c.headless(spec) {
		c.next, c.header = c.start, make([]string, len(c.header))
		f.dialect.HeaderLine, f.dialect.Header = 0, c.header
	}
	for i, title := range c.header {
		if !slices.Contains(c.columns, i) {
			f.dialect.Unknown = append(f.dialect.Unknown, title)
		}
	}
	f.line = 1 + int64(bytes.Count(f.carry[:c.next], []byte("\n")))
	f.carry = f.carry[c.next:]
}

// letters is a name by what counts in it.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

func names(spec Spec) string {
	var all []string
	for _, column := range spec.Columns {
		if column.Required {
			all = append(all, column.Name)
		}
	}
	return strings.Join(all, ",")
}

// wanted says by which names the missing columns are taken.
func wanted(missing []string, spec Spec) string {
	var all []string
	for _, column := range spec.Columns {
		if !slices.Contains(missing, column.Name) {
			continue
		}
		text := column.Name
		if len(column.Synonyms) > 0 {
			text += fmt.Sprintf(" (also taken: %s)", strings.Join(column.Synonyms[:min(5, len(column.Synonyms))], ", "))
		}
		all = append(all, text)
	}
	return strings.Join(all, " and ")
}

// titles lists a header for a sentence. A title with many digits is a value of
// a file without header, maybe somebody's NIN, and is not repeated.
func titles(header []string) string {
	var all []string
	for i, title := range header {
		switch {
		case i == 20:
			return strings.Join(append(all, "…"), ", ")
		case digitsIn(title) > 4:
			title = "(digits)"
		case len(title) > 40:
			title = strings.ToValidUTF8(title[:40], "") + "…"
		}
		all = append(all, fmt.Sprintf("%q", title))
	}
	return strings.Join(all, ", ")
}
