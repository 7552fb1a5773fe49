package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"reconexus/app/kit/fault"
)

const api = "/api/v1"

func TestThereAreFourteenLayers(t *testing.T) {
	if n := len(build(t).layers()); n != 14 {
		t.Errorf("the pipeline has %d layers", n)
	}
}

// 1

func TestHTTPSEnforcer(t *testing.T) {
	away := func(method, remote string, headers ...string) *httptest.ResponseRecorder {
		h := build(t, func(o *Options) { o.PublicURL, o.TrustedProxies = "https://desk.example.ng", loopbackNetworks() })
		r := httptest.NewRequest(method, "/api/v1/things?q=a", nil)
		r.RemoteAddr = remote
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	if w := away("GET", "192.0.2.1:5000"); w.Code != 308 || w.Header().Get("Location") != "https://desk.example.ng/api/v1/things?q=a" {
		t.Errorf("a plain GET from afar answers %d to %s", w.Code, w.Header().Get("Location"))
	}
	if w := away("POST", "192.0.2.1:5000"); w.Code != 403 || !strings.Contains(w.Body.String(), "plain HTTP") {
		t.Errorf("a plain POST from afar answers %d: %s", w.Code, w.Body)
	}
	if w := away("GET", "127.0.0.1:5000", "X-Forwarded-For", "192.0.2.1", "X-Forwarded-Proto", "http"); w.Code != 308 {
		t.Errorf("a plain GET through the proxy answers %d", w.Code)
	}
	w := away("GET", "127.0.0.1:5000", "X-Forwarded-For", "192.0.2.1", "X-Forwarded-Proto", "https", "Authorization", "Bearer admin")
	if w.Code != 200 || w.Header().Get("Strict-Transport-Security") == "" {
		t.Errorf("a secure GET through the proxy answers %d with HSTS %q", w.Code, w.Header().Get("Strict-Transport-Security"))
	}
	if w := away("GET", "192.0.2.1:5000", "X-Forwarded-Proto", "https"); w.Code != 308 {
		t.Errorf("a stranger's X-Forwarded-Proto is believed: %d", w.Code)
	}
	if a := open(t, func(o *Options) { o.HTTPSPort = "8443" }).send("GET", api+"/things", "admin", ""); a.StatusCode != 200 {
		t.Errorf("this machine itself is sent away: %d", a.StatusCode)
	}
}

// 2

func TestErrorCapture(t *testing.T) {
	sent := make(chan string, 8)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		sent <- string(raw)
	}))
	t.Cleanup(collector.Close)
	h := open(t, func(o *Options) { o.SentryDSN = strings.Replace(collector.URL, "http://", "http://key@", 1) + "/1" })
	h.want(h.send("GET", api+"/breaks/2348031234567", "admin", ""), 500, fault.Internal)
	if got := strings.Count(h.log.String(), "a handler panicked"); got != 1 {
		t.Errorf("the panic is logged %d times", got)
	}
	h.want(h.send("POST", api+"/fails", "admin", `{"name":"x"}`), 500, fault.Internal)
	for range 2 {
		select {
		case text := <-sent:
			for _, canary := range []string{"2348031234567", "12345678901", "a@example.ng", "admin@example.ng", "ip_address"} {
				if strings.Contains(text, canary) {
					t.Errorf("the report holds %s: %s", canary, text)
				}
			}
			if !strings.Contains(text, "/api/v1/") {
				t.Errorf("the report does not name the route: %s", text)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("a defect was not reported")
		}
	}
	h.want(h.send("GET", api+"/things/none?x=1", "admin", ""), 422)
	select {
	case text := <-sent:
		t.Errorf("a fault is reported as a defect: %s", text)
	case <-time.After(50 * time.Millisecond):
	}
}

// 3

func TestTracing(t *testing.T) {
	h := open(t)
	a := h.send("GET", "/health/live", "", "")
	trace, span := a.Header.Get("X-Trace-Id"), a.Header.Get("X-Span-Id")
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(trace) || !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(span) {
		t.Errorf("ids are %q and %q", trace, span)
	}
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	a = h.send("GET", "/health/live", "", "", "traceparent", "00-"+id+"-00f067aa0ba902b7-01")
	if a.Header.Get("X-Trace-Id") != id || a.Header.Get("X-Span-Id") == "00f067aa0ba902b7" {
		t.Errorf("the caller's trace becomes %s/%s", a.Header.Get("X-Trace-Id"), a.Header.Get("X-Span-Id"))
	}
}

func TestTraceparent(t *testing.T) {
	const good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	for h, want := range map[string]bool{
		good: true, "01" + good[2:] + "-more": true, "ff" + good[2:]: false, good + "-more": false, good[:54]: false, "": false,
		strings.ToUpper(good): false, "00-" + strings.Repeat("0", 32) + good[35:]: false, good[:36] + strings.Repeat("0", 16) + "-01": false,
		strings.Replace(good, "-00f0", "_00f0", 1): false, strings.Replace(good, "4bf9", "4bg9", 1): false,
	} {
		if _, ok := parseTraceparent(h); ok != want {
			t.Errorf("%q: %v, want %v", h, ok, want)
		}
	}
}

func FuzzTraceparent(f *testing.F) {
	f.Add("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	f.Fuzz(func(t *testing.T, h string) {
		p, ok := parseTraceparent(h)
		if ok && fmt.Sprintf("%x-%x-%02x", p.trace, p.span, p.flags) != h[3:55] {
			t.Errorf("%q is read as %x-%x-%02x", h, p.trace, p.span, p.flags)
		}
	})
}

func TestTracesAreSentByPattern(t *testing.T) {
	got := make(chan string, 4)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		got <- r.URL.Path + " " + string(raw)
	}))
	t.Cleanup(collector.Close)
	h := open(t, func(o *Options) { o.TraceEndpoint = collector.URL; o.Clock = time.Now })
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	a := h.send("GET", api+"/identity/msisdn/2348031234567/status", "admin", "", "traceparent", "00-"+id+"-00f067aa0ba902b7-01")
	if a.Header.Get("X-Trace-Id") != id {
		t.Errorf("the trace is %s", a.Header.Get("X-Trace-Id"))
	}
	if err := h.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	text := <-got
	if !strings.HasPrefix(text, "/v1/traces ") || !strings.Contains(text, "{number}") || strings.Contains(text, "2348031234567") {
		t.Errorf("the collector got %q", text)
	}
}

// 4

func TestSunsetHeaders(t *testing.T) {
	since, ends := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC)
	h := open(t, func(o *Options) {
		o.Sunset = map[string]Sunset{"GET /api/v1/things/{id}": {since, ends, "/api/v2/things"}}
	})
	a := h.send("GET", api+"/things/1", "admin", "")
	if got := a.Header.Get("Deprecation") + "|" + a.Header.Get("Sunset") + "|" + a.Header.Get("Link"); got != `@1793491200|Sat, 01 May 2027 00:00:00 GMT|</api/v2/things>; rel="successor-version"` {
		t.Errorf("headers are %s", got)
	}
	if h.send("GET", api+"/things", "admin", "").Header.Get("Sunset") != "" {
		t.Error("a route that stays is announced to end")
	}
}

// 5 (class 21)

func TestClass21SizeLimiter(t *testing.T) {
	h := open(t)
	long := `{"name":"` + strings.Repeat("a", 10<<20) + `"}`
	h.want(h.send("POST", api+"/silent", "admin", long), 413, fault.TooLarge)
	if h.things.Load() != 0 {
		t.Error("the handler saw a body that is too large")
	}
	// Without a length the bound holds while reading.
	r, _ := http.NewRequestWithContext(t.Context(), "POST", h.url+api+"/silent", io.MultiReader(strings.NewReader(long)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer admin")
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	if a.StatusCode != 413 {
		t.Errorf("a long body in chunks answers %d", a.StatusCode)
	}
	h.want(h.send("POST", api+"/silent", "admin", `{"name":"`+strings.Repeat("a", 9_000_000)+`"}`), 200)
	h.things.Store(0)
	h.want(h.send("POST", api+"/files", "admin", strings.Repeat("1,2,3\n", 2<<20), "Content-Type", "text/csv"), 202)
	if h.things.Load() != 12<<20 {
		t.Errorf("the upload read %d bytes", h.things.Load())
	}
	h.want(h.send("POST", api+"/auth/login", "", `{"email":"`+strings.Repeat("a", 70<<10)+`"}`), 413, fault.TooLarge)
	h.want(h.send("GET", api+"/things?q="+strings.Repeat("a", 9<<10), "admin", ""), 413, fault.TooLarge)
	many := []string{}
	for i := range 120 {
		many = append(many, fmt.Sprintf("X-Many-%d", i), "1")
	}
	h.want(h.send("GET", api+"/things", "admin", "", many...), 413, fault.TooLarge)
}

// 7

func TestRequestID(t *testing.T) {
	h := open(t)
	seen := map[string]bool{}
	for range 50 {
		id := h.send("GET", "/health/live", "", "", "X-Request-ID", "mine").Header.Get("X-Request-Id")
		if !regexp.MustCompile(`^req_[0-9a-f]{28}$`).MatchString(id) || seen[id] {
			t.Fatalf("the request id is %q", id)
		}
		seen[id] = true
	}
}

// 8 (class 23)

func TestClass23SecurityHeaders(t *testing.T) {
	h := open(t)
	for _, tc := range []struct{ path, policy string }{
		{"/", pagesPolicy}, {"/sims/sim_1", pagesPolicy}, {"/assets/index-3f2a.js", pagesPolicy}, {"/none.js", pagesPolicy},
		{"/guide", pagesPolicy}, {"/docs", docsPolicy}, {api + "/things", answersPolicy}, {api + "/none", answersPolicy}, {"/health", answersPolicy},
	} {
		a := h.send("GET", tc.path, "admin", "")
		for name, want := range map[string]string{
			"Content-Security-Policy": tc.policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp",
			"Strict-Transport-Security": "",
		} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", tc.path, name, got, want)
			}
		}
	}
	for _, policy := range []string{pagesPolicy, answersPolicy} {
		if strings.Contains(policy, "unsafe-") || strings.Contains(policy, "http") {
			t.Errorf("the policy %q lets too much in", policy)
		}
	}
	if strings.Contains(docsPolicy, "unsafe-eval") || strings.Contains(docsPolicy, "http") || strings.Contains(docsPolicy, "script-src 'self' 'unsafe") {
		t.Errorf("the policy %q lets too much in", docsPolicy)
	}
	if got := h.send("GET", api+"/things", "admin", "").Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("an answer about people may be kept: %q", got)
	}
	// What outer layers refuse is dressed too.
	if got := h.send("GET", api+"/things?token=x", "", "").Header.Get("Content-Security-Policy"); got != answersPolicy {
		t.Errorf("a refusal has the policy %q", got)
	}
}

// 9 (class 23)

func TestCustomSecurity(t *testing.T) {
	h := open(t)
	for _, method := range []string{"TRACE", "TRACK"} {
		a := h.want(h.send(method, "/", "", ""), 405, fault.Method)
		if a.Header.Get("Allow") == "" || strings.Contains(a.text, "Traceparent") {
			t.Errorf("%s answers %s", method, a.text)
		}
	}
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "nonsense"} {
		h.want(h.send("POST", api+"/silent", "admin", `{"name":"x"}`, "Content-Type", kind), 415, fault.Unsupported)
	}
	for _, kind := range []string{"application/json", "application/json; charset=utf-8", "application/merge-patch+json"} {
		if a := h.send("POST", api+"/silent", "admin", `{"name":"x"}`, "Content-Type", kind); a.StatusCode == 415 {
			t.Errorf("%s is refused", kind)
		}
	}
	if h.things.Load() == 0 {
		t.Error("no JSON came through")
	}
}

func TestClass23ForeignOriginOpensNoSocket(t *testing.T) {
	h := open(t, func(o *Options) { o.Origins = []string{"https://desk.example.ng"} })
	try := func(origin string) int {
		return h.send("GET", "/ws/jobs", "", "", "Connection", "Upgrade", "Upgrade", "websocket", "Origin", origin).StatusCode
	}
	for origin, want := range map[string]int{
		"https://evil.example": 403, "null": 403, "http://127.0.0.1:1": 403,
		"": 404, h.url: 404, "https://desk.example.ng": 404, // let through, to a route that this house has not
	} {
		if got := try(origin); got != want {
			t.Errorf("a socket from the origin %q: %d, want %d", origin, got, want)
		}
	}
}

// 10 (class 25)

func TestMetricsNameRoutesNotNumbers(t *testing.T) {
	h := open(t)
	h.send("GET", api+"/identity/msisdn/2348031234567/status", "admin", "")
	h.send("HEAD", api+"/identity/msisdn/2348031234567/status", "admin", "")
	h.send("GET", api+"/identity/msisdn/2348031234567/status", "", "")
	h.send("GET", api+"/breaks/2348031234567", "admin", "")
	h.send("GET", api+"/nothing/2348031234567", "admin", "")
	h.send("GET", "/2348031234567", "", "")
	h.send("BREW", "/2348031234567", "", "")
	text := h.want(h.send("GET", "/metrics", "", ""), 200).text
	for _, want := range []string{
		`reconexus_http_requests_total{code="200",method="GET",route="/api/v1/identity/msisdn/{number}/status"} 1`,
		`reconexus_http_requests_total{code="200",method="HEAD",route="/api/v1/identity/msisdn/{number}/status"} 1`,
		`reconexus_http_requests_total{code="401",method="GET",route="/api/v1/identity/msisdn/{number}/status"} 1`,
		`reconexus_http_requests_total{code="500",method="GET",route="/api/v1/breaks/{number}"} 1`,
		`reconexus_http_requests_total{code="404",method="GET",route="unmatched"} 1`,
		`reconexus_http_requests_total{code="404",method="other",route="page"} 1`,
		`reconexus_http_request_seconds_count{method="GET",route="/api/v1/identity/msisdn/{number}/status"} 3`,
		`reconexus_http_request_seconds_count{method="any",route="page"} 2`,
		`reconexus_http_requests_running 1`, `reconexus_build_info{version="1.0.0"} 1`, "go_goroutines",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if strings.Contains(text, `route="/api/v1/silent"`) {
		t.Error("a route that nobody used has lines in the metrics")
	}
	if strings.Contains(text, "2348031234567") || strings.Contains(h.log.String(), "2348031234567") {
		t.Error("metrics or the log hold a number of a person")
	}
}

func TestClass14MetricsAreForThisMachine(t *testing.T) {
	h := open(t, func(o *Options) { o.TrustedProxies = loopbackNetworks() })
	try := func(caller string, headers ...string) int {
		return h.send("GET", "/metrics", caller, "", headers...).StatusCode
	}
	if got := try(""); got != 401 {
		t.Errorf("through a trusted proxy without a word: %d", got)
	}
	if got := try("", "X-Forwarded-For", "127.0.0.1"); got != 401 {
		t.Errorf("through a trusted proxy as loopback: %d", got)
	}
	if got := try("operator", "X-Forwarded-For", "192.0.2.1"); got != 403 {
		t.Errorf("an operator: %d", got)
	}
	if got := try("admin", "X-Forwarded-For", "192.0.2.1"); got != 200 {
		t.Errorf("an administrator: %d", got)
	}
	if got := try("nobody", "X-Forwarded-For", "192.0.2.1"); got != 401 {
		t.Errorf("a wrong token: %d", got)
	}
	h = open(t)
	if got := try(""); got != 200 {
		t.Errorf("from this machine: %d", got)
	}
	if got := try("", "X-Forwarded-For", "192.0.2.1"); got != 401 {
		t.Errorf("through a proxy that nobody configured: %d", got)
	}
}

// 14

func TestCORS(t *testing.T) {
	h := open(t, func(o *Options) { o.Origins = []string{"https://desk.example.ng"} })
	preflight := func(origin string) answered {
		return h.send("OPTIONS", api+"/things", "", "", "Origin", origin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type,idempotency-key")
	}
	a := preflight("https://desk.example.ng")
	if a.StatusCode != 204 || a.Header.Get("Access-Control-Allow-Origin") != "https://desk.example.ng" || a.Header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("a configured origin's preflight: %d %v", a.StatusCode, a.Header)
	}
	if got := preflight("https://evil.example").Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("a foreign origin is allowed as %q", got)
	}
	a = h.send("GET", api+"/things", "admin", "", "Origin", "https://desk.example.ng")
	if a.Header.Get("Access-Control-Allow-Origin") != "https://desk.example.ng" || !strings.Contains(strings.ToLower(a.Header.Get("Access-Control-Expose-Headers")), "x-request-id") {
		t.Errorf("headers are %v", a.Header)
	}
	h = open(t)
	if got := preflight("https://desk.example.ng").Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("without origins in the settings one is allowed: %q", got)
	}
	if a := h.send("OPTIONS", api+"/things", "", ""); a.Header.Get("Allow") != "GET, OPTIONS, POST" {
		t.Errorf("OPTIONS answers Allow: %q", a.Header.Get("Allow"))
	}
}

// the router

func TestRouterAnswersProblems(t *testing.T) {
	h := open(t)
	a := h.want(h.send("DELETE", api+"/things", "admin", ""), 405, fault.Method)
	if a.Header.Get("Allow") != "GET, OPTIONS, POST" {
		t.Errorf("Allow is %q", a.Header.Get("Allow"))
	}
	h.want(h.send("GET", api+"/none", "admin", ""), 404, fault.NotFound)
	h.want(h.send("GET", api+"/things/", "admin", ""), 404, fault.NotFound)
	h.want(h.send("GET", "/API/V1/things", "admin", "", "Accept", "application/json"), 404, fault.NotFound)
	a = h.want(h.send("HEAD", api+"/things", "admin", ""), 200)
	if a.text != "" || a.Header.Get("Content-Type") != "application/json" {
		t.Errorf("HEAD answers %q as %s", a.text, a.Header.Get("Content-Type"))
	}
}

// the address (class 14)

func TestClass14AddressIsNotTheClientsWord(t *testing.T) {
	h := openAudited(t, func(o *Options) { o.AuthPerMinute = 3; o.GeneralPerMinute = 1000 })
	for i := range 4 {
		a := h.send("POST", api+"/auth/login", "", fmt.Sprintf(`{"email":"a%d@example.ng"}`, i), "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i), "X-Real-IP", fmt.Sprintf("198.51.100.%d", i), "Forwarded", "for=198.51.100.9")
		if want := map[bool]int{true: 401, false: 429}[i < 3]; a.StatusCode != want {
			t.Errorf("try %d answers %d, want %d", i, a.StatusCode, want)
		}
	}
	h.send("POST", api+"/silent", "admin", `{"name":"x"}`, "X-Forwarded-For", "198.51.100.1")
	if e := h.entries(); len(e) != 1 || e[0].address != "127.0.0.1" {
		t.Errorf("the audit log says %+v", e)
	}
	h = openAudited(t, func(o *Options) { o.AuthPerMinute = 3; o.TrustedProxies = loopbackNetworks() })
	for i := range 5 {
		a := h.send("POST", api+"/auth/login", "", fmt.Sprintf(`{"email":"a%d@example.ng"}`, i), "X-Forwarded-For", fmt.Sprintf("203.0.113.%d, 198.51.100.%d, 127.0.0.9", i, i))
		if a.StatusCode != 401 {
			t.Errorf("another address behind the proxy answers %d", a.StatusCode)
		}
	}
	h.send("POST", api+"/silent", "admin", `{"name":"x"}`, "X-Forwarded-For", "10.9.9.9, 198.51.100.1")
	if e := h.entries(); len(e) != 1 || e[0].address != "198.51.100.1" {
		t.Errorf("the audit log says %+v", e)
	}
}

func FuzzForwardedFor(f *testing.F) {
	f.Add("203.0.113.1, 127.0.0.1", "127.0.0.1:9")
	f.Add("::ffff:127.0.0.1,,", "[::1]:9")
	f.Fuzz(func(t *testing.T, header, remote string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		r.Header["X-Forwarded-For"] = []string{header}
		var c client
		c.locate(r, loopbackNetworks())
		if c.local || (c.proxied && c.loopback()) {
			t.Errorf("%q by %q counts as this machine", header, remote)
		}
	})
}

// the socket

func TestLocalSocketActsForTheSystem(t *testing.T) {
	h := buildAudited(t, func(o *Options) { o.GeneralPerMinute = 1 })
	path := filepath.Join(t.TempDir(), "r.sock")
	at, err := listenSocket(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket's mode is %v (%v)", info.Mode(), err)
	}
	s := &httptest.Server{Listener: at, Config: &http.Server{Handler: h, ConnContext: markSocket, ReadHeaderTimeout: time.Second}}
	s.Start()
	t.Cleanup(s.Close)
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}}
	for range 3 {
		a, err := client.Post("http://local"+api+"/silent", "application/json", bytes.NewReader([]byte(`{"name":"x"}`)))
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		if a.StatusCode != 200 {
			t.Fatalf("over the socket: %d", a.StatusCode)
		}
	}
	if e := h.entries(); len(e) != 3 || e[0].actor != "system" || e[0].address != "local socket" {
		t.Errorf("the audit log says %+v", e)
	}
	if _, err := listenSocket(path); err == nil || !strings.Contains(err.Error(), "running on this data folder already") {
		t.Errorf("a second appliance on the folder: %v", err)
	}
}
