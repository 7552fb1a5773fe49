package login

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"reconexus/store/kv"
	"reconexus/store/sqlite"
)

// revocations knows what was ended while access tokens for it may still be around,
// which is 15 minutes. SQLite has the truth. The newest are in memory, nearly always
// all of them; when a mass of sessions ended at once, the rest is looked up in the
// cache, and what is not found there in SQLite: an absence in a cache proves nothing.
type revocations struct {
	db    *sqlite.DB
	kv    *kv.Store
	clock func() time.Time
	log   *slog.Logger

	mu      sync.RWMutex
	hot     map[string]int64 // subject → unix ms after which nobody can show a token of it
	partial int64            // until this unix ms, hot may lack some
	hooks   []func(subject string)
	copies  chan revocation // on their way to the cache
}

type revocation struct {
	subject string
	until   int64
}

// maxHot bounds the memory: 65,536 subjects are some 8 MB.
const maxHot = 1 << 16

// shown is how long a token that was given before a revocation could be shown after
// it: its life, and a minute for a clock that is set back a little.
const shown = accessLife + time.Minute

const revokedPrefix = "revoked/"

func openRevocations(ctx context.Context, db *sqlite.DB, store *kv.Store, clock func() time.Time, log *slog.Logger) (*revocations, error) {
	r := &revocations{db: db, kv: store, clock: clock, log: log, hot: map[string]int64{}, copies: make(chan revocation, 1024)}
	rows, err := sqlite.Read(ctx, db, func(tx *sqlite.Tx) ([]revocation, error) {
		return liveRevocations(tx, clock().UnixMilli(), maxHot+1)
	})
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		r.remember(row)
	}
	return r, nil
}

func (r *revocations) listen(f func(string)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hooks = append(r.hooks, f)
}

// add revokes a subject inside a write.
func (r *revocations) add(tx *sqlite.Tx, subject string, now time.Time) error {
	row := revocation{subject, now.Add(shown).UnixMilli()}
	if err := insertRevocation(tx, row, now); err != nil {
		return err
	}
	tx.After(func() {
		r.remember(row)
		select {
		case r.copies <- row:
		default: // the cache does without it
		}
	})
	r.tell(tx, subject)
	return nil
}

// tell calls the hooks after the commit.
func (r *revocations) tell(tx *sqlite.Tx, subject string) {
	tx.After(func() {
		r.mu.RLock()
		defer r.mu.RUnlock()
		for _, f := range r.hooks {
			f(subject)
		}
	})
}

func (r *revocations) remember(row revocation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.hot) >= maxHot {
		r.sweep()
	}
	if len(r.hot) >= maxHot {
		r.partial = max(r.partial, row.until)
		return
	}
	r.hot[row.subject] = row.until
}

// sweep forgets what can no longer be shown; under the lock.
func (r *revocations) sweep() {
	now := r.clock().UnixMilli()
	for subject, until := range r.hot {
		if until <= now {
			delete(r.hot, subject)
		}
	}
}

// has tells whether a subject was revoked.
func (r *revocations) has(ctx context.Context, subject string) (bool, error) {
	r.mu.RLock()
	_, revoked := r.hot[subject]
	partial := r.partial
	r.mu.RUnlock()
	if revoked || partial == 0 || partial <= r.clock().UnixMilli() {
		return revoked, nil
	}
	if r.kv != nil {
		if _, found, err := r.kv.Get(revokedPrefix + subject); err == nil && found {
			return true, nil
		}
	}
	return sqlite.Read(ctx, r.db, func(tx *sqlite.Tx) (bool, error) { return isRevoked(tx, subject) })
}

// copy hands one revocation to the cache.
func (r *revocations) copy(row revocation) {
	ttl := time.UnixMilli(row.until).Sub(r.clock())
	if r.kv == nil || ttl <= 0 {
		return
	}
	if err := r.kv.Set(revokedPrefix+row.subject, []byte{1}, ttl); err != nil {
		r.log.Warn("a revocation was not copied to the cache; the store still has it", "error", err)
	}
}
