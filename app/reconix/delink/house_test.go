package delink_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/jobs"
	"reconexus/app/reconix/dashboard"
	"reconexus/app/reconix/delink"
	"reconexus/app/reconix/detect"
	"reconexus/app/reconix/identity"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/operators"
	"reconexus/app/reconix/reconixtest"
	"reconexus/app/reconix/sims"
	"reconexus/store/sqlite"
)

// Who knocks in these tests.
func clerk() access.Principal { return named(reconixtest.Of(access.Operator, "MTN"), "clerk") }
func officer() access.Principal {
	return named(reconixtest.Of(access.Operator, "MTN", access.DelinkApprove), "officer")
}
func other() access.Principal {
	return named(reconixtest.Of(access.Operator, "GLO", access.DelinkApprove), "glo")
}
func bank(code string) access.Principal { return reconixtest.Of(access.Bank, code) }

func named(p access.Principal, name string) access.Principal {
	p.ID, p.Name = "usr_"+name, name+"@example.com"
	return p
}

// faulty is a keeper outside: it remembers what it was told, and may be down.
type faulty struct {
	mu       sync.Mutex
	down     int // how many calls fail from now on
	removed  map[string]int
	restored map[string]int
	last     delink.Removal
	during   func()
}

func (f *faulty) tell(into map[string]int, r delink.Removal) (delink.Told, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.during != nil {
		f.during()
	}
	f.last = r
	if f.down > 0 {
		f.down--
		return delink.Told{}, context.DeadlineExceeded
	}
	into[r.ID]++
	return delink.Told{How: delink.Notified, Reference: "ref-" + r.ID}, nil
}

func (f *faulty) Remove(_ context.Context, r delink.Removal) (delink.Told, error) {
	return f.tell(f.removed, r)
}

func (f *faulty) Restore(_ context.Context, r delink.Removal) (delink.Told, error) {
	return f.tell(f.restored, r)
}

type house struct {
	*reconixtest.House
	delink *delink.Service
	sims   *sims.Service
	nimc   *faulty // nil: nobody outside is told
}

// open makes a house in which the queue works.
func open(t testing.TB) *house {
	t.Helper()
	h := furnish(t, reconixtest.Open(t), nil)
	h.Start(h.Jobs)
	return h
}

// openWith has a keeper outside for NINs.
func openWith(t testing.TB) *house {
	t.Helper()
	h := furnish(t, reconixtest.Open(t), &faulty{removed: map[string]int{}, restored: map[string]int{}})
	h.Start(h.Jobs)
	return h
}

func furnish(t testing.TB, in *reconixtest.House, nimc *faulty) *house {
	t.Helper()
	h := &house{House: in, nimc: nimc}
	names := operators.New(h.DB, h.Audit)
	if err := names.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	var err error
	h.sims, err = sims.New(sims.Service{DB: h.DB, Dir: h.Dir, Clock: h.Clock, Table: h.Table, Ring: h.Ring, Audit: h.Audit, Jobs: h.Jobs, Hub: h.Hub, Operators: names, Log: h.Log})
	if err != nil {
		t.Fatal(err)
	}
	links := linkage.New(linkage.Service{DB: h.DB, Dir: h.Dir, Clock: h.Clock, Ring: h.Ring, Keys: h.Keys, Table: h.Table, Audit: h.Audit, Jobs: h.Jobs, Log: h.Log})
	s := delink.Service{DB: h.DB, Dir: h.Dir, Clock: h.Clock, Table: h.Table, Ring: h.Ring, Audit: h.Audit, Jobs: h.Jobs, Hub: h.Hub, Sims: h.sims, Linkages: links, Operators: names, Log: h.Log}
	if nimc != nil {
		s.To = func(k linkage.Kind, _ string) delink.Target {
			if k == linkage.NIN {
				return nimc
			}
			return nil
		}
	}
	if h.delink, err = delink.New(s); err != nil {
		t.Fatal(err)
	}
	h.sims.Mount(h.API)
	links.Mount(h.API)
	h.delink.Mount(h.API)
	detect.New(detect.Service{DB: h.DB, Clock: h.Clock, Audit: h.Audit, Jobs: h.Jobs, Hub: h.Hub, Sims: h.sims}).Mount(h.API)
	identity.New(identity.Service{DB: h.DB, Clock: h.Clock, Table: h.Table, Audit: h.Audit, Log: h.Log}).Mount(h.API)
	dashboard.New(dashboard.Service{DB: h.DB, Clock: h.Clock, Operators: names}).Mount(h.API)
	return h
}

const (
	someNIN = "12345678901"
	someBVN = "22345678901"
)

// recycled makes a number that went from Ada to Bola while Ada's identities stayed, and
// answers the id of its SIM's record. Kinds are nin and the codes of banks.
func (h *house) recycled(msisdn int64, kinds ...string) string {
	h.Helper()
	before := h.Who
	defer func() { h.Who = before }()
	h.Who = reconixtest.Admin()
	h.Tenures(msisdn,
		reconixtest.Held{From: "2020-01-10", To: "2026-06-01", By: "Ada Obi", NIN: someNIN},
		reconixtest.Held{From: "2026-08-01", By: "Bola Ade", NIN: "98765432109"})
	for _, k := range kinds {
		if k == "nin" {
			h.must(201, "/nin-linkages", `{"msisdn": "+%d", "nin": %q, "source": "NIMC", "linked_date": "2020-02-01"}`, msisdn, someNIN)
		} else {
			h.must(201, "/bvn-linkages", `{"msisdn": "+%d", "bvn": %q, "bank_code": %q, "source": "NIBSS", "linked_date": "2020-02-01"}`, msisdn, someBVN, k)
		}
	}
	h.scan()
	list := h.get(200, fmt.Sprintf("/recycled-sims?msisdn=0%d", msisdn-2340000000000))
	return list["items"].([]any)[0].(map[string]any)["id"].(string)
}

func (h *house) scan() {
	h.Helper()
	a := h.Ask("POST", "/recycled-sims/detect", "")
	if a.Code != 202 && a.Code != 200 {
		h.Fatalf("a scan answers %d: %s", a.Code, a.Text)
	}
	if id, ok := a.Body["job_id"].(string); ok {
		h.Wait(id)
	}
}

// must posts and wants a status.
func (h *house) must(status int, path, body string, args ...any) map[string]any {
	h.Helper()
	if len(args) > 0 {
		body = fmt.Sprintf(body, args...)
	}
	a := h.Ask(http.MethodPost, path, body)
	if a.Code != status {
		h.Fatalf("POST %s as %s answers %d, want %d: %s\n%s", path, h.Who.ID, a.Code, status, a.Text, h.Logged())
	}
	return a.Body
}

func (h *house) get(status int, path string) map[string]any {
	h.Helper()
	a := h.Ask(http.MethodGet, path, "")
	if a.Code != status {
		h.Fatalf("GET %s as %s answers %d, want %d: %s\n%s", path, h.Who.ID, a.Code, status, a.Text, h.Logged())
	}
	return a.Body
}

// as lets somebody else knock.
func (h *house) as(p access.Principal) *house { h.Who = p; return h }

// submit opens a request as the clerk.
func (h *house) submit(sim, kind string) string {
	h.Helper()
	return h.as(clerk()).must(201, "/delink-requests", `{"recycled_sim_id": %q, "request_type": %q, "reason": "The number was given out again"}`, sim, kind)["id"].(string)
}

func (h *house) approve(status int, id string) map[string]any {
	h.Helper()
	return h.must(status, "/delink-requests/"+id+"/approve", `{"approved": true, "reason": "Checked"}`)
}

// state is where a request is, for an administrator.
func (h *house) state(id string) string {
	h.Helper()
	before := h.Who
	defer func() { h.Who = before }()
	return h.as(reconixtest.Admin()).get(200, "/delink-requests/"+id)["workflow_status"].(string)
}

// settled waits until the jobs that remove have ended or wait for another time, and
// moves the clock past their pauses.
func (h *house) settled() {
	h.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		var running, waiting int
		_, err := sqlite.Read(h.Context(), h.DB, func(tx *sqlite.Tx) (struct{}, error) {
			return sqlite.One(tx, func(r sqlite.Row) (struct{}, error) { return struct{}{}, r.Scan(&running, &waiting) },
				`SELECT count(*) FILTER (WHERE state = 'running' OR run_after <= ?1), count(*) FROM job WHERE state IN ('queued', 'running')`, h.Clock().UnixMilli())
		})
		if err != nil {
			h.Fatal(err)
		}
		if waiting == 0 {
			return
		}
		if running == 0 {
			h.Pass(10 * time.Minute)
			h.nudge()
		}
		time.Sleep(2 * time.Millisecond)
	}
	h.Fatalf("the jobs do not settle\n%s", h.Logged())
}

// nudge makes the queue look again.
func (h *house) nudge() {
	h.Helper()
	_, err := sqlite.Write(h.Context(), h.DB, func(tx *sqlite.Tx) (jobs.Job, error) {
		return h.Jobs.Add(tx, access.System("test"), jobs.Spec{Kind: "delink.deadlines"})
	})
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) wants(id, state string) {
	h.Helper()
	if got := h.state(id); got != state {
		h.Errorf("the request is %s, want %s\n%s", got, state, h.Logged())
	}
}

// one reads one text from the store.
func (h *house) one(query string, args ...any) string {
	h.Helper()
	out, err := sqlite.Read(h.Context(), h.DB, func(tx *sqlite.Tx) (string, error) { return sqlite.One(tx, sqlite.Text, query, args...) })
	if err != nil {
		h.Fatalf("%s: %v", query, err)
	}
	return out
}

// items tells the states of a request's items.
func items(v map[string]any) string {
	var out []string
	for _, i := range v["items"].([]any) {
		x := i.(map[string]any)
		out = append(out, x["target"].(string)+" "+x["state"].(string)+" "+x["told"].(string))
	}
	return strings.Join(out, ", ")
}

func text(v any) string {
	out, _ := json.Marshal(v)
	return string(out)
}
