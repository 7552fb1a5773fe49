package login

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"reconexus/app/users"
	"reconexus/store/sqlite"
)

// usage gathers when keys were used, so that no request waits for a write.
type usage struct {
	mu   sync.Mutex
	keys map[string]time.Time
}

func (u *usage) note(id string, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.keys[id] = now
}

func (u *usage) take() map[string]time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	out := maps.Clone(u.keys)
	clear(u.keys)
	return out
}

// How often the house is kept.
const (
	flushEvery = time.Minute
	sweepEvery = time.Hour
)

// Run keeps house until ctx ends: copies revocations to the cache, writes down when
// keys were used, sweeps what expired, rotates the signing key when it is due.
func (s *Service) Run(ctx context.Context) {
	flush, sweep := time.NewTicker(flushEvery), time.NewTicker(sweepEvery)
	defer flush.Stop()
	defer sweep.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case r := <-s.Guard.revoked.copies:
			s.Guard.revoked.copy(r)
		case <-flush.C:
			err = s.Flush(ctx)
		case <-sweep.C:
			err = s.Sweep(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.Log.Warn("sign-in could not keep house; it tries again", "error", err)
		}
	}
}

// Flush writes down when keys were last used; without use it writes nothing.
func (s *Service) Flush(ctx context.Context) error {
	used := s.used.take()
	if len(used) == 0 {
		return nil
	}
	return sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		for id, when := range used {
			if err := users.KeyUsed(tx, id, when); err != nil {
				return err
			}
		}
		return nil
	})
}

// Sweep removes what expired and rotates the signing key when it is 30 days old.
func (s *Service) Sweep(ctx context.Context) error {
	err := sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error { return sweepExpired(tx, s.Clock()) })
	if s.keys.due() {
		err = errors.Join(err, s.Rotate(ctx))
	}
	return err
}

// Rotate makes a fresh signing key now. Tokens of the one before stay good until they
// expire.
func (s *Service) Rotate(ctx context.Context) error { return s.keys.rotate(ctx) }
