package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"reconexus/app/access"
	"reconexus/app/live"
)

// security.md class 9.
func TestSocketsEndWithTheirSession(t *testing.T) {
	h := open(t)
	for _, name := range []string{"ended", "session", "revoked", "stripped", "stays"} {
		h.grant(name, access.SIMRead)
	}
	at := map[string]*websocket.Conn{}
	for name := range map[string]int{"ended": 4001, "session": 4001, "revoked": 4001, "stripped": 4003, "stays": 0} {
		at[name] = h.listen(name, live.SIMAlerts)
	}
	start := time.Now()
	h.End("usr_ended")
	h.End("ses_session")
	h.revoke("revoked")   // without a word to the hub
	h.grant("stripped")   // its right is gone, the session is not
	h.End("")             // nobody
	h.End("usr_somebody") // somebody else
	for name, want := range map[string]int{"ended": 4001, "session": 4001, "revoked": 4001, "stripped": 4003} {
		if code := closed(t, at[name], time.Until(start.Add(5*time.Second))); code != want {
			t.Errorf("%s ended with %d; want %d", name, code, want)
		}
	}
	h.send(live.SIMAlerts, "still", 1, everybody)
	if m := next(t, at["stays"]); m.Type != "still" {
		t.Errorf("the other socket hears %q", m.Type)
	}
}

// What is told after a revocation is not heard, even before the next look comes round.
func TestNothingIsToldAfterARevocation(t *testing.T) {
	h := open(t)
	h.grant("ada", access.SIMRead)
	conn := h.listen("ada", live.SIMAlerts)
	time.Sleep(1100 * time.Millisecond)
	h.revoke("ada")
	h.send(live.SIMAlerts, "secret", 1, everybody)
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, body, err := conn.ReadMessage(); err == nil {
		t.Errorf("heard %s after the revocation", body)
	}
}

// security.md class 28: a slow reader is dropped, and nobody waits for it.
func TestASlowReaderIsDroppedAlone(t *testing.T) {
	h := open(t)
	h.grant("slow")
	h.grant("fast")
	small := websocket.Dialer{NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(4096)
		}
		return conn, err
	}}
	slow, _, err := small.Dial("ws://"+h.at+"/ws/jobs", http.Header{"Authorization": {"Bearer slow"}})
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	fast := h.listen("fast", live.Jobs)
	const events = 1200
	data := strings.Repeat("x", 32<<10)
	got := make(chan int, events)
	go func() {
		for n := 0; n < events; n++ {
			if _, _, err := fast.ReadMessage(); err != nil {
				break
			}
			got <- n
		}
		close(got)
	}()
	var longest time.Duration
	for i := range events {
		start := time.Now()
		h.send(live.Jobs, "n", data, everybody)
		longest = max(longest, time.Since(start))
		if i%50 == 49 { // 1.6 MB: well within the ring
			for n := range got {
				if n == i {
					break
				}
			}
		}
	}
	if longest > time.Second {
		t.Errorf("telling waited %s for a slow reader", longest)
	}
	eventually(t, "the slow reader is dropped and the fast one stays", func() bool { return h.Open() == 1 })
}

// A reader that stops for a moment and missed more than is kept is told so, and never
// gets a sequence with a hole.
func TestAReaderThatFellBehindIsToldSo(t *testing.T) {
	h := open(t)
	h.grant("ada")
	conn := h.listen("ada", live.Jobs)
	type numbered struct {
		N    int
		Data string
	}
	const events = 600
	data := strings.Repeat("x", 64<<10)
	for i := range events { // 38 MB; the ring keeps 8 MB
		h.send(live.Jobs, "n", numbered{i, data}, everybody)
	}
	got, last := 0, ""
	_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	for {
		var m live.Message
		var n numbered
		err := conn.ReadJSON(&m)
		if websocket.IsCloseError(err, 4009, websocket.CloseAbnormalClosure) {
			break // abnormal when the machine is so busy that a write took too long
		}
		if err = errors.Join(err, json.Unmarshal(m.Data, &n)); err != nil || n.N != got || got == events {
			t.Fatalf("after %d events comes number %d, %v; want them in a row and then the close code 4009", got, n.N, err)
		}
		got, last = got+1, m.ID
	}
	again, _ := h.try(live.Jobs+"?last_event_id="+last, http.Header{"Authorization": {"Bearer ada"}})
	if m := next(t, again); got > 0 && m.Type != live.Reset {
		t.Errorf("coming back, the first message is %q; want %q", m.Type, live.Reset)
	}
}

// security.md class 28: 1,000 subscribers come and go.
func TestAThousandSubscribersLeaveNothingBehind(t *testing.T) {
	h := open(t)
	base, heap := runtime.NumGoroutine(), inUse()
	var conns []*websocket.Conn
	for i := range 1000 {
		name := fmt.Sprintf("user%d", i/5)
		h.grant(name)
		conns = append(conns, h.listen(name, live.Jobs))
	}
	if h.Open() != 1000 {
		t.Fatalf("%d sockets are open; want 1,000", h.Open())
	}
	for i := range 20 {
		h.send(live.Jobs, "n", i, everybody)
	}
	for _, c := range conns {
		for i := range 20 {
			if m := next(t, c); string(m.Data) != fmt.Sprint(i) {
				t.Fatalf("heard %s; want %d", m.Data, i)
			}
		}
	}
	full := inUse()
	for i, c := range conns {
		if i%2 == 0 { // half say good-bye, half vanish
			_ = c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Second))
		}
		_ = c.Close()
		conns[i] = nil // nothing of them must be held by this test
	}
	eventually(t, "every socket is gone", func() bool { return h.Open() == 0 })
	eventually(t, "goroutines are back to base", func() bool { return runtime.NumGoroutine() <= base+5 })
	http.DefaultClient.CloseIdleConnections()
	t.Logf("heap in use: %d kB before, %d kB with 1,000 sockets (both ends), %d kB after", heap>>10, full>>10, inUse()>>10)
	if after := inUse(); after > heap+(4<<20) {
		t.Errorf("%d kB of memory stayed behind", (after-heap)>>10)
	}
}

func TestCloseEndsEverySocketAndTakesNoMore(t *testing.T) {
	h := open(t)
	h.grant("ada")
	conn := h.listen("ada", live.Jobs)
	h.Close()
	if code := closed(t, conn, time.Second); code != websocket.CloseGoingAway {
		t.Errorf("ended with %d; want 1001", code)
	}
	if _, answer := h.try(live.Jobs, http.Header{"Authorization": {"Bearer ada"}}); answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("after Close: %s; want 503", answer.Status)
	}
}

func TestAClientThatTalksIsSentAway(t *testing.T) {
	h := open(t)
	h.grant("ada")
	conn := h.listen("ada", live.Jobs)
	for range 200 {
		if conn.WriteMessage(websocket.TextMessage, []byte("hello")) != nil {
			break
		}
	}
	if code := closed(t, conn, 5*time.Second); code != websocket.ClosePolicyViolation {
		t.Errorf("ended with %d; want 1008", code)
	}
	big := h.listen("ada", live.Jobs)
	_ = big.WriteMessage(websocket.BinaryMessage, make([]byte, 1<<20))
	_ = big.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, _, err := big.ReadMessage(); err == nil {
		t.Error("a megabyte was taken; want the socket closed")
	}
}

func inUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
