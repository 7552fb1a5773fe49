package intake

import (
	"errors"
	"fmt"
	"io"
	"os"

	"reconexus/app/kit/fault"
	"reconexus/app/kit/sheet"
)

// As is how a sender says that a file is to be read, where its header or its dates do
// not tell. A job keeps it with its arguments: it reads the same after a restart.
type As struct {
	Columns   string      `query:"columns" json:"columns,omitempty" maxLength:"2000" doc:"Where columns are that the header does not tell: the name of each, a colon, and its position in the file (from 1; 0 for none) or its title there, with commas between. All others are found by their titles." example:"MSISDN:2,ACTIVATION_DATE:5"`
	DateOrder sheet.Order `query:"date_order" json:"date_order,omitempty" enum:"dmy,mdy" doc:"Whether the day or the month comes first, where no row of the file decides it"`
}

// Of is a spec as the sender wants it to be read.
func (a As) Of(spec sheet.Spec) (sheet.Spec, error) {
	m, refusal := sheet.ParseMapping(a.Columns)
	if refusal == nil {
		refusal = m.Check(spec)
	}
	spec.Mapping = m
	if refusal != nil {
		return spec, fault.Wrong("columns", refusal.Code, "%s", sentence(refusal.Message))
	}
	return spec, nil
}

// OpenBare opens a file that may do without a header: its columns are the first of the
// spec then, in that order.
func OpenBare(in io.ReadSeeker, spec sheet.Spec) (*sheet.File, error) {
	file, err := sheet.Open(in, spec)
	var refusal *sheet.Refusal
	if !errors.As(err, &refusal) || refusal.Code != sheet.NoHeader {
		return file, err
	}
	if _, wrong := in.Seek(0, io.SeekStart); wrong != nil {
		return nil, wrong
	}
	for i, c := range spec.Columns {
		spec.Mapping = append(spec.Mapping, sheet.Mapped{Column: c.Name, At: i + 1})
	}
	bare, wrong := sheet.Open(in, spec)
	if wrong != nil || bare.Dialect().HeaderLine != 0 {
		return nil, err
	}
	return bare, nil
}

// Fit refuses an upload whose columns are not where the sender says: before it is
// acknowledged, since that person is still there. A file that is to be read by its
// header alone is not looked at here.
func (a As) Fit(path string, spec sheet.Spec) error {
	spec, err := a.Of(spec)
	if err != nil || len(spec.Mapping) == 0 {
		return err
	}
	in, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("look at the upload: %w", err)
	}
	defer in.Close()
	_, err = sheet.Open(in, spec)
	return Refused(err)
}
