package delink_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/reconix/reconixtest"
	"reconexus/store/sqlite"
)

// fill writes n requests into the table, as many clerks would have in months: four in
// five are submitted, every fifth waits for one of two banks.
func (h *house) fill(n int) {
	h.Helper()
	base := h.Clock().Add(-time.Duration(n) * time.Second)
	h.Write(func(tx *sqlite.Tx) error {
		for i := range n {
			id := fmt.Sprintf("dlk_%026d", i)
			operator, state, waits, at := []string{"MTN", "MTN", "GLO"}[i%3], "submitted", "operator", base.Add(time.Duration(i)*time.Second)
			if i%5 == 4 {
				state, waits = "awaiting_bank_approval", "bank"
			}
			if _, err := sqlite.Exec(tx, `INSERT INTO delink_request (id, sim_id, msisdn, generation, operator_code, request_type, nin, bvn, open, status, workflow_status, waits_for,
				reason, risk_score, submitted_by, submitted_name, submitted_role, submitted_person, due_at, created_at, updated_at)
				VALUES (?1, ?1, ?2, 2, ?3, 'both', 1, 1, 1, iif(?4 = 'submitted', 'pending', 'processing'), ?4, ?5, 'given out again', ?6, 'usr_clerk', 'clerk', 'operator', 'usr_clerk', ?7, ?8, ?8)`,
				id, 2348030000000+int64(i), operator, state, waits, float64(i%11)/10, at.Add(24*time.Hour).UnixMilli(), at.UnixMilli()); err != nil {
				return err
			}
			var asked any
			if waits == "bank" {
				asked = at.UnixMilli()
			}
			if _, err := sqlite.Exec(tx, `INSERT INTO delink_item (request_id, place, kind, bank_code, token, mask, basis, why, state, asked_at) VALUES (?, 1, 2, ?, x'', '223****1234', 'stale', '', 'waiting', ?)`,
				id, []string{"044", "058"}[i%2], asked); err != nil {
				return err
			}
			if _, err := sqlite.Exec(tx, `INSERT INTO delink_tally VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET requests = requests + 1`, operator, state); err != nil {
				return err
			}
		}
		return nil
	})
}

// Every filter and order, page by page, agrees with a plain look at the table.
func TestFiltersAgreeWithAPlainLook(t *testing.T) {
	h := furnish(t, reconixtest.Open(t), nil)
	const n = 230
	h.fill(n)
	h.Write(func(tx *sqlite.Tx) error {
		for _, query := range []string{
			`UPDATE delink_request SET open = 0, status = 'completed', workflow_status = 'completed', waits_for = 'nobody' WHERE msisdn % 7 = 0`,
			`UPDATE delink_request SET open = 0, status = 'cancelled', workflow_status = 'rolled_back', waits_for = 'nobody' WHERE msisdn % 7 = 1`,
			`UPDATE delink_request SET status = 'failed', workflow_status = 'failed', waits_for = 'operator' WHERE msisdn % 7 = 2`,
			`DELETE FROM delink_tally`,
			`INSERT INTO delink_tally SELECT operator_code, workflow_status, count(*) FROM delink_request GROUP BY 1, 2`,
		} {
			if _, err := sqlite.Exec(tx, query); err != nil {
				return err
			}
		}
		return nil
	})
	now := h.Clock().UnixMilli()
	for _, c := range []struct {
		who   access.Principal
		query string
		where string
	}{
		{reconixtest.Admin(), "", "1"},
		{reconixtest.Admin(), "status=pending", "status = 'pending'"},
		{reconixtest.Admin(), "workflow_status=awaiting_bank_approval&operator_code=Glo", "workflow_status = 'awaiting_bank_approval' AND operator_code = 'GLO'"},
		{reconixtest.Admin(), "open=true", "open = 1"},
		{reconixtest.Admin(), "open=false", "open = 0"},
		{reconixtest.Admin(), "open=false&operator_code=GLO&status=cancelled", "open = 0 AND operator_code = 'GLO' AND workflow_status = 'rolled_back'"},
		{bank("044"), "open=false", "open = 0 AND EXISTS (SELECT 1 FROM delink_item i WHERE i.request_id = r.id AND bank_code = '044' AND asked_at IS NOT NULL)"},
		{reconixtest.Admin(), "overdue=true", fmt.Sprintf("due_at <= %d", now)},
		{reconixtest.Admin(), "overdue=false&status=pending", fmt.Sprintf("due_at > %d AND status = 'pending'", now)},
		{reconixtest.Admin(), "bank_code=044", "EXISTS (SELECT 1 FROM delink_item i WHERE i.request_id = r.id AND bank_code = '044' AND asked_at IS NOT NULL)"},
		{reconixtest.Admin(), "waiting_for=me", "workflow_status IN ('submitted', 'failed')"},
		{reconixtest.Admin(), "waiting_for=bank", "waits_for = 'bank'"},
		{reconixtest.Admin(), "msisdn=08030000007", "msisdn = 2348030000007"},
		{clerk(), "", "operator_code = 'MTN'"},
		{clerk(), "operator_code=GLO", "0"},
		{clerk(), "waiting_for=me", "operator_code = 'MTN' AND workflow_status = 'failed'"}, // to be tried again
		{officer(), "waiting_for=me", "operator_code = 'MTN' AND workflow_status IN ('submitted', 'failed')"},
		{other(), "waiting_for=operator", "operator_code = 'GLO' AND waits_for = 'operator'"},
		{bank("044"), "", "EXISTS (SELECT 1 FROM delink_item i WHERE i.request_id = r.id AND bank_code = '044' AND asked_at IS NOT NULL)"},
		{bank("044"), "waiting_for=me", "waits_for = 'bank' AND EXISTS (SELECT 1 FROM delink_item i WHERE i.request_id = r.id AND bank_code = '044' AND asked_at IS NOT NULL)"},
		{bank("044"), "bank_code=058", "0"},
	} {
		for _, sort := range []string{"-created_at", "created_at", "due_at", "-due_at", "-risk_score", "risk_score"} {
			name := fmt.Sprintf("%s asks %s by %s", c.who.ID, c.query, sort)
			key, down := strings.CutPrefix(sort, "-")
			way := map[bool]string{true: " DESC", false: ""}[down]
			order := map[string]string{"created_at": "id" + way, "due_at": "due_at" + way + ", id" + way, "risk_score": "risk_score" + way + ", id" + way}[key]
			want := h.ids(`SELECT id FROM delink_request r WHERE ` + c.where + ` ORDER BY ` + order)
			if got := h.walk(c.who, c.query+"&sort="+sort, len(want)); !slices.Equal(got, want) {
				t.Errorf("%s: %d requests, want %d, or in another order", name, len(got), len(want))
			}
		}
	}
}

func (h *house) ids(query string) []string {
	h.Helper()
	out, err := sqlite.Read(h.Context(), h.DB, func(tx *sqlite.Tx) ([]string, error) { return sqlite.All(tx, sqlite.Text, query) })
	if err != nil {
		h.Fatal(err)
	}
	return out
}

// walk reads all pages of a list by its cursors and checks its total.
func (h *house) walk(who access.Principal, query string, total int) (out []string) {
	h.Helper()
	for after := ""; ; {
		page := h.as(who).get(200, "/delink-requests?limit=40&"+strings.Trim(query, "&")+after)
		if after == "" && page["total"] != float64(total) {
			h.Errorf("%s has a total of %v, want %d", query, page["total"], total)
		}
		for _, i := range page["items"].([]any) {
			out = append(out, i.(map[string]any)["id"].(string))
		}
		next, ok := page["next"].(string)
		if !ok {
			return out
		}
		after = "&after=" + next
	}
}

func TestWhatAListRefuses(t *testing.T) {
	h := furnish(t, reconixtest.Open(t), nil)
	for _, query := range []string{"status=open", "workflow_status=pending", "operator_code=nobody", "bank_code=999999", "sort=reason", "after=x", "waiting_for=you", "msisdn=12", "unknown=1"} {
		h.get(422, "/delink-requests?"+query)
	}
}
