// Package id makes names for things: sortable by age, saying their kind.
package id

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// alphabet is Crockford's base 32 in lower case: it sorts as its bytes do and has no
// letters that are read as digits.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// New is a fresh id such as "job_01jd…": the kind, the millisecond of now and 80
// random bits. Ids of one kind sort by age.
func New(kind string, now time.Time) string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], uint64(now.UnixMilli())<<16)
	_, _ = rand.Read(raw[6:]) // never fails: crypto/rand ends the program instead
	return kind + "_" + base32.NewEncoding(alphabet).WithPadding(base32.NoPadding).EncodeToString(raw[:])
}

// Is tells whether s looks like an id of the kind.
func Is(kind, s string) bool {
	rest, ok := strings.CutPrefix(s, kind+"_")
	return ok && len(rest) == 26 && strings.Trim(rest, alphabet) == ""
}

// Secret is a fresh unguessable string of n random bytes in the same alphabet.
func Secret(n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw)
	return base32.NewEncoding(alphabet).WithPadding(base32.NoPadding).EncodeToString(raw)
}
