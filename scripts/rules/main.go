// Command rules reads the program's Go files and refuses what the house does
// not do: init functions, variables that hold state outside any value, a clock
// or a context that nobody handed over, unfinished work, and names that say
// nothing. Tests and scripts are free of these rules.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	faults, err := check(".")
	if err != nil {
		fmt.Fprintln(os.Stderr, "rules:", err)
		os.Exit(1)
	}
	for _, f := range faults {
		fmt.Fprintln(os.Stderr, f)
	}
	if len(faults) > 0 {
		os.Exit(1)
	}
}

// check reads every Go file of the program under root.
func check(root string) ([]string, error) {
	var faults []string
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() {
			hidden := strings.HasPrefix(base, ".") && name != root
			if hidden || slices.Contains([]string{"node_modules", "testdata", "scripts"}, base) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(base) != ".go" || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		found, err := look(relative, source)
		faults = append(faults, found...)
		return err
	})
	return faults, err
}

// top says whether a file stands where contexts and clocks begin: main, and
// the composition root.
func top(name string) bool { return path.Dir(name) == "." || path.Dir(name) == "app" }

var unfinished = regexp.MustCompile(`\b(?:TODO|FIXME|XXX|HACK)\b`)

// look returns the faults of one file.
func look(name string, source []byte) ([]string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var faults []string
	say := func(at token.Pos, what string) {
		faults = append(faults, files.Position(at).String()+": "+what)
	}
	if slices.Contains([]string{"util", "utils", "common", "model", "models", "manager", "api", "helpers"}, file.Name.Name) {
		say(file.Name.Pos(), "package "+file.Name.Name+" says nothing about what it is for: name the thing")
	}
	for _, comment := range file.Comments {
		if word := unfinished.FindString(comment.Text()); word != "" {
			say(comment.Pos(), word+" marks unfinished work: finish it or file it")
		}
	}
	for _, declaration := range file.Decls {
		declared(declaration, say)
	}
	if !top(name) {
		meant := realTime(files, file)
		ast.Inspect(file, func(n ast.Node) bool {
			if n != nil && !meant[files.Position(n.Pos()).Line] {
				handedOver(n, say)
			}
			return !measures(n)
		})
	}
	return faults, nil
}

// declared looks at one declaration of a file's outermost level.
func declared(declaration ast.Decl, say func(token.Pos, string)) {
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.Name == "init" {
			say(d.Pos(), "init runs behind the reader's back: build the value where it is used")
		}
	case *ast.GenDecl:
		if d.Tok != token.VAR || embedded(d) {
			return
		}
		for _, spec := range d.Specs {
			v := spec.(*ast.ValueSpec)
			if len(v.Values) == 0 && !embedded(v) && v.Names[0].Name != "_" {
				say(v.Pos(), "the variable "+v.Names[0].Name+" holds state outside any value: pass it instead")
			}
		}
	}
}

// embedded says whether the build fills a variable (//go:embed).
func embedded(node ast.Node) bool {
	var doc *ast.CommentGroup
	switch n := node.(type) {
	case *ast.GenDecl:
		doc = n.Doc
	case *ast.ValueSpec:
		doc = n.Doc
	}
	if doc == nil {
		return false
	}
	return slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed") })
}

// realTime lists the lines that say in a comment why they ask for real time.
func realTime(files *token.FileSet, file *ast.File) map[int]bool {
	lines := map[int]bool{}
	for _, group := range file.Comments {
		for _, comment := range group.List {
			if strings.HasPrefix(comment.Text, "// real time: ") {
				lines[files.Position(comment.Pos()).Line] = true
			}
		}
	}
	return lines
}

// measures says whether a statement asks for real time by its nature: a
// stopwatch that is named "start", or a deadline that the kernel keeps.
func measures(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		name, ok := n.Lhs[0].(*ast.Ident)
		return ok && (name.Name == "start" || name.Name == "started")
	case *ast.CallExpr:
		method, ok := n.Fun.(*ast.SelectorExpr)
		return ok && (method.Sel.Name == "WriteControl" || strings.HasPrefix(method.Sel.Name, "Set") && strings.HasSuffix(method.Sel.Name, "Deadline"))
	}
	return false
}

// handedOver refuses clocks and contexts that nobody gave.
func handedOver(n ast.Node, say func(token.Pos, string)) {
	selector, ok := n.(*ast.SelectorExpr)
	if !ok {
		return
	}
	from, ok := selector.X.(*ast.Ident)
	if !ok {
		return
	}
	switch from.Name + "." + selector.Sel.Name {
	case "context.Background", "context.TODO":
		say(n.Pos(), "a context begins here: take the caller's, so that the work can be stopped")
	case "time.Now":
		say(n.Pos(), "a clock that nobody gave: take a func() time.Time, so that tests can stand still")
	}
}
