// Package intake takes files in, as every import here does it: an upload is kept on
// disk before it is acknowledged, read by several workers in the file's order, and its
// rejected rows are listed for whoever sent it. All of it goes on behind the last
// checkpoint after a restart, and none of it grows with the file.
//
//	keep.go    an upload on disk, with its digest
//	dates.go   how a column writes its dates
//	read.go    blocks of rows, parsed side by side, handed out in order
//	report.go  errors.csv
package intake

import (
	"errors"
	"strings"

	"reconexus/app/kit/fault"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/numbering"
)

// Refused makes the refusal of a whole file a fault, whose sentence people see; any
// other error stays what it is.
func Refused(err error) error {
	var r *sheet.Refusal
	if errors.As(err, &r) {
		return fault.Wrong("file", r.Code, "%s", r.Message)
	}
	return err
}

// Wrong makes the rejection of a value a fault about the field that it came in.
func Wrong(field string, err error) error {
	var r *numbering.Rejection
	if !errors.As(err, &r) {
		return err
	}
	return fault.Wrong(field, r.Code, "%s%s.", strings.ToUpper(r.Message[:1]), r.Message[1:])
}
