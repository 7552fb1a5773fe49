// Package intake takes files in, as every import here does it: an upload is kept on
// disk before it is acknowledged, read by several workers in the file's order, and its
// rejected rows are listed for whoever sent it. All of it goes on behind the last
// checkpoint after a restart, and none of it grows with the file.
//
//	keep.go    an upload on disk, with its digest
//	as.go      what a sender says of columns and dates
//	dates.go   how a column writes its dates
//	kind.go    what files there are, and what of them is nobody's business
//	preview.go the beginning of a file, before it is sent
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
		return fault.Wrong("file", r.Code, "%s", sentence(r.Message))
	}
	return err
}

// Wrong makes the rejection of a value a fault about the field that it came in.
func Wrong(field string, err error) error {
	var r *numbering.Rejection
	if !errors.As(err, &r) {
		return err
	}
	return fault.Wrong(field, r.Code, "%s", sentence(r.Message))
}

// sentence gives words that stand inside others elsewhere a beginning and an end.
func sentence(words string) string {
	return strings.ToUpper(words[:1]) + words[1:] + "."
}
