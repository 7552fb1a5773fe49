package linkage

import (
	"encoding/base32"
	"encoding/binary"
	"strconv"
	"strings"

	"reconexus/app/kit/fault"
	"reconexus/store/sqlite"
)

// ids are written as all ids of the house: Crockford's base 32, lower case.
var ids = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

const (
	idPrefix = "lnk_"
	idNumber = 6  // bytes of the MSISDN in an id
	idMark   = 10 // bytes of the keyed mark behind it
)

// id names a linkage. It tells the number that it hangs on, which whoever has it knows,
// and nothing of the NIN or BVN: not even that two numbers have the same one.
func (s *Service) id(l Linkage) string {
	raw := make([]byte, 8, 8+idMark)
	binary.BigEndian.PutUint64(raw, uint64(l.MSISDN))
	key := strconv.FormatInt(l.MSISDN, 10) + "\x00" + l.Kind.String() + "\x00" + l.Bank + "\x00" + string(l.token)
	raw = append(raw, s.ids.Of(key)[:idMark]...)
	return idPrefix + ids.EncodeToString(raw[8-idNumber:])
}

// numberIn is the MSISDN that an id tells.
func numberIn(id string) (int64, bool) {
	text, ok := strings.CutPrefix(id, idPrefix)
	raw, err := ids.DecodeString(text)
	if !ok || err != nil || len(raw) != idNumber+idMark {
		return 0, false
	}
	var whole [8]byte
	copy(whole[8-idNumber:], raw)
	return int64(binary.BigEndian.Uint64(whole[:])), true
}

// place finds the linkage that a cursor (its id) stands for.
func (s *Service) place(tx *sqlite.Tx, kind Kind, cursor string) (Linkage, error) {
	if msisdn, ok := numberIn(cursor); ok {
		all, err := Of(tx, msisdn)
		if err != nil {
			return Linkage{}, err
		}
		for _, l := range all {
			if l.Kind == kind && s.id(l) == cursor {
				return l, nil
			}
		}
	}
	return Linkage{}, fault.Wrong("after", "CURSOR", "The cursor is not one that this list gave; use the value of next.")
}
