package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A newer modernc.org/libc than the one that modernc.org/sqlite was built and
// tested with breaks it in ways that no compiler sees.
func TestLibcIsTheOneThatSQLiteNames(t *testing.T) {
	mod, err := os.ReadFile(strings.TrimSpace(run(t, "go", "list", "-m", "-f", "{{.GoMod}}", "modernc.org/sqlite")))
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`modernc\.org/libc (v\S+)`).FindSubmatch(mod)
	if named == nil {
		t.Fatal("modernc.org/sqlite names no modernc.org/libc in its go.mod")
	}
	if have := strings.TrimSpace(run(t, "go", "list", "-m", "-f", "{{with .Replace}}{{.Version}}{{else}}{{.Version}}{{end}}", "modernc.org/libc")); have != string(named[1]) {
		t.Errorf("modernc.org/libc is %s and must be %s: go get modernc.org/libc@%[2]s", have, named[1])
	}
}

// security.md class 15: commands made of data. A program is started with a
// list of arguments and never through a shell.
func TestNoShellIsGivenData(t *testing.T) {
	if found := shells(t, "planted.go", "package p\nimport \"os/exec\"\nvar c = exec.Command(\"/usr/bin/sh\", \"-c\")"); len(found) != 1 {
		t.Fatalf("a planted shell is not found: %v", found)
	}
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".."):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		for _, at := range shells(t, name, nil) {
			t.Errorf("%s: names a shell in a file that can start programs: pass a list of arguments instead", at)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// shells finds the names of shells in a file that can start programs.
func shells(t *testing.T, name string, source any) []string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	starts := []string{`"os/exec"`, `"syscall"`, `"golang.org/x/sys/unix"`}
	if !slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return slices.Contains(starts, i.Path.Value) }) {
		return nil
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		text, ok := n.(*ast.BasicLit)
		if !ok || text.Kind != token.STRING {
			return true
		}
		value, _ := strconv.Unquote(text.Value)
		if slices.Contains([]string{"sh", "ash", "bash", "dash", "ksh", "zsh", "cmd.exe", "powershell"}, path.Base(value)) {
			found = append(found, files.Position(text.Pos()).String())
		}
		return true
	})
	return found
}
