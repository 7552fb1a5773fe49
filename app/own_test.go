package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"reconexus/app/access"
	"reconexus/app/config"
)

// Class 25: the settings tell that a secret is set and where it came from, and nothing
// else of it.
func TestSecurity25SettingsTellNoSecret(t *testing.T) {
	const canary = "canary-4c1d77"
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(canary), 0o600); err != nil {
		t.Fatal(err)
	}
	b := startWith(t, t.TempDir(), "RECONEXUS_SENTRY_DSN=http://"+canary+"@127.0.0.1:9/1", "RECONEXUS_VAULT_TOKEN_FILE="+file,
		"RECONEXUS_HTTP_ADR=127.0.0.1:1")
	admin := b.setUp()
	var raw []byte
	b.must(200, "GET", "/settings", admin, nil, &raw)
	if strings.Contains(string(raw), canary) || strings.Contains(string(raw), "***") {
		t.Errorf("a secret is told: %s", raw)
	}
	var out settingsView
	b.must(200, "GET", "/settings", admin, nil, &out)
	want := map[string]config.Entry{
		"sentry.dsn":             {Source: "RECONEXUS_SENTRY_DSN", Kind: "environment", Env: "RECONEXUS_SENTRY_DSN", Secret: true, Set: true},
		"vault.token":            {Source: file, Kind: "file", Env: "RECONEXUS_VAULT_TOKEN", Secret: true, Set: true},
		"vault.addr":             {Source: "default", Kind: "default", Env: "RECONEXUS_VAULT_ADDR"},
		"limits.auth_per_minute": {Value: "0", Source: "--limits-auth_per_minute", Kind: "flag", Env: "RECONEXUS_LIMITS_AUTH_PER_MINUTE", Set: true},
	}
	for key, w := range want {
		i := slices.IndexFunc(out.Items, func(e config.Entry) bool { return e.Key == key })
		if i < 0 {
			t.Errorf("%s is not told", key)
			continue
		}
		got := out.Items[i]
		if w.Key, w.Help = key, got.Help; got != w || got.Help == "" {
			t.Errorf("%s is %+v, want %+v", key, got, w)
		}
	}
	if len(out.Warnings) != 1 || !strings.Contains(out.Warnings[0], "RECONEXUS_HTTP_ADR") {
		t.Errorf("the warnings are %q", out.Warnings)
	}
	if got := b.ask("GET", "/settings", b.as(admin, access.Auditor, nil), nil, nil); got != 403 {
		t.Errorf("an auditor's look at the settings answers %d", got)
	}
}

func TestAboutTellsPlacesToAdministratorsOnly(t *testing.T) {
	b := start(t, t.TempDir())
	admin := b.setUp()
	var out about
	b.must(200, "GET", "/about", admin, nil, &out)
	if out.Version != "test" || out.Schema < 2 || out.Uptime < 0 || out.Started.IsZero() {
		t.Errorf("about is %+v", out)
	}
	for _, p := range out.Parts {
		if !p.OK && p.Name != "disk" { // a small machine may well be short of it
			t.Errorf("%s is not well", p.Name)
		}
	}
	if out.Place == nil || out.Place.Folder != b.Config.Data || out.Place.Database == 0 || out.Place.Free == 0 || out.Place.Other == 0 {
		t.Errorf("the place is %+v", out.Place)
	}
	var raw []byte
	b.must(200, "GET", "/about", b.as(admin, access.Auditor, nil), nil, &raw)
	if strings.Contains(string(raw), b.Config.Data) || strings.Contains(string(raw), "bytes") {
		t.Errorf("an auditor is told where the data are: %s", raw)
	}
}
