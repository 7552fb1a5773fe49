package numbering

import (
	"strings"
	"unicode/utf8"
)

const maskAll = "****"

// Mask shows the first three and the last four characters, 120****1234, as
// NIN and BVN are shown to whoever may not see them. The number of stars does
// not tell the length; what is too short to hide anything is hidden whole.
func Mask(digits string) string {
	if len(digits) < 11 || !utf8.ValidString(digits) || utf8.RuneCountInString(digits) != len(digits) {
		if digits == "" {
			return ""
		}
		return maskAll
	}
	return digits[:3] + maskAll + digits[len(digits)-4:]
}

// MaskName keeps the first letter of each part of a name, "A*** O***", so that
// somebody who knows the person can recognise it and nobody else can use it.
func MaskName(name string) string {
	parts := strings.Fields(name)
	for i, part := range parts {
		_, size := utf8.DecodeRuneInString(part)
		parts[i] = part[:size] + "***"
	}
	return strings.Join(parts, " ")
}
