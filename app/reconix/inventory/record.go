package inventory

import (
	"strconv"
	"unsafe"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/tenure"
)

// record is one number of a snapshot, in 56 bytes that are the same in memory and on
// disk (little endian, as both platforms of the releases are).
type record struct {
	msisdn    int64
	raw       uint64 // keyed hash of the row's bytes: an unchanged row needs no second reading
	holder    int64
	names     int64
	iccid     card
	imsi      int64 // 15 digits; 0: none
	line      uint32
	activated int16 // days since 1970-01-01; noDay: not told
	status    status
	kind      tenure.HolderKind
}

const recordSize = 56

// The build fails when the size of a record changes: snapshots on disk depend on it.
var _ [recordSize]struct{} = [unsafe.Sizeof(record{})]struct{}{}

const noDay = -1 << 15

// seenBefore stands for the line of a change whose number the last snapshot had.
const seenBefore = 1<<32 - 1

// status is what the feed says about a line.
type status uint8

const (
	active status = iota
	barred        // in use, with calls barred: the tenure goes on
	deactivated
	churned
	quarantined
	unreadable // the number was there, the rest of the row was not: nothing is concluded
	missing    // among changes only: the number is no longer in the full file
)

// endedAs is the tenure's word for a status; empty for lines in use.
func (s status) endedAs() string {
	switch s {
	case deactivated:
		return "deactivated"
	case churned:
		return "churned"
	case quarantined:
		return "quarantined"
	case missing:
		return "missing"
	}
	return ""
}

// statusOf reads the optional STATUS column; an empty cell is a line in use.
func statusOf(cell []byte) (status, bool) {
	switch lower(cell) {
	case "", "active", "in use", "inuse":
		return active, true
	case "barred", "suspended":
		return barred, true
	case "deactivated", "inactive":
		return deactivated, true
	case "churned":
		return churned, true
	case "quarantined", "quarantine", "ageing", "aging":
		return quarantined, true
	}
	return active, false
}

func lower(b []byte) string {
	var buf [16]byte
	if len(b) > len(buf) {
		return "?"
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	return string(buf[:len(b)])
}

func (r *record) day() day.Day {
	if r.activated == noDay {
		return day.None
	}
	return day.Day(r.activated)
}

// token is one number for card and subscription together, to tell a swap.
func (r *record) token() int64 {
	return int64(mix(uint64(r.iccid), uint64(r.imsi)))
}

// mix spreads two words over one (the finaliser of MurmurHash3 over their sum).
func mix(a, b uint64) uint64 {
	h := a + b*0x9e3779b97f4a7c15
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

func (r *record) observation(operator string, on, seen day.Day) tenure.Observation {
	return tenure.Observation{
		MSISDN: r.msisdn, Operator: operator, EndedAs: r.status.endedAs(), Activated: r.day(),
		Holder: tenure.Holder{Kind: r.kind, Token: r.holder, Names: r.names},
		Card:   r.token(), Day: on, Seen: seen,
	}
}

// card is an ICCID in eight bytes: the digits behind the industry's leading 89, with
// their count, or a keyed hash where it is no such number.
type card uint64

const (
	cardHashed  card = 1 << 63
	cardLengths      = 59 // three bits over the digits: how many, from 16 on
	cardMinimum      = 16
	cardMaximum      = 17 // 10^17 < 2^59
	cardDigits       = 1<<cardLengths - 1
)

// packCard packs an ICCID; hash is asked only for the unusual ones.
func packCard(iccid []byte, hash func([]byte) uint64) card {
	if len(iccid) == 0 {
		return 0
	}
	// 8923 4 … is 19 or 20 digits long. Behind "892" there are 16 or 17.
	if rest := len(iccid) - 3; rest >= cardMinimum && rest <= cardMaximum && string(iccid[:3]) == "892" {
		n, ok := uint64(0), true
		for _, c := range iccid[3:] {
			ok = ok && '0' <= c && c <= '9'
			n = n*10 + uint64(c-'0')
		}
		if ok {
			return card(n | uint64(rest-cardMinimum+1)<<cardLengths)
		}
	}
	return cardHashed | card(hash(iccid))
}

// String is the ICCID again; empty where only a hash was kept.
func (c card) String() string {
	if c == 0 || c&cardHashed != 0 {
		return ""
	}
	n := cardMinimum - 1 + int(c>>cardLengths)
	digits := strconv.FormatUint(uint64(c&cardDigits), 10)
	for len(digits) < n {
		digits = "0" + digits
	}
	return "892" + digits
}

// bytesOf views records as the bytes that are written.
func bytesOf(r []record) []byte {
	if len(r) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&r[0])), len(r)*recordSize)
}

// imsiOf writes an IMSI with its 15 digits.
func imsiOf(n int64) string { return numbering.IMSI(n).String() }
