package numbering

import (
	"fmt"
	"strconv"

	"github.com/nyaruka/phonenumbers"
)

// MSISDN is a valid Nigerian mobile number as its E.164 digits without the
// plus: 2348031234567. Zero is no number.
type MSISDN int64

const (
	countryCode    = 234
	nationalLength = 10
	nationalLimit  = 1e10
	firstE164      = MSISDN(countryCode * nationalLimit)
)

// ParseMSISDN reads a number as people write it (+234…, 234…, 0…, the ten
// national digits, with spaces, dashes and brackets) and asks libphonenumber
// whether it is a valid Nigerian mobile number.
func ParseMSISDN[T text](value T) (MSISDN, error) {
	national, err := nationalOf([]byte(value))
	if err != nil {
		return 0, err
	}
	if !validMobile(national) {
		return 0, notMobile()
	}
	return firstE164 + MSISDN(national), nil
}

// validMobile is the hard rule itself.
func validMobile(national uint64) bool {
	country := int32(countryCode)
	kind := phonenumbers.GetNumberType(&phonenumbers.PhoneNumber{CountryCode: &country, NationalNumber: &national})
	return kind == phonenumbers.MOBILE || kind == phonenumbers.FIXED_LINE_OR_MOBILE
}

func notMobile() *Rejection {
	return reject(NotMobile, "no Nigerian mobile network has this number: give a mobile number such as +2348031234567")
}

// National gives the ten digits after the country code.
func (m MSISDN) National() int64 { return int64(m - firstE164) }

// String writes +2348031234567; zero is the empty string.
func (m MSISDN) String() string { return string(m.Append(nil)) }

// Append writes the number to dst as String does.
func (m MSISDN) Append(dst []byte) []byte {
	if m == 0 {
		return dst
	}
	return strconv.AppendInt(append(dst, '+'), int64(m), 10)
}

// Mask writes +234803***4567: enough to recognise, not enough to call.
func (m MSISDN) Mask() string {
	full := m.String()
	if len(full) != len("+2348031234567") {
		return maskAll
	}
	return full[:7] + "***" + full[10:]
}

// MarshalText writes +2348031234567.
func (m MSISDN) MarshalText() ([]byte, error) { return m.Append(nil), nil }

// UnmarshalText reads every form that ParseMSISDN reads. JSON comes through
// here too, so a number is a JSON string: whoever sends a bare 8031234567 has
// lost a zero somewhere and is refused.
func (m *MSISDN) UnmarshalText(text []byte) error {
	parsed, err := ParseMSISDN(text)
	if err == nil {
		*m = parsed
	}
	return err
}

// FromE164 takes the integer that a database row holds and tells
// whether it has the shape of a Nigerian number; it does not ask whether the
// number is valid, which was done before it was stored.
func FromE164(digits int64) (MSISDN, error) {
	m := MSISDN(digits)
	if m < firstE164 || m >= firstE164+nationalLimit {
		return 0, fmt.Errorf("%d digits are not those of a Nigerian number: 13 digits that begin with 234 are", len(strconv.FormatInt(digits, 10)))
	}
	return m, nil
}
