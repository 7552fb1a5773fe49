package camara_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/reconix/camara"
	"reconexus/app/reconix/identity"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/reconixtest"
	"reconexus/app/rest"
	"reconexus/app/server"
)

// desk is the feature behind the whole pipeline. Every exchange with it is held against
// the specifications.
type desk struct {
	*reconixtest.House
	server   *server.Server
	identity *identity.Service
	linkages *linkage.Service
	contract map[string]*openapi3.T // by family, such as sim-swap/v2; empty without the files
	refusal  error                  // what the credentials are refused with
}

func open(t testing.TB, change ...func(*server.Options)) *desk {
	t.Helper()
	d := &desk{House: reconixtest.Open(t), contract: contract(t)}
	d.linkages = linkage.New(linkage.Service{DB: d.DB, Dir: d.Dir, Clock: d.Clock, Ring: d.Ring, Keys: d.Keys, Table: d.Table, Audit: d.Audit, Jobs: d.Jobs, Log: d.Log})
	d.identity = identity.New(identity.Service{DB: d.DB, Clock: d.Clock, Table: d.Table, Audit: d.Audit, Log: d.Log})
	camara.New(camara.Service{DB: d.DB, Clock: d.Clock, Table: d.Table, Keys: d.Keys, Audit: d.Audit, Identity: d.identity}).Mount(d.API)
	o := server.Options{
		Version: "test", Router: d.Router, API: d.API, Audit: d.Audit, Ring: d.Ring,
		Authenticate: func(*http.Request) (access.Principal, error) { return d.Who, d.refusal },
		Pages:        fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}}, Docs: fstest.MapFS{}, Guide: fstest.MapFS{},
		Clock: d.Clock, Log: d.Log,
	}
	for _, f := range change {
		f(&o)
	}
	var err error
	if d.server, err = server.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.server.Close(context.WithoutCancel(t.Context())) })
	d.Who = machine(0, "number-recycling:check", "sim-swap", "kyc-tenure:check-tenure", "kyc-match:match", "number-verification:verify")
	return d
}

// machine is a key with scopes; bound to a number, its tokens are three-legged.
func machine(number int64, scopes ...string) access.Principal {
	return access.Principal{ID: "key_bank", Name: "a bank", Role: access.APIClient, Scopes: scopes, MSISDN: number}
}

// contract reads the specifications. They are test data that is not kept in the tree:
// put into testdata/specs, or into a folder camara beside the checkout or in a folder
// beside it, they are found.
func contract(t testing.TB) map[string]*openapi3.T {
	t.Helper()
	out := map[string]*openapi3.T{}
	for _, folder := range []string{os.Getenv("CAMARA_SPECS"), "testdata/specs", "../../../../camara", "../../../../*/camara"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if folder == "" || len(files) == 0 {
			continue
		}
		for _, file := range files {
			doc, err := openapi3.NewLoader().LoadFromFile(file)
			if err != nil {
				t.Fatal(err)
			}
			out[strings.TrimPrefix(doc.Servers[0].URL, "{apiRoot}/")] = doc
		}
		break
	}
	return out
}

// operation is what a specification says of a request, or nil when there is no such
// operation.
func (d *desk) operation(method, place string) (*openapi3.T, *routers.Route) {
	doc := d.contract[strings.TrimPrefix(path.Dir(place), "/")]
	if doc == nil {
		return nil, nil
	}
	item := doc.Paths.Value("/" + path.Base(place))
	if item == nil || item.GetOperation(method) == nil {
		return doc, nil
	}
	return doc, &routers.Route{Spec: doc, Server: doc.Servers[0], Path: "/" + path.Base(place), PathItem: item, Method: method, Operation: item.GetOperation(method)}
}

type answer struct {
	reconixtest.Answer
	place string
}

// ask asks and holds the exchange against the contract. Headers alternate names and
// values.
func (d *desk) ask(place, body string, headers ...string) answer {
	d.Helper()
	return d.send(http.MethodPost, place, body, headers...)
}

func (d *desk) send(method, place, body string, headers ...string) answer {
	d.Helper()
	request := func() *http.Request {
		r := httptest.NewRequestWithContext(d.Context(), method, rest.Base+place, strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return r
	}
	w := httptest.NewRecorder()
	d.server.ServeHTTP(w, request())
	a := answer{reconixtest.Answer{Code: w.Code, Header: w.Header(), Text: w.Body.String(), Body: map[string]any{}}, place}
	if err := json.Unmarshal(w.Body.Bytes(), &a.Body); err != nil || w.Header().Get("Content-Type") != "application/json" {
		d.Fatalf("%s %s answers %d, which is no JSON: %s %s", method, place, w.Code, w.Header().Get("Content-Type"), a.Text)
	}
	if got := w.Header().Values("x-correlator"); len(got) != 1 || got[0] == "" {
		d.Errorf("%s %s answers %d with the x-correlator %q", method, place, w.Code, got)
	}
	if a.Code >= 400 {
		if len(a.Body) != 3 || a.Body["status"] != float64(a.Code) || a.Body["code"] == "" || !strings.HasSuffix(a.Body["message"].(string), ".") && a.Code != 400 {
			d.Errorf("%s %s answers no CAMARA error: %d %s", method, place, a.Code, a.Text)
		}
	}
	d.hold(request(), place, a)
	return a
}

// hold holds one exchange against the contract: a good request must be one in its eyes,
// a bad one must be refused, and every answer must be one that it describes. Statuses
// that it leaves to the pipeline have the shape of its errors.
func (d *desk) hold(r *http.Request, place string, a answer) {
	d.Helper()
	doc, route := d.operation(r.Method, place)
	if doc == nil {
		return
	}
	if route == nil || route.Operation.Responses.Status(a.Code) == nil {
		if err := doc.Components.Schemas["ErrorInfo"].Value.VisitJSON(a.Body); err != nil || a.Code < 400 {
			d.Errorf("%s answers %d, which the contract does not know: %s %v", place, a.Code, a.Text, err)
		}
		return
	}
	in := &openapi3filter.RequestValidationInput{Request: r, Route: route, Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
	switch err := openapi3filter.ValidateRequest(d.Context(), in); {
	case err != nil && a.Code == http.StatusOK:
		d.Errorf("%s answers a request that the contract refuses: %v", place, err)
	case err == nil && a.Body["code"] == "INVALID_ARGUMENT" && !stricter(a.Text):
		d.Errorf("%s refuses a request that the contract allows: %s", place, a.Text)
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: a.Code, Header: a.Header, Body: io.NopCloser(bytes.NewReader([]byte(a.Text))),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	if err := openapi3filter.ValidateResponse(d.Context(), out); err != nil {
		d.Errorf("%s answers %d, which is not as the contract says: %s\n%v", place, a.Code, a.Text, err)
	}
}

// stricter tells of what the contract says in words only, and the validator lets
// through: days of the calendar, addresses, one of two; and of the input guard.
func stricter(text string) bool {
	for _, words := range []string{"RFC 3339 date", "RFC 5322 email", "is null; send", "either phoneNumber or", "looks like an attack"} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
}

// want fails unless the answer has the status and, of an error, the code.
func (d *desk) want(a answer, status int, code string) answer {
	d.Helper()
	got, _ := a.Body["code"].(string)
	if a.Code != status || got != code {
		d.Errorf("%s answers %d %s, want %d %s: %s", a.place, a.Code, got, status, code, a.Text)
	}
	return a
}

func (d *desk) says(a answer, field string, value any) {
	d.Helper()
	if a.Code != http.StatusOK || a.Body[field] != value {
		d.Errorf("%s answers %d %s, want %s: %v", a.place, a.Code, a.Text, field, value)
	}
}

func errRefused() error { return fault.New(fault.Unauthenticated, "The session has ended.") }

func TestTheContractIsHeldAgainst(t *testing.T) {
	all := contract(t)
	if len(all) == 0 {
		t.Skip("the specifications of the CAMARA project are not here: put their files into testdata/specs or name their folder in CAMARA_SPECS; the stories run without them")
	}
	for _, family := range []string{"number-recycling/v0.2", "sim-swap/v2", "kyc-tenure/v0.2", "kyc-match/v0.4", "number-verification/v2"} {
		if all[family] == nil {
			t.Errorf("there is no specification of %s", family)
		}
	}
	// Every operation of every specification is served, with the scope that it names.
	d := open(t)
	for family, doc := range all {
		for place, item := range doc.Paths.Map() {
			for method, op := range item.Operations() {
				found := false
				for _, r := range d.API.Routes() {
					if r.Method != method || r.Path != rest.Base+"/"+family+place {
						continue
					}
					for _, way := range *op.Security {
						for _, scope := range way["openId"] {
							found = found || scope == string(r.Need)
							if !machine(0, scope).Can(r.Need) {
								t.Errorf("the scope %s does not open %s", scope, r.Path)
							}
						}
					}
				}
				if !found {
					t.Errorf("%s %s%s is not served with the scope that its specification names", method, family, place)
				}
			}
		}
	}
}
