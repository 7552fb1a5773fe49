package sheet

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// Block is a stretch of the file that holds whole records.
type Block struct {
	file   *File
	buffer []byte
	data   []byte
	line   int64 // of the first byte
	quotes bool  // there is a quote in it
	seen   bool  // its rows are in the file's count
	row    *Row
}

// Next gives the next block, io.EOF behind the last, or what went wrong with
// reading: a *Refusal when the file itself is at fault.
func (f *File) Next() (*Block, error) {
	if f.ended != nil {
		return nil, f.ended
	}
	b := f.newBlock()
	n := copy(b.buffer, f.carry)
	for {
		n = f.fill(b.buffer, n)
		if f.failed != nil {
			return f.last(b, n)
		}
		if cut := f.cut(b.buffer[:n], b); cut > 0 {
			f.deliver(b, cut, b.buffer[cut:n])
			return b, nil
		}
		n = f.skipLine(b.buffer, n)
	}
}

// Release gives the block's memory back. The block must not be used again.
func (b *Block) Release() { b.file.pool.Put(b) }

// Line is the line of the file on which the block begins.
func (b *Block) Line() int64 { return b.line }

// Len is the block's size in bytes.
func (b *Block) Len() int { return len(b.data) }

// fill reads until the buffer is full or nothing more comes, and gives how
// much is in it.
func (f *File) fill(buffer []byte, n int) int {
	for empty := 0; n < len(buffer) && f.failed == nil; {
		got, err := f.in.Read(buffer[n:])
		n += got
		if err == nil && got == 0 {
			if empty++; empty == 100 {
				err = io.ErrNoProgress
			}
		}
		f.failed = err
	}
	return n
}

// cut finds where a full buffer can be cut between two records. The last
// record that is not blank is held back, since it may turn out to be the
// footer. Zero means that there is no such place: the first line is longer
// than the buffer.
func (f *File) cut(data []byte, b *Block) int {
	end := f.textEnd(data)
	b.quotes = bytes.IndexByte(data, '"') >= 0
	if b.quotes {
		return f.cutQuoted(data, end)
	}
	if end == 0 { // nothing but blanks
		return bytes.LastIndexByte(data, '\n') + 1
	}
	if cut := bytes.LastIndexByte(data[:end], '\n') + 1; cut > 0 {
		return cut
	}
	if lineEnd := bytes.IndexByte(data[end:], '\n'); lineEnd >= 0 {
		return end + lineEnd + 1 // one line and then blanks: too long for a footer
	}
	return 0
}

// cutQuoted goes from record to record. A line with an even number of quotes
// ends where its record ends: either the quotes are right, and then every one
// that opens is closed in the line, or they are wrong, and then the record is
// that line alone. Only the others need to be read.
func (f *File) cutQuoted(data []byte, end int) int {
	held, at := 0, 0
	for at < end {
		next := bytes.IndexByte(data[at:], '\n') + 1
		if next == 0 {
			break
		}
		if oddQuotes(data[at : at+next]) {
			var v verdict
			if next, v = f.layout.record(data[at:], false, nil); v == more {
				break
			}
		}
		held, at = at, at+next
	}
	if held > 0 {
		return held
	}
	return at
}

func oddQuotes(line []byte) bool { return bytes.Count(line, []byte{'"'})%2 == 1 }

// last makes the block at the end of the file, or ends the reading.
func (f *File) last(b *Block, n int) (*Block, error) {
	if !errors.Is(f.failed, io.EOF) {
		f.ended = f.failed
		b.Release()
		return nil, f.ended
	}
	f.ended = io.EOF
	data := b.buffer[:n]
	b.quotes = bytes.IndexByte(data, '"') >= 0
	f.deliver(b, f.cutFooter(data, b.quotes), nil)
	if len(b.data) == 0 {
		b.Release()
		return nil, f.ended
	}
	return b, nil
}

func (f *File) deliver(b *Block, cut int, carry []byte) {
	b.data, b.line, b.seen = b.buffer[:cut], f.line, false
	f.line += int64(bytes.Count(b.data, []byte("\n")))
	f.carry = append(f.carry[:0], carry...)
}

// skipLine throws away a line that does not fit into a buffer, all but a
// beginning that is long enough to be an error, and gives how much is in the
// buffer then.
func (f *File) skipLine(buffer []byte, n int) int {
	keep := f.layout.maxRow + 2
	for n > keep {
		if at := bytes.IndexByte(buffer[keep:n], '\n'); at >= 0 {
			return keep + copy(buffer[keep:], buffer[keep+at:n])
		}
		n = f.fill(buffer, keep)
	}
	return n
}

// textEnd is where the blanks and empty cells at the end of data begin.
func (f *File) textEnd(data []byte) int {
	end := len(data)
	for end > 0 && (blank(data[end-1]) || data[end-1] == f.layout.delimiter) {
		end--
	}
	return end
}

func (f *File) newBlock() *Block {
	if b, ok := f.pool.Get().(*Block); ok {
		return b
	}
	return &Block{file: f, buffer: make([]byte, f.size), row: f.layout.newRow()}
}

func (l *layout) newRow() *Row {
	return &Row{layout: l, ends: make([]int32, l.fields), cells: make([][]byte, 0, l.fields)}
}

// Rows goes through the rows of the block, in order, until yield answers
// false. Empty lines are no rows.
func (b *Block) Rows(yield func(*Row) bool) {
	row, rows := b.row, int64(0)
	row.checks = checks{b.quotes, bytes.IndexByte(b.data, 0) >= 0, !utf8.Valid(b.data)}
	row.Line = b.line
	for rest := b.data; len(rest) > 0; {
		next, lines := row.next(rest)
		rest = rest[next:]
		if len(row.Raw) > 0 {
			rows++
			if !yield(row) {
				break
			}
		}
		row.Line += lines
	}
	if !b.seen {
		b.seen = true
		b.file.rows.Add(rows)
	}
}

// next finds the row at the start of data and gives where the one after it
// starts, and how many lines it takes.
func (r *Row) next(data []byte) (next int, lines int64) {
	lineEnd := bytes.IndexByte(data, '\n')
	next = lineEnd + 1
	if lineEnd < 0 {
		lineEnd, next = len(data), len(data)
	}
	line := chomp(data[:lineEnd])
	switch {
	case len(line) > r.layout.maxRow:
		r.fail(line[:r.layout.maxRow], faultTooLong)
	case !r.checks.quotes || bytes.IndexByte(line, '"') < 0:
		r.start(line, false)
	case oddQuotes(line):
		return r.severalLines(data, line, next)
	default:
		r.start(line, true)
	}
	return next, 1
}

// severalLines reads a record whose quotes go over the end of its first line.
func (r *Row) severalLines(data, line []byte, lineEnd int) (next int, lines int64) {
	r.start(line, true)
	r.begin()
	next, v := r.layout.record(data, true, r)
	if v != good {
		r.fail(line, faultBadQuote)
		return lineEnd, 1
	}
	r.Raw = chomp(bytes.TrimSuffix(data[:next], []byte("\n")))
	return next, 1 + int64(bytes.Count(r.Raw, []byte("\n")))
}
