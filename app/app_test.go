package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/crypto/bcrypt"

	"reconexus/app/access"
	"reconexus/app/config"
	"reconexus/app/kit/day"
	"reconexus/app/reconix/generate"
	"reconexus/app/rest"
	"reconexus/app/server/servertest"
	"reconexus/store/sqlite"
)

// box is a whole appliance on a data folder of its own, driven through its front door.
type box struct {
	*Appliance
	t   testing.TB
	log *lines
}

// lines is a log that may be written and read at the same time.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func program(out io.Writer, args ...string) Program {
	pages := fstest.MapFS{"index.html": {Data: []byte("<!doctype html><title>Reconexus</title>")}}
	return Program{Version: "test", Commit: "test", Args: args, Stdin: strings.NewReader(""), Stdout: out, Stderr: out,
		Pages: pages, Docs: fstest.MapFS{}, Guide: fstest.MapFS{"01-first.md": {Data: []byte("# First\n")}},
		PasswordCost: bcrypt.MinCost}
}

func start(t testing.TB, dir string) *box {
	t.Helper()
	return startWith(t, dir)
}

// startWith starts an appliance with an environment of its own.
func startWith(t testing.TB, dir string, environ ...string) *box {
	t.Helper()
	c, err := config.Load(t.Context(), config.Options{Environ: environ, Flags: map[string]string{
		"data": dir, "limits.auth_per_minute": "0", "limits.general_per_minute": "0", "log.level": "debug",
	}})
	if err != nil {
		t.Fatal(err)
	}
	log := &lines{}
	p := program(log)
	a, err := Open(t.Context(), &p, c, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &box{a, t, log}
}

// ask does one request and reads its answer into out, when that is given.
func (b *box) ask(method, path, token string, in, out any) int {
	b.t.Helper()
	var body io.Reader
	kind := "application/json"
	switch v := in.(type) {
	case nil:
	case *bytes.Buffer:
		body, kind = v, "text/csv"
	default:
		raw, err := json.Marshal(v)
		if err != nil {
			b.t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	r := httptest.NewRequest(method, rest.Base+path, body)
	r.RemoteAddr = "192.0.2.9:5000"
	if body != nil {
		r.Header.Set("Content-Type", kind)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	b.Server.ServeHTTP(w, r)
	if out != nil && w.Code < 300 {
		if raw, ok := out.(*[]byte); ok {
			*raw = w.Body.Bytes()
		} else if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			b.t.Fatalf("%s %s answers %s: %v", method, path, w.Body, err)
		}
	} else if out != nil {
		b.t.Logf("%s %s answers %d %s", method, path, w.Code, w.Body)
	}
	return w.Code
}

func (b *box) must(want int, method, path, token string, in, out any) {
	b.t.Helper()
	if out == nil {
		out = &[]byte{}
	}
	if got := b.ask(method, path, token, in, out); got != want {
		b.t.Fatalf("%s %s answers %d, want %d", method, path, got, want)
	}
}

const password = "correct horse battery"

type tokens struct {
	Access string `json:"access_token"`
}

// setUp makes the first administrator by the link, as a newcomer does.
func (b *box) setUp() string {
	b.t.Helper()
	link, err := b.Login.SetupLink(b.t.Context(), "http://127.0.0.1")
	if err != nil {
		b.t.Fatal(err)
	}
	_, token, _ := strings.Cut(link, "#")
	var out tokens
	b.must(200, "POST", "/auth/setup", "", map[string]string{"token": token, "email": "ada@example.ng", "password": password, "full_name": "Ada"}, &out)
	return out.Access
}

// as makes an account of a role and signs it in.
func (b *box) as(admin string, role access.Role, more map[string]any) string {
	b.t.Helper()
	in := map[string]any{"email": string(role) + "@example.ng", "full_name": "Some One", "role": role, "password": password}
	for k, v := range more {
		in[k] = v
	}
	b.must(201, "POST", "/users", admin, in, nil)
	var out tokens
	b.must(200, "POST", "/auth/login", "", map[string]any{"email": in["email"], "password": password}, &out)
	return out.Access
}

// Class 2: who may use what is in a golden file, and the doors agree with it.
func TestSecurity02RightsOfEveryRoute(t *testing.T) {
	b := start(t, t.TempDir())
	admin := b.setUp()
	bearer := map[access.Role]string{
		access.Admin:     admin,
		access.Operator:  b.as(admin, access.Operator, map[string]any{"operator_code": "MTN"}),
		access.Bank:      b.as(admin, access.Bank, map[string]any{"bank_code": "058"}),
		access.Auditor:   b.as(admin, access.Auditor, nil),
		access.APIClient: b.as(admin, access.APIClient, nil),
	}
	servertest.Golden(t, "testdata/matrix.txt", servertest.Matrix(b.Server.Routes()))
	var routes []rest.Route
	for _, r := range b.Server.Routes() {
		if !strings.HasPrefix(r.Path, "/ws/") { // below: a channel's name is no id
			routes = append(routes, r)
		}
	}
	servertest.Knock(t, b.Server, routes, func(r access.Role) string { return bearer[r] })
	for _, token := range []string{"", "not-a-token"} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/ws/jobs", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		b.Server.ServeHTTP(w, r)
		if w.Code != 401 {
			t.Errorf("/ws/jobs with the token %q answers %d", token, w.Code)
		}
	}
}

func TestServedContractIsTheGoldenOne(t *testing.T) {
	b := start(t, t.TempDir())
	doc, err := b.API.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	servertest.Golden(t, "testdata/openapi.json", servertest.Indent(t, doc))
}

// Class 3: without credentials nothing is done, read or written.
func TestSecurity03NothingIsWrittenForNobody(t *testing.T) {
	b := start(t, t.TempDir())
	b.setUp()
	before := b.rows()
	for _, r := range b.Server.Routes() {
		if r.Need != access.Public && r.Method != http.MethodGet {
			path := strings.NewReplacer(rest.Base, "", "{", "", "}", "").Replace(r.Path)
			if got := b.ask(r.Method, path, "", map[string]string{"x": "y"}, nil); got != 401 {
				t.Errorf("%s %s answers %d", r.Method, r.Path, got)
			}
		}
	}
	if after := b.rows(); after != before {
		t.Errorf("rows before: %s, after: %s", before, after)
	}
}

// rows counts what the store holds, the audit log aside: denied deeds are written down.
func (b *box) rows() string {
	b.t.Helper()
	out, err := sqlite.Read(b.t.Context(), b.DB, func(tx *sqlite.Tx) (string, error) {
		tables, err := sqlite.All(tx, sqlite.Text, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'audit_%' AND name NOT LIKE 'sqlite_%' AND name <> 'login_failure'`)
		if err != nil {
			return "", err
		}
		var all []string
		for _, name := range tables {
			n, err := sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM "`+name+`"`)
			if err != nil {
				return "", err
			}
			all = append(all, fmt.Sprintf("%s %d", name, n))
		}
		return strings.Join(all, ", "), nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

type job struct {
	ID     string          `json:"id"`
	State  string          `json:"state"`
	Error  *string         `json:"error"`
	Result json.RawMessage `json:"result"`
}

// follow waits for a job that a request started.
func (b *box) follow(token, id string) job {
	b.t.Helper()
	var j job
	for j.State != "succeeded" {
		b.must(200, "GET", "/jobs/"+id+"?wait=10s", token, nil, &j)
		if j.State == "failed" || j.State == "cancelled" || j.State == "paused" {
			why := ""
			if j.Error != nil {
				why = *j.Error
			}
			b.t.Fatalf("the job is %s: %s", j.State, why)
		}
	}
	return j
}

func (b *box) send(token, path string, file *bytes.Buffer) job {
	b.t.Helper()
	var started struct {
		JobID string `json:"job_id"`
	}
	b.must(202, "POST", path, token, file, &started)
	return b.follow(token, started.JobID)
}

const (
	firstDay  = "2026-11-19"
	secondDay = "2026-11-20"
)

func feed(t testing.TB, on string, write func(io.Writer, generate.Options, io.Writer) (int, error)) (*bytes.Buffer, string) {
	t.Helper()
	base, _ := day.Parse(firstDay)
	d, err := day.Parse(on)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	var truth strings.Builder
	if _, err := write(&out, generate.Options{Operator: "MTN", Rows: 4_000, Seed: 3, Base: base, Day: d, Changed: 0.02}, &truth); err != nil {
		t.Fatal(err)
	}
	return &out, truth.String()
}

// TestTheFirstHour is what a newcomer does: set up, take in two days and the linkages,
// detect, and look. The planted identities are canaries (class 25): they must not be
// readable anywhere afterwards.
func TestTheFirstHour(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir)
	admin := b.setUp()
	for _, on := range []string{firstDay, secondDay} {
		file, _ := feed(t, on, generate.Inventory)
		b.send(admin, "/inventories/MTN?day="+on, file)
	}
	links, truth := feed(t, secondDay, generate.Linkages)
	canaries := numbersOf(links.String())
	b.send(admin, "/linkages/imports", links)
	var scan struct {
		JobID  string `json:"job_id"`
		Result struct{ Scanned, Conflicted, Review int }
	}
	b.must(202, "POST", "/recycled-sims/detect?wait=30s", admin, map[string]any{}, &scan)
	b.follow(admin, scan.JobID)

	var result []byte
	b.must(200, "GET", "/jobs/"+scan.JobID+"/result.csv", admin, nil, &result)
	if extra, missed := compare(string(result), truth); len(extra)+len(missed) > 0 {
		t.Errorf("flagged and should not be: %v\nshould be and is not: %v", head(extra), head(missed))
	}
	flagged, _, _ := strings.Cut(truth, ",stale_")
	stale := flagged[strings.LastIndex(flagged, "+"):]
	b.lookAround(admin, stale)
	t.Run("Security25SecretsReadBack", func(t *testing.T) { b.canaries(t, admin, stale, canaries) })
}

func TestDemoDataTellABelievableMonth(t *testing.T) {
	b := start(t, t.TempDir())
	admin := b.setUp()
	var started struct {
		JobID string `json:"job_id"`
	}
	b.must(202, "POST", "/demo-data", admin, map[string]any{}, &started)
	b.follow(admin, started.JobID)
	var stats struct {
		Numbers  int `json:"numbers_known"`
		Recycled int `json:"total_recycled_sims"`
		Stale    int `json:"stale_linkages"`
		Coverage []any
	}
	b.must(200, "GET", "/dashboard/stats", admin, nil, &stats)
	if stats.Numbers < 10_000 || stats.Recycled == 0 || stats.Stale == 0 || len(stats.Coverage) != 4 {
		t.Errorf("%+v", stats)
	}
	if got := b.ask("POST", "/demo-data", admin, map[string]any{}, nil); got != 409 {
		t.Errorf("a second time answers %d", got)
	}
}

func (b *box) lookAround(admin, number string) {
	b.t.Helper()
	var status struct {
		Status string `json:"status"`
	}
	b.must(200, "GET", "/identity/msisdn/"+number+"/status", admin, nil, &status)
	if status.Status != "CONFLICTED" {
		b.t.Errorf("%s is %s", number, status.Status)
	}
	var asked struct{ Items []struct{ Actor string } }
	for end := time.Now().Add(10 * time.Second); len(asked.Items) == 0; time.Sleep(50 * time.Millisecond) {
		b.must(200, "GET", "/identity/msisdn/"+number+"/lookups", admin, nil, &asked)
		if time.Now().After(end) {
			b.t.Fatal("that somebody looked the number up is not on record")
		}
	}
	var list struct {
		Total int
		Items []struct{ ID string }
	}
	b.must(200, "GET", "/recycled-sims?linkage_status=active&limit=5", admin, nil, &list)
	if list.Total == 0 || len(list.Items) == 0 {
		b.t.Fatal("no recycled SIM is listed")
	}
	var detail struct {
		Tenures  []any
		Linkages []struct{ Verdict string }
	}
	b.must(200, "GET", "/recycled-sims/"+list.Items[0].ID, admin, nil, &detail)
	if len(detail.Tenures) == 0 || len(detail.Linkages) == 0 {
		b.t.Errorf("the detail tells nothing: %+v", detail)
	}
	var report struct{ Faults []string }
	b.must(200, "POST", "/audit-logs/verify", admin, map[string]any{}, &report)
	if len(report.Faults) > 0 {
		b.t.Errorf("the audit log: %v", report.Faults)
	}
}

// numbersOf are some NINs and BVNs of a file of linkages.
func numbersOf(file string) (out []string) {
	for line := range strings.Lines(file) {
		cells := strings.Split(line, ",")
		if len(cells) > 2 && len(cells[2]) == 11 && len(out) < 400 {
			out = append(out, cells[2])
		}
	}
	return out
}

// canaries looks for planted secrets in everything that is served, logged and kept.
func (b *box) canaries(t *testing.T, admin, number string, secrets []string) {
	if len(secrets) == 0 {
		t.Fatal("nothing was planted")
	}
	heard := map[string]string{"the log": b.log.String()}
	for _, path := range []string{
		"/recycled-sims?limit=100", "/nin-linkages?limit=100", "/bvn-linkages?limit=100", "/jobs", "/audit-logs?limit=100", "/audit-export",
		"/identity/lookup?msisdn=" + strings.TrimPrefix(number, "+"), "/identity/msisdn/" + number + "/linkages", "/identity/conflicts", "/dashboard/stats",
	} {
		var body []byte
		b.must(200, "GET", path, admin, nil, &body)
		heard[path] = string(body)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/metrics", nil)
	r.RemoteAddr = "127.0.0.1:5000"
	b.Server.ServeHTTP(w, r)
	heard["/metrics"] = w.Body.String()
	for _, name := range []string{"reconexus.db", "reconexus.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(b.Config.Data, name))
		if err != nil {
			t.Fatal(err)
		}
		heard[name] = string(raw)
	}
	for where, text := range heard {
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("a planted number can be read in %s", where)
				break
			}
		}
		if strings.Contains(text, password) {
			t.Errorf("a password can be read in %s", where)
		}
	}
}

func compare(got, want string) (extra, missed []string) {
	in := func(text string) map[string]bool {
		m := map[string]bool{}
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "+") {
				m[line] = true
			}
		}
		return m
	}
	g, w := in(got), in(want)
	for x := range g {
		if !w[x] {
			extra = append(extra, x)
		}
	}
	for x := range w {
		if !g[x] {
			missed = append(missed, x)
		}
	}
	return extra, missed
}

func head(s []string) []string { return s[:min(len(s), 5)] }

func TestTwoAppliancesOnOneFolder(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir)
	p := program(io.Discard)
	_, err := Open(t.Context(), &p, b.Config, b.Log)
	if err == nil || !strings.Contains(err.Error(), "another reconexus uses the data folder") {
		t.Errorf("the second one: %v", err)
	}
}

func TestCommandsOnAStoppedAppliance(t *testing.T) {
	dir := t.TempDir()
	run := func(args ...string) (int, string) {
		var out lines
		code := Main(t.Context(), program(&out, append(args, "--data", dir)...))
		return code, out.String()
	}
	odd := filepath.Join(t.TempDir(), "odd.csv")
	if err := os.WriteFile(odd, []byte("a,b,c,d\n08031234567,NIN,12345678901,03/04/2026\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"setup-token"}, 0, "/setup#rxs_"},
		{[]string{"user", "create", "--email", "clerk@example.ng", "--role", "operator", "--operator", "MTN"}, 0, "password, shown once"},
		{[]string{"user", "create", "--email", "clerk@example.ng", "--role", "operator", "--operator", "MTN"}, 1, "Another account"},
		{[]string{"user", "create", "--email", "x@example.ng", "--role", "king"}, 1, "role"},
		{[]string{"user", "list"}, 0, "clerk@example.ng"},
		{[]string{"user", "reset", "nobody@example.ng"}, 1, "there is no account"},
		{[]string{"apikey", "create", "--name", "bank", "--scopes", "sim:read"}, 0, "rxk_"},
		{[]string{"check", "08031234567", "--since", "2026-01-01"}, 0, "no_data"},
		{[]string{"check", "12", "--since", "2026-01-01"}, 1, "number"},
		{[]string{"detect"}, 0, `"scanned": 0`},
		{[]string{"audit", "verify"}, 0, `"faults": []`},
		{[]string{"config", "print"}, 0, "http.addr"},
		{[]string{"import", "inventory", "nowhere.csv", "--operator", "MTN"}, 1, "open the file"},
		{[]string{"import", "linkages", odd, "--columns", "MSISDN:1,KIND:2,NUMBER:9"}, 1, "none at position 9"},
		{[]string{"import", "linkages", odd, "--columns", "MSISDN:1,KIND:2,NUMBER:3,LINKED_DATE:4", "--date-order", "mdy"}, 0, `"taken": 1`},
		{[]string{"import", "linkages", odd, "--date-order", "ymd"}, 2, "--date-order"},
		{[]string{"fly"}, 2, "--help"},
	} {
		if code, out := run(c.args...); code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%v: %d\n%s\nwant %d and %q", c.args, code, out, c.code, c.says)
		}
	}
}
