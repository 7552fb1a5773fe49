package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Each planted thing is put together here, so that this file itself is clean.
var planted = []struct{ name, file, line string }{
	{"private key", "a.txt", "-----BEGIN " + "PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n"},
	{"RSA key in a binary", "a.bin", "\x00\x01-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEvQ"},
	{"age key", "a.txt", "AGE-SECRET-" + "KEY-1QQPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"},
	{"AWS key", "a.go", `key := "AKIA` + `IOSFODNN7EXAMPLE"`},
	{"GitHub token", "a.md", "ghp_" + strings.Repeat("a1", 18)},
	{"Vault token", "a.sh", "hvs." + strings.Repeat("b2", 14)},
	{"JSON Web Token", "a.http", "eyJhbGciOiJFZERTQSJ9" + ".eyJzdWIiOiJ1c3JfMSJ9." + strings.Repeat("c3", 20)},
	{"password in a URL", "a.go", "postgres://app:" + "hunter2hunter2@db.example/app"},
	{"secret as a setting", "a.toml", `client_` + `secret = "q8Zk2LmP0sXw"`},
	{"secret in a dot file", ".env", "OIDC_CLIENT_" + "SECRET=q8Zk2LmP0sXw"},
	{"home path", "a.md", "see /home" + "/ada/src/reconexus"},
	{"home path in code", "a.go", `open("/ro` + `ot/notes")`},
	{"registry in a lock file", "ui/package-lock.json", `  "reso` + `lved": "somewhere/svelte.tgz",`},
	{"registry address", ".npmrc", "regi" + "stry=https://npm.example/"},
}

func TestAPlantedSecretIsFound(t *testing.T) {
	for _, p := range planted {
		t.Run(p.name, func(t *testing.T) {
			root := repository(t, map[string]string{p.file: p.line})
			found, err := scan(root)
			if err != nil {
				t.Fatal(err)
			}
			if len(found) != 1 || found[0].File != p.file {
				t.Fatalf("want one finding in %s, got %v", p.file, found)
			}
			if strings.Contains(found[0].String(), "hunter2") || strings.Contains(found[0].String(), "q8Zk2LmP0sXw") {
				t.Errorf("the report repeats the secret: %s", found[0])
			}
		})
	}
}

func TestOrdinaryTextPasses(t *testing.T) {
	root := repository(t, map[string]string{
		"README.md":                          "Put the password into `smtp.password_file`; see /var/lib/reconexus.\nhttps://user@example.org/work/in/progress\n",
		"ui/src/i18n/messages/admin/ig.json": "{\n  \"newPassword\": \"Okwuntughe ọhụrụ\"\n}\n",
		"settings.toml":                      "# client_secret = \"…\"\nclient_secret_file = \"/etc/reconexus/oidc\"\ntoken = \"vault:kv/data/x#token\"\n",
		"a.go":                               `u := "smtps://" + user + ":" + pass + "@" + host; key := "-----BEGIN PRIVATE KEY-----"`,
		"ui/package-lock.json":               `{"integrity": "sha512-AAAA", "version": "1.0.0"}`,
		".gitignore":                         "/data/\n",
		"data/key.pem":                       planted[0].line, // ignored, so never committed
	})
	found, err := scan(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 0 {
		t.Errorf("want nothing, got %v", found)
	}
}

func TestTheLineIsCounted(t *testing.T) {
	found := look("a.txt", []byte("one\ntwo\n"+planted[3].line))
	if len(found) != 1 || found[0].Line != 3 {
		t.Errorf("want line 3, got %v", found)
	}
}

// repository lays the files in a fresh git repository and stages them.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, body := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}} {
		if out, err := exec.Command("git", append([]string{"-C", root}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	return root
}
