package numbering

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

func newTable(t testing.TB) *Table {
	table, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// Every block of four digits, at both ends and at five places within, against
// libphonenumber itself.
func TestTableIsLibphonenumber(t *testing.T) {
	table := newTable(t)
	random := rand.New(rand.NewPCG(1, 2))
	mobile := 0
	for block := range uint64(blocks) {
		probes := []uint64{0, numbersInABlock - 1}
		for range 5 {
			probes = append(probes, random.Uint64N(numbersInABlock))
		}
		if block >= 1000 && block%100 == 0 && testing.Short() {
			probes = probes[:2]
		}
		for _, tail := range probes {
			national := block*numbersInABlock + tail
			if want := validMobile(national); table.mobile[block] != want {
				t.Fatalf("0%010d: table says %v, libphonenumber %v", national, table.mobile[block], want)
			}
		}
		if table.mobile[block] {
			mobile++
		}
	}
	if mobile < 500 || mobile > 900 {
		t.Errorf("%d blocks of a million numbers are mobile; Nigeria has some 620", mobile)
	}
}

func TestMSISDNForms(t *testing.T) {
	const want = MSISDN(2348031234567)
	table := newTable(t)
	for _, form := range []string{
		"+2348031234567", "2348031234567", "08031234567", "8031234567",
		" 2348031234567", // a plus that a query string turned into a space
		"'08031234567", "'+2348031234567", "’8031234567", `="08031234567"`,
		"+234 (0)803 123 4567", "+234(0)8031234567", "23408031234567", "+234-803-123-4567", "0803.123.4567", "0803–123–4567",
		"0803 123 4567", "\u00a008031234567\u00a0", "\ufeff08031234567", "\u202a+2348031234567\u202c", "0803\u200b1234567", "\t08031234567\r",
		"002348031234567", "009 234 803 123 4567", "8031234567.0", "2348031234567.0", "(0803) 123-4567",
	} {
		if got, err := ParseMSISDN(form); err != nil || got != want {
			t.Errorf("ParseMSISDN(%q) = %v, %v", form, got, err)
		}
		if got, err := table.Parse([]byte(form)); err != nil || got != want {
			t.Errorf("Table.Parse(%q) = %v, %v", form, got, err)
		}
	}
}

func TestMSISDNRejections(t *testing.T) {
	table := newTable(t)
	cases := []struct{ cell, code, says string }{
		{"", Empty, "+2348031234567"},
		{"  ' ", Empty, "+2348031234567"},
		{"--", Empty, "no digit"},
		{"8.92342E+18", ExcelMangled, "as text"},
		{"2.34803E+12", ExcelMangled, "as text"},
		{"2,34803e12", ExcelMangled, "as text"},
		{"803123456.7", BadCharacter, "decimal point"},
		{"0803-FLOWERS", BadCharacter, "digits only"},
		{"08031234567/08051234567", BadCharacter, "one number"},
		{"08031234567 x12", BadCharacter, "one number"},
		{"0803\x001234567", BadCharacter, "digits only"},
		{"0803\xff1234567", BadCharacter, "digits only"},
		{"080+31234567", BadCharacter, "digits only"},
		{"++2348031234567", BadCharacter, "digits only"},
		{"0803123456", WrongLength, "there are 10"},
		{"080312345678", WrongLength, "there are 10"},
		{"+234803123456", WrongLength, "there are 10"},
		{"234080312345678", WrongLength, "there are 10"},
		{"00803123456", WrongLength, "there are 10"},
		{strings.Repeat("8", 18), WrongLength, "there are 10"},
		{strings.Repeat("8", 1<<20), WrongLength, "there are 10"},
		{"+447911123456", NotNigerian, "+234"},
		{"+8031234567", NotNigerian, "+234"},
		{"07025000000000"[:11], "", ""},
		{"07023000000", NotMobile, "mobile number"},
		{"08201234567", NotMobile, "mobile number"},
		{"09101234567", NotMobile, "mobile number"},
		{"2012345678", NotMobile, "mobile number"},
	}
	for _, c := range cases {
		_, slow := ParseMSISDN(c.cell)
		_, fast := table.Parse([]byte(c.cell))
		if fmt.Sprint(slow) != fmt.Sprint(fast) {
			t.Errorf("%.40q: the slow way says %v, the fast way %v", c.cell, slow, fast)
		}
		if c.code == "" {
			if slow != nil {
				t.Errorf("%q was refused: %v", c.cell, slow)
			}
			continue
		}
		var rejection *Rejection
		if !errors.As(slow, &rejection) || rejection.Code != c.code || !strings.Contains(rejection.Message, c.says) {
			t.Errorf("%.40q: got %#v, want %s and %q", c.cell, slow, c.code, c.says)
		}
	}
}

// What we take is what libphonenumber reads out of the same text.
func FuzzMSISDN(f *testing.F) {
	for _, seed := range []string{"+2348031234567", "08031234567", "8031234567", " 234 803 123 4567", "'+234 (0)803-123-4567",
		"8.92342E+18", "0803.123.4567", "07022123456", "009234802", "0803\u20111234567", "2342348031234567", "8031234567.0", "=\"0803\""} {
		f.Add([]byte(seed))
	}
	table := newTable(f)
	f.Fuzz(func(t *testing.T, cell []byte) {
		slow, err := ParseMSISDN(cell)
		fast, fastErr := table.Parse(cell)
		if slow != fast || fmt.Sprint(err) != fmt.Sprint(fastErr) {
			t.Fatalf("%q: slow %v %v, fast %v %v", cell, slow, err, fast, fastErr)
		}
		if err != nil {
			var rejection *Rejection
			if !errors.As(err, &rejection) || rejection.Code == "" || len(rejection.Message) < 20 {
				t.Fatalf("%q: refused without a reason: %#v", cell, err)
			}
			return
		}
		number, err := phonenumbers.Parse(slow.String(), "NG")
		if err != nil || !phonenumbers.IsValidNumber(number) || phonenumbers.Format(number, phonenumbers.E164) != slow.String() {
			t.Fatalf("%q became %v, which libphonenumber does not take: %v", cell, slow, err)
		}
		again, err := table.Parse(slow.Append(nil))
		if err != nil || again != slow {
			t.Fatalf("%v does not read back: %v, %v", slow, again, err)
		}
	})
}

func TestMSISDNInJSON(t *testing.T) {
	type body struct {
		Number MSISDN `json:"msisdn"`
	}
	data, err := json.Marshal(body{2348031234567})
	if err != nil || string(data) != `{"msisdn":"+2348031234567"}` {
		t.Fatalf("%s, %v", data, err)
	}
	var in body
	if err := json.Unmarshal([]byte(`{"msisdn":"\u002b234 803 123 4567"}`), &in); err != nil || in.Number != 2348031234567 {
		t.Fatalf("%v, %v", in, err)
	}
	for _, bad := range []string{`{"msisdn":8031234567}`, `{"msisdn":"0803"}`, `{"msisdn":""}`} {
		if err := json.Unmarshal([]byte(bad), &in); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	if got := MSISDN(2348031234567).Mask(); got != "+234803***4567" {
		t.Error(got)
	}
	if _, err := FromE164(2348031234567); err != nil {
		t.Error(err)
	}
	if _, err := FromE164(447911123456); err == nil {
		t.Error("a British number came out of the store")
	}
}

func TestBlocksNameTheirFirstOwner(t *testing.T) {
	table := newTable(t)
	for number, owner := range map[MSISDN]string{
		2348031234567: "MTN", 2347025123456: "MTN", 2347020123456: "SMILE", 2348091234567: "T2", 2348051234567: "GLO", 2348021234567: "AIRTEL", 2347121234567: "",
	} {
		if got := table.BlockOwner(number); got != owner {
			t.Errorf("%v belongs to %q, want %q", number, got, owner)
		}
	}
	if table.Flags(2348031234567, "MTN") != 0 || table.Flags(2348031234567, "GLO") != OtherBlock || table.Flags(2347121234567, "GLO") != 0 {
		t.Error("only a known owner that is not the reporting operator is worth a flag")
	}
}

// The list of blocks is checked against libphonenumber's own carrier data, so
// a slip of the pen shows.
func TestBlocksAgreeWithLibphonenumber(t *testing.T) {
	table := newTable(t)
	operators := Operators()
	for block := range int64(blocks) {
		number := firstE164 + MSISDN(block*numbersInABlock)
		if !table.Valid(number) {
			continue
		}
		parsed, err := phonenumbers.Parse(number.String(), "NG")
		if err != nil {
			t.Fatal(err)
		}
		carrier, err := phonenumbers.GetCarrierForNumber(parsed, "en")
		if err != nil {
			t.Fatal(err)
		}
		if carrier == "" {
			continue
		}
		if want := OperatorNamed(operators, carrier); want == "" || table.BlockOwner(number) != want {
			t.Errorf("0%d: we say %q, libphonenumber %q", block, table.BlockOwner(number), carrier)
		}
	}
}

func TestOperators(t *testing.T) {
	seen := map[string]bool{}
	for _, operator := range Operators() {
		for _, alias := range append(operator.Aliases, Alias{Name: operator.Code}) {
			if seen[squeeze(alias.Name)] {
				t.Errorf("two operators are called %s", alias.Name)
			}
			seen[squeeze(alias.Name)] = true
		}
		for _, mnc := range operator.MNCs {
			imsi := IMSI(nigerianMCC*1e12 + mnc*1e10 + 123456789)
			if got := OperatorOfIMSI(imsi); got != operator.Code {
				t.Errorf("network %d belongs to %q, want %s", mnc, got, operator.Code)
			}
		}
	}
	for name, code := range map[string]string{"mtn": "MTN", "9 Mobile": "T2", "Etisalat": "T2", "Visafone": "MTN", "": "", "Vodacom": ""} {
		if got := OperatorNamed(Operators(), name); got != code {
			t.Errorf("%q is %q, want %q", name, got, code)
		}
	}
}

func TestIMSI(t *testing.T) {
	imsi, flags, err := ParseIMSI("'621300123456789")
	if err != nil || imsi != 621300123456789 || flags != 0 || imsi.String() != "621300123456789" || OperatorOfIMSI(imsi) != "MTN" {
		t.Errorf("%v %v %v", imsi, flags, err)
	}
	for value, want := range map[string]Flags{"234150123456789": ForeignMCC, "621990123456789": UnknownMNC, "001010123456789": ForeignMCC} {
		imsi, flags, err := ParseIMSI([]byte(value))
		if err != nil || flags != want || imsi.String() != value {
			t.Errorf("%s: %v %v %v", value, imsi, flags.Names(), err)
		}
	}
	for value, code := range map[string]string{"": Empty, "62130012345678": WrongLength, "6213001234567890": WrongLength, "62130012345678X": BadCharacter, "6.213E+14": ExcelMangled} {
		if _, _, err := ParseIMSI(value); codeOf(err) != code {
			t.Errorf("%q: %v, want %s", value, err, code)
		}
	}
}

func TestICCID(t *testing.T) {
	cases := []struct {
		cell, card string
		flags      Flags
	}{
		{"8923401234567890120", "8923401234567890120", ICCIDLuhn},
		{"8923401234567890129", "8923401234567890129", 0},
		{" 8923401234567890129F ", "8923401234567890129", ICCIDPadded},
		{"'8923401234567890129f", "8923401234567890129", ICCIDPadded},
		{"89441234567890123456", "89441234567890123456", ICCIDCountry | ICCIDLuhn},
		{"SIM-0001", "SIM-0001", ICCIDLength | ICCIDCountry},
		{"F", "F", ICCIDLength | ICCIDCountry},
		{strings.Repeat("ọ", 50), strings.Repeat("ọ", 50), ICCIDLength | ICCIDCountry},
	}
	for _, c := range cases {
		card, flags, err := ICCID([]byte(c.cell))
		if err != nil || string(card) != c.card || flags != c.flags {
			t.Errorf("%q: %q %v %v, want %q %v", c.cell, card, flags.Names(), err, c.card, c.flags.Names())
		}
	}
	for value, code := range map[string]string{"": Empty, "  ": Empty, "8.92342E+18": ExcelMangled, strings.Repeat("8", 51): WrongLength, strings.Repeat("ọ", 51): WrongLength} {
		if _, _, err := ICCID([]byte(value)); codeOf(err) != code {
			t.Errorf("%.20q: %v, want %s", value, err, code)
		}
	}
}

func TestPersonNumbers(t *testing.T) {
	for value, want := range map[string]Flags{"12034561234": 0, "77777777777": RepeatedDigit, "12345678901": TestValue, "00000000000": RepeatedDigit | TestValue, "00123456789": 0} {
		nin, flags, err := ParseNIN(value)
		if err != nil || flags != want || nin.Reveal() != value {
			t.Errorf("%s: %v %v", value, flags.Names(), err)
		}
	}
	for value, want := range map[string]Flags{"22134561234": 0, "12034561234": BVNPrefix, "22222222222": RepeatedDigit | TestValue} {
		bvn, flags, err := ParseBVN([]byte(value))
		if err != nil || flags != want || bvn.Reveal() != value {
			t.Errorf("%s: %v %v", value, flags.Names(), err)
		}
	}
	for value, code := range map[string]string{"": Empty, "1203456123": WrongLength, "120345612345": WrongLength, "1203456123A": BadCharacter,
		"AB012345678901YZ": VirtualNIN, "1.20346E+10": ExcelMangled, "120 3456 1234": BadCharacter} {
		if _, _, err := ParseNIN(value); codeOf(err) != code {
			t.Errorf("%q: %v, want %s", value, err, code)
		}
	}
}

// A canary in every way of formatting: neither the number nor a rejection may
// show it.
func TestClass25PersonNumbersNeverShow(t *testing.T) {
	nin, bvn := NIN(12034567777), BVN(22134561234)
	asJSON, err := json.Marshal(map[string]any{"nin": nin, "bvn": bvn, "both": struct {
		N NIN
		B *BVN
	}{nin, &bvn}})
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%v %d %s %x %+v %#v %q", nin, nin, nin, nin, struct{ N NIN }{nin}, nin, nin) +
		fmt.Sprintf("%v %d %s %x %+v %#v %q", bvn, bvn, bvn, bvn, struct{ B BVN }{bvn}, bvn, bvn) + string(asJSON)
	for _, secret := range []string{"12034567777", "22134561234", fmt.Sprintf("%x", uint64(nin)), fmt.Sprintf("%x", uint64(bvn))} {
		if strings.Contains(shown, secret) {
			t.Errorf("%s shows in %s", secret, shown)
		}
	}
	if nin.String() != "120****7777" || bvn.String() != "221****1234" {
		t.Error(nin, bvn)
	}
	for _, cell := range []string{"481205612349", "4812056123X"} {
		if _, _, err := ParseNIN(cell); err == nil || strings.Contains(err.Error(), cell[:10]) {
			t.Errorf("the rejection repeats the value: %v", err)
		}
	}
	for value, want := range map[string]string{"": "", "123": "****", "1203456123": "****", "12034561299": "120****1299"} {
		if got := Mask(value); got != want {
			t.Errorf("Mask(%q) = %q, want %q", value, got, want)
		}
	}
	if got := MaskName("Ọlábísí  Adé-Ojo"); got != "Ọ*** A***" {
		t.Error(got)
	}
}

func FuzzCells(f *testing.F) {
	for _, seed := range []string{"8923401234567890129F", "621300123456789", "AB012345678901YZ", "22134561234", "'", "=\"\"", "F"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, cell []byte) {
		if imsi, _, err := ParseIMSI(cell); err == nil {
			if back, _, err := ParseIMSI(imsi.String()); imsi != 0 && (err != nil || back != imsi) {
				t.Fatalf("%q: %v", cell, err)
			}
		}
		if nin, _, err := ParseNIN(cell); err == nil && !bytes.Contains(cell, []byte(nin.Reveal())) {
			t.Fatalf("%q became %s", cell, nin.Reveal())
		}
		if bvn, _, err := ParseBVN(cell); err == nil && !bytes.Contains(cell, []byte(bvn.Reveal())) {
			t.Fatalf("%q became %s", cell, bvn.Reveal())
		}
		card, _, err := ICCID(cell)
		if err == nil {
			again, _, err := ICCID(card)
			if err != nil || !bytes.Equal(card, again) {
				t.Fatalf("%q → %q → %q, %v", cell, card, again, err)
			}
		}
	})
}

func codeOf(err error) string {
	var rejection *Rejection
	if errors.As(err, &rejection) {
		return rejection.Code
	}
	return ""
}

func BenchmarkTableParse(b *testing.B) {
	table := newTable(b)
	for _, form := range []string{"2348031234567", "+2348031234567", "08031234567", "8031234567", "+234 (0)803 123 4567"} {
		cell := []byte(form)
		b.Run(form, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := table.Parse(cell); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "M/s")
		})
	}
}

func BenchmarkParseMSISDN(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseMSISDN("+2348031234567"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(); err != nil {
			b.Fatal(err)
		}
	}
}
