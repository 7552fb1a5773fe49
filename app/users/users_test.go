package users_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/login/logintest"
	"reconexus/app/users"
)

func TestAccountsAreMadeReadChangedAndDeleted(t *testing.T) {
	b := logintest.Open(t)
	_, root := b.Admin()
	as := logintest.Bearer(root)
	made := b.Want(201, "POST", "/users", map[string]any{
		"email": " Ada@Example.NG ", "full_name": "Ada  Obi", "role": "operator", "operator_code": "mtn",
		"grants": []string{"sim:bulk_upload"}, "password": logintest.Password,
	}, as)
	id := made.Text("id")
	if made.Header.Get("Location") != "/api/v1/users/"+id || made.Header.Get("ETag") != `"1"` {
		t.Errorf("Location %q, ETag %q", made.Header.Get("Location"), made.Header.Get("ETag"))
	}
	if made.Text("email") != "ada@example.ng" || made.Text("full_name") != "Ada Obi" || made.Text("operator_code") != "MTN" {
		t.Errorf("not tidied: %s", made.Body)
	}
	if strings.Contains(string(made.Body), logintest.Password) || strings.Contains(string(made.Body), "$2a$") {
		t.Errorf("the answer holds the password or its hash: %s", made.Body)
	}
	if may := fmt.Sprint(made.JSON()["permissions"]); !strings.Contains(may, "sim:bulk_upload") || strings.Contains(may, "sim:delete") {
		t.Errorf("permissions are %s", may)
	}
	b.Want(409, "POST", "/users", map[string]any{"email": "ADA@example.ng", "full_name": "B", "role": "auditor", "password": logintest.Password}, as)

	b.Want(412, "PATCH", "/users/"+id, map[string]any{"full_name": "X"}, as, logintest.Header("If-Match", `"7"`))
	changed := b.Want(200, "PATCH", "/users/"+id, map[string]any{"full_name": "Ada Eze"}, as, logintest.Header("If-Match", `"1"`))
	if changed.Text("full_name") != "Ada Eze" || changed.Header.Get("ETag") != `"2"` {
		t.Errorf("after the change: %s, ETag %s", changed.Body, changed.Header.Get("ETag"))
	}
	b.Want(412, "DELETE", "/users/"+id, nil, as, logintest.Header("If-Match", `"1"`))
	b.SignIn("ada@example.ng")
	b.Want(204, "DELETE", "/users/"+id, nil, as, logintest.Header("If-Match", `"2"`))
	b.Want(404, "GET", "/users/"+id, nil, as)
	b.Want(404, "PATCH", "/users/"+id, map[string]any{"full_name": "X"}, as)
	if got := b.Actions(); !slices.Contains(got, "user.update done") || !slices.Contains(got, "user.delete done") {
		t.Errorf("the audit log says %v", got)
	}
}

func TestAPasswordIsMadeUpWhenNoneIsSent(t *testing.T) {
	b := logintest.Open(t)
	_, root := b.Admin()
	as := logintest.Bearer(root)
	made := b.Want(201, "POST", "/users", map[string]any{"email": "a@example.ng", "full_name": "A", "role": "auditor"}, as)
	first := made.Text("password")
	in := b.Want(200, "POST", "/auth/login", map[string]any{"email": "a@example.ng", "password": first})
	for _, body := range []any{nil, map[string]any{}} {
		next := b.Want(200, "POST", "/users/"+made.Text("id")+"/reset", body, as).Text("password")
		if len(next) < 20 || next == first {
			t.Fatalf("the new password is %q", next)
		}
		b.Want(401, "GET", "/auth/me", nil, logintest.Bearer(in.Text("access_token")))
		b.Want(401, "POST", "/auth/login", map[string]any{"email": "a@example.ng", "password": first})
		in = b.Want(200, "POST", "/auth/login", map[string]any{"email": "a@example.ng", "password": next})
		first = next
	}
	b.Want(404, "POST", "/users/usr_nobody/reset", nil, as)
	if strings.Contains(b.Dump(), first) {
		t.Error("the password is in the store")
	}
}

func TestAccountRules(t *testing.T) {
	b := logintest.Open(t)
	_, root := b.Admin()
	good := map[string]any{"email": "a@example.ng", "full_name": "A", "role": "auditor", "password": logintest.Password}
	for name, c := range map[string]struct {
		field string
		edit  map[string]any
	}{
		"no address":                      {"email", map[string]any{"email": "nobody"}},
		"an address with a name":          {"email", map[string]any{"email": "A <a@example.ng>"}},
		"an unknown role":                 {"role", map[string]any{"role": "root"}},
		"an operator without a code":      {"operator_code", map[string]any{"role": "operator"}},
		"a bank without a code":           {"bank_code", map[string]any{"role": "bank"}},
		"an admin of an operator":         {"operator_code", map[string]any{"role": "admin", "operator_code": "MTN"}},
		"an operator with a bank":         {"bank_code", map[string]any{"role": "operator", "operator_code": "MTN", "bank_code": "058"}},
		"an unknown grant":                {"grants", map[string]any{"grants": []string{"sim:everything"}}},
		"public as a grant":               {"grants", map[string]any{"grants": []string{"public"}}},
		"a grant beyond the tenancy":      {"grants", map[string]any{"role": "bank", "bank_code": "058", "grants": []string{"user:manage"}}},
		"a short password":                {"password", map[string]any{"password": "eleven char"}},
		"a password longer than bcrypt's": {"password", map[string]any{"password": strings.Repeat("x", 73)}},
		"an unknown property":             {"epoch", map[string]any{"epoch": 1}},
		"a blank name":                    {"full_name", map[string]any{"full_name": "  "}},
	} {
		t.Run(name, func(t *testing.T) {
			body := map[string]any{}
			for _, m := range []map[string]any{good, c.edit} {
				for k, v := range m {
					body[k] = v
				}
			}
			a := b.Do("POST", "/users", body, logintest.Bearer(root))
			if a.Status != 422 || !strings.Contains(string(a.Body), `"field":"`+c.field) {
				t.Errorf("answered %d %s, want 422 about %s", a.Status, a.Body, c.field)
			}
			if strings.Contains(string(a.Body), "eleven char") {
				t.Error("the answer repeats the password")
			}
		})
	}
	b.Want(201, "POST", "/users", good, logintest.Bearer(root))
	b.Want(422, "GET", "/users?role=root", nil, logintest.Bearer(root))
	b.Want(422, "GET", "/users?limit=101", nil, logintest.Bearer(root))
	b.Want(422, "GET", "/users?colour=red", nil, logintest.Bearer(root))
}

func TestListsAreBoundedAndPaged(t *testing.T) {
	b := logintest.Open(t)
	_, root := b.Admin()
	for i := range 5 {
		b.Clock.Move(time.Millisecond)
		b.Add(fmt.Sprintf("u%d@example.ng", i), access.Auditor)
	}
	p := b.Want(200, "GET", "/users?role=auditor&limit=2", nil, logintest.Bearer(root)).JSON()
	if p["total"] != 5.0 || len(p["items"].([]any)) != 2 {
		t.Fatalf("the first page is %v", p)
	}
	seen := 2
	for next := p["next"]; next != nil; next = p["next"] {
		p = b.Want(200, "GET", "/users?role=auditor&limit=2&after="+next.(string), nil, logintest.Bearer(root)).JSON()
		seen += len(p["items"].([]any))
	}
	if seen != 5 {
		t.Errorf("the pages hold %d accounts, want 5", seen)
	}
}

func TestAccountsAreSearchedFilteredAndSorted(t *testing.T) {
	b := logintest.Open(t)
	_, root := b.Admin()
	as := logintest.Bearer(root)
	for _, u := range []struct{ email, name, role string }{
		{"zainab@desk.example.ng", "Amina Zubairu", "auditor"},
		{"bola_x@desk.example.ng", "Bola Ade", "auditor"},
		{"bolatx@desk.example.ng", "chidi eze", "auditor"},
	} {
		b.Clock.Move(time.Millisecond)
		b.Want(201, "POST", "/users", map[string]any{"email": u.email, "full_name": u.name, "role": u.role, "password": logintest.Password}, as)
	}
	emails := func(query string) string {
		out := []string{}
		for _, item := range b.Want(200, "GET", "/users?"+query, nil, as).JSON()["items"].([]any) {
			name, _, _ := strings.Cut(item.(map[string]any)["email"].(string), "@")
			out = append(out, name)
		}
		return strings.Join(out, " ")
	}
	first := b.Want(200, "GET", "/users?q=chidi", nil, as).JSON()["items"].([]any)[0].(map[string]any)["id"].(string)
	b.Want(200, "PATCH", "/users/"+first, map[string]any{"disabled": true}, as)
	for query, want := range map[string]string{
		"role=auditor":                      "zainab bola_x bolatx",
		"role=auditor&sort=email":           "bola_x bolatx zainab",
		"role=auditor&sort=-full_name":      "bolatx bola_x zainab",
		"role=auditor&sort=-created_at":     "bolatx bola_x zainab",
		"q=AMINA":                           "zainab",
		"q=a_x":                             "bola_x",
		"q=%25":                             "",
		"state=disabled":                    "bolatx",
		"state=active&role=auditor":         "zainab bola_x",
		"q=desk&sort=email&skip=1&limit=1":  "bolatx",
		"q=desk&role=auditor&state=active&": "zainab bola_x",
	} {
		if got := emails(query); got != want {
			t.Errorf("%s finds %q, want %q", query, got, want)
		}
	}
	b.Want(422, "GET", "/users?sort=password_hash", nil, as)
	b.Want(422, "GET", "/users?state=asleep", nil, as)
	b.Want(422, "GET", "/users?sort=email&after="+first, nil, as)
}

func TestRolesAreToldToWhoeverIsSignedIn(t *testing.T) {
	b := logintest.Open(t)
	b.Add("aud@example.ng", access.Auditor)
	auditor, _ := b.SignIn("aud@example.ng")
	got := b.Want(200, "GET", "/roles", nil, logintest.Bearer(auditor)).JSON()
	b.Want(401, "GET", "/roles", nil)
	roles, permissions := got["items"].([]any), got["permissions"].([]any)
	if len(roles) != len(access.Roles()) || len(permissions) != len(access.All()) {
		t.Fatalf("%d roles and %d permissions", len(roles), len(permissions))
	}
	for i, r := range access.Roles() {
		told := roles[i].(map[string]any)
		if told["role"] != string(r) || told["what"] == "" || fmt.Sprint(told["permissions"]) != fmt.Sprint(r.Permissions()) {
			t.Errorf("%s is told as %v", r, told)
		}
	}
	for _, list := range []string{"permissions", "scopes"} {
		for _, p := range got[list].([]any) {
			if what, _ := p.(map[string]any)["what"].(string); !strings.HasSuffix(what, ".") {
				t.Errorf("%v has no sentence", p)
			}
		}
	}
}

func TestAChangeIsWrittenDownWithWhatWasBefore(t *testing.T) {
	b := logintest.Open(t)
	_, root := b.Admin()
	as := logintest.Bearer(root)
	u := b.Want(201, "POST", "/users", map[string]any{"email": "o@example.ng", "full_name": "O", "role": "operator", "operator_code": "MTN", "password": logintest.Password}, as).Text("id")
	b.Want(200, "PATCH", "/users/"+u, map[string]any{"operator_code": "GLO", "grants": []string{"sim:bulk_upload"}, "disabled": true}, as)
	k := b.Want(201, "POST", "/api-keys", map[string]any{"name": "k", "scopes": []string{"sim:read"}}, as).Text("id")
	b.Want(200, "PATCH", "/api-keys/"+k, map[string]any{"scopes": []string{"sim:read", "linkage:read"}, "per_minute": 7}, as)
	told := b.Dump()
	for _, want := range []string{
		`"operator":"GLO","operator_before":"MTN"`, `"grants":["sim:bulk_upload"],"grants_before":[]`, `"disabled":true,"disabled_before":false`,
		`"scopes":["linkage:read","sim:read"],"scopes_before":["sim:read"]`, `"per_minute":7,"per_minute_before":0`,
	} {
		if !strings.Contains(told, want) {
			t.Errorf("the audit log does not say %s", want)
		}
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	b := logintest.Open(t)
	u, root := b.Admin()
	as := logintest.Bearer(root)
	for name, body := range map[string]map[string]any{
		"disable": {"disabled": true},
		"demote":  {"role": "auditor"},
	} {
		if a := b.Do("PATCH", "/users/"+u.ID, body, as); a.Status != 409 {
			t.Errorf("%s answered %d %s, want 409", name, a.Status, a.Body)
		}
	}
	b.Want(409, "DELETE", "/users/"+u.ID, nil, as)
	other := b.Add("other@example.ng", access.Admin)
	b.Want(200, "PATCH", "/users/"+other.ID, map[string]any{"disabled": true}, as)
	b.Want(409, "DELETE", "/users/"+u.ID, nil, as) // a disabled one does not count
	b.Want(200, "PATCH", "/users/"+other.ID, map[string]any{"disabled": false}, as)
	b.Want(204, "DELETE", "/users/"+u.ID, nil, as)
}

// Two administrators who take each other's right at the same moment: one stays.
func TestTheLastAdministratorStaysInARace(t *testing.T) {
	b := logintest.Open(t)
	one, two := b.Add("one@example.ng", access.Admin), b.Add("two@example.ng", access.Admin)
	off := true
	var wg sync.WaitGroup
	var lost [2]error
	for i, u := range []users.User{one, two} {
		wg.Go(func() {
			_, lost[i] = b.Users.Update(t.Context(), access.System("test"), u.ID, "", users.Change{Disabled: &off})
		})
	}
	wg.Wait()
	if (lost[0] == nil) == (lost[1] == nil) {
		t.Errorf("want exactly one refusal, got %v and %v", lost[0], lost[1])
	}
}

func TestSecurity02NobodyGivesMoreThanTheyHave(t *testing.T) {
	b := logintest.Open(t)
	root, _ := b.Admin()
	b.Add("clerk@example.ng", access.Auditor, func(d *users.Draft) { d.Grants = []access.Permission{access.UserManage} })
	clerk, _ := b.SignIn("clerk@example.ng")
	as := logintest.Bearer(clerk)
	refused := func(method, path string, body any) {
		t.Helper()
		b.Want(403, method, path, body, as)
	}
	refused("POST", "/users", map[string]any{"email": "x@example.ng", "full_name": "X", "role": "admin", "password": logintest.Password})
	refused("POST", "/users", map[string]any{"email": "x@example.ng", "full_name": "X", "role": "auditor", "grants": []string{"sim:delete"}, "password": logintest.Password})
	refused("PATCH", "/users/"+root.ID, map[string]any{"password": "a password of mine"})
	refused("PATCH", "/users/"+root.ID, map[string]any{"email": "mine@example.ng"})
	refused("POST", "/users/"+root.ID+"/reset", nil)
	refused("DELETE", "/users/"+root.ID, nil)
	refused("POST", "/api-keys", map[string]any{"name": "k", "scopes": []string{"sim:delete"}})
	made := b.Want(201, "POST", "/users", map[string]any{"email": "x@example.ng", "full_name": "X", "role": "auditor", "password": logintest.Password}, as)
	refused("PATCH", "/users/"+made.Text("id"), map[string]any{"grants": []string{"pii:reveal"}})
	refused("PATCH", "/users/"+made.Text("id"), map[string]any{"role": "admin"})
	key := b.Want(201, "POST", "/api-keys", map[string]any{"name": "k", "scopes": []string{"sim:read"}}, as)
	refused("PATCH", "/api-keys/"+key.Text("id"), map[string]any{"scopes": []string{"sim:read", "sim:write"}})
}

func TestSecurity03AccountsNeedSignInAndTheRight(t *testing.T) {
	b := logintest.Open(t)
	u := b.Add("op@example.ng", access.Operator)
	token, _ := b.SignIn(u.Email)
	before := len(b.Actions())
	for _, r := range b.API.Routes() {
		if r.Need != access.UserManage {
			continue
		}
		path := strings.ReplaceAll(strings.TrimPrefix(r.Path, "/api/v1"), "{id}", u.ID)
		if a := b.Do(r.Method, path, "not even JSON"); a.Status != 401 {
			t.Errorf("%s %s without credentials answered %d, want 401", r.Method, path, a.Status)
		}
		if a := b.Do(r.Method, path, "not even JSON", logintest.Bearer(token)); a.Status != 403 {
			t.Errorf("%s %s by an operator answered %d, want 403", r.Method, path, a.Status)
		}
	}
	if after := len(b.Actions()); after != before {
		t.Errorf("refused requests wrote %d audit entries of changes", after-before)
	}
}

func TestKeysAreShownOnceAndEnd(t *testing.T) {
	b := logintest.Open(t)
	_, root := b.Admin()
	as := logintest.Bearer(root)
	made := b.Want(201, "POST", "/api-keys", map[string]any{
		"name": "Bank of test", "scopes": []string{"sim:read", "number-recycling:check"}, "bank_code": "058", "msisdn": "+2348031234567", "per_minute": 500,
	}, as)
	id, secret := made.Text("id"), made.Text("key")
	if !strings.HasPrefix(secret, "rxk_"+strings.TrimPrefix(id, "key_")+"_") {
		t.Fatalf("the key of %s is shaped %q", id, secret)
	}
	read := b.Want(200, "GET", "/api-keys/"+id, nil, as)
	if strings.Contains(string(read.Body), secret[len("rxk_")+26:]) || read.Text("msisdn") != "+2348031234567" {
		t.Errorf("the key reads as %s", read.Body)
	}
	if strings.Contains(b.Dump(), secret) {
		t.Error("the secret is in the store")
	}
	me := b.Want(200, "GET", "/auth/me", nil, logintest.Header("X-API-Key", secret))
	if me.Text("id") != id || me.Text("role") != "api_client" || me.Text("bank_code") != "058" || fmt.Sprint(me.JSON()["permissions"]) != "[sim:read]" {
		t.Errorf("the key is %s", me.Body)
	}
	b.Want(412, "PATCH", "/api-keys/"+id, map[string]any{"name": "x"}, as, logintest.Header("If-Match", `"9"`))
	b.Want(200, "PATCH", "/api-keys/"+id, map[string]any{"scopes": []string{"linkage:read"}}, as)
	me = b.Want(200, "GET", "/auth/me", nil, logintest.Header("X-API-Key", secret))
	if fmt.Sprint(me.JSON()["permissions"]) != "[linkage:read]" {
		t.Errorf("after the change the key may %v", me.JSON()["permissions"])
	}
	b.Want(204, "DELETE", "/api-keys/"+id, nil, as)
	b.Want(401, "GET", "/auth/me", nil, logintest.Header("X-API-Key", secret))
	b.Want(404, "GET", "/api-keys/"+id, nil, as)
	if n := b.Want(200, "GET", "/api-keys", nil, as).JSON()["total"]; n != 0.0 {
		t.Errorf("%v keys are listed, want 0", n)
	}
}

func TestKeyRules(t *testing.T) {
	b := logintest.Open(t)
	_, root := b.Admin()
	now := b.Clock.Now()
	for name, body := range map[string]map[string]any{
		"no scope":             {"name": "k", "scopes": []string{}},
		"an unknown scope":     {"name": "k", "scopes": []string{"sim:own"}},
		"a scope beyond":       {"name": "k", "scopes": []string{"audit:read"}, "operator_code": "MTN"},
		"both tenancies":       {"name": "k", "scopes": []string{"sim:read"}, "operator_code": "MTN", "bank_code": "058"},
		"a number of Ghana":    {"name": "k", "scopes": []string{"sim:read"}, "msisdn": "+233241234567"},
		"an end in the past":   {"name": "k", "scopes": []string{"sim:read"}, "expires_at": now.Add(-time.Hour)},
		"an end in ten years":  {"name": "k", "scopes": []string{"sim:read"}, "expires_at": now.AddDate(10, 0, 0)},
		"a negative limit":     {"name": "k", "scopes": []string{"sim:read"}, "per_minute": -1},
		"a name without words": {"name": " ", "scopes": []string{"sim:read"}},
	} {
		if a := b.Do("POST", "/api-keys", body, logintest.Bearer(root)); a.Status != 422 {
			t.Errorf("%s answered %d %s, want 422", name, a.Status, a.Body)
		}
	}
}

func TestAKeyExpires(t *testing.T) {
	b := logintest.Open(t)
	_, secret, err := b.Users.CreateKey(t.Context(), access.System("cli"), users.KeyDraft{Name: "k", Scopes: []string{"sim:read"}, ExpiresAt: b.Clock.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	b.Want(200, "GET", "/auth/me", nil, logintest.Header("X-API-Key", secret))
	b.Clock.Move(time.Hour)
	b.Want(401, "GET", "/auth/me", nil, logintest.Header("X-API-Key", secret))
}

// Every change of rights voids the tokens given before, beside ending the sessions.
func TestSecurity09RightsHaveAnEpoch(t *testing.T) {
	b := logintest.Open(t)
	u := b.Add("ada@example.ng", access.Operator)
	off, on, name, password := true, false, "Ada", "another password"
	for i, c := range []users.Change{{Disabled: &off}, {Disabled: &on}, {Password: &password}, {Grants: &[]access.Permission{access.SIMDelete}}} {
		next, err := b.Users.Update(t.Context(), access.System("test"), u.ID, "", c)
		if err != nil || next.Epoch != u.Epoch+1 {
			t.Fatalf("change %d: the epoch went from %d to %d, %v", i, u.Epoch, next.Epoch, err)
		}
		u = next
	}
	if next, err := b.Users.Update(t.Context(), access.System("test"), u.ID, "", users.Change{FullName: &name}); err != nil || next.Epoch != u.Epoch {
		t.Errorf("another name raised the epoch from %d to %d, %v", u.Epoch, next.Epoch, err)
	}
}

func TestCommandsWorkOnTheStore(t *testing.T) {
	b := logintest.Open(t)
	cli := access.System("cli")
	u, password, err := b.Users.Create(t.Context(), cli, users.Draft{Email: "ops@example.ng", FullName: "Ops", Role: access.Admin})
	if err != nil || len(password) < 12 {
		t.Fatalf("Create gave %q, %v", password, err)
	}
	b.Want(200, "POST", "/auth/login", map[string]any{"email": u.Email, "password": password})
	found, err := b.Users.FindByEmail(t.Context(), "OPS@example.ng")
	if err != nil || found.ID != u.ID {
		t.Fatalf("FindByEmail gave %v, %v", found, err)
	}
	next, err := b.Users.Reset(t.Context(), cli, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	b.Want(401, "POST", "/auth/login", map[string]any{"email": u.Email, "password": password})
	b.Want(200, "POST", "/auth/login", map[string]any{"email": u.Email, "password": next})
	if _, err := b.Users.Find(t.Context(), "usr_nobody"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown id gave %v", err)
	}
}

func TestASystemWriteIsAudited(t *testing.T) {
	b := logintest.Open(t)
	b.Add("a@example.ng", access.Auditor)
	if got := b.Actions(); fmt.Sprint(got) != "[user.create done]" {
		t.Errorf("the audit log says %v", got)
	}
}
