package delink_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"reconexus/app/access"
	"reconexus/app/live"
	"reconexus/app/reconix/reconixtest"
)

// Each step is told on delink_updates to who may see it, and to nobody else: a bank
// hears from when it is asked on.
func TestEachStepIsToldToWhomItConcerns(t *testing.T) {
	h := open(t)
	who := map[string]access.Principal{
		"admin": reconixtest.Admin(), "mtn": clerk(), "glo": other(), "044": bank("044"), "058": bank("058"), "057": bank("057"),
	}
	server := httptest.NewServer(h.Hub.Handler(func(r *http.Request) (access.Principal, error) {
		return who[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")], nil
	}, slog.New(slog.DiscardHandler)))
	t.Cleanup(func() { h.Hub.Close(); server.Close() })
	sockets := map[string]*websocket.Conn{}
	for name := range who {
		conn, answer, err := websocket.DefaultDialer.Dial(strings.Replace(server.URL, "http", "ws", 1)+"/ws/"+live.DelinkUpdates, http.Header{"Authorization": {"Bearer " + name}})
		if err != nil {
			t.Fatal(name, err)
		}
		answer.Body.Close()
		sockets[name] = conn
	}
	id := h.submit(h.recycled(2348031234567, "nin", "044", "058"), "both")
	h.as(officer()).approve(200, id)
	h.as(bank("044")).approve(200, id)
	h.as(bank("058")).must(200, "/delink-requests/"+id+"/approve", `{"approved": false, "reason": "our customer has it"}`)
	h.settled()
	if err := h.Hub.Send(live.Event{Channel: live.DelinkUpdates, Type: "end", See: func(access.Principal) bool { return true }}); err != nil {
		t.Fatal(err)
	}
	const asked, going = "approved awaiting_bank_approval ", "awaiting_nimc_notification executing failed"
	for name, want := range map[string]string{
		"admin": "submitted " + asked + "bank_approved bank_refused " + going,
		"mtn":   "submitted " + asked + "bank_approved bank_refused " + going,
		"044":   asked + "bank_approved " + going,
		"058":   asked + "bank_refused " + going,
		"glo":   "", "057": "",
	} {
		var heard []string
		for {
			var m live.Message
			_ = sockets[name].SetReadDeadline(time.Now().Add(10 * time.Second))
			if err := sockets[name].ReadJSON(&m); err != nil {
				t.Fatal(err)
			}
			if m.Type == "end" {
				break
			}
			heard = append(heard, strings.TrimPrefix(m.Type, "delink."))
			if strings.Contains(string(m.Data), someNIN) {
				t.Errorf("a NIN is told: %s", m.Data)
			}
		}
		if got := strings.Join(heard, " "); got != want {
			t.Errorf("%s hears %q, want %q", name, got, want)
		}
	}
}
