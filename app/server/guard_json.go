package server

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner finds the strings of a JSON text that comes in pieces. It need not judge the
// JSON; who parses it does.
type scanner struct {
	fence *fence
	state byte
	text  []byte // of the string being read, unescaped
	hex   rune   // of a \u escape
	hexed int
	high  rune   // first half of a surrogate pair
	held  []byte // a finished string that may turn out to be a name
	holds bool
	name  []byte // of the property that the next value belongs to
}

// States of the scanner.
const (
	outside byte = iota
	inside
	escaped
	unicode
)

// window is how much of a long string is inspected at once; the overlap keeps what
// straddles two windows in sight.
const (
	window  = 16 << 10
	overlap = 256
)

// feed takes the next piece. It tells the place of the first string that looks like an
// attack.
func (s *scanner) feed(b []byte) (place string, bad bool) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch s.state {
		case outside:
			if s.outside(c) {
				return s.place(), true
			}
		case inside:
			i += s.take(b[i:])
			if i < len(b) {
				s.inside(b[i])
			}
			if len(s.text) >= window && s.slide() {
				return s.place(), true
			}
		case escaped:
			s.escape(c)
		case unicode:
			s.digit(c)
		}
	}
	return "", false
}

// take copies the run of plain bytes at the beginning of b.
func (s *scanner) take(b []byte) int {
	n := 0
	for n < len(b) && b[n] != '"' && b[n] != '\\' && len(s.text)+n < window {
		n++
	}
	s.text = append(s.text, b[:n]...)
	return n
}

func (s *scanner) inside(c byte) {
	switch c {
	case '"':
		s.state, s.holds, s.high = outside, true, 0
		s.held, s.text = s.text, s.held[:0]
	case '\\':
		s.state = escaped
	default:
		s.text = append(s.text, c)
	}
}

// outside waits for what follows a string: a colon makes it a name, anything else a
// value.
func (s *scanner) outside(c byte) (bad bool) {
	switch c {
	case ' ', '\t', '\r', '\n':
		return false
	case ':':
		if s.holds {
			s.holds, s.name = false, append(s.name[:0], s.held...)
			return s.suspect(s.held)
		}
	}
	if s.holds {
		s.holds = false
		if bad = s.suspect(s.held) && !secret(string(s.name)); bad {
			return true
		}
	}
	switch c {
	case '"':
		s.state = inside
	case ',', '}', ']':
		if c != ',' {
			s.name = s.name[:0]
		}
	}
	return false
}

// suspect spares most strings the look that costs.
func (s *scanner) suspect(text []byte) bool {
	return survey(text) != 0 && s.fence.hostile(string(text))
}

// slide inspects a window of a long string and keeps its end.
func (s *scanner) slide() (bad bool) {
	if s.suspect(s.text) && !secret(string(s.name)) {
		return true
	}
	s.text = append(s.text[:0], s.text[len(s.text)-overlap:]...)
	return false
}

func (s *scanner) escape(c byte) {
	s.state = inside
	switch c {
	case 'u':
		s.state, s.hex, s.hexed = unicode, 0, 0
	case 'n':
		s.text = append(s.text, '\n')
	case 't':
		s.text = append(s.text, '\t')
	case 'r':
		s.text = append(s.text, '\r')
	case 'b', 'f':
		s.text = append(s.text, ' ')
	default:
		s.text = append(s.text, c)
	}
}

func (s *scanner) digit(c byte) {
	switch {
	case c >= '0' && c <= '9':
		s.hex = s.hex<<4 | rune(c-'0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		s.hex = s.hex<<4 | rune(c|0x20-'a'+10)
	}
	if s.hexed++; s.hexed < 4 {
		return
	}
	s.state = inside
	if utf16.IsSurrogate(s.hex) {
		if pair := utf16.DecodeRune(s.high, s.hex); pair != utf8.RuneError {
			s.text = utf8.AppendRune(s.text, pair)
		}
		s.high = s.hex
		return
	}
	s.high = 0
	s.text = utf8.AppendRune(s.text, s.hex)
}

// place names the property of a refused string, if its name is an ordinary one.
func (s *scanner) place() string {
	if name := string(s.name); name != "" && safeName(name) == name {
		return name
	}
	return "body"
}

// secret names properties whose values are compared and never shown or joined. They
// may hold anything: a good password looks like an attack.
func secret(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "password") || strings.Contains(name, "secret") || strings.HasSuffix(name, "token") || name == "otp"
}
