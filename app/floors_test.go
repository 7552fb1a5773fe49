package app_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"testing"
)

// floors is the house: a package stands on the floor of the longest path here
// that leads to it. Imports go down, or stay on their floor.
var floors = map[string]int{
	"reconexus": 6, "reconexus/scripts": 6, "reconexus/packaging": 6,
	"reconexus/app": 5, "reconexus/app/server": 5,
	"reconexus/app/reconix": 4, "reconexus/app/securenexus": 4,
	"reconexus/app/reconix/*": 3, "reconexus/app/securenexus/*": 3,
	"reconexus/app/access": 2, "reconexus/app/users": 2, "reconexus/app/login": 2,
	"reconexus/app/audit": 2, "reconexus/app/jobs": 2, "reconexus/app/live": 2,
	"reconexus/app/notify": 2, "reconexus/app/rest": 2, "reconexus/app/gql": 2,
	"reconexus/store": 1, "reconexus/app/config": 1,
	"reconexus/app/kit": 0, "reconexus/embed": 0,
}

// floor finds where a package stands, and whose it is: "reconix" and
// "securenexus" never import each other, on any floor.
func floor(pkg string) (level int, product string, known bool) {
	if rest, ok := strings.CutPrefix(pkg, "reconexus/app/"); ok {
		product, _, _ = strings.Cut(rest, "/")
	}
	if product != "reconix" && product != "securenexus" {
		product = ""
	}
	if product != "" && path.Base(pkg) != product {
		return floors["reconexus/app/"+product+"/*"], product, true
	}
	for at := pkg; at != "reconexus" && at != "reconexus/app" && at != "."; at = path.Dir(at) {
		if level, known = floors[at]; known {
			return level, product, true
		}
	}
	level, known = floors[pkg]
	return level, product, known
}

// fault says what is wrong with one import, or nothing.
func fault(from, to string) string {
	above, mine, ok := floor(from)
	below, theirs, known := floor(to)
	switch {
	case !ok:
		return from + " stands on no floor: give it one in app/floors_test.go or move it"
	case !known:
		return to + " stands on no floor: give it one in app/floors_test.go or move it"
	case below > above:
		return from + " (floor " + strconv.Itoa(above) + ") imports " + to + " (floor " + strconv.Itoa(below) + "): imports go down only"
	case mine != "" && theirs != "" && mine != theirs:
		return from + " imports " + to + ": " + mine + " and " + theirs + " never import each other"
	}
	return ""
}

func TestImportsGoDownOnly(t *testing.T) {
	type pkg struct {
		ImportPath string
		Imports    []string
	}
	list := json.NewDecoder(strings.NewReader(run(t, "go", "list", "-e", "-json=ImportPath,Imports", "./...")))
	for {
		var p pkg
		if err := list.Decode(&p); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		for _, imported := range append(p.Imports, p.ImportPath) {
			if imported != "reconexus" && !strings.HasPrefix(imported, "reconexus/") {
				continue
			}
			if says := fault(p.ImportPath, imported); says != "" {
				t.Error(says)
			}
		}
	}
}

func TestABrokenFloorIsNamed(t *testing.T) {
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"reconexus", "reconexus/app", true},
		{"reconexus/app", "reconexus/app/server", true},
		{"reconexus/app/reconix", "reconexus/app/reconix/sims", true},
		{"reconexus/app/reconix/sims", "reconexus/app/reconix/tenure", true},
		{"reconexus/app/rest", "reconexus/app/access", true},
		{"reconexus/app/login/tokens", "reconexus/store/kv", true},
		{"reconexus/app/reconix/sims", "reconexus/app/reconix", false},
		{"reconexus/app/reconix/sims", "reconexus/app/securenexus/dns", false},
		{"reconexus/app/securenexus", "reconexus/app/reconix", false},
		{"reconexus/app/jobs", "reconexus/app/reconix/sims", false},
		{"reconexus/store/sqlite", "reconexus/app/jobs", false},
		{"reconexus/app/kit/day", "reconexus/app/config", false},
		{"reconexus/app/attic", "reconexus/app/kit/day", false},
	} {
		if says := fault(c.from, c.to); (says == "") != c.allowed {
			t.Errorf("%s imports %s: allowed should be %v, got %q", c.from, c.to, c.allowed, says)
		}
	}
}

// run starts a command at the root of the tree and returns what it prints.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir = ".."
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	return string(out)
}
