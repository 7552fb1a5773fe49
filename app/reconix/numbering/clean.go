package numbering

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// longestNumber bounds the digits that are looked at: 009 234 and a trunk zero
// before the ten national digits are 17.
const longestNumber = 17

// longestCell bounds what is read as a number at all; with every separator
// that people use a number stays under half of this.
const longestCell = 64

// nationalOf undoes what people, spreadsheets and query strings do to a
// number, and gives its ten national digits.
func nationalOf(cell []byte) (uint64, error) {
	cell = unwrap(cell)
	switch {
	case len(cell) == 0:
		return 0, reject(Empty, "the number is missing: give a Nigerian mobile number such as +2348031234567")
	case len(cell) > longestCell:
		return 0, wrongLength()
	case isExponent(cell):
		return 0, excelMangled("+2348031234567")
	}
	var space [longestNumber]byte
	digits, plus, err := digitsOf(space[:0], cell)
	if err != nil {
		return 0, err
	}
	return nationalPart(digits, plus)
}

// nationalPart takes off the country code, the international prefix and the
// trunk zero. Without a plus ten digits are a national number that lost its
// zero, which only a column of phone numbers allows us to say.
func nationalPart(digits []byte, plus bool) (uint64, error) {
	rest := digits
	if !plus {
		// 009 is the international prefix in Nigeria, 00 nearly everywhere else.
		if after, ok := bytes.CutPrefix(rest, []byte("009234")); ok {
			rest, plus = after, true
		} else if after, ok := bytes.CutPrefix(rest, []byte("00234")); ok {
			rest, plus = after, true
		} else if after, ok := bytes.CutPrefix(rest, []byte("234")); ok && len(after) >= nationalLength {
			rest, plus = after, true
		}
	} else {
		after, ok := bytes.CutPrefix(rest, []byte("234"))
		if !ok {
			return 0, reject(NotNigerian, "the number has another country's code: Nigerian numbers begin with +234")
		}
		rest = after
	}
	if len(rest) == nationalLength+1 && rest[0] == '0' {
		rest = rest[1:]
	}
	if len(rest) != nationalLength || rest[0] == '0' {
		return 0, wrongLength()
	}
	var national uint64
	for _, c := range rest {
		national = national*10 + uint64(c-'0')
	}
	return national, nil
}

// digitsOf keeps the digits and drops what separates them.
func digitsOf(dst, cell []byte) (digits []byte, plus bool, err error) {
	dots := 0
	for i := 0; i < len(cell); {
		r, size := utf8.DecodeRune(cell[i:])
		i += size
		switch {
		case r >= '0' && r <= '9':
			if len(dst) == longestNumber {
				return nil, false, wrongLength()
			}
			dst = append(dst, byte(r))
		case r == '+' && len(dst) == 0 && !plus:
			plus = true
		case r == '.':
			dots++
		case r == '(' || r == ')' || isBlank(r) || isDash(r):
		default:
			return nil, false, reject(BadCharacter, "the cell holds something that is no part of a number: give one number of digits only, such as +2348031234567")
		}
	}
	if dots == 1 {
		// 0803.1234567 may be a decimal; 0803.123.4567 cannot be.
		return nil, false, reject(BadCharacter, "the number has a decimal point: give digits only, such as +2348031234567")
	}
	if len(dst) == 0 {
		return nil, false, reject(Empty, "there is no digit in the number: give a Nigerian mobile number such as +2348031234567")
	}
	return dst, plus, nil
}

// unwrap takes off blanks, the apostrophe and the ="…" by which spreadsheets
// are told that a cell is text, and the .0 which programs add that read a
// column as floating point; no digit is lost by any of them. It goes on until
// nothing is left to take, so a canonical value stays what it is.
func unwrap(cell []byte) []byte {
	for {
		inner := bytes.TrimFunc(cell, isBlank)
		inner = bytes.TrimLeftFunc(inner, isApostrophe)
		if formula, ok := bytes.CutPrefix(inner, []byte(`="`)); ok {
			if formula, ok = bytes.CutSuffix(formula, []byte(`"`)); ok {
				inner = formula
			}
		}
		if whole, ok := bytes.CutSuffix(inner, []byte(".0")); ok && isDigits(bytes.TrimPrefix(whole, []byte("+"))) {
			inner = whole
		}
		if len(inner) == len(cell) {
			return cell
		}
		cell = inner
	}
}

func isApostrophe(r rune) bool { return r == '\'' || r == '‘' || r == '’' }

// isBlank tells spaces, the no-break space, and marks that cannot be seen and
// come with numbers that were copied from a phone.
func isBlank(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || r >= '\t' && r <= '\r'
	}
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
}

func isDash(r rune) bool {
	return r == '-' || r >= utf8.RuneSelf && unicode.Is(unicode.Pd, r)
}

func isDigits(b []byte) bool {
	for _, c := range b {
		if c-'0' > 9 {
			return false
		}
	}
	return len(b) > 0
}

// isExponent tells 8.92342E+18: what a spreadsheet shows, and saves, of a
// number with more digits than its cell is wide.
func isExponent(cell []byte) bool {
	mantissa, exponent, found := bytes.Cut(cell, []byte("E"))
	if !found {
		mantissa, exponent, found = bytes.Cut(cell, []byte("e"))
	}
	if !found {
		return false
	}
	exponent = bytes.TrimLeft(exponent, "+-")
	mantissa = bytes.TrimLeft(mantissa, "+-")
	if at := bytes.IndexAny(mantissa, ".,"); at >= 0 {
		return isDigits(mantissa[:at]) && isDigits(mantissa[at+1:]) && isDigits(exponent)
	}
	return isDigits(mantissa) && isDigits(exponent)
}

func excelMangled(example string) *Rejection {
	return reject(ExcelMangled, "a spreadsheet has rounded the number to the form 8.92342E+18 and its digits are lost: export the column as text, so that it reads like "+example)
}

func wrongLength() *Rejection {
	return reject(WrongLength, "the number has too many or too few digits: after +234 or 0 there are 10, as in +2348031234567")
}
