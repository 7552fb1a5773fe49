package delink_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"reconexus/app/access"
	"reconexus/app/reconix/reconixtest"
	"reconexus/store/sqlite"
)

// No sequence of verbs by anybody breaks four eyes, leaves the table, loses count, or
// removes anything that its keepers did not approve.
func TestNoSequenceOfVerbsBreaksTheRules(t *testing.T) {
	h := open(t)
	people := []access.Principal{clerk(), officer(), reconixtest.Admin(), bank("044"), bank("058"), other()}
	states := []string{"submitted", "awaiting_bank_approval", "awaiting_nimc_notification", "execution_in_progress", "completed", "rejected", "cancelled", "failed", "disputed", "rolled_back"}
	number := int64(2348030000000)
	rapid.Check(t, func(rt *rapid.T) {
		number++
		kinds := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"nin", "044", "058"}), 1, 3, rapid.ID[string]).Draw(rt, "kinds")
		h.as(reconixtest.Admin())
		sim := h.recycled(number, kinds...)
		by := people[rapid.SampledFrom([]int{0, 1, 2}).Draw(rt, "by")]
		a := h.as(by).Ask("POST", "/delink-requests", fmt.Sprintf(`{"recycled_sim_id": %q, "request_type": "both", "reason": "given out again"}`, sim))
		if a.Code != 201 {
			rt.Fatalf("submitting answers %d %s", a.Code, a.Text)
		}
		id := a.Body["id"].(string)
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			who := people[rapid.IntRange(0, len(people)-1).Draw(rt, "who")]
			verb := rapid.SampledFrom([]string{"approve", "approve", "approve", "refuse", "cancel", "retry", "dispute", "rollback"}).Draw(rt, "verb")
			path, body := verb, `{"reason": "because of it"}`
			if verb == "approve" || verb == "refuse" {
				path, body = "approve", fmt.Sprintf(`{"approved": %v, "reason": "because of it"}`, verb == "approve")
			}
			before := h.state(id)
			a := h.as(who).Ask("POST", "/delink-requests/"+id+"/"+path, body)
			decides := path == "approve" || path == "rollback"
			if a.Code == 200 && decides && who.ID == by.ID {
				rt.Fatalf("%s submitted, and decided (%s) from %s", by.ID, verb, before)
			}
			if a.Code == 200 && who.Operator == "GLO" {
				rt.Fatalf("another operator could %s from %s", verb, before)
			}
			if a.Code >= 500 {
				rt.Fatalf("%s from %s answers %d %s", verb, before, a.Code, a.Text)
			}
			if rapid.Bool().Draw(rt, "wait") {
				h.settled()
			}
			if now := h.state(id); !slices.Contains(states, now) {
				rt.Fatalf("%s led from %s to %s", verb, before, now)
			}
		}
		h.settled()
		check(rt, h, id, number)
	})
	if got := h.one(`SELECT count(*) FROM (SELECT operator_code, workflow_status, count(*) AS n FROM delink_request GROUP BY 1, 2
		EXCEPT SELECT operator_code, workflow_status, requests FROM delink_tally)`); got != "0" {
		t.Error("the sums are not what there is")
	}
	if r, err := h.Audit.Verify(t.Context(), ""); err != nil || len(r.Faults) > 0 {
		t.Errorf("the audit log: %v %v", r.Faults, err)
	}
}

// check compares what was removed with who approved it.
func check(rt *rapid.T, h *house, id string, number int64) {
	type row struct {
		state, decided string
		active         bool
		kind           int
	}
	items, err := sqlite.Read(h.Context(), h.DB, func(tx *sqlite.Tx) ([]row, error) {
		return sqlite.All(tx, func(r sqlite.Row) (x row, err error) {
			err = r.Scan(&x.state, &x.decided, &x.active, &x.kind)
			return x, err
		}, `SELECT i.state, i.decided_by, l.to_day IS NULL, i.kind FROM delink_item i JOIN linkage l ON l.msisdn = ? AND l.kind = i.kind AND l.bank_code = i.bank_code AND l.token = i.token WHERE i.request_id = ?`, number, id)
	})
	if err != nil {
		rt.Fatal(err)
	}
	state := h.state(id)
	for _, i := range items {
		if i.active == (i.state == "done") {
			rt.Fatalf("an item is %s and its linkage is active: %v (the request is %s)", i.state, i.active, state)
		}
		if i.state == "done" && i.decided == "" {
			rt.Fatalf("something was removed that nobody approved")
		}
	}
	if state == "execution_in_progress" || state == "awaiting_nimc_notification" {
		rt.Fatalf("nothing works on it, and it is %s", state)
	}
}
