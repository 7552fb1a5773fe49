package delink_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/reconix/reconixtest"
	"reconexus/store/sqlite"
)

// The whole story: a clerk opens, an officer approves, the bank approves, the removal
// runs, the number's record is clean, and every step is told.
func TestFromADetectionToARemovedLinkage(t *testing.T) {
	h := open(t)
	sim := h.recycled(2348031234567, "nin", "044")
	if got := h.get(200, "/identity/msisdn/+2348031234567/status")["status"]; got != "CONFLICTED" {
		t.Fatalf("the number begins as %v", got)
	}
	d := h.as(clerk()).must(201, "/delink-requests", `{"recycled_sim_id": %q, "request_type": "both", "reason": "Given out again; the NIN 12345678901 is on it"}`, sim)
	id := d["id"].(string)
	if d["status"] != "pending" || d["workflow_status"] != "submitted" || strings.Contains(text(d), "12345678901") {
		t.Errorf("it is submitted as %v", text(d))
	}
	if got := text(d["actions"]); got != `["cancel","attach"]` {
		t.Errorf("the clerk may %s", got)
	}
	d = h.as(officer()).approve(200, id)
	if d["workflow_status"] != "awaiting_bank_approval" || d["status"] != "processing" {
		t.Errorf("after the officer it is %v", d["workflow_status"])
	}
	h.as(bank("044")).approve(200, id)
	h.settled()
	d = h.as(reconixtest.Admin()).get(200, "/delink-requests/"+id)
	if d["workflow_status"] != "completed" || items(d) != "NIMC done recorded, 044 done recorded" {
		t.Errorf("it ends as %v with %s\n%s", d["workflow_status"], items(d), h.Logged())
	}
	var story []string
	for _, e := range d["timeline"].([]any) {
		story = append(story, e.(map[string]any)["event"].(string))
	}
	want := "submitted approved awaiting_bank_approval bank_approved awaiting_nimc_notification executing completed"
	if strings.Join(story, " ") != want {
		t.Errorf("the story is %v, want %s", story, want)
	}
	record := h.get(200, "/recycled-sims/"+sim)
	if record["cleanup_status"] != "completed" || record["linkage_status"] != "resolved" || text(record["requests"]) != `["`+id+`"]` {
		t.Errorf("the SIM's record says %v %v %v", record["cleanup_status"], record["linkage_status"], record["requests"])
	}
	if status := h.get(200, "/identity/msisdn/+2348031234567/status"); status["status"] != "RECYCLED" || status["active_nin_linkages"] != 0.0 {
		t.Errorf("the number ends as %s", text(status))
	}
	if s := h.get(200, "/dashboard/stats"); s["total_delink_requests"] != 1.0 || s["delink_completed"] != 1.0 || s["delink_pending"] != 0.0 {
		t.Errorf("the dashboard counts %s", text(s))
	}
}

// A number that was given back shows as assignable once nothing is linked any more.
func TestANumberGivenBackIsAssignableAfterwards(t *testing.T) {
	h := open(t)
	const n = 2348031230001
	h.Tenures(n, reconixtest.Held{From: "2020-01-10", To: "2026-06-01", By: "Ada Obi"}, reconixtest.Held{From: "2026-08-01", To: "2026-10-01", By: "Bola Ade"})
	h.must(201, "/nin-linkages", `{"msisdn": "+%d", "nin": %q, "source": "NIMC", "linked_date": "2020-02-01"}`, n, someNIN)
	h.scan()
	sim := h.get(200, "/recycled-sims")["items"].([]any)[0].(map[string]any)["id"].(string)
	id := h.submit(sim, "nin")
	h.as(officer()).approve(200, id)
	h.settled()
	h.wants(id, "completed")
	if s := h.as(reconixtest.Admin()).get(200, "/identity/msisdn/+2348031230001/status"); s["status"] != "AVAILABLE" || s["can_assign_to_new_user"] != true {
		t.Errorf("it is %s", text(s))
	}
}

// What an operator reported with the SIM, and no source with a linkage, is removed too.
func TestWhatOnlyTheRecordTellsOf(t *testing.T) {
	h := open(t)
	sim := h.as(clerk()).must(201, "/recycled-sims", `{"msisdn": "08031230002", "sim_serial": "89234010000000000013", "date_recycled": "2026-09-01", "previous_owner_nin": %q}`, someNIN)["id"].(string)
	h.must(409, "/delink-requests", `{"recycled_sim_id": %q, "request_type": "bvn", "reason": "there is none"}`, sim)
	id := h.submit(sim, "both")
	h.as(officer()).approve(200, id)
	h.settled()
	h.wants(id, "completed")
	record := h.as(reconixtest.Admin()).get(200, "/recycled-sims/"+sim)
	if record["previous_nin_linked"] != false || record["linkage_status"] != "resolved" {
		t.Errorf("the record says %s", text(record))
	}
}

// The second request for the same SIM and kind is a conflict that names the first.
func TestOneOpenRequestForASIMAndKind(t *testing.T) {
	h := open(t)
	sim := h.recycled(2348031234567, "nin", "044")
	first := h.submit(sim, "nin")
	for _, kind := range []string{"nin", "both"} {
		a := h.Ask("POST", "/delink-requests", fmt.Sprintf(`{"recycled_sim_id": %q, "request_type": %q, "reason": "once more"}`, sim, kind))
		if a.Code != 409 || !strings.Contains(a.Text, first) {
			t.Errorf("%s answers %d %s", kind, a.Code, a.Text)
		}
	}
	h.submit(sim, "bvn")
	h.must(200, "/delink-requests/"+first+"/cancel", "")
	h.submit(sim, "nin")
	h.must(404, "/delink-requests", `{"recycled_sim_id": "sim_00000000000000000000000000", "request_type": "nin", "reason": "of nothing"}`)
	h.must(422, "/delink-requests", `{"recycled_sim_id": %q, "request_type": "name", "reason": "of nothing"}`, sim)
}

// security.md class 6: whoever submitted a request cannot approve it, also with a key
// of their own, and also when the key submitted it.
func TestSecurity06FourEyes(t *testing.T) {
	h := open(t)
	h.Write(func(tx *sqlite.Tx) error {
		_, err := sqlite.Exec(tx, `INSERT INTO api_key (id, name, key_hash, scopes, created_by, created_at) VALUES
			('key_a', 'a', x'01', '[]', 'usr_officer', 0), ('key_b', 'b', x'02', '[]', 'key_a', 0), ('key_c', 'c', x'03', '[]', 'usr_someone', 0)`)
		return err
	})
	key := func(id string) access.Principal { p := officer(); p.ID = id; return p }
	numbers := []int64{2348031234501, 2348031234502, 2348031234503}
	for i, c := range []struct{ by, self, another access.Principal }{
		{officer(), officer(), reconixtest.Admin()},
		{officer(), key("key_a"), key("key_c")},
		{key("key_b"), officer(), key("key_c")},
	} {
		sim := h.as(reconixtest.Admin()).recycled(numbers[i], "nin")
		id := h.as(c.by).must(201, "/delink-requests", `{"recycled_sim_id": %q, "request_type": "nin", "reason": "given out again"}`, sim)["id"].(string)
		for _, body := range []string{`{"approved": true}`, `{"approved": false, "reason": "no"}`, `{"approved": false, "reason": "not at all"}`} {
			if a := h.as(c.self).Ask("POST", "/delink-requests/"+id+"/approve", body); a.Code != 403 && a.Code != 422 {
				t.Errorf("%s decides about %s's request: %d %s", c.self.ID, c.by.ID, a.Code, a.Text)
			}
		}
		h.wants(id, "submitted")
		h.as(c.another).approve(200, id)
		h.settled()
		h.wants(id, "completed")
		h.as(c.self).must(403, "/delink-requests/"+id+"/rollback", `{"reason": "on second thought"}`)
		h.wants(id, "completed")
	}
}

func TestARejectionNeedsAReason(t *testing.T) {
	h := open(t)
	id := h.submit(h.recycled(2348031234567, "nin"), "nin")
	h.as(officer()).must(422, "/delink-requests/"+id+"/approve", `{"approved": false}`)
	h.must(422, "/delink-requests/"+id+"/approve", `{"approved": false, "reason": "  "}`)
	h.wants(id, "submitted")
	d := h.must(200, "/delink-requests/"+id+"/approve", `{"approved": false, "reason": "The dates are not proved, see 12345678901"}`)
	if d["workflow_status"] != "rejected" || strings.Contains(text(d), "12345678901") {
		t.Errorf("it is %s", text(d))
	}
	h.must(409, "/delink-requests/"+id+"/approve", `{"approved": true}`)
	h.as(clerk()).must(409, "/delink-requests/"+id+"/cancel", "")
	h.as(officer()).must(409, "/delink-requests/"+id+"/rollback", `{"reason": "there is nothing"}`)
}

// security.md class 1: another tenant's request is the same not found as a random id.
func TestSecurity01AnotherTenantsRequestIsNotFound(t *testing.T) {
	h := open(t)
	id := h.submit(h.recycled(2348031234567, "nin", "044"), "both")
	paper := h.attach(id, "letter.pdf", pdf("a"))
	ask := func(p access.Principal, method, path, body string) reconixtest.Answer {
		return h.as(p).Ask(method, strings.ReplaceAll(path, "ID", id), body)
	}
	random := "dlk_00000000000000000000000000"
	routes := []struct{ method, path, body string }{
		{"GET", "/delink-requests/ID", ""}, {"GET", "/delink-requests/ID/attachments", ""}, {"GET", "/delink-requests/ID/attachments/" + paper, ""},
		{"GET", "/delink-requests/ID/certificate", ""},
		{"POST", "/delink-requests/ID/approve", `{"approved": true}`}, {"POST", "/delink-requests/ID/cancel", ""}, {"POST", "/delink-requests/ID/retry", ""},
		{"POST", "/delink-requests/ID/dispute", `{"reason": "not mine"}`}, {"POST", "/delink-requests/ID/rollback", `{"reason": "not mine"}`},
	}
	for who, p := range map[string]access.Principal{"another operator": other(), "another bank": bank("058"), "its bank before it is asked": bank("044")} {
		for _, r := range routes {
			a := ask(p, r.method, r.path, r.body)
			b := h.as(p).Ask(r.method, strings.ReplaceAll(r.path, "ID", random), r.body)
			if a.Code != b.Code || a.Body["detail"] != b.Body["detail"] || (a.Code != 404 && a.Code != 403) {
				t.Errorf("%s: %s %s answers %d %s, and of a random id %d", who, r.method, r.path, a.Code, a.Text, b.Code)
			}
		}
		if list := h.get(200, "/delink-requests"); list["total"] != 0.0 {
			t.Errorf("%s lists %v", who, list["total"])
		}
		sim := h.as(reconixtest.Admin()).get(200, "/recycled-sims")["items"].([]any)[0].(map[string]any)["id"].(string)
		if a := h.as(p).Ask("GET", "/recycled-sims/"+sim, ""); a.Code == 200 && text(a.Body["requests"]) != "[]" {
			t.Errorf("%s sees the requests %v of the SIM", who, a.Body["requests"])
		}
	}
	h.wants(id, "submitted")
}

// A bank sees what it is asked, and nothing of the others.
func TestABankSeesAndAnswersItsOwnPart(t *testing.T) {
	h := open(t)
	id := h.submit(h.recycled(2348031234567, "nin", "044", "058", "057"), "both")
	h.as(officer()).approve(200, id)
	d := h.as(bank("044")).get(200, "/delink-requests/"+id)
	if items(d) != "044 waiting " {
		t.Errorf("the bank sees %s", items(d))
	}
	h.must(403, "/delink-requests/"+id+"/approve", `{"approved": true, "bank_code": "058"}`)
	h.as(officer()).must(403, "/delink-requests/"+id+"/approve", `{"approved": true}`) // an operator is no bank
	d = h.as(bank("044")).approve(200, id)
	if d["workflow_status"] != "awaiting_bank_approval" {
		t.Errorf("after one bank of three it is %v", d["workflow_status"])
	}
	h.must(409, "/delink-requests/"+id+"/approve", `{"approved": true}`) // it has answered
	h.as(bank("058")).must(200, "/delink-requests/"+id+"/approve", `{"approved": false, "reason": "Our customer shows the number in use"}`)
	d = h.as(bank("044")).get(200, "/delink-requests/"+id)
	if strings.Contains(text(d), "Our customer") || strings.Contains(text(d), "058") || strings.Contains(text(d), "12345678901") || strings.Contains(text(d), "NIMC") {
		t.Errorf("one bank reads another's answer: %s", text(d))
	}
	h.as(bank("057")).approve(200, id)
	h.settled()
	d = h.as(reconixtest.Admin()).get(200, "/delink-requests/"+id)
	if d["workflow_status"] != "failed" || items(d) != "NIMC done recorded, 044 done recorded, 057 done recorded, 058 refused " {
		t.Errorf("with one refusal of three it is %v: %s", d["workflow_status"], items(d))
	}
	if !strings.Contains(d["problem"].(string), "1 were refused") {
		t.Errorf("what is left reads %v", d["problem"])
	}
	// A person asks the bank again; it agrees, and the request is whole.
	h.as(clerk()).must(200, "/delink-requests/"+id+"/retry", "")
	h.wants(id, "awaiting_bank_approval")
	h.as(bank("058")).approve(200, id)
	h.settled()
	h.wants(id, "completed")
}

// Who is bound to no tenant may stand in for a bank, and for one of several.
func TestAnAdministratorAnswersForABank(t *testing.T) {
	h := open(t)
	id := h.submit(h.recycled(2348031234567, "044", "058"), "bvn")
	h.as(reconixtest.Admin()).approve(200, id)
	d := h.must(200, "/delink-requests/"+id+"/approve", `{"approved": false, "reason": "told by letter", "bank_code": "044"}`)
	if items(d) != "044 refused , 058 waiting " {
		t.Errorf("the items are %s", items(d))
	}
	h.must(200, "/delink-requests/"+id+"/approve", `{"approved": false, "reason": "told by letter too"}`)
	h.wants(id, "rejected")
}

// A legal hold blocks the opening, the approval and the removal, and lifting it lets
// what waited go on.
func TestALegalHoldBlocks(t *testing.T) {
	h := openWith(t)
	held, free := h.recycled(2348031234567, "nin"), h.recycled(2348031234568, "nin")
	before := h.submit(held, "nin")
	hold := h.must(201, "/legal-holds", `{"msisdn": "08031234567", "reference": "FHC/1", "reason": "An order of the court"}`)["id"].(string)
	h.must(409, "/legal-holds", `{"msisdn": "08031234567", "reason": "once more"}`)
	h.as(other()).must(404, "/legal-holds", `{"msisdn": "08031234567", "reason": "not mine"}`)
	if list := h.as(bank("044")).get(200, "/legal-holds"); list["total"] != 0.0 {
		t.Errorf("a bank sees %s", text(list))
	}
	h.as(officer()).must(409, "/delink-requests/"+before+"/approve", `{"approved": true}`)
	h.as(clerk()).must(409, "/delink-requests/"+before+"/cancel", "")
	if s := h.as(reconixtest.Admin()).get(200, "/identity/msisdn/+2348031234567/status"); s["status"] != "BLOCKED" || s["can_assign_to_new_user"] != false {
		t.Errorf("a held number is %s", text(s))
	}
	if s := h.get(200, "/recycled-sims/"+held); s["status"] != "BLOCKED" {
		t.Errorf("a held SIM is %s", s["status"])
	}
	if b := h.must(200, "/identity/batch-lookup", `{"msisdns": ["+2348031234567"]}`); !strings.Contains(text(b), "BLOCKED") {
		t.Errorf("a batch says %s", text(b))
	}
	for _, p := range []access.Principal{other(), bank("044")} {
		if a := h.as(p).Ask("DELETE", "/legal-holds/"+hold, ""); a.Code != 404 {
			t.Errorf("%s lifts the hold: %d", p.ID, a.Code)
		}
	}
	if a := h.as(officer()).Ask("DELETE", "/legal-holds/"+hold, ""); a.Code != 204 {
		t.Fatalf("lifting answers %d %s", a.Code, a.Text)
	}
	if s := h.as(reconixtest.Admin()).get(200, "/identity/msisdn/+2348031234567/status"); s["status"] != "CONFLICTED" {
		t.Errorf("after the hold it is %s", text(s))
	}

	// A hold that comes between two tries of the keeper stops the removal there.
	id := h.submit(free, "nin")
	h.nimc.down = 1
	h.nimc.during = func() {
		h.nimc.during = nil
		if _, err := h.delink.Place(t.Context(), reconixtest.Admin(), "08031234568", "", "An order of the court"); err != nil {
			t.Error(err)
		}
	}
	h.as(officer()).approve(200, id)
	h.settled()
	h.wants(id, "awaiting_nimc_notification")
	if got := h.one(`SELECT count(*) FROM linkage WHERE msisdn = 2348031234568 AND to_day IS NULL`); got != "1" {
		t.Error("a held number lost its linkage")
	}
	hold = h.get(200, "/legal-holds?active=true")["items"].([]any)[0].(map[string]any)["id"].(string)
	if a := h.Ask("DELETE", "/legal-holds/"+hold, ""); a.Code != 204 {
		t.Fatalf("lifting answers %d %s", a.Code, a.Text)
	}
	h.settled()
	h.wants(id, "completed")
}

// NIMC fails twice, and the third try does it; failing thrice leaves it to a person.
func TestAKeeperThatIsDownIsAskedThreeTimes(t *testing.T) {
	h := openWith(t)
	id := h.submit(h.recycled(2348031234567, "nin"), "nin")
	h.nimc.down = 2
	h.as(officer()).approve(200, id)
	h.settled()
	h.wants(id, "completed")
	if h.nimc.removed[id+"-1"] != 1 || h.nimc.last.Number != someNIN {
		t.Errorf("the keeper was told %v of %v", h.nimc.removed, h.nimc.last)
	}
	id = h.submit(h.as(reconixtest.Admin()).recycled(2348031234568, "nin", "044"), "both")
	h.nimc.down = 3
	h.as(officer()).approve(200, id)
	h.as(bank("044")).approve(200, id)
	h.settled()
	d := h.as(reconixtest.Admin()).get(200, "/delink-requests/"+id)
	if d["workflow_status"] != "failed" || items(d) != "NIMC failed , 044 done recorded" {
		t.Errorf("after three tries it is %v: %s", d["workflow_status"], items(d))
	}
	h.as(clerk()).must(409, "/delink-requests/"+id+"/cancel", "") // something was removed
	h.must(200, "/delink-requests/"+id+"/retry", "")
	h.settled()
	h.wants(id, "completed")
	if h.nimc.removed[id+"-1"] != 1 {
		t.Errorf("the keeper took it %d times", h.nimc.removed[id+"-1"])
	}
}

// Rolling back makes the linkage active again, as the sealed evidence says.
func TestARemovalCanBeTakenBack(t *testing.T) {
	h := openWith(t)
	sim := h.recycled(2348031234567, "nin")
	id := h.submit(sim, "nin")
	h.as(officer()).approve(200, id)
	h.settled()
	if strings.Contains(h.Dump("delink_item", "delink_event", "delink_request", "audit_entry"), someNIN) {
		t.Error("the evidence lies open in the store")
	}
	h.must(422, "/delink-requests/"+id+"/rollback", `{"reason": ""}`)
	h.nimc.down = 1
	h.must(503, "/delink-requests/"+id+"/rollback", `{"reason": "The wrong person was told"}`)
	h.wants(id, "completed")
	h.must(200, "/delink-requests/"+id+"/rollback", `{"reason": "The wrong person was told"}`)
	h.wants(id, "rolled_back")
	if h.nimc.restored[id+"-1"] != 1 || h.nimc.last.Number != someNIN {
		t.Errorf("the keeper was told %v of %v", h.nimc.restored, h.nimc.last)
	}
	record := h.as(reconixtest.Admin()).get(200, "/recycled-sims/"+sim)
	if record["previous_nin_linked"] != true || record["linkage_status"] != "active" || record["cleanup_status"] != "pending" || record["status"] != "CONFLICTED" {
		t.Errorf("the record says %s", text(record))
	}
	h.submit(sim, "nin") // it has ended: another may be opened
}

// A dispute stops a request; an approver sends it back or ends it.
func TestADispute(t *testing.T) {
	h := open(t)
	sim := h.recycled(2348031234567, "nin", "044")
	id := h.submit(sim, "both")
	h.as(officer()).approve(200, id)
	h.as(bank("044")).must(200, "/delink-requests/"+id+"/dispute", `{"reason": "Our customer came in person"}`)
	if r := h.as(reconixtest.Admin()).get(200, "/recycled-sims/"+sim); r["linkage_status"] != "disputed" {
		t.Errorf("the record is %v", r["linkage_status"])
	}
	h.as(bank("044")).must(403, "/delink-requests/"+id+"/approve", `{"approved": true}`)
	h.as(officer()).must(200, "/delink-requests/"+id+"/approve", `{"approved": true, "reason": "It was another number"}`)
	h.wants(id, "awaiting_bank_approval")
	h.as(bank("044")).approve(200, id)
	h.settled()
	h.wants(id, "completed")
	h.as(officer()).must(200, "/delink-requests/"+id+"/dispute", `{"reason": "The former holder complains"}`)
	h.must(409, "/delink-requests/"+id+"/approve", `{"approved": false, "reason": "she is right"}`) // it must be rolled back
	h.must(200, "/delink-requests/"+id+"/rollback", `{"reason": "she is right"}`)
	h.wants(id, "rolled_back")
}

// A missed deadline is told once, shows as overdue, and changes nothing else.
func TestAMissedDeadlineIsEscalated(t *testing.T) {
	h := open(t)
	id := h.submit(h.recycled(2348031234567, "nin"), "nin")
	h.Pass(23 * time.Hour)
	if err := h.delink.Deadlines(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.settled()
	if got := h.get(200, "/delink-requests?overdue=true")["total"]; got != 0.0 {
		t.Errorf("%v are overdue too early", got)
	}
	h.Pass(2 * time.Hour)
	for range 2 {
		if err := h.delink.Deadlines(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.settled()
	}
	d := h.as(officer()).get(200, "/delink-requests/"+id)
	if n := strings.Count(text(d["timeline"]), `"escalated"`); n != 1 || d["overdue"] != true || d["workflow_status"] != "submitted" {
		t.Errorf("it was escalated %d times and is %v", n, d["workflow_status"])
	}
	if got := h.get(200, "/delink-requests?overdue=true")["total"]; got != 1.0 {
		t.Errorf("%v are overdue", got)
	}
	if s := h.as(reconixtest.Admin()).get(200, "/dashboard/stats"); s["delink_overdue"] != 1.0 {
		t.Errorf("the dashboard counts %v", s["delink_overdue"])
	}
}

// A NIN may hold thousands of lines: removing it from one never touches another.
func TestAnotherLineOfTheSameNINIsNotTouched(t *testing.T) {
	h := open(t)
	h.must(201, "/nin-linkages", `{"msisdn": "+2348031239999", "nin": %q, "source": "NIMC", "linked_date": "2020-02-01"}`, someNIN)
	id := h.submit(h.recycled(2348031234567, "nin"), "nin")
	h.as(officer()).approve(200, id)
	h.settled()
	if got := h.one(`SELECT group_concat(msisdn || ' ' || (to_day IS NULL), ', ' ORDER BY msisdn) FROM linkage`); got != "2348031234567 0, 2348031239999 1" {
		t.Errorf("active linkages: %s", got)
	}
}

// The present holder is never harmed: her own linkages are no items, and what turns out
// to be hers before the removal is kept.
func TestThePresentHoldersLinkageIsNeverRemoved(t *testing.T) {
	h := open(t)
	const n = 2348031234567
	sim := h.recycled(n, "nin")
	h.as(reconixtest.Admin()).must(201, "/nin-linkages", `{"msisdn": "+%d", "nin": "98765432109", "source": "NIMC", "linked_date": "2026-08-02"}`, n)
	h.scan()
	id := h.submit(sim, "nin")
	if d := h.get(200, "/delink-requests/"+id); len(d["items"].([]any)) != 1 {
		t.Errorf("the items are %s", text(d["items"]))
	}
	// The operator takes it back: it was the same person all along.
	h.Write(func(tx *sqlite.Tx) error {
		_, err := sqlite.Exec(tx, `UPDATE tenure SET retracted_at = ? WHERE msisdn = ? AND generation = 2`, h.Clock().UnixMilli(), int64(n))
		if err == nil {
			_, err = sqlite.Exec(tx, `INSERT INTO tenure (msisdn, generation, learnt_at, from_day, holder, holder_kind, operator, source)
				SELECT msisdn, 2, learnt_at + 1, from_day, (SELECT holder FROM tenure f WHERE f.msisdn = t.msisdn AND f.generation = 1), 3, operator, 'test' FROM tenure t WHERE msisdn = ? AND generation = 2`, int64(n))
		}
		return err
	})
	h.as(officer()).approve(200, id)
	h.settled()
	d := h.as(reconixtest.Admin()).get(200, "/delink-requests/"+id)
	if items(d) != "NIMC kept " || h.one(`SELECT count(*) FROM linkage WHERE to_day IS NULL`) != "2" {
		t.Errorf("it ended as %s: %s", d["workflow_status"], text(d["items"]))
	}
}

// What the dates do not tell is removed only when a person says that they looked.
func TestALinkageForReviewNeedsAPerson(t *testing.T) {
	h := open(t)
	h.must(201, "/nin-linkages", `{"msisdn": "+2348031234567", "nin": %q, "source": "MTN"}`, someNIN)
	h.Tenures(2348031234567, reconixtest.Held{From: "2020-01-10", To: "2026-06-01", By: "Ada Obi"}, reconixtest.Held{From: "2026-08-01", By: "Bola Ade"})
	sim := h.must(201, "/recycled-sims", `{"msisdn": "08031234567", "sim_serial": "89234010000000000013", "operator_code": "MTN", "date_recycled": "2026-08-01"}`)["id"].(string)
	h.as(clerk()).must(409, "/delink-requests", `{"recycled_sim_id": %q, "request_type": "nin", "reason": "given out again"}`, sim)
	d := h.must(201, "/delink-requests", `{"recycled_sim_id": %q, "request_type": "nin", "reason": "given out again", "include_review": true}`, sim)
	if !strings.Contains(text(d["items"]), `"basis":"review"`) {
		t.Errorf("the items are %s", text(d["items"]))
	}
}

// A lost update answers 412.
func TestALateDecisionOnAnOldVersion(t *testing.T) {
	h := open(t)
	id := h.submit(h.recycled(2348031234567, "nin"), "nin")
	old := h.Ask("GET", "/delink-requests/"+id, "").Header.Get("ETag")
	h.as(officer()).must(200, "/delink-requests/"+id+"/dispute", `{"reason": "wait a moment"}`)
	if now := h.Ask("GET", "/delink-requests/"+id, "").Header.Get("ETag"); now == old || old == "" {
		t.Errorf("the version was %s and is %s", old, now)
	}
}
