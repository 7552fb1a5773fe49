package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// canary is a secret that must never be seen.
const canary = "canary-9f3b7c"

func load(t *testing.T, o Options) *Config {
	t.Helper()
	c, err := Load(t.Context(), o)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return c
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDefaults(t *testing.T) {
	c := load(t, Options{})
	if c.HTTP.Addr != "127.0.0.1:8080" || c.Limits != (Limits{5, 100}) || c.Log.Format != "json" || c.Log.Level != slog.LevelInfo {
		t.Errorf("defaults are %+v", c)
	}
	if filepath.Base(c.Data) != "data" || !filepath.IsAbs(c.Data) {
		t.Errorf("data is %q, want ./data made absolute", c.Data)
	}
	if got := load(t, Options{Terminal: true}).Log.Format; got != "text" {
		t.Errorf("on a terminal log.format is %q", got)
	}
	if got := load(t, Options{Environ: []string{"STATE_DIRECTORY=/var/lib/reconexus"}}).Data; got != "/var/lib/reconexus" {
		t.Errorf("under systemd data is %q", got)
	}
}

func TestLaterSourcesOverride(t *testing.T) {
	file := write(t, "reconexus.toml", `
data = "/srv/file"
[http]
addr = "127.0.0.1:1001"
trusted_proxies = ["10.0.0.0/8", "192.168.1.7"]
[limits]
auth_per_minute = 7
general_per_minute = 70
[cors]
origins = ["https://desk.example.ng"]
`)
	c := load(t, Options{
		File: file, Required: true,
		Environ: []string{"RECONEXUS_LIMITS_AUTH_PER_MINUTE=8", "RECONEXUS_HTTP_ADDR=127.0.0.1:1002", "RECONEXUS_OUTBOUND_ALLOW=127.0.0.0/8,::1"},
		Flags:   map[string]string{"http.addr": "127.0.0.1:0"},
	})
	if c.Data != "/srv/file" || c.Limits != (Limits{8, 70}) || c.HTTP.Addr != "127.0.0.1:0" {
		t.Errorf("got %+v", c)
	}
	if got := fmt.Sprint(c.HTTP.TrustedProxies, c.Outbound.Allow, c.CORS.Origins); got != "[10.0.0.0/8 192.168.1.7/32] [127.0.0.0/8 ::1/128] [https://desk.example.ng]" {
		t.Errorf("lists are %s", got)
	}
	var out bytes.Buffer
	if err := c.Print(&out); err != nil {
		t.Fatal(err)
	}
	for key, source := range map[string]string{"data": file, "http.addr": "--http-addr", "limits.auth_per_minute": "RECONEXUS_LIMITS_AUTH_PER_MINUTE", "log.level": "default"} {
		if line := lineOf(out.String(), key); !strings.Contains(line, source) {
			t.Errorf("print says %q of %s, want the source %s", line, key, source)
		}
	}
}

func lineOf(text, key string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, key+" ") {
			return line
		}
	}
	return ""
}

func TestWrongSettingsAreRefusedWithASentence(t *testing.T) {
	for _, tc := range []struct {
		name, file string
		env        []string
		want       string
	}{
		{"unknown key", "[http]\nadress = 'x'", nil, `"http.adress" is no setting; did you mean "http.addr"?`},
		{"unknown section", "[limit]\nauth_per_minute = 3", nil, `did you mean "limits.auth_per_minute"?`},
		{"no TOML", "http.addr 1", nil, "it should be TOML"},
		{"address", "", []string{"RECONEXUS_HTTP_ADDR=8080"}, "http.addr (from RECONEXUS_HTTP_ADDR) should be host:port"},
		{"port", "", []string{"RECONEXUS_HTTP_ADDR=127.0.0.1:99999"}, "port between 0 and 65535"},
		{"limit", "limits.auth_per_minute = -1", nil, "should be a whole number between 0"},
		{"network", "", []string{"RECONEXUS_OUTBOUND_ALLOW=everything"}, "should be networks or addresses"},
		{"origin", "", []string{"RECONEXUS_CORS_ORIGINS=http://desk.example.ng"}, "plain http:// is for loopback only"},
		{"origin with a path", "", []string{"RECONEXUS_CORS_ORIGINS=https://desk.example.ng/x"}, "origins without a path"},
		{"level", "", []string{"RECONEXUS_LOG_LEVEL=loud"}, "debug, info, warn or error"},
		{"format", "", []string{"RECONEXUS_LOG_FORMAT=xml"}, "text or json"},
		{"link", "public_url = 'desk.example.ng'", nil, "begins with https://"},
		{"password in a link", "public_url = 'https://a:b@desk.example.ng'", nil, "without a password"},
		{"certificate", "", []string{"RECONEXUS_HTTPS_ADDR=:8443"}, "https.cert and https.key"},
		{"no listener", "", []string{"RECONEXUS_HTTP_ADDR=off"}, "give one of them an address"},
		{"missing secret file", "", []string{"RECONEXUS_SENTRY_DSN_FILE=/nonexistent/dsn"}, "the file for sentry.dsn cannot be read"},
		{"both ways", "", []string{"RECONEXUS_VAULT_TOKEN=a", "RECONEXUS_VAULT_TOKEN_FILE=/b"}, "keep one of them"},
		{"vault without address", "", []string{"RECONEXUS_SENTRY_DSN=vault:secret/reconexus#dsn"}, "set vault.addr and vault.token too"},
		{"vault reference", "", []string{"RECONEXUS_SENTRY_DSN=vault:secret"}, "should be vault:MOUNT/PATH#KEY"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Load(t.Context(), Options{File: write(t, "reconexus.toml", tc.file), Environ: tc.env})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error is %v\nwant a sentence with %q", err, tc.want)
			}
		})
	}
}

func TestMissingSettingsFile(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.toml")
	load(t, Options{File: missing})
	if _, err := Load(t.Context(), Options{File: missing, Required: true}); err == nil {
		t.Error("a missing file that was asked for is taken")
	}
}

func TestUnknownVariableIsWarnedOf(t *testing.T) {
	c := load(t, Options{Environ: []string{"RECONEXUS_HTTP_ADR=127.0.0.1:9", "PATH=/bin"}})
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "did you mean RECONEXUS_HTTP_ADDR") {
		t.Errorf("warnings are %q", c.Warnings)
	}
}

// Class 25: a secret is in no print, log line or message, wherever it came from.
func TestClass25SecretsAreNeverShown(t *testing.T) {
	dsn := "https://" + canary + "@errors.example.ng/1"
	credentials := t.TempDir()
	if err := os.WriteFile(filepath.Join(credentials, "vault.token"), []byte(canary+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := load(t, Options{Environ: []string{
		"RECONEXUS_SENTRY_DSN_FILE=" + write(t, "dsn", dsn+"\n"),
		"CREDENTIALS_DIRECTORY=" + credentials,
	}})
	if c.Sentry.DSN.Reveal() != dsn || c.Vault.Token.Reveal() != canary {
		t.Fatal("the secrets were not read")
	}
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, nil))
	log.Info("settings", "config", c, "dsn", c.Sentry.DSN, "token", c.Vault)
	fmt.Fprintf(&out, "%v %+v %#v %s %q %x\n", c, *c, c.Sentry, c.Vault.Token, c.Vault.Token, c.Vault.Token)
	for _, v := range []any{c, c.Entries(), c.Vault} {
		if err := json.NewEncoder(&out).Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Print(&out); err != nil {
		t.Fatal(err)
	}
	_, err := Load(t.Context(), Options{Environ: []string{"RECONEXUS_SENTRY_DSN=" + canary}})
	if err == nil {
		t.Error("a DSN without a host is taken")
	}
	fmt.Fprintln(&out, err)
	if strings.Contains(out.String(), canary) || strings.Contains(out.String(), fmt.Sprintf("%x", canary)) {
		t.Errorf("a secret is shown:\n%s", out.String())
	}
	if !strings.Contains(lineOf(out.String(), "vault.token"), mask) {
		t.Error("print does not tell that a secret is set")
	}
}

func FuzzFile(f *testing.F) {
	f.Add("[http]\naddr = '127.0.0.1:0'\n")
	f.Add("limits.auth_per_minute = 1e400")
	f.Add("[[cors]]\norigins = 3")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Load(t.Context(), Options{File: write(t, "f.toml", text)})
		if err == nil && c.HTTP.Addr == "" && c.HTTPS.Addr == "" {
			t.Error("settings without a listener are taken")
		}
	})
}

func TestHeadingWithNothingUnderItIsTaken(t *testing.T) {
	file := write(t, "reconexus.toml", "[http]\n# addr = \"127.0.0.1:9999\"\n\n[log]\nlevel = \"warn\"\n")
	if c := load(t, Options{File: file}); c.HTTP.Addr != "127.0.0.1:8080" || c.Log.Level != slog.LevelWarn {
		t.Errorf("%+v", c)
	}
	if _, err := Load(t.Context(), Options{File: write(t, "reconexus.toml", "[flying]\nhigh = 1\n")}); err == nil {
		t.Error("a setting under an unknown heading was taken")
	}
}
