// Package holder answers whether two records of a name are one person's,
// without keeping the names.
//
// Operators write the holder of a number as one line of text: "OKAFOR
// CHUKWUEMEKA", "Emeka Okafor", "Engr. Emeka-Okafor C.". The order varies, tone
// marks and underdots come and go (Ṣeun, Seun), short forms stand for long
// ones, Muhammad is spelled in a dozen ways, titles come with the name. So a
// name is first brought to a canonical form by [Names.Canonical]: folded to
// plain letters, parted into tokens, titles taken off, each token replaced by
// the form that stands for all its equivalents, and sorted.
//
// The canonical form is not kept either. [Keyed] makes of it, with the secret
// key of the installation,
//
//	token      64 bits of the whole name: equal tokens are equal names
//	signature  16 bits of each of up to four of its parts, so that "Emeka
//	           Okafor" and "Emeka John Okafor" can still be compared
//
// and [Compare] decides from these alone. For names that are at hand in clear
// text, [Names.Match] looks closer: at initials, cut fields and slips of the
// pen.
//
// # How often is this wrong
//
// Two different names have the same token in 1 of 2^64 pairs: among 10 million
// comparisons a day, once in five thousand million years.
//
// Signatures are coarser. Two names without a common part, of two and of three
// tokens, look like a part and a whole when both tokens of the first fall on
// tokens of the second by chance: 6 ways at 2^-32, one pair in 700 million. If
// they truly share one token, as relatives do and as one pair in a hundred
// does by chance, the other one falls on one of two: 2^-15, one in 33,000. For
// the 200,000 numbers a month that are sold again that is 200,000 × 1 % ÷
// 33,000 = 0.06 wrong answers a month. With four tokens on either side it is
// three times that.
//
// Both are small beside homonyms. "Ibrahim Musa" is tens of thousands of
// people, and no arithmetic tells them apart; an equivalence table adds to that
// (every Ali is an Aliyu here). That is why a name alone never removes a
// linkage, why a holder's id or NIN goes before the name where a file has one,
// and why what is only alike is sent to a person.
package holder

import (
	"encoding/binary"
	"slices"

	"github.com/dchest/siphash"
)

// Keyed makes tokens and signatures with the secret key of an installation.
// With another key every token is another, so the key must live as long as the
// tokens do.
type Keyed struct{ k0, k1 uint64 }

// NewKeyed takes 16 secret bytes.
func NewKeyed(key [16]byte) Keyed {
	return Keyed{binary.LittleEndian.Uint64(key[:8]), binary.LittleEndian.Uint64(key[8:])}
}

// Signature is digests of up to four tokens of a name, ascending, with zeros
// behind them. Of a longer name it holds those with the smallest digests.
type Signature [4]uint16

// Token is the whole canonical name; zero stands for no name.
func (k Keyed) Token(canonical []byte) uint64 {
	if len(canonical) == 0 {
		return 0
	}
	return max(1, siphash.Hash(k.k0, k.k1, canonical))
}

// Signature digests the tokens of a canonical name. Its key differs from that
// of Token, so that a name of one token does not show its token's digest.
func (k Keyed) Signature(canonical []byte) (s Signature) {
	var digests [maxTokens]uint16
	n := 0
	for start, at := 0, 0; at <= len(canonical) && n < maxTokens; at++ {
		if at < len(canonical) && canonical[at] != ' ' {
			continue
		}
		if at > start {
			digests[n] = max(1, uint16(siphash.Hash(^k.k0, k.k1, canonical[start:at])))
			n++
		}
		start = at + 1
	}
	slices.Sort(digests[:n])
	copy(s[:], digests[:n])
	return s
}

// The reasons that Compare gives.
const (
	Equal       = "EQUAL"         // the names are equal
	PartOfWhole = "PART_OF_WHOLE" // one has all tokens of the other and some more
	Alike       = "ALIKE"         // two or more tokens are common and each has another one
	OneCommon   = "ONE_COMMON"    // one token is common, as among relatives
	OneToken    = "ONE_TOKEN"     // one of them is a single token, which may be anybody's
	Different   = "DIFFERENT"     // nothing is common
	NoName      = "NO_NAME"       // at least one of them is missing
)

// Compare decides whether two holders are one person. score is 1 for equal
// names, 0 for names that have nothing in common. same is true only where the
// names allow to say so; ALIKE is for a person to look at, and NO_NAME says
// nothing either way.
func Compare(aToken uint64, a Signature, bToken uint64, b Signature) (score float64, same bool, reason string) {
	switch {
	case aToken == 0 || bToken == 0:
		return 0, false, NoName
	case aToken == bToken:
		return 1, true, Equal
	}
	common, fewer, most := a.common(b)
	switch {
	case fewer == 1 && common == 1:
		return 0.3, false, OneToken
	case common == fewer && common >= 2:
		return 1 - 0.05*float64(most-common), true, PartOfWhole
	case common >= 2:
		return 0.6, false, Alike
	case common == 1:
		return 0.2, false, OneCommon
	}
	return 0, false, Different
}

// common counts the digests that both have, and those of the shorter and of
// the longer signature.
func (s Signature) common(o Signature) (common, fewer, most int) {
	a, b := s.len(), o.len()
	for i, j := 0, 0; i < a && j < b; {
		switch {
		case s[i] == o[j]:
			common, i, j = common+1, i+1, j+1
		case s[i] < o[j]:
			i++
		default:
			j++
		}
	}
	return common, min(a, b), max(a, b)
}

func (s Signature) len() int {
	for i, digest := range s {
		if digest == 0 {
			return i
		}
	}
	return len(s)
}
