package sheet

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// first finds the end of the first field. That is all an importer asks of a
// row which has not changed since the day before.
func (r *Row) first() {
	end := bytes.IndexByte(r.Raw, r.layout.delimiter)
	if end < 0 {
		end = len(r.Raw)
	}
	r.ends[0], r.count = int32(end), 1
}

// split finds the ends of all fields, but of no more than the header has. It
// looks at eight bytes at a time, since fields are short.
func (r *Row) split() {
	raw, ends, n := r.Raw, r.ends[:r.layout.fields], 0
	wanted := ones * uint64(r.layout.delimiter)
	at := 0
	for ; at+8 <= len(raw); at += 8 {
		for hits := marks(binary.LittleEndian.Uint64(raw[at:]), wanted); hits != 0; hits &= hits - 1 {
			ends[n] = int32(at + bits.TrailingZeros64(hits)>>3)
			if n++; n == len(ends) {
				r.count = n
				return
			}
		}
	}
	for ; at < len(raw); at++ {
		if raw[at] == r.layout.delimiter {
			ends[n] = int32(at)
			if n++; n == len(ends) {
				r.count = n
				return
			}
		}
	}
	ends[n] = int32(len(raw))
	r.count = n + 1
}

const (
	ones = 0x0101010101010101
	low7 = 0x7f7f7f7f7f7f7f7f
)

// marks sets the top bit of each byte of word that equals the wanted one, and
// no other bit: the sum carries into the top bit of every byte that differs in
// its low seven bits, and no further.
func marks(word, wanted uint64) uint64 {
	word ^= wanted
	return ^(word&low7 + low7 | word | low7)
}
