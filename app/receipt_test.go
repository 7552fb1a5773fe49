package app

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/tenure"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
)

// key makes an API key and takes a token for it, as a machine does.
func (b *box) key(admin string, in map[string]any, scope string) string {
	b.t.Helper()
	var made struct {
		ID  string `json:"id"`
		Key string `json:"key"`
	}
	b.must(201, "POST", "/api-keys", admin, in, &made)
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {made.ID}, "client_secret": {made.Key}}
	if scope != "" {
		form.Set("scope", scope)
	}
	r := httptest.NewRequest("POST", rest.Base+"/oauth2/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	b.Server.ServeHTTP(w, r)
	var out struct {
		Access string `json:"access_token"`
		Scope  string `json:"scope"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 200 || scope != "" && out.Scope != scope {
		b.t.Fatalf("no token: %d %s", w.Code, w.Body)
	}
	return out.Access
}

// put asks one question of the industry's own interface.
func (b *box) put(place, token, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", rest.Base+place, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.Server.ServeHTTP(w, r)
	return w
}

// A bank asks in the industry's words, with keys of its own, keeps the receipts, and
// somebody who has nothing but the public key verifies them.
func TestABankAsksAndKeepsTheAnswer(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir)
	admin := b.setUp()
	number, today := int64(2348031234567), day.Of(time.Now())
	if err := sqlite.Do(t.Context(), b.DB, func(tx *sqlite.Tx) error {
		ada, bola := tenure.Holder{Kind: tenure.ID, Token: 1}, tenure.Holder{Kind: tenure.ID, Token: 2}
		return tenure.First(tx, []tenure.Statement{
			{MSISDN: number, Generation: 1, Learnt: time.Now(), From: today - 900, Activated: today - 900, To: today - 500, Last: day.None, EndedAs: "churned", Holder: ada, Operator: "MTN"},
			{MSISDN: number, Generation: 2, Learnt: time.Now(), From: today - 400, Activated: today - 400, To: day.None, Last: day.None, Holder: bola, Operator: "MTN"},
		})
	}); err != nil {
		t.Fatal(err)
	}
	asked := `{"phoneNumber":"+2348031234567","specifiedDate":"` + (today - 700).String() + `"}`
	two := b.key(admin, map[string]any{"name": "bank", "scopes": []string{"number-recycling:check", "sim-swap", "sim:read"}}, "")
	three := b.key(admin, map[string]any{"name": "bank's app", "scopes": []string{"number-recycling:check", "number-verification:verify"}, "msisdn": "+2348031234567"}, "")
	narrow := b.key(admin, map[string]any{"name": "bank's desk", "scopes": []string{"sim-swap"}}, "sim-swap:retrieve-date")
	for _, c := range []struct {
		place, token, body string
		status             int
		says               string
	}{
		{"/number-recycling/v0.2/check", two, asked, 200, `"phoneNumberRecycled":true`},
		{"/number-recycling/v0.2/check", three, asked, 422, "UNNECESSARY_IDENTIFIER"},
		{"/number-recycling/v0.2/check", three, strings.Replace(asked, `"phoneNumber":"+2348031234567",`, "", 1), 200, `"phoneNumberRecycled":true`},
		{"/number-recycling/v0.2/check", narrow, asked, 403, "PERMISSION_DENIED"},
		{"/number-recycling/v0.2/check", admin, asked, 403, "PERMISSION_DENIED"},
		{"/number-recycling/v0.2/check", "not-a-token", asked, 401, "UNAUTHENTICATED"},
		{"/number-verification/v2/verify", three, `{"phoneNumber":"+2348031234567"}`, 200, `"devicePhoneNumberVerified":true`},
		{"/number-verification/v2/verify", two, `{"phoneNumber":"+2348031234567"}`, 403, "PERMISSION_DENIED"},
		{"/sim-swap/v2/retrieve-date", narrow, `{"phoneNumber":"+2348031234567"}`, 200, `"latestSimChange":null`},
		{"/sim-swap/v2/check", narrow, `{"phoneNumber":"+2348031234567"}`, 403, "PERMISSION_DENIED"},
		{"/sim-swap/v2/check", two, `{"phoneNumber":"+2348031234567"}`, 400, "OUT_OF_RANGE"},
	} {
		w := b.put(c.place, c.token, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || w.Header().Get("x-correlator") == "" {
			t.Errorf("%s answers %d %s, want %d %s", c.place, w.Code, w.Body, c.status, c.says)
		}
	}
	b.verifies(admin, two, asked)
}

// verifies keeps receipts in files and verifies them in another place.
func (b *box) verifies(admin, token, asked string) {
	b.t.Helper()
	kept := b.t.TempDir()
	header := b.put("/number-recycling/v0.2/check", token, asked, "X-Receipt", "true").Header().Get("X-Receipt")
	var answer []byte
	b.must(200, "GET", "/recycling-checks/+2348031234567?since=2020-01-01&receipt=true", token, nil, &answer)
	var public struct {
		Key string `json:"key"`
	}
	b.must(200, "GET", "/receipts/key", "", nil, &public)
	for name, content := range map[string][]byte{"camara": []byte(header), "check.json": answer, "key": []byte(public.Key + "\n"),
		"forged.json": bytes.Replace(answer, []byte(`\nrecycled yes\n`), []byte(`\nrecycled no\n`), 1)} {
		if err := os.WriteFile(filepath.Join(kept, name), content, 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
	nowhere := filepath.Join(kept, "nowhere")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"camara", "--data", nowhere, "--key", public.Key}, 0, "answer       yes"},
		{[]string{"check.json", "--data", nowhere, "--key", filepath.Join(kept, "key")}, 0, "reassigned   yes"},
		{[]string{"check.json", "--data", b.Config.Data}, 0, "genuine"}, // the box's own
		{[]string{"check.json", "--data", b.Config.Data, "--json"}, 0, `"recycled": "yes"`},
		{[]string{"forged.json", "--data", b.Config.Data}, 1, "not genuine"},
		{[]string{"camara", "--data", nowhere}, 1, "--key"},
		{[]string{"camara", "--data", nowhere, "--key", "x"}, 1, "public key"},
		{[]string{"missing", "--data", b.Config.Data}, 1, "open the receipt"},
	} {
		var out lines
		args := append([]string{"receipt", "verify", filepath.Join(kept, c.args[0])}, c.args[1:]...)
		if code := Main(b.t.Context(), program(&out, args...)); code != c.code || !strings.Contains(out.String(), c.says) {
			b.t.Errorf("%v: %d\n%s\nwant %d and %q", c.args, code, out.String(), c.code, c.says)
		}
	}
	if _, err := os.Stat(nowhere); err == nil {
		b.t.Error("verifying made a data folder")
	}
}
