package server

import (
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/unrolled/secure"
)

// The content security policies. The pages' one allows no inline style and no sink
// that is not a trusted type. The API's reference is drawn by a library that sets
// inline styles, so it has a policy of its own, and loads nothing from outside either.
const (
	pagesPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
		"manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
		"require-trusted-types-for 'script'; trusted-types svelte-trusted-html service-worker"
	docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
		"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	answersPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

// hstsAge is two years, as browsers' preload lists ask.
const hstsAge = 2 * 365 * 24 * 3600

// pair is one header with its value, shared by all answers.
type pair struct {
	name  string
	value []string
}

// wardrobe holds the headers for each kind of answer, made once: they never vary
// within a kind, and making them costs more than all other layers together.
type wardrobe struct{ pages, docs, answers [2][]pair }

func newWardrobe() *wardrobe {
	return &wardrobe{
		pages:   both(pagesPolicy, ""),
		docs:    both(docsPolicy, ""),
		answers: both(answersPolicy, "no-store"),
	}
}

// securityHeaders sets what browsers are told about every answer.
func securityHeaders() Layer {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			of(r).dress()
			next.ServeHTTP(w, r)
		})
	}
}

// dress sets the security headers, once.
func (x *exchange) dress() {
	if x.dressed {
		return
	}
	x.dressed = true
	h := x.Header()
	for _, p := range x.wardrobe.pick(x.route, x.request.Path)[index(x.secure && !x.local)] {
		h[p.name] = p.value
	}
}

func (w *wardrobe) pick(route *route, path string) *[2][]pair {
	switch {
	case route.api || path == "/openapi.json" || strings.HasPrefix(path, "/health"):
		return &w.answers
	case path == "/docs" || strings.HasPrefix(path, "/docs/"):
		return &w.docs
	}
	return &w.pages
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}

// both makes the headers for plain and for secure connections.
func both(policy, cache string) (out [2][]pair) {
	s := secure.New(secure.Options{
		ContentTypeNosniff: true, FrameDeny: true, ReferrerPolicy: "no-referrer",
		STSSeconds: hstsAge, STSIncludeSubdomains: false,
		ContentSecurityPolicy:         policy,
		PermissionsPolicy:             "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
		XPermittedCrossDomainPolicies: "none", XDNSPrefetchControl: "off",
	})
	for i, url := range []string{"http://localhost/", "https://localhost/"} {
		made := httptest.NewRecorder()
		_ = s.Process(made, httptest.NewRequest(http.MethodGet, url, nil)) // no host is refused
		for name, value := range made.Header() {
			out[i] = append(out[i], pair{name, value[:len(value):len(value)]})
		}
		if cache != "" {
			out[i] = append(out[i], pair{"Cache-Control", []string{cache}})
		}
	}
	return out
}
