package jobs_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/jobs"
	"reconexus/app/live"
	"reconexus/store/migrations"
	"reconexus/store/sqlite"
)

// The test binary runs itself again as the program that is killed.
func TestMain(m *testing.M) {
	if folder := os.Getenv("RECONEXUS_TEST_VICTIM"); folder != "" {
		if err := victim(context.Background(), folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const steps = 150

// victim works on the jobs in folder until none is left, and says each step.
func victim(ctx context.Context, folder string) error {
	db, err := sqlite.Open(ctx, filepath.Join(folder, "reconexus.db"), sqlite.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	q := jobs.New(db, filepath.Join(folder, "jobs"), time.Now, live.NewHub(time.Now), slog.New(slog.NewTextHandler(os.Stderr, nil)))
	for _, k := range killed(db) {
		q.Handle(k)
	}
	if err := q.Start(ctx); err != nil {
		return err
	}
	fmt.Println("ready")
	for {
		left, err := sqlite.Read(ctx, db, func(tx *sqlite.Tx) (int, error) {
			return sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM job WHERE state IN ('queued', 'running')`)
		})
		if err != nil || left == 0 {
			return errors.Join(err, q.Close(ctx))
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func killed(db *sqlite.DB) []jobs.Kind {
	note := func(tx *sqlite.Tx, what string) error {
		_, err := sqlite.Exec(tx, `INSERT INTO effect (what) VALUES (?)`, what)
		return err
	}
	return []jobs.Kind{{
		Name: "count", Permission: access.SIMRead,
		Run: func(ctx context.Context, r *jobs.Run) (any, error) {
			var at struct {
				Step  int
				Bytes int64
			}
			if err := r.Resume(&at); err != nil {
				return nil, err
			}
			f, err := r.File("result.csv")
			if err != nil {
				return nil, err
			}
			defer f.Close()
			if err := f.Truncate(at.Bytes); err != nil {
				return nil, err
			}
			if _, err := f.Seek(0, io.SeekEnd); err != nil {
				return nil, err
			}
			for at.Step < steps {
				n, err := fmt.Fprintf(f, "%d\n", at.Step)
				if err != nil {
					return nil, err
				}
				at.Bytes += int64(n)
				at.Step++
				r.Progress(int64(at.Step), steps, "steps")
				err = sqlite.Do(ctx, db, func(tx *sqlite.Tx) error {
					return errors.Join(note(tx, fmt.Sprint(at.Step-1)), r.Checkpoint(tx, at))
				})
				if err != nil {
					return nil, err
				}
				fmt.Println("step", at.Step)
			}
			return at.Step, nil
		},
		Ended: func(tx *sqlite.Tx, j jobs.Job) error { return note(tx, string(j.State)) },
	}, {
		Name: "bomb", Permission: access.SIMRead,
		Run: func(context.Context, *jobs.Run) (any, error) {
			me, err := os.FindProcess(os.Getpid())
			if err != nil {
				return nil, err
			}
			return nil, errors.Join(me.Kill(), errors.New("still alive"))
		},
	}}
}

// murder starts the program and kills it after it said so many lines; it tells whether
// the program ended by itself before.
func murder(t *testing.T, folder string, lines int) (finished bool) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), "RECONEXUS_TEST_VICTIM="+folder)
	said, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	wrong := &logged{}
	c.Stderr = wrong
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for s := bufio.NewScanner(said); lines > 0 && s.Scan(); lines-- {
	}
	if lines == 0 {
		time.Sleep(rand.N(8 * time.Millisecond)) // anywhere between two steps
		_ = c.Process.Kill()
	}
	err = c.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		t.Fatalf("the program failed by itself: %v\n%s", err, wrong)
	}
	return err == nil
}

// inFolder opens the store that the victims leave behind.
func inFolder(t *testing.T, folder string, do func(db *sqlite.DB)) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(folder, "reconexus.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	do(db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func scene(t *testing.T, kind string) (folder string, j jobs.Job) {
	t.Helper()
	folder = t.TempDir()
	if err := sqlite.Migrate(t.Context(), filepath.Join(folder, "reconexus.db"), migrations.Files); err != nil {
		t.Fatal(err)
	}
	inFolder(t, folder, func(db *sqlite.DB) {
		q := jobs.New(db, folder, time.Now, live.NewHub(time.Now), slog.New(slog.DiscardHandler))
		for _, k := range killed(db) {
			q.Handle(k)
		}
		var err error
		j, err = sqlite.Write(t.Context(), db, func(tx *sqlite.Tx) (jobs.Job, error) {
			if _, err := sqlite.Exec(tx, `CREATE TABLE effect (what TEXT NOT NULL) STRICT`); err != nil {
				return jobs.Job{}, err
			}
			return q.Add(tx, access.System("test"), jobs.Spec{Kind: kind, UniqueKey: "only"})
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	return folder, j
}

// security.md class 27: kill -9 anywhere, and the work is done exactly once.
func TestKilledAnywhereTheWorkIsDoneExactlyOnce(t *testing.T) {
	folder, j := scene(t, "count")
	kills := 0
	for lines := range 40 {
		if lines > 1 { // at first before any step, then after some
			lines = 1 + rand.IntN(steps/8)
		}
		if murder(t, folder, lines) {
			break
		}
		kills++
	}
	if kills < 5 {
		t.Errorf("it was killed %d times; too few to say anything", kills)
	}
	t.Logf("killed %d times", kills)
	inFolder(t, folder, func(db *sqlite.DB) {
		told, err := sqlite.Read(t.Context(), db, func(tx *sqlite.Tx) ([]string, error) {
			return sqlite.All(tx, sqlite.Text, `SELECT what FROM effect ORDER BY rowid`)
		})
		if err != nil {
			t.Fatal(err)
		}
		exactly(t, "the effects", told, append(numbers(), "succeeded"))
		state, err := sqlite.Read(t.Context(), db, func(tx *sqlite.Tx) (string, error) {
			return sqlite.One(tx, sqlite.Text, `SELECT state || ' ' || result || ' ' || done FROM job WHERE id = ?`, j.ID)
		})
		if err != nil || state != "succeeded 150 150" {
			t.Errorf("the job is %q, %v", state, err)
		}
	})
	text, err := os.ReadFile(filepath.Join(folder, "jobs", j.ID, "result.csv"))
	if err != nil {
		t.Fatal(err)
	}
	exactly(t, "the file", strings.Fields(string(text)), numbers())
}

func numbers() []string {
	out := make([]string, steps)
	for i := range out {
		out[i] = fmt.Sprint(i)
	}
	return out
}

func exactly(t *testing.T, what string, got, want []string) {
	t.Helper()
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s are %v; want each once: %v", what, got, want)
	}
}

// A job that takes the program down with it must not do so for ever.
func TestAJobThatKillsTheProgramIsPausedAtLast(t *testing.T) {
	folder, j := scene(t, "bomb")
	deaths := 0
	for range 10 {
		if murder(t, folder, 1000) {
			break
		}
		deaths++
	}
	if deaths != 5 {
		t.Errorf("the program died %d times; want 5", deaths)
	}
	inFolder(t, folder, func(db *sqlite.DB) {
		state, err := sqlite.Read(t.Context(), db, func(tx *sqlite.Tx) (string, error) {
			return sqlite.One(tx, sqlite.Text, `SELECT state || ': ' || error FROM job WHERE id = ?`, j.ID)
		})
		if err != nil || !strings.HasPrefix(state, "paused: The program ended five times") {
			t.Errorf("the job is %q, %v", state, err)
		}
	})
}
