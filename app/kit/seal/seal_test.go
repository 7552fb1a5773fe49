package seal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"reconexus/app/kit/seal"
)

func load(t *testing.T, path string) *seal.Ring {
	t.Helper()
	r, err := seal.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSealedFieldsOpenOnlyWhereTheyBelong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	ring := load(t, path)
	secret := []byte("12345678901")
	sealed := ring.Seal("linkage", secret)
	if bytes.Contains(sealed, secret) {
		t.Fatal("the secret is readable in its sealed form")
	}
	if got, err := load(t, path).Open("linkage", sealed); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("after a restart: %q, %v", got, err)
	}
	for name, try := range map[string]func() ([]byte, error){
		"another kind of field": func() ([]byte, error) { return ring.Open("sim", sealed) },
		"changed":               func() ([]byte, error) { b := bytes.Clone(sealed); b[len(b)-1] ^= 1; return ring.Open("linkage", b) },
		"cut off":               func() ([]byte, error) { return ring.Open("linkage", sealed[:1]) },
		"another ring": func() ([]byte, error) {
			return load(t, filepath.Join(t.TempDir(), "keys.json")).Open("linkage", sealed)
		},
	} {
		if got, err := try(); err == nil {
			t.Errorf("%s: opened as %q", name, got)
		}
	}
	if bytes.Equal(sealed, ring.Seal("linkage", secret)) {
		t.Error("the same value sealed twice looks the same")
	}
}

func TestIndexFindsAgainAndSaysNothingElsewhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	a, b := load(t, path).Index("nin"), load(t, path).Index("nin")
	if !bytes.Equal(a.Of("1"), b.Of("1")) || bytes.Equal(a.Of("1"), a.Of("2")) {
		t.Error("an index is not a function of its value")
	}
	if bytes.Equal(a.Of("1"), load(t, path).Index("bvn").Of("1")) {
		t.Error("two purposes share indexes")
	}
	if bytes.Equal(a.Of("1"), load(t, filepath.Join(t.TempDir(), "keys.json")).Index("nin").Of("1")) {
		t.Error("two installations share indexes")
	}
}

func TestRingIsTheOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	load(t, path)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Load(path); err == nil {
		t.Error("a damaged ring was taken; a fresh one in its place would lose every sealed field")
	}
}
