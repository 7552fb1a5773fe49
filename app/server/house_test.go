package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/julienschmidt/httprouter"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/app/kit/seal"
	"reconexus/app/rest"
	"reconexus/store/kv"
	"reconexus/store/sqlite"
	"reconexus/store/storetest"
)

// house is a server over real stores, with a handful of routes.
type house struct {
	*Server
	t      testing.TB
	url    string
	db     *sqlite.DB
	audit  *audit.Log
	clock  *stopped
	log    *safeBuffer
	things atomic.Int64  // how many were made
	asked  atomic.Int64  // how often credentials were looked at
	hold   chan struct{} // what POST /slow waits for
	began  chan struct{} // told when POST /slow begins
	broken atomic.Bool   // the store does not answer
}

// stopped is a clock that stands still until it is moved.
type stopped struct{ ms atomic.Int64 }

func (c *stopped) now() time.Time        { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *stopped) move(by time.Duration) { c.ms.Add(by.Milliseconds()) }
func newStopped() *stopped               { c := &stopped{}; c.ms.Store(1_795_000_000_000); return c }
func loopbackNetworks() []netip.Prefix   { return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }
func (h *house) ready(context.Context) error {
	if h.broken.Load() {
		return errors.New("closed")
	}
	return nil
}

type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// open opens a house without a store, which is quicker, and serves it on loopback.
func open(t testing.TB, changes ...func(*Options)) *house { return serve(build(t, changes...)) }

// openAudited opens one with a store and an audit log.
func openAudited(t testing.TB, changes ...func(*Options)) *house {
	return serve(buildAudited(t, changes...))
}

func serve(h *house) *house {
	s := httptest.NewUnstartedServer(h)
	s.Config.ConnContext = markSocket
	s.Start()
	h.t.Cleanup(s.Close)
	h.url = s.URL
	return h
}

func buildAudited(t testing.TB, changes ...func(*Options)) *house {
	t.Helper()
	return construct(t, storetest.Open(t), changes)
}

func build(t testing.TB, changes ...func(*Options)) *house {
	t.Helper()
	return construct(t, nil, changes)
}

func construct(t testing.TB, db *sqlite.DB, changes []func(*Options)) *house {
	t.Helper()
	h := &house{t: t, clock: newStopped(), log: &safeBuffer{}, db: db, hold: make(chan struct{}), began: make(chan struct{}, 8)}
	log := slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ring, err := seal.Load(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	if db != nil {
		h.audit = audit.New(db, ring, h.clock.now)
	}
	cache, err := kv.Open(t.TempDir(), h.clock.now, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cache.Close() })
	router := httprouter.New()
	api := rest.New(router, rest.Options{Version: "1.0.0", Log: log})
	h.declare(api)
	o := Options{
		Version: "1.0.0", Router: router, API: api,
		Authenticate: h.authenticate, Audit: h.audit, Ring: ring, Cache: cache, Ready: h.ready,
		AuthPerMinute: 5, GeneralPerMinute: 100,
		Pages: builtPages(), Docs: fstest.MapFS{}, Guide: fstest.MapFS{"01-first-run.md": {Data: []byte("# First run\n\nOpen **the link**.")}, "guide.css": {Data: []byte("body{}")}},
		Clock: h.clock.now, Log: log,
	}
	for _, change := range changes {
		change(&o)
	}
	if h.Server, err = New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close(context.WithoutCancel(t.Context())) })
	return h
}

func builtPages() fstest.MapFS {
	script := strings.Repeat("export const x = 1;\n", 100)
	return fstest.MapFS{
		"index.html":              {Data: []byte("<!doctype html><title>Reconexus</title>")},
		"icon.svg":                {Data: []byte("<svg/>")},
		"service-worker.js":       {Data: []byte(script)},
		"assets/index-3f2a.js":    {Data: []byte(script)},
		"assets/index-3f2a.js.gz": {Data: newDocument("", []byte(script)).gzip},
		"assets/index-3f2a.js.br": {Data: []byte("brotli")},
		"manifest.webmanifest":    {Data: []byte("{}")},
	}
}

// authenticate knows five callers by their token: the roles, and nobody else.
func (h *house) authenticate(r *http.Request) (access.Principal, error) {
	h.asked.Add(1)
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return access.Principal{}, nil
	}
	name, slow, _ := strings.Cut(token, "/")
	role := access.Role(strings.TrimRight(name, "0123456789"))
	if role.Permissions() == nil {
		return access.Principal{}, fault.New(fault.Unauthenticated, "The token is not valid; sign in again.")
	}
	p := access.Principal{ID: "usr_" + name, Name: name + "@example.ng", Role: role, May: role.Permissions()}
	if slow == "7" {
		p.PerMin = 7
	}
	return p, nil
}

type thing struct {
	ID string `json:"id"`
}

type named struct {
	Body struct {
		Name  string   `json:"name" maxLength:"9000000"`
		Words []string `json:"words,omitempty"`
		NIN   string   `json:"nin,omitempty" pattern:"^[0-9]{11}$"`
	}
}

func (h *house) declare(api *rest.API) {
	rest.Get(api, "/things", access.SIMRead, func(context.Context, *struct {
		Q string `query:"q"`
	}) (*thing, error) {
		return &thing{"list"}, nil
	}, rest.Doc("List things"))
	rest.Post(api, "/things", access.SIMWrite, h.make, rest.Created(func(t *thing) string { return "/things/" + t.ID }))
	rest.Get(api, "/things/{id}", access.SIMRead, func(_ context.Context, in *struct {
		ID string `path:"id"`
	}) (*thing, error) {
		return &thing{in.ID}, nil
	})
	rest.Patch(api, "/things/{id}", access.SIMWrite, func(_ context.Context, in *struct {
		ID   string `path:"id"`
		Body struct {
			Name string `json:"name"`
		}
	}) (*thing, error) {
		h.things.Add(1)
		return &thing{in.ID}, nil
	})
	rest.Post(api, "/silent", access.SIMWrite, func(_ context.Context, in *named) (*thing, error) {
		h.things.Add(1)
		return &thing{"silent"}, nil
	}, rest.Repeatable())
	rest.Post(api, "/fails", access.SIMWrite, func(context.Context, *named) (*thing, error) {
		h.things.Add(1)
		return nil, errors.New("disk of 12345678901 broke for a@example.ng")
	})
	rest.Post(api, "/questions", access.SIMRead, func(_ context.Context, in *named) (*thing, error) {
		h.things.Add(1)
		return &thing{in.Body.Name}, nil
	})
	rest.Post(api, "/slow", access.SIMWrite, func(_ context.Context, in *named) (*thing, error) {
		h.began <- struct{}{}
		<-h.hold
		h.things.Add(1)
		return &thing{"slow"}, nil
	})
	rest.Post(api, "/files", access.SIMBulkUpload, func(_ context.Context, in *rest.Upload) (*thing, error) {
		file, _, err := in.Open()
		if err != nil {
			return nil, err
		}
		n, err := io.Copy(io.Discard, file)
		h.things.Add(n)
		return &thing{"file"}, err
	}, rest.Accepted())
	rest.Get(api, "/identity/msisdn/{number}/status", access.SIMRead, func(_ context.Context, in *struct {
		Number string `path:"number" maxLength:"15"`
	}) (*status, error) {
		return &status{MSISDN: "+" + in.Number, Status: "ACTIVE"}, nil
	})
	rest.Get(api, "/breaks/{number}", access.SIMRead, func(_ context.Context, in *struct {
		Number string `path:"number"`
	}) (*thing, error) {
		panic("holder of " + in.Number)
	})
	for _, path := range []string{"/auth/login", "/auth/refresh", "/auth/setup"} {
		rest.Post(api, path, access.Public, func(_ context.Context, in *struct {
			Body struct {
				Email    string `json:"email,omitempty"`
				Password string `json:"password,omitempty"`
			}
		}) (*thing, error) {
			return nil, fault.New(fault.Unauthenticated, "E-mail or password is wrong.")
		})
	}
}

type status struct {
	MSISDN       string   `json:"msisdn"`
	Status       string   `json:"status"`
	IsRecycled   bool     `json:"is_recycled"`
	ActiveNIN    int      `json:"active_nin_linkages"`
	Blockers     []string `json:"blockers"`
	OperatorCode string   `json:"operator_code"`
}

// make writes its own audit line, as services do.
func (h *house) make(ctx context.Context, in *named) (*thing, error) {
	if in.Body.Name == "" {
		return nil, fault.Wrong("name", "REQUIRED", "Give the thing a name.")
	}
	made := &thing{id.New("thg", h.clock.now())}
	h.things.Add(1)
	if h.db == nil {
		return made, nil
	}
	err := sqlite.Do(ctx, h.db, func(tx *sqlite.Tx) error {
		return h.audit.Record(tx, access.From(ctx), "thing.create", made.ID)
	})
	return made, err
}

// answered is an answer, read whole.
type answered struct {
	*http.Response
	text string
}

func (a answered) problem(t testing.TB) rest.Problem {
	t.Helper()
	var p rest.Problem
	if err := json.Unmarshal([]byte(a.text), &p); err != nil || a.Header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("the answer is no problem (%v): %s %s", err, a.Header.Get("Content-Type"), a.text)
	}
	return p
}

// send sends a request as the caller; headers alternate names and values.
func (h *house) send(method, path, caller, body string, headers ...string) answered {
	h.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.url+path, in)
	if err != nil {
		h.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if caller != "" {
		r.Header.Set("Authorization", "Bearer "+caller)
	}
	r.Header.Set("Accept-Encoding", "identity")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	a, err := client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return answered{a, string(text)}
}

// want fails unless the answer has the status and, if given, the code.
func (h *house) want(a answered, status int, code ...fault.Kind) answered {
	h.t.Helper()
	if a.StatusCode != status {
		h.t.Fatalf("%s %s answers %d, want %d: %s", a.Request.Method, a.Request.URL.Path, a.StatusCode, status, a.text)
	}
	if len(code) > 0 {
		if p := a.problem(h.t); p.Code != code[0] || p.RequestID == "" || p.RequestID != a.Header.Get("X-Request-Id") || p.Status != status {
			h.t.Fatalf("the problem is %+v, want the code %s and the request id %s", p, code[0], a.Header.Get("X-Request-Id"))
		}
	}
	return a
}

type entry struct{ action, object, result, actor, address string }

// entries are the audit log's, oldest first.
func (h *house) entries() []entry {
	h.t.Helper()
	all, err := sqlite.Read(h.t.Context(), h.db, func(tx *sqlite.Tx) ([]entry, error) {
		return sqlite.All(tx, func(r sqlite.Row) (e entry, err error) {
			err = r.Scan(&e.action, &e.object, &e.result, &e.actor, &e.address)
			return e, err
		}, `SELECT action, object, result, actor, address FROM audit_entry ORDER BY seq`)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}
