package detect_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"reconexus/app/access"
	"reconexus/app/jobs"
	"reconexus/app/live"
	"reconexus/app/reconix/detect"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/operators"
	"reconexus/app/reconix/reconixtest"
	"reconexus/app/reconix/sims"
)

// Stale linkages are told over the socket once they are on record: to each operator and
// each bank of its own and nothing else, and with numbers only while they are few.
func TestStaleLinkagesAreToldToWhomTheyConcern(t *testing.T) {
	h := reconixtest.Open(t)
	ops := operators.New(h.DB, h.Audit)
	if err := ops.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	records, err := sims.New(sims.Service{DB: h.DB, Dir: h.Dir, Clock: h.Clock, Table: h.Table, Ring: h.Ring, Audit: h.Audit, Jobs: h.Jobs, Hub: h.Hub, Operators: ops, Log: h.Log})
	if err != nil {
		t.Fatal(err)
	}
	linkages := linkage.New(linkage.Service{DB: h.DB, Dir: h.Dir, Clock: h.Clock, Ring: h.Ring, Keys: h.Keys, Table: h.Table, Audit: h.Audit, Jobs: h.Jobs, Log: h.Log})
	linkages.Mount(h.API)
	detect.New(detect.Service{DB: h.DB, Clock: h.Clock, Audit: h.Audit, Jobs: h.Jobs, Hub: h.Hub, Sims: records}).Mount(h.API)
	h.Start(h.Jobs)
	report := func(n int64, body string) {
		path := "/nin-linkages"
		if strings.Contains(body, "bvn") {
			path = "/bvn-linkages"
		}
		if a := h.Ask(http.MethodPost, path, fmt.Sprintf(`{"msisdn":"+%d","source":"x","linked_date":"2021-05-01",%s}`, n, body)); a.Code != 201 {
			t.Fatal(a.Text)
		}
	}
	// Two of MTN's numbers and twelve of Glo's changed hands in 2024.
	for i := range int64(14) {
		number, operator := 2348031234560+i, "MTN"
		if i > 1 {
			number, operator = 2348051234560+i, "GLO"
		}
		h.Tenures(number, reconixtest.Held{From: "2020-01-01", To: "2024-01-01", By: "Ada Obi", Operator: operator}, reconixtest.Held{From: "2024-06-01", By: "Musa Bello", Operator: operator})
		report(number, `"nin":"71234509876"`)
	}
	report(2348031234560, `"bvn":"22987601234","bank_code":"058"`)

	who := map[string]access.Principal{
		"admin": reconixtest.Admin(), "mtn": reconixtest.Of(access.Operator, "MTN"), "airtel": reconixtest.Of(access.Operator, "AIRTEL"),
		"gtb": reconixtest.Of(access.Bank, "058"), "access": reconixtest.Of(access.Bank, "044"),
	}
	server := httptest.NewServer(h.Hub.Handler(func(r *http.Request) (access.Principal, error) {
		return who[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")], nil
	}, slog.New(slog.DiscardHandler)))
	t.Cleanup(func() { h.Hub.Close(); server.Close() })
	sockets := map[string]*websocket.Conn{}
	for name := range who {
		conn, answer, err := websocket.DefaultDialer.Dial(strings.Replace(server.URL, "http", "ws", 1)+"/ws/sim_alerts", http.Header{"Authorization": {"Bearer " + name}})
		if err != nil {
			t.Fatal(name, err)
		}
		answer.Body.Close()
		sockets[name] = conn
	}
	started := h.Ask(http.MethodPost, "/recycled-sims/detect", "")
	job := h.Wait(started.Body["job_id"].(string))
	if job.State != jobs.Succeeded {
		t.Fatal(job.State)
	}
	if err := h.Hub.Send(live.Event{Channel: live.SIMAlerts, Type: "end", See: func(access.Principal) bool { return true }}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"admin":  "GLO  12/12/0 0, MTN  3/2/1 2",
		"mtn":    "MTN  3/2/1 2",
		"airtel": "",
		"gtb":    " 058 1/0/1 1",
		"access": "",
	} {
		if got := strings.Join(heard(t, sockets[name], job.ID), ", "); got != want {
			t.Errorf("%s heard %q, want %q", name, got, want)
		}
	}
}

// heard are the alerts of a socket until the end, sorted, each as
// OPERATOR BANK linkages/nin/bvn numbers.
func heard(t *testing.T, conn *websocket.Conn, job string) (all []string) {
	t.Helper()
	var glo, mtn []string
	for {
		var m live.Message
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if err := conn.ReadJSON(&m); err != nil {
			t.Fatal(err)
		}
		if m.Type == "end" {
			return append(glo, mtn...)
		}
		if m.Type != "linkage.stale" {
			continue
		}
		var a detect.Alert
		if err := json.Unmarshal(m.Data, &a); err != nil || a.Job != job {
			t.Fatalf("%s: %v", m.Data, err)
		}
		line := fmt.Sprintf("%s %s %d/%d/%d %d", a.Operator, a.Bank, a.Linkages, a.NIN, a.BVN, len(a.Numbers))
		if a.Operator == "GLO" {
			glo = append(glo, line)
		} else {
			mtn = append(mtn, line)
		}
	}
}
