package generate

import (
	"fmt"
	"math/bits"
	"strings"

	"reconexus/app/kit/day"
)

// An operator of the ring: a ported number always goes to the next one.
type operator struct {
	code     string
	aliases  string
	mnc      uint64   // under MCC 621; also the issuer in its ICCIDs
	prefixes []uint64 // first three digits of the national number, ascending; ten million numbers each
}

// ring holds the operators with the number blocks that the NCC first gave them
// (a block keeps its first owner's name, whoever serves the number today).
func ring() []operator {
	return []operator{
		{"MTN", "VISAFONE", 30, []uint64{703, 704, 706, 803, 806, 810, 813, 814, 816, 903, 906, 913, 916}},
		{"AIRTEL", "", 20, []uint64{701, 708, 802, 808, 812, 901, 902, 904, 907, 911, 912}},
		{"GLO", "GLOBACOM", 50, []uint64{705, 805, 807, 811, 815, 905, 915}},
		{"T2", "9MOBILE ETISALAT", 60, []uint64{809, 817, 818, 908, 909}},
	}
}

const (
	numbersPerPrefix = 10_000_000
	country          = 234
	reserveEvery     = 16 // one never-sold number for so many sold ones
)

// findOperator takes a code or an alias in any case.
func findOperator(name string) (int, error) {
	for i, op := range ring() {
		for _, known := range append(strings.Fields(op.aliases), op.code) {
			if strings.EqualFold(name, known) {
				return i, nil
			}
		}
	}
	return 0, fmt.Errorf("%q is not an operator that the generator knows: take MTN, AIRTEL, GLO or T2", name)
}

// key is the seed of everything that is drawn for one line (one slot of an
// operator's numbers). Draws are counter-based: any of them can be made at any
// time without the others, which is why no state is kept.
type key uint64

// The salts keep the draws of one line apart.
const (
	saltNumber     = 1 << 40
	saltBase       = 2 << 40
	saltDay        = 3 << 40
	saltPerson     = 4 << 40
	saltCard       = 5 << 40
	saltDefect     = 6 << 40
	saltLinkage    = 7 << 40
	saltActivation = 8 << 40
)

const golden = 0x9e3779b97f4a7c15

// mix is the finaliser of splitmix64 (Steele, Lea, Flood, 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (k key) pick(salt uint64) uint64 { return mix(uint64(k) + salt*golden) }

// below maps a draw to 0 … n-1 by its high bits.
func below(h, n uint64) uint64 {
	hi, _ := bits.Mul64(h, n)
	return hi
}

// chance tells whether a draw falls under a probability.
func chance(h uint64, p float64) bool { return h>>32 < threshold(p) }

// threshold is a probability as a bound for the upper 32 bits of a draw.
func threshold(p float64) uint64 { return uint64(min(max(p, 0), 1) * (1 << 32)) }

// block is one operator's share of the world: its lines, sold and in reserve,
// spread over its prefixes in ascending order with gaps.
type block struct {
	operator
	index  int // in the ring
	seed   uint64
	slots  int
	stride uint64
}

func newBlock(seed uint64, index, rows int) (block, error) {
	op := ring()[index]
	b := block{operator: op, index: index, slots: rows + rows/reserveEvery}
	b.seed = mix(seed + golden*uint64(index+1))
	capacity := uint64(len(op.prefixes)) * numbersPerPrefix
	if rows < 1 || uint64(b.slots) > capacity {
		return b, fmt.Errorf("%s has prefixes for 1 to %d rows, not %d", op.code, capacity/(reserveEvery+1)*reserveEvery, rows)
	}
	b.stride = capacity / uint64(b.slots)
	return b, nil
}

func (b *block) line(slot int) key { return key(mix(b.seed + uint64(slot)*golden)) }

// reserved tells whether the line was never sold before the world began.
func reserved(slot int) bool { return slot%(reserveEvery+1) == reserveEvery }

// msisdn is the line's number as E.164 digits. It grows with the slot.
func (b *block) msisdn(slot int, line key) uint64 {
	at := uint64(slot)*b.stride + below(line.pick(saltNumber), b.stride)
	return (country*1000+b.prefixes[at/numbersPerPrefix])*numbersPerPrefix + at%numbersPerPrefix
}

// card identifies a SIM: the network that issued it, the block and slot of the
// number it serves, and how many cards that number had before.
type card struct {
	network, home, slot int
	generation          uint32
}

// serialBody is the twelve digits of the ICCID between issuer and check digit.
// Multiplication by a number coprime to ten keeps different cards different.
func (c card) serialBody() uint64 {
	const span, factor, shift = 1_000_000_000_000, 618_033_988_749, 571_428_182_845
	id := uint64(c.generation)<<28 | uint64(c.home)<<26 | uint64(c.slot)
	hi, lo := bits.Mul64(id, factor)
	lo, carry := bits.Add64(lo, shift, 0)
	return bits.Rem64(hi+carry, lo, span)
}

// subscription is the ten digits of the IMSI after country and network.
func (c card) subscription() uint64 {
	const span, factor, shift = 10_000_000_000, 7_236_067_977, 1_442_695_041
	id := uint64(c.generation)<<28 | uint64(c.home)<<26 | uint64(c.slot)
	hi, lo := bits.Mul64(id%span, factor)
	lo, carry := bits.Add64(lo, shift, 0)
	return bits.Rem64(hi+carry, lo, span)
}

// horizon is how far back the activation dates of the first day reach. They
// end with the year before it, so that files of one year agree.
const horizonYears = 12

func activationSpan(base day.Day) (first day.Day, days uint64) {
	year, _, _ := base.Civil()
	first, _ = day.Date(year-horizonYears, 1, 1)
	end, _ := day.Date(year, 1, 1)
	return first, uint64(end - first)
}
