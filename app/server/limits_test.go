package server

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"reconexus/app/kit/fault"
	"reconexus/app/rest"
)

func TestGeneralLimit(t *testing.T) {
	h := open(t, func(o *Options) { o.GeneralPerMinute = 3 })
	get := func(caller string) answered { return h.send("GET", api+"/things", caller, "") }
	for i, want := range []string{"2", "1", "0"} {
		a := h.want(get("admin"), 200)
		if a.Header.Get("RateLimit-Remaining") != want || a.Header.Get("RateLimit-Limit") != "3" || a.Header.Get("RateLimit-Policy") != "3;w=60" || a.Header.Get("RateLimit-Reset") != fmt.Sprint(60-10*i) {
			t.Errorf("request %d: %v", i, a.Header)
		}
		h.clock.move(10 * time.Second)
	}
	a := h.want(get("admin"), 429, fault.RateLimited)
	if a.Header.Get("Retry-After") != "30" || a.Header.Get("RateLimit-Remaining") != "0" || a.Header.Get("RateLimit-Reset") != "30" {
		t.Errorf("the refusal says %v", a.Header)
	}
	h.want(get("operator"), 200) // another user is not held up
	h.want(get(""), 401)
	h.clock.move(30 * time.Second)
	h.want(get("admin"), 200)
	h.want(get("admin"), 429)
	for range 5 {
		h.want(h.send("GET", "/health/live", "", ""), 200)
		h.want(h.send("GET", "/", "", ""), 200)
	}
	for i := range 8 {
		want := map[bool]int{true: 200, false: 429}[i < 7]
		h.want(get("api_client/7"), want) // a key with a limit of its own
	}
}

func TestStrangersAreLimitedByAddress(t *testing.T) {
	h := open(t, func(o *Options) { o.GeneralPerMinute = 3; o.TrustedProxies = loopbackNetworks() })
	from := func(ip string) answered { return h.send("GET", api+"/things", "wrong", "", "X-Forwarded-For", ip) }
	for range 3 {
		h.want(from("2001:db8::1"), 401)
	}
	h.want(from("2001:db8::ffff:2"), 429) // the same /64
	h.want(from("2001:db8:1::1"), 401)
	h.want(h.send("GET", api+"/nothing", "", "", "X-Forwarded-For", "2001:db8::3"), 429)
}

// Class 11 as far as it lives here: guesses are counted per address and per account.
func TestClass11SignInLimit(t *testing.T) {
	h := open(t, func(o *Options) { o.TrustedProxies = loopbackNetworks() })
	try := func(ip, email string) answered {
		return h.send("POST", api+"/auth/login", "", fmt.Sprintf(`{"email":%q}`, email), "X-Forwarded-For", ip)
	}
	for i := range 5 {
		h.want(try("198.51.100.1", fmt.Sprintf("a%d@example.ng", i)), 401)
	}
	h.want(try("198.51.100.1", "b@example.ng"), 429, fault.RateLimited)
	for i := range 5 {
		h.want(try(fmt.Sprintf("198.51.100.1%d", i), "Victim@example.ng "), 401)
	}
	a := h.want(try("198.51.100.99", "victim@example.ng"), 429, fault.RateLimited)
	if a.Header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After is %q", a.Header.Get("Retry-After"))
	}
	h.want(try("198.51.100.98", "other@example.ng"), 401)
	for range 8 { // no secret to guess there
		h.want(h.send("POST", api+"/auth/refresh", "", `{}`, "X-Forwarded-For", "198.51.100.50"), 401)
	}
	h.clock.move(time.Minute)
	h.want(try("198.51.100.1", "b@example.ng"), 401)
	for path, want := range map[string]bool{"/auth/login": true, "/auth/setup": true, "/auth/password": true, "/oauth2/token": true, "/auth/logout": false, "/auth/refresh": false, "/things": false} {
		if got := describe(rest.Route{Method: "POST", Path: api + path}).signIn; got != want {
			t.Errorf("POST %s counts as sign-in: %v", path, got)
		}
	}
	if describe(rest.Route{Method: "PATCH", Path: api + "/auth/me"}).signIn || describe(rest.Route{Method: "GET", Path: api + "/auth/setup"}).signIn {
		t.Error("the own profile counts as sign-in")
	}
}

func TestLimitsOff(t *testing.T) {
	h := open(t, func(o *Options) { o.GeneralPerMinute, o.AuthPerMinute = 0, 0 })
	for range 12 {
		h.want(h.send("POST", api+"/auth/login", "", `{"email":"a@example.ng"}`), 401)
		if a := h.want(h.send("GET", api+"/things", "admin", ""), 200); a.Header.Get("RateLimit-Limit") != "" {
			t.Error("a limit that is off is announced")
		}
	}
}

func TestFirstRefusalIsAudited(t *testing.T) {
	h := openAudited(t, func(o *Options) { o.GeneralPerMinute = 1 })
	for range 5 {
		h.send("POST", api+"/silent", "admin", `{"name":"x"}`)
	}
	if e := h.entries(); len(e) != 2 || e[1].result != "denied" {
		t.Errorf("the audit log says %+v", e)
	}
}

// In any minute, wherever it is laid, at most the limit is let through, and whoever
// stayed below it for a minute is never refused.
func TestLimiterIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 6).Draw(t, "limit")
		clock := newStopped()
		l := newLimiter(4, clock.now)
		var let []int64
		for range rapid.IntRange(1, 80).Draw(t, "requests") {
			clock.move(time.Duration(rapid.Int64Range(0, 40_000).Draw(t, "pause")) * time.Millisecond)
			now := clock.ms.Load()
			recent := 0
			for _, at := range let {
				if now-at < span.Milliseconds() {
					recent++
				}
			}
			v := l.take("a", limit)
			if v.ok != (recent < limit) {
				t.Fatalf("%d of %d were let through in the last minute, and the answer is %v", recent, limit, v.ok)
			}
			if v.ok {
				let = append(let, now)
				if v.left != limit-recent-1 {
					t.Fatalf("left is %d after %d of %d", v.left, recent+1, limit)
				}
			} else if v.reset <= 0 || v.reset > span {
				t.Fatalf("reset is %v", v.reset)
			}
		}
	})
}
