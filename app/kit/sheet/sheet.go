// Package sheet reads and writes the delimited files that people really send.
//
// A daily inventory has 10 to 50 million rows and comes out of some other
// company's database, spreadsheet or shell script. So a file may be gzipped,
// UTF-16, separated by semicolons, have its columns in any order under any of
// several names, end its lines in three ways at once, carry a title above the
// header and a totals row below the data, and hold rows that no reader could
// make sense of. The file as a whole is refused only when nothing in it can be
// trusted (a [*Refusal]); otherwise every bad row is a [*RowError] with its
// line, and the good ones go on.
//
// The work is cut so that two cores share it. [File.Next] is sequential: it
// reads, undoes compression and encoding, and cuts the text into blocks of
// about a megabyte that hold whole records. [Block.Rows] splits a block into
// rows and cells, allocates nothing, and may run in any goroutine.
//
//	file, err := sheet.Open(r, spec)
//	for {
//		block, err := file.Next() // io.EOF at the end
//		go func() {
//			defer block.Release()
//			block.Rows(func(row *sheet.Row) bool { … row.Cell(0) … })
//		}()
//	}
//
// Memory is bounded whatever comes: a line of a gigabyte is one row error, and
// is thrown away while it is read. What [encoding/csv] accepts (without its
// LazyQuotes) is read as encoding/csv reads it; a fuzz test holds that. The
// exceptions are on purpose: cells are trimmed, spare empty cells at the end
// of a row are let through, and a file without any line feed may end its lines
// with carriage returns.
//
// A quote that is never closed would swallow the rest of a file. Here it costs
// one line: a bad record ends with its first physical line, and reading goes
// on with the next.
package sheet

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

// Column is one column that the caller wants, by the names under which files
// have it. Names are compared by their letters and digits only, in any case:
// "Activation Date", "ACTIVATION_DATE" and "activation-date" are one name.
type Column struct {
	Name     string
	Synonyms []string
	Required bool // a file without it is refused
}

// Spec says what the caller wants of a file.
type Spec struct {
	Columns    []Column
	Mapping    Mapping // what a person says of them, before their names are looked for
	Lenient    bool    // to look at a file: whatever its header lacks, it is read
	MaxRow     int     // longest row in bytes; 64 KiB when zero
	MaxColumns int     // most columns in a header; 512 when zero
}

const (
	defaultMaxRow     = 64 << 10
	defaultMaxColumns = 512
	blockSize         = 1 << 20
)

// Refusal is why a whole file is not taken, as a sentence that says what would
// be right.
type Refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (r *Refusal) Error() string { return r.Message }

// The codes of refusals.
const (
	EmptyFile       = "EMPTY_FILE"
	NotText         = "NOT_TEXT"
	BadGzip         = "BAD_GZIP"
	TruncatedGzip   = "TRUNCATED_GZIP"
	NoHeader        = "NO_HEADER"
	MissingColumns  = "MISSING_COLUMNS"
	DuplicateColumn = "DUPLICATE_COLUMN"
	TooManyColumns  = "TOO_MANY_COLUMNS"
	FooterMismatch  = "FOOTER_MISMATCH"
	AmbiguousDates  = "AMBIGUOUS_DATES"
	MixedDates      = "MIXED_DATES"
	NoDates         = "NO_DATES"
)

func refuse(code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Dialect is what was found out about a file.
type Dialect struct {
	Delimiter   byte     // ',', ';', '\t' or '|'
	Encoding    string   // UTF-8, UTF-16LE or UTF-16BE
	Compression string   // gzip or empty
	LineEnd     string   // LF, CRLF or CR, as the header's line has it
	HeaderLine  int64    // 1 unless something stands above the header; 0: the file has none and is mapped
	Header      []string // the names as the file has them
	Columns     []int    // for each column of the Spec its place in Header, or -1
	Unknown     []string // names that no column of the Spec goes by
}

// File is a file being read. Next is for one goroutine; the rest may be called
// from any.
type File struct {
	dialect Dialect
	layout  *layout
	size    int           // of a block's buffer
	in      io.Reader     // UTF-8 with line feeds
	taken   *atomic.Int64 // bytes taken from the caller's reader
	rows    atomic.Int64
	pool    sync.Pool

	carry  []byte // what the last block left over
	line   int64  // the line on which carry begins
	failed error  // why reading ended: io.EOF, or a fault to be told after what came before it
	ended  error  // what Next answers from now on
	footer *Footer
}

// layout is what a block must know to split its rows; it never changes.
type layout struct {
	delimiter byte
	maxRow    int
	fields    int   // columns of the header
	columns   []int // by column of the Spec
	names     []string
}

// Open reads as far as the header and finds out the dialect. It answers with a
// *Refusal when the file is empty, is no text, or lacks a required column.
func Open(r io.Reader, spec Spec) (*File, error) {
	if spec.MaxRow <= 0 {
		spec.MaxRow = defaultMaxRow
	}
	if spec.MaxColumns <= 0 {
		spec.MaxColumns = defaultMaxColumns
	}
	return open(r, spec, max(blockSize, 4*spec.MaxRow))
}

// open takes the size of a block, which is four times the longest row or more.
func open(r io.Reader, spec Spec, size int) (*File, error) {
	f := &File{line: 1, size: size, layout: &layout{maxRow: spec.MaxRow}}
	if err := f.decode(r); err != nil {
		return nil, err
	}
	f.carry = make([]byte, size)
	f.carry = f.carry[:f.fill(f.carry, 0)]
	if len(f.carry) == 0 && f.failed != nil && !errors.Is(f.failed, io.EOF) {
		return nil, f.failed
	}
	if err := f.readHeader(spec); err != nil {
		if f.failed != nil && !errors.Is(f.failed, io.EOF) {
			return nil, f.failed // a header that broke off in the middle is the transport's fault
		}
		return nil, err
	}
	return f, nil
}

// Dialect tells what was found out about the file.
func (f *File) Dialect() Dialect { return f.dialect }

// Taken is how many bytes of the caller's reader were used, for progress.
func (f *File) Taken() int64 { return f.taken.Load() }

// RowsSeen is how many rows Block.Rows has gone through, good and bad.
func (f *File) RowsSeen() int64 { return f.rows.Load() }
