package webhook_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/jobs"
	"reconexus/app/kit/outbound"
	"reconexus/app/reconix/reconixtest"
	"reconexus/app/reconix/webhook"
	"reconexus/store/sqlite"
)

// house is a small house with webhooks.
type house struct {
	*reconixtest.House
	hooks *webhook.Service
}

// open makes a house whose webhooks may reach this machine.
func open(t testing.TB) *house {
	t.Helper()
	return openWith(t, outbound.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
}

func openWith(t testing.TB, o outbound.Options) *house {
	t.Helper()
	h := &house{House: reconixtest.Open(t)}
	h.hooks = h.service(o)
	h.hooks.Mount(h.API)
	return h
}

func (h *house) service(o outbound.Options) *webhook.Service {
	h.Helper()
	s, err := webhook.New(webhook.Service{DB: h.DB, Clock: h.Clock, Ring: h.Ring, Audit: h.Audit, Jobs: h.Jobs, Hub: h.Hub, Out: outbound.New(o), Log: h.Log})
	if err != nil {
		h.Fatal(err)
	}
	return s
}

// run delivers until the test ends, or until the function is called.
func (h *house) run() (stop func()) {
	ctx, cancel := context.WithCancel(h.Context())
	done := make(chan struct{})
	go func() { h.hooks.Run(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	h.Cleanup(stop)
	return stop
}

// made is a subscription as its registration answers it.
type made struct{ id, secret string }

func (h *house) register(url string, events ...string) made {
	h.Helper()
	list, _ := json.Marshal(events)
	a := h.Ask("POST", "/webhooks/register", `{"subscriber_name": "Sink", "callback_url": "`+url+`", "events": `+string(list)+`}`)
	if a.Code != 201 {
		h.Fatalf("registering answers %d: %s", a.Code, a.Text)
	}
	return made{a.Body["id"].(string), a.Body["secret"].(string)}
}

// publish tells of the end of an import, which everybody may hear, numbered.
func (h *house) publish(numbers ...int) {
	h.Helper()
	h.Write(func(tx *sqlite.Tx) error {
		for _, n := range numbers {
			if err := h.hooks.Publish(tx, webhook.Event{Type: webhook.ImportFinished, Data: map[string]int{"n": n}}); err != nil {
				return err
			}
		}
		return nil
	})
}

// field reads a subscription's field.
func (h *house) field(id, name string) any {
	h.Helper()
	a := h.Ask("GET", "/webhooks/subscriptions/"+id, "")
	if a.Code != 200 {
		h.Fatalf("GET the subscription answers %d: %s", a.Code, a.Text)
	}
	return a.Body[name]
}

// deliveries is a subscription's log, newest first.
func (h *house) deliveries(id string) []map[string]any {
	h.Helper()
	a := h.Ask("GET", "/webhooks/subscriptions/"+id+"/deliveries?limit=100", "")
	if a.Code != 200 {
		h.Fatalf("GET the deliveries answers %d: %s", a.Code, a.Text)
	}
	var out []map[string]any
	for _, one := range a.Body["items"].([]any) {
		out = append(out, one.(map[string]any))
	}
	return out
}

// until waits for something that comes by itself.
func (h *house) until(what string, is func() bool) {
	h.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			h.Fatalf("never: %s\n%s", what, h.Logged())
		}
	}
}

// message is what a sink got.
type message struct {
	ID, Type string
	N        int
	Path     string
	Status   int // that it was answered with
	At       time.Time
	Header   http.Header
	Body     []byte
}

// sink is a receiver. It answers what answer says of the how manieth message it is.
type sink struct {
	*httptest.Server
	mu     sync.Mutex
	got    []message
	answer func(n int) int
}

func newSink(t testing.TB, answer func(n int) int) *sink {
	s := &sink{answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(s.take))
	t.Cleanup(s.Close)
	return s
}

func newTLSSink(t testing.TB) *sink {
	s := &sink{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.take))
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *sink) take(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	m := message{ID: r.Header.Get("webhook-id"), Header: r.Header, Body: body, Path: r.URL.Path}
	var in struct {
		Type string
		Data struct{ N int }
	}
	_ = json.Unmarshal(body, &in)
	m.Type, m.N = in.Type, in.Data.N
	seconds, _ := strconv.ParseInt(r.Header.Get("webhook-timestamp"), 10, 64)
	m.At = time.Unix(seconds, 0)
	s.mu.Lock()
	m.Status = 200
	if s.answer != nil {
		m.Status = s.answer(len(s.got) + 1)
	}
	s.got = append(s.got, m)
	s.mu.Unlock()
	w.WriteHeader(m.Status)
}

// taken tells whether a numbered message was ever answered well.
func (s *sink) taken(n int) bool {
	return slices.ContainsFunc(s.all(), func(m message) bool { return m.N == n && m.Status < 300 })
}

func (s *sink) all() []message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]message{}, s.got...)
}

func (s *sink) numbers() []int {
	var out []int
	for _, m := range s.all() {
		out = append(out, m.N)
	}
	return out
}

var (
	mtn    = reconixtest.Of(access.Operator, "MTN")
	glo    = reconixtest.Of(access.Operator, "GLO")
	zenith = reconixtest.Of(access.Bank, "057")
)

func loopback() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

func rootsOf(s *sink) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

func nothing(context.Context, *jobs.Run) (any, error) { return map[string]int{"rows": 7}, nil }
