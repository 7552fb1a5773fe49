package login

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"

	"reconexus/app/kit/seal"
	"reconexus/store/kv"
	"reconexus/store/sqlite"
)

// GuardOptions are what a guard stands on.
type GuardOptions struct {
	DB    *sqlite.DB
	KV    *kv.Store // the fast copy of revocations; nil does without
	Ring  *seal.Ring
	Clock func() time.Time
	Log   *slog.Logger
	// Cost of bcrypt; 0 means 12.
	Cost int
	// Compare is bcrypt's comparison when nil; tests count its calls.
	Compare func(hash, password []byte) error
}

// Guard is the part of sign-in that accounts need: it hashes passwords and ends
// sessions inside the write that changes an account. Package users gets its methods.
type Guard struct {
	db        *sqlite.DB
	clock     func() time.Time
	accounts  seal.Index // e-mail addresses that were tried, also unknown ones
	passwords *passwords
	revoked   *revocations

	mu      sync.Mutex
	changed []func(subject string)
}

// NewGuard loads what was revoked and can still be shown.
func NewGuard(ctx context.Context, o GuardOptions) (*Guard, error) {
	if o.Cost == 0 {
		o.Cost = 12
	}
	if o.Compare == nil {
		o.Compare = bcrypt.CompareHashAndPassword
	}
	revoked, err := openRevocations(ctx, o.DB, o.KV, o.Clock, o.Log)
	if err != nil {
		return nil, fmt.Errorf("read what was revoked: %w", err)
	}
	return &Guard{db: o.DB, clock: o.Clock, accounts: o.Ring.Index("sign-in account"), passwords: newPasswords(o.Cost, o.Compare), revoked: revoked}, nil
}

// Hash checks a password's length and makes what is kept of it.
func (g *Guard) Hash(ctx context.Context, password string) (string, error) {
	return g.passwords.hash(ctx, password)
}

// Unlock forgets the wrong passwords that were tried for an address, from the commit on.
func (g *Guard) Unlock(tx *sqlite.Tx, email string) error {
	return putFailures(tx, g.accounts.Of(email), failures{})
}

// OnRevoked calls f, from each commit on, with every subject whose rights ended: a
// session (ses_…), a user (usr_…: all its sessions) or a key (key_…). f must be quick.
func (g *Guard) OnRevoked(f func(subject string)) { g.revoked.listen(f) }

func (g *Guard) onChanged(f func(subject string)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.changed = append(g.changed, f)
}

// Changed forgets what is remembered of a user or key once the write is on disk.
func (g *Guard) Changed(tx *sqlite.Tx, subject string) {
	tx.After(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		for _, f := range g.changed {
			f(subject)
		}
	})
}

// End ends a session, or everything that a user or a key has open.
func (g *Guard) End(tx *sqlite.Tx, subject, reason string) error {
	now := g.clock()
	sessions := []string{}
	switch {
	case strings.HasPrefix(subject, "ses_"):
		sessions = append(sessions, subject)
	case strings.HasPrefix(subject, "usr_"):
		open, err := openSessions(tx, subject)
		if err != nil {
			return err
		}
		sessions = open
		g.revoked.tell(tx, subject)
	default:
		return g.revoked.add(tx, subject, now)
	}
	for _, id := range sessions {
		if err := endSession(tx, id, reason, now); err != nil {
			return err
		}
		if err := g.revoked.add(tx, id, now); err != nil {
			return err
		}
	}
	return nil
}
