package sheet

import (
	"encoding/binary"
	"math/bits"
)

// Eight bytes are looked at as one word. In marks each byte that equals the
// wanted one has its top bit set and all others are zero: the sum carries into
// the top bit of every byte that differs in its low seven bits, and no further.
const (
	ones = 0x0101010101010101
	low7 = 0x7f7f7f7f7f7f7f7f
)

func marks(word, wanted uint64) uint64 {
	word ^= wanted
	return ^((word&low7 + low7) | word | low7)
}

// plain splits the row at the start of data while it finds its end, in one
// pass. ok is false when it comes to a quote, when there are more fields than
// columns, or when the end of the data is near; then the careful way is taken.
func (r *Row) plain(data []byte, checkQuotes bool) (next int, ok bool) {
	delimiters, lineFeeds, quotes := ones*uint64(r.layout.delimiter), uint64(ones*'\n'), uint64(ones*'"')
	if !checkQuotes {
		quotes = lineFeeds
	}
	ends, n := r.ends, 0
	for at := 0; at+8 <= len(data); at += 8 {
		word := binary.LittleEndian.Uint64(data[at:])
		hits := marks(word, delimiters) | marks(word, lineFeeds) | marks(word, quotes)
		for ; hits != 0; hits &= hits - 1 {
			end := at + bits.TrailingZeros64(hits)>>3
			switch data[end] {
			case '\n':
				r.Raw = chomp(data[:end])
				ends[n], r.count = int32(len(r.Raw)), n+1
				r.quoted, r.spare = false, false
				return end + 1, len(r.Raw) <= r.layout.maxRow
			case '"':
				return 0, false
			}
			if n+1 >= r.layout.fields {
				return 0, false
			}
			ends[n] = int32(end)
			n++
		}
	}
	return 0, false
}
