package login_test

import (
	"net/http"
	"strings"
	"testing"

	"reconexus/app/access"
	"reconexus/app/login/logintest"
)

func byCookie(b *logintest.Bench, email string) logintest.Answer {
	return b.Want(200, "POST", "/auth/login", map[string]any{"email": email, "password": logintest.Password, "cookie": true})
}

func TestSecurity23CookiesAreStrict(t *testing.T) {
	b := logintest.Open(t)
	b.Add("ada@example.ng", access.Auditor)
	in := byCookie(b, "ada@example.ng")
	if in.Text("token_type") != "Cookie" || in.Text("csrf_token") == "" || in.Text("access_token") != "" || in.Text("refresh_token") != "" {
		t.Errorf("the sign-in answered %s", in.Body)
	}
	paths := map[string]string{"reconexus_access": "/", "reconexus_refresh": "/api/v1/auth"}
	for _, c := range (&http.Response{Header: in.Header}).Cookies() {
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != paths[c.Name] || c.Domain != "" {
			t.Errorf("the cookie is %s", c)
		}
		delete(paths, c.Name)
	}
	if len(paths) != 0 {
		t.Errorf("missing cookies: %v", paths)
	}
	me := b.Want(200, "GET", "/auth/me", nil, logintest.Cookies(in))
	if me.Text("csrf_token") != in.Text("csrf_token") {
		t.Error("GET /auth/me does not answer the session's CSRF token")
	}
	out := b.Want(200, "POST", "/auth/logout", map[string]any{}, logintest.Cookies(in), header("X-CSRF-Token", in.Text("csrf_token")))
	for _, c := range (&http.Response{Header: out.Header}).Cookies() {
		if c.MaxAge >= 0 || c.Value != "" {
			t.Errorf("after the sign-out the browser keeps %s", c)
		}
	}
	b.Want(401, "GET", "/auth/me", nil, logintest.Cookies(in))
}

func TestSecurity23AForeignPageChangesNothing(t *testing.T) {
	b := logintest.Open(t)
	b.Add("ada@example.ng", access.Auditor)
	b.Add("eve@example.ng", access.Auditor)
	in, eve := byCookie(b, "ada@example.ng"), byCookie(b, "eve@example.ng")
	body := map[string]any{"full_name": "Changed"}
	good := header("X-CSRF-Token", in.Text("csrf_token"))
	for name, edit := range map[string][]func(*http.Request){
		"no CSRF token":             {},
		"an empty one":              {header("X-CSRF-Token", "")},
		"a wrong one":               {header("X-CSRF-Token", strings.Repeat("A", 43))},
		"another session's":         {header("X-CSRF-Token", eve.Text("csrf_token"))},
		"a foreign origin":          {good, header("Origin", "https://evil.example")},
		"no origin at all (null)":   {good, header("Origin", "null")},
		"a sibling's page":          {good, header("Sec-Fetch-Site", "same-site")},
		"a foreign site":            {good, header("Sec-Fetch-Site", "cross-site")},
		"our host as a prefix":      {good, header("Origin", "http://example.com.evil.example")},
		"foreign, origin looks own": {good, header("Origin", "http://example.com"), header("Sec-Fetch-Site", "cross-site")},
	} {
		if a := b.Do("PATCH", "/auth/me", body, append(edit, logintest.Cookies(in))...); a.Status != 403 {
			t.Errorf("%s: answered %d %s, want 403", name, a.Status, a.Body)
		}
	}
	// A foreign page that opens a WebSocket sends GET with its Origin.
	b.Want(403, "GET", "/auth/me", nil, logintest.Cookies(in), header("Origin", "https://evil.example"))
	b.Want(403, "POST", "/auth/login", map[string]any{"email": "eve@example.ng", "password": logintest.Password, "cookie": true}, header("Sec-Fetch-Site", "cross-site"))
	b.Want(403, "POST", "/auth/refresh", map[string]any{}, logintest.Cookies(in), header("Origin", "https://evil.example"))
	if me := b.Want(200, "GET", "/auth/me", nil, logintest.Cookies(in)); me.Text("full_name") == "Changed" {
		t.Error("a foreign page changed the profile")
	}
	for _, own := range []func(*http.Request){header("Origin", "http://example.com"), header("Sec-Fetch-Site", "same-origin"), header("Sec-Fetch-Site", "none")} {
		b.Want(200, "PATCH", "/auth/me", body, logintest.Cookies(in), good, own)
	}
}
