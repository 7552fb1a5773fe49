package live

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/id"
	"reconexus/store/sqlite"
)

// What a channel keeps for those who come back.
const (
	keepEvents = 4096
	keepBytes  = 8 << 20
)

// Hub holds the channels and their sockets. Make it with [NewHub], end it with [Hub.Close].
type Hub struct {
	clock  func() time.Time
	run    string // tells this start's event ids from those of others
	topics map[string]topic

	mu      sync.Mutex
	last    int64 // newest event's number: microseconds, but always rising
	rings   map[string]*ring
	sockets map[*socket]struct{}
	perUser map[string]int
	closed  bool
	ended   chan struct{} // closed by Close
	open    sync.WaitGroup
	tickets tickets
}

// ring is a channel's newest events, oldest first.
type ring struct {
	kept  []*told
	bytes int
	floor int64         // number of the newest event that is no longer kept
	news  chan struct{} // closed at the next event, and then made anew
}

// told is an event that was numbered and written out.
type told struct {
	number int64
	body   []byte
	see    func(access.Principal) bool
}

// NewHub makes a hub without events.
func NewHub(clock func() time.Time) *Hub {
	now := clock().UnixMicro()
	h := &Hub{
		clock: clock, run: id.Secret(3), topics: topics(), last: now,
		rings: map[string]*ring{}, sockets: map[*socket]struct{}{}, perUser: map[string]int{},
		ended: make(chan struct{}), tickets: tickets{byHash: map[[32]byte]ticket{}},
	}
	for name := range h.topics {
		h.rings[name] = &ring{floor: now, news: make(chan struct{})}
	}
	return h
}

// Publish tells an event once the write is on disk. It fails only for data that is no
// JSON, or a channel that is not there: defects of the caller.
func (h *Hub) Publish(tx *sqlite.Tx, e Event) error {
	data, err := h.data(e)
	if err != nil {
		return err
	}
	tx.After(func() { h.tell(e, data) })
	return nil
}

// Send tells an event now: for what is not kept, such as a measured value.
func (h *Hub) Send(e Event) error {
	data, err := h.data(e)
	if err == nil {
		h.tell(e, data)
	}
	return err
}

func (h *Hub) data(e Event) (json.RawMessage, error) {
	if _, ok := h.topics[e.Channel]; !ok {
		return nil, fmt.Errorf("there is no live channel %q", e.Channel)
	}
	data, err := json.Marshal(e.Data)
	if err != nil {
		return nil, fmt.Errorf("tell %s: %w", e.Type, err)
	}
	return data, nil
}

// tell runs on the store's writer: it numbers the event, keeps it and wakes who waits.
func (h *Hub) tell(e Event, data json.RawMessage) {
	see := e.See
	if see == nil {
		see = h.topics[e.Channel].see
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.clock()
	h.last = max(h.last+1, now.UnixMicro())
	h.rings[e.Channel].add(&told{h.last, envelope(h.eventID(h.last), e, now, data), see})
}

// envelope writes a [Message] around data that is JSON already: an import tells events
// by the ten thousand, and to read their data once more would double the work.
func envelope(id string, e Event, at time.Time, data json.RawMessage) []byte {
	out := make([]byte, 0, len(data)+160)
	out = strconv.AppendQuote(append(out, `{"id":`...), id)
	out = strconv.AppendQuote(append(out, `,"channel":`...), e.Channel)
	out = strconv.AppendQuote(append(out, `,"type":`...), e.Type)
	out = at.UTC().AppendFormat(append(out, `,"at":"`...), time.RFC3339Nano)
	return append(append(append(out, `","data":`...), data...), '}')
}

func (r *ring) add(t *told) {
	r.kept = append(r.kept, t)
	r.bytes += len(t.body)
	for len(r.kept) > keepEvents || (r.bytes > keepBytes && len(r.kept) > 1) {
		r.floor = r.kept[0].number
		r.bytes -= len(r.kept[0].body)
		r.kept[0] = nil
		r.kept = r.kept[1:] // append copies what is left when it next grows
	}
	close(r.news)
	r.news = make(chan struct{})
}

// eventID is sortable text; the run's mark makes ids of another start unknown here,
// also after the clock was set back.
func (h *Hub) eventID(number int64) string { return fmt.Sprintf("%016d-%s", number, h.run) }

// place finds where to go on after an event; false when events since then are lost.
func (h *Hub) place(channel, lastEventID string) (int64, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if lastEventID == "" {
		return h.last, true
	}
	text, run, _ := strings.Cut(lastEventID, "-")
	var number int64
	if _, err := fmt.Sscanf(text, "%d", &number); err != nil || run != h.run || number < h.rings[channel].floor || number > h.last {
		return h.last, false
	}
	return number, true
}

// after is the events behind a place, at most n; lost when the place fell off the
// ring; else, without events, a channel that is closed at the next one.
func (h *Hub) after(channel string, place int64, n int) (events []*told, news <-chan struct{}, lost bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rings[channel]
	if place < r.floor {
		return nil, nil, true
	}
	i, found := slices.BinarySearchFunc(r.kept, place, func(t *told, at int64) int { return int(t.number - at) })
	if found {
		i++
	}
	return slices.Clone(r.kept[i:min(i+n, len(r.kept))]), r.news, false
}

// End closes every socket of a subject (a user, a key or a session) and voids its
// tickets. Call it when the subject's tokens are revoked.
func (h *Hub) End(subject string) {
	if subject == "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tickets.drop(subject)
	for s := range h.sockets {
		if p := s.principal(); p.ID == subject || p.Session == subject {
			s.end(closeSignedOut, "The session ended; sign in again.")
		}
	}
}

// Open is how many sockets are open.
func (h *Hub) Open() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.sockets)
}

// Close ends every socket, refuses new ones, and answers when all are gone.
func (h *Hub) Close() {
	h.mu.Lock()
	if !h.closed {
		h.closed = true
		close(h.ended)
	}
	for s := range h.sockets {
		s.end(closeGoingAway, "The server is stopping; connect again soon.")
	}
	h.mu.Unlock()
	h.open.Wait()
}

// resetAt is the message that tells a listener to ask for the present state again.
func (h *Hub) resetAt(channel string, place int64) []byte {
	body, err := json.Marshal(Message{h.eventID(place), channel, Reset, h.clock().UTC(), json.RawMessage("{}")})
	if err != nil {
		return nil // cannot be: it is made of text
	}
	return body
}
