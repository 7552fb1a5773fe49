package server

import (
	"net/http/httptest"
	"strings"
	"testing"

	"reconexus/app/access"
	"reconexus/app/rest"
	"reconexus/app/server/servertest"
)

// Class 2: who may use what is in a golden file, and the served routes agree with it.
func TestClass2RightsOfEveryRoute(t *testing.T) {
	h := build(t, func(o *Options) { o.GeneralPerMinute, o.AuthPerMinute = 0, 0 })
	close(h.hold)
	servertest.Golden(t, "testdata/matrix.txt", servertest.Matrix(h.Routes()))
	var checked []rest.Route
	for _, r := range h.Routes() {
		if !strings.Contains(r.Path, "/breaks/") {
			checked = append(checked, r)
		}
	}
	servertest.Knock(t, h, checked, func(role access.Role) string { return string(role) })
}

// Class 2: what is no route gives nothing away, whoever asks.
func TestClass2UnknownPaths(t *testing.T) {
	h := build(t, func(o *Options) { o.GeneralPerMinute = 0 })
	for _, path := range []string{"/api/v1/none", "/api/v2/things", "/api/", "/api", "/oauth2/none", "/ws/none", "/graphql", "/debug/pprof/", "/metrics/", "/api/v1/things/1/2", "/api/v1//things"} {
		for _, caller := range []string{"", "admin"} {
			r := httptest.NewRequest("GET", path, nil)
			r.Header.Set("Accept", "application/json")
			r.Header.Set("Authorization", "Bearer "+caller)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != 404 {
				t.Errorf("%s as %q answers %d", path, caller, w.Code)
			}
		}
	}
}

// Class 3: without credentials nothing is done, read or written.
func TestClass3NoWorkBeforeAuthentication(t *testing.T) {
	h := buildAudited(t, func(o *Options) { o.GeneralPerMinute = 0 })
	for _, r := range h.Routes() {
		if r.Need == access.Public {
			continue
		}
		body := &counted3{text: `{"name":"x"}`}
		q := httptest.NewRequest(r.Method, strings.NewReplacer("{", "", "}", "").Replace(r.Path), nil)
		q.RemoteAddr, q.Body, q.ContentLength = "192.0.2.9:5000", body, int64(len(body.text))
		q.Header.Set("Content-Type", "application/json")
		q.Header.Set("Idempotency-Key", "k")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, q)
		if w.Code != 401 || body.read != 0 {
			t.Errorf("%s %s answers %d after reading %d bytes", r.Method, r.Path, w.Code, body.read)
		}
	}
	if n := h.things.Load(); n != 0 || len(h.entries()) != 0 {
		t.Errorf("strangers made %d things and %d audit entries", n, len(h.entries()))
	}
}

// counted3 is a body that notes how much of it was read.
type counted3 struct {
	text string
	read int
}

func (c *counted3) Read(b []byte) (int, error) {
	n := copy(b, c.text[c.read:])
	c.read += n
	return n, nil
}

func (c *counted3) Close() error { return nil }
