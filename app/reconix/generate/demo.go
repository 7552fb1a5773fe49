package generate

import (
	"fmt"
	"io"

	"reconexus/app/kit/day"
)

// FileKind says through which import a generated file goes.
type FileKind string

// The kinds of file in a demo.
const (
	KindInventory FileKind = "inventory"
	KindLinkages  FileKind = "linkages"
)

// File is one file of a demo that is written when it is wanted.
type File struct {
	Kind     FileKind
	Operator string
	Day      day.Day
	Name     string // a file name an operator might give it
	Write    func(w io.Writer) error
}

// demoDays are the days of the month on which the operators' files are taken:
// weekly, and the last two days.
func demoDays() []day.Day { return []day.Day{0, 7, 14, 21, 28, 29} }

const demoMonth = 30

// Demo lists the files of a believable month of the four operators that ends on
// last, in the order in which they arrive: each day's inventories, and at the
// end the linkages. Of a number of lines that suits a demonstration the market
// leader gets size, the others less. The same seed, day and size give the same
// files.
func Demo(seed uint64, last day.Day, size int) ([]File, error) {
	first := last - demoMonth + 1
	rows := []int{size, size * 3 / 4, size * 2 / 3, size / 4}
	var files []File
	for _, offset := range demoDays() {
		for i := range ring() {
			files = append(files, demoFile(KindInventory, demoOptions(seed, i, rows, first, first+offset)))
		}
	}
	for i := range ring() {
		files = append(files, demoFile(KindLinkages, demoOptions(seed, i, rows, first, last)))
	}
	for i := range ring() {
		if _, err := newWorld(demoOptions(seed, i, rows, first, last)); err != nil {
			return nil, fmt.Errorf("planning the demo data: %w", err)
		}
	}
	return files, nil
}

func demoOptions(seed uint64, operator int, rows []int, first, at day.Day) Options {
	return Options{
		Operator: ring()[operator].code, Rows: rows[operator], RowsBefore: rows[(operator+len(rows)-1)%len(rows)],
		Seed: seed, Base: first, Since: first, Day: at, Changed: UsualChange, Seasonal: true,
	}
}

func demoFile(kind FileKind, o Options) File {
	write := Inventory
	if kind == KindLinkages {
		write = Linkages
	}
	return File{
		Kind: kind, Operator: o.Operator, Day: o.Day,
		Name: fmt.Sprintf("%s_%s_%s.csv", o.Operator, kind, o.Day),
		Write: func(w io.Writer) error {
			_, err := write(w, o, nil)
			return err
		},
	}
}
