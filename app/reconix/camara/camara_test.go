package camara_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/reconix/identity"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/receipt"
	"reconexus/app/reconix/reconixtest"
	"reconexus/app/reconix/tenure"
	"reconexus/app/rest"
	"reconexus/app/server"
	"reconexus/store/sqlite"
)

type held = reconixtest.Held

const (
	number = 2348031234567
	msisdn = "+2348031234567"
	ada    = "ADA OBI"
	bola   = "BOLA AHMED TINU"

	recycling = "/number-recycling/v0.2/check"
	swap      = "/sim-swap/v2/check"
	swapDate  = "/sim-swap/v2/retrieve-date"
	since     = "/kyc-tenure/v0.2/check-tenure"
	match     = "/kyc-match/v0.4/match"
	verify    = "/number-verification/v2/verify"
	device    = "/number-verification/v2/device-phone-number"
)

// asked are the routes with a body that is good of each.
func asked() map[string]string {
	return map[string]string{
		recycling: `{"phoneNumber":"` + msisdn + `","specifiedDate":"2022-06-01"}`,
		swap:      `{"phoneNumber":"` + msisdn + `"}`,
		swapDate:  `{"phoneNumber":"` + msisdn + `"}`,
		since:     `{"phoneNumber":"` + msisdn + `","tenureDate":"2022-06-01"}`,
		match:     `{"phoneNumber":"` + msisdn + `","name":"Bola Ahmed Tinu"}`,
	}
}

// known tells of a number that Ada had until 2021 and Bola has had since 2022, under
// feeds that reach back to October.
func (d *desk) known() {
	d.Helper()
	d.Tenures(number, held{From: "2020-01-01", To: "2021-01-01", By: ada}, held{From: "2022-01-01", By: bola})
	d.Feed("MTN", "2026-10-01", "2026-11-20")
}

func TestRecycling(t *testing.T) {
	d := open(t)
	d.known()
	d.Tenures(number+1, held{From: "2020-01-01", To: "2026-11-01", By: ada})                                    // given up
	d.Tenures(number+2, held{By: ada})                                                                          // since when is not known
	d.Tenures(number+3, held{From: "2020-01-01", To: "2021-01-01", By: ada}, held{From: "2022-01-01", By: ada}) // the same came back
	d.Tenures(number+4, held{From: "2020-01-01", By: ada, Operator: "GLO"})
	d.Feed("GLO", "2026-10-01", "2026-10-15")
	const ofGLO = 2348051234567 // with AIRTEL now; GLO, of whose block it is, has told until 15 October
	d.Tenures(ofGLO, held{From: "2026-11-10", By: ada, Operator: "AIRTEL"})
	d.Feed("AIRTEL", "2026-10-01", "2026-11-20")
	for _, c := range []struct {
		n      int64
		date   string
		status int
		code   string
		yes    bool
	}{
		{number, "2020-06-01", 200, "", true},
		{number, "2020-12-31", 200, "", true},
		{number, "2021-06-01", 200, "", true}, // in the gap
		{number, "2021-12-31", 200, "", true},
		{number, "2022-01-01", 200, "", false}, // the present tenure's first day
		{number, "2026-11-20", 200, "", false}, // today
		{number, "2026-11-21", 400, "OUT_OF_RANGE", false},
		{number, "2019-12-31", 400, "OUT_OF_RANGE", false}, // before all that is known
		{number, "1990-01-01", 400, "OUT_OF_RANGE", false},
		{number + 1, "2020-06-01", 404, "IDENTIFIER_NOT_FOUND", false},
		{number + 2, "2020-06-01", 400, "OUT_OF_RANGE", false},
		{number + 3, "2020-06-01", 200, "", false},
		{number + 4, "2026-10-16", 200, "", false},
		{number + 4, "2026-10-17", 400, "OUT_OF_RANGE", false}, // behind what its operator told
		{ofGLO, "2026-11-05", 400, "OUT_OF_RANGE", false},      // perhaps ported in since
		{ofGLO, "2026-10-10", 200, "", true},                   // with nobody: GLO would have told
		{ofGLO, "2026-11-10", 200, "", false},
		{number + 9, "2020-06-01", 404, "IDENTIFIER_NOT_FOUND", false},
	} {
		a := d.want(d.ask(recycling, fmt.Sprintf(`{"phoneNumber":"+%d","specifiedDate":%q}`, c.n, c.date)), c.status, c.code)
		if c.status == 200 {
			d.says(a, "phoneNumberRecycled", c.yes)
		}
	}
	// Lagos is an hour ahead: at half past eleven in the evening, UTC, it is tomorrow there.
	d.Pass(14*time.Hour + 30*time.Minute)
	d.want(d.ask(recycling, `{"phoneNumber":"`+msisdn+`","specifiedDate":"2026-11-21"}`), 200, "")
}

func TestWhoIsAskedAbout(t *testing.T) {
	d := open(t)
	d.known()
	for place, body := range asked() {
		without := strings.Replace(body, `"phoneNumber":"`+msisdn+`"`, `"x":1`, 1)
		d.want(d.ask(place, without), 422, "MISSING_IDENTIFIER")
		for _, foreign := range []string{"+447700900123", "+23412345678", "+2341234567890"} {
			d.want(d.ask(place, strings.Replace(body, msisdn, foreign, 1)), 422, "SERVICE_NOT_APPLICABLE")
		}
		for _, bad := range []string{"08031234567", "2348031234567", "+0123456", "+234803123456789012", "", "+234 803 123 4567"} {
			d.want(d.ask(place, strings.Replace(body, msisdn, bad, 1)), 400, "INVALID_ARGUMENT")
		}
		d.want(d.ask(place, strings.Replace(body, msisdn, "+2348039999999", 1)), 404, "IDENTIFIER_NOT_FOUND")
		d.want(d.ask(place, body), 200, "")

		d.Who.MSISDN = number
		d.want(d.ask(place, without), 200, "")
		if place == match { // the one that lets the number be named
			d.want(d.ask(place, body), 200, "")
			d.want(d.ask(place, strings.Replace(body, msisdn, "+2348031234568", 1)), 403, "INVALID_TOKEN_CONTEXT")
		} else {
			d.want(d.ask(place, body), 422, "UNNECESSARY_IDENTIFIER")
		}
		d.Who.MSISDN = number + 5
		d.want(d.ask(place, without), 404, "IDENTIFIER_NOT_FOUND")
		d.Who.MSISDN = 0
	}
}

func TestRequestsAsTheSpecificationsShapeThem(t *testing.T) {
	d := open(t)
	d.known()
	for place, body := range asked() {
		// What a specification does not know it does not forbid.
		d.want(d.ask(place, strings.Replace(body, "{", `{"unknown":{"deep":[1]},`, 1)), 200, "")
		for _, bad := range []string{"[]", "{", "null", `"x"`, strings.Replace(body, `"`+msisdn+`"`, "2348031234567", 1), strings.Replace(body, `"`+msisdn+`"`, "null", 1)} {
			d.want(d.ask(place, bad), 400, "INVALID_ARGUMENT")
		}
		d.want(d.ask(place, body, "Content-Type", "text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE")
		d.want(d.ask(place, ""), 400, "INVALID_ARGUMENT")
	}
	for _, bad := range []string{"", "yesterday", "2022-13-01", "2022-02-30", "2022-6-1", "2022-06-01T00:00:00Z"} {
		d.want(d.ask(recycling, fmt.Sprintf(`{"phoneNumber":%q,"specifiedDate":%q}`, msisdn, bad)), 400, "INVALID_ARGUMENT")
		d.want(d.ask(since, fmt.Sprintf(`{"phoneNumber":%q,"tenureDate":%q}`, msisdn, bad)), 400, "INVALID_ARGUMENT")
	}
	d.want(d.ask(recycling, `{"phoneNumber":"`+msisdn+`"}`), 400, "INVALID_ARGUMENT")
	for _, hours := range []string{"0", "-1", "2401", "99999999"} {
		d.want(d.ask(swap, `{"phoneNumber":"`+msisdn+`","maxAge":`+hours+`}`), 400, "OUT_OF_RANGE")
	}
	for _, hours := range []string{`"24"`, "1.5", "null", "[]"} {
		d.want(d.ask(swap, `{"phoneNumber":"`+msisdn+`","maxAge":`+hours+`}`), 400, "INVALID_ARGUMENT")
	}
	for _, bad := range []string{`"gender":"male"`, `"idDocumentType":"nin"`, `"birthdate":"1.2.1990"`, `"email":"nobody"`, `"name":7`} {
		d.want(d.ask(match, `{"phoneNumber":"`+msisdn+`",`+bad+`}`), 400, "INVALID_ARGUMENT")
	}
	d.want(d.ask(match, `{"phoneNumber":"`+msisdn+`"}`), 400, "KNOW_YOUR_CUSTOMER.INVALID_PARAM_COMBINATION")
	d.want(d.ask(match, `{"phoneNumber":"`+msisdn+`","unknown":1}`), 400, "KNOW_YOUR_CUSTOMER.INVALID_PARAM_COMBINATION")
}

// What a refusal says never repeats what was sent: it may be somebody's number.
func TestRefusalsRepeatNothing(t *testing.T) {
	d := open(t)
	d.known()
	const secret = "71234509876"
	for _, c := range [][2]string{
		{match, `{"phoneNumber":"` + secret + `","name":"x"}`}, {match, `{"phoneNumber":"` + msisdn + `","gender":"` + secret + `"}`},
		{recycling, `{"phoneNumber":"+` + secret + `","specifiedDate":"2022-01-01"}`}, {recycling, `{"phoneNumber":"` + msisdn + `","specifiedDate":"` + secret + `"}`},
		{verify, `{"hashedPhoneNumber":"` + secret + `"}`}, {swap, `{"phoneNumber":` + secret + `}`},
	} {
		if a := d.ask(c[0], c[1]); a.Code < 400 || strings.Contains(a.Text, secret) {
			t.Errorf("%s answers %s", c[0], a.Text)
		}
	}
	if strings.Contains(d.Logged(), secret) {
		t.Error("the log holds what was sent")
	}
}

func TestRefusalsOfThePipelineAreTheIndustrysToo(t *testing.T) {
	d := open(t, func(o *server.Options) { o.GeneralPerMinute = 200 })
	d.known()
	bank := d.Who
	for place, body := range asked() {
		d.Who = access.Principal{}
		d.want(d.ask(place, body), 401, "UNAUTHENTICATED")
		d.refusal = errRefused()
		d.want(d.ask(place, body), 401, "UNAUTHENTICATED")
		d.refusal = nil
		for _, who := range []access.Principal{machine(0, "number-verification:device-phone-number:read"), reconixtest.Admin(), machine(number, "kyc-tenure")} {
			d.Who = who
			d.want(d.ask(place, body), 403, "PERMISSION_DENIED")
		}
		d.Who = bank
		d.want(d.send(http.MethodGet, place, ""), 405, "METHOD_NOT_ALLOWED")
		d.want(d.ask(place+"s", body), 404, "NOT_FOUND")
		d.want(d.ask(place, strings.Replace(body, "{", `{"x":"1' OR '1'='1' --",`, 1)), 400, "INVALID_ARGUMENT")
		d.want(d.ask(place, strings.Replace(body, "{", `{"x":"`+strings.Repeat("x", 11<<20)+`",`, 1)), 413, "PAYLOAD_TOO_LARGE")
	}
	for range 200 {
		d.ask(recycling, asked()[recycling])
	}
	if a := d.want(d.ask(recycling, asked()[recycling]), 429, "TOO_MANY_REQUESTS"); a.Header.Get("Retry-After") == "" {
		t.Error("it does not say when to come again")
	}
}

func TestTheCorrelatorComesBack(t *testing.T) {
	d := open(t)
	d.known()
	for _, c := range []string{"b4333c46-49c0-4f62-80d7-f0ef930f1c46", "a_b;c:d./<e>{f}", strings.Repeat("x", 256)} {
		if got := d.ask(swap, asked()[swap], "X-Correlator", c).Header.Get("x-correlator"); got != c {
			t.Errorf("%q comes back as %q", c, got)
		}
	}
	made := d.ask(swap, asked()[swap]).Header.Get("x-correlator")
	if again := d.ask(swap, asked()[swap]).Header.Get("x-correlator"); made == again {
		t.Errorf("two exchanges have one made-up id: %s", made)
	}
	for _, bad := range []string{"a b", "ä", strings.Repeat("x", 257), `a"b`} {
		a := d.want(d.ask(swap, asked()[swap], "X-Correlator", bad), 400, "INVALID_ARGUMENT")
		if got := a.Header.Get("x-correlator"); got == bad {
			t.Errorf("%q comes back", bad)
		}
	}
}

// told writes what feeds said of a number, one after the other.
func (d *desk) told(n int64, all ...tenure.Observation) {
	d.Helper()
	for _, o := range all {
		o.MSISDN = n
		if o.Operator == "" {
			o.Operator = "MTN"
		}
		o.Seen = o.Day - 1
		d.Write(func(tx *sqlite.Tx) error {
			h, err := tenure.Of(tx, n)
			if err != nil {
				return err
			}
			return tenure.Record(tx, []tenure.Change{h.Observe(o)}, d.Clock(), "test")
		})
	}
}

func TestSwaps(t *testing.T) {
	d := open(t)
	d.Feed("MTN", "2026-10-01", "2026-11-20")
	d.Feed("GLO", "2026-10-01", "2026-11-10") // silent for ten days
	adas, _ := d.Keys.Name(nil, []byte(ada))
	bolas, _ := d.Keys.Name(nil, []byte(bola))
	row := func(on, activated string, who tenure.Holder, card int64) tenure.Observation {
		return tenure.Observation{Day: d.Day(on), Activated: d.Day(activated), Holder: who, Card: card}
	}
	at := func(operator string, o tenure.Observation) tenure.Observation { o.Operator = operator; return o }
	ended := func(o tenure.Observation) tenure.Observation { o.EndedAs = "churned"; return o }
	first := row("2026-10-01", "2020-01-01", adas, 1)

	for i, c := range []struct {
		name    string
		told    []tenure.Observation
		date    any // of the last swap
		free    any // days without one
		in      map[int]any
		unknown bool
	}{
		{"never", []tenure.Observation{first}, nil, 50.0, map[int]any{0: false, 1: false, 1200: false, 1201: false, 1300: "OUT_OF_RANGE", 2400: "OUT_OF_RANGE"}, false},
		{"a new card", []tenure.Observation{first, row("2026-11-15", "2020-01-01", adas, 2)}, "2026-11-15T00:00:00+01:00", nil,
			map[int]any{0: true, 1: false, 100: false, 120: true, 130: true, 2400: true}, false},
		{"today", []tenure.Observation{first, row("2026-11-20", "2020-01-01", adas, 2)}, "2026-11-20T00:00:00+01:00", nil, map[int]any{1: true}, false},
		{"a port", []tenure.Observation{at("GLO", first), row("2026-11-16", "2026-11-16", adas, 2)}, "2026-11-16T00:00:00+01:00", nil, map[int]any{0: true, 24: false}, false},
		{"a new subscription", []tenure.Observation{first, ended(row("2026-11-02", "2020-01-01", adas, 1)), row("2026-11-19", "2026-11-18", bolas, 2)},
			"2026-11-18T00:00:00+01:00", nil, map[int]any{0: true, 24: false, 48: true}, false},
		{"a new number", []tenure.Observation{row("2026-11-19", "2026-11-19", adas, 1)}, "2026-11-19T00:00:00+01:00", nil, map[int]any{24: true}, false},
		{"a silent operator", []tenure.Observation{at("GLO", first)}, nil, nil, map[int]any{24: "OUT_OF_RANGE"}, false},
		{"a silent operator's swap", []tenure.Observation{at("GLO", first), at("GLO", row("2026-11-09", "2020-01-01", adas, 2))}, "2026-11-09T00:00:00+01:00", nil,
			map[int]any{24: "OUT_OF_RANGE", 2400: true}, false},
		{"without feeds", []tenure.Observation{at("AIRTEL", first)}, nil, nil, map[int]any{24: "OUT_OF_RANGE"}, false},
		{"given up", []tenure.Observation{first, ended(row("2026-11-02", "2020-01-01", adas, 1))}, nil, nil, nil, true},
	} {
		n := number + int64(i)
		d.told(n, c.told...)
		phone := fmt.Sprintf(`"phoneNumber":"+%d"`, n)
		a := d.ask(swapDate, "{"+phone+"}")
		if c.unknown {
			d.want(a, 404, "IDENTIFIER_NOT_FOUND")
			d.want(d.ask(swap, "{"+phone+"}"), 404, "IDENTIFIER_NOT_FOUND")
			continue
		}
		if date, there := a.Body["latestSimChange"]; !there || date != c.date || a.Body["monitoredPeriod"] != c.free {
			t.Errorf("%s: %s, want %v or free for %v", c.name, a.Text, c.date, c.free)
		}
		for hours, want := range c.in {
			body := "{" + phone + fmt.Sprintf(`,"maxAge":%d}`, hours)
			if hours == 0 {
				body = "{" + phone + "}" // ten days
			}
			a := d.ask(swap, body)
			if a.Body["swapped"] != want && a.Body["code"] != want {
				t.Errorf("%s, within %d hours: %s, want %v", c.name, hours, a.Text, want)
			}
		}
	}
}

func TestTenures(t *testing.T) {
	d := open(t)
	d.known()
	d.Tenures(number+1, held{From: "2020-01-01", To: "2021-01-01", By: ada}, held{From: "2022-01-01", By: ada}) // a pause
	d.Tenures(number+2, held{From: "2020-01-01", To: "2021-01-01", By: ada}, held{From: "2021-01-01", By: ada}) // none
	d.Tenures(number+3, held{By: ada})
	d.Tenures(number+4, held{From: "2020-01-01", To: "2026-11-01", By: ada})
	for _, c := range []struct {
		n    int64
		date string
		code string
		yes  bool
	}{
		{number, "2021-12-31", "", false},
		{number, "2022-01-01", "", true},
		{number, "2026-11-20", "", true},
		{number, "1990-01-01", "", false}, // certain: it was given to the present holder later
		{number, "2026-11-21", "OUT_OF_RANGE", false},
		{number + 1, "2020-06-01", "", false},
		{number + 1, "2022-06-01", "", true},
		{number + 2, "2020-06-01", "", true},
		{number + 3, "2020-06-01", "OUT_OF_RANGE", false},
		{number + 4, "2020-06-01", "IDENTIFIER_NOT_FOUND", false},
	} {
		status := map[string]int{"": 200, "OUT_OF_RANGE": 400, "IDENTIFIER_NOT_FOUND": 404}[c.code]
		a := d.want(d.ask(since, fmt.Sprintf(`{"phoneNumber":"+%d","tenureDate":%q}`, c.n, c.date)), status, c.code)
		if status == 200 {
			d.says(a, "tenureDateCheck", c.yes)
		}
	}
}

// linked links a NIN to a number since a day.
func (d *desk) linked(n, nin, on string) {
	d.Helper()
	if _, err := d.linkages.Report(d.Context(), reconixtest.Admin(), linkage.Report{MSISDN: n, Kind: linkage.NIN, Number: nin, From: d.Day(on), Source: "test"}); err != nil {
		d.Fatal(err)
	}
}

func TestMatches(t *testing.T) {
	d := open(t)
	const nin, other = "71234509876", "71234509877"
	d.known() // by name
	d.Tenures(number+1, held{From: "2020-01-01", NIN: nin})
	for _, c := range []struct {
		n    int64
		sent string
		want map[string]any
	}{
		{number, `"name":"Bola Ahmed Tinu"`, map[string]any{"nameMatch": "true"}},
		{number, `"name":"Mr TINU, Bola Ahmad"`, map[string]any{"nameMatch": "true"}},
		{number, `"name":"Ada Obi"`, map[string]any{"nameMatch": "false"}},
		{number, `"name":"Bola Ahmed Musa"`, map[string]any{"nameMatch": "not_available"}}, // alike: nobody can say
		{number, `"name":"12345"`, map[string]any{"nameMatch": "not_available"}},
		{number, `"idDocument":"` + nin + `"`, map[string]any{"idDocumentMatch": "not_available"}},
		{number + 1, `"idDocument":"` + nin + `"`, map[string]any{"idDocumentMatch": "true"}},
		{number + 1, `"idDocument":"` + nin + `","idDocumentType":"national_id_card","name":"Bola Tinu"`,
			map[string]any{"idDocumentMatch": "true", "idDocumentTypeMatch": "true", "nameMatch": "not_available"}},
		{number + 1, `"idDocument":"` + other + `"`, map[string]any{"idDocumentMatch": "false"}},
		{number + 1, `"idDocument":"` + nin + `","idDocumentType":"passport"`, map[string]any{"idDocumentMatch": "not_available", "idDocumentTypeMatch": "not_available"}},
		{number + 1, `"idDocument":"A1234567"`, map[string]any{"idDocumentMatch": "not_available"}},
		{number + 1, `"idDocument":"AB012345678901YZ","idDocumentType":"national_id_card"`, map[string]any{"idDocumentMatch": "not_available", "idDocumentTypeMatch": "true"}},
		{number, `"givenName":"Bola","familyName":"Tinu","birthdate":"1990-01-31","gender":"OTHER","email":"bola@example.ng","country":"NG"`, map[string]any{
			"givenNameMatch": "not_available", "familyNameMatch": "not_available", "birthdateMatch": "not_available", "genderMatch": "not_available",
			"emailMatch": "not_available", "countryMatch": "not_available"}},
	} {
		a := d.ask(match, fmt.Sprintf(`{"phoneNumber":"+%d",%s}`, c.n, c.sent))
		want, _ := json.Marshal(c.want)
		got, _ := json.Marshal(a.Body)
		if a.Code != 200 || string(got) != string(want) {
			t.Errorf("%s: %d %s, want %s", c.sent, a.Code, a.Text, want)
		}
	}
	// Everything that can be sent is answered, by its own name, and nothing else.
	everything := `"idDocument":"66666666q","idDocumentType":"passport","idDocumentExpiryDate":"2027-07-12","name":"Federica Sanchez Arjona","givenName":"Federica","familyName":"Sanchez Arjona",
		"nameKanaHankaku":"federica","nameKanaZenkaku":"Ｆ","middleNames":"Sanchez","familyNameAtBirth":"YYYY","address":"Iidabashi 3-10-10","streetName":"Nicolas Salmeron","streetNumber":"4",
		"postalCode":"1028460","region":"Tokyo","locality":"ZZZZ","country":"JP","houseNumberExtension":"VVVV","birthdate":"1978-08-22","email":"abc@example.com","gender":"OTHER",
		"cityOfBirth":"Madrid","countryOfBirth":"ES","nationality":"ES"`
	var sent map[string]any
	if err := json.Unmarshal([]byte("{"+everything+"}"), &sent); err != nil {
		t.Fatal(err)
	}
	a := d.ask(match, `{"phoneNumber":"`+msisdn+`",`+everything+`}`)
	for name := range sent {
		if a.Body[name+"Match"] == nil {
			t.Errorf("%s is not answered: %s", name, a.Text)
		}
	}
	if len(a.Body) != len(sent) || strings.Contains(a.Text, "Score") {
		t.Errorf("more is answered than was asked: %s", a.Text)
	}
}

// A NIN is confirmed by the linkage of the present holder, never by a stale one: that
// would tell a bank that the stranger who has the number now is its customer.
func TestAStaleLinkageConfirmsNothing(t *testing.T) {
	d := open(t)
	d.known()
	const adas, bolas = "71234509876", "71234509877"
	d.linked(msisdn, adas, "2020-02-01")
	d.says(d.ask(match, `{"phoneNumber":"`+msisdn+`","idDocument":"`+adas+`"}`), "idDocumentMatch", "not_available")
	d.linked(msisdn, bolas, "2022-02-01")
	d.says(d.ask(match, `{"phoneNumber":"`+msisdn+`","idDocument":"`+bolas+`"}`), "idDocumentMatch", "true")
	d.says(d.ask(match, `{"phoneNumber":"`+msisdn+`","idDocument":"`+adas+`"}`), "idDocumentMatch", "false")
}

func TestANINCannotBeFoundByTrying(t *testing.T) {
	d := open(t)
	const nin = "71234509876"
	d.Tenures(number, held{From: "2020-01-01", NIN: nin})
	try := func(guess string) string {
		a := d.ask(match, `{"phoneNumber":"`+msisdn+`","idDocument":"`+guess+`"}`)
		said, _ := a.Body["idDocumentMatch"].(string)
		return said
	}
	for range 20 {
		if got := try(nin); got != "true" {
			t.Fatalf("who knows it is answered %s", got)
		}
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	said := map[string]int{}
	for i := range 40 {
		all.Go(func() {
			got := try(fmt.Sprintf("7123450%04d", i))
			mu.Lock()
			defer mu.Unlock()
			said[got]++
		})
	}
	all.Wait()
	if said["false"] != 5 || said["not_available"] != 35 {
		t.Errorf("40 guesses at once are answered %v", said)
	}
	if got := try(nin); got != "not_available" {
		t.Errorf("after too many guesses the right one is answered %s", got)
	}
	if !strings.Contains(d.Dump("audit_entry"), "camara.match_limit") || strings.Contains(d.Dump("audit_entry"), nin) {
		t.Error("the audit log does not tell of it, or too much")
	}
	for caller := range 3 { // others may ask, until there are too many of them
		d.Who.ID = fmt.Sprint("key_", caller)
		for i := range 5 {
			if got := try(fmt.Sprintf("7123451%04d", i)); got != "false" {
				t.Errorf("caller %d is answered %s", caller, got)
			}
		}
	}
	d.Who.ID = "key_9"
	if got := try(nin); got != "not_available" {
		t.Errorf("many callers together guess on: %s", got)
	}
	d.Pass(24 * time.Hour)
	if got := try(nin); got != "true" {
		t.Errorf("a day later it is answered %s", got)
	}
}

func TestVerification(t *testing.T) {
	d := open(t)
	sum := sha256.Sum256([]byte(msisdn))
	digest := hex.EncodeToString(sum[:])
	d.want(d.ask(verify, `{"phoneNumber":"`+msisdn+`"}`), 403, "NUMBER_VERIFICATION.USER_NOT_AUTHENTICATED_BY_MOBILE_NETWORK")
	d.Who = machine(number, "number-verification:verify", "number-verification:device-phone-number:read")
	for body, want := range map[string]bool{
		`{"phoneNumber":"` + msisdn + `"}`:                        true,
		`{"phoneNumber":"+2348031234568"}`:                        false,
		`{"phoneNumber":"+447700900123"}`:                         false,
		`{"hashedPhoneNumber":"` + digest + `"}`:                  true,
		`{"hashedPhoneNumber":"` + strings.ToUpper(digest) + `"}`: true,
		`{"hashedPhoneNumber":"` + strings.Repeat("a", 64) + `"}`: false,
	} {
		d.says(d.ask(verify, body), "devicePhoneNumberVerified", want)
	}
	for _, bad := range []string{`{}`, `{"phoneNumber":"` + msisdn + `","hashedPhoneNumber":"` + digest + `"}`, `{"phoneNumber":"` + msisdn + `","x":1}`, `{"x":1}`, `{"phoneNumber":"x"}`, `{"hashedPhoneNumber":"ab"}`} {
		d.want(d.ask(verify, bad), 400, "INVALID_ARGUMENT")
	}
	d.says(d.send(http.MethodGet, device, ""), "devicePhoneNumber", msisdn)
	d.Who = machine(0, "number-verification:device-phone-number:read")
	d.want(d.send(http.MethodGet, device, ""), 403, "NUMBER_VERIFICATION.USER_NOT_AUTHENTICATED_BY_MOBILE_NETWORK")
	d.Who = machine(number, "number-verification:verify")
	d.want(d.send(http.MethodGet, device, ""), 403, "PERMISSION_DENIED")
}

// security.md class 1: another operator's number is as one that nobody knows.
func TestTenantsAskAboutTheirOwn(t *testing.T) {
	d := open(t)
	d.known()
	for place, body := range asked() {
		d.Who.Operator = "MTN"
		d.want(d.ask(place, body), 200, "")
		d.Who.Operator = "GLO"
		a := d.want(d.ask(place, body), 404, "IDENTIFIER_NOT_FOUND")
		if random := d.ask(place, strings.Replace(body, msisdn, "+2348039999999", 1)); random.Text != a.Text {
			t.Errorf("%s: %s differs from %s", place, a.Text, random.Text)
		}
	}
}

func TestWhoAskedIsOnRecord(t *testing.T) {
	d := open(t)
	d.known()
	d.Who.Scopes = append(d.Who.Scopes, "number-verification:device-phone-number:read")
	for place, body := range asked() {
		d.ask(place, body)
	}
	d.Who.MSISDN = number
	d.ask(verify, `{"phoneNumber":"`+msisdn+`"}`)
	d.send(http.MethodGet, device, "")
	if err := d.identity.Lookups().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := sqlite.Read(t.Context(), d.DB, func(tx *sqlite.Tx) ([]identity.Inquiry, error) { return identity.Inquiries(tx, number, 100) })
	if err != nil || len(all) != 7 {
		t.Fatal(all, err)
	}
	for _, q := range all {
		if q.Actor != "key_bank" || !strings.HasPrefix(q.Purpose, "CAMARA ") {
			t.Errorf("%+v", q)
		}
	}
}

func TestReceiptsOfAnswers(t *testing.T) {
	d := open(t)
	d.known()
	for place, want := range map[string]string{
		recycling: "question recycled-since, msisdn +2348031234567, date 2022-06-01, answer no, as_of 2026-11-20T09:00:00Z, asked_by key_bank, correlator c-1",
		swap:      "question sim-swapped-since, msisdn +2348031234567, hours 240, answer no, as_of 2026-11-20T09:00:00Z, asked_by key_bank, correlator c-1",
		since:     "question held-since, msisdn +2348031234567, date 2022-06-01, answer yes, as_of 2026-11-20T09:00:00Z, asked_by key_bank, correlator c-1",
	} {
		a := d.ask(place, asked()[place], "X-Receipt", "true", "X-Correlator", "c-1")
		r, err := receipt.Verify([]byte(a.Header.Get("X-Receipt")), d.Audit.Key())
		if err != nil {
			t.Fatal(place, err, a.Text)
		}
		var told []string
		for _, f := range r.Facts {
			told = append(told, f.Name+" "+f.Value)
		}
		if got := strings.Join(told, ", "); got != want {
			t.Errorf("%s: %s, want %s", place, got, want)
		}
		if a := d.ask(place, asked()[place]); a.Header.Get("X-Receipt") != "" {
			t.Errorf("%s gives a receipt that nobody asked for", place)
		}
	}
}

// security.md class 25.
func TestNoNINLeaks(t *testing.T) {
	d := open(t)
	const nin, guess = "71234509876", "71234509877"
	d.Tenures(number, held{From: "2020-01-01", NIN: nin})
	for _, sent := range []string{nin, guess, nin, guess, guess, guess, guess, guess} {
		for _, kind := range []string{"", `,"idDocumentType":"national_id_card"`, `,"idDocumentType":"` + sent + `"`, `,"` + sent + `":null`} {
			if a := d.ask(match, `{"phoneNumber":"`+msisdn+`","idDocument":"`+sent+`"`+kind+`}`); strings.Contains(a.Text, sent) || strings.Contains(fmt.Sprint(a.Header), sent) {
				t.Errorf("what was sent comes back: %s", a.Text)
			}
		}
	}
	if err := d.identity.Lookups().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.RemoteAddr = "127.0.0.1:9"
	d.server.ServeHTTP(w, r)
	for name, text := range map[string]string{"log": d.Logged(), "store": d.Dump("audit_entry", "lookup", "tenure"), "metrics": w.Body.String()} {
		if text == "" || strings.Contains(text, nin) || strings.Contains(text, guess) {
			t.Errorf("the %s holds a NIN, or nothing at all", name)
		}
	}
}

// BenchmarkRecycling is the question behind the whole pipeline.
func BenchmarkRecycling(b *testing.B) {
	d := open(b)
	d.known()
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, rest.Base+recycling, strings.NewReader(asked()[recycling]))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		if d.server.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
}
