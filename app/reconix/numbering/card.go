package numbering

import "bytes"

// IMSI is the identity of a subscription on its card: 15 digits, of which the
// first three are the country and, in Nigeria, the next two the network.
type IMSI int64

const (
	imsiLength  = 15
	nigerianMCC = 621
)

// ParseIMSI reads 15 digits; spaces around them and the apostrophe of a
// spreadsheet are taken off.
func ParseIMSI[T text](value T) (IMSI, Flags, error) {
	cell := unwrap([]byte(value))
	number, err := fixedDigits(cell, imsiLength, "an IMSI", "621300123456789")
	if err != nil {
		return 0, 0, err
	}
	imsi := IMSI(number)
	return imsi, imsi.flags(), nil
}

// MCC and MNC are the codes of the country and of the network in it.
func (i IMSI) MCC() int { return int(i / 1e12) }

// MNC is two digits in Nigeria, and is read as two digits everywhere.
func (i IMSI) MNC() int { return int(i / 1e10 % 100) }

// String writes the 15 digits; zero is the empty string.
func (i IMSI) String() string {
	if i == 0 {
		return ""
	}
	return string(appendDigits(nil, uint64(i), imsiLength))
}

// MarshalText writes the 15 digits.
func (i IMSI) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads the 15 digits.
func (i *IMSI) UnmarshalText(text []byte) error {
	parsed, _, err := ParseIMSI(text)
	if err == nil {
		*i = parsed
	}
	return err
}

func (i IMSI) flags() Flags {
	if i.MCC() != nigerianMCC {
		return ForeignMCC
	}
	if OperatorOfIMSI(i) == "" {
		return UnknownMNC
	}
	return 0
}

const longestICCID = 50

// ICCID gives the canonical form of a card's number (`sim_serial`) as a part
// of the cell it was given: without spaces around it, without the apostrophe
// of a spreadsheet and without the F that pads 19 digits to whole bytes, so
// that one card is one value however it was exported.
func ICCID(cell []byte) (card []byte, flags Flags, err error) {
	card = unwrap(cell)
	if isExponent(card) {
		return nil, 0, excelMangled("8923401234567890123")
	}
	if unpadded := bytes.TrimRight(card, "Ff"); len(unpadded) < len(card) && isDigits(unpadded) {
		card, flags = unpadded, ICCIDPadded
	}
	switch {
	case len(card) == 0:
		return nil, 0, reject(Empty, "the card's number is missing: give the ICCID that is printed on the SIM, such as 8923401234567890123")
	case tooLong(card, longestICCID):
		return nil, 0, reject(WrongLength, "the card's number is too long: give 1 to 50 characters; an ICCID has 19 or 20 digits")
	}
	return card, flags | iccidFlags(card), nil
}

func iccidFlags(card []byte) (flags Flags) {
	digits := isDigits(card)
	if !digits || len(card) != 19 && len(card) != 20 {
		flags |= ICCIDLength
	}
	if !bytes.HasPrefix(card, []byte("89234")) {
		flags |= ICCIDCountry
	}
	if digits && !luhn(card) {
		flags |= ICCIDLuhn
	}
	return flags
}

// luhn checks the last digit as ISO/IEC 7812 says: from the right every second
// digit is doubled, and the sum of all digits is a multiple of ten.
func luhn(digits []byte) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// tooLong counts characters, not bytes, and stops early.
func tooLong(text []byte, limit int) bool {
	if len(text) <= limit {
		return false
	}
	count := 0
	for _, c := range text {
		if c&0xc0 != 0x80 {
			if count++; count > limit {
				return true
			}
		}
	}
	return false
}
