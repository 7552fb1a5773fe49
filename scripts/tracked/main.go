// Command tracked reads every file that git tracks, or would track, and
// refuses what must never be committed: secrets, and the paths and hosts of one
// person's machine.
//
// A line that must hold such a thing (a test's planted example) is built from
// parts in the source, so that the scan needs no list of exceptions.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	findings, err := scan(root)
	if err != nil {
		fmt.Fprintln(os.Stderr, "tracked:", err)
		os.Exit(1)
	}
	for _, f := range findings {
		fmt.Fprintln(os.Stderr, f)
	}
	if len(findings) > 0 {
		os.Exit(1)
	}
}

// finding is one line that must not be committed. It never repeats the line:
// the report of a secret must not spread it further.
type finding struct {
	File string
	Line int
	Says string
}

func (f finding) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Says) }

// scan looks at the tracked files under root, and at the new ones that no
// ignore rule covers.
func scan(root string) ([]finding, error) {
	list := exec.Command("git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Stderr = os.Stderr
	names, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("list the tracked files: %w", err)
	}
	var found []finding
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		body, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // deleted, and the deletion is not committed yet
		}
		if err != nil {
			return nil, err
		}
		found = append(found, look(name, body)...)
	}
	return found, nil
}

// look applies the rules to one file. Binary files are searched for private
// keys too; the line is then the count of newlines before the match.
func look(name string, body []byte) []finding {
	var found []finding
	for _, r := range rules {
		if r.where != nil && !r.where(name) {
			continue
		}
		for _, at := range r.pattern.FindAllSubmatchIndex(body, -1) {
			if r.unless != nil && r.unless(submatches(body, at)) {
				continue
			}
			line := 1 + bytes.Count(body[:at[0]], []byte("\n"))
			found = append(found, finding{name, line, r.says})
		}
	}
	return found
}

func submatches(body []byte, at []int) []string {
	parts := make([]string, 0, len(at)/2)
	for i := 0; i+1 < len(at); i += 2 {
		if at[i] < 0 {
			parts = append(parts, "")
			continue
		}
		parts = append(parts, string(body[at[i]:at[i+1]]))
	}
	return parts
}
