package intake

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"reconexus/app/jobs"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/numbering"
)

// Reject is a row that was not taken.
type Reject struct {
	Line    int64
	Column  string
	Code    string
	Message string
}

// Because is a reject for an error of a cell, with the error's own code where it has
// one. The cell itself is never repeated: it may be somebody's NIN.
func Because(line int64, column string, err error) Reject {
	out := Reject{Line: line, Column: column, Code: "INVALID", Message: err.Error()}
	var rejection *numbering.Rejection
	var refusal *sheet.Refusal
	var row *sheet.RowError
	switch {
	case errors.As(err, &rejection):
		out.Code = rejection.Code
	case errors.As(err, &refusal):
		out.Code = refusal.Code
	case errors.As(err, &row):
		out.Column, out.Code, out.Message = row.Column, row.Code, row.Message
	}
	return out
}

// mostListed bounds errors.csv: who has a million rows wrong has one thing wrong.
const mostListed = 1_000_000

// Mark is how far a list has come, for a checkpoint.
type Mark struct {
	Bytes int64 `json:"bytes"`
	Rows  int64 `json:"rows"`
}

// List is a CSV file of a job that goes on behind a checkpoint after a restart.
type List struct {
	file *os.File
	buf  *bufio.Writer
	mark Mark
}

// NewList opens a list as it was at a mark; a new one gets its header.
func NewList(r *jobs.Run, name string, at Mark, header ...string) (*List, error) {
	f, err := r.File(name)
	if err != nil {
		return nil, err
	}
	l := &List{file: f, mark: at, buf: bufio.NewWriterSize(f, 256<<10)}
	err = f.Truncate(at.Bytes)
	if err == nil {
		_, err = f.Seek(at.Bytes, io.SeekStart)
	}
	if err == nil && at.Bytes == 0 {
		csv := sheet.NewWriter(l)
		err = errors.Join(csv.Write(header...), csv.Flush())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("go on with the file %s: %w", name, err), f.Close())
	}
	return l, nil
}

// NewErrors opens a job's errors.csv as it was at a mark.
func NewErrors(r *jobs.Run, at Mark) (*List, error) {
	return NewList(r, "errors.csv", at, "line", "column", "code", "message")
}

// Write adds bytes of whole rows.
func (l *List) Write(p []byte) (int, error) {
	n, err := l.buf.Write(p)
	l.mark.Bytes += int64(n)
	return n, err
}

// Count says that so many more rows were written.
func (l *List) Count(rows int) { l.mark.Rows += int64(rows) }

// Reject adds rejected rows; beyond a million they are counted and not listed.
func (l *List) Reject(rejects []Reject) error {
	if len(rejects) == 0 {
		return nil
	}
	csv := sheet.NewWriter(l)
	for _, x := range rejects {
		l.mark.Rows++
		if l.mark.Rows > mostListed {
			continue
		}
		if err := csv.Write(strconv.FormatInt(x.Line, 10), x.Column, x.Code, x.Message); err != nil {
			return fmt.Errorf("list a rejected row: %w", err)
		}
	}
	if err := csv.Flush(); err != nil {
		return fmt.Errorf("list the rejected rows: %w", err)
	}
	return nil
}

// Mark brings what was written to disk and says how far that is.
func (l *List) Mark() (Mark, error) {
	if err := errors.Join(l.buf.Flush(), l.file.Sync()); err != nil {
		return l.mark, fmt.Errorf("keep a list: %w", err)
	}
	return l.mark, nil
}

// Rows is how many rows there are so far.
func (l *List) Rows() int64 { return l.mark.Rows }

// Close lets go of the file; what was not marked may be lost.
func (l *List) Close() error { return l.file.Close() }
