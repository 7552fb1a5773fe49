package server

import (
	"net/http"
	"path"
	"strings"

	"github.com/julienschmidt/httprouter"

	"reconexus/app/access"
	"reconexus/app/rest"
)

// route is what the layers know of a route before the router runs.
type route struct {
	rest.Route
	api     bool // a programme's: limited, authenticated, never a page
	signIn  bool // guards a secret that can be guessed
	mutates bool // changes something
	meter   *meter
}

// table finds the route of a request. It is a second router over the same patterns,
// whose handles only name their route: the real one does not tell patterns.
type table struct {
	router  *httprouter.Router
	all     []rest.Route
	unknown *route // below a programme's path, but no route
	page    *route // everything else
	// dialects of the families of routes, by the folder that they lie in: what is
	// no route there is answered in them as well
	dialects map[string]*rest.Dialect
}

func newTable(m *metrics, lists ...[]rest.Route) *table {
	t := &table{
		router:  httprouter.New(),
		unknown: &route{Route: rest.Route{Path: "unmatched", Need: access.Public}, api: true},
		page:    &route{Route: rest.Route{Path: "page", Need: access.Public}},

		dialects: map[string]*rest.Dialect{},
	}
	t.unknown.meter, t.page.meter = m.meter(t.unknown), m.meter(t.page)
	for _, list := range lists {
		for _, declared := range list {
			t.add(m, declared)
		}
	}
	return t
}

func (t *table) add(m *metrics, declared rest.Route) {
	r := describe(declared)
	r.meter = m.meter(r)
	t.all = append(t.all, declared)
	if declared.Dialect != nil {
		t.dialects[path.Dir(declared.Path)] = declared.Dialect
	}
	t.router.Handle(r.Method, colons(r.Path), func(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) {
		w.(*exchange).route = r
	})
}

// colons writes {name} as httprouter wants it, :name.
func colons(pattern string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(pattern)
}

// describe draws from a declaration what the layers go by.
func describe(d rest.Route) *route {
	r := &route{Route: d, api: programmes(d.Path)}
	changing := d.Method != http.MethodGet && d.Method != http.MethodHead && d.Method != http.MethodOptions
	r.signIn = d.Method == http.MethodPost && guessable(d.Path)
	// A POST that needs only the right to read is a question with a long body, and so
	// is everything that the industry's own interface asks.
	r.mutates = changing && !strings.HasSuffix(string(d.Need), ":read") && !d.Need.Industry()
	return r
}

// guessable names the routes behind which a password or a code can be tried. Refresh
// tokens are 256 random bits and log-out tries nothing; both stay under the general
// limit, so that a building behind one address can go on working.
func guessable(path string) bool {
	if path == "/oauth2/token" || path == rest.Base+"/oauth2/token" {
		return true
	}
	name, ok := strings.CutPrefix(path, rest.Base+"/auth/")
	return ok && name != "refresh" && name != "logout"
}

// programmes tells the paths of programmes from those of pages.
func programmes(path string) bool {
	for _, prefix := range []string{"/api/", "/oauth2/", "/ws/", "/graphql"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return path == "/api" || path == "/metrics"
}

// find gives the exchange its route. HEAD is answered by what answers GET.
func (t *table) find(x *exchange, r *http.Request) {
	asked := r.URL.Path
	handle, _, _ := t.router.Lookup(r.Method, asked)
	if handle == nil && r.Method == http.MethodHead {
		handle, _, _ = t.router.Lookup(http.MethodGet, asked)
	}
	switch {
	case handle != nil:
		handle(x, nil, nil)
		x.request.Dialect = x.route.Dialect
	case programmes(asked):
		x.route = t.unknown
		x.request.Dialect = t.dialects[path.Dir(asked)]
	default:
		x.route = t.page
	}
	if d := x.request.Dialect; d != nil {
		x.request.Correlator = d.Greet(r.Header, x.Header())
	}
}

// dispatch is the innermost handler. HEAD goes to the GET route; net/http drops the
// body.
func dispatch(router *httprouter.Router) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			if x := of(r); x.route.Method == http.MethodGet {
				got := *r
				got.Method = http.MethodGet
				r = &got
			}
		}
		router.ServeHTTP(w, r)
	})
}
