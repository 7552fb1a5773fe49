// Package logintest is a whole sign-in for tests: a real store, accounts, keys, and
// the REST routes behind the same authentication as the appliance's pipeline.
package logintest

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/julienschmidt/httprouter"
	"golang.org/x/crypto/bcrypt"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/seal"
	"reconexus/app/login"
	"reconexus/app/rest"
	"reconexus/app/users"
	"reconexus/store/kv"
	"reconexus/store/sqlite"
	"reconexus/store/storetest"
)

// Password is every account's.
const Password = "correct horse battery"

// Bench is an appliance's sign-in on a store of its own.
type Bench struct {
	T           testing.TB
	DB          *sqlite.DB
	Ring        *seal.Ring
	KV          *kv.Store
	Clock       *Clock
	Audit       *audit.Log
	Guard       *login.Guard
	Users       *users.Service
	Login       *login.Service
	API         *rest.API
	Handler     http.Handler
	Comparisons atomic.Int64 // how often a password was compared
	OnCompare   func()       // called before each comparison, when set
	Log         *Journal
	register    []func(*rest.API)
	folder      string
}

// Open starts a bench; register declares further routes.
func Open(t testing.TB, register ...func(*rest.API)) *Bench {
	t.Helper()
	b := &Bench{T: t, DB: storetest.Open(t), register: register, folder: t.TempDir(),
		Clock: &Clock{now: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}, Log: &Journal{}}
	ring, err := seal.Load(filepath.Join(b.folder, "keys"))
	b.must(err)
	b.Ring = ring
	b.Audit = audit.New(b.DB, ring, b.Clock.Now)
	b.start()
	t.Cleanup(func() { _ = b.KV.Close() })
	return b
}

// Restart makes everything anew over the same store, as a new process would.
func (b *Bench) Restart() {
	b.T.Helper()
	b.must(b.KV.Close())
	b.start()
}

// RestartWithoutCache is a restart after somebody deleted the cache's folder.
func (b *Bench) RestartWithoutCache() {
	b.T.Helper()
	b.must(b.KV.Close())
	b.must(os.RemoveAll(filepath.Join(b.folder, "kv")))
	b.start()
}

func (b *Bench) start() {
	b.T.Helper()
	ctx, log := b.T.Context(), slog.New(slog.NewTextHandler(b.Log, nil))
	var err error
	b.KV, err = kv.Open(filepath.Join(b.folder, "kv"), b.Clock.Now, log)
	b.must(err)
	b.Guard, err = login.NewGuard(ctx, login.GuardOptions{
		DB: b.DB, KV: b.KV, Ring: b.Ring, Clock: b.Clock.Now, Log: log, Cost: bcrypt.MinCost,
		Compare: func(hash, password []byte) error {
			b.Comparisons.Add(1)
			if b.OnCompare != nil {
				b.OnCompare()
			}
			return bcrypt.CompareHashAndPassword(hash, password)
		},
	})
	b.must(err)
	b.Users = users.New(users.Options{DB: b.DB, Audit: b.Audit, Clock: b.Clock.Now, Hash: b.Guard.Hash, End: b.Guard.End, Changed: b.Guard.Changed, Unlock: b.Guard.Unlock})
	b.Login, err = login.New(ctx, login.Options{
		DB: b.DB, Ring: b.Ring, Audit: b.Audit, Users: b.Users, Guard: b.Guard, Clock: b.Clock.Now, Log: log,
		Address: func(r *http.Request) string { return r.RemoteAddr },
	})
	b.must(err)
	router := httprouter.New()
	b.API = rest.New(router, rest.Options{Version: "test", Log: log})
	users.Register(b.API, b.Users)
	login.Register(b.API, b.Login)
	for _, f := range b.register {
		f(b.API)
	}
	b.Handler = Authenticated(b.Login, router)
}

// Authenticated puts who a request acts for into its context, as the pipeline does.
func Authenticated(s *login.Service, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := rest.WithRequest(r.Context(), &rest.Request{ID: "req_test", Path: r.URL.Path})
		p, err := s.Authenticate(r.WithContext(ctx))
		ctx = access.With(ctx, p)
		if err != nil {
			ctx = access.WithRefusal(ctx, err)
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Answer is what a request was answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON is the body as an object.
func (a Answer) JSON() map[string]any {
	out := map[string]any{}
	_ = json.Unmarshal(a.Body, &out)
	return out
}

// Text is a field of the body's object, or "".
func (a Answer) Text(field string) string {
	s, _ := a.JSON()[field].(string)
	return s
}

// Do sends a request with a JSON body (or none, for nil; or a raw one, for a string).
func (b *Bench) Do(method, path string, body any, edit ...func(*http.Request)) Answer {
	b.T.Helper()
	var in io.Reader
	switch v := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(v)
	default:
		raw, err := json.Marshal(v)
		b.must(err)
		in = bytes.NewReader(raw)
	}
	r := httptest.NewRequest(method, path, in)
	if strings.HasPrefix(path, "/") {
		r = httptest.NewRequest(method, rest.Base+path, in)
	}
	r.Header.Set("Content-Type", "application/json")
	r.RemoteAddr = "192.0.2.1"
	for _, f := range edit {
		f(r)
	}
	w := httptest.NewRecorder()
	b.Handler.ServeHTTP(w, r)
	return Answer{w.Code, w.Header(), w.Body.Bytes()}
}

// Want sends a request as Do does, and fails the test on another status.
func (b *Bench) Want(status int, method, path string, body any, edit ...func(*http.Request)) Answer {
	b.T.Helper()
	a := b.Do(method, path, body, edit...)
	if a.Status != status {
		b.T.Fatalf("%s %s answered %d, want %d: %s", method, path, a.Status, status, a.Body)
	}
	return a
}

// Bearer sends a token.
func Bearer(token string) func(*http.Request) {
	return Header("Authorization", "Bearer "+token)
}

// Header sets a header.
func Header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// Cookies sends back the cookies of an answer.
func Cookies(a Answer) func(*http.Request) {
	return func(r *http.Request) {
		for _, c := range (&http.Response{Header: a.Header}).Cookies() {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
}

// Add makes an account with [Password].
func (b *Bench) Add(email string, role access.Role, edit ...func(*users.Draft)) users.User {
	b.T.Helper()
	d := users.Draft{Email: email, FullName: "Test " + string(role), Role: role, Password: Password}
	switch role {
	case access.Operator:
		d.Operator = "MTN"
	case access.Bank:
		d.Bank = "058"
	}
	for _, f := range edit {
		f(&d)
	}
	u, _, err := b.Users.Create(b.T.Context(), access.System("test"), d)
	b.must(err)
	return u
}

// SignIn signs an account in and answers its tokens.
func (b *Bench) SignIn(email string) (access, refresh string) {
	b.T.Helper()
	a := b.Want(200, "POST", "/auth/login", map[string]any{"email": email, "password": Password})
	return a.Text("access_token"), a.Text("refresh_token")
}

// Admin makes an administrator and signs them in.
func (b *Bench) Admin() (users.User, string) {
	b.T.Helper()
	u := b.Add("root@example.ng", access.Admin)
	token, _ := b.SignIn(u.Email)
	return u, token
}

func (b *Bench) must(err error) {
	b.T.Helper()
	if err != nil {
		b.T.Fatal(err)
	}
}

// Actions lists what the audit log says was done, oldest first, as "action result";
// the making of signing keys is left out.
func (b *Bench) Actions() []string {
	b.T.Helper()
	out, err := sqlite.Read(b.T.Context(), b.DB, func(tx *sqlite.Tx) ([]string, error) {
		return sqlite.All(tx, sqlite.Text, `SELECT action || ' ' || result FROM audit_entry WHERE action <> 'auth.key_rotate' ORDER BY seq`)
	})
	b.must(err)
	return out
}

// Dump is every text and blob that the store holds, for tests that look for secrets.
func (b *Bench) Dump() string {
	b.T.Helper()
	out, err := sqlite.Read(b.T.Context(), b.DB, func(tx *sqlite.Tx) (string, error) {
		tables, err := sqlite.All(tx, sqlite.Text, `SELECT name FROM sqlite_schema WHERE type = 'table'`)
		if err != nil {
			return "", err
		}
		var all strings.Builder
		for _, table := range tables {
			columns, err := sqlite.All(tx, sqlite.Text, `SELECT name FROM pragma_table_info(?)`, table)
			if err != nil {
				return "", err
			}
			for _, c := range columns {
				cells, err := sqlite.All(tx, sqlite.Text, `SELECT coalesce(CAST("`+c+`" AS TEXT), '') FROM "`+table+`"`)
				if err != nil {
					return "", err
				}
				all.WriteString(strings.Join(cells, "\n"))
			}
		}
		return all.String(), nil
	})
	b.must(err)
	return out
}

// Clock stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Move sets the clock forward.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Journal is a log that tests read.
type Journal struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (j *Journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.out.Write(p)
}

func (j *Journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.out.String()
}
