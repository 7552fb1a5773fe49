// Package reconixtest sets up a small house for the tests of features: a real store,
// key ring, audit log and job queue, a front door without the pipeline, and a clock
// that moves only when it is told to.
package reconixtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
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
	"reconexus/app/reconix/tenure"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
	"reconexus/store/storetest"
)

// House is what every feature shares.
type House struct {
	testing.TB
	DB    *sqlite.DB
	Dir   string
	Ring  *seal.Ring
	Keys  *tenure.Keys
	Table *numbering.Table
	Audit *audit.Log
	Hub   *live.Hub
	Jobs  *jobs.Queue
	Log   *slog.Logger
	API   *rest.API
	Who   access.Principal // who knocks

	// Router is behind the API, for who puts a whole server around it.
	Router *httprouter.Router

	door http.Handler
	logs *buffer
	now  time.Time
	mu   sync.Mutex
}

// Admin may do everything.
func Admin() access.Principal {
	return access.Principal{ID: "usr_admin", Name: "admin@example.com", Role: access.Admin, May: access.All()}
}

// Of is a principal of a role, bound to an operator or a bank by their roles.
func Of(role access.Role, code string, grants ...access.Permission) access.Principal {
	p := access.Principal{ID: "usr_" + string(role) + code, Name: code + "@example.com", Role: role, May: append(role.Permissions(), grants...)}
	switch role {
	case access.Operator:
		p.Operator = code
	case access.Bank:
		p.Bank = code
	}
	return p
}

// Open makes a house in which it is 20 November 2026, 10 o'clock in Lagos. The queue
// is not started: features say first what it can do.
func Open(t testing.TB) *House {
	t.Helper()
	h := &House{TB: t, DB: storetest.Open(t), Dir: t.TempDir(), Who: Admin(), logs: &buffer{},
		now: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
	h.Log = slog.New(slog.NewTextHandler(h.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if h.Ring, err = seal.Load(filepath.Join(h.Dir, "keys")); err != nil {
		t.Fatal(err)
	}
	if h.Table, err = numbering.New(); err != nil {
		t.Fatal(err)
	}
	keys := tenure.NewKeys(h.Ring)
	h.Keys = &keys
	h.Audit = audit.New(h.DB, h.Ring, h.Clock)
	h.Hub = live.NewHub(h.Clock)
	h.Jobs = h.Queue()
	router := httprouter.New()
	h.Router = router
	h.API = rest.New(router, rest.Options{Version: "test", Log: h.Log})
	h.door = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		router.ServeHTTP(w, r.WithContext(access.With(r.Context(), h.Who)))
	})
	return h
}

// Queue is another queue over the same jobs, as after a restart.
func (h *House) Queue() *jobs.Queue {
	return jobs.New(h.DB, filepath.Join(h.Dir, "jobs"), h.Clock, h.Hub, h.Log)
}

// Start lets the queue work until the test ends.
func (h *House) Start(q *jobs.Queue) {
	h.Helper()
	if err := q.Start(h.Context()); err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() {
		if err := q.Close(context.WithoutCancel(h.Context())); err != nil {
			h.Error(err)
		}
	})
}

// Clock is the house's clock.
func (h *House) Clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// Pass moves the clock.
func (h *House) Pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// Logged is everything that was logged so far.
func (h *House) Logged() string { return h.logs.String() }

// Answer is what came back.
type Answer struct {
	Code   int
	Header http.Header
	Text   string
	Body   map[string]any
}

// Ask sends a request with a JSON body, or none when it is empty.
func (h *House) Ask(method, path, body string) Answer {
	h.Helper()
	return h.Send(method, path, "application/json", []byte(body))
}

// Send sends a request with any body.
func (h *House) Send(method, path, kind string, body []byte) Answer {
	h.Helper()
	headers := http.Header{}
	if len(body) > 0 {
		headers.Set("Content-Type", kind)
	}
	return h.SendWith(method, path, headers, body)
}

// SendWith sends a request with headers of one's own.
func (h *House) SendWith(method, path string, headers http.Header, body []byte) Answer {
	h.Helper()
	r := httptest.NewRequestWithContext(h.Context(), method, rest.Base+path, bytes.NewReader(body))
	r.Header = headers
	w := httptest.NewRecorder()
	h.door.ServeHTTP(w, r)
	out := Answer{w.Code, w.Header(), w.Body.String(), map[string]any{}}
	if kind := w.Header().Get("Content-Type"); w.Body.Len() > 0 && (kind == "application/json" || kind == "application/problem+json") {
		if err := json.Unmarshal(w.Body.Bytes(), &out.Body); err != nil {
			h.Fatalf("%s %s answers no JSON: %v\n%s", method, path, err, w.Body)
		}
	}
	return out
}

// Door is the front door itself, for benchmarks.
func (h *House) Door() http.Handler { return h.door }

// Upload sends a file and waits for its job.
func (h *House) Upload(path, content string) jobs.Job {
	h.Helper()
	a := h.Send(http.MethodPost, path, "text/csv", []byte(content))
	if a.Code != http.StatusAccepted {
		h.Fatalf("POST %s answers %d: %s", path, a.Code, a.Text)
	}
	return h.Wait(a.Body["job_id"].(string))
}

// Wait answers a job that has ended.
func (h *House) Wait(id string) jobs.Job {
	h.Helper()
	j, err := h.Jobs.Wait(h.Context(), id, time.Minute)
	if err != nil {
		h.Fatal(err)
	}
	if !j.State.Ended() {
		h.Fatalf("the job is still %s\n%s", j.State, h.Logged())
	}
	return j
}

// Write writes to the store.
func (h *House) Write(fn func(tx *sqlite.Tx) error) {
	h.Helper()
	if err := sqlite.Do(h.Context(), h.DB, fn); err != nil {
		h.Fatal(err)
	}
}

// Held is one generation of a number, for [House.Tenures].
type Held struct {
	From, To string // days; empty: not known, goes on
	By       string // the holder's name; empty: not known
	NIN      string // when set: the holder is known by it
	Operator string // MTN when empty
}

// Tenures writes a number's history as it was learnt now.
func (h *House) Tenures(msisdn int64, held ...Held) {
	h.Helper()
	h.Write(func(tx *sqlite.Tx) error {
		return tenure.Record(tx, []tenure.Change{{Add: h.History(msisdn, held...)}}, h.Clock(), "test")
	})
}

// History is a number's history without writing it.
func (h *House) History(msisdn int64, held ...Held) tenure.History {
	h.Helper()
	var out tenure.History
	for i, x := range held {
		s := tenure.Statement{MSISDN: msisdn, Generation: i + 1, From: h.Day(x.From), Activated: h.Day(x.From), To: h.Day(x.To), Last: day.None, Operator: x.Operator}
		if s.Operator == "" {
			s.Operator = "MTN"
		}
		if s.To.Known() {
			s.EndedAs = "deactivated"
		}
		if x.NIN != "" {
			s.Holder = h.Keys.NIN([]byte(x.NIN))
		} else {
			s.Holder, _ = h.Keys.Name(nil, []byte(x.By))
		}
		out = append(out, s)
	}
	return out
}

// Day reads a day; the empty string is day.None.
func (h *House) Day(s string) day.Day {
	h.Helper()
	if s == "" {
		return day.None
	}
	d, err := day.Parse(s)
	if err != nil {
		h.Fatal(err)
	}
	return d
}

// Feed says that an operator's feeds cover a period.
func (h *House) Feed(operator, from, to string) {
	h.Helper()
	h.Write(func(tx *sqlite.Tx) error {
		for _, d := range []string{from, to} {
			if _, err := sqlite.Exec(tx, `INSERT INTO feed (id, operator_code, day, state, digest, file_name, job_id, received_at, applied_at) VALUES (?, ?, ?, 'applied', ?, '', '', 0, 0)`,
				operator+d, operator, int64(h.Day(d)), operator+d); err != nil {
				return err
			}
		}
		return nil
	})
}

// Dump is every text and blob of the store, to look for what must not be in it.
func (h *House) Dump(tables ...string) string {
	h.Helper()
	var out bytes.Buffer
	_, err := sqlite.Read(h.Context(), h.DB, func(tx *sqlite.Tx) (struct{}, error) {
		for _, table := range tables {
			columns, err := sqlite.All(tx, sqlite.Text, `SELECT name FROM pragma_table_info(?)`, table)
			if err != nil {
				return struct{}{}, err
			}
			for _, c := range columns {
				if err := sqlite.Each(tx, func(r sqlite.Row) error {
					var v *string
					err := r.Scan(&v)
					if v != nil {
						out.WriteString(*v + "\n")
					}
					return err
				}, `SELECT CAST("`+c+`" AS TEXT) FROM "`+table+`"`); err != nil {
					return struct{}{}, err
				}
			}
		}
		return struct{}{}, nil
	})
	if err != nil {
		h.Fatal(err)
	}
	return out.String()
}

// buffer takes what several goroutines log.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

var _ io.Writer = (*buffer)(nil)
