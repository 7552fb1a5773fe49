package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// work is one thing by someone else that the binary carries.
type work struct {
	Name, Version string
	SPDX          string // what it says of itself; empty for Go modules
	Texts         []text
	Notices       []text // NOTICE files, which Apache-2.0 asks to pass on
}

type text struct{ File, Body string }

// fault says why a work cannot be shipped, or nothing.
func (w work) fault() string {
	who := w.Name + " " + w.Version
	if w.SPDX != "" && !declared(w.SPDX) {
		return who + " says of itself that it is under " + w.SPDX + ", which is neither permissive nor MPL-2.0"
	}
	if w.SPDX == "" && len(w.Texts) == 0 {
		return who + " has no licence file"
	}
	for _, t := range w.Texts {
		switch k, known := classify(t.Body); {
		case !known:
			return who + ": the licence in " + t.File + " is none that this check knows"
		case !k.ours:
			return who + ": " + t.File + " is " + k.name + ", which is neither permissive nor MPL-2.0"
		}
	}
	return ""
}

// licence names what the work is under.
func (w work) licence() string {
	var names []string
	for _, t := range w.Texts {
		if k, known := classify(t.Body); known && !slices.Contains(names, k.name) {
			names = append(names, k.name)
		}
	}
	if len(names) == 0 {
		return w.SPDX
	}
	return strings.Join(names, " and ")
}

// shipped lists the works in the binary built from root, and in its pages.
func shipped(root string) ([]work, error) {
	language, err := golang(root)
	if err != nil {
		return nil, err
	}
	modules, err := modules(root)
	if err != nil {
		return nil, err
	}
	packages, err := packages(filepath.Join(root, "ui"))
	if err != nil {
		return nil, err
	}
	return slices.Concat([]work{language}, modules, packages), nil
}

// golang is Go's own runtime and standard library.
func golang(root string) (work, error) {
	out, err := command(root, "go", "env", "GOROOT", "GOVERSION")
	if err != nil {
		return work{}, err
	}
	dir, version, _ := strings.Cut(strings.TrimSpace(out), "\n")
	w := work{Name: "Go", Version: version}
	return w, w.read(dir)
}

// modules are those of the packages that the static binary links.
func modules(root string) ([]work, error) {
	out, err := command(root, "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", ".")
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	slices.Sort(lines)
	var works []work
	for _, line := range slices.Compact(lines) {
		field := strings.Split(line, "\t")
		if len(field) != 3 {
			continue // a package of the standard library
		}
		w := work{Name: field[0], Version: field[1]}
		if err := w.read(field[2]); err != nil {
			return nil, err
		}
		works = append(works, w)
	}
	return works, nil
}

// packages are the npm packages that are not for development only.
func packages(ui string) ([]work, error) {
	body, err := os.ReadFile(filepath.Join(ui, "package-lock.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]struct {
			Version, License string
			Dev              bool
			Dependencies     map[string]string
		}
	}
	if err := json.Unmarshal(body, &lock); err != nil {
		return nil, fmt.Errorf("read ui/package-lock.json: %w", err)
	}
	if err := undeclared(ui, lock.Packages[""].Dependencies); err != nil {
		return nil, err
	}
	var works []work
	for path, p := range lock.Packages {
		if path == "" || p.Dev {
			continue
		}
		_, name, _ := cutLast(path, "node_modules/")
		w := work{Name: "npm " + name, Version: p.Version, SPDX: p.License}
		if err := w.read(filepath.Join(ui, path)); err != nil {
			return nil, fmt.Errorf("%w: install the packages first with scripts/ui.sh packages", err)
		}
		works = append(works, w)
	}
	slices.SortFunc(works, func(a, b work) int { return strings.Compare(a.Name, b.Name) })
	return works, nil
}

var bareImport = regexp.MustCompile(`(?:from|import)\s*\(?\s*['"]((?:@[a-z0-9-]+/)?[a-z][a-z0-9.-]*)(?:/[^'"]*)?['"]`)

// undeclared refuses a package that the pages import and package.json holds
// for development only: its licence would not be shipped with it.
func undeclared(ui string, declared map[string]string) error {
	return filepath.WalkDir(filepath.Join(ui, "src"), func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() || !slices.Contains([]string{".ts", ".js", ".svelte"}, filepath.Ext(name)) {
			return err
		}
		body, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, match := range bareImport.FindAllSubmatch(body, -1) {
			if wanted := string(match[1]); declared[wanted] == "" {
				return fmt.Errorf("%s imports %s, which is shipped: list it in ui/package.json under dependencies", name, wanted)
			}
		}
		return nil
	})
}

// A list of third parties' terms is passed on like a NOTICE; the licence of a
// logo is about a picture that no binary carries.
var (
	licenceFile = regexp.MustCompile(`(?i)^(?:licen[cs]e|copying|unlicense|ofl)(?:[-._].*)?$`)
	noticeFile  = regexp.MustCompile(`(?i)^notice(?:[-._].*)?$|3rd-?party|third-?party`)
	pictureFile = regexp.MustCompile(`(?i)^licen[cs]e[-._]logo`)
)

// read takes the licence texts that stand in the work's own folder.
func (w *work) read(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		isLicence, isNotice := licenceFile.MatchString(name), noticeFile.MatchString(name)
		if entry.IsDir() || pictureFile.MatchString(name) || !isLicence && !isNotice {
			continue
		}
		body, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if isNotice {
			w.Notices = append(w.Notices, text{name, string(body)})
		} else {
			w.Texts = append(w.Texts, text{name, string(body)})
		}
	}
	return nil
}

func command(dir, name string, args ...string) (string, error) {
	c := exec.Command(name, args...)
	c.Dir, c.Stderr = dir, os.Stderr
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, args[0], err)
	}
	return string(out), nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	at := strings.LastIndex(s, sep)
	if at < 0 {
		return "", s, false
	}
	return s[:at], s[at+len(sep):], true
}
