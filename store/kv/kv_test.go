package kv_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"reconexus/store/kv"
)

// watch is a clock that stands still until it is moved.
type watch struct {
	mu  sync.Mutex
	now time.Time
}

func (w *watch) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *watch) Move(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// journal is a log that tests read.
type journal struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.out.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.out.String()
}

type bench struct {
	dir   string
	clock *watch
	log   *journal
}

func newBench(t testing.TB) *bench {
	return &bench{filepath.Join(t.TempDir(), "kv"), &watch{now: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}, &journal{}}
}

func (b *bench) open(t testing.TB) *kv.Store {
	t.Helper()
	s, err := kv.Open(b.dir, b.clock.Now, slog.New(slog.NewTextHandler(b.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func want(t testing.TB, s *kv.Store, key, value string) {
	t.Helper()
	got, found, err := s.Get(key)
	if err != nil || found != (value != "") || string(got) != value && found {
		t.Fatalf("Get(%q) = %q, %v, %v; want %q", key, got, found, err, value)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestValuesLiveTheirTime(t *testing.T) {
	b := newBench(t)
	s := b.open(t)
	must(t, s.Set("a", []byte("1"), time.Minute))
	want(t, s, "a", "1")
	b.clock.Move(59 * time.Second)
	want(t, s, "a", "1")
	b.clock.Move(time.Second)
	want(t, s, "a", "")
	if err := s.Set("a", nil, 0); err == nil {
		t.Error("a value without a time to live was taken")
	}
}

func TestEachWalksAPrefixInOrder(t *testing.T) {
	s := newBench(t).open(t)
	for _, k := range []string{"x/2", "y/1", "x/1", "x/3"} {
		must(t, s.Set(k, []byte(k), time.Minute))
	}
	var got []string
	must(t, s.Each("x/", func(k string, v []byte) bool { got = append(got, k+"="+string(v)); return len(got) < 2 }))
	if fmt.Sprint(got) != "[x/1=x/1 x/2=x/2]" {
		t.Errorf("Each gave %v", got)
	}
}

func TestTooLargeIsRefusedAndHarmless(t *testing.T) {
	s := newBench(t).open(t)
	must(t, s.Set("kept", []byte("1"), time.Minute))
	must(t, s.Set("largest", make([]byte, kv.MaxValue), time.Minute))
	if err := s.Set("big", make([]byte, kv.MaxValue+1), time.Minute); !errors.Is(err, kv.ErrTooLarge) {
		t.Errorf("too large a value answered %v", err)
	}
	want(t, s, "kept", "1")
	if s.Generation() != 0 {
		t.Error("a refused value made the store begin anew")
	}
}

func TestValuesSurviveClosing(t *testing.T) {
	b := newBench(t)
	s := b.open(t)
	must(t, s.Set("a", []byte("1"), time.Hour))
	must(t, s.Close())
	want(t, b.open(t), "a", "1")
	if strings.Contains(b.log.String(), "damaged") {
		t.Errorf("a sound folder was called damaged:\n%s", b.log)
	}
}

// A process that is killed loses nothing that was set: the test runs itself as that
// process, which ends without closing.
func TestValuesSurviveAKill(t *testing.T) {
	b := newBench(t)
	if dir := os.Getenv("KV_TEST_KILLED"); dir != "" {
		b.dir = dir
		s := b.open(t)
		for i := range 100 {
			must(t, s.Set(fmt.Sprint("key/", i), []byte("kept"), time.Hour))
		}
		p, err := os.FindProcess(os.Getpid())
		must(t, err)
		must(t, p.Kill())
		select {}
	}
	c := exec.Command(os.Args[0], "-test.run=^TestValuesSurviveAKill$")
	c.Env = append(os.Environ(), "KV_TEST_KILLED="+b.dir)
	if err := c.Run(); err == nil {
		t.Fatal("the process was not killed")
	}
	s := b.open(t)
	for i := range 100 {
		want(t, s, fmt.Sprint("key/", i), "kept")
	}
	if strings.Contains(b.log.String(), "damaged") {
		t.Errorf("a killed process's folder was called damaged:\n%s", b.log)
	}
}

// fill writes enough for tables on disk, and closes.
func fill(t *testing.T, b *bench) {
	t.Helper()
	s := b.open(t)
	value := make([]byte, 8<<10)
	for i := range 1500 {
		must(t, s.Set(fmt.Sprintf("key/%04d", i), value, time.Hour))
	}
	must(t, s.Close())
}

func files(t *testing.T, dir, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	must(t, err)
	if len(names) == 0 {
		t.Fatalf("no %s in %s to damage", pattern, dir)
	}
	return names
}

func TestADamagedFolderIsMadeAnew(t *testing.T) {
	overwrite := func(at func(size int) int) func(*testing.T, string) {
		return func(t *testing.T, name string) {
			raw, err := os.ReadFile(name)
			must(t, err)
			for i := at(len(raw)); i < len(raw) && i < at(len(raw))+64; i++ {
				raw[i] ^= 0xA5
			}
			must(t, os.WriteFile(name, raw, 0o600))
		}
	}
	cut := func(t *testing.T, name string) {
		info, err := os.Stat(name)
		must(t, err)
		must(t, os.Truncate(name, info.Size()/2))
	}
	empty := func(t *testing.T, name string) { must(t, os.Truncate(name, 0)) }
	remove := func(t *testing.T, name string) { must(t, os.Remove(name)) }
	for name, c := range map[string]struct {
		pattern string
		harm    func(*testing.T, string)
	}{
		"a table's block":     {"*.sst", overwrite(func(int) int { return 100 })},
		"a table's middle":    {"*.sst", overwrite(func(n int) int { return n / 2 })},
		"a table's index":     {"*.sst", overwrite(func(n int) int { return n - 200 })},
		"a table's footer":    {"*.sst", overwrite(func(n int) int { return n - 8 })},
		"a table cut short":   {"*.sst", cut},
		"a table emptied":     {"*.sst", empty},
		"a table removed":     {"*.sst", remove},
		"the manifest":        {"MANIFEST", overwrite(func(int) int { return 0 })},
		"the manifest's body": {"MANIFEST", overwrite(func(int) int { return 20 })},
		"the manifest emptied": {"MANIFEST", func(t *testing.T, name string) {
			must(t, os.WriteFile(name, []byte("x"), 0o600))
		}},
		"the key registry": {"KEYREGISTRY", overwrite(func(int) int { return 0 })},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			fill(t, b)
			for _, f := range files(t, b.dir, c.pattern) {
				c.harm(t, f)
			}
			s := b.open(t)
			for i := range 1500 { // reading everything must not break either
				if _, _, err := s.Get(fmt.Sprintf("key/%04d", i)); err != nil {
					t.Fatal(err)
				}
			}
			must(t, s.Set("new", []byte("1"), time.Hour))
			want(t, s, "new", "1")
			if !strings.Contains(b.log.String(), "the cache was damaged") {
				t.Errorf("no line in the log tells of it:\n%s", b.log)
			}
			if _, err := os.Stat(b.dir + ".damaged"); err != nil {
				t.Errorf("the damaged folder was not set aside: %v", err)
			}
			must(t, s.Close())
			want(t, b.open(t), "new", "1")
		})
	}
}

func TestAFileInPlaceOfTheFolderIsSetAside(t *testing.T) {
	b := newBench(t)
	must(t, os.WriteFile(b.dir, []byte("not a folder"), 0o600))
	s := b.open(t)
	must(t, s.Set("a", []byte("1"), time.Hour))
	want(t, s, "a", "1")
}

func TestAStartThatEndedWhileOpeningBeginsAnew(t *testing.T) {
	b := newBench(t)
	s := b.open(t)
	must(t, s.Set("a", []byte("1"), time.Hour))
	must(t, s.Close())
	must(t, os.WriteFile(b.dir+".opening", nil, 0o600))
	want(t, b.open(t), "a", "")
	want(t, b.open2(t), "a", "")
}

// open2 opens another folder: only that the marker of the first is gone matters.
func (b *bench) open2(t *testing.T) *kv.Store {
	t.Helper()
	if _, err := os.Stat(b.dir + ".opening"); err == nil {
		t.Error("the marker stayed after a good start")
	}
	return newBench(t).open(t)
}

func TestAFolderThatVanishesWhileItIsUsed(t *testing.T) {
	b := newBench(t)
	s := b.open(t)
	must(t, s.Set("a", []byte("1"), time.Hour))
	must(t, os.RemoveAll(b.dir))
	deadline := time.Now().Add(5 * time.Second)
	for s.Generation() == 0 && time.Now().Before(deadline) {
		must(t, s.Set("b", []byte("2"), time.Hour))
		time.Sleep(50 * time.Millisecond)
	}
	if s.Generation() != 1 {
		t.Fatalf("the store began anew %d times, want once", s.Generation())
	}
	must(t, s.Set("c", []byte("3"), time.Hour))
	must(t, s.Close())
	want(t, b.open(t), "c", "3")
}

// What Badger finds damaged it answers as absent, or as an error that heals; it never
// hands out changed bytes.
func TestATableDamagedWhileItIsUsed(t *testing.T) {
	b := newBench(t)
	fill(t, b)
	s := b.open(t)
	for _, name := range files(t, b.dir, "*.sst") {
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue // merged into another one meanwhile
		}
		must(t, err)
		info, err := f.Stat()
		must(t, err)
		noise := make([]byte, info.Size()/2)
		for i := range noise {
			noise[i] = byte(rand.Uint32())
		}
		_, err = f.WriteAt(noise, 0)
		must(t, errors.Join(err, f.Close()))
	}
	absent := 0
	for i := range 1500 {
		got, found, err := s.Get(fmt.Sprintf("key/%04d", i))
		must(t, err)
		if !found {
			absent++
		} else if !bytes.Equal(got, make([]byte, 8<<10)) {
			t.Fatal("changed bytes were handed out as the value")
		}
	}
	if absent == 0 {
		t.Error("nothing was damaged; the test proves nothing")
	}
	must(t, s.Set("new", []byte("1"), time.Hour))
	want(t, s, "new", "1")
}

func TestTwoProcessesDoNotShareAFolder(t *testing.T) {
	b := newBench(t)
	s := b.open(t)
	must(t, s.Set("a", []byte("1"), time.Hour))
	if other, err := kv.Open(b.dir, b.clock.Now, slog.New(slog.DiscardHandler)); err == nil {
		_ = other.Close()
		t.Fatal("the folder was opened twice")
	}
	want(t, s, "a", "1")
}
