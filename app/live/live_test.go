package live_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/julienschmidt/httprouter"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/live"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
	"reconexus/store/storetest"
)

// house is a hub behind a real server, and the accounts that may come in.
type house struct {
	*live.Hub
	t    *testing.T
	at   string
	mu   sync.Mutex
	who  map[string]access.Principal // by token
	past time.Duration               // how far the clock was set forward
}

func open(t *testing.T, origins ...string) *house {
	t.Helper()
	h := &house{t: t, who: map[string]access.Principal{}}
	h.Hub = live.NewHub(func() time.Time {
		h.mu.Lock()
		defer h.mu.Unlock()
		return time.Now().Add(h.past)
	})
	log := slog.New(slog.DiscardHandler)
	router := httprouter.New()
	api := rest.New(router, rest.Options{Log: log})
	h.Mount(api)
	router.Handler(http.MethodGet, "/ws/:channel", h.Handler(h.authenticate, log, origins...))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := h.authenticate(r)
		ctx := access.With(r.Context(), p)
		if err != nil {
			ctx = access.WithRefusal(ctx, err)
		}
		router.ServeHTTP(w, r.WithContext(ctx))
	}))
	h.at = strings.TrimPrefix(server.URL, "http://")
	t.Cleanup(func() { h.Close(); server.Close() })
	return h
}

// authenticate takes "Authorization: Bearer TOKEN" or the cookie "in=TOKEN".
func (h *house) authenticate(r *http.Request) (access.Principal, error) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if c, err := r.Cookie("in"); err == nil && token == "" {
		token = c.Value
	}
	if token == "" {
		return access.Principal{}, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	p, ok := h.who[token]
	if !ok {
		return p, fault.New(fault.Unauthenticated, "This token is not taken.")
	}
	return p, nil
}

// grant makes an account whose token is its name.
func (h *house) grant(name string, may ...access.Permission) access.Principal {
	p := access.Principal{ID: "usr_" + name, Name: name, May: may, Session: "ses_" + name}
	h.set(name, p)
	return p
}

func (h *house) set(token string, p access.Principal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.who[token] = p
}

func (h *house) revoke(token string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.who, token)
}

// try opens a socket with headers, and gives the answer when it is refused.
func (h *house) try(channel string, header http.Header, protocols ...string) (*websocket.Conn, *http.Response) {
	h.t.Helper()
	d := websocket.Dialer{Subprotocols: protocols, HandshakeTimeout: 10 * time.Second}
	conn, answer, err := d.Dial("ws://"+h.at+"/ws/"+channel, header)
	if err != nil && answer == nil {
		h.t.Fatal(err)
	}
	return conn, answer // a socket left open ends with the hub
}

func (h *house) listen(token, channel string) *websocket.Conn {
	h.t.Helper()
	conn, answer := h.try(channel, http.Header{"Authorization": {"Bearer " + token}})
	if conn == nil {
		h.t.Fatalf("%s may not listen to %s: %s", token, channel, answer.Status)
	}
	return conn
}

func (h *house) send(channel, kind string, data any, see func(access.Principal) bool) {
	h.t.Helper()
	if err := h.Send(live.Event{Channel: channel, Type: kind, Data: data, See: see}); err != nil {
		h.t.Fatal(err)
	}
}

func next(t *testing.T, conn *websocket.Conn) live.Message {
	t.Helper()
	var m live.Message
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	if err := conn.ReadJSON(&m); err != nil {
		t.Fatalf("no message came: %v", err)
	}
	return m
}

// closed reads until the socket ends and gives the close code.
func closed(t *testing.T, conn *websocket.Conn, within time.Duration) int {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(within))
	for {
		_, _, err := conn.ReadMessage()
		var code *websocket.CloseError
		if errors.As(err, &code) {
			return code.Code
		}
		if err != nil {
			t.Fatalf("the socket did not end within %s: %v", within, err)
		}
	}
}

func everybody(access.Principal) bool { return true }

func TestEventsAreHeardAfterTheCommitAndInOrder(t *testing.T) {
	h, db := open(t), storetest.Open(t)
	h.grant("ada")
	conn := h.listen("ada", live.Jobs)
	undone := errors.New("undone")
	err := sqlite.Do(t.Context(), db, func(tx *sqlite.Tx) error {
		return errors.Join(h.Publish(tx, live.Event{Channel: live.Jobs, Type: "never", Data: 0}), undone)
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	for i := range 3 {
		err := sqlite.Do(t.Context(), db, func(tx *sqlite.Tx) error {
			return h.Publish(tx, live.Event{Channel: live.Jobs, Type: "counted", Data: map[string]int{"n": i}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	last := ""
	for i := range 3 {
		m := next(t, conn)
		if want := fmt.Sprintf(`{"n":%d}`, i); m.Type != "counted" || string(m.Data) != want || m.Channel != live.Jobs || m.At.IsZero() {
			t.Errorf("message %d is %+v with %s; want counted with %s", i, m, m.Data, want)
		}
		if m.ID <= last {
			t.Errorf("the id %q does not come after %q", m.ID, last)
		}
		last = m.ID
	}
}

func TestIDsRiseAcrossRestarts(t *testing.T) {
	first, second := open(t), open(t)
	first.grant("ada")
	second.grant("ada")
	a, b := first.listen("ada", live.Jobs), second.listen("ada", live.Jobs)
	first.send(live.Jobs, "x", 1, everybody)
	second.send(live.Jobs, "x", 1, everybody)
	if x, y := next(t, a).ID, next(t, b).ID; x >= y {
		t.Errorf("the id %s of a later start does not come after %s", y, x)
	}
}

func TestResumeLosesNothingAndRepeatsNothing(t *testing.T) {
	h := open(t)
	h.grant("ada")
	conn := h.listen("ada", live.Jobs)
	stop := make(chan struct{})
	var sender sync.WaitGroup
	sender.Go(func() {
		for i := range 600 {
			h.send(live.Jobs, "n", i, everybody)
			time.Sleep(time.Millisecond)
		}
		close(stop)
	})
	for got, last := 0, ""; got < 600; {
		for range 100 { // then the line breaks
			m := next(t, conn)
			if string(m.Data) != fmt.Sprint(got) {
				t.Fatalf("message %d holds %s", got, m.Data)
			}
			got, last = got+1, m.ID
		}
		_ = conn.Close()
		conn, _ = h.try(live.Jobs+"?last_event_id="+last, http.Header{"Authorization": {"Bearer ada"}})
	}
	<-stop
	sender.Wait()
}

func TestOldOrUnknownPlacesAreReset(t *testing.T) {
	h := open(t)
	h.grant("ada")
	conn := h.listen("ada", live.Jobs)
	h.send(live.Jobs, "n", 0, everybody)
	first := next(t, conn).ID
	for i := range 5000 { // the ring keeps 4,096
		h.send(live.Jobs, "n", i, everybody)
	}
	for name, place := range map[string]string{
		"fell off the ring": first, "of another start": "0000000000000001-zzzzz",
		"no id at all": "abc", "from the future": "9999999999999999" + first[16:],
	} {
		again, _ := h.try(live.Jobs+"?last_event_id="+place, http.Header{"Authorization": {"Bearer ada"}})
		m := next(t, again)
		if m.Type != live.Reset || m.ID == "" {
			t.Errorf("%s: the first message is %q; want %q with an id", name, m.Type, live.Reset)
		}
		_ = again.Close()
		resumed, _ := h.try(live.Jobs+"?last_event_id="+m.ID, http.Header{"Authorization": {"Bearer ada"}})
		h.send(live.Jobs, "after", name, everybody)
		if m := next(t, resumed); m.Type != "after" {
			t.Errorf("%s: after a reset's id comes %q; want the next event", name, m.Type)
		}
		_ = resumed.Close()
	}
}

// security.md class 22 and class 1: events are filtered one by one, with the rights of
// the moment.
func TestEveryEventIsFilteredWithTheRightsOfNow(t *testing.T) {
	h := open(t)
	mtn := h.grant("mtn", access.SIMRead)
	mtn.Operator = "MTN"
	h.set("mtn", mtn)
	h.grant("admin", access.SIMRead)
	of := func(operator string) func(access.Principal) bool {
		return func(p access.Principal) bool { return p.Operator == "" || p.Operator == operator }
	}
	bound, free := h.listen("mtn", live.SIMAlerts), h.listen("admin", live.SIMAlerts)
	h.send(live.SIMAlerts, "sim.recycled", "AIRTEL 1", of("AIRTEL"))
	h.send(live.SIMAlerts, "sim.recycled", "no rule", nil)
	h.send(live.SIMAlerts, "sim.recycled", "MTN 1", of("MTN"))
	if m := next(t, bound); string(m.Data) != `"MTN 1"` {
		t.Errorf("MTN's user hears %s first; want only its own", m.Data)
	}
	for _, want := range []string{`"AIRTEL 1"`, `"no rule"`, `"MTN 1"`} {
		if m := next(t, free); string(m.Data) != want {
			t.Errorf("the administrator hears %s; want %s", m.Data, want)
		}
	}
	mtn.Operator = "GLO" // moved to another operator while the socket is open
	h.set("mtn", mtn)
	time.Sleep(1100 * time.Millisecond)
	h.send(live.SIMAlerts, "sim.recycled", "MTN 2", of("MTN"))
	h.send(live.SIMAlerts, "sim.recycled", "GLO 1", of("GLO"))
	if m := next(t, bound); string(m.Data) != `"GLO 1"` {
		t.Errorf("after the move the user hears %s; want GLO's", m.Data)
	}
}

func TestNotificationsWithoutARuleReachNobody(t *testing.T) {
	h := open(t)
	ada := h.grant("ada", access.All()...)
	conn := h.listen("ada", live.Notifications)
	h.send(live.Notifications, "forgotten", 1, nil)
	h.send(live.Notifications, "own", 2, func(p access.Principal) bool { return p.ID == ada.ID })
	if m := next(t, conn); m.Type != "own" {
		t.Errorf("heard %q; want only what is one's own", m.Type)
	}
}

func TestEventsThatCannotBeToldAreDefects(t *testing.T) {
	h := open(t)
	if h.Send(live.Event{Channel: "weather", Type: "x"}) == nil {
		t.Error("an unknown channel was taken")
	}
	if h.Send(live.Event{Channel: live.Jobs, Type: "x", Data: func() {}}) == nil {
		t.Error("data that is no JSON was taken")
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Errorf("not within 15 s: %s", what)
}
