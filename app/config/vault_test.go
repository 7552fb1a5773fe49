package config

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// kv2 answers as Vault's published HTTP API says of the KV engine, version 2: read
// with GET /v1/MOUNT/data/PATH, the token in X-Vault-Token, values under data.data,
// 404 for a path that is not there, 403 for a wrong token, errors in a list.
func kv2(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := func(status int, v any) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(v)
		}
		switch {
		case r.Header.Get("X-Vault-Token") != "t0ken":
			answer(http.StatusForbidden, map[string]any{"errors": []string{"permission denied"}})
		case r.Method == http.MethodGet && r.URL.Path == "/v1/secret/data/reconexus/sentry":
			answer(http.StatusOK, map[string]any{"request_id": "1", "lease_id": "", "renewable": false, "lease_duration": 0, "data": map[string]any{
				"data":     map[string]any{"dsn": "https://" + canary + "@errors.example.ng/1", "number": 3},
				"metadata": map[string]any{"created_time": "2026-11-01T10:00:00.000000000Z", "custom_metadata": nil, "deletion_time": "", "destroyed": false, "version": 2},
			}})
		default:
			answer(http.StatusNotFound, map[string]any{"errors": []string{}})
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// Contract test: a secret is read as the KV v2 API says.
func TestVaultContract(t *testing.T) {
	s := kv2(t)
	environ := func(token, ref string) []string {
		return []string{"RECONEXUS_VAULT_ADDR=" + s.URL, "RECONEXUS_VAULT_TOKEN=" + token, "RECONEXUS_SENTRY_DSN=" + ref}
	}
	for _, ref := range []string{"vault:secret/reconexus/sentry#dsn", "vault:secret/data/reconexus/sentry#dsn"} {
		c := load(t, Options{Environ: environ("t0ken", ref)})
		if got := c.Sentry.DSN.Reveal(); got != "https://"+canary+"@errors.example.ng/1" {
			t.Errorf("%s gives %q", ref, got)
		}
	}
	for _, tc := range []struct{ name, token, ref, want string }{
		{"wrong token", "other-" + canary, "vault:secret/reconexus/sentry#dsn", "permission denied"},
		{"no such path", "t0ken", "vault:secret/reconexus/none#dsn", "for sentry.dsn from Vault"},
		{"no such key", "t0ken", "vault:secret/reconexus/sentry#dns", `has no text under "dns"`},
		{"no text", "t0ken", "vault:secret/reconexus/sentry#number", `has no text under "number"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Load(t.Context(), Options{Environ: environ(tc.token, tc.ref)})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error is %v, want a sentence with %q", err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), canary) {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}
