package identity_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/reconix/identity"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/reconixtest"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

type held = reconixtest.Held

// desk is the feature behind its front door.
type desk struct {
	*reconixtest.House
	service  *identity.Service
	linkages *linkage.Service
}

func open(t testing.TB) *desk {
	t.Helper()
	d := &desk{House: reconixtest.Open(t)}
	d.linkages = linkage.New(linkage.Service{DB: d.DB, Dir: d.Dir, Clock: d.Clock, Ring: d.Ring, Keys: d.Keys, Table: d.Table, Audit: d.Audit, Jobs: d.Jobs, Log: d.Log})
	d.service = identity.New(identity.Service{DB: d.DB, Clock: d.Clock, Table: d.Table, Audit: d.Audit, Log: d.Log})
	d.service.Mount(d.API)
	d.Write(func(tx *sqlite.Tx) error {
		_, err := sqlite.Exec(tx, `INSERT INTO bank (code, name) VALUES ('044', 'Access Bank'), ('058', 'Guaranty Trust Bank')`)
		return err
	})
	return d
}

const (
	number = 2348031234567
	msisdn = "+2348031234567"
	ada    = "ADA OBI"
	bola   = "BOLA AHMED TINU"
)

// linked reports a linkage; kind is NIN or the code of a bank.
func (d *desk) linked(msisdn, kind, digits, since string) {
	d.Helper()
	r := linkage.Report{MSISDN: msisdn, Kind: linkage.BVN, Number: digits, Bank: kind, From: d.Day(since), Source: "NIBSS"}
	if kind == "NIN" {
		r.Kind, r.Bank, r.Source = linkage.NIN, "", "NIMC"
	}
	if _, err := d.linkages.Report(d.Context(), reconixtest.Admin(), r); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) status(msisdn string) map[string]any {
	d.Helper()
	a := d.Ask(http.MethodGet, "/identity/msisdn/"+msisdn+"/status", "")
	if a.Code != 200 {
		d.Fatalf("%d %s", a.Code, a.Text)
	}
	return a.Body
}

func TestTheStatusOfANumber(t *testing.T) {
	const nin, other, bvn = "71234509876", "71234509870", "22987601234"
	for _, c := range []struct {
		name     string
		held     []held
		nin, bvn string // linked since
		report   string // SQL of the record of a recycling
		status   identity.Status
		recycled bool
		assign   bool
		evidence string
	}{
		{name: "unknown", status: identity.Unknown, evidence: "none"},
		{name: "only linked", nin: "2020-01-01", status: identity.Unknown, evidence: "linkage"},
		{name: "held", held: []held{{From: "2020-01-01", By: ada}}, status: identity.Active, evidence: "tenure"},
		{name: "held and linked", held: []held{{From: "2020-01-01", By: ada}}, nin: "2020-02-01", bvn: "2021-01-01", status: identity.Active, evidence: "tenure+linkage"},
		{name: "held, linked to somebody before", held: []held{{From: "2020-01-01", By: ada}}, nin: "2019-02-01", status: identity.Conflicted, recycled: true, evidence: "tenure+linkage"},
		{name: "recycled and clean", held: []held{{From: "2020-01-01", To: "2021-01-01", By: ada}, {From: "2022-01-01", By: bola}}, nin: "2022-02-01", status: identity.Recycled, recycled: true, evidence: "tenure+linkage"},
		{name: "recycled with a stale linkage", held: []held{{From: "2020-01-01", To: "2021-01-01", By: ada}, {From: "2022-01-01", By: bola}}, bvn: "2020-02-01", status: identity.Conflicted, recycled: true, evidence: "tenure+linkage"},
		{name: "back with the same holder", held: []held{{From: "2020-01-01", To: "2021-01-01", By: ada}, {From: "2022-01-01", By: ada}}, bvn: "2020-02-01", status: identity.Active, evidence: "tenure+linkage"},
		{name: "given out again, to whom is unknown", held: []held{{From: "2020-01-01", To: "2021-01-01", By: ada}, {From: "2022-01-01"}}, bvn: "2020-02-01", status: identity.Active, evidence: "tenure+linkage"},
		{name: "given back and clean", held: []held{{From: "2020-01-01", To: "2021-01-01", By: ada}}, status: identity.Available, assign: true, evidence: "tenure"},
		{name: "given back and still linked", held: []held{{From: "2020-01-01", To: "2021-01-01", By: ada}}, nin: "2020-02-01", status: identity.Conflicted, evidence: "tenure+linkage"},
		{name: "reported by the operator", report: `('sim_1', ?, 1, 'MTN', 'operator_report', 0)`, status: identity.Recycled, recycled: true, evidence: "report"},
		{name: "reported with a NIN of before", report: `('sim_1', ?, 1, 'MTN', 'operator_report', 1)`, status: identity.Conflicted, recycled: true, evidence: "report"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open(t)
			if len(c.held) > 0 {
				d.Tenures(number, c.held...)
			}
			if c.nin != "" {
				d.linked(msisdn, "NIN", nin, c.nin)
			}
			if c.bvn != "" {
				d.linked(msisdn, "044", bvn, c.bvn)
			}
			if c.report != "" {
				d.Write(func(tx *sqlite.Tx) error {
					_, err := sqlite.Exec(tx, `INSERT INTO recycled_sim (id, msisdn, generation, operator_code, detection_method, previous_nin_linked, created_at, updated_at)
						SELECT column1, column2, column3, column4, column5, column6, 0, 0 FROM (VALUES `+c.report+`)`, number)
					return err
				})
			}
			got := d.status(msisdn)
			if got["status"] != string(c.status) || got["is_recycled"] != c.recycled || got["can_assign_to_new_user"] != c.assign || got["evidence"] != c.evidence {
				t.Errorf("%v", got)
			}
			if (len(got["blockers"].([]any)) == 0) != c.assign {
				t.Errorf("can be assigned: %v, but blockers: %v", c.assign, got["blockers"])
			}
			full, err := d.service.StatusOf(t.Context(), d.Who, number, time.Time{})
			brief, wrong := d.service.Brief(t.Context(), d.Who, number)
			if err != nil || wrong != nil || full.Assessment != brief.Assessment || len(full.History) != len(brief.History) {
				t.Errorf("read in full and in brief: %+v %v, %+v %v", full.Assessment, err, brief.Assessment, wrong)
			}
			look := d.Ask(http.MethodGet, "/identity/lookup?msisdn="+msisdn, "")
			batch := d.Ask(http.MethodPost, "/identity/batch-lookup", `{"msisdns":["`+msisdn+`"]}`)
			one := batch.Body["mappings"].([]any)[0].(map[string]any)
			for _, field := range []string{"status", "is_recycled", "nin", "bvn", "confidence_score", "operator_code", "nin_linkage_active"} {
				if one[field] != look.Body[field] {
					t.Errorf("%s: a batch says %v, a single look-up %v", field, one[field], look.Body[field])
				}
			}
			if look.Body["status"] != string(c.status) || look.Body["nin_linkage_active"] != (c.nin != "") || look.Body["bvn_linkage_active"] != (c.bvn != "") {
				t.Errorf("look-up: %s", look.Text)
			}
		})
	}
}

func TestEveryFormOfANumberIsUnderstood(t *testing.T) {
	d := open(t)
	d.Tenures(number, held{From: "2020-01-01", By: ada})
	for _, form := range []string{"+2348031234567", "%2B2348031234567", "2348031234567", "08031234567", "%202348031234567"} {
		if got := d.status(form); got["msisdn"] != msisdn || got["status"] != "ACTIVE" {
			t.Errorf("%s: %v", form, got)
		}
	}
	// An unescaped plus in a query string arrives as a space.
	if a := d.Ask(http.MethodGet, "/identity/lookup?msisdn=+2348031234567", ""); a.Code != 200 || a.Body["msisdn"] != msisdn {
		t.Errorf("%d %s", a.Code, a.Text)
	}
	for _, path := range []string{"/identity/msisdn/12345/status", "/identity/msisdn/nonsense/linkages", "/identity/lookup?msisdn=%2B4412345678", "/identity/lookup"} {
		if a := d.Ask(http.MethodGet, path, ""); a.Code != 422 || !strings.Contains(a.Text, "errors") {
			t.Errorf("%s: %d %s", path, a.Code, a.Text)
		}
	}
	for _, body := range []string{`{"msisdns":[]}`, `{}`, `{"msisdns":["x"]}`, `{"msisdns":["` + strings.Repeat(`08031234567","`, 100) + `08031234567"]}`} {
		if a := d.Ask(http.MethodPost, "/identity/batch-lookup", body); a.Code != 422 {
			t.Errorf("%.40s: %d %s", body, a.Code, a.Text)
		}
	}
}

func TestAnAnswerCanBeGivenAsItWasKnown(t *testing.T) {
	d := open(t)
	first := d.History(number, held{From: "2020-01-01", By: ada})
	d.Tenures(number, held{From: "2020-01-01", By: ada})
	d.linked(msisdn, "044", "22987601234", "2020-02-01")
	d.Pass(10 * 24 * time.Hour)
	d.Write(func(tx *sqlite.Tx) error {
		ended := d.History(number, held{From: "2020-01-01", To: "2026-11-01", By: ada}, held{From: "2026-11-25", By: bola})
		first[0].Learnt = d.Clock().Add(-10 * 24 * time.Hour)
		return tenure.Record(tx, []tenure.Change{{Retract: first, Add: ended}}, d.Clock(), "test")
	})
	if got := d.status(msisdn); got["status"] != "CONFLICTED" || got["is_recycled"] != true {
		t.Fatalf("now: %v", got)
	}
	for asked, want := range map[string]string{
		"2026-11-19": "UNKNOWN", "2026-11-20": "ACTIVE", "2026-11-22T00:00:00Z": "ACTIVE", "2026-11-30": "CONFLICTED", "2026-11-20T08:59:59Z": "UNKNOWN",
	} {
		a := d.Ask(http.MethodGet, "/identity/msisdn/"+msisdn+"/status?as_known_on="+asked, "")
		if a.Body["status"] != want {
			t.Errorf("as known on %s: %s, want %s", asked, a.Text, want)
		}
	}
	for _, bad := range []string{"2027-01-01", "yesterday", "2026-13-01"} {
		if a := d.Ask(http.MethodGet, "/identity/msisdn/"+msisdn+"/status?as_known_on="+bad, ""); a.Code != 422 {
			t.Errorf("as known on %s: %d", bad, a.Code)
		}
	}
}

func TestConfidenceIsAgreement(t *testing.T) {
	d := open(t)
	look := func(n string) map[string]any {
		a := d.Ask(http.MethodGet, "/identity/lookup?msisdn="+n, "")
		if a.Code != 200 {
			t.Fatal(a.Text)
		}
		return a.Body
	}
	score := func(n string) float64 { return look(n)["confidence_score"].(float64) }
	numbers := make([]string, 6)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("+2348031234%03d", i)
		if i > 0 {
			d.Tenures(2348031234000+int64(i), held{From: "2020-01-01", By: ada})
		}
	}
	d.linked(numbers[2], "NIN", "71234509876", "2020-02-01")
	d.linked(numbers[3], "NIN", "71234509876", "2020-02-01")
	d.linked(numbers[3], "044", "22987601234", "2020-02-01")
	d.linked(numbers[4], "NIN", "71234509876", "2019-02-01") // stale
	d.linked(numbers[5], "NIN", "71234509876", "2020-02-01")
	d.linked(numbers[5], "NIN", "71234509877", "2020-02-02") // two NINs
	if got := score(numbers[0]); got != 0 {
		t.Errorf("nothing known: %v", got)
	}
	if got := score(numbers[1]); got != 0.5 {
		t.Errorf("one source alone: %v", got)
	}
	if two, three := score(numbers[2]), score(numbers[3]); two != 1 || three != 1 {
		t.Errorf("two and three that agree: %v, %v", two, three)
	}
	if got := score(numbers[4]); got != 0.5 {
		t.Errorf("one of two disagrees: %v", got)
	}
	d.Pass(365 * 24 * time.Hour)
	if got := score(numbers[3]); got != 0.75 {
		t.Errorf("a year later: %v", got)
	}
	stale := look(numbers[4])
	conflict := stale["conflicts"].([]any)[0].(map[string]any)
	sides := conflict["sides"].([]any)
	if conflict["verdict"] != "stale" || len(sides) != 2 || !strings.Contains(fmt.Sprint(sides), "712****9876") || !strings.Contains(fmt.Sprint(sides), "2020-01-01") {
		t.Errorf("both sides are not named: %v", conflict)
	}
	two := look(numbers[5])["conflicts"].([]any)
	if len(two) != 1 || two[0].(map[string]any)["verdict"] != "disagreement" || len(two[0].(map[string]any)["sides"].([]any)) != 2 {
		t.Errorf("two NINs: %v", two)
	}
	if s := stale["sources_consulted"].([]any); len(s) != 3 || s[2].(map[string]any)["available"] != false || s[2].(map[string]any)["age"] != nil {
		t.Errorf("sources: %v", s)
	}
}

func TestConflictsArePaged(t *testing.T) {
	d := open(t)
	var want []string
	for i := range 9 {
		n := fmt.Sprintf("+2348031234%03d", i)
		d.Tenures(2348031234000+int64(i), held{From: "2020-01-01", By: ada})
		switch i % 3 {
		case 0: // judged stale
			d.linked(n, "NIN", "71234509876", "2019-02-01")
			d.linked(n, "044", "22987601234", "2019-02-01")
			want = append(want, n)
		case 1: // two NINs
			d.linked(n, "NIN", "71234509876", "2020-02-01")
			d.linked(n, "NIN", "71234509877", "2020-02-01")
			want = append(want, n)
		default:
			d.linked(n, "NIN", "71234509876", "2020-02-01")
		}
	}
	d.Write(func(tx *sqlite.Tx) error {
		_, err := linkage.SettleClean(tx, 0, 1<<62, d.Clock())
		if err != nil {
			return err
		}
		rest, err := linkage.UncheckedIn(tx, 0, 1<<62)
		for _, l := range rest {
			if err == nil {
				err = linkage.Decide(tx, l, linkage.Stale, "It is.", d.Clock())
			}
		}
		return err
	})
	var got []string
	next := ""
	for page := 0; page == 0 || next != ""; page++ {
		a := d.Ask(http.MethodGet, "/identity/conflicts?limit=2&after="+next, "")
		if a.Code != 200 || (page == 0 && a.Body["total"] != 6.0) {
			t.Fatal(a.Text)
		}
		for _, item := range a.Body["items"].([]any) {
			got = append(got, item.(map[string]any)["msisdn"].(string))
			if len(item.(map[string]any)["conflicts"].([]any)) == 0 {
				t.Errorf("no conflict is named: %v", item)
			}
		}
		next, _ = a.Body["next"].(string)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	d.Who = reconixtest.Of(access.Operator, "MTN", access.AuditRead)
	if a := d.Ask(http.MethodGet, "/identity/conflicts", ""); a.Code != 403 {
		t.Errorf("who is bound to an operator sees every operator's: %d", a.Code)
	}
}

// security.md class 1: what another tenant has is answered as what nobody knows.
func TestTenantsSeeTheirOwn(t *testing.T) {
	d := open(t)
	d.Tenures(number, held{From: "2020-01-01", By: ada, Operator: "MTN"})
	for i, kind := range []string{"NIN", "044", "058"} {
		d.linked(msisdn, kind, fmt.Sprintf("2298760123%d", i), "2020-02-01")
	}
	for _, c := range []struct {
		who      access.Principal
		status   string
		nin, bvn float64
	}{
		{reconixtest.Admin(), "ACTIVE", 1, 2},
		{reconixtest.Of(access.APIClient, ""), "ACTIVE", 1, 2},
		{reconixtest.Of(access.Operator, "MTN"), "ACTIVE", 1, 2},
		{reconixtest.Of(access.Operator, "GLO"), "UNKNOWN", 0, 0},
		{reconixtest.Of(access.Bank, "044"), "ACTIVE", 0, 1},
		{reconixtest.Of(access.Bank, "011"), "ACTIVE", 0, 0},
		{access.Principal{ID: "key_1", May: access.APIClient.Permissions(), MSISDN: number}, "ACTIVE", 1, 2},
		{access.Principal{ID: "key_1", May: access.APIClient.Permissions(), MSISDN: number + 1}, "UNKNOWN", 0, 0},
	} {
		d.Who = c.who
		got := d.status(msisdn)
		links := d.Ask(http.MethodGet, "/identity/msisdn/"+msisdn+"/linkages", "").Body
		look := d.Ask(http.MethodGet, "/identity/lookup?msisdn="+msisdn, "").Body
		batch := d.Ask(http.MethodPost, "/identity/batch-lookup", `{"msisdns":["`+msisdn+`"]}`).Body["mappings"].([]any)[0].(map[string]any)
		if got["status"] != c.status || got["active_nin_linkages"] != c.nin || got["active_bvn_linkages"] != c.bvn ||
			links["total_nin"] != c.nin || links["active_bvn"] != c.bvn || look["nin_linkage_active"] != (c.nin > 0) || batch["bvn_linkage_active"] != (c.bvn > 0) {
			t.Errorf("%s: %v %v %v", c.who.ID, got, links, look)
		}
		if c.status != "UNKNOWN" {
			continue
		}
		random := d.status("+2348039999999")
		random["msisdn"] = msisdn
		if fmt.Sprint(random) != fmt.Sprint(got) {
			t.Errorf("%s tells another's number from an unknown one: %v, %v", c.who.ID, got, random)
		}
	}
}

func TestWhoAskedIsRecorded(t *testing.T) {
	d := open(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { d.service.Run(ctx); close(ended) }()
	d.status(msisdn)
	d.Ask(http.MethodPost, "/identity/batch-lookup", `{"msisdns":["08031234501","08031234502"]}`)
	stop()
	<-ended
	got := strings.Fields(d.Dump("lookup"))
	for _, want := range []string{"2348031234567", "2348031234501", "2348031234502", "usr_admin"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not recorded: %v", want, got)
		}
	}
	for text, want := range map[string]string{
		"fraud case 4711": "fraud case 4711", "BVN 22987601234": "BVN 229876*****", "a\nb": "ab", strings.Repeat("é", 80): strings.Repeat("é", 50),
	} {
		if got := identity.Purpose(text); got != want {
			t.Errorf("the purpose %q is kept as %q, want %q", text, got, want)
		}
	}
}

func TestInquiriesAreFoundDirectOnesAndOfFiles(t *testing.T) {
	d := open(t)
	var numbers []int64 // more than a row holds; one in three, and the last one thrice
	for i := range int64(10_000) {
		numbers = append(numbers, number+3*i)
	}
	last := numbers[len(numbers)-1]
	numbers = append(numbers, last, last)
	if err := d.service.Lookups().Note(d.Who, number, "fraud case"); err != nil {
		t.Fatal(err)
	}
	if err := d.service.Lookups().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.Write(func(tx *sqlite.Tx) error {
		return identity.RecordFile(tx, d.Who, "job_a", numbers, d.Clock().Add(-time.Hour), "file a")
	})
	file := identity.Inquiry{At: d.Clock().Add(-time.Hour), Actor: d.Who.ID, Purpose: "file a", JobID: "job_a"}
	direct := identity.Inquiry{At: d.Clock(), Actor: d.Who.ID, Purpose: "fraud case"}
	for n, want := range map[int64][]identity.Inquiry{
		number - 1: nil, number: {direct, file}, number + 1: nil, numbers[4095]: {file}, numbers[4096]: {file},
		numbers[4096] + 1: nil, numbers[9998]: {file}, last: {file, file, file}, last + 3: nil,
	} {
		got, err := sqlite.Read(t.Context(), d.DB, func(tx *sqlite.Tx) ([]identity.Inquiry, error) { return identity.Inquiries(tx, n, 100) })
		if err != nil || !slices.EqualFunc(got, want, func(a, b identity.Inquiry) bool {
			return a.At.UnixMilli() == b.At.UnixMilli() && a.Actor == b.Actor && a.Purpose == b.Purpose && a.JobID == b.JobID
		}) {
			t.Errorf("%d: %v %v, want %v", n, got, err, want)
		}
	}
	d.Write(func(tx *sqlite.Tx) error {
		_, err := sqlite.Exec(tx, `INSERT INTO user (id, email, full_name, role, password_hash, created_at, updated_at) VALUES (?, 'ada@example.ng', 'Ada Obi', 'admin', '', 0, 0)`, d.Who.ID)
		return err
	})
	named, err := sqlite.Read(t.Context(), d.DB, func(tx *sqlite.Tx) ([]identity.Inquiry, error) { return identity.Inquiries(tx, number, 100) })
	if err != nil || len(named) != 2 || named[0].Name != "Ada Obi" || named[1].Name != "Ada Obi" {
		t.Errorf("whoever has an account is called %v, %v", named, err)
	}
	d.Write(func(tx *sqlite.Tx) error {
		_, err := sqlite.Exec(tx, `UPDATE lookup_file SET numbers = x'80'`)
		return err
	})
	if _, err := sqlite.Read(t.Context(), d.DB, func(tx *sqlite.Tx) ([]identity.Inquiry, error) { return identity.Inquiries(tx, number, 100) }); err == nil {
		t.Error("a damaged record is read as a whole one")
	}
}

// What many are told at once is what each is told alone, whoever asks, also in room
// that held something else.
func TestBriefsAreWhatIsReadWhole(t *testing.T) {
	d := open(t)
	d.Tenures(number, held{From: "2020-01-01", To: "2021-01-01", By: ada}, held{From: "2022-01-01", By: bola})
	d.Tenures(number+1, held{From: "2020-01-01", By: ada, Operator: "GLO"})
	d.linked(msisdn, "NIN", "71234509876", "2020-02-01")
	d.linked(msisdn, "044", "22987601234", "2022-02-01")
	d.linked("+2348031234569", "NIN", "71234509877", "2020-02-01")
	var room []identity.Known
	for _, who := range []access.Principal{d.Who, reconixtest.Of(access.Operator, "MTN"), reconixtest.Of(access.Operator, "GLO"), reconixtest.Of(access.Bank, "044")} {
		for _, numbers := range [][]int64{{number, number + 1, number + 2, number + 3}, {number + 1}, {number + 2, number + 3}, nil} {
			_, err := sqlite.Read(t.Context(), d.DB, func(tx *sqlite.Tx) (struct{}, error) {
				whole, err := identity.Read(tx, who, numbers)
				if err == nil {
					room, err = identity.Briefs(tx, who, numbers, room)
				}
				for i, n := range numbers {
					if got, want := room[i].Assess(), whole[i].Assess(); got != want {
						t.Errorf("%s is told %+v of %d, want %+v", who.ID, got, n, want)
					}
				}
				return struct{}{}, err
			})
			if err != nil || len(room) != len(numbers) {
				t.Fatal(err, len(room))
			}
		}
	}
}

func TestNothingIsAnsweredUnrecorded(t *testing.T) {
	d := open(t)
	d.Write(func(tx *sqlite.Tx) error {
		_, err := sqlite.Exec(tx, `CREATE TRIGGER full BEFORE INSERT ON lookup BEGIN SELECT raise(ABORT, 'disk full'); END`)
		return err
	})
	lookups := d.service.Lookups()
	for range 64 << 10 {
		if err := lookups.Note(d.Who, number, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := lookups.Flush(t.Context()); err == nil {
		t.Fatal("the store took what it could not")
	}
	if a := d.Ask(http.MethodGet, "/identity/msisdn/"+msisdn+"/status", ""); a.Code != 503 {
		t.Errorf("answered %d though nobody records it", a.Code)
	}
	d.Write(func(tx *sqlite.Tx) error { _, err := sqlite.Exec(tx, `DROP TRIGGER full`); return err })
	if err := lookups.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := d.status(msisdn)["status"]; got != "UNKNOWN" {
		t.Error(got)
	}
	if err := lookups.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	n, err := sqlite.Read(t.Context(), d.DB, func(tx *sqlite.Tx) (int, error) { return sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM lookup`) })
	if err != nil || n != 64<<10+1 {
		t.Errorf("%d recorded, %v", n, err)
	}
}

// security.md class 25.
func TestNoNINAndNoBVNLeaks(t *testing.T) {
	d := open(t)
	const nin, bvn = "71234509876", "22987601234"
	d.Tenures(number, held{From: "2020-01-01", NIN: nin})
	d.linked(msisdn, "NIN", nin, "2019-02-01")
	d.linked(msisdn, "044", bvn, "2019-02-01")
	var out strings.Builder
	for _, path := range []string{"/msisdn/" + msisdn + "/status", "/msisdn/" + msisdn + "/linkages", "/lookup?msisdn=" + msisdn, "/conflicts", "/lookup?msisdn=" + nin} {
		out.WriteString(d.Ask(http.MethodGet, "/identity"+path, "").Text)
	}
	out.WriteString(d.Ask(http.MethodPost, "/identity/batch-lookup", `{"msisdns":["`+msisdn+`","`+bvn+`"]}`).Text)
	text := out.String() + d.Logged() + d.Dump("lookup", "lookup_file", "audit_entry")
	if !strings.Contains(text, "712****9876") || strings.Contains(text, nin) || strings.Contains(text, bvn) {
		t.Errorf("masked numbers are missing, or whole ones are there: %s", text)
	}
}
