package main

import (
	"strings"
	"testing"
)

func TestEachRuleFindsItsFault(t *testing.T) {
	for _, c := range []struct{ name, file, source, says string }{
		{"init", "app/x/x.go", "package x\nfunc init() {}", "app/x/x.go:2:1: init"},
		{"state", "app/x/x.go", "package x\nvar count int", "the variable count"},
		{"state in a group", "app/x/x.go", "package x\nvar (\n\ta = 1\n\tmu sync.Mutex\n)", "the variable mu"},
		{"context", "app/x/x.go", "package x\nfunc f() { g(context.Background()) }", "a context begins here"},
		{"clock", "app/x/x.go", "package x\nfunc f() { g(time.Now()) }", "a clock that nobody gave"},
		{"clock as a value", "app/x/x.go", "package x\nvar c = time.Now", "a clock that nobody gave"},
		{"unfinished", "app/x/x.go", "package x\n// TO" + "DO later\n", "marks unfinished work"},
		{"empty name", "app/util/x.go", "package util", "package util says nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			faults, err := look(c.file, []byte(c.source))
			if err != nil {
				t.Fatal(err)
			}
			if len(faults) != 1 || !strings.Contains(faults[0], c.says) {
				t.Errorf("want one fault with %q, got %q", c.says, faults)
			}
		})
	}
}

func TestWhatTheHouseDoesPasses(t *testing.T) {
	for name, source := range map[string]string{
		"main.go":            "package main\nvar version = \"dev\"\nfunc main() { g(context.Background(), time.Now) }",
		"app/app.go":         "package app\nfunc f() { g(context.Background(), time.Now) }",
		"app/x/x.go":         "package x\nvar errGone = errors.New(\"gone\")\nvar _ io.Reader = (*T)(nil)\nfunc (t T) init() {}",
		"embed/embed.go":     "package embed\n//go:embed all:dist\nvar files embed.FS",
		"app/x/stopwatch.go": "package x\nfunc f() { start := time.Now(); g(time.Since(start)); c.SetReadDeadline(time.Now().Add(w)) }",
		"app/x/meant.go":     "package x\nfunc f() { g(time.Now()) // real time: a throttle\n}",
		"app/x/duration.go":  "package x\nconst wait = time.Second\nvar now func() time.Time = nil",
	} {
		if faults, err := look(name, []byte(source)); err != nil || len(faults) > 0 {
			t.Errorf("%s: want no fault, got %q (%v)", name, faults, err)
		}
	}
}
