package sims_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/kit/id"
	"reconexus/app/kit/seal"
	"reconexus/app/reconix/sims"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// writeGolden rewrites the golden files: go test ./app/reconix/sims -golden
var writeGolden = flag.Bool("golden", false, "rewrite the golden files")

const one = `{"msisdn":"0803 123 4567","sim_serial":"8923401000000000001F","imsi":"621300123456789","operator_code":"mtn",
	"date_recycled":"2026-11-18","date_deactivated":"2026-11-14","previous_owner_nin":"12034561234","previous_owner_name":"Adaeze  Okonkwo","previous_owner_bvn":"22134561234"}`

func TestAReportBecomesARecord(t *testing.T) {
	h := open(t)
	a := h.must(201, "POST", "/recycled-sims", one)
	if a.head.Get("Location") != "/api/v1/recycled-sims/"+a.text("id") || a.head.Get("ETag") != `"1"` {
		t.Errorf("Location %s, ETag %s", a.head.Get("Location"), a.head.Get("ETag"))
	}
	h.golden("created", a)
	shown := h.must(200, "GET", "/recycled-sims/"+a.text("id"), "")
	h.golden("detail", shown)
	if shown.head.Get("ETag") != `"1"` {
		t.Errorf("ETag %s", shown.head.Get("ETag"))
	}
	h.golden("list", h.must(200, "GET", "/recycled-sims", ""))
}

// golden compares an answer with a file; what differs from run to run is made alike.
func (h *house) golden(name string, a answer) {
	h.Helper()
	var indented any
	if err := json.Unmarshal(a.raw, &indented); err != nil {
		h.Fatal(err)
	}
	text, err := json.MarshalIndent(indented, "", "  ")
	if err != nil {
		h.Fatal(err)
	}
	text = append(regexp.MustCompile(`(sim|job)_[0-9a-z]{26}`).ReplaceAll(text, []byte("${1}_…")), '\n')
	path := filepath.Join("testdata", name+".json")
	if *writeGolden {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			h.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		h.Fatal(err)
	}
	if string(want) != string(text) {
		h.Errorf("%s is not as in %s (run with -golden when it should be):\n%s", name, path, text)
	}
}

func TestAReportTwiceIsAConflictAndALaterOneANewGeneration(t *testing.T) {
	h := open(t)
	first := h.must(201, "POST", "/recycled-sims", one)
	again := h.must(409, "POST", "/recycled-sims", one)
	if !strings.Contains(again.text("detail"), first.text("id")) {
		t.Errorf("the conflict does not name the first: %s", again.raw)
	}
	later := h.must(201, "POST", "/recycled-sims", strings.Replace(one, "2026-11-18", "2026-11-19", 1))
	if first.body["generation"] != 2.0 || later.body["generation"] != 3.0 {
		t.Errorf("generations %v and %v, want 2 and 3", first.body["generation"], later.body["generation"])
	}
	undated := `{"msisdn":"08031234568","sim_serial":"89234","operator_code":"MTN"}`
	h.must(201, "POST", "/recycled-sims", undated)
	h.must(409, "POST", "/recycled-sims", undated)
}

func TestTheGenerationCountsOnFromTheRecordOfTenure(t *testing.T) {
	h := open(t)
	h.tenure(2348031234567, 4, "2026-01-01", "", "MTN", tenure.Holder{Kind: tenure.ID, Token: 1})
	if a := h.must(201, "POST", "/recycled-sims", one); a.body["generation"] != 5.0 {
		t.Errorf("generation %v, want 5", a.body["generation"])
	}
}

func TestWhatAReportMayNotSay(t *testing.T) {
	h := open(t)
	with := func(key, value string) string {
		var e map[string]any
		if err := json.Unmarshal([]byte(one), &e); err != nil {
			t.Fatal(err)
		}
		e[key] = value
		text, _ := json.Marshal(e)
		return string(text)
	}
	for _, c := range []struct{ key, value, code string }{
		{"msisdn", "0123", "WRONG_LENGTH"},
		{"msisdn", "+447700900123", "NOT_NIGERIAN"},
		{"msisdn", "8.03177E+09", "EXCEL_MANGLED"},
		{"sim_serial", "8.92391E+18", "EXCEL_MANGLED"},
		{"sim_serial", strings.Repeat("8", 51), "WRONG_LENGTH"},
		{"imsi", "62130", "WRONG_LENGTH"},
		{"operator_code", "VODAFONE", "UNKNOWN"},
		{"date_recycled", "18/11/2026", "DATE"},
		{"date_recycled", "2026-11-21", "FUTURE"},
		{"date_recycled", "2026-11-13", "ORDER"},
		{"previous_owner_nin", "120345", "WRONG_LENGTH"},
		{"previous_owner_nin", "AB012345678901YZ", "VIRTUAL_NIN"},
		{"previous_owner_bvn", "2213456123X", "BAD_CHARACTER"},
		{"detection_method", "guess", "NOT_ALLOWED"},
		{"new_registration_status", "guess", "NOT_ALLOWED"},
		{"colour", "red", "UNKNOWN_PROPERTY"},
	} {
		a := h.must(422, "POST", "/recycled-sims", with(c.key, c.value))
		if !strings.Contains(string(a.raw), `"`+c.code+`"`) {
			t.Errorf("%s = %s: want the code %s:\n%s", c.key, c.value, c.code, a.raw)
		}
		if len(c.value) > 6 && strings.Contains(string(a.raw), c.value) {
			t.Errorf("%s: the answer repeats the value: %s", c.key, a.raw)
		}
	}
	if n := h.count(`SELECT count(*) FROM recycled_sim`); n != 0 {
		t.Errorf("%d records were written", n)
	}
}

// security.md 25: planted secrets come back nowhere but from a reveal.
func TestSecretsComeBackMaskedOnly(t *testing.T) {
	h := open(t)
	a := h.must(201, "POST", "/recycled-sims", one)
	sim := a.text("id")
	answers := [][]byte{a.raw}
	for _, path := range []string{"/recycled-sims", "/recycled-sims/" + sim, "/recycled-sims?q=0803"} {
		answers = append(answers, h.must(200, "GET", path, "").raw)
	}
	answers = append(answers, h.must(200, "PATCH", "/recycled-sims/"+sim, `{"cleanup_status":"in_progress"}`).raw)
	h.must(200, "POST", "/reveals/recycled-sims/"+sim, `{"field":"nin","reason":"Case 12034561234 of the police"}`)
	answers = append(answers, []byte(h.dump(`SELECT group_concat(detail) FROM audit_entry`)), []byte(h.dump(`SELECT group_concat(quote(previous_nin) || quote(previous_bvn) || quote(previous_name)) FROM recycled_sim`)))
	for _, canary := range []string{"12034561234", "22134561234", "Adaeze", "Okonkwo"} {
		for _, text := range answers {
			if strings.Contains(string(text), canary) {
				t.Errorf("%s is to be read in %s", canary, text)
			}
		}
	}
	if a.text("previous_owner_nin") != "120****1234" || a.text("previous_owner_name") != "A*** O***" {
		t.Errorf("masks: %s", a.raw)
	}
}

func (h *house) dump(query string) string {
	h.Helper()
	text, err := sqlite.Read(h.Context(), h.db, func(tx *sqlite.Tx) (string, error) { return sqlite.One(tx, sqlite.Text, query) })
	if err != nil {
		h.Fatal(err)
	}
	return text
}

func TestARevealNeedsARightAndAReasonAndIsAudited(t *testing.T) {
	h := open(t)
	sim := h.must(201, "POST", "/recycled-sims", one).text("id")
	path := "/reveals/recycled-sims/" + sim
	for field, want := range map[string]string{"nin": "12034561234", "bvn": "22134561234", "name": "Adaeze Okonkwo"} {
		a := h.must(200, "POST", path, `{"field":"`+field+`","reason":"Police case 17 of 2026"}`)
		if a.text("value") != want {
			t.Errorf("%s reveals %q", field, a.text("value"))
		}
	}
	if n := h.count(`SELECT count(*) FROM audit_entry WHERE action = 'pii.reveal' AND object = ? AND detail LIKE '%Police case%'`, sim); n != 3 {
		t.Errorf("%d reveals are on the audit log, want 3", n)
	}
	h.must(422, "POST", path, `{"field":"nin","reason":"because"}`)
	h.must(422, "POST", path, `{"field":"imsi","reason":"Police case 17 of 2026"}`)
	auditor := access.Principal{ID: "usr_aud", Role: access.Auditor, May: access.Auditor.Permissions()}
	h.as(auditor).must(403, "POST", path, `{"field":"nin","reason":"Police case 17 of 2026"}`)
	bare := h.must(201, "POST", "/recycled-sims", `{"msisdn":"08031234569","sim_serial":"89234","operator_code":"MTN"}`).text("id")
	h.must(404, "POST", "/reveals/recycled-sims/"+bare, `{"field":"nin","reason":"Police case 17 of 2026"}`)
}

func TestChangesHaveVersions(t *testing.T) {
	h := open(t)
	sim := h.must(201, "POST", "/recycled-sims", one).text("id")
	path := "/recycled-sims/" + sim
	a := h.must(200, "PATCH", path, `{"linkage_status":"resolved","new_registration_status":"unverified"}`, "If-Match", `"1"`)
	if a.head.Get("ETag") != `"2"` || a.text("linkage_status") != "resolved" || a.body["risk_score"] != 1.0 {
		t.Errorf("after the change: %s %s", a.head.Get("ETag"), a.raw)
	}
	h.must(412, "PATCH", path, `{"cleanup_status":"failed"}`, "If-Match", `"1"`)
	h.must(422, "PATCH", path, `{"cleanup_status":"done"}`)
	h.must(422, "PATCH", path, `{"operator_code":"GLO"}`)
	h.must(422, "PATCH", path, `{}`)
	h.must(412, "DELETE", path, "", "If-Match", `"1"`)
	h.must(204, "DELETE", path, "", "If-Match", `"2"`)
	h.must(404, "GET", path, "")
	h.must(404, "DELETE", path, "")
	if n := h.count(`SELECT count(*) FROM recycled_sim WHERE deleted_at IS NOT NULL`); n != 1 {
		t.Errorf("%d records are kept as evidence, want 1", n)
	}
	history := h.dump(`SELECT group_concat(action) FROM audit_entry WHERE object = '` + sim + `'`)
	if history != "sim.create,sim.update,sim.delete" {
		t.Errorf("the audit log says %s", history)
	}
	h.tallied()
}

// security.md 1: another tenant's object by its id is the same as no object.
func TestAnotherTenantsSIMIsNotFound(t *testing.T) {
	h := open(t)
	sim := h.must(201, "POST", "/recycled-sims", one).text("id")
	for name, who := range map[string]access.Principal{
		"another operator": glo, "a bank without a linkage": zenith,
		"another number": {ID: "key_1", Role: access.APIClient, May: mtn.May, MSISDN: 2348030000001},
	} {
		for _, c := range []struct{ method, path, body string }{
			{"GET", "/recycled-sims/%s", ""},
			{"PATCH", "/recycled-sims/%s", `{"cleanup_status":"failed"}`},
			{"DELETE", "/recycled-sims/%s", ""},
			{"POST", "/reveals/recycled-sims/%s", `{"field":"nin","reason":"Police case 17 of 2026"}`},
		} {
			theirs := h.as(who).ask(c.method, fmt.Sprintf(c.path, sim), c.body)
			random := h.as(who).ask(c.method, fmt.Sprintf(c.path, id.New("sim", noticeAt)), c.body)
			if theirs.status == 403 && c.method == "DELETE" || theirs.status == 403 && strings.HasPrefix(c.path, "/reveals") {
				t.Fatalf("%s has no right to try %s", name, c.method)
			}
			if theirs.status != 404 || string(theirs.raw) != string(random.raw) {
				t.Errorf("%s, %s %s: %d %s; a random id: %s", name, c.method, c.path, theirs.status, theirs.raw, random.raw)
			}
		}
		if a := h.as(who).must(200, "GET", "/recycled-sims", ""); len(a.items()) != 0 || a.body["total"] != 0.0 {
			t.Errorf("%s lists %s", name, a.raw)
		}
	}
	h.as(mtn).must(200, "GET", "/recycled-sims/"+sim, "")
}

func TestABankSeesSIMsWithItsLinkagesOnly(t *testing.T) {
	h := open(t)
	sim := h.must(201, "POST", "/recycled-sims", one).text("id")
	h.link(2348031234567, 2, "057", 2)
	h.link(2348031234567, 2, "044", 2)
	h.link(2348031234567, 1, "", 2)
	bank := h.as(zenith)
	if a := bank.must(200, "GET", "/recycled-sims", ""); len(a.items()) != 1 || a.body["total"] != 1.0 {
		t.Errorf("the bank lists %s", a.raw)
	}
	a := bank.must(200, "GET", "/recycled-sims/"+sim, "")
	links, _ := a.body["linkages"].([]any)
	if len(links) != 1 || links[0].(map[string]any)["bank_code"] != "057" {
		t.Errorf("the bank sees %v", links)
	}
	if all := h.must(200, "GET", "/recycled-sims/"+sim, ""); len(all.body["linkages"].([]any)) != 3 {
		t.Errorf("an administrator sees %v", all.body["linkages"])
	}
	bank.must(403, "POST", "/recycled-sims", one)
	bank.must(403, "POST", "/recycled-sims/bulk", `{"sims":[`+one+`]}`)
	bank.must(403, "POST", "/recycled-sims/imports", "MSISDN,SIM_SERIAL\n08031234567,1\n", "Content-Type", "text/csv")
}

func TestAnOperatorReportsItsOwn(t *testing.T) {
	h := open(t)
	h.as(glo).must(403, "POST", "/recycled-sims", one)
	a := h.as(glo).must(201, "POST", "/recycled-sims", `{"msisdn":"08051234567","sim_serial":"89234"}`)
	if a.text("operator_code") != "GLO" {
		t.Errorf("the operator is %s", a.text("operator_code"))
	}
	b := h.as(glo).must(200, "POST", "/recycled-sims/bulk", `{"sims":[`+one+`,{"msisdn":"08051234568","sim_serial":"89234"}]}`)
	if b.body["successful"] != 1.0 || !strings.Contains(string(b.raw), "NOT_YOURS") {
		t.Errorf("in bulk: %s", b.raw)
	}
}

// link writes a linkage as package linkage does.
func TestWhatAScanFoundIsShownMaskedAndCanBeRevealed(t *testing.T) {
	h := open(t)
	const msisdn = 2348031234567
	h.tenure(msisdn, 2, "2025-03-01", "", "MTN", tenure.Holder{})
	sim := h.recycled(sims.Recycling{MSISDN: msisdn, Generation: 2, Operator: "MTN", Method: sims.Reconciliation})
	ring, err := seal.Load(filepath.Join(h.dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	leave := func(kind int, bank, number, mask string, since int) {
		h.exec(`INSERT INTO linkage (msisdn, kind, bank_code, token, learnt_at, sealed, mask, from_day, source, verdict) VALUES (?, ?, ?, ?, 1, ?, ?, ?, 'NIMC', 2)`,
			msisdn, kind, bank, []byte(number), ring.Seal("linkage", []byte(number)), mask, since)
	}
	leave(1, "", "12034560001", "120****0001", 17000)
	leave(1, "", "12034560002", "120****0002", 18000)
	leave(2, "057", "22134560003", "221****0003", 18000)
	leave(2, "044", "22134560004", "221****0004", 18500)
	h.write(func(tx *sqlite.Tx) error { return h.service.Linked(tx, msisdn, 2, true, true, noticeAt) })

	for name, c := range map[string]struct {
		who      *house
		nin, bvn any
	}{
		"an administrator": {h, "120****0002", "221****0004"},
		"its operator":     {h.as(mtn), "120****0002", "221****0004"},
		"a bank":           {h.as(zenith), nil, "221****0003"},
	} {
		listed := c.who.must(200, "GET", "/recycled-sims", "")
		if r := listed.items()[0].(map[string]any); r["previous_owner_nin"] != c.nin || r["previous_owner_bvn"] != c.bvn {
			t.Errorf("%s lists %v and %v", name, r["previous_owner_nin"], r["previous_owner_bvn"])
		}
		shown := c.who.must(200, "GET", "/recycled-sims/"+sim, "")
		if shown.body["previous_owner_nin"] != c.nin || shown.body["previous_owner_bvn"] != c.bvn {
			t.Errorf("%s sees %v and %v", name, shown.body["previous_owner_nin"], shown.body["previous_owner_bvn"])
		}
		if strings.Contains(string(listed.raw)+string(shown.raw), "1203456000") {
			t.Errorf("%s reads a NIN in clear", name)
		}
	}
	const reason = `","reason":"Police case 17 of 2026"}`
	path := "/reveals/recycled-sims/" + sim
	if a := h.must(200, "POST", path, `{"field":"nin`+reason); a.text("value") != "12034560002" {
		t.Errorf("revealed: %s", a.raw)
	}
	if a := h.as(zenith).must(200, "POST", path, `{"field":"bvn`+reason); a.text("value") != "22134560003" {
		t.Errorf("revealed to the bank: %s", a.raw)
	}
	h.as(zenith).must(404, "POST", path, `{"field":"nin`+reason)
	h.must(404, "POST", path, `{"field":"name`+reason)
	if n := h.count(`SELECT count(*) FROM audit_entry WHERE action = 'pii.reveal' AND object = ?`, sim); n != 2 {
		t.Errorf("%d reveals are on the audit log, want 2", n)
	}
	h.exec(`UPDATE linkage SET to_day = 20000, verdict = 1`)
	h.write(func(tx *sqlite.Tx) error { return h.service.Linked(tx, msisdn, 2, false, false, noticeAt) })
	if r := h.must(200, "GET", "/recycled-sims", "").items()[0].(map[string]any); r["previous_owner_nin"] != nil {
		t.Errorf("what is gone is still listed: %v", r)
	}
	h.must(404, "POST", path, `{"field":"nin`+reason)
}

func (h *house) link(msisdn int64, kind int, bank string, verdict int) {
	h.Helper()
	h.exec(`INSERT INTO linkage (msisdn, kind, bank_code, token, learnt_at, sealed, mask, from_day, source, verdict)
		VALUES (?, ?, ?, ?, 1, x'00', '221****1234', 20000, 'report', ?)`, msisdn, kind, bank, []byte{byte(kind), byte(len(bank))}, verdict)
}

func (h *house) tenure(msisdn int64, generation int, from, to, operator string, who tenure.Holder) {
	h.Helper()
	s := tenure.Statement{MSISDN: msisdn, Generation: generation, From: on(from), Activated: on(from), To: day.None, Last: day.None, Holder: who, Operator: operator}
	if to != "" {
		s.To, s.Last, s.EndedAs = on(to), on(to)-3, "missing"
	}
	h.write(func(tx *sqlite.Tx) error {
		return tenure.Record(tx, []tenure.Change{{Add: []tenure.Statement{s}}}, noticeAt.Add(-time.Hour), "feed_1")
	})
}

func TestTheStoryOfANumber(t *testing.T) {
	h := open(t)
	a, b := tenure.Holder{Kind: tenure.ID, Token: 1}, tenure.Holder{Kind: tenure.ID, Token: 2}
	const msisdn = 2348031234567
	h.tenure(msisdn, 1, "2024-01-01", "2025-01-10", "MTN", a)
	h.tenure(msisdn, 2, "2025-03-01", "2026-01-10", "MTN", b)
	h.tenure(msisdn, 3, "2026-03-01", "", "MTN", b)
	h.write(func(tx *sqlite.Tx) error {
		was, err := tenure.Of(tx, msisdn)
		if err != nil {
			return err
		}
		now := was[2]
		now.Card = 7
		return tenure.Record(tx, []tenure.Change{{Retract: was[2:], Add: []tenure.Statement{now}, Events: []tenure.Event{
			{MSISDN: msisdn, Generation: 3, Kind: tenure.Swap, Day: on("2026-04-01"), Operator: "MTN"},
		}}}, noticeAt, "feed_2")
	})
	h.link(msisdn, 2, "057", 2)
	sim := h.recycled(sims.Recycling{MSISDN: msisdn, Generation: 2, Operator: "MTN", Recycled: on("2025-03-01"), Deactivated: on("2025-01-10"), Method: sims.Reconciliation})
	h.golden("story", h.must(200, "GET", "/recycled-sims/"+sim, ""))
}

func TestTheStatusOfANumber(t *testing.T) {
	h := open(t)
	sim := h.recycled(sims.Recycling{MSISDN: 2348031234567, Generation: 2, Operator: "MTN", Method: sims.Reconciliation})
	status := func() string { return h.must(200, "GET", "/recycled-sims/"+sim, "").text("status") }
	if got := status(); got != "RECYCLED" {
		t.Errorf("recycled without a stale linkage is %s", got)
	}
	h.link(2348031234567, 1, "", 2)
	if got := status(); got != "CONFLICTED" {
		t.Errorf("recycled with a stale linkage is %s", got)
	}
	h.exec(`UPDATE linkage SET to_day = 20001`)
	h.tenure(2348031234567, 2, "2026-01-01", "2026-10-01", "MTN", tenure.Holder{})
	if got := status(); got != "AVAILABLE" {
		t.Errorf("given back and clean is %s", got)
	}
}

func TestARecyclingIsRecordedOnceAGeneration(t *testing.T) {
	h := open(t)
	r := sims.Recycling{MSISDN: 2348031234567, Generation: 2, Operator: "MTN", Recycled: on("2026-11-18"), Deactivated: on("2026-11-14"), Method: sims.Reconciliation}
	first := h.recycled(r)
	if again := h.recycled(r); again != first {
		t.Errorf("the same recycling has the ids %s and %s", first, again)
	}
	r.Generation = 3
	if other := h.recycled(r); other == first {
		t.Error("another generation is the same record")
	}
	h.must(204, "DELETE", "/recycled-sims/"+first, "")
	r.Generation = 2
	if again := h.recycled(r); again != first {
		t.Errorf("a deleted record came back as %s", again)
	}
	if n := h.count(`SELECT count(*) FROM recycled_sim WHERE deleted_at IS NULL`); n != 1 {
		t.Errorf("%d live records, want 1", n)
	}
	h.tallied()
}

func TestLinkagesMoveTheStatus(t *testing.T) {
	h := open(t)
	sim := h.recycled(sims.Recycling{MSISDN: 2348031234567, Generation: 2, Operator: "MTN", Method: sims.Reconciliation, QuickReuse: true})
	say := func(nin, bvn bool) {
		h.write(func(tx *sqlite.Tx) error { return h.service.Linked(tx, 2348031234567, 2, nin, bvn, noticeAt) })
	}
	expect := func(status string, risk float64) {
		t.Helper()
		a := h.must(200, "GET", "/recycled-sims/"+sim, "")
		if a.text("linkage_status") != status || a.body["risk_score"] != risk {
			t.Errorf("linkage %s, risk %v; want %s, %v", a.text("linkage_status"), a.body["risk_score"], status, risk)
		}
	}
	expect("orphaned", 0.4)
	say(false, false)
	expect("orphaned", 0.4)
	say(true, true)
	expect("active", 0.7)
	say(true, false)
	expect("active", 0.4)
	h.must(200, "PATCH", "/recycled-sims/"+sim, `{"linkage_status":"disputed"}`)
	say(true, true)
	expect("disputed", 0.7)
	say(false, false)
	expect("resolved", 0.4)
	if n := h.count(`SELECT count(*) FROM recycled_sim WHERE resolved_at IS NOT NULL`); n != 1 {
		t.Error("the day of the resolution is not kept")
	}
	say(false, true)
	expect("active", 0.7)
	if n := h.count(`SELECT count(*) FROM recycled_sim WHERE resolved_at IS NOT NULL`); n != 0 {
		t.Error("what is active again still counts as resolved")
	}
	waiting := func() []sims.Known {
		t.Helper()
		known, err := sqlite.Read(t.Context(), h.db, func(tx *sqlite.Tx) ([]sims.Known, error) {
			return h.service.Waiting(tx, 2348031234000, 2348031235000)
		})
		if err != nil {
			t.Fatal(err)
		}
		return known
	}
	if known := waiting(); len(known) != 0 {
		t.Errorf("without a linkage, %v waits", known)
	}
	if err := sqlite.Do(t.Context(), h.db, func(tx *sqlite.Tx) error {
		_, err := sqlite.Exec(tx, `INSERT INTO linkage (msisdn, kind, token, learnt_at, sealed, mask, source) VALUES (2348031234567, 1, x'00', 1, x'00', '', 'test')`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if known := waiting(); len(known) != 1 || known[0] != (sims.Known{MSISDN: 2348031234567, Generation: 2}) {
		t.Errorf("with an unjudged linkage, %v waits", known)
	}
	h.tallied()
}

// tallied checks that the sums which are kept are those of the table.
func (h *house) tallied() {
	h.Helper()
	differ := h.count(`SELECT count(*) FROM (
		SELECT operator_code, cleanup_status, linkage_status, nin_linked, bvn_linked, risk_parts, sims FROM recycled_sim_tally WHERE sims <> 0
		EXCEPT SELECT operator_code, cleanup_status, linkage_status, previous_nin_linked, previous_bvn_linked, risk_parts, count(*) FROM recycled_sim WHERE deleted_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6)`)
	sum := h.count(`SELECT coalesce((SELECT sum(sims) FROM recycled_sim_tally), 0) - (SELECT count(*) FROM recycled_sim WHERE deleted_at IS NULL)`)
	if differ != 0 || sum != 0 {
		h.Errorf("the sums that are kept are not those of the table: %d rows differ, by %d records", differ, sum)
	}
}

func TestRisk(t *testing.T) {
	for _, c := range []struct {
		parts sims.Parts
		score float64
		level sims.Level
	}{
		{0, 0, sims.Low},
		{sims.BVNLinked, 0.3, sims.Low},
		{sims.QuickReuse, 0.4, sims.Medium},
		{sims.BVNLinked | sims.NINUnconfirmed | sims.Reported, 0.6, sims.Medium},
		{sims.QuickReuse | sims.BVNLinked, 0.7, sims.High},
		{sims.QuickReuse | sims.BVNLinked | sims.NINUnconfirmed, 0.9, sims.High},
		{sims.QuickReuse | sims.BVNLinked | sims.NINUnconfirmed | sims.Reported, 1, sims.Critical},
	} {
		if score, level := sims.Risk(c.parts); score != c.score || level != c.level {
			t.Errorf("Risk(%04b) = %v, %s; want %v, %s", c.parts, score, level, c.score, c.level)
		}
	}
}

func TestBulkKeepsGoodRowsAndReportsBadOnes(t *testing.T) {
	h := open(t)
	rows := `[` + one + `,{"msisdn":"12","sim_serial":"1","operator_code":"MTN"}, ` + one + `,{"msisdn":5,"sim_serial":"1"},{"colour":"red"},7,
		{"msisdn":"08031234568","sim_serial":"89234","operator_code":"MTN","previous_owner_nin":"123"}]`
	a := h.must(200, "POST", "/recycled-sims/bulk", `{"sims":`+rows+`}`)
	if a.body["total_records"] != 7.0 || a.body["successful"] != 1.0 || a.body["failed"] != 6.0 {
		t.Errorf("%s", a.raw)
	}
	h.golden("bulk", a)
	h.tallied()
}

func TestBulkIsBounded(t *testing.T) {
	h := open(t)
	h.must(422, "POST", "/recycled-sims/bulk", `{"sims":[]}`)
	h.must(422, "POST", "/recycled-sims/bulk", `{"sims":{}}`)
	h.must(422, "POST", "/recycled-sims/bulk", `{"sims":[`+strings.Repeat("{},", 10_000)+`{}]}`)
}

func TestAWrongChecksumChangesNothing(t *testing.T) {
	h := open(t)
	rows := "[ " + one + " ]"
	sum := sha256.Sum256([]byte(rows))
	h.must(422, "POST", "/recycled-sims/bulk", `{"sims":`+rows+`,"checksum":"`+strings.Repeat("0", 64)+`"}`)
	if n := h.count(`SELECT count(*) FROM recycled_sim`); n != 0 {
		t.Fatalf("%d records were written", n)
	}
	a := h.must(200, "POST", "/recycled-sims/bulk", `{"checksum":"`+hex.EncodeToString(sum[:])+`","sims":`+rows+`}`)
	if a.body["successful"] != 1.0 {
		t.Errorf("%s", a.raw)
	}
}

func TestFiltersAgreeWithAPlainLook(t *testing.T) {
	h := open(t)
	h.fill(5_200)
	orders := []string{"", "created_at", "-date_recycled", "date_recycled", "-risk_score", "risk_score", "-msisdn", "msisdn"}
	for i, c := range []struct{ query, where string }{
		{"", "1"},
		{"operator_code=SMILE", "operator_code = 'SMILE'"},
		{"operator_code=etisalat", "operator_code = 'T2'"},
		{"cleanup_status=failed", "cleanup_status = 'failed'"},
		{"linkage_status=resolved&operator_code=MTN", "linkage_status = 'resolved' AND operator_code = 'MTN'"},
		{"risk_min=0.4", "risk_score >= 0.4"},
		{"risk_min=0.4&cleanup_status=pending", "risk_score >= 0.4 AND cleanup_status = 'pending'"},
		{"from=2024-10-04&to=2024-10-13", "date_recycled BETWEEN 20000 AND 20009"},
		{"from=2024-10-04&operator_code=GLO", "date_recycled >= 20000 AND operator_code = 'GLO'"},
		{"msisdn=%2B2348030007919", "msisdn = 2348030007919"},
		{"q=0803000", "msisdn BETWEEN 2348030000000 AND 2348030009999"},
		{"q=8030000", "msisdn BETWEEN 2348030000000 AND 2348030000999"},
		{"q=%2B234803", "msisdn BETWEEN 2348030000000 AND 2348039999999"},
		{"q=8923410000000000", "sim_serial LIKE '8923410000000000%'"},
		{"q=sim_00000000000000000000000042", "id = 'sim_00000000000000000000000042'"},
	} {
		for n, sort := range orders {
			if i < 1 || n == 0 || n == 1+i%7 { // every order for some, some orders for every
				h.agrees(c.query, c.where, sort)
			}
		}
	}
}

// agrees walks a list by its cursor and compares it with what the table holds.
func (h *house) agrees(query, where, sort string) {
	h.Helper()
	key, down := strings.CutPrefix(sort, "-")
	if sort == "" {
		key, down = "created_at", true
	}
	tie := "id"
	if key == "msisdn" {
		tie = "generation"
	}
	if down {
		key, tie = key+" DESC", tie+" DESC"
	}
	want, err := sqlite.Read(h.Context(), h.db, func(tx *sqlite.Tx) ([]string, error) {
		return sqlite.All(tx, sqlite.Text, `SELECT id FROM recycled_sim NOT INDEXED WHERE `+where+` ORDER BY `+key+`, `+tie+` LIMIT 250`)
	})
	if err != nil {
		h.Fatal(err)
	}
	total := h.count(`SELECT count(*) FROM recycled_sim NOT INDEXED WHERE ` + where)
	path := "/recycled-sims?limit=100&sort=" + sort + "&" + query
	if sort == "" {
		path = "/recycled-sims?limit=100&" + query
	}
	var got []string
	a := h.must(200, "GET", path, "")
	if a.body["total"] != float64(total) && a.body["total_estimated"] != true {
		h.Errorf("%s: total %v, want %d", path, a.body["total"], total)
	}
	for {
		for _, item := range a.items() {
			got = append(got, item.(map[string]any)["id"].(string))
		}
		if a.text("next") == "" || len(got) >= 250 {
			break
		}
		a = h.must(200, "GET", path+"&after="+a.text("next"), "")
	}
	if got = got[:min(len(got), 250)]; !slices.Equal(got, want) {
		h.Errorf("%s: %d rows by cursor, %d in the table, or in another order", path, len(got), len(want))
	}
	if second := h.must(200, "GET", path+"&skip=100", ""); len(want) > 100 && second.items()[0].(map[string]any)["id"] != want[100] {
		h.Errorf("%s: skip leads elsewhere", path)
	}
}

func TestWhatAListRefuses(t *testing.T) {
	h := open(t)
	h.fill(300)
	next := h.must(200, "GET", "/recycled-sims?limit=1", "").text("next")
	for _, query := range []string{
		"cleanup_status=done", "linkage_status=x", "operator_code=VODAFONE", "msisdn=12", "risk_min=2", "from=20-11-2026", "from=2026-02-01&to=2026-01-01",
		"sort=colour", "sort=msisdn&after=" + next, "after=garbage", "q=a", "q=12345678901234", "limit=101", "colour=red",
		"sort=created_at;DROP%20TABLE%20recycled_sim",
	} {
		h.must(422, "GET", "/recycled-sims?"+query, "")
	}
}
