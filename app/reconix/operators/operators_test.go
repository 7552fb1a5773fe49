package operators_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/julienschmidt/httprouter"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/day"
	"reconexus/app/kit/seal"
	"reconexus/app/reconix/operators"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
	"reconexus/store/storetest"
)

var admin = access.Principal{ID: "usr_admin", Name: "admin@example.com", Role: access.Admin, May: access.All()}

// desk is the feature behind its front door.
type desk struct {
	*testing.T
	db      *sqlite.DB
	service *operators.Service
	door    http.Handler
	who     access.Principal
}

func open(t *testing.T) *desk {
	t.Helper()
	db := storetest.Open(t)
	ring, err := seal.Load(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC) }
	d := &desk{T: t, db: db, service: operators.New(db, audit.New(db, ring, now)), who: admin}
	if err := d.service.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	router := httprouter.New()
	d.service.Mount(rest.New(router, rest.Options{Version: "test", Log: slog.New(slog.DiscardHandler)}))
	d.door = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		router.ServeHTTP(w, r.WithContext(access.With(r.Context(), d.who)))
	})
	return d
}

// ask sends a request and answers status, headers and body.
func (d *desk) ask(method, path, body string, headers ...string) (int, http.Header, map[string]any) {
	d.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(d.Context(), method, rest.Base+path, content)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.door.ServeHTTP(w, r)
	out := map[string]any{}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			d.Fatalf("%s %s answers no JSON: %v\n%s", method, path, err, w.Body)
		}
	}
	return w.Code, w.Header(), out
}

func TestNamesOfEveryTimeLeadToOneOperator(t *testing.T) {
	d := open(t)
	for _, c := range []struct{ name, on, code string }{
		{"ETISALAT", "2026-11-20", "T2"},
		{"Etisalat", "2012-01-01", "T2"},
		{"9mobile", "", "T2"},
		{"9-Mobile", "2026-11-20", "T2"},
		{"t2", "", "T2"},
		{"mtn", "", "MTN"},
		{"MTN Nigeria", "", "MTN"},
		{"Visafone", "2026-11-20", "MTN"},
		{" globacom ", "", "GLO"},
		{"Vitel Wireless", "", "VITEL"},
		{"Vodacom", "", ""},
		{"", "", ""},
	} {
		on := day.None
		if c.on != "" {
			on, _ = day.Parse(c.on)
		}
		if code, ok := d.service.Resolve(c.name, on); code != c.code && (ok || c.code != "") || ok != (c.code != "") {
			t.Errorf("Resolve(%q, %s) = %q, %v; want %q", c.name, c.on, code, ok, c.code)
		}
	}
	if !d.service.Known("GLO") || d.service.Known("glo") || d.service.NameOf("GLO") != "Globacom" || d.service.BankName("057") != "Zenith Bank" || d.service.KnownBank("999") {
		t.Error("codes and names of the seed are not known")
	}
}

func TestADayTellsApartANameOfTwoOperators(t *testing.T) {
	d := open(t)
	for _, body := range []string{
		`{"code":"OLDCO","name":"Old Company","aliases":[{"name":"ZED","to":"2015-01-01"}]}`,
		`{"code":"NEWCO","name":"New Company","aliases":[{"name":"Z-E-D","from":"2015-01-01"}]}`,
	} {
		if status, _, got := d.ask("POST", "/operators", body); status != 201 {
			t.Fatalf("status %d: %v", status, got)
		}
	}
	early, _ := day.Parse("2014-12-31")
	if code, ok := d.service.Resolve("zed", early); code != "OLDCO" || !ok {
		t.Errorf("before the change: %q, %v", code, ok)
	}
	if code, ok := d.service.Resolve("zed", early+1); code != "NEWCO" || !ok {
		t.Errorf("after the change: %q, %v", code, ok)
	}
	if _, ok := d.service.Resolve("zed", day.None); ok {
		t.Error("without a day a name of two operators is ambiguous")
	}
}

func TestEditsSurviveTheNextStart(t *testing.T) {
	d := open(t)
	status, head, got := d.ask("GET", "/operators/T2", "")
	if status != 200 || head.Get("ETag") != `"1"` {
		t.Fatalf("status %d, ETag %s: %v", status, head.Get("ETag"), got)
	}
	status, head, got = d.ask("PATCH", "/operators/T2", `{"name":"T3 Mobile","aliases":[{"name":"T2"},{"name":"9mobile","from":"2017-07-01","to":"2025-08-01"}]}`, "If-Match", `"1"`)
	if status != 200 || head.Get("ETag") != `"2"` || got["name"] != "T3 Mobile" {
		t.Fatalf("status %d: %v", status, got)
	}
	if status, _, _ := d.ask("PATCH", "/operators/T2", `{"name":"lost"}`, "If-Match", `"1"`); status != 412 {
		t.Errorf("a lost update answers %d, want 412", status)
	}
	if err := d.service.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d.service.NameOf("T2") != "T3 Mobile" {
		t.Errorf("seeding again overwrote the name: %s", d.service.NameOf("T2"))
	}
	if code, _ := d.service.Resolve("9MOBILE", day.None); code != "T2" {
		t.Errorf("an alias that was kept leads to %q", code)
	}
	if _, ok := d.service.Resolve("ETISALAT", day.None); ok {
		t.Error("an alias that was removed is still found")
	}
}

func TestBanks(t *testing.T) {
	d := open(t)
	status, head, _ := d.ask("POST", "/banks", `{"code":"999","name":"Test Bank","valid_from":"2026-01-01"}`)
	if status != 201 || head.Get("Location") != "/api/v1/banks/999" {
		t.Fatalf("status %d, Location %s", status, head.Get("Location"))
	}
	if status, _, _ := d.ask("POST", "/banks", `{"code":"999","name":"Test Bank"}`); status != 409 {
		t.Errorf("the same code again answers %d", status)
	}
	if status, _, got := d.ask("PATCH", "/banks/999", `{"valid_to":"2025-01-01"}`); status != 422 {
		t.Errorf("an end before the beginning answers %d: %v", status, got)
	}
	if status, _, got := d.ask("PATCH", "/banks/999", `{"valid_from":""}`); status != 200 || got["valid_from"] != nil {
		t.Errorf("an emptied day answers %d: %v", status, got)
	}
	if status, _, _ := d.ask("DELETE", "/banks/999", ""); status != 204 {
		t.Errorf("removing an unused bank answers %d", status)
	}
	if status, _, _ := d.ask("GET", "/banks/999", ""); status != 404 {
		t.Errorf("a removed bank answers %d", status)
	}
	if d.service.KnownBank("999") {
		t.Error("a removed bank is still known")
	}
}

func TestWhatIsUsedStays(t *testing.T) {
	d := open(t)
	err := sqlite.Do(t.Context(), d.db, func(tx *sqlite.Tx) error {
		_, err := sqlite.Exec(tx, `INSERT INTO feed (id, operator_code, day, state, digest, file_name, job_id, received_at) VALUES ('f', 'MTN', 1, 'applied', 'x', 'x', 'x', 1)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if status, _, got := d.ask("DELETE", "/operators/MTN", ""); status != 409 || got["code"] != "CONFLICT" {
		t.Errorf("removing an operator with feeds answers %d: %v", status, got)
	}
	if status, _, _ := d.ask("DELETE", "/operators/MAFAB", ""); status != 204 {
		t.Errorf("removing an operator without anything answers %d", status)
	}
	if d.service.Known("MAFAB") {
		t.Error("a removed operator is still known")
	}
}

func TestWhatAnOperatorMayNotBe(t *testing.T) {
	d := open(t)
	for name, body := range map[string]string{
		"an alias that is another's code": `{"code":"XYZ","name":"Xyz","aliases":[{"name":"mtn"}]}`,
		"a host that is not there":        `{"code":"XYZ","name":"Xyz","host_code":"NOBODY"}`,
		"a code in small letters":         `{"code":"xyz","name":"Xyz"}`,
		"no name":                         `{"code":"XYZ"}`,
		"a day that is none":              `{"code":"XYZ","name":"Xyz","valid_from":"20/11/2026"}`,
		"an unknown property":             `{"code":"XYZ","name":"Xyz","colour":"red"}`,
	} {
		if status, _, got := d.ask("POST", "/operators", body); status != 422 {
			t.Errorf("%s answers %d: %v", name, status, got)
		}
	}
}

func TestListsArePaged(t *testing.T) {
	d := open(t)
	_, _, first := d.ask("GET", "/operators?limit=4", "")
	next, _ := first["next"].(string)
	if first["total"] != 11.0 || len(first["items"].([]any)) != 4 || next == "" {
		t.Fatalf("first page: %v", first)
	}
	_, _, second := d.ask("GET", "/operators?limit=100&after="+next, "")
	if len(second["items"].([]any)) != 7 || second["next"] != nil || second["total"] != -1.0 {
		t.Errorf("the rest: %v", second)
	}
	if status, _, _ := d.ask("GET", "/operators?colour=red", ""); status != 422 {
		t.Errorf("an unknown parameter answers %d", status)
	}
}

func TestWhoMayWhat(t *testing.T) {
	d := open(t)
	d.who = access.Principal{ID: "usr_op", Role: access.Operator, May: access.Operator.Permissions(), Operator: "MTN"}
	if status, _, _ := d.ask("GET", "/operators", ""); status != 200 {
		t.Errorf("an operator's list answers %d", status)
	}
	if status, _, _ := d.ask("PATCH", "/operators/MTN", `{"name":"x"}`); status != 403 {
		t.Errorf("an operator's change answers %d", status)
	}
	d.who = access.Principal{}
	if status, _, _ := d.ask("GET", "/banks", ""); status != 401 {
		t.Errorf("nobody's list answers %d", status)
	}
}
