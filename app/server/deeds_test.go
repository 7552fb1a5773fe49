package server

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
)

// 11

func TestIdempotency(t *testing.T) {
	h := open(t)
	post := func(caller, key, body string) answered {
		return h.send("POST", api+"/things", caller, body, "Idempotency-Key", key)
	}
	first := h.want(post("admin", "k1", `{"name":"x"}`), 201)
	again := h.want(post("admin", "k1", `{"name":"x"}`), 201)
	if again.text != first.text || again.Header.Get("Location") != first.Header.Get("Location") || again.Header.Get("Content-Type") != first.Header.Get("Content-Type") {
		t.Errorf("the replay differs: %s %v", again.text, again.Header)
	}
	if again.Header.Get("Idempotency-Replayed") != "true" || again.Header.Get("X-Request-Id") == first.Header.Get("X-Request-Id") {
		t.Errorf("the replay does not say so, or bears the first's request id: %v", again.Header)
	}
	if h.things.Load() != 1 {
		t.Errorf("%d things were made", h.things.Load())
	}
	h.want(post("admin", "k1", `{"name":"y"}`), 422, fault.Invalid)
	h.want(h.send("POST", api+"/silent", "admin", `{"name":"x"}`, "Idempotency-Key", "k1"), 422, fault.Invalid)
	h.want(post("operator", "k1", `{"name":"x"}`), 201) // a key is one user's own
	h.want(post("admin", "two words", `{"name":"x"}`), 422, fault.Invalid)
	h.want(post("admin", strings.Repeat("k", 256), `{"name":"x"}`), 422, fault.Invalid)
	// A refusal that stays true is replayed; the handler is not asked again.
	h.want(post("admin", "k2", `{"name":""}`), 422)
	if a := h.want(post("admin", "k2", `{"name":""}`), 422); a.Header.Get("Idempotency-Replayed") != "true" {
		t.Error("a refusal is not replayed")
	}
	// A defect is not: the client should come again.
	h.things.Store(0)
	for range 2 {
		h.want(h.send("POST", api+"/fails", "admin", `{"name":"x"}`, "Idempotency-Key", "k3"), 500)
	}
	if h.things.Load() != 2 {
		t.Error("a defect is replayed")
	}
	// After a day the key is free.
	h.clock.move(keyLife + time.Second)
	if a := h.want(post("admin", "k1", `{"name":"other"}`), 201); a.Header.Get("Idempotency-Replayed") != "" {
		t.Error("a key of yesterday replays")
	}
}

func TestIdempotencyNeedsTheRightToday(t *testing.T) {
	h := open(t)
	h.want(h.send("POST", api+"/things", "admin", `{"name":"x"}`, "Idempotency-Key", "k"), 201)
	h.want(h.send("POST", api+"/things", "auditor", `{"name":"x"}`, "Idempotency-Key", "k"), 403, fault.Forbidden)
	h.want(h.send("POST", api+"/things", "", `{"name":"x"}`, "Idempotency-Key", "k"), 401, fault.Unauthenticated)
}

func TestIdempotencyWhileRunning(t *testing.T) {
	h := open(t)
	var wait sync.WaitGroup
	wait.Go(func() { h.send("POST", api+"/slow", "admin", `{"name":"x"}`, "Idempotency-Key", "k") })
	<-h.began
	h.want(h.send("POST", api+"/slow", "admin", `{"name":"x"}`, "Idempotency-Key", "k"), 409, fault.Conflict)
	close(h.hold)
	wait.Wait()
	h.want(h.send("POST", api+"/slow", "admin", `{"name":"x"}`, "Idempotency-Key", "k"), 200)
	if h.things.Load() != 1 {
		t.Errorf("the deed was done %d times", h.things.Load())
	}
}

// bytesCache is a cache in a map that can be looked into, or be out of order.
type bytesCache struct {
	mu     sync.Mutex
	values map[string][]byte
	most   int
	broken error
}

func (c *bytesCache) Get(key string) ([]byte, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.values[key]
	return v, ok, c.broken
}

func (c *bytesCache) Set(key string, v []byte, _ time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(v) > c.most {
		return errors.New("too large")
	}
	c.values[key] = v
	return c.broken
}

// Class 25: an answer may hold a secret that is shown once; what is kept is sealed.
func TestClass25KeptAnswersAreSealed(t *testing.T) {
	cache := &bytesCache{values: map[string][]byte{}, most: 1 << 20}
	h := open(t, func(o *Options) { o.Cache = cache })
	a := h.want(h.send("POST", api+"/things", "admin", `{"name":"x"}`, "Idempotency-Key", "canary-key"), 201)
	var made thing
	if err := json.Unmarshal([]byte(a.text), &made); err != nil || len(cache.values) != 1 {
		t.Fatalf("%d answers are kept (%v)", len(cache.values), err)
	}
	for key, v := range cache.values {
		if strings.Contains(key+string(v), made.ID) || strings.Contains(key+string(v), "canary-key") {
			t.Errorf("the kept answer can be read: %q %q", key, v)
		}
	}
}

func TestIdempotencyWithALongAnswerOrABrokenCache(t *testing.T) {
	cache := &bytesCache{values: map[string][]byte{}, most: 250}
	h := open(t, func(o *Options) { o.Cache = cache })
	body := `{"name":"` + id.Secret(600) + `"}`
	h.want(h.send("POST", api+"/things", "admin", body, "Idempotency-Key", "k"), 201)
	cache.most = 200
	h.want(h.send("POST", api+"/things", "admin", body, "Idempotency-Key", "k2"), 201)
	cache.broken = errors.New("disk full")
	before := h.things.Load()
	h.want(h.send("POST", api+"/things", "admin", body, "Idempotency-Key", "k3"), 503, fault.Unavailable)
	if h.things.Load() != before {
		t.Error("a deed was done although nobody knows whether it was done before")
	}
}

// 12

func TestDeduplication(t *testing.T) {
	h := open(t)
	post := func(path, caller, body string) answered { return h.send("POST", api+path, caller, body) }
	first := h.want(post("/things", "admin", `{"name":"x"}`), 201)
	var made thing
	if err := json.Unmarshal([]byte(first.text), &made); err != nil {
		t.Fatal(err)
	}
	second := h.want(post("/things", "admin", `{"name":"x"}`), 409, fault.Conflict)
	if p := second.problem(t); !strings.Contains(p.Detail, made.ID) || p.Errors[0].Message != made.ID || second.Header.Get("Location") != first.Header.Get("Location") {
		t.Errorf("the conflict does not tell the first result: %s", second.text)
	}
	h.want(post("/things", "admin", `{"name":"y"}`), 201)
	h.want(post("/things", "operator", `{"name":"x"}`), 201)
	h.want(h.send("POST", api+"/things", "admin", `{"name":"x"}`, "Idempotency-Key", "meant"), 201)
	h.clock.move(twice)
	h.want(post("/things", "admin", `{"name":"x"}`), 201)
	// What failed may be tried again at once.
	h.want(post("/things", "admin", `{"name":""}`), 422)
	h.want(post("/things", "admin", `{"name":""}`), 422)
	h.want(post("/fails", "admin", `{"name":"x"}`), 500)
	h.want(post("/fails", "admin", `{"name":"x"}`), 500)
	// Questions, uploads, sign-in and what is declared repeatable may come again.
	for range 2 {
		h.want(post("/questions", "admin", `{"name":"x"}`), 200)
		h.want(post("/silent", "admin", `{"name":"x"}`), 200)
		h.want(h.send("POST", api+"/files", "admin", "a,b\n", "Content-Type", "text/csv"), 202)
		h.want(post("/auth/login", "", `{"email":"a@example.ng"}`), 401)
	}
	h.want(h.send("PATCH", api+"/things/1", "admin", `{"name":"x"}`), 200)
	h.want(h.send("PATCH", api+"/things/2", "admin", `{"name":"x"}`), 200)
	h.want(h.send("PATCH", api+"/things/1", "admin", `{"name":"x"}`), 409, fault.Conflict)
}

func TestDeduplicationWhileRunning(t *testing.T) {
	h := open(t)
	var wait sync.WaitGroup
	wait.Go(func() { h.send("POST", api+"/slow", "admin", `{"name":"x"}`) })
	<-h.began
	h.clock.move(time.Minute) // however long it takes
	h.want(h.send("POST", api+"/slow", "admin", `{"name":"x"}`), 409, fault.Conflict)
	close(h.hold)
	wait.Wait()
	if h.things.Load() != 1 {
		t.Errorf("the deed was done %d times", h.things.Load())
	}
}

// 13 (class 26 as far as it lives here)

func TestClass26EveryMutationLeavesOneEntry(t *testing.T) {
	h := openAudited(t)
	object := id.New("thg", h.clock.now())
	for _, tc := range []struct {
		method, path, caller, body string
		want                       []entry
	}{
		{"POST", "/things", "admin", `{"name":"x"}`, []entry{{"thing.create", "*", "done", "usr_admin", "127.0.0.1"}}},
		{"POST", "/things", "admin", `{"name":""}`, []entry{{"POST /api/v1/things", "", "failed", "usr_admin", "127.0.0.1"}}},
		{"POST", "/things", "auditor", `{"name":"x"}`, []entry{{"POST /api/v1/things", "", "denied", "usr_auditor", "127.0.0.1"}}},
		{"POST", "/silent", "admin", `{"name":"x"}`, []entry{{"POST /api/v1/silent", "", "done", "usr_admin", "127.0.0.1"}}},
		{"POST", "/fails", "admin", `{"name":"x"}`, []entry{{"POST /api/v1/fails", "", "failed", "usr_admin", "127.0.0.1"}}},
		{"PATCH", "/things/" + object, "admin", `{"name":"x"}`, []entry{{"PATCH /api/v1/things/{id}", object, "done", "usr_admin", "127.0.0.1"}}},
		{"PATCH", "/things/2348031234567", "admin", `{"name":"x"}`, []entry{{"PATCH /api/v1/things/{id}", "", "done", "usr_admin", "127.0.0.1"}}},
		{"POST", "/silent", "admin", `{"name":"' or 1=1--"}`, []entry{{"POST /api/v1/silent", "", "failed", "usr_admin", "127.0.0.1"}}},
		{"GET", "/things", "admin", "", nil},
		{"POST", "/questions", "admin", `{"name":"x"}`, nil},
		{"POST", "/things", "", `{"name":"x"}`, nil},
	} {
		before := len(h.entries())
		h.send(tc.method, api+tc.path, tc.caller, tc.body)
		got := h.entries()[before:]
		if len(got) == 1 && len(tc.want) == 1 && tc.want[0].object == "*" {
			got[0].object = "*"
		}
		if len(got) != len(tc.want) || (len(got) == 1 && got[0] != tc.want[0]) {
			t.Errorf("%s %s as %q leaves %+v, want %+v", tc.method, tc.path, tc.caller, got, tc.want)
		}
	}
}

// Class 25: what was sent is in no log line, metric or audit row.
func TestClass25CanariesInThePipeline(t *testing.T) {
	h := openAudited(t)
	canaries := []string{"12345678901", "canary-password", "canary-token", "canary-key", "canary-name"}
	h.send("POST", api+"/silent", "admin", `{"name":"canary-name","nin":"12345678901"}`, "Idempotency-Key", "canary-key", "Cookie", "reconexus_access=canary-token")
	h.send("POST", api+"/silent", "admin", `{"name":"canary-name","nin":"12345678901x"}`)
	h.send("POST", api+"/silent", "admin", `{"nin":12345678901,"canary-name":1}`)
	h.send("POST", api+"/fails", "admin", `{"name":"canary-name","nin":"12345678901"}`, "X-API-Key", "canary-token")
	h.send("POST", api+"/auth/login", "", `{"email":"a@example.ng","password":"canary-password"}`)
	h.send("POST", api+"/auth/login", "", `{"email":"a@example.ng","password":{"x":"canary-password"}}`)
	h.send("GET", api+"/things?q=canary-name", "canary-token", "")
	h.send("GET", api+"/things?token=canary-token", "", "")
	h.send("GET", api+"/breaks/12345678901", "admin", "")
	metrics := h.send("GET", "/metrics", "", "").text
	rows := ""
	for _, e := range h.entries() {
		rows += e.action + e.object + e.result + e.actor
	}
	for _, c := range canaries {
		for place, text := range map[string]string{"log": h.log.String(), "metrics": metrics, "audit": rows} {
			if place == "log" && c == "12345678901" {
				// The handler's own error text holds it on purpose: the edge logs defects.
				text = strings.ReplaceAll(text, "disk of 12345678901 broke", "")
			}
			if strings.Contains(text, c) {
				t.Errorf("the %s holds %s", place, c)
			}
		}
	}
	if a := h.send("POST", api+"/silent", "admin", `{"nin":"12345678901x"}`); strings.Contains(a.text, "12345678901") {
		t.Errorf("an answer repeats what was sent: %s", a.text)
	}
}
