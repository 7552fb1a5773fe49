package live

import (
	"context"
	"crypto/sha256"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/app/rest"
)

// A ticket lives this long and opens one socket.
const ticketLife = 30 * time.Second

// How many unused tickets may be about.
const (
	maxTickets     = 4096
	maxTicketsEach = 20
)

// Mount declares the routes.
func (h *Hub) Mount(api *rest.API) {
	rest.Post(api, "/live/ticket", access.SignedIn, h.giveTicket, rest.Doc("Get a ticket for a WebSocket",
		"For clients that can set no header. Send it within 30 s as the subprotocols \"ticket, TICKET\"; it opens one socket, which ends when the credentials of this request do."))
}

// tickets are kept by hash, with the credentials that they stand for; nothing of them
// is ever written down.
type tickets struct {
	byHash map[[32]byte]ticket
}

type ticket struct {
	headers http.Header
	subject access.Principal
	expires time.Time
}

func credentialHeaders() []string { return []string{"Authorization", "Cookie", "X-API-Key"} }

// bearer takes hold of the credentials that a request came with.
type bearer struct{ headers http.Header }

// Resolve copies the credentials; huma calls it.
func (b *bearer) Resolve(ctx huma.Context) []error {
	b.headers = http.Header{}
	for _, name := range credentialHeaders() {
		if v := ctx.Header(name); v != "" {
			b.headers.Set(name, v)
		}
	}
	return nil
}

type given struct {
	Ticket    string `json:"ticket" doc:"Opens one WebSocket"`
	ExpiresIn int    `json:"expires_in" doc:"Seconds that it can be used in"`
}

func (h *Hub) giveTicket(ctx context.Context, in *bearer) (*given, error) {
	secret := id.Secret(20)
	h.mu.Lock()
	defer h.mu.Unlock()
	now, who := h.clock(), access.From(ctx)
	if h.tickets.clean(now, who.ID) >= maxTicketsEach || len(h.tickets.byHash) >= maxTickets {
		return nil, &fault.Fault{Kind: fault.RateLimited, Message: "Too many tickets are unused; use one, or wait 30 seconds until they end.", After: ticketLife}
	}
	h.tickets.byHash[sha256.Sum256([]byte(secret))] = ticket{in.headers, who, now.Add(ticketLife)}
	return &given{secret, int(ticketLife.Seconds())}, nil
}

// takeTicket spends a ticket and answers the credentials that it stands for.
func (h *Hub) takeTicket(secret string) (http.Header, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	hash := sha256.Sum256([]byte(secret))
	t, ok := h.tickets.byHash[hash]
	delete(h.tickets.byHash, hash)
	if !ok || !h.clock().Before(t.expires) {
		return nil, fault.New(fault.Unauthenticated, "This ticket was used, is too old or never was; get a new one from POST /api/v1/live/ticket.")
	}
	return t.headers, nil
}

// clean forgets what is over and counts what a subject still has.
func (t *tickets) clean(now time.Time, subject string) (unused int) {
	for hash, one := range t.byHash {
		switch {
		case !now.Before(one.expires):
			delete(t.byHash, hash)
		case one.subject.ID == subject:
			unused++
		}
	}
	return unused
}

func (t *tickets) drop(subject string) {
	for hash, one := range t.byHash {
		if one.subject.ID == subject || one.subject.Session == subject {
			delete(t.byHash, hash)
		}
	}
}
