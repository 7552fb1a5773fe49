// Package login proves who a request comes from: passwords, sessions, access and
// refresh tokens, API keys, OAuth2 client credentials, and the one-time set-up link
// of a fresh appliance.
//
// A sign-in opens a session. The session has a chain of one-time refresh tokens
// (opaque, 30 days) and short access tokens (JWT, Ed25519, 15 minutes). A refresh
// token that comes back after it was spent was copied by somebody: its session ends,
// for the thief and for the owner, and the audit log says so.
//
// A token says who it is for, never what they may do: rights are read from the store,
// remembered for a few seconds at most, and forgotten at once when they change.
// Log-out, a new password, other rights and a disabled account end open sessions
// with the commit of the change; the truth of what ended is in SQLite.
//
// Browsers get their tokens as cookies that scripts cannot read and must send the
// session's CSRF token with every change. No token is taken from an address.
package login

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/seal"
	"reconexus/app/users"
	"reconexus/store/sqlite"
)

// How long things live.
const (
	accessLife  = 15 * time.Minute
	refreshLife = 30 * 24 * time.Hour
	keyLife     = 30 * 24 * time.Hour // a signing key signs this long
	lockTime    = 15 * time.Minute
	lockAfter   = 5 // failures
)

// Options are what sign-in stands on.
type Options struct {
	DB    *sqlite.DB
	Ring  *seal.Ring
	Audit *audit.Log
	Users *users.Service
	Guard *Guard
	Clock func() time.Time
	Log   *slog.Logger
	// Address is the client's address, with trusted proxies taken into account.
	Address func(*http.Request) string
	// Origins are where the appliance's own pages come from (https://host), beside
	// the host that a request names.
	Origins []string
}

// Service is the sign-in of one appliance. It is safe for concurrent use.
type Service struct {
	Options
	csrfKey  []byte
	setupKey []byte
	keys     *signing
	known    *principals
	verified *lru.Cache[string, *verified]
	used     *usage
	tabs     singleflight.Group // refreshes by cookie that run at this moment
}

// New loads the signing keys, or makes the first one, and is then ready to
// authenticate. [Service.Run] keeps house.
func New(ctx context.Context, o Options) (*Service, error) {
	keys, err := openSigning(ctx, o)
	if err != nil {
		return nil, err
	}
	cache, err := lru.New[string, *verified](verifiedSize)
	if err != nil {
		return nil, err
	}
	known, err := newPrincipals(o.DB, o.Clock)
	if err != nil {
		return nil, err
	}
	o.Guard.onChanged(known.forget)
	return &Service{
		Options:  o,
		csrfKey:  o.Ring.Derive("csrf token", 32),
		setupKey: o.Ring.Derive("set-up token", 32),
		keys:     keys, known: known, verified: cache, used: &usage{keys: map[string]time.Time{}},
	}, nil
}

// caller is what sign-in knows of a request before it knows who it is.
type caller struct {
	address string
	agent   string
	request string
}

// nobody is the audit's name for a caller who has not proved anything.
func (c caller) nobody() access.Principal {
	return access.Principal{ID: "anonymous", Address: c.address, Request: c.request}
}

// as is the caller once it proved to be a user.
func (c caller) as(u users.User) access.Principal {
	return access.Principal{ID: u.ID, Name: u.Email, Role: u.Role, May: u.May(), Operator: u.Operator, Bank: u.Bank,
		Address: c.address, Request: c.request}
}

// errWrong is the one answer to everything that is wrong with a sign-in: an unknown
// address, a wrong password, a disabled account.
func errWrong() error {
	return fault.New(fault.Unauthenticated, "The e-mail address or the password is wrong; check both and try again.")
}

func errLocked(wait time.Duration) error {
	f := fault.New(fault.Locked, "After five failed tries this address is locked for 15 minutes; wait, or ask an administrator for a new password.")
	f.After = max(wait, time.Second)
	return f
}

func errEnded() error {
	return fault.New(fault.Unauthenticated, "This session has ended or its token is not valid; sign in again.")
}
