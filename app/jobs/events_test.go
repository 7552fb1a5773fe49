package jobs_test

import (
	"context"
	"encoding/json"
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
)

// hear opens a socket on the channel jobs.
func (p *plant) hear(who access.Principal) *websocket.Conn {
	p.t.Helper()
	server := httptest.NewServer(p.hub.Handler(func(*http.Request) (access.Principal, error) { return who, nil }, slog.New(slog.DiscardHandler)))
	p.t.Cleanup(func() { p.hub.Close(); server.Close() })
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+"/ws/jobs", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return conn
}

func heard(t *testing.T, conn *websocket.Conn) jobs.Job {
	t.Helper()
	var m live.Message
	var j jobs.Job
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if err := conn.ReadJSON(&m); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(m.Data, &j); err != nil || m.Type != "job.updated" || m.Channel != live.Jobs {
		t.Fatalf("heard %+v, %v", m, err)
	}
	return j
}

func TestEveryChangeOfAJobIsToldAndProgressAtMostTwiceASecond(t *testing.T) {
	const lasts = 1600 * time.Millisecond
	p := build(t, jobs.Kind{Name: "count", Run: func(_ context.Context, r *jobs.Run) (any, error) {
		start := time.Now()
		for i := int64(1); time.Since(start) < lasts; i++ {
			r.Progress(i, 0, "rows")
			time.Sleep(time.Millisecond)
		}
		return nil, nil
	}}).start()
	conn := p.hear(as("usr_1", access.SIMRead))
	j := p.add(jobs.Spec{Kind: "count", Title: "Counting"})
	var states []string
	progress := 0
	for last := (jobs.Job{}); !last.State.Ended(); {
		last = heard(t, conn)
		if last.ID != j.ID || last.Title != "Counting" {
			t.Fatalf("heard of %+v", last)
		}
		if len(states) == 0 || states[len(states)-1] != string(last.State) {
			states = append(states, string(last.State))
		} else if progress++; last.Progress.Done == 0 {
			t.Errorf("progress without any: %+v", last.Progress)
		}
	}
	if strings.Join(states, " ") != "queued running succeeded" {
		t.Errorf("the states told are %v", states)
	}
	if progress < 1 || progress > 4 {
		t.Errorf("progress was told %d times in %s; want at most twice a second", progress, lasts)
	}
}

// security.md class 1, for what is told.
func TestJobsAreToldOnlyToWhoMaySeeThem(t *testing.T) {
	p := build(t, nudging()).start()
	ours, theirs := p.hear(bound(as("usr_1", access.SIMRead), "MTN", "")), p.hear(bound(as("usr_2", access.SIMRead), "GLO", ""))
	without := p.hear(bound(as("usr_3", access.DelinkRead), "MTN", ""))
	for _, operator := range []string{"", "GLO", "MTN"} {
		p.wait(p.add(jobs.Spec{Kind: "nudge", Operator: operator}).ID)
	}
	for range 3 { // queued, running, succeeded
		if j := heard(t, ours); j.Operator != "MTN" {
			t.Errorf("MTN's user hears of %+v", j)
		}
		if j := heard(t, theirs); j.Operator != "GLO" {
			t.Errorf("GLO's user hears of %+v", j)
		}
	}
	_ = without.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	if _, body, err := without.ReadMessage(); err == nil {
		t.Errorf("somebody without the right hears %s", body)
	}
}
