package intake

import (
	"io"

	"reconexus/app/kit/sheet"
)

// isoRows is how many dates are looked at to believe a column ISO. ISO is the one form
// that cannot be taken for another, so most of them are enough; a date in no form at
// all is then that row's error.
const isoRows = 1000

// Dates finds out how a column of a file writes its dates: ISO when its first rows
// do, else by a second look at the whole column. Open is asked for the file each time;
// a person's order settles what the column leaves open.
func Dates(open func() (*sheet.File, io.Closer, error), column int, order sheet.Order) (sheet.DateFormat, error) {
	iso, seen := 0, 0
	err := eachCell(open, column, func(_ int64, cell []byte) bool {
		_, err := sheet.ParseDate(sheet.ISO, cell)
		if err == nil {
			iso++
		}
		seen++
		return seen < isoRows
	})
	if err != nil || (seen > 0 && 2*iso >= seen) {
		return sheet.ISO, err
	}
	var profile sheet.DateProfile
	if err := eachCell(open, column, func(line int64, cell []byte) bool { profile.Add(line, cell); return true }); err != nil {
		return sheet.NoFormat, err
	}
	format, refusal := profile.DecideAs(order)
	switch {
	case refusal != nil:
		return sheet.NoFormat, refusal
	case format == sheet.NoFormat:
		return sheet.ISO, nil // no date at all
	}
	return format, nil
}

func eachCell(open func() (*sheet.File, io.Closer, error), column int, visit func(line int64, cell []byte) bool) error {
	file, in, err := open()
	if err != nil {
		return err
	}
	defer in.Close()
	for more := true; more; {
		block, err := file.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		block.Rows(func(row *sheet.Row) bool {
			if cell := row.Cell(column); row.Err() == nil && len(cell) > 0 {
				more = visit(row.Line, cell)
			}
			return more
		})
		block.Release()
	}
	return nil
}
