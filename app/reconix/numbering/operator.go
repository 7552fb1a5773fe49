package numbering

import "strings"

// Operator is a holder of Nigerian numbering resources. Its name has changed
// and will change again, its code does not: rows refer to the code.
type Operator struct {
	Code    string   // MTN, AIRTEL, GLO, T2, …
	Name    string   // what it calls itself today
	Aliases []Alias  // what files and people have called it, and what was merged into it
	MNCs    []int    // its network codes under MCC 621
	Blocks  []string // national prefixes, of three or four digits, first given to it or to what was merged into it
}

// Alias is a former or other name with the time in which it was in use, as
// "2006-01-02", "2006-01" or "2006", whatever the source says; empty is open.
type Alias struct{ Name, From, To string }

// Operators gives what a new installation starts with; afterwards the list is
// data that administrators keep. Blocks: the numbering plan of the Nigerian
// Communications Commission as libphonenumber's carrier data and ITU-T E.129
// (Nigeria) have it; a longer block goes before the shorter one it lies in.
func Operators() []Operator {
	return []Operator{
		{Code: "MTN", Name: "MTN Nigeria", MNCs: []int{30},
			Aliases: []Alias{{Name: "MTNN"}, {Name: "VISAFONE", To: "2016"}, {Name: "ZOOMMOBILE"}, {Name: "RELTEL"}},
			Blocks:  []string{"7025", "7026", "703", "704", "706", "707", "803", "806", "810", "813", "814", "816", "903", "906", "913", "916"}},
		{Code: "AIRTEL", Name: "Airtel Nigeria", MNCs: []int{20},
			Aliases: []Alias{{Name: "ECONET", From: "2001", To: "2004"}, {Name: "VMOBILE", From: "2004", To: "2006"}, {Name: "CELTEL", From: "2006", To: "2008"}, {Name: "ZAIN", From: "2008", To: "2010"}},
			Blocks:  []string{"701", "708", "802", "808", "812", "901", "902", "904", "907", "911", "912"}},
		{Code: "GLO", Name: "Globacom", MNCs: []int{50},
			Aliases: []Alias{{Name: "GLOBACOM"}, {Name: "GLO MOBILE"}},
			Blocks:  []string{"705", "805", "807", "811", "815", "905", "915"}},
		{Code: "T2", Name: "T2", MNCs: []int{60},
			Aliases: []Alias{{Name: "ETISALAT", From: "2008", To: "2017-07"}, {Name: "9MOBILE", From: "2017-07", To: "2025-08"}, {Name: "EMTS"}, {Name: "T2MOBILE", From: "2025-08"}},
			Blocks:  []string{"809", "817", "818", "908", "909"}},
		{Code: "NTEL", Name: "ntel", MNCs: []int{40}, Aliases: []Alias{{Name: "MTEL"}, {Name: "NATCOM"}}, Blocks: []string{"7021", "7022", "804"}},
		{Code: "SMILE", Name: "Smile", MNCs: []int{27}, Aliases: []Alias{{Name: "SMILE COMMUNICATIONS"}}, Blocks: []string{"7020"}},
		{Code: "MAFAB", Name: "Mafab Communications", Blocks: []string{"801"}},
		{Code: "MULTILINKS", Name: "Multi-Links", Aliases: []Alias{{Name: "MULTI-LINKS TELKOM"}}, Blocks: []string{"7027", "709"}},
		{Code: "STARCOMMS", Name: "Starcomms", Blocks: []string{"7028", "7029", "819"}},
		{Code: "PRESTEL", Name: "Prestel", Blocks: []string{"7024"}},
	}
}

// OperatorOfIMSI gives the code of the operator whose network the card belongs
// to; empty for a foreign card and for a network code that we do not know.
func OperatorOfIMSI(i IMSI) string {
	if i.MCC() != nigerianMCC {
		return ""
	}
	switch i.MNC() {
	case 20:
		return "AIRTEL"
	case 27:
		return "SMILE"
	case 30:
		return "MTN"
	case 40:
		return "NTEL"
	case 50:
		return "GLO"
	case 60:
		return "T2"
	}
	return ""
}

// OperatorNamed finds an operator's code by code, name or alias, as files name
// it: case, spaces and hyphens do not count. Empty when none has that name.
func OperatorNamed(operators []Operator, name string) string {
	wanted := squeeze(name)
	if wanted == "" {
		return ""
	}
	for _, operator := range operators {
		if squeeze(operator.Code) == wanted || squeeze(operator.Name) == wanted {
			return operator.Code
		}
		for _, alias := range operator.Aliases {
			if squeeze(alias.Name) == wanted {
				return operator.Code
			}
		}
	}
	return ""
}

func squeeze(name string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '_' {
			return -1
		}
		return r
	}, strings.ToUpper(name))
}

// firstOwners spreads the blocks over all four-digit prefixes.
func firstOwners() (codes []string, owner [blocks]uint8) {
	codes = []string{""}
	for _, operator := range Operators() {
		codes = append(codes, operator.Code)
		for _, block := range operator.Blocks {
			first, width := 0, blocks
			for _, c := range block {
				width /= 10
				first += int(c-'0') * width
			}
			for i := range width {
				owner[first+i] = uint8(len(codes) - 1)
			}
		}
	}
	return codes, owner
}
