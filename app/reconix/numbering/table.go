package numbering

import (
	"encoding/binary"
	"fmt"
)

// blockDigits is how many leading national digits decide whether a number is
// valid. New proves it for the rules that it is given and fails otherwise.
const blockDigits = 4

const (
	blocks          = 10000               // all prefixes of blockDigits digits
	numbersInABlock = nationalLimit / 1e4 // 1,000,000
)

// Table is libphonenumber's rule for Nigerian mobile numbers as one bit for
// each block of a million numbers, with the operator to which each block was
// first given. It is made once by New, never changes, and may be shared.
type Table struct {
	mobile [blocks]bool
	owner  [blocks]uint8 // index into owners, 0 is nobody we know
	owners []string
}

// New compiles the table. It takes a fraction of a millisecond and fails only
// when a newer libphonenumber no longer decides by the first four digits.
func New() (*Table, error) {
	table := &Table{}
	if err := compileRules(&table.mobile); err != nil {
		return nil, fmt.Errorf("compile the Nigerian numbering rules: %w", err)
	}
	table.owners, table.owner = firstOwners()
	return table, nil
}

// Parse is ParseMSISDN for imports: the same answer for every input, without
// asking libphonenumber. Plain forms are read without a loop.
func (t *Table) Parse(cell []byte) (MSISDN, error) {
	if national, ok := plain(cell); ok {
		if t.mobile[national/numbersInABlock] {
			return firstE164 + MSISDN(national), nil
		}
		return 0, notMobile()
	}
	return t.parseAny(cell)
}

// Valid tells whether a number keeps the hard rule.
func (t *Table) Valid(m MSISDN) bool {
	return m >= firstE164 && m < firstE164+nationalLimit && t.mobile[m.National()/numbersInABlock]
}

// BlockOwner gives the code of the operator to which the number's block was
// first given, under the name that it has today; empty when that is not known.
// It does not tell today's network: numbers are ported since 2013.
func (t *Table) BlockOwner(m MSISDN) string {
	if !t.Valid(m) {
		return ""
	}
	return t.owners[t.owner[m.National()/numbersInABlock]]
}

// Flags compares the number's block with the operator that reports it.
func (t *Table) Flags(m MSISDN, reporting string) Flags {
	if owner := t.BlockOwner(m); owner != "" && owner != reporting {
		return OtherBlock
	}
	return 0
}

func (t *Table) parseAny(cell []byte) (MSISDN, error) {
	national, err := nationalOf(cell)
	if err != nil {
		return 0, err
	}
	if !t.mobile[national/numbersInABlock] {
		return 0, notMobile()
	}
	return firstE164 + MSISDN(national), nil
}

// plain reads the four forms that nearly all files have: 2348031234567,
// +2348031234567, 08031234567 and 8031234567.
func plain(cell []byte) (national uint64, ok bool) {
	switch len(cell) {
	case 14:
		if cell[0] != '+' || cell[1] != '2' || cell[2] != '3' || cell[3] != '4' {
			return 0, false
		}
		cell = cell[4:]
	case 13:
		if cell[0] != '2' || cell[1] != '3' || cell[2] != '4' {
			return 0, false
		}
		cell = cell[3:]
	case 11:
		if cell[0] != '0' {
			return 0, false
		}
		cell = cell[1:]
	case 10:
	default:
		return 0, false
	}
	if cell[0] == '0' {
		return 0, false // a zero too many, or a digit too few
	}
	head, ok := eightDigits(binary.LittleEndian.Uint64(cell))
	tens, ones := cell[8]-'0', cell[9]-'0'
	return head*100 + uint64(tens)*10 + uint64(ones), ok && tens <= 9 && ones <= 9
}

// eightDigits reads eight ASCII digits at once: each step joins neighbours, to
// numbers of two, four and eight digits.
func eightDigits(chunk uint64) (value uint64, ok bool) {
	const zeros, sixes, high = 0x3030303030303030, 0x0606060606060606, 0xf0f0f0f0f0f0f0f0
	if chunk&high != zeros || (chunk+sixes)&high != zeros {
		return 0, false
	}
	chunk -= zeros
	chunk = chunk*10 + chunk>>8
	return (chunk&0x000000ff000000ff*(100+1000000<<32) + chunk>>16&0x000000ff000000ff*(1+10000<<32)) >> 32, true
}
