package live

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
)

// How long things may take. A socket whose right is gone ends within the sum of
// checkIdle and a moment, also when nothing is told: at most 5 s (security.md, 9).
const (
	checkIdle = 4 * time.Second  // between two looks at a silent socket's rights
	checkBusy = time.Second      // how old a look may be when an event is sent
	pingEvery = 30 * time.Second //
	pongWait  = 75 * time.Second // two pings may get lost
	writeWait = 4 * time.Second  // for one message to leave; a slower reader is dropped
)

// Close codes of our own (RFC 6455 leaves 4000 and above to applications).
const (
	closeGoingAway = websocket.CloseGoingAway
	closePolicy    = websocket.ClosePolicyViolation
	closeSignedOut = 4001 // sign in again
	closeForbidden = 4003 // the right to hear this channel is gone
	closeTooMany   = 4008 // as many sockets are open as one user may have
	closeTooSlow   = 4009 // connect again with last_event_id
)

// batch is how many events are taken from the ring at once; chatter how many messages
// a client may send between two pings, though none is read.
const (
	batch   = 64
	chatter = 100
)

// socket is one connection: a place in a channel's ring.
type socket struct {
	hub     *Hub
	channel string
	place   int64
	reset   bool // the first message is Reset
	again   func() (access.Principal, error)
	who     atomic.Pointer[access.Principal]
	checked time.Time
	conn    *websocket.Conn
	said    atomic.Int32 // messages since the last pong

	once   sync.Once
	done   chan struct{}
	code   int
	reason string
}

func (s *socket) principal() access.Principal { return *s.who.Load() }

// end asks the socket to close; it never waits.
func (s *socket) end(code int, reason string) {
	s.once.Do(func() {
		s.code, s.reason = code, reason
		close(s.done)
	})
}

// serve runs the socket until it ends.
func (s *socket) serve() {
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		s.listen()
	}()
	defer func() {
		s.end(closeGoingAway, "")
		// The peer may be gone; then this fails, and closing is all there is to do.
		_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(s.code, s.reason), time.Now().Add(time.Second))
		_ = s.conn.Close()
		<-heard
	}()
	s.tell()
}

// listen reads so that pings, pongs and the close are seen. What a client says is left
// unread.
func (s *socket) listen() {
	s.conn.SetReadLimit(1 << 10)
	_ = s.conn.SetReadDeadline(time.Now().Add(pongWait)) // a real connection has deadlines
	s.conn.SetPongHandler(func(string) error {
		s.said.Store(0)
		return s.conn.SetReadDeadline(time.Now().Add(pongWait))
	})
	for {
		if _, _, err := s.conn.NextReader(); err != nil {
			s.end(websocket.CloseNormalClosure, "")
			return
		}
		if s.said.Add(1) > chatter {
			s.end(closePolicy, "This socket only tells; send nothing.")
			return
		}
	}
}

// tell sends the events behind the socket's place, and waits for more.
func (s *socket) tell() {
	ping, check := time.NewTicker(pingEvery), time.NewTicker(checkIdle)
	defer ping.Stop()
	defer check.Stop()
	now := make(chan struct{})
	close(now)
	if s.reset && !s.write(s.hub.resetAt(s.channel, s.place)) {
		return
	}
	for {
		events, news, lost := s.hub.after(s.channel, s.place, batch)
		if lost {
			s.end(closeTooSlow, "Too slow: connect again with last_event_id.")
			return
		}
		if !s.send(events) {
			return
		}
		if len(events) > 0 {
			news = now
		}
		select {
		case <-s.done:
			return
		case <-ping.C:
			if err := s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait)); err != nil {
				return
			}
		case <-check.C:
			if !s.allowed(checkBusy) {
				return
			}
		case <-news:
		}
	}
}

// send writes the events that the principal may hear as things stand now.
func (s *socket) send(events []*told) bool {
	for _, e := range events {
		if s.over() || !s.allowed(checkBusy) {
			return false
		}
		if e.see(s.principal()) && !s.write(e.body) {
			return false
		}
		s.place = e.number
	}
	return true
}

func (s *socket) over() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

func (s *socket) write(body []byte) bool {
	_ = s.conn.SetWriteDeadline(time.Now().Add(writeWait)) // a real connection has deadlines
	if err := s.conn.WriteMessage(websocket.TextMessage, body); err != nil {
		s.end(closeTooSlow, "")
		return false
	}
	return true
}

// allowed looks at the credentials again, unless the last look is younger than age.
func (s *socket) allowed(age time.Duration) bool {
	if time.Since(s.checked) < age {
		return true
	}
	p, err := s.again()
	if _, refused := fault.In(err); (refused || err == nil) && p.ID != s.principal().ID {
		s.end(closeSignedOut, "The session ended; sign in again.")
		return false
	}
	if err != nil {
		// The check itself failed: nothing is told on the strength of an old look.
		s.end(websocket.CloseTryAgainLater, "Sign-in cannot be checked now; connect again.")
		return false
	}
	if !p.Can(s.hub.topics[s.channel].need) {
		s.end(closeForbidden, fmt.Sprintf("Your account no longer has the permission %s.", s.hub.topics[s.channel].need))
		return false
	}
	s.who.Store(&p)
	s.checked = time.Now() // real time: a stopwatch
	return true
}

// hijackable finds the writer that can hand out its connection below the wrappers of
// the pipeline.
func hijackable(w http.ResponseWriter) http.ResponseWriter {
	for {
		if _, ok := w.(http.Hijacker); ok {
			return w
		}
		inner, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return w
		}
		w = inner.Unwrap()
	}
}
