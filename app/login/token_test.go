package login_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/login/logintest"
	"reconexus/app/rest"
	"reconexus/app/users"
	"reconexus/store/sqlite"
)

type fields = map[string]any

// forge signs what it is told with the appliance's own key, unless given another.
type forge struct {
	kid string
	key ed25519.PrivateKey
}

func newForge(b *logintest.Bench) forge {
	type row struct {
		kid  string
		seed []byte
	}
	k, err := sqlite.Read(b.T.Context(), b.DB, func(tx *sqlite.Tx) (row, error) {
		return sqlite.One(tx, func(r sqlite.Row) (k row, err error) { err = r.Scan(&k.kid, &k.seed); return k, err },
			`SELECT kid, seed FROM signing_key WHERE retired_at IS NULL`)
	})
	if err != nil {
		b.T.Fatal(err)
	}
	seed, err := b.Ring.Open("signing key", k.seed)
	if err != nil {
		b.T.Fatal(err)
	}
	return forge{k.kid, ed25519.NewKeyFromSeed(seed)}
}

func encode(v any) string {
	raw, _ := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (f forge) sign(head, body fields) string {
	text := encode(head) + "." + encode(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(f.key, []byte(text)))
}

func parts(token string) (head, body fields) {
	p := strings.Split(token, ".")
	for i, to := range []*fields{&head, &body} {
		raw, _ := base64.RawURLEncoding.DecodeString(p[i])
		_ = json.Unmarshal(raw, to)
	}
	return head, body
}

func TestSecurity07ForgedTokens(t *testing.T) {
	b := logintest.Open(t)
	_, good := b.Admin()
	_, refresh := b.SignIn("root@example.ng")
	f := newForge(b)
	now := b.Clock.Now().Unix()
	with := func(edit func(head, body fields)) string {
		head, body := parts(good)
		edit(head, body)
		return f.sign(head, body)
	}
	if a := b.Do("GET", "/auth/me", nil, bearer(with(func(_, _ fields) {}))); a.Status != 200 {
		t.Fatalf("the forge does not work: %s", a.Body)
	}
	_, stranger, _ := ed25519.GenerateKey(rand.Reader)
	head, body := parts(good)
	p := strings.Split(good, ".")
	unsigned := func(alg string) string {
		return encode(fields{"alg": alg, "typ": "at+jwt", "kid": f.kid}) + "." + p[1] + "."
	}
	hmacOf := func(alg string, key []byte) string {
		text := encode(fields{"alg": alg, "typ": "at+jwt", "kid": f.kid}) + "." + p[1]
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return text + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
	}
	for name, token := range map[string]string{
		"alg none":                     unsigned("none"),
		"alg None":                     unsigned("None"),
		"alg none, old signature":      unsigned("none") + p[2],
		"HS256 with the public key":    hmacOf("HS256", f.key.Public().(ed25519.PublicKey)),
		"HS256 with an empty key":      hmacOf("HS256", nil),
		"another key under our kid":    forge{f.kid, stranger}.sign(head, body),
		"unknown kid":                  with(func(h, _ fields) { h["kid"] = "kid_unknown" }),
		"no kid":                       with(func(h, _ fields) { delete(h, "kid") }),
		"a key in the header":          forge{"", stranger}.sign(fields{"alg": "EdDSA", "typ": "at+jwt", "jwk": fields{"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(stranger.Public().(ed25519.PublicKey))}}, body),
		"wrong typ":                    with(func(h, _ fields) { h["typ"] = "JWT" }),
		"no typ":                       with(func(h, _ fields) { delete(h, "typ") }),
		"wrong iss":                    with(func(_, c fields) { c["iss"] = "somebody" }),
		"no iss":                       with(func(_, c fields) { delete(c, "iss") }),
		"wrong aud":                    with(func(_, c fields) { c["aud"] = []string{"another"} }),
		"no aud":                       with(func(_, c fields) { delete(c, "aud") }),
		"expired":                      with(func(_, c fields) { c["exp"] = now - 1 }),
		"no exp":                       with(func(_, c fields) { delete(c, "exp") }),
		"not yet valid":                with(func(_, c fields) { c["nbf"] = now + 60 }),
		"no nbf":                       with(func(_, c fields) { delete(c, "nbf") }),
		"issued in the future":         with(func(_, c fields) { c["iat"] = now + 60 }),
		"no subject":                   with(func(_, c fields) { delete(c, "sub") }),
		"an unknown subject":           with(func(_, c fields) { c["sub"] = "usr_nobody" }),
		"a user without a session":     with(func(_, c fields) { delete(c, "sid") }),
		"an epoch of before":           with(func(_, c fields) { c["epoch"] = -1 }),
		"an epoch to come":             with(func(_, c fields) { c["epoch"] = 99 }),
		"a refresh token":              refresh,
		"changed claims":               p[0] + "." + encode(fields{"sub": "usr_other"}) + "." + p[2],
		"no signature":                 p[0] + "." + p[1] + ".",
		"padding behind the token":     good + "=",
		"two parts":                    p[0] + "." + p[1],
		"nothing":                      "",
		"a very long one":              good + strings.Repeat("A", 100_000),
		"not JSON":                     "e30.e30.e30",
		"the signature's last letters": good[:len(good)-2] + map[bool]string{true: "QA", false: "AA"}[strings.HasSuffix(good, "AA")],
	} {
		if a := b.Do("GET", "/auth/me", nil, bearer(token)); a.Status != 401 {
			t.Errorf("%s: answered %d %s, want 401", name, a.Status, a.Body)
		}
	}
	b.Want(401, "POST", "/auth/refresh", fields{"refresh_token": good})
	b.Want(200, "GET", "/auth/me", nil, bearer(good))
}

// Claims about rights mean nothing: rights are read from the store.
func TestSecurity07ATokenSaysNothingAboutRights(t *testing.T) {
	b := logintest.Open(t)
	b.Add("ada@example.ng", access.Auditor)
	token, _ := b.SignIn("ada@example.ng")
	head, body := parts(token)
	body["role"], body["permissions"], body["scope"] = "admin", []string{"user:manage"}, "user:manage"
	b.Want(403, "GET", "/users", nil, bearer(newForge(b).sign(head, body)))
}

func TestSecurity07AnotherInstallationsTokens(t *testing.T) {
	one, two := logintest.Open(t), logintest.Open(t)
	_, token := one.Admin()
	two.Want(401, "GET", "/auth/me", nil, bearer(token))
}

func TestSecurity07ATokenExpiresWhileItIsRemembered(t *testing.T) {
	b := logintest.Open(t)
	_, token := b.Admin()
	b.Want(200, "GET", "/auth/me", nil, bearer(token))
	b.Clock.Move(15*time.Minute - time.Second)
	b.Want(200, "GET", "/auth/me", nil, bearer(token))
	b.Clock.Move(time.Second)
	b.Want(401, "GET", "/auth/me", nil, bearer(token))
}

func TestKeysRotateWithOverlap(t *testing.T) {
	b := logintest.Open(t)
	_, old := b.Admin()
	if err := b.Login.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	head, _ := parts(old)
	b.Restart() // nothing is remembered: the old key must verify again
	b.Want(200, "GET", "/auth/me", nil, bearer(old))
	fresh, _ := b.SignIn("root@example.ng")
	if h, _ := parts(fresh); h["kid"] == head["kid"] {
		t.Error("the retired key still signs")
	}
	f := newForge(b)
	f.kid = head["kid"].(string)
	b.Clock.Move(17 * time.Minute)
	if err := b.Login.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	n, err := sqlite.Read(t.Context(), b.DB, func(tx *sqlite.Tx) (int, error) {
		return sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM signing_key`)
	})
	if err != nil || n != 1 {
		t.Errorf("%d signing keys are kept, %v; want the one that signs", n, err)
	}
}

func TestASigningKeyServesThirtyDays(t *testing.T) {
	b := logintest.Open(t)
	before := newForge(b).kid
	b.Clock.Move(29 * 24 * time.Hour)
	if err := b.Login.Sweep(t.Context()); err != nil || newForge(b).kid != before {
		t.Errorf("rotated too early, or %v", err)
	}
	b.Clock.Move(24 * time.Hour)
	if err := b.Login.Sweep(t.Context()); err != nil || newForge(b).kid == before {
		t.Errorf("not rotated after 30 days, or %v", err)
	}
}

func TestSweepingRemovesOnlyWhatExpired(t *testing.T) {
	b := logintest.Open(t)
	b.Add("ada@example.ng", access.Auditor)
	token, refresh := b.SignIn("ada@example.ng")
	_, other := b.SignIn("ada@example.ng")
	b.Want(200, "POST", "/auth/logout", nil, bearer(token))
	for range 5 {
		b.Want(401, "POST", "/auth/login", fields{"email": "eve@example.ng", "password": "wrong wrong wrong"})
	}
	if err := b.Login.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Want(401, "GET", "/auth/me", nil, bearer(token))
	b.Want(423, "POST", "/auth/login", fields{"email": "eve@example.ng", "password": "wrong wrong wrong"})
	b.Want(200, "POST", "/auth/refresh", fields{"refresh_token": other})
	b.Clock.Move(200 * 24 * time.Hour)
	if err := b.Login.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := sqlite.Read(t.Context(), b.DB, func(tx *sqlite.Tx) (int, error) {
		return sqlite.One(tx, sqlite.Int, `SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM refresh_token)
			+ (SELECT count(*) FROM revocation) + (SELECT count(*) FROM login_failure)`)
	})
	if err != nil || left != 0 {
		t.Errorf("%d rows are left, %v; want none", left, err)
	}
	b.Want(401, "POST", "/auth/refresh", fields{"refresh_token": refresh})
}

func machine(b *logintest.Bench, d users.KeyDraft) (id, secret string) {
	b.T.Helper()
	k, secret, err := b.Users.CreateKey(b.T.Context(), access.System("cli"), d)
	if err != nil {
		b.T.Fatal(err)
	}
	return k.ID, secret
}

func TestClientCredentials(t *testing.T) {
	b := logintest.Open(t)
	id, secret := machine(b, users.KeyDraft{Name: "bank", Scopes: []string{"sim:read", "linkage:read", "number-recycling:check"}, Bank: "058", MSISDN: "+2348031234567", PerMinute: 42})
	form := header("Content-Type", "application/x-www-form-urlencoded")
	all := b.Want(200, "POST", "/oauth2/token", "grant_type=client_credentials&client_id="+id+"&client_secret="+secret, form)
	if all.Text("token_type") != "Bearer" || all.JSON()["expires_in"] != 900.0 || all.Header.Get("Cache-Control") != "no-store" ||
		all.Text("scope") != "linkage:read number-recycling:check sim:read" {
		t.Errorf("answered %s", all.Body)
	}
	some := b.Want(200, "POST", "/oauth2/token", "grant_type=client_credentials&scope=sim:read+number-recycling:check", form,
		header("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(id+":"+secret))))
	r := httptest.NewRequest("GET", rest.Base+"/auth/me", nil)
	bearer(some.Text("access_token"))(r)
	p, err := b.Login.Authenticate(r)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(p.May, p.Scopes) != "[sim:read] [number-recycling:check]" || p.MSISDN != 2348031234567 || p.Bank != "058" || p.PerMin != 42 || p.Role != access.APIClient || p.ID != id {
		t.Errorf("the machine is %+v", p)
	}
	if p.Session != "" {
		t.Error("a machine has a session")
	}

	// What the key loses, its tokens lose.
	b.Want(200, "GET", "/auth/me", nil, bearer(all.Text("access_token")))
	if _, err := b.Users.UpdateKey(t.Context(), access.System("cli"), id, "", users.KeyChange{Scopes: &[]string{"linkage:read"}}); err != nil {
		t.Fatal(err)
	}
	if me := b.Want(200, "GET", "/auth/me", nil, bearer(all.Text("access_token"))); fmt.Sprint(me.JSON()["permissions"]) != "[linkage:read]" {
		t.Errorf("after the change the token may %s", me.Body)
	}
	if err := b.Users.DeleteKey(t.Context(), access.System("cli"), id, ""); err != nil {
		t.Fatal(err)
	}
	b.Want(401, "GET", "/auth/me", nil, bearer(all.Text("access_token")))
	b.Restart()
	b.Want(401, "GET", "/auth/me", nil, bearer(all.Text("access_token")))
}

func TestClientCredentialsAreRefusedAsTheStandardSays(t *testing.T) {
	b := logintest.Open(t)
	id, secret := machine(b, users.KeyDraft{Name: "k", Scopes: []string{"sim:read"}, ExpiresAt: b.Clock.Now().Add(time.Hour)})
	other, _ := machine(b, users.KeyDraft{Name: "other", Scopes: []string{"sim:read"}})
	form := header("Content-Type", "application/x-www-form-urlencoded")
	good := "grant_type=client_credentials&client_id=" + id + "&client_secret=" + secret
	for name, c := range map[string]struct {
		body, kind string
		status     int
		code       string
	}{
		"no grant type":         {"client_id=" + id + "&client_secret=" + secret, "", 400, "invalid_request"},
		"another grant type":    {"grant_type=password&client_id=" + id + "&client_secret=" + secret, "", 400, "unsupported_grant_type"},
		"a scope not held":      {good + "&scope=sim:write", "", 400, "invalid_scope"},
		"a scope twice":         {good + "&scope=sim:read&scope=sim:read", "", 400, "invalid_request"},
		"a wrong secret":        {good + "x", "", 401, "invalid_client"},
		"another's secret":      {"grant_type=client_credentials&client_id=" + other + "&client_secret=" + secret, "", 401, "invalid_client"},
		"no client":             {"grant_type=client_credentials", "", 401, "invalid_client"},
		"both ways":             {good, "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret)), 400, "invalid_request"},
		"Basic that is nothing": {"grant_type=client_credentials", "Basic !!!", 401, "invalid_client"},
		"a broken form":         {"grant_type=%zz", "", 400, "invalid_request"},
		"a large form":          {good + "&x=" + strings.Repeat("x", 9000), "", 400, "invalid_request"},
	} {
		edit := []func(r *request){form}
		if c.kind != "" {
			edit = append(edit, header("Authorization", c.kind))
		}
		a := b.Do("POST", "/oauth2/token", c.body, edit...)
		if a.Status != c.status || a.Text("error") != c.code || a.Text("access_token") != "" {
			t.Errorf("%s: answered %d %s, want %d %s", name, a.Status, a.Body, c.status, c.code)
		}
		if c.status == 401 && !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Basic ") {
			t.Errorf("%s: WWW-Authenticate is %q", name, a.Header.Get("WWW-Authenticate"))
		}
	}
	if a := b.Do("POST", "/oauth2/token", fields{"grant_type": "client_credentials"}); a.Status != 400 || a.Text("error") != "invalid_request" {
		t.Errorf("a JSON body answered %d %s", a.Status, a.Body)
	}
	b.Clock.Move(50 * time.Minute)
	a := b.Want(200, "POST", "/oauth2/token", good, form)
	if a.JSON()["expires_in"] != 600.0 {
		t.Errorf("a token outlives its key: %s", a.Body)
	}
	b.Clock.Move(10 * time.Minute)
	b.Want(401, "POST", "/oauth2/token", good, form)
	b.Want(401, "GET", "/auth/me", nil, bearer(a.Text("access_token")))
}

func TestSecurity11AWrongKeyTellsNothing(t *testing.T) {
	b := logintest.Open(t)
	id, secret := machine(b, users.KeyDraft{Name: "k", Scopes: []string{"sim:read"}})
	unknown := strings.Replace(secret, strings.TrimPrefix(id, "key_"), strings.Repeat("0", 26), 1)
	var first string
	for i, key := range []string{secret[:len(secret)-1] + "!", unknown, "rxk_", "nonsense", strings.Repeat("x", 5000), "rxk_" + id + "_x"} {
		a := b.Do("GET", "/auth/me", nil, header("X-API-Key", key))
		if i == 0 {
			first = string(a.Body)
		}
		if a.Status != 401 || string(a.Body) != first {
			t.Errorf("key %d answered %d %s", i, a.Status, a.Body)
		}
	}
	b.Want(200, "GET", "/auth/me", nil, header("X-API-Key", secret))
}

func TestKeysRememberTheirLastUse(t *testing.T) {
	b := logintest.Open(t)
	id, secret := machine(b, users.KeyDraft{Name: "k", Scopes: []string{"sim:read"}})
	b.Want(200, "GET", "/auth/me", nil, header("X-API-Key", secret))
	if err := b.Login.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	k, err := b.Users.FindKey(t.Context(), id)
	if err != nil || !k.LastUsed.Equal(b.Clock.Now()) {
		t.Errorf("last used %v, %v; want %v", k.LastUsed, err, b.Clock.Now())
	}
}

// Point checks authenticate 10,000 times a second and more; the aim is 2 µs each.
func BenchmarkAuthenticate(b *testing.B) {
	bench := logintest.Open(b)
	_, token := bench.Admin()
	_, secret := machine(bench, users.KeyDraft{Name: "k", Scopes: []string{"sim:read"}})
	in := bench.Want(200, "POST", "/auth/login", fields{"email": "root@example.ng", "password": logintest.Password, "cookie": true})
	for name, edit := range map[string]func(*request){"bearer": bearer(token), "cookie": logintest.Cookies(in), "key": header("X-API-Key", secret)} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest("GET", rest.Base+"/identity/msisdn/2348031234567/status?limit=1", nil)
			edit(r)
			b.ReportAllocs()
			for b.Loop() {
				if p, err := bench.Login.Authenticate(r); err != nil || p.ID == "" {
					b.Fatal(p, err)
				}
			}
		})
	}
}

type request = http.Request
