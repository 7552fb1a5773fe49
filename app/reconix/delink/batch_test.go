package delink_test

import (
	"fmt"
	"testing"
	"time"

	"reconexus/app/reconix/reconixtest"
	"reconexus/store/sqlite"
)

// stale writes n recycled SIMs with a stale NIN each, as a scan leaves them.
func (h *house) stale(n int) {
	h.Helper()
	h.Write(func(tx *sqlite.Tx) error {
		for i := range n {
			number := 2348030000000 + int64(i)
			at := h.Clock().Add(time.Duration(i-n) * time.Second)
			for _, q := range []struct {
				query string
				args  []any
			}{
				{`INSERT INTO tenure (msisdn, generation, learnt_at, from_day, to_day, holder, holder_kind, operator, source) VALUES (?, 1, 0, 18000, 20000, 1, 2, 'MTN', 'test'), (?, 2, 0, 20100, NULL, 2, 2, 'MTN', 'test')`, []any{number, number}},
				{`INSERT INTO linkage (msisdn, kind, token, learnt_at, sealed, mask, from_day, source, verdict) VALUES (?1, 1, CAST(?1 AS BLOB), 0, x'00', '123****8901', 18100, 'NIMC', 2)`, []any{number}},
				{`INSERT INTO recycled_sim (id, msisdn, generation, operator_code, previous_nin_linked, detection_method, created_at, updated_at) VALUES (?, ?, 2, 'MTN', 1, 'reconciliation', ?, ?)`,
					[]any{fmt.Sprintf("sim_%026d", i), number, at.UnixMilli(), at.UnixMilli()}},
			} {
				if _, err := sqlite.Exec(tx, q.query, q.args...); err != nil {
					return err
				}
			}
		}
		_, err := sqlite.Exec(tx, `INSERT INTO recycled_sim_tally VALUES ('MTN', 'pending', 'active', 1, 0, 0, ?)`, n)
		return err
	})
}

func TestAFewAreOpenedAtOnce(t *testing.T) {
	h := open(t)
	h.stale(20)
	h.must(201, "/legal-holds", `{"msisdn": "08030000003", "reason": "An order of the court"}`)
	one := h.as(clerk()).must(201, "/delink-requests", `{"recycled_sim_id": "sim_00000000000000000000000005", "request_type": "nin", "reason": "the first"}`)["id"].(string)
	for _, body := range []string{`{"request_type": "nin", "reason": "all"}`, `{"request_type": "nin", "reason": "all", "filter": {}, "recycled_sim_ids": ["x"]}`,
		`{"request_type": "nin", "reason": "all", "filter": {"cleanup_status": "x"}}`, `{"request_type": "nin", "reason": "", "filter": {}}`} {
		h.must(422, "/delink-batches", body)
	}
	got := h.must(200, "/delink-batches", `{"request_type": "both", "reason": "All that the scan found", "filter": {}}`)
	if text(got) != `{"already_open":1,"matched":20,"not_found":0,"nothing_to_remove":0,"on_hold":1,"opened":18}` {
		t.Errorf("it answers %s", text(got))
	}
	got = h.must(200, "/delink-batches", `{"request_type": "bvn", "reason": "These too", "recycled_sim_ids": ["sim_00000000000000000000000005", "sim_0000000000000000000000x"]}`)
	if text(got) != `{"already_open":0,"matched":1,"not_found":1,"nothing_to_remove":1,"on_hold":0,"opened":0}` {
		t.Errorf("a list answers %s", text(got))
	}
	if got := h.as(other()).must(200, "/delink-batches", `{"request_type": "nin", "reason": "not mine", "filter": {}}`)["matched"]; got != 0.0 {
		t.Errorf("another operator opens for %v", got)
	}
	if got := h.one(`SELECT group_concat(cleanup_status || ' ' || n) FROM (SELECT cleanup_status, count(*) AS n FROM recycled_sim GROUP BY 1 ORDER BY 1)`); got != "in_progress 19,pending 1" {
		t.Errorf("the SIMs are %s", got)
	}
	h.wants(one, "submitted")
}

// More than 500 are opened by a job that tells its counts.
func TestManyAreOpenedByAJob(t *testing.T) {
	const n = 520
	h := open(t)
	h.stale(n)
	h.openAll(n)
	h.as(reconixtest.Admin())
	if s := h.get(200, "/dashboard/stats"); s["delink_pending"] != float64(n) || s["total_cleanup_in_progress"] != float64(n) || s["total_cleanup_pending"] != 0.0 {
		t.Errorf("the dashboard counts %s", text(s))
	}
	if got := h.one(`SELECT count(DISTINCT sim_id) || ' ' || (SELECT count(*) FROM delink_event) || ' ' || (SELECT count(*) FROM audit_entry WHERE action = 'delink.submitted') FROM delink_request`); got != fmt.Sprintf("%d %[1]d %[1]d", n) {
		t.Errorf("SIMs, steps and audit lines: %s", got)
	}
}

// openAll opens a request for each of n SIMs from a filter, and waits for it.
func (h *house) openAll(n int) {
	h.Helper()
	a := h.as(clerk()).Ask("POST", "/delink-batches", `{"request_type": "nin", "reason": "All that the scan found", "filter": {"cleanup_status": "pending"}}`)
	if a.Code != 202 {
		h.Fatalf("it answers %d %s", a.Code, a.Text)
	}
	j := h.Wait(a.Body["job_id"].(string))
	if want := fmt.Sprintf(`{"matched":%d,"opened":%[1]d,"already_open":0,"nothing_to_remove":0,"on_hold":0,"not_found":0}`, n); string(j.Result) != want {
		h.Errorf("the job ends with %s", j.Result)
	}
}
