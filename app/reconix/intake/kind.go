package intake

import (
	"bytes"
	"slices"
	"unicode"

	"reconexus/app/access"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/numbering"
)

// Kind is a sort of file that is taken in here. Columns are told by their place in Spec.
type Kind struct {
	Name    string            // such as inventory
	Need    access.Permission // to send one
	Spec    sheet.Spec
	Bare    bool // a file without a header is taken: its columns are the first of Spec
	MSISDN  int
	Dates   []int
	Numbers []int // columns of NIN and BVN
	Names   []int // columns of people's names
	Words   []int // columns of words that say nothing of a person
}

func (k Kind) open(text []byte, spec sheet.Spec) (*sheet.File, error) {
	if k.Bare {
		return OpenBare(bytes.NewReader(text), spec)
	}
	return sheet.Open(bytes.NewReader(text), spec)
}

// shownLength bounds what is shown of a cell, in bytes.
const shownLength = 60

// shown is a cell as people see it who only want to know the file: whose it is stays
// hidden, also in columns that nobody has named yet. column is -1 for those.
func (k Kind) shown(column int, cell []byte) string {
	text := string(cell[:min(len(cell), shownLength)])
	switch {
	case slices.Contains(k.Numbers, column):
		return numbering.Mask(text)
	case slices.Contains(k.Names, column):
		return numbering.MaskName(text)
	case maybePerson(text):
		return numbering.Mask(text)
	case !slices.Contains(k.Words, column) && maybeName(text):
		return numbering.MaskName(text)
	}
	return text
}

// maybePerson tells whether a cell may be a NIN or BVN: eleven digits that are no
// mobile number.
func maybePerson(text string) bool {
	digits := 0
	for _, c := range text {
		if unicode.IsDigit(c) {
			digits++
		}
	}
	if digits != 11 {
		return false
	}
	_, err := numbering.ParseMSISDN(text)
	return err != nil
}

// maybeName tells whether a cell may be somebody's name: letters that are no date.
func maybeName(text string) bool {
	letters := 0
	for _, c := range text {
		if unicode.IsLetter(c) {
			letters++
		}
	}
	if letters < 2 {
		return false
	}
	for _, format := range []sheet.DateFormat{sheet.ISO, sheet.MonthName, sheet.DayFirst, sheet.MonthFirst} {
		if _, err := sheet.ParseDate(format, []byte(text)); err == nil {
			return false
		}
	}
	return true
}
