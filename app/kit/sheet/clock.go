package sheet

import "bytes"

const (
	minutesPerDay = 24 * 60
	lagos         = 60 // minutes east of UTC
)

// clock reads what may stand behind a date: nothing, or a time such as
// "T08:15:00.000+01:00", " 12:30 AM" or " 00:00:00 UTC". shift is by how many
// days the day in Lagos differs from the one that is written, which needs a
// zone to be known.
func clock(b []byte) (shift int, ok bool) {
	if len(b) == 0 {
		return 0, true
	}
	if b[0] != 'T' && b[0] != 't' && b[0] != ' ' {
		return 0, false
	}
	hour, rest, ok := twoDigits(trim(b[1:]), 24)
	if !ok || len(rest) == 0 || rest[0] != ':' {
		return 0, false
	}
	minute, rest, ok := twoDigits(rest[1:], 59)
	if !ok {
		return 0, false
	}
	if len(rest) > 0 && rest[0] == ':' {
		if _, rest, ok = twoDigits(rest[1:], 60); !ok {
			return 0, false
		}
		rest = fractionOfSecond(rest)
	}
	hour, rest = noon(hour, bytes.TrimLeft(rest, " "))
	east, known, ok := zone(bytes.TrimLeft(rest, " "))
	if !ok || !known {
		return 0, ok
	}
	minutes := hour*60 + minute - east + lagos
	switch {
	case minutes < 0:
		return -1, true
	case minutes >= minutesPerDay:
		return 1, true
	}
	return 0, true
}

// zone reads Z, UTC, GMT, WAT and offsets such as +01:00, +0100 and +01.
func zone(b []byte) (east int, known, ok bool) {
	switch string(b) {
	case "":
		return 0, false, true
	case "Z", "z", "UTC", "GMT":
		return 0, true, true
	case "WAT":
		return lagos, true, true
	}
	sign := 1
	switch b[0] {
	case '-':
		sign = -1
	case '+':
	default:
		return 0, false, false
	}
	hours, rest, ok := twoDigits(b[1:], 14)
	if !ok {
		return 0, false, false
	}
	minutes := 0
	if rest = bytes.TrimPrefix(rest, []byte(":")); len(rest) > 0 {
		minutes, rest, ok = twoDigits(rest, 59)
	}
	return sign * (hours*60 + minutes), true, ok && len(rest) == 0
}

// noon reads AM and PM.
func noon(hour int, b []byte) (int, []byte) {
	if len(b) < 2 || b[1]|0x20 != 'm' || hour < 1 || hour > 12 {
		return hour, b
	}
	switch b[0] | 0x20 {
	case 'a':
		return hour % 12, b[2:]
	case 'p':
		return hour%12 + 12, b[2:]
	}
	return hour, b
}

func fractionOfSecond(b []byte) []byte {
	if len(b) < 2 || b[0] != '.' && b[0] != ',' || b[1]-'0' > 9 {
		return b
	}
	return bytes.TrimLeft(b[1:], "0123456789")
}

// twoDigits reads one or two digits up to a limit.
func twoDigits(b []byte, limit int) (n int, rest []byte, ok bool) {
	for i := 0; i < 2 && len(b) > 0 && b[0]-'0' <= 9; i++ {
		n, b, ok = n*10+int(b[0]-'0'), b[1:], true
	}
	return n, b, ok && n <= limit
}
