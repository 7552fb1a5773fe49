package login

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"reconexus/app/kit/fault"
	"reconexus/store/kv"
	"reconexus/store/sqlite"
	"reconexus/store/storetest"
)

// Hashing takes a few cores' time at most; the rest waits, and too many are sent away.
func TestPasswordsAreComparedAFewAtATime(t *testing.T) {
	var mu sync.Mutex
	running, most := 0, 0
	started, release := make(chan struct{}, 1000), make(chan struct{})
	p := newPasswords(bcrypt.MinCost, func(_, _ []byte) error {
		mu.Lock()
		running++
		most = max(most, running)
		mu.Unlock()
		started <- struct{}{}
		<-release
		mu.Lock()
		running--
		mu.Unlock()
		return errors.New("wrong")
	})
	const crowd = hashersAtOnce + hashersWait
	answers := make(chan error, 2*crowd)
	for range 2 * crowd {
		go func() { _, err := p.matches(t.Context(), "", "x"); answers <- err }()
	}
	for range hashersAtOnce {
		<-started
	}
	away := 0
	for range crowd { // more than may wait: the rest is answered although nobody is done
		if err := <-answers; !fault.Is(err, fault.Unavailable) {
			t.Fatalf("one of too many got %v", err)
		}
		away++
	}
	close(release)
	for range 2*crowd - away {
		if err := <-answers; err != nil {
			t.Errorf("one who waited got %v", err)
		}
	}
	if most > hashersAtOnce {
		t.Errorf("%d comparisons ran at once, want %d at most", most, hashersAtOnce)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range hashersAtOnce {
		p.slots <- struct{}{}
	}
	if _, err := p.matches(ctx, "", "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who went away got %v", err)
	}
}

func TestNobodyHasTheDummysPassword(t *testing.T) {
	p := newPasswords(bcrypt.MinCost, bcrypt.CompareHashAndPassword)
	if cost, err := bcrypt.Cost(p.dummy); err != nil || cost != bcrypt.MinCost {
		t.Fatalf("the dummy's cost is %d, %v", cost, err)
	}
	if err := bcrypt.CompareHashAndPassword(p.dummy, []byte("x")); !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		t.Fatalf("comparing with the dummy gave %v: no work was done", err)
	}
	hash, err := p.hash(t.Context(), strings.Repeat("x", maxPassword))
	if err != nil {
		t.Fatal(err)
	}
	if good, err := p.matches(t.Context(), hash, strings.Repeat("x", maxPassword+1)); good || err != nil {
		t.Errorf("a password that goes on after bcrypt's last byte matched: %v, %v", good, err)
	}
}

// When a mass of sessions ends at once, what does not fit into memory is still ended.
func TestSecurity09AMassOfRevocations(t *testing.T) {
	for name, cached := range map[string]bool{"with the cache": true, "with an empty cache": false} {
		t.Run(name, func(t *testing.T) {
			db, log := storetest.Open(t), slog.New(slog.DiscardHandler)
			now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
			clock := func() time.Time { return now }
			store, err := kv.Open(filepath.Join(t.TempDir(), "kv"), clock, log)
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			r, err := openRevocations(t.Context(), db, store, clock, log)
			if err != nil {
				t.Fatal(err)
			}
			for i := range maxHot {
				r.remember(revocation{fmt.Sprint("ses_", i), now.Add(shown).UnixMilli()})
			}
			if err := sqlite.Do(t.Context(), db, func(tx *sqlite.Tx) error { return r.add(tx, "ses_last", now) }); err != nil {
				t.Fatal(err)
			}
			if cached {
				r.copy(<-r.copies)
				if _, found, _ := store.Get(revokedPrefix + "ses_last"); !found {
					t.Error("the cache has no copy")
				}
			}
			if len(r.hot) > maxHot {
				t.Errorf("%d are in memory", len(r.hot))
			}
			for subject, want := range map[string]bool{"ses_0": true, "ses_last": true, "ses_other": false} {
				if got, err := r.has(t.Context(), subject); got != want || err != nil {
					t.Errorf("%s is revoked: %v, %v; want %v", subject, got, err, want)
				}
			}
			now = now.Add(shown + time.Second) // then nothing of it matters any more
			r.remember(revocation{"ses_new", now.Add(shown).UnixMilli()})
			if len(r.hot) != 1 {
				t.Errorf("%d are in memory after their time, want 1", len(r.hot))
			}
		})
	}
}

// tokenInQuery may know more spellings than the one who reads the query, never fewer.
func FuzzTokenInQuery(f *testing.F) {
	for _, s := range []string{"token=1", "a=b&access_token", "%74oken=", "to+ken=", "&&token", "a=token", "t%6Fken=x;y", "%zz=1&token=2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, _ := url.ParseQuery(query)
		for name := range values {
			if strings.EqualFold(name, "token") || strings.EqualFold(name, "access_token") {
				if !tokenInQuery(query) {
					t.Fatalf("%q carries %q and is let through", query, name)
				}
			}
		}
	})
}

func FuzzReadGrant(f *testing.F) {
	f.Add("grant_type=client_credentials&client_id=key_1&client_secret=rxk_1", "")
	f.Add("grant_type=client_credentials", "Basic a2V5OnJ4aw==")
	f.Add("grant_type=%zz&&=", "basic")
	f.Fuzz(func(t *testing.T, form, authorization string) {
		g, err := readGrant(form, authorization)
		var refused *oauthError
		if err != nil && !errors.As(err, &refused) {
			t.Fatalf("%v is no error of the standard", err)
		}
		if err == nil && (g.id == "" || g.secret == "") {
			t.Fatal("a client without a name or a secret was let through")
		}
	})
}
