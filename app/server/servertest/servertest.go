// Package servertest holds what is tested of every route that is served: who may use
// it, and that nobody may without credentials. The whole house and each test's small
// one go through the same checks.
package servertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"reconexus/app/access"
	"reconexus/app/rest"
)

// Golden compares got with the file and fails when they differ. With UPDATE_GOLDEN=1
// in the environment it writes the file instead; the difference is then for review.
func Golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with UPDATE_GOLDEN=1", err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s is not what is served now; if that is meant, run the test with UPDATE_GOLDEN=1 and review the change\n%s", path, firstDifference(string(want), string(got)))
	}
}

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		x, y := lineAt(a, i), lineAt(b, i)
		if x != y {
			return fmt.Sprintf("line %d\n- %s\n+ %s", i+1, x, y)
		}
	}
	return ""
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(end)"
}

// Indent writes JSON for people, keys sorted, so that a golden file shows changes by
// the line.
func Indent(t *testing.T, raw []byte) []byte {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

// Matrix is the table of role × operation over the routes, sorted by path. A cell says
// whether the role may knock; the first column is a caller without credentials.
func Matrix(routes []rest.Route) []byte {
	sorted := slices.Clone(routes)
	slices.SortFunc(sorted, func(a, b rest.Route) int {
		return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method)
	})
	var out bytes.Buffer
	fmt.Fprintf(&out, "%-6s %-52s %-18s %-9s", "", "", "needs", "nobody")
	for _, role := range access.Roles() {
		fmt.Fprintf(&out, " %-10s", role)
	}
	for _, r := range sorted {
		fmt.Fprintf(&out, "\n%-6s %-52s %-18s %-9s", r.Method, r.Path, r.Need, mark(access.Principal{}.Can(r.Need)))
		for _, role := range access.Roles() {
			fmt.Fprintf(&out, " %-10s", mark(principal(role).Can(r.Need)))
		}
	}
	lines := strings.Split(out.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

func mark(may bool) string {
	if may {
		return "yes"
	}
	return "-"
}

func principal(role access.Role) access.Principal {
	return access.Principal{ID: "usr_" + string(role), Role: role, May: role.Permissions()}
}

// Knock tries every route as nobody, with a wrong token and as each role, and fails
// where the answer is not what the matrix says. Bearer gives a role's access token.
// Rights are all that is tried: bodies are empty and ids are of nothing.
func Knock(t *testing.T, h http.Handler, routes []rest.Route, bearer func(access.Role) string) {
	t.Helper()
	for _, r := range routes {
		path := regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(r.Path, "0")
		if r.Need != access.Public {
			if got := try(h, r.Method, path, ""); got != http.StatusUnauthorized {
				t.Errorf("%s %s without credentials answers %d, want 401", r.Method, r.Path, got)
			}
			if got := try(h, r.Method, path, "not-a-token"); got != http.StatusUnauthorized {
				t.Errorf("%s %s with a wrong token answers %d, want 401", r.Method, r.Path, got)
			}
		}
		if strings.Contains(r.Path, "/auth/") {
			continue // would end or change the sessions that knock
		}
		for _, role := range access.Roles() {
			got := try(h, r.Method, path, bearer(role))
			switch may := principal(role).Can(r.Need); {
			case !may && got != http.StatusForbidden:
				t.Errorf("%s %s as %s answers %d, want 403", r.Method, r.Path, role, got)
			case may && (got == http.StatusUnauthorized || got == http.StatusForbidden) && r.Need != access.Public:
				t.Errorf("%s %s as %s answers %d, although it has %s", r.Method, r.Path, role, got, r.Need)
			}
		}
	}
}

func try(h http.Handler, method, path, token string) int {
	r := httptest.NewRequest(method, path, nil)
	r.RemoteAddr = "192.0.2.9:5000" // from afar
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}
