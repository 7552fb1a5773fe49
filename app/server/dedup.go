package server

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"reconexus/app/kit/fault"
	"reconexus/app/rest"
)

// twice is how long the same deed of the same user counts as a slip of the finger.
const twice = 5 * time.Second

// deduplication refuses a deed that was just done: the same body from the same user to
// the same route within 5 s answers 409 with the first result's id. Who means it sends
// an Idempotency-Key. Reads, uploads, sign-in, deeds without a body and routes declared
// repeatable are let through, and so is what failed the first time.
func deduplication(o Options) Layer {
	seen, err := simplelru.NewLRU[[32]byte, *deed](16<<10, nil)
	if err != nil {
		panic(err) // only for a size below 1
	}
	d := &deeds{clock: o.Clock, seen: seen}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			x := of(r)
			if !x.deduplicated(r) {
				next.ServeHTTP(w, r)
				return
			}
			now, err := d.begin(x, r)
			if err != nil {
				x.refuse(r, err)
				return
			}
			x.record = &recording{most: 64 << 10}
			defer d.end(now, x.record)
			next.ServeHTTP(w, r)
		})
	}
}

func (x *exchange) deduplicated(r *http.Request) bool {
	return x.route.mutates && x.may && len(x.body) > 0 && x.who.ID != "" && !x.local && r.Header[keyHeader] == nil &&
		!x.route.Repeatable && !strings.HasPrefix(x.route.Path, rest.Base+"/auth/") && !x.route.signIn
}

// deeds are what was done in the last seconds.
type deeds struct {
	clock func() time.Time
	mu    sync.Mutex
	seen  *simplelru.LRU[[32]byte, *deed]
}

type deed struct {
	key    [32]byte
	until  time.Time // zero while it is being done
	result string
	place  string
}

func (d *deeds) begin(x *exchange, r *http.Request) (*deed, error) {
	print := x.fingerprint(r)
	key := sha256.Sum256(append([]byte(x.who.ID), print[:]...))
	now := d.clock()
	d.mu.Lock()
	defer d.mu.Unlock()
	first, ok := d.seen.Get(key)
	switch {
	case ok && first.until.IsZero():
		return nil, fault.New(fault.Conflict, "The same request is still being worked on. Wait for its answer, or send an Idempotency-Key if you mean it twice.")
	case ok && now.Before(first.until):
		if first.place != "" {
			x.Header().Set("Location", first.place)
		}
		return nil, first.again()
	}
	this := &deed{key: key}
	d.seen.Add(key, this)
	return this, nil
}

func (d *deed) again() error {
	if d.result == "" {
		return fault.New(fault.Conflict, "The same request was done within the last 5 seconds. Send an Idempotency-Key if you mean it twice.")
	}
	f := fault.New(fault.Conflict, "The same request was done within the last 5 seconds; its result is %s. Send an Idempotency-Key if you mean it twice.", d.result)
	f.Fields = []fault.Field{{Field: "id", Code: "DUPLICATE", Message: d.result}}
	return f
}

func (d *deeds) end(done *deed, c *recording) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c.status < 200 || c.status > 299 {
		d.seen.Remove(done.key)
		return
	}
	done.until, done.result = d.clock().Add(twice), c.result()
	if v := c.header["Location"]; len(v) > 0 {
		done.place = v[0]
	}
}
