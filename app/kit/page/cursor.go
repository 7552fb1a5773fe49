package page

import (
	"encoding/base64"
	"strings"

	"reconexus/app/kit/fault"
)

// Cursor is where a page ended: the order that it was asked for in, the last row's key
// in that order, and what tells rows of one key apart.
func Cursor(order, key, tie string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(order + "|" + key + "|" + tie))
}

// Behind reads a cursor, which fits its own order only.
func Behind(cursor, order string) (key, tie string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	parts := strings.Split(string(raw), "|")
	if err != nil || len(parts) != 3 || parts[0] != order {
		return "", "", BadCursor()
	}
	return parts[1], parts[2], nil
}

// BadCursor is the answer to a cursor that a list did not give.
func BadCursor() error {
	return fault.Wrong("after", "CURSOR", "The cursor is not one that this list gave in this order; use the value of next, and the same sort.")
}
