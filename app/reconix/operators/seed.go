package operators

import (
	"fmt"
	"slices"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/numbering"
)

// seedOperators is what a new installation begins with: the networks that sell SIMs
// today, with the names that package numbering knows, and some of the virtual
// operators that the Nigerian Communications Commission has licensed since 2023.
func seedOperators() []Operator {
	var out []Operator
	live := []string{"MTN", "AIRTEL", "GLO", "T2", "NTEL", "SMILE", "MAFAB"}
	for _, n := range numbering.Operators() {
		if !slices.Contains(live, n.Code) {
			continue
		}
		o := Operator{Code: n.Code, Name: n.Name, Aliases: []Alias{}, ValidFrom: day.None, ValidTo: day.None}
		if len(n.MNCs) > 0 {
			o.MNC = fmt.Sprintf("%02d", n.MNCs[0])
		}
		for _, a := range n.Aliases {
			o.Aliases = append(o.Aliases, Alias{a.Name, since(a.From), since(a.To)})
		}
		out = append(out, o)
	}
	for _, v := range []struct{ code, name, host, alias string }{
		{"VITEL", "Vitel Wireless", "MTN", "VITEL WIRELESS LIMITED"},
		{"PISI", "Pisi Mobile", "", "PISI MOBILE SERVICES"},
		{"IMOSE", "Imose Technologies", "", "IMOSE TECHNOLOGIES LIMITED"},
		{"TELEWYZ", "Telewyz", "", "TELEWYZ LIMITED"},
	} {
		out = append(out, Operator{
			Code: v.code, Name: v.name, HostCode: v.host, ValidFrom: since("2023"), ValidTo: day.None,
			Aliases: []Alias{{v.alias, day.None, day.None}},
		})
	}
	return out
}

// since is the first day of "2017-07-13", "2017-07" or "2017"; empty is not known.
func since(text string) day.Day {
	if text == "" {
		return day.None
	}
	d, err := day.Parse((text + "-01-01")[:len("2006-01-02")])
	if err != nil {
		return day.None
	}
	return d
}

// seedBanks: the Central Bank of Nigeria's codes as cheques and transfers carry them.
// A bank that merged or lost its licence stays, since linkages still name it.
func seedBanks() []Bank {
	var out []Bank
	for _, b := range []struct{ code, name, to string }{
		{"011", "First Bank of Nigeria", ""},
		{"023", "Citibank Nigeria", ""},
		{"030", "Heritage Bank", "2024-06-03"}, // licence revoked
		{"032", "Union Bank of Nigeria", ""},
		{"033", "United Bank for Africa", ""},
		{"035", "Wema Bank", ""},
		{"044", "Access Bank", ""},
		{"050", "Ecobank Nigeria", ""},
		{"057", "Zenith Bank", ""},
		{"058", "Guaranty Trust Bank", ""},
		{"063", "Diamond Bank", "2019-03-19"}, // merged into Access
		{"068", "Standard Chartered Bank Nigeria", ""},
		{"070", "Fidelity Bank", ""},
		{"076", "Polaris Bank", ""},
		{"082", "Keystone Bank", ""},
		{"100", "SunTrust Bank", ""},
		{"101", "Providus Bank", ""},
		{"102", "Titan Trust Bank", ""},
		{"103", "Globus Bank", ""},
		{"104", "Parallex Bank", ""},
		{"105", "PremiumTrust Bank", ""},
		{"106", "Signature Bank", ""},
		{"107", "Optimus Bank", ""},
		{"214", "First City Monument Bank", ""},
		{"215", "Unity Bank", ""},
		{"221", "Stanbic IBTC Bank", ""},
		{"232", "Sterling Bank", ""},
		{"301", "Jaiz Bank", ""},
		{"302", "TAJBank", ""},
		{"303", "Lotus Bank", ""},
	} {
		out = append(out, Bank{Code: b.code, Name: b.name, ValidFrom: day.None, ValidTo: since(b.to)})
	}
	return out
}
