package numbering

import (
	"fmt"
	"io"
)

// NIN is the National Identification Number of a person, 11 digits. However it
// is formatted it shows masked; Reveal gives the digits.
type NIN uint64

// BVN is the Bank Verification Number of a person, 11 digits. However it is
// formatted it shows masked; Reveal gives the digits.
type BVN uint64

const personLength = 11

// ParseNIN reads 11 digits. A virtual NIN of 16 characters is refused with a
// code of its own: it is a one-time proof and must not be stored.
func ParseNIN[T text](value T) (NIN, Flags, error) {
	cell := unwrap([]byte(value))
	if IsVirtualNIN(cell) {
		return 0, 0, reject(VirtualNIN, "this is a virtual NIN, which proves a person once and is never stored: give the NIN of 11 digits")
	}
	number, err := fixedDigits(cell, personLength, "a NIN", "12034561234")
	return NIN(number), personFlags(number, err), err
}

// ParseBVN reads 11 digits.
func ParseBVN[T text](value T) (BVN, Flags, error) {
	number, err := fixedDigits(unwrap([]byte(value)), personLength, "a BVN", "22134561234")
	flags := personFlags(number, err)
	if err == nil && number/1e9 != 22 {
		flags |= BVNPrefix
	}
	return BVN(number), flags, err
}

// IsVirtualNIN tells the form of a virtual NIN: 16 letters and digits, among
// them letters, as AB012345678901YZ.
func IsVirtualNIN(cell []byte) bool {
	letters := 0
	for _, c := range cell {
		switch {
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
			letters++
		case c < '0' || c > '9':
			return false
		}
	}
	return len(cell) == 16 && letters > 0
}

// Reveal gives the 11 digits in clear.
func (n NIN) Reveal() string { return string(appendDigits(nil, uint64(n), personLength)) }

// String writes 120****1234.
func (n NIN) String() string { return Mask(n.Reveal()) }

// Format shows the number masked under every verb.
func (n NIN) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, n.String()) }

// MarshalText writes the number masked, so that JSON and logs do.
func (n NIN) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads the 11 digits in clear.
func (n *NIN) UnmarshalText(text []byte) error {
	parsed, _, err := ParseNIN(text)
	if err == nil {
		*n = parsed
	}
	return err
}

// Reveal gives the 11 digits in clear.
func (b BVN) Reveal() string { return string(appendDigits(nil, uint64(b), personLength)) }

// String writes 221****1234.
func (b BVN) String() string { return Mask(b.Reveal()) }

// Format shows the number masked under every verb.
func (b BVN) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, b.String()) }

// MarshalText writes the number masked, so that JSON and logs do.
func (b BVN) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads the 11 digits in clear.
func (b *BVN) UnmarshalText(text []byte) error {
	parsed, _, err := ParseBVN(text)
	if err == nil {
		*b = parsed
	}
	return err
}

func personFlags(number uint64, err error) (flags Flags) {
	if err != nil {
		return 0
	}
	if number%11111111111 == 0 {
		flags |= RepeatedDigit
	}
	switch number {
	case 12345678901, 1234567890, 12345678910, 98765432109, 10987654321, // runs of a keyboard
		0, 11111111111, 22222222222, 70123456789, 63184876213, 95888168924: // sandboxes of identity services
		flags |= TestValue
	}
	return flags
}

// fixedDigits reads exactly so many digits.
func fixedDigits(cell []byte, length int, what, example string) (uint64, error) {
	switch {
	case len(cell) == 0:
		return 0, reject(Empty, fmt.Sprintf("%s is missing: give %d digits, such as %s", what, length, example))
	case isExponent(cell):
		return 0, excelMangled(example)
	case !isDigits(cell):
		return 0, reject(BadCharacter, fmt.Sprintf("%s has digits only: give %d of them, such as %s", what, length, example))
	case len(cell) != length:
		return 0, reject(WrongLength, fmt.Sprintf("%s has %d digits and this has %d: write it as %s, with its leading zeros", what, length, len(cell), example))
	}
	var number uint64
	for _, c := range cell {
		number = number*10 + uint64(c-'0')
	}
	return number, nil
}

func appendDigits(dst []byte, number uint64, length int) []byte {
	start := len(dst)
	for range length {
		dst = append(dst, '0')
	}
	for i := len(dst) - 1; i >= start; i-- {
		dst[i] += byte(number % 10)
		number /= 10
	}
	return dst
}
