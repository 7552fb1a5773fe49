package generate_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"reconexus/app/reconix/generate"
)

// run runs `generate …` as main would and returns what it said on stderr.
func run(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	var cli struct {
		Generate generate.Command `cmd:""`
	}
	var notes bytes.Buffer
	parser, err := kong.New(&cli, kong.Writers(&notes, &notes))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(append([]string{"generate"}, arguments...))
	if err == nil {
		err = parsed.Run()
	}
	return notes.String(), err
}

func TestCommandsWriteTheFilesOfOneWorld(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	world := []string{"--operator", "MTN", "--rows", "2k", "--seed", "5", "--base-day", "2026-11-20"}
	do := func(kind string, more ...string) {
		t.Helper()
		notes, err := run(t, append(append([]string{kind}, world...), more...)...)
		if err != nil || !strings.Contains(notes, " rows\n") {
			t.Fatalf("%s %v: %v, said %q", kind, more, err, notes)
		}
	}
	do("inventory", "--day", "2026-11-20", "--out", in("day1.csv"))
	do("inventory", "--day", "2026-11-21", "--changed", "5%", "--out", in("day2.csv"), "--truth", in("truth.csv"))
	do("linkages", "--day", "2026-11-21", "--changed", "5%", "--out", in("links.csv"), "--truth", in("stale.csv"))
	load := func(name string) []byte {
		b, err := os.ReadFile(in(name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	then, now := read(t, "MTN", load("day1.csv")), read(t, "MTN", load("day2.csv"))
	if len(then.rows) != 2000 {
		t.Errorf("day 1 has %d rows", len(then.rows))
	}
	found, truth := diffRing([]snapshot{then}, []snapshot{now}), readTruth(t, "MTN", load("truth.csv"))
	if n := truth.counts()["recycled"]; n < 5 || n != found.counts()["recycled"] {
		t.Errorf("the truth has %s, the files %s", truth, found)
	}
	if stale := readTruth(t, "MTN", load("stale.csv")); stale.counts()["stale_nin"] == 0 {
		t.Errorf("the linkages have %s", stale)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 5 {
		t.Errorf("parts were left behind: %v", entries)
	}
}

func TestDaysMayBeDatedOrCounted(t *testing.T) {
	for name, days := range map[string][2]string{
		"dates of a month": {"2026-11-20", "2026-11-21"},
		"counted":          {"1", "2"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var files []snapshot
			for _, d := range days {
				out, truth := filepath.Join(dir, "f.csv"), filepath.Join(dir, "t.csv")
				arguments := []string{"inventory", "--operator", "glo", "--rows", "10k", "--day", d, "--out", out}
				if d == days[1] {
					arguments = append(arguments, "--truth", truth)
				}
				if _, err := run(t, arguments...); err != nil {
					t.Fatal(err)
				}
				file, _ := os.ReadFile(out)
				files = append(files, read(t, "GLO", file))
			}
			truth, _ := os.ReadFile(filepath.Join(dir, "t.csv"))
			want, got := readTruth(t, "GLO", truth).counts(), diffRing(files[:1], files[1:]).counts()
			for _, event := range []string{"recycled", "same_holder_return", "swap", "reversal"} {
				if want[event] == 0 || want[event] != got[event] {
					t.Errorf("%s: the truth has %d, the files %d", event, want[event], got[event])
				}
			}
		})
	}
}

func TestWrongUseIsAnsweredWithASentence(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "f.csv")
	for want, change := range map[string][]string{
		"20000, 1k or 10M":       {"--rows", "many"},
		"not a number of rows":   {"--rows", "1.0001k"},
		"such as 0.5%":           {"--changed", "0.5"},
		"from 0% to 100%":        {"--changed", "101%"},
		"YYYY-MM-DD":             {"--day", "20/11/2026"},
		"MTN, AIRTEL, GLO or T2": {"--operator", "Vodafone"},
		"--base-day":             {"--day", "2026-12-01", "--truth", filepath.Join(dir, "t.csv")},
		"choose a folder":        {"--out", filepath.Join(dir, "none", "f.csv")},
		"lies after the day of":  {"--base-day", "2026-12-01"},
		"unknown flag --colour":  {"--colour", "blue"},
		"prefixes for 1 to":      {"--operator", "T2", "--rows", "60M"},
		"too long ago":           {"--day", "1066-10-14"},
		"earlier file's day":     {"--since", "2026-11-22"},
	} {
		arguments := append([]string{"inventory", "--operator", "MTN", "--rows", "10", "--day", "2026-11-20", "--out", out}, change...)
		_, err := run(t, arguments...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: wanted a sentence with %q, got %v", change, want, err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("files were left behind: %v", entries)
	}
}
