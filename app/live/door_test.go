package live_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/live"
	"reconexus/app/rest"
)

// security.md class 2 and class 3 for channels.
func TestChannelsNeedTheirRight(t *testing.T) {
	h := open(t)
	h.grant("nothing")
	for channel, need := range map[string]access.Permission{
		live.Notifications: access.SignedIn, live.Jobs: access.SignedIn, live.DelinkUpdates: access.DelinkRead,
		live.SIMAlerts: access.SIMRead, live.System: access.MetricsRead,
	} {
		if _, answer := h.try(channel, nil); answer.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s without credentials: %s; want 401", channel, answer.Status)
		}
		if _, answer := h.try(channel, http.Header{"Authorization": {"Bearer wrong"}}); answer.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s with a wrong token: %s; want 401", channel, answer.Status)
		}
		want := http.StatusForbidden
		if need == access.SignedIn {
			want = http.StatusSwitchingProtocols
		}
		if _, answer := h.try(channel, http.Header{"Authorization": {"Bearer nothing"}}); answer.StatusCode != want {
			t.Errorf("%s without %s: %s; want %d", channel, need, answer.Status, want)
		}
		h.grant("with", need)
		if conn, answer := h.try(channel, http.Header{"Authorization": {"Bearer with"}}); conn == nil {
			t.Errorf("%s with %s: %s; want a socket", channel, need, answer.Status)
		} else {
			_ = conn.Close()
		}
	}
	if _, answer := h.try("weather", http.Header{"Authorization": {"Bearer nothing"}}); answer.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown channel: %s; want 404", answer.Status)
	}
	h.set("number", access.Principal{ID: "key_1", May: access.All(), MSISDN: 2348031234567})
	if _, answer := h.try(live.SIMAlerts, http.Header{"Authorization": {"Bearer number"}}); answer.StatusCode != http.StatusForbidden {
		t.Errorf("a token bound to a number: %s; want 403", answer.Status)
	}
}

// security.md class 10.
func TestNoTokenInAURL(t *testing.T) {
	h := open(t)
	h.grant("ada")
	for _, name := range []string{"token", "access_token", "ticket", "api_key"} {
		if _, answer := h.try(live.Jobs+"?"+name+"=ada", nil); answer.StatusCode != http.StatusBadRequest {
			t.Errorf("?%s=: %s; want 400", name, answer.Status)
		}
	}
	if _, answer := h.try(live.Jobs+"?colour=red", http.Header{"Authorization": {"Bearer ada"}}); answer.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an unknown parameter: %s; want 422", answer.Status)
	}
}

// security.md class 23.
func TestForeignOriginsStayOutside(t *testing.T) {
	h := open(t, "https://sims.example.ng")
	h.grant("ada")
	cookie := "in=ada"
	for _, c := range []struct {
		origin string
		want   int
	}{
		{"http://" + h.at, http.StatusSwitchingProtocols},
		{"https://" + strings.ToUpper(h.at), http.StatusSwitchingProtocols},
		{"https://sims.example.ng", http.StatusSwitchingProtocols},
		{"https://evil.example", http.StatusForbidden},
		{"https://sims.example.ng.evil.example", http.StatusForbidden},
		{"http://" + h.at + ".evil.example", http.StatusForbidden},
		{"http://" + h.at + "@evil.example", http.StatusForbidden},
		{"null", http.StatusForbidden},
		{"", http.StatusForbidden}, // a cookie that no page says it sends
	} {
		header := http.Header{"Cookie": {cookie}}
		if c.origin != "" {
			header.Set("Origin", c.origin)
		}
		conn, answer := h.try(live.Jobs, header)
		if answer.StatusCode != c.want {
			t.Errorf("Origin %q: %s; want %d", c.origin, answer.Status, c.want)
		}
		if conn != nil {
			_ = conn.Close()
		}
	}
	if _, answer := h.try(live.Jobs, http.Header{"Origin": {"https://evil.example"}, "Authorization": {"Bearer ada"}}); answer.StatusCode != http.StatusForbidden {
		t.Errorf("a foreign page with a token: %s; want 403", answer.Status)
	}
}

func TestBearerSubprotocol(t *testing.T) {
	h := open(t)
	h.grant("ada")
	h.grant("bob", access.MetricsRead)
	conn, answer := h.try(live.Jobs, http.Header{"Origin": {"http://" + h.at}}, "bearer", "ada")
	if conn == nil {
		t.Fatalf("refused: %s", answer.Status)
	}
	if conn.Subprotocol() != "bearer" {
		t.Errorf("the subprotocol is %q; a browser asks for an answer, and it must not be the token", conn.Subprotocol())
	}
	// The pair counts, not what else the browser sends along.
	if _, answer := h.try(live.System, http.Header{"Origin": {"http://" + h.at}, "Cookie": {"in=bob"}}, "bearer", "ada"); answer.StatusCode != http.StatusForbidden {
		t.Errorf("ada's token beside bob's cookie: %s; want ada's 403", answer.Status)
	}
	if _, answer := h.try(live.Jobs, http.Header{"Authorization": {"Bearer ada"}}, "graphql-ws"); answer.StatusCode != http.StatusBadRequest {
		t.Errorf("another subprotocol: %s; want 400", answer.Status)
	}
}

func (h *house) ticket(token string) (string, int) {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, "http://"+h.at+"/api/v1/live/ticket", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	var body struct {
		Ticket    string `json:"ticket"`
		ExpiresIn int    `json:"expires_in"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		h.t.Fatal(err)
	}
	if answer.StatusCode == http.StatusOK && body.ExpiresIn != 30 {
		h.t.Errorf("expires_in is %d; want 30", body.ExpiresIn)
	}
	return body.Ticket, answer.StatusCode
}

func TestATicketOpensOneSocketOfItsOwner(t *testing.T) {
	h := open(t)
	h.grant("ada", access.MetricsRead)
	spent, _ := h.ticket("ada")
	conn, answer := h.try(live.System, nil, "ticket", spent)
	if conn == nil {
		t.Fatalf("refused: %s", answer.Status)
	}
	if conn.Subprotocol() != "ticket" {
		t.Errorf("the subprotocol is %q; want ticket", conn.Subprotocol())
	}
	if _, answer := h.try(live.System, nil, "ticket", spent); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a ticket used twice: %s; want 401", answer.Status)
	}
	if _, answer := h.try(live.System, nil, "ticket", "made-up"); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a made-up ticket: %s; want 401", answer.Status)
	}
	late, _ := h.ticket("ada")
	h.mu.Lock()
	h.past = 30 * time.Second
	h.mu.Unlock()
	if _, answer := h.try(live.System, nil, "ticket", late); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a ticket after 30 s: %s; want 401", answer.Status)
	}
	void, _ := h.ticket("ada")
	h.End("usr_ada")
	if _, answer := h.try(live.System, nil, "ticket", void); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a ticket of an ended session: %s; want 401", answer.Status)
	}
	if code := closed(t, conn, 5*time.Second); code != 4001 {
		t.Errorf("the ticket's socket ended with %d; want 4001", code)
	}
	if _, status := h.ticket("nobody"); status != http.StatusUnauthorized {
		t.Errorf("a ticket without credentials: %d; want 401", status)
	}
	for range 20 {
		h.ticket("ada")
	}
	if _, status := h.ticket("ada"); status != http.StatusTooManyRequests {
		t.Errorf("the 21st unused ticket: %d; want 429", status)
	}
}

func TestFiveSocketsForOneUser(t *testing.T) {
	h := open(t)
	h.grant("ada")
	h.grant("bob")
	var conns []*websocket.Conn
	for range 5 {
		conns = append(conns, h.listen("ada", live.Jobs))
	}
	_, answer := h.try(live.Jobs, http.Header{"Authorization": {"Bearer ada"}})
	if answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") == "" {
		t.Errorf("the sixth: %s, Retry-After %q; want 429 with a time", answer.Status, answer.Header.Get("Retry-After"))
	}
	page, _ := h.try(live.Jobs, http.Header{"Origin": {"http://" + h.at}, "Cookie": {"in=ada"}})
	if code := closed(t, page, 5*time.Second); code != 4008 {
		t.Errorf("the sixth of a browser ended with %d; want 4008", code)
	}
	h.listen("bob", live.Jobs)
	_ = conns[0].Close()
	eventually(t, "a closed socket's place is free", func() bool {
		conn, _ := h.try(live.Jobs, http.Header{"Authorization": {"Bearer ada"}})
		return conn != nil
	})
}

func TestPlainRequestsAreToldWhatIsSpokenHere(t *testing.T) {
	h := open(t)
	h.grant("ada")
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+h.at+"/ws/jobs", nil)
	r.Header.Set("Authorization", "Bearer ada")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var p rest.Problem
	if err := json.NewDecoder(answer.Body).Decode(&p); err != nil || answer.StatusCode != http.StatusBadRequest || p.Code != fault.Rejected {
		t.Errorf("%s %+v %v; want 400 INPUT_REJECTED", answer.Status, p, err)
	}
}
