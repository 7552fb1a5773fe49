// Package numbering knows the numbers of Nigerian telecoms: which strings are
// an MSISDN, an IMSI, an ICCID, a NIN or a BVN, and which of them look odd.
//
// Two judgements are kept apart. A hard rule refuses a value: it comes back as
// a [*Rejection] with a code for machines and a sentence for people, which
// never repeats the value, because the value may be somebody's NIN. A quality
// [Flags] bit takes the value and marks it: a NIN of eleven sevens is eleven
// digits, so it is stored, but nobody should trust it.
//
//	value   hard rule                                     flags
//	MSISDN  libphonenumber: a valid Nigerian mobile       OTHER_BLOCK
//	IMSI    15 digits                                     FOREIGN_MCC UNKNOWN_MNC
//	ICCID   1 to 50 characters                            ICCID_LENGTH ICCID_COUNTRY ICCID_LUHN ICCID_PADDED
//	NIN     11 digits                                     REPEATED_DIGIT TEST_VALUE
//	BVN     11 digits                                     BVN_PREFIX REPEATED_DIGIT TEST_VALUE
//
// An MSISDN is judged in one of two ways that give the same answer:
// [ParseMSISDN] asks libphonenumber for each number (some microseconds), which
// suits a request; a [Table] is libphonenumber's Nigerian rule compiled once to
// one bit per block of four digits, which suits an import of 50 million rows.
//
// Types that hold a number of a person (NIN, BVN) print masked wherever they
// are formatted; what is inside comes out by Reveal only.
package numbering

// A Rejection says why a value breaks a hard rule and what would be right. It
// never holds the value itself.
type Rejection struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (r *Rejection) Error() string { return r.Message }

// The codes of rejections.
const (
	Empty        = "EMPTY"
	ExcelMangled = "EXCEL_MANGLED"
	BadCharacter = "BAD_CHARACTER"
	WrongLength  = "WRONG_LENGTH"
	NotNigerian  = "NOT_NIGERIAN"
	NotMobile    = "NOT_MOBILE"
	VirtualNIN   = "VIRTUAL_NIN"
)

func reject(code, message string) *Rejection { return &Rejection{Code: code, Message: message} }

// text is what a value comes as: a field of JSON or a cell of a file.
type text interface{ ~string | ~[]byte }

// Flags are the quality marks of one value or of several joined with |.
type Flags uint16

// The quality marks.
const (
	OtherBlock    Flags = 1 << iota // the MSISDN's block was first given to another operator: ported, or wrong
	ForeignMCC                      // the IMSI is not of Nigeria (621)
	UnknownMNC                      // the IMSI's network code is none we know
	ICCIDLength                     // the card's number is not 19 or 20 digits
	ICCIDCountry                    // the card's number does not begin with 89 (telecom) and 234 (Nigeria)
	ICCIDLuhn                       // the card's check digit is wrong
	ICCIDPadded                     // the card's number came with its nibble padding, a trailing F
	RepeatedDigit                   // all digits are the same
	TestValue                       // a value known from test systems and filled-in forms
	BVNPrefix                       // the BVN does not begin with 22
	flagEnd
)

// Names gives the flags' upper-case names, in a fixed order; nil for none.
func (f Flags) Names() []string {
	var names []string
	for bit := Flags(1); bit < flagEnd; bit <<= 1 {
		if f&bit != 0 {
			names = append(names, bit.name())
		}
	}
	return names
}

func (f Flags) name() string {
	switch f {
	case OtherBlock:
		return "OTHER_BLOCK"
	case ForeignMCC:
		return "FOREIGN_MCC"
	case UnknownMNC:
		return "UNKNOWN_MNC"
	case ICCIDLength:
		return "ICCID_LENGTH"
	case ICCIDCountry:
		return "ICCID_COUNTRY"
	case ICCIDLuhn:
		return "ICCID_LUHN"
	case ICCIDPadded:
		return "ICCID_PADDED"
	case RepeatedDigit:
		return "REPEATED_DIGIT"
	case TestValue:
		return "TEST_VALUE"
	case BVNPrefix:
		return "BVN_PREFIX"
	}
	return "UNKNOWN_FLAG"
}
