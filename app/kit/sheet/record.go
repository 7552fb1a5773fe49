package sheet

import "bytes"

// verdict is what became of one record.
type verdict uint8

const (
	good     verdict = iota
	more             // the record may go on behind the data
	tooLong          // its line is longer than MaxRow
	badQuote         // its quotes make no sense, or are not closed within MaxRow
)

// record reads the record at the start of data, with its quotes, and gives
// where the next one starts. It is the only place that knows the grammar of
// quotes: Next runs it without a row to find where records end, Rows with one.
// final says that nothing follows the data.
//
// A record that is not good is one physical line, whatever its quotes say. So
// a quote that is never closed spoils no other line. Each line is read at most
// once as its own record and once as the rest of another, because a line whose
// quotes stay open when it is read from its start closes those of a record
// that reaches into it; the time stays linear.
func (l *layout) record(data []byte, final bool, row *Row) (next int, v verdict) {
	lineEnd := bytes.IndexByte(data, '\n')
	next = lineEnd + 1
	if lineEnd < 0 {
		if !final {
			return 0, more
		}
		lineEnd, next = len(data), len(data)
	}
	if len(chomp(data[:lineEnd])) > l.maxRow {
		return next, tooLong
	}
	s := scanner{data: data, delimiter: l.delimiter, last: final, short: more, row: row}
	if final {
		s.short = badQuote
	}
	if limit := l.maxRow + len("\r\n"); len(data) > limit {
		s.data, s.last, s.short = data[:limit], false, badQuote
	}
	end, after, v := s.fields(lineEnd)
	switch {
	case v == more:
		return 0, more
	case v == good && end <= l.maxRow:
		return after, good
	}
	return next, badQuote
}

// scanner goes over the fields of one record.
type scanner struct {
	data      []byte
	delimiter byte
	last      bool    // the file ends where data ends
	short     verdict // what a record is that does not end within data
	row       *Row    // takes the cells; may be nil
}

// fields gives where the record's text ends and where the next record starts.
// lineEnd is the first line feed, or the end of the file.
func (s *scanner) fields(lineEnd int) (end, next int, v verdict) {
	for at := 0; ; {
		if at < len(s.data) && s.data[at] == '"' {
			closing, escaped := s.closing(at + 1)
			if closing < 0 {
				return 0, 0, s.short
			}
			s.emit(at+1, closing, escaped || closing > lineEnd)
			at = closing + 1
			if at < len(s.data) && s.data[at] == s.delimiter {
				at++
				continue
			}
			return s.recordEnd(at)
		}
		if at > lineEnd { // a quoted field has taken us to another line
			if lineEnd = s.lineEnd(at); lineEnd < 0 {
				return 0, 0, s.short
			}
		}
		field := s.data[at:lineEnd]
		delimiter := bytes.IndexByte(field, s.delimiter)
		if delimiter >= 0 {
			field = field[:delimiter]
		} else {
			field = chomp(field)
		}
		if bytes.IndexByte(field, '"') >= 0 {
			return 0, 0, badQuote
		}
		s.emit(at, at+len(field), false)
		if delimiter < 0 {
			return at + len(field), min(lineEnd+1, len(s.data)), good
		}
		at += delimiter + 1
	}
}

// closing finds the quote that ends a field, and tells whether quotes within
// were doubled.
func (s *scanner) closing(at int) (closing int, escaped bool) {
	for {
		quote := bytes.IndexByte(s.data[at:], '"')
		if quote < 0 {
			return -1, false
		}
		at += quote
		if at+1 >= len(s.data) || s.data[at+1] != '"' {
			return at, escaped
		}
		at, escaped = at+2, true
	}
}

// recordEnd judges what stands behind a closing quote, if it is no delimiter.
// A closing quote that is the last byte of the data may yet turn out to be the
// first of two.
func (s *scanner) recordEnd(at int) (end, next int, v verdict) {
	rest := s.data[at:]
	switch {
	case bytes.HasPrefix(rest, []byte("\n")):
		return at, at + 1, good
	case bytes.HasPrefix(rest, []byte("\r\n")):
		return at, at + 2, good
	case len(rest) > 1 || len(rest) == 1 && rest[0] != '\r':
		return 0, 0, badQuote
	case s.last: // encoding/csv drops a carriage return before the end of the file, too
		return at, len(s.data), good
	}
	return 0, 0, s.short
}

func (s *scanner) lineEnd(at int) int {
	if end := bytes.IndexByte(s.data[at:], '\n'); end >= 0 {
		return at + end
	}
	if s.last {
		return len(s.data)
	}
	return -1
}

func (s *scanner) emit(start, end int, escaped bool) {
	if s.row != nil {
		s.row.add(s.data[start:end], escaped)
	}
}

// chomp takes off the carriage return of a CRLF.
func chomp(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1]
	}
	return line
}
