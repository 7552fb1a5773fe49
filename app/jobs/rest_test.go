package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/jobs"
	"reconexus/app/kit/page"
	"reconexus/store/sqlite"
)

func as(id string, may ...access.Permission) access.Principal {
	return access.Principal{ID: id, Name: id, May: may}
}

func bound(p access.Principal, operator, bank string) access.Principal {
	p.Operator, p.Bank = operator, bank
	return p
}

func filing() jobs.Kind {
	return jobs.Kind{Name: "file", Run: func(_ context.Context, r *jobs.Run) (any, error) {
		for _, name := range []string{"errors.csv", "result.csv"} {
			f, err := r.File(name)
			if err != nil {
				return nil, err
			}
			_, err = f.WriteString(name)
			if err := errors.Join(err, f.Close()); err != nil {
				return nil, err
			}
		}
		return map[string]int{"rows": 1}, nil
	}}
}

// security.md class 1: a job that one may not see is answered like one that is not there.
func TestWhoSeesAJob(t *testing.T) {
	p := build(t, filing(), jobs.Kind{Name: "hang", Run: hang})
	p.Workers = 3
	p.start().serve()
	ours := p.add(jobs.Spec{Kind: "file", Title: "MTN's", Operator: "MTN"})
	p.wait(ours.ID)
	hung := p.add(jobs.Spec{Kind: "hang", Operator: "MTN"})
	for name, c := range map[string]struct {
		who  access.Principal
		sees bool
	}{
		"administrator":                 {as("usr_1", access.All()...), true},
		"the operator itself":           {bound(as("usr_2", access.SIMRead), "MTN", ""), true},
		"another operator":              {bound(as("usr_3", access.SIMRead), "GLO", ""), false},
		"a bank":                        {bound(as("usr_4", access.SIMRead), "", "058"), false},
		"the operator, another right":   {bound(as("usr_5", access.DelinkRead), "MTN", ""), false},
		"a key that is bound to a line": {access.Principal{ID: "key_1", May: access.All(), MSISDN: 2348031234567}, false},
	} {
		want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[c.sees]
		for _, path := range []string{"/jobs/" + ours.ID, "/jobs/" + ours.ID + "?wait=1s", "/jobs/" + ours.ID + "/errors.csv", "/jobs/" + ours.ID + "/result.csv"} {
			status, body := p.ask(c.who, http.MethodGet, path)
			_, random := p.ask(c.who, http.MethodGet, strings.Replace(path, ours.ID, "job_"+strings.Repeat("0", 26), 1))
			if status != want {
				t.Errorf("%s, GET %s: %d; want %d", name, path, status, want)
			}
			if !c.sees && sentence(body) != sentence(random) {
				t.Errorf("%s, GET %s: %q; a random id: %q", name, path, sentence(body), sentence(random))
			}
		}
		if !c.sees {
			for _, verb := range []string{"cancel", "resume"} {
				if status, _ := p.ask(c.who, http.MethodPost, "/jobs/"+hung.ID+"/"+verb); status != http.StatusNotFound {
					t.Errorf("%s, %s: %d; want 404", name, verb, status)
				}
			}
		}
		_, body := p.ask(c.who, http.MethodGet, "/jobs")
		if strings.Contains(body, ours.ID) != c.sees {
			t.Errorf("%s finds the job in the list: %t; want %t", name, !c.sees, c.sees)
		}
	}
	for _, path := range []string{"/jobs", "/jobs/" + ours.ID, "/jobs/" + ours.ID + "/errors.csv"} {
		if status, _ := p.ask(access.Principal{}, http.MethodGet, path); status != http.StatusUnauthorized {
			t.Errorf("nobody, GET %s: %d; want 401", path, status)
		}
	}
	if j, _ := p.Get(t.Context(), hung.ID); j.State.Ended() {
		t.Errorf("somebody who may not see the job ended it: %s", j.State)
	}
}

func sentence(body string) string {
	var p struct{ Detail string }
	_ = json.Unmarshal([]byte(body), &p)
	return p.Detail
}

func TestTheShapeOfAJob(t *testing.T) {
	p := build(t, filing()).start()
	p.serve()
	id := p.add(jobs.Spec{Kind: "file", Title: "A file"}).ID
	status, body := p.ask(as("usr_1", access.SIMRead), http.MethodGet, "/jobs/"+id+"?wait=20s")
	var got map[string]any
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s %v", status, body, err)
	}
	for _, field := range []string{"id", "kind", "title", "state", "stage", "progress", "result", "error", "created_at", "started_at", "finished_at"} {
		if _, ok := got[field]; !ok {
			t.Errorf("the field %s is missing in %s", field, body)
		}
	}
	if got["state"] != "succeeded" || got["error"] != nil || got["result"].(map[string]any)["rows"] != 1.0 {
		t.Errorf("the job is %s", body)
	}
	for _, secret := range []string{"actor", "args", "permission", "state_data"} {
		if _, ok := got[secret]; ok {
			t.Errorf("the field %s is shown", secret)
		}
	}
	for _, name := range []string{"errors.csv", "result.csv"} {
		if status, body := p.ask(as("usr_1", access.SIMRead), http.MethodGet, "/jobs/"+id+"/"+name); status != http.StatusOK || body != name {
			t.Errorf("%s: %d %q", name, status, body)
		}
	}
}

func TestListsAreFilteredAndPaged(t *testing.T) {
	p := build(t, filing(), nudging()).start()
	p.serve()
	who := as("usr_1", access.SIMRead)
	var ids []string
	for range 5 {
		j := p.add(jobs.Spec{Kind: "nudge"})
		p.wait(j.ID)
		ids = append([]string{j.ID}, ids...) // newest first
	}
	p.wait(p.add(jobs.Spec{Kind: "file"}).ID)
	list := func(query string) page.Of[jobs.Job] {
		t.Helper()
		status, body := p.ask(who, http.MethodGet, "/jobs?"+query)
		var out page.Of[jobs.Job]
		if err := json.Unmarshal([]byte(body), &out); err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d %s %v", query, status, body, err)
		}
		return out
	}
	if got := list("kind=nudge&state=succeeded&limit=2&skip=1"); got.Total != 5 || len(got.Items) != 2 || got.Items[0].ID != ids[1] || got.Next != ids[2] {
		t.Errorf("the second and third: %+v", got)
	}
	var walked []string
	for after := ""; ; {
		got := list("kind=nudge&limit=2&after=" + after)
		for _, j := range got.Items {
			walked = append(walked, j.ID)
		}
		if after = got.Next; after == "" {
			break
		}
	}
	if strings.Join(walked, " ") != strings.Join(ids, " ") {
		t.Errorf("by cursor: %v; want %v", walked, ids)
	}
	if got := list("state=failed"); got.Total != 0 || got.Items == nil {
		t.Errorf("none: %+v; want an empty list", got)
	}
	for _, query := range []string{"state=done", "kind=unheard", "limit=101", "colour=red", "skip=-1"} {
		if status, _ := p.ask(who, http.MethodGet, "/jobs?"+query); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d; want 422", query, status)
		}
	}
}

func TestWaitingIsBounded(t *testing.T) {
	p := build(t, jobs.Kind{Name: "hang", Run: hang}).start()
	p.serve()
	who := as("usr_1", access.SIMRead)
	id := p.add(jobs.Spec{Kind: "hang"}).ID
	for _, wait := range []string{"61s", "-1s", "soon", "30", "2h"} {
		if status, _ := p.ask(who, http.MethodGet, "/jobs/"+id+"?wait="+wait); status != http.StatusUnprocessableEntity {
			t.Errorf("wait=%s: %d; want 422", wait, status)
		}
	}
	start := time.Now()
	status, body := p.ask(who, http.MethodGet, "/jobs/"+id+"?wait=300ms")
	if took := time.Since(start); status != http.StatusOK || took < 300*time.Millisecond || took > 10*time.Second || !strings.Contains(body, `"finished_at":null`) {
		t.Errorf("a job that hangs: %d after %s: %s", status, took, body)
	}
	go func() {
		time.Sleep(200 * time.Millisecond)
		p.cancel(id)
	}()
	if _, body := p.ask(who, http.MethodGet, "/jobs/"+id+"?wait=20s"); !strings.Contains(body, `"cancelled"`) {
		t.Errorf("the wait did not end with the job: %s", body)
	}
}

// security.md class 26.
func TestCancelAndResumeAreAudited(t *testing.T) {
	p := build(t, jobs.Kind{Name: "careful", Run: func(context.Context, *jobs.Run) (any, error) { return nil, jobs.Pause("Look.") }}).start()
	p.serve()
	id := p.add(jobs.Spec{Kind: "careful"}).ID
	p.wait(id)
	who := as("usr_7", access.SIMRead)
	for _, c := range []struct {
		verb   string
		status int
	}{{"resume", 200}, {"cancel", 200}, {"cancel", 409}, {"resume", 409}} {
		if c.verb == "cancel" && c.status == 200 {
			p.wait(id)
		}
		if status, body := p.ask(who, http.MethodPost, "/jobs/"+id+"/"+c.verb); status != c.status {
			t.Errorf("%s: %d %s; want %d", c.verb, status, body, c.status)
		}
	}
	lines, err := sqlite.Read(t.Context(), p.db, func(tx *sqlite.Tx) ([]string, error) {
		return sqlite.All(tx, sqlite.Text, `SELECT actor || ' ' || action || ' ' || result FROM audit_entry WHERE object = ? ORDER BY seq`, id)
	})
	if err != nil || strings.Join(lines, ", ") != "usr_7 job.resume done, usr_7 job.cancel done" {
		t.Errorf("the audit log says %q, %v", lines, err)
	}
}

func TestFilesThatAreNotThere(t *testing.T) {
	p := build(t, nudging(), jobs.Kind{Name: "hang", Run: hang}).start()
	p.serve()
	who := as("usr_1", access.SIMRead)
	done, hung := p.add(jobs.Spec{Kind: "nudge"}).ID, p.add(jobs.Spec{Kind: "hang"}).ID
	p.wait(done)
	for path, want := range map[string]string{
		done + "/errors.csv": "rejected no rows", done + "/result.csv": "no result file", hung + "/result.csv": "when the job has succeeded",
	} {
		if status, body := p.ask(who, http.MethodGet, "/jobs/"+path); status != http.StatusNotFound || !strings.Contains(sentence(body), want) {
			t.Errorf("%s: %d %s; want 404 that says %q", path, status, body, want)
		}
	}
}
