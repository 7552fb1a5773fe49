package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"reconexus/store/sqlite"
)

var one = fstest.MapFS{"0001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABLE n (id INTEGER PRIMARY KEY, v TEXT NOT NULL) STRICT;\n")}}

func open(t testing.TB, path string) *sqlite.DB {
	t.Helper()
	if err := sqlite.Migrate(t.Context(), path, one); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func add(ctx context.Context, db *sqlite.DB, v string) error {
	return sqlite.Do(ctx, db, func(tx *sqlite.Tx) error {
		_, err := sqlite.Exec(tx, `INSERT INTO n (v) VALUES (?)`, v)
		return err
	})
}

func count(t testing.TB, db *sqlite.DB) int {
	t.Helper()
	n, err := sqlite.Read(t.Context(), db, func(tx *sqlite.Tx) (int, error) {
		return sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM n`)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOneWriteFailsAlone(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	changed := errors.New("changed my mind")
	var told atomic.Int32
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			err := sqlite.Do(t.Context(), db, func(tx *sqlite.Tx) error {
				tx.After(func() { told.Add(1) })
				if _, err := sqlite.Exec(tx, `INSERT INTO n (v) VALUES ('x')`); err != nil {
					return err
				}
				switch i % 4 {
				case 1:
					return changed
				case 2:
					panic("a defect")
				}
				return nil
			})
			if bad := i%4 == 1 || i%4 == 2; bad != (err != nil) {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if n := count(t, db); n != 100 || told.Load() != 100 {
		t.Errorf("%d rows and %d hooks, want 100 of both", n, told.Load())
	}
}

func TestReadersSeeOneMomentAndCannotWrite(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	_, err := sqlite.Read(t.Context(), db, func(tx *sqlite.Tx) (int, error) {
		before, err := sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM n`)
		if err != nil {
			return 0, err
		}
		if err := add(t.Context(), db, "x"); err != nil {
			return 0, err
		}
		after, err := sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM n`)
		if before != after {
			t.Errorf("one read saw %d and then %d rows", before, after)
		}
		if _, bad := sqlite.Exec(tx, `DELETE FROM n`); bad == nil {
			t.Error("a reader deleted rows")
		}
		return 0, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestBulkYieldsToClerks(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := sqlite.Bulk(t.Context(), db, func(tx *sqlite.Tx) (int, error) {
				time.Sleep(5 * time.Millisecond)
				return 0, nil
			}); err != nil {
				t.Error(err)
			}
		}
	})
	for range 50 {
		if err := add(t.Context(), db, "x"); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	wg.Wait()
	if n := count(t, db); n != 50 {
		t.Errorf("%d rows, want 50", n)
	}
}

func TestCancelledWriteIsNotDone(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := add(ctx, db, "x"); !errors.Is(err, context.Canceled) || count(t, db) != 0 {
		t.Errorf("%v with %d rows", err, count(t, db))
	}
}

func TestClosedStoreSaysSo(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := add(t.Context(), db, "x"); !errors.Is(err, sqlite.ErrClosed) {
		t.Errorf("write: %v", err)
	}
	if err := db.Ping(t.Context()); !errors.Is(err, sqlite.ErrClosed) {
		t.Errorf("read: %v", err)
	}
}

func TestNewerFileIsRefusedAndLeftAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	two := fstest.MapFS{"0001_a.sql": one["0001_a.sql"], "0002_b.sql": {Data: []byte("-- +goose Up\nCREATE TABLE m (id INTEGER PRIMARY KEY) STRICT;\n")}}
	if err := sqlite.Migrate(t.Context(), path, two); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Migrate(t.Context(), path, one); !errors.Is(err, sqlite.ErrNewer) {
		t.Errorf("an older release: %v", err)
	}
	if err := sqlite.Migrate(t.Context(), path, two); err != nil {
		t.Errorf("the newer one again: %v", err)
	}
}

func TestMigrationLeavesACopyOfBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := open(t, path)
	if err := errors.Join(add(t.Context(), db, "kept"), db.Close()); err != nil {
		t.Fatal(err)
	}
	two := fstest.MapFS{"0001_a.sql": one["0001_a.sql"], "0002_b.sql": {Data: []byte("-- +goose Up\nDROP TABLE n;\n")}}
	if err := sqlite.Migrate(t.Context(), path, two); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", path+".before-2")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	var v string
	if err := raw.QueryRow(`SELECT v FROM n`).Scan(&v); err != nil || v != "kept" {
		t.Errorf("the copy holds %q, %v", v, err)
	}
}

// TestSecurity29SavedStaysSaved kills a process that writes and looks whether every
// write that it acknowledged is there.
func TestSecurity29SavedStaysSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	if os.Getenv("STORE_WRITER") != "" {
		writeUntilKilled(t, os.Getenv("STORE_WRITER"))
		return
	}
	for range 3 {
		saved := killWriter(t, path)
		db := open(t, path)
		for _, v := range saved {
			n, err := sqlite.Read(t.Context(), db, func(tx *sqlite.Tx) (int, error) {
				return sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM n WHERE v = ?`, v)
			})
			if err != nil || n != 1 {
				t.Fatalf("%s was acknowledged and is there %d times (%v)", v, n, err)
			}
		}
		if len(saved) == 0 {
			t.Fatal("nothing was acknowledged")
		}
		_ = db.Close()
	}
}

func writeUntilKilled(t *testing.T, path string) {
	db := open(t, path)
	var out sync.Mutex
	for w := range 16 {
		go func() {
			for i := 0; ; i++ {
				v := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, i)
				if err := add(context.Background(), db, v); err != nil {
					return
				}
				out.Lock()
				fmt.Println("saved", v)
				out.Unlock()
			}
		}()
	}
	select {}
}

func killWriter(t *testing.T, path string) (saved []string) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run", "^TestSecurity29SavedStaysSaved$")
	c.Env = append(os.Environ(), "STORE_WRITER="+path)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if v, ok := strings.CutPrefix(lines.Text(), "saved "); ok {
			saved = append(saved, v)
		}
		if len(saved) == 300 {
			_ = c.Process.Kill()
		}
	}
	_ = c.Wait()
	return saved
}

func BenchmarkWrites64(b *testing.B) {
	db := open(b, filepath.Join(b.TempDir(), "a.db"))
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := add(b.Context(), db, "x"); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkPointRead(b *testing.B) {
	db := open(b, filepath.Join(b.TempDir(), "a.db"))
	if err := add(b.Context(), db, "x"); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sqlite.Read(b.Context(), db, func(tx *sqlite.Tx) (string, error) {
			return sqlite.One(tx, sqlite.Text, `SELECT v FROM n WHERE id = ?`, 1)
		}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestColumnsAreWhatSQLiteHolds(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	_, err := sqlite.Read(t.Context(), db, func(tx *sqlite.Tx) (int, error) {
		c := make(sqlite.Columns, 3)
		for range 2 { // the same room again
			err := sqlite.Each(tx, func(r sqlite.Row) error { return c.Scan(r) }, `SELECT 7, NULL, 'x'`)
			if err != nil || c.Int64(0) != 7 || !c.Null(1) || c.Int64(1) != 0 || c.Text(2) != "x" || c.Null(0) {
				t.Errorf("%v, %v", c, err)
			}
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
