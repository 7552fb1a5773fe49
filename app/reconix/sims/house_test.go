package sims_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/julienschmidt/httprouter"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/day"
	"reconexus/app/kit/seal"
	"reconexus/app/live"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/operators"
	"reconexus/app/reconix/sims"
	"reconexus/app/rest"
	"reconexus/store/migrations"
	"reconexus/store/sqlite"
	"reconexus/store/storetest"
)

var (
	admin    = access.Principal{ID: "usr_admin", Name: "admin@example.com", Role: access.Admin, May: access.All()}
	mtn      = access.Principal{ID: "usr_mtn", Name: "clerk@mtn.example", Role: access.Operator, May: append(access.Operator.Permissions(), access.SIMBulkUpload, access.SIMDelete, access.PIIReveal), Operator: "MTN"}
	glo      = access.Principal{ID: "usr_glo", Name: "clerk@glo.example", Role: access.Operator, May: mtn.May, Operator: "GLO"}
	zenith   = access.Principal{ID: "usr_zen", Name: "clerk@zenith.example", Role: access.Bank, May: append(access.Bank.Permissions(), access.SIMWrite, access.SIMDelete, access.PIIReveal, access.SIMBulkUpload), Bank: "057"}
	noticeAt = time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)
)

// house is the feature behind its front door, on a real store, with a clock that moves
// by a millisecond a look.
type house struct {
	testing.TB
	db      *sqlite.DB
	dir     string
	audit   *audit.Log
	jobs    *jobs.Queue
	service *sims.Service
	door    http.Handler
	who     access.Principal
}

func open(t testing.TB) *house {
	t.Helper()
	return furnish(t, storetest.Open(t), t.TempDir())
}

// openIn opens a house that outlives the process: the store lies in the folder too.
func openIn(t testing.TB, dir string) *house {
	t.Helper()
	path := filepath.Join(dir, "reconexus.db")
	if err := sqlite.Migrate(t.Context(), path, migrations.Files); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return furnish(t, db, dir)
}

// recordsIn counts the records in a store that another process writes; 0 while there is none.
func recordsIn(t testing.TB, dir string) int {
	t.Helper()
	path := filepath.Join(dir, "reconexus.db")
	if _, err := os.Stat(path); err != nil {
		return 0
	}
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	n := 0
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM recycled_sim`).Scan(&n); err != nil {
		return 0 // not migrated yet
	}
	return n
}

func furnish(t testing.TB, db *sqlite.DB, dir string) *house {
	t.Helper()
	h := &house{TB: t, db: db, dir: dir, who: admin}
	ring, err := seal.Load(filepath.Join(h.dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := numbering.New()
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return noticeAt }
	log := slog.New(slog.DiscardHandler)
	hub := live.NewHub(clock)
	h.audit = audit.New(h.db, ring, clock)
	h.jobs = jobs.New(h.db, filepath.Join(h.dir, "jobs"), time.Now, hub, log)
	names := operators.New(h.db, h.audit)
	if err := names.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.service, err = sims.New(sims.Service{
		DB: h.db, Dir: h.dir, Clock: clock, Table: table, Ring: ring, Audit: h.audit, Jobs: h.jobs, Hub: hub, Operators: names, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	router := httprouter.New()
	api := rest.New(router, rest.Options{Version: "test", Log: log})
	h.service.Mount(api)
	h.jobs.Mount(api, h.audit)
	h.door = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		router.ServeHTTP(w, r.WithContext(access.With(r.Context(), h.who)))
	})
	return h
}

// as lets somebody else knock.
func (h *house) as(who access.Principal) *house {
	other := *h
	other.who = who
	router := h.door
	other.door = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		before := h.who
		h.who = who
		router.ServeHTTP(w, r)
		h.who = before
	})
	return &other
}

type answer struct {
	status int
	head   http.Header
	raw    []byte
	body   map[string]any
}

func (a answer) text(key string) string {
	s, _ := a.body[key].(string)
	return s
}

func (a answer) items() []any {
	list, _ := a.body["items"].([]any)
	return list
}

// ask sends JSON, or with a Content-Type among the headers anything else.
func (h *house) ask(method, path, body string, headers ...string) answer {
	h.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(h.Context(), method, rest.Base+path, content)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.door.ServeHTTP(w, r)
	a := answer{status: w.Code, head: w.Header(), raw: w.Body.Bytes()}
	if bytes.HasPrefix(bytes.TrimSpace(a.raw), []byte("{")) {
		if err := json.Unmarshal(a.raw, &a.body); err != nil {
			h.Fatalf("%s %s answers no JSON: %v\n%s", method, path, err, a.raw)
		}
	}
	return a
}

// must is ask that expects a status.
func (h *house) must(status int, method, path, body string, headers ...string) answer {
	h.Helper()
	a := h.ask(method, path, body, headers...)
	if a.status != status {
		h.Fatalf("%s %s answers %d, want %d:\n%s", method, path, a.status, status, a.raw)
	}
	return a
}

func (h *house) write(fn func(tx *sqlite.Tx) error) {
	h.Helper()
	if err := sqlite.Do(h.Context(), h.db, fn); err != nil {
		h.Fatal(err)
	}
}

func (h *house) exec(query string, args ...any) {
	h.Helper()
	h.write(func(tx *sqlite.Tx) error { _, err := sqlite.Exec(tx, query, args...); return err })
}

func (h *house) count(query string, args ...any) int {
	h.Helper()
	n, err := sqlite.Read(h.Context(), h.db, func(tx *sqlite.Tx) (int, error) { return sqlite.One(tx, sqlite.Int, query, args...) })
	if err != nil {
		h.Fatal(err)
	}
	return n
}

// recycled makes a record as an import does.
func (h *house) recycled(r sims.Recycling) string {
	h.Helper()
	id, err := sqlite.Write(h.Context(), h.db, func(tx *sqlite.Tx) (string, error) { return h.service.Recycled(tx, r) })
	if err != nil {
		h.Fatal(err)
	}
	return id
}

func on(text string) day.Day {
	d, err := day.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}
