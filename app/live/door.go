package live

import (
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/rest"
)

// How many sockets may be open.
const (
	maxPerUser = 5
	maxSockets = 4096
)

// Handler opens sockets. The last part of the path names the channel. Credentials come
// as a header, as the browser's cookies, or as one of two subprotocol pairs:
//
//	Sec-WebSocket-Protocol: bearer, <access token>
//	Sec-WebSocket-Protocol: ticket, <ticket of POST /live/ticket>
//
// never in the URL. A browser's Origin must be the host that it asked for, or one of
// origins (the public URL). auth says who a request acts for: the zero Principal for
// nobody, an error for credentials that are not taken. It is asked again while the
// socket lives.
func (h *Hub) Handler(auth func(*http.Request) (access.Principal, error), log *slog.Logger, origins ...string) http.Handler {
	d := &door{hub: h, auth: auth, log: log}
	for _, o := range origins {
		if u, err := url.Parse(o); err == nil && u.Host != "" {
			d.hosts = append(d.hosts, strings.ToLower(u.Host))
		}
	}
	d.upgrader = websocket.Upgrader{
		HandshakeTimeout: 5 * time.Second, ReadBufferSize: 512, WriteBufferSize: 4096, WriteBufferPool: &sync.Pool{},
		Subprotocols: []string{"bearer", "ticket"},
		CheckOrigin:  func(*http.Request) bool { return true }, // checked before the credentials were
		Error: func(w http.ResponseWriter, r *http.Request, _ int, _ error) {
			rest.WriteError(w, r, log, fault.New(fault.Rejected, "This address speaks WebSocket (RFC 6455, version 13); open it with a WebSocket client."))
		},
	}
	return d
}

type door struct {
	hub      *Hub
	auth     func(*http.Request) (access.Principal, error)
	log      *slog.Logger
	hosts    []string
	upgrader websocket.Upgrader
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s, err := d.enter(r)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	defer d.hub.leave(s)
	if s.conn, err = d.upgrader.Upgrade(hijackable(w), r, nil); err != nil {
		return // answered already
	}
	s.serve()
	if s.code == closeTooSlow {
		d.log.Info("a live reader was too slow and was dropped", "channel", s.channel, "user", s.principal().ID)
	}
}

// enter checks everything that can be checked before the upgrade, and takes a place.
func (d *door) enter(r *http.Request) (*socket, error) {
	channel := path.Base(r.URL.Path)
	t, ok := d.hub.topics[channel]
	if !ok {
		return nil, fault.New(fault.NotFound, "There is no such channel; there are notifications, delink_updates, sim_alerts, jobs, system and webhooks.")
	}
	if err := checkQuery(r.URL.Query()); err != nil {
		return nil, err
	}
	if err := d.checkOrigin(r); err != nil {
		return nil, err
	}
	again, err := d.credentials(r)
	if err != nil {
		return nil, err
	}
	who, err := again()
	if err == nil {
		err = who.Allow(t.need)
	}
	if err == nil && who.MSISDN != 0 {
		err = fault.New(fault.Forbidden, "A token that is bound to one number cannot listen; use the token of an account or of a key without a number.")
	}
	if err != nil {
		return nil, err
	}
	s := &socket{hub: d.hub, channel: channel, again: again, checked: time.Now(), done: make(chan struct{})} // real time: a stopwatch
	s.who.Store(&who)
	place, kept := d.hub.place(channel, r.URL.Query().Get("last_event_id"))
	s.place, s.reset = place, !kept
	return s, d.hub.admit(s)
}

func checkQuery(q url.Values) error {
	for name := range q {
		switch name {
		case "last_event_id":
		case "token", "access_token", "ticket", "key", "api_key", "authorization":
			return fault.New(fault.Rejected, "A token never belongs in a URL, where logs keep it. Send it as the subprotocol pair \"bearer, TOKEN\", or get a ticket from POST /api/v1/live/ticket.")
		default:
			return &fault.Fault{Kind: fault.Invalid, Message: "The only parameter here is last_event_id.", Fields: []fault.Field{{
				Field: "query", Code: "UNKNOWN_PARAMETER", Message: "The only parameter here is last_event_id.",
			}}}
		}
	}
	return nil
}

// checkOrigin keeps foreign pages out: a browser always says where a page came from,
// and sends its cookies wherever the page connects to.
func (d *door) checkOrigin(r *http.Request) error {
	origin := r.Header.Get("Origin")
	if origin == "" {
		if len(websocket.Subprotocols(r)) == 0 && r.Header.Get("Authorization") == "" && r.Header.Get("X-API-Key") == "" && r.Header.Get("Cookie") != "" {
			return fault.New(fault.Forbidden, "A socket that signs in by cookie must say its Origin.")
		}
		return nil
	}
	u, err := url.Parse(origin)
	if err == nil && u.Host != "" && (strings.EqualFold(u.Host, r.Host) || slices.Contains(d.hosts, strings.ToLower(u.Host))) {
		return nil
	}
	return fault.New(fault.Forbidden, "Pages of another site may not open a socket here. Open Reconexus under its own address, or set server.public_url to the one you use.")
}

// credentials finds what a socket signs in with, and gives the question that is asked
// now and while the socket lives.
func (d *door) credentials(r *http.Request) (func() (access.Principal, error), error) {
	asked := r.Clone(r.Context())
	asked.Header.Del("Sec-WebSocket-Protocol")
	switch offered := websocket.Subprotocols(r); {
	case len(offered) == 0:
	case len(offered) == 2 && offered[0] == "bearer":
		for _, name := range credentialHeaders() {
			asked.Header.Del(name)
		}
		asked.Header.Set("Authorization", "Bearer "+offered[1])
	case len(offered) == 2 && offered[0] == "ticket":
		headers, err := d.hub.takeTicket(offered[1])
		if err != nil {
			return nil, err
		}
		for _, name := range credentialHeaders() {
			asked.Header.Del(name)
			if v := headers.Get(name); v != "" {
				asked.Header.Set(name, v)
			}
		}
	default:
		return nil, fault.New(fault.Rejected, "The subprotocols offered here are \"bearer, TOKEN\" and \"ticket, TICKET\"; send one of these pairs or none.")
	}
	return func() (access.Principal, error) { return d.auth(asked) }, nil
}

func (d *door) refuse(w http.ResponseWriter, r *http.Request, err error) {
	// A browser's script cannot see the status of a refused upgrade, so it is told by
	// the close code instead.
	if fault.Is(err, fault.RateLimited) && r.Header.Get("Origin") != "" {
		if conn, failed := d.upgrader.Upgrade(hijackable(w), r, nil); failed == nil {
			f, _ := fault.In(err)
			_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(closeTooMany, f.Message), time.Now().Add(time.Second))
			_ = conn.Close()
		}
		return
	}
	rest.WriteError(w, r, d.log, err)
}

func (h *Hub) admit(s *socket) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	who := s.principal().ID
	switch {
	case h.closed:
		return &fault.Fault{Kind: fault.Unavailable, Message: "The server is stopping; connect again soon.", After: 5 * time.Second}
	case len(h.sockets) >= maxSockets:
		return &fault.Fault{Kind: fault.Unavailable, Message: "Too many live connections are open here; try again in a minute.", After: time.Minute}
	case h.perUser[who] >= maxPerUser:
		return &fault.Fault{Kind: fault.RateLimited, Message: "At most 5 live connections for one account; close one first.", After: 30 * time.Second}
	}
	h.sockets[s] = struct{}{}
	h.perUser[who]++
	h.open.Add(1)
	return nil
}

func (h *Hub) leave(s *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	who := s.principal().ID // a look at the credentials never changes whose they are
	delete(h.sockets, s)
	if h.perUser[who]--; h.perUser[who] == 0 {
		delete(h.perUser, who)
	}
	h.open.Done()
}
