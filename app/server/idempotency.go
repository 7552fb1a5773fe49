package server

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/s2"

	"crypto/sha256"

	"reconexus/app/kit/fault"
)

const (
	keyLife   = 24 * time.Hour // how long a key replays its answer
	maxKey    = 255            // characters
	maxAnswer = 4 << 20        // bytes of an answer that are kept
	keyHeader = "Idempotency-Key"
)

// idempotency lets a client send a deed again when it does not know whether it was
// done: the same key of the same user within 24 hours answers what was answered first,
// status, headers and body. The key with another body is a mistake, and so is the same
// key while the first is still being worked on.
//
// Answers that ask the client to come again are not kept, and none that says 5xx.
// They are sealed, since one may hold a secret that is shown once. Uploads have no
// fingerprint; their routes know the same file again by its contents.
func idempotency(o Options) Layer {
	k := &keys{o: o, running: map[string]bool{}}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			x := of(r)
			if r.Header[keyHeader] == nil || !x.route.mutates || !x.may || x.who.ID == "" || x.route.Upload || o.Cache == nil {
				next.ServeHTTP(w, r)
				return
			}
			if err := k.serve(w, r, x, next); err != nil {
				x.refuse(r, err)
			}
		})
	}
}

// keys are the keys in use. Those being worked on are in memory: after a crash nothing
// is being worked on.
type keys struct {
	o       Options
	mu      sync.Mutex
	running map[string]bool
}

// answer is what is kept under a key.
type answer struct {
	Print  [32]byte    `json:"print"`
	Status int         `json:"status"`
	Header http.Header `json:"header"`
	Body   []byte      `json:"body"`
	Cut    bool        `json:"cut"` // too long to be kept
}

func (k *keys) serve(w http.ResponseWriter, r *http.Request, x *exchange, next http.Handler) error {
	key := r.Header.Get(keyHeader)
	if len(key) > maxKey || key == "" || strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return fault.Wrong(keyHeader, "FORMAT", "The Idempotency-Key should be 1 to %d visible ASCII characters, such as a UUID.", maxKey)
	}
	name := sha256.Sum256([]byte(x.who.ID + "\x00" + key))
	place := "idempotency/" + hex.EncodeToString(name[:])
	if !k.enter(place) {
		return fault.New(fault.Conflict, "A request with this Idempotency-Key is still being worked on. Wait for it, then send it again to get its answer.")
	}
	defer k.leave(place)
	first, ok, err := k.find(place)
	if err != nil {
		return err
	}
	print := x.fingerprint(r)
	switch {
	case ok && first.Print != print:
		return fault.Wrong(keyHeader, "KEY_REUSED", "This Idempotency-Key was used for another request. Take a new key for each deed.")
	case ok && first.Cut:
		return fault.New(fault.Conflict, "This was done already (status %d); its answer was too long to be kept. Read the result instead.", first.Status)
	case ok:
		first.replay(w)
		return nil
	}
	x.record = &recording{most: maxAnswer}
	next.ServeHTTP(w, r)
	k.keep(place, print, x.record)
	return nil
}

func (k *keys) enter(place string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.running[place] {
		return false
	}
	k.running[place] = true
	return true
}

func (k *keys) leave(place string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.running, place)
}

func (k *keys) find(place string) (a answer, ok bool, err error) {
	sealed, ok, err := k.o.Cache.Get(place)
	if err != nil {
		return a, false, &fault.Fault{Kind: fault.Unavailable, Message: "Whether this key was used cannot be told at the moment, so nothing was done. Try again.", After: time.Second}
	}
	if !ok {
		return a, false, nil
	}
	packed, err := k.o.Ring.Open("idempotency", sealed)
	if err != nil {
		return a, false, fmt.Errorf("open the answer of an idempotency key: %w", err)
	}
	plain, err := s2.Decode(nil, packed)
	if err != nil {
		return a, false, fmt.Errorf("unpack the answer of an idempotency key: %w", err)
	}
	return a, true, json.Unmarshal(plain, &a)
}

func (a answer) replay(w http.ResponseWriter) {
	for name, v := range a.Header {
		w.Header()[name] = v
	}
	w.Header().Set("Idempotency-Replayed", "true")
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // the caller may be gone
}

// keep stores an answer that will stay true. One that does not fit is remembered
// without its body, so that the deed is not done twice.
func (k *keys) keep(place string, print [32]byte, c *recording) {
	if !lasting(c.status) {
		return
	}
	a := answer{Print: print, Status: c.status, Header: c.header, Body: c.body, Cut: c.cut}
	if a.Cut {
		a.Body = nil
	}
	err := k.store(place, a)
	if err != nil && !a.Cut {
		a.Body, a.Cut = nil, true
		err = errors.Join(k.store(place, a))
	}
	if err != nil {
		k.o.Log.Warn("the answer of an idempotency key could not be kept", "error", err)
	}
}

func (k *keys) store(place string, a answer) error {
	plain, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return k.o.Cache.Set(place, k.o.Ring.Seal("idempotency", s2.Encode(nil, bytes.TrimSpace(plain))), keyLife)
}

// lasting tells whether trying again would give the same answer.
func lasting(status int) bool {
	switch status {
	case 0, http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusPreconditionFailed,
		http.StatusLocked, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return status < 500
}
