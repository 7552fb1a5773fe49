package login_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/login/logintest"
	"reconexus/app/rest"
	"reconexus/app/users"
	"reconexus/store/sqlite"
)

var bearer, header = logintest.Bearer, logintest.Header

func TestSignInAndOut(t *testing.T) {
	b := logintest.Open(t)
	u := b.Add("ada@example.ng", access.Operator)
	a := b.Want(200, "POST", "/auth/login", map[string]any{"email": " ADA@example.ng", "password": logintest.Password})
	if a.Text("token_type") != "Bearer" || a.JSON()["expires_in"] != 900.0 || a.Header.Get("Set-Cookie") != "" || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the sign-in answered %s with %v", a.Body, a.Header)
	}
	token := a.Text("access_token")
	me := b.Want(200, "GET", "/auth/me", nil, bearer(token))
	if me.Text("id") != u.ID || me.Text("email") != u.Email || me.Text("operator_code") != "MTN" || me.Text("last_login") == "" || me.Text("csrf_token") != "" {
		t.Errorf("I am %s", me.Body)
	}
	b.Want(200, "PATCH", "/auth/me", map[string]any{"full_name": "Ada Obi"}, bearer(token))
	if me := b.Want(200, "GET", "/auth/me", nil, bearer(token)); me.Text("full_name") != "Ada Obi" {
		t.Errorf("after the change I am %s", me.Body)
	}
	b.Want(422, "PATCH", "/auth/me", map[string]any{"role": "admin"}, bearer(token))
	if out := b.Want(200, "POST", "/auth/logout", nil, bearer(token)); out.Text("message") != "Logged out successfully" {
		t.Errorf("the sign-out answered %s", out.Body)
	}
	b.Want(401, "GET", "/auth/me", nil, bearer(token))
	b.Want(401, "POST", "/auth/refresh", map[string]any{"refresh_token": a.Text("refresh_token")})
	want := []string{"user.create done", "auth.login done", "user.update done", "auth.logout done"}
	if got := b.Actions(); !slices.Equal(got, want) {
		t.Errorf("the audit log says %v, want %v", got, want)
	}
}

func TestARefreshGivesANewPair(t *testing.T) {
	b := logintest.Open(t)
	b.Add("ada@example.ng", access.Auditor)
	_, refresh := b.SignIn("ada@example.ng")
	for range 3 {
		b.Clock.Move(20 * time.Minute)
		a := b.Want(200, "POST", "/auth/refresh", map[string]any{"refresh_token": refresh})
		b.Want(200, "GET", "/auth/me", nil, bearer(a.Text("access_token")))
		refresh = a.Text("refresh_token")
	}
	b.Clock.Move(31 * 24 * time.Hour)
	b.Want(401, "POST", "/auth/refresh", map[string]any{"refresh_token": refresh})
}

func TestOwnSessions(t *testing.T) {
	b := logintest.Open(t)
	b.Add("ada@example.ng", access.Auditor)
	b.Add("eve@example.ng", access.Auditor)
	one, _ := b.SignIn("ada@example.ng")
	b.Clock.Move(time.Second)
	two, _ := b.SignIn("ada@example.ng")
	eve, _ := b.SignIn("eve@example.ng")
	list := b.Want(200, "GET", "/auth/sessions", nil, bearer(two)).JSON()
	items := list["items"].([]any)
	if list["total"] != 2.0 || len(items) != 2 || items[0].(map[string]any)["current"] != true {
		t.Fatalf("the sessions are %v", list)
	}
	other := items[1].(map[string]any)["id"].(string)
	b.Want(404, "DELETE", "/auth/sessions/"+other, nil, bearer(eve))
	b.Want(200, "GET", "/auth/me", nil, bearer(one))
	b.Want(204, "DELETE", "/auth/sessions/"+other, nil, bearer(two))
	b.Want(401, "GET", "/auth/me", nil, bearer(one))
	b.Want(404, "DELETE", "/auth/sessions/"+other, nil, bearer(two))
	b.Want(200, "GET", "/auth/me", nil, bearer(two))
}

func TestChangingThePassword(t *testing.T) {
	b := logintest.Open(t)
	b.Add("ada@example.ng", access.Auditor)
	token, refresh := b.SignIn("ada@example.ng")
	b.Want(422, "POST", "/auth/password", map[string]any{"current_password": "wrong wrong wrong", "new_password": "a fresh password"}, bearer(token))
	b.Want(422, "POST", "/auth/password", map[string]any{"current_password": logintest.Password, "new_password": "short"}, bearer(token))
	b.Want(200, "GET", "/auth/me", nil, bearer(token))
	b.Want(200, "POST", "/auth/password", map[string]any{"current_password": logintest.Password, "new_password": "a fresh password"}, bearer(token))
	b.Want(401, "GET", "/auth/me", nil, bearer(token))
	b.Want(401, "POST", "/auth/refresh", map[string]any{"refresh_token": refresh})
	b.Want(401, "POST", "/auth/login", map[string]any{"email": "ada@example.ng", "password": logintest.Password})
	b.Want(200, "POST", "/auth/login", map[string]any{"email": "ada@example.ng", "password": "a fresh password"})
}

// A stolen session cannot guess the password for ever.
func TestGuessingThePresentPasswordLocks(t *testing.T) {
	b := logintest.Open(t)
	b.Add("ada@example.ng", access.Auditor)
	token, _ := b.SignIn("ada@example.ng")
	guess := map[string]any{"current_password": "wrong wrong wrong", "new_password": "a fresh password"}
	for range 5 {
		b.Want(422, "POST", "/auth/password", guess, bearer(token))
	}
	b.Want(423, "POST", "/auth/password", guess, bearer(token))
}

func TestMachinesHaveNoProfile(t *testing.T) {
	b := logintest.Open(t)
	_, key, err := b.Users.CreateKey(t.Context(), access.System("cli"), users.KeyDraft{Name: "k", Scopes: []string{"sim:read"}})
	if err != nil {
		t.Fatal(err)
	}
	as := header("X-API-Key", key)
	b.Want(403, "PATCH", "/auth/me", map[string]any{"full_name": "x"}, as)
	b.Want(403, "POST", "/auth/password", map[string]any{"current_password": "x", "new_password": "x"}, as)
	b.Want(403, "GET", "/auth/sessions", nil, as)
	b.Want(403, "POST", "/auth/logout", nil, as)
}

func TestSecurity08RefreshReplay(t *testing.T) {
	for name, by := range map[string]func(b *logintest.Bench, refresh string) logintest.Answer{
		"body": func(b *logintest.Bench, refresh string) logintest.Answer {
			return b.Do("POST", "/auth/refresh", map[string]any{"refresh_token": refresh})
		},
		"cookie": func(b *logintest.Bench, refresh string) logintest.Answer {
			return b.Do("POST", "/auth/refresh", map[string]any{}, func(r *http.Request) {
				r.AddCookie(&http.Cookie{Name: "reconexus_refresh", Value: refresh})
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := logintest.Open(t)
			b.Add("ada@example.ng", access.Auditor)
			first, stolen := b.SignIn("ada@example.ng")
			next := b.Want(200, "POST", "/auth/refresh", map[string]any{"refresh_token": stolen})
			other, _ := b.SignIn("ada@example.ng")
			if a := by(b, stolen); a.Status != 401 || a.Text("access_token") != "" || a.Header.Get("Set-Cookie") != "" {
				t.Errorf("the replay answered %d %s", a.Status, a.Body)
			}
			b.Want(401, "GET", "/auth/me", nil, bearer(first))
			b.Want(401, "GET", "/auth/me", nil, bearer(next.Text("access_token")))
			b.Want(401, "POST", "/auth/refresh", map[string]any{"refresh_token": next.Text("refresh_token")})
			b.Want(200, "GET", "/auth/me", nil, bearer(other)) // another session of the same user
			if got := b.Actions(); !slices.Contains(got, "auth.refresh_replay done") {
				t.Errorf("the audit log does not tell of it: %v", got)
			}
			b.Restart()
			b.Want(401, "GET", "/auth/me", nil, bearer(first))
		})
	}
}

// Of programs that spend the same token at the same moment one gets a pair, and the
// session ends: two parties hold it.
func TestSecurity08RefreshReplayInARace(t *testing.T) {
	b := logintest.Open(t)
	b.Add("ada@example.ng", access.Auditor)
	_, refresh := b.SignIn("ada@example.ng")
	answers := make([]logintest.Answer, 8)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = b.Do("POST", "/auth/refresh", map[string]any{"refresh_token": refresh}) })
	}
	wg.Wait()
	var pairs []string
	for _, a := range answers {
		if a.Status == 200 {
			pairs = append(pairs, a.Text("access_token"))
		}
	}
	if len(pairs) != 1 {
		t.Fatalf("%d pairs were given for one token, want 1", len(pairs))
	}
	b.Want(401, "GET", "/auth/me", nil, bearer(pairs[0]))
}

// Two tabs of one browser share the cookie: when both ask while one answer is being
// made, both get it, and the session stays.
func TestTwoTabsRefreshAtTheSameMoment(t *testing.T) {
	b := logintest.Open(t)
	b.Add("ada@example.ng", access.Auditor)
	in := b.Want(200, "POST", "/auth/login", map[string]any{"email": "ada@example.ng", "password": logintest.Password, "cookie": true})

	// Hold the writer, so that both tabs ask before the first is answered.
	held, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = sqlite.Do(t.Context(), b.DB, func(*sqlite.Tx) error { close(held); <-release; return nil })
	})
	<-held
	answers := make([]logintest.Answer, 2)
	for i := range answers {
		wg.Go(func() { answers[i] = b.Do("POST", "/auth/refresh", map[string]any{}, logintest.Cookies(in)) })
	}
	time.Sleep(200 * time.Millisecond)
	close(release)
	wg.Wait()
	for _, a := range answers {
		if a.Status != 200 {
			t.Fatalf("a tab was answered %d %s", a.Status, a.Body)
		}
		b.Want(200, "GET", "/auth/me", nil, logintest.Cookies(a))
	}
	b.Want(200, "POST", "/auth/refresh", map[string]any{}, logintest.Cookies(answers[1]))
}

func TestSecurity09ASessionEndsWithItsRight(t *testing.T) {
	yes := true
	role, password := access.Bank, "another password"
	bank, operator := "058", ""
	for name, end := range map[string]func(*logintest.Bench, users.User, string){
		"log-out": func(b *logintest.Bench, _ users.User, token string) {
			b.Want(200, "POST", "/auth/logout", nil, bearer(token))
		},
		"own new password": func(b *logintest.Bench, _ users.User, token string) {
			b.Want(200, "POST", "/auth/password", map[string]any{"current_password": logintest.Password, "new_password": password}, bearer(token))
		},
		"new password by an administrator": change(users.Change{Password: &password}),
		"other role":                       change(users.Change{Role: &role, Bank: &bank, Operator: &operator}),
		"other grants":                     change(users.Change{Grants: &[]access.Permission{access.SIMBulkUpload}}),
		"disabled":                         change(users.Change{Disabled: &yes}),
		"deleted": func(b *logintest.Bench, u users.User, _ string) {
			if err := b.Users.Delete(b.T.Context(), access.System("test"), u.ID, ""); err != nil {
				b.T.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := logintest.Open(t)
			u := b.Add("ada@example.ng", access.Operator)
			token, refresh := b.SignIn(u.Email)
			session := b.Want(200, "GET", "/auth/sessions", nil, bearer(token)).JSON()["items"].([]any)[0].(map[string]any)["id"].(string)
			var mu sync.Mutex
			var told []string
			b.Guard.OnRevoked(func(s string) { mu.Lock(); defer mu.Unlock(); told = append(told, s) })
			end(b, u, token)
			b.Want(401, "GET", "/auth/me", nil, bearer(token))
			b.Want(401, "POST", "/auth/refresh", map[string]any{"refresh_token": refresh})
			mu.Lock()
			if !slices.Contains(told, session) {
				t.Errorf("open sockets were told that %v ended, want %s among it", told, session)
			}
			if name != "log-out" && !slices.Contains(told, u.ID) {
				t.Errorf("open sockets were told that %v ended, want %s among it", told, u.ID)
			}
			mu.Unlock()
			b.Restart()
			b.Want(401, "GET", "/auth/me", nil, bearer(token))
			b.Want(401, "POST", "/auth/refresh", map[string]any{"refresh_token": refresh})
		})
	}
}

func change(c users.Change) func(*logintest.Bench, users.User, string) {
	return func(b *logintest.Bench, u users.User, _ string) {
		if _, err := b.Users.Update(b.T.Context(), access.System("test"), u.ID, "", c); err != nil {
			b.T.Fatal(err)
		}
	}
}

func TestSecurity03NothingWithoutSignIn(t *testing.T) {
	b := logintest.Open(t)
	before := b.Dump()
	for _, r := range b.API.Routes() {
		if r.Need == access.Public {
			continue
		}
		path := strings.ReplaceAll(strings.TrimPrefix(r.Path, rest.Base), "{id}", "ses_1")
		for name, edit := range map[string]func(*http.Request){
			"no credentials": header("X-Nothing", "1"), "a bad token": bearer("x.y.z"), "a bad key": header("X-API-Key", "rxk_x"),
			"a bad cookie": func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "reconexus_access", Value: "x"}) },
			"Basic":        header("Authorization", "Basic eDp5"),
		} {
			if a := b.Do(r.Method, path, "{not JSON", edit); a.Status != 401 || a.Text("code") != "UNAUTHENTICATED" {
				t.Errorf("%s %s with %s answered %d %s", r.Method, path, name, a.Status, a.Body)
			}
		}
	}
	if b.Dump() != before {
		t.Error("something was written for a caller who is nobody")
	}
}

// Whoever hangs up at once leaves a trace all the same.
func TestSecurity26AFailedSignInIsNotedForOneWhoHangsUp(t *testing.T) {
	b := logintest.Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.OnCompare = cancel
	b.Do("POST", "/auth/login", map[string]any{"email": "ada@example.ng", "password": "wrong wrong wrong"}, func(r *http.Request) { *r = *r.WithContext(ctx) })
	if got := b.Actions(); !slices.Contains(got, "auth.login failed") {
		t.Errorf("the audit log says %v", got)
	}
}

// A change by another process on the same store counts within five seconds.
func TestSecurity09AChangeFromElsewhereCounts(t *testing.T) {
	b := logintest.Open(t)
	u := b.Add("ada@example.ng", access.Operator)
	token, _ := b.SignIn(u.Email)
	b.Want(200, "GET", "/auth/me", nil, bearer(token))
	err := sqlite.Do(t.Context(), b.DB, func(tx *sqlite.Tx) error {
		_, err := sqlite.Exec(tx, `UPDATE user SET disabled_at = 1 WHERE id = ?`, u.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Clock.Move(5 * time.Second)
	b.Want(401, "GET", "/auth/me", nil, bearer(token))
}

func TestRevocationsReachTheCache(t *testing.T) {
	b := logintest.Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); b.Login.Run(ctx) }()
	b.Add("ada@example.ng", access.Auditor)
	token, _ := b.SignIn("ada@example.ng")
	b.Want(200, "POST", "/auth/logout", nil, bearer(token))
	copied := 0
	for deadline := time.Now().Add(5 * time.Second); copied == 0 && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if err := b.KV.Each("revoked/ses_", func(string, []byte) bool { copied++; return true }); err != nil {
			t.Fatal(err)
		}
	}
	if copied != 1 {
		t.Errorf("the cache has %d revocations, want 1", copied)
	}
	cancel()
	<-done
}

// What was ended stays ended when the cache is gone.
func TestSecurity09RevocationsOutliveTheCache(t *testing.T) {
	b := logintest.Open(t)
	b.Add("ada@example.ng", access.Auditor)
	token, _ := b.SignIn("ada@example.ng")
	b.Want(200, "POST", "/auth/logout", nil, bearer(token))
	b.RestartWithoutCache()
	b.Want(401, "GET", "/auth/me", nil, bearer(token))
}

func TestSecurity10NoTokenInAnAddress(t *testing.T) {
	b := logintest.Open(t)
	_, token := b.Admin()
	for _, q := range []string{"token=", "access_token=", "Access_Token=", "%74oken=", "a=1&token=", "api_key=", "tok%65n=x&x="} {
		a := b.Do("GET", "/auth/me?"+q+token, nil)
		if a.Status != 401 || !strings.Contains(a.Text("detail"), "address") {
			t.Errorf("?%s… answered %d %s", q, a.Status, a.Body)
		}
		if a := b.Do("GET", "/auth/me?"+q+token, nil, bearer(token)); a.Status != 401 {
			t.Errorf("?%s… beside a good header answered %d, want 401", q, a.Status)
		}
	}
	b.Want(200, "GET", "/users?limit=1", nil, bearer(token))
}

func TestSecurity11NothingTellsWhetherAnAccountExists(t *testing.T) {
	b := logintest.Open(t)
	b.Add("known@example.ng", access.Auditor)
	disabled := b.Add("disabled@example.ng", access.Auditor)
	off := true
	if _, err := b.Users.Update(t.Context(), access.System("test"), disabled.ID, "", users.Change{Disabled: &off}); err != nil {
		t.Fatal(err)
	}
	type seen struct {
		status      int
		body        string
		comparisons int64
		entries     int
	}
	try := func(email, password string) seen {
		before, entries := b.Comparisons.Load(), len(b.Actions())
		a := b.Do("POST", "/auth/login", map[string]any{"email": email, "password": password})
		return seen{a.Status, string(a.Body) + a.Header.Get("Retry-After"), b.Comparisons.Load() - before, len(b.Actions()) - entries}
	}
	for n := range 7 {
		want := try("known@example.ng", "wrong wrong wrong")
		if status := map[bool]int{true: 401, false: 423}[n < 5]; want.status != status {
			t.Fatalf("try %d answered %d, want %d", n+1, want.status, status)
		}
		if n < 5 && want.comparisons != 1 {
			t.Fatalf("try %d made %d comparisons, want 1", n+1, want.comparisons)
		}
		for name, got := range map[string]seen{
			"unknown":                try("nobody@example.ng", "wrong wrong wrong"),
			"disabled, right":        try("disabled@example.ng", logintest.Password),
			"no address":             try("nobody", "wrong wrong wrong"),
			"unknown, long password": try("other@example.ng", strings.Repeat("x", 100)),
		} {
			if got != want {
				t.Errorf("try %d, %s: %+v, want %+v as for a wrong password", n+1, name, got, want)
			}
		}
	}
	if got := try("known@example.ng", logintest.Password); got.status != 423 || got.comparisons != 0 {
		t.Errorf("the right password for a locked address: %+v, want 423 without a comparison", got)
	}
}

func TestANewPasswordEndsALock(t *testing.T) {
	b := logintest.Open(t)
	ada := b.Add("ada@example.ng", access.Auditor)
	wrong := map[string]any{"email": "Ada@example.ng", "password": "wrong wrong wrong"}
	for range 5 {
		b.Want(401, "POST", "/auth/login", wrong)
	}
	b.Want(423, "POST", "/auth/login", wrong)
	made, err := b.Users.Reset(t.Context(), access.System("test"), ada.ID)
	if err != nil {
		t.Fatal(err)
	}
	b.Want(200, "POST", "/auth/login", map[string]any{"email": "ada@example.ng", "password": made})
}

func TestSecurity11ALockEnds(t *testing.T) {
	b := logintest.Open(t)
	b.Add("ada@example.ng", access.Auditor)
	wrong := map[string]any{"email": "Ada@example.ng", "password": "wrong wrong wrong"}
	for range 5 {
		b.Want(401, "POST", "/auth/login", wrong)
	}
	locked := b.Want(423, "POST", "/auth/login", wrong)
	if locked.Text("code") != "LOCKED" || locked.Header.Get("Retry-After") != "900" {
		t.Errorf("locked answered %s, Retry-After %q", locked.Body, locked.Header.Get("Retry-After"))
	}
	b.Restart()
	b.Clock.Move(15*time.Minute - time.Second)
	b.Want(423, "POST", "/auth/login", wrong)
	b.Clock.Move(time.Second)
	b.SignIn("ada@example.ng")
	for range 4 {
		b.Want(401, "POST", "/auth/login", wrong)
	}
	b.SignIn("ada@example.ng") // a good one clears the count
	for range 4 {
		b.Want(401, "POST", "/auth/login", wrong)
	}
}

// Tries made at the same moment count too.
func TestSecurity11TriesAtOnceAreCounted(t *testing.T) {
	b := logintest.Open(t)
	b.Add("ada@example.ng", access.Auditor)
	before := b.Comparisons.Load()
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			b.Do("POST", "/auth/login", map[string]any{"email": "ada@example.ng", "password": fmt.Sprint("a guess, number ", i)})
		})
	}
	wg.Wait()
	if n := b.Comparisons.Load() - before; n != 5 {
		t.Errorf("%d passwords were compared, want 5", n)
	}
}

func TestSecurity12FirstRun(t *testing.T) {
	b := logintest.Open(t)
	if a := b.Want(200, "GET", "/auth/setup", nil); a.JSON()["needed"] != true {
		t.Fatalf("a fresh appliance says %s", a.Body)
	}
	me := func(token string) map[string]any {
		return map[string]any{"token": token, "email": "root@example.ng", "password": logintest.Password, "full_name": "Root"}
	}
	for _, r := range b.API.Routes() { // nothing else makes an administrator
		if r.Method == "GET" || strings.HasSuffix(r.Path, "/oauth2/token") {
			continue
		}
		path := strings.TrimPrefix(r.Path, rest.Base)
		a := b.Do(r.Method, strings.ReplaceAll(path, "{id}", "usr_1"), map[string]any{"email": "root@example.ng", "full_name": "Root", "role": "admin", "password": logintest.Password})
		if a.Status < 400 {
			t.Errorf("%s %s answered %d on a fresh appliance", r.Method, path, a.Status)
		}
	}
	b.Want(401, "POST", "/auth/setup", me(""))
	b.Want(401, "POST", "/auth/setup", me("rxs_guess"))

	token, err := b.Login.SetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.Want(401, "POST", "/auth/setup", me(token+"x"))
	if strings.Contains(b.Dump(), token) {
		t.Error("the set-up token is in the store")
	}
	b.Restart()
	b.Clock.Move(100 * 24 * time.Hour)
	link, err := b.Login.SetupLink(t.Context(), "http://127.0.0.1:8080")
	if err != nil || link != "http://127.0.0.1:8080/setup#"+token {
		t.Fatalf("issued again, the link is %s, %v; want the same token %s", link, err, token)
	}
	bad := me(token)
	bad["password"] = "short"
	b.Want(422, "POST", "/auth/setup", bad) // and the token is not used up

	answers := make([]logintest.Answer, 4)
	var wg sync.WaitGroup
	for i := range answers {
		body := me(token)
		body["email"] = fmt.Sprintf("root%d@example.ng", i)
		wg.Go(func() { answers[i] = b.Do("POST", "/auth/setup", body) })
	}
	wg.Wait()
	wins := 0
	for _, a := range answers {
		if a.Status == 200 {
			wins++
			if got := b.Want(200, "GET", "/auth/me", nil, bearer(a.Text("access_token"))); got.Text("role") != "admin" {
				t.Errorf("the winner is %s", got.Body)
			}
		} else if a.Status != 409 {
			t.Errorf("a loser was answered %d %s", a.Status, a.Body)
		}
	}
	if wins != 1 {
		t.Fatalf("%d administrators were made, want 1", wins)
	}
	b.Want(409, "POST", "/auth/setup", me(token))
	if a := b.Want(200, "GET", "/auth/setup", nil); a.JSON()["needed"] != false {
		t.Errorf("after the set-up it says %s", a.Body)
	}
	if _, err := b.Login.SetupToken(t.Context()); err == nil {
		t.Error("a set-up token was issued although there is an administrator")
	}
}

func TestSecurity14TheAuditHasTheAddressItWasGiven(t *testing.T) {
	b := logintest.Open(t)
	b.Add("ada@example.ng", access.Auditor)
	b.Want(200, "POST", "/auth/login", map[string]any{"email": "ada@example.ng", "password": logintest.Password},
		header("X-Forwarded-For", "203.0.113.7"), header("Forwarded", "for=203.0.113.7"))
	if dump := b.Dump(); strings.Contains(dump, "203.0.113.7") || !strings.Contains(dump, "192.0.2.1") {
		t.Error("the store believes the client's word for its address")
	}
}

func TestSecurity25SecretsAreNotKept(t *testing.T) {
	b := logintest.Open(t)
	_, root := b.Admin()
	made := b.Want(201, "POST", "/api-keys", map[string]any{"name": "k", "scopes": []string{"sim:read"}}, bearer(root))
	access, refresh := b.SignIn("root@example.ng")
	next := b.Want(200, "POST", "/auth/refresh", map[string]any{"refresh_token": refresh})
	wrong := "canary of a wrong password"
	answers := []logintest.Answer{
		b.Want(401, "POST", "/auth/login", map[string]any{"email": "root@example.ng", "password": wrong}),
		b.Want(401, "POST", "/auth/login", map[string]any{"email": wrong, "password": wrong}),
		b.Want(422, "POST", "/auth/login", map[string]any{"email": "root@example.ng", "password": []string{wrong}}),
		b.Want(422, "POST", "/users", map[string]any{"email": wrong, "full_name": "x", "role": "auditor", "password": "canary1"}, bearer(root)),
		b.Want(200, "GET", "/users", nil, bearer(root)),
		b.Want(200, "GET", "/api-keys", nil, bearer(root)),
		b.Want(200, "GET", "/auth/sessions", nil, bearer(root)),
		b.Want(200, "GET", "/auth/me", nil, bearer(root)),
	}
	everything := b.Dump() + b.Log.String()
	for _, a := range answers {
		everything += string(a.Body)
	}
	for name, secret := range map[string]string{
		"password": logintest.Password, "wrong password": wrong, "short password": "canary1", "access token": access, "refresh token": refresh,
		"next refresh token": next.Text("refresh_token"), "API key": made.Text("key"), "signature": root[strings.LastIndex(root, "."):],
	} {
		if secret == "" || strings.Contains(everything, secret) {
			t.Errorf("the %s is in an answer, a log line or the store", name)
		}
	}
}
