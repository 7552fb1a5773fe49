package delink_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/seal"
	"reconexus/app/live"
	"reconexus/app/reconix/delink"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/operators"
	"reconexus/app/reconix/sims"
	"reconexus/app/reconix/tenure"
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
	// Sequences of verbs run through a whole house each; a few say enough in a run, and
	// -rapid.checks=1000 says more.
	if err := flag.Set("rapid.checks", "20"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// keeper writes down each removal that it takes, in a file of its own, once for each
// id: as a system outside does, whose memory is not ours.
type keeper struct{ folder string }

func (k keeper) Remove(_ context.Context, r delink.Removal) (delink.Told, error) {
	fmt.Println("asked", r.ID)
	f, err := os.OpenFile(filepath.Join(k.folder, r.ID), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = f.Close()
		fmt.Println("took", r.ID)
	}
	if errors.Is(err, os.ErrExist) {
		fmt.Println("again", r.ID)
		err = nil
	}
	return delink.Told{How: delink.Notified, Reference: r.ID}, err
}

func (k keeper) Restore(context.Context, delink.Removal) (delink.Told, error) {
	return delink.Told{}, errors.New("nothing is put back here")
}

// appliance is what a victim and the scene before it share.
func appliance(ctx context.Context, folder string) (*sqlite.DB, *jobs.Queue, *delink.Service, error) {
	path := filepath.Join(folder, "reconexus.db")
	if err := sqlite.Migrate(ctx, path, migrations.Files); err != nil {
		return nil, nil, nil, err
	}
	db, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return nil, nil, nil, err
	}
	ring, err := seal.Load(filepath.Join(folder, "keys"))
	if err != nil {
		return nil, nil, nil, err
	}
	table, err := numbering.New()
	if err != nil {
		return nil, nil, nil, err
	}
	log, hub, book, keys := slog.New(slog.NewTextHandler(os.Stderr, nil)), live.NewHub(time.Now), audit.New(db, ring, time.Now), tenure.NewKeys(ring)
	q := jobs.New(db, filepath.Join(folder, "jobs"), time.Now, hub, log)
	names := operators.New(db, book)
	if err := names.Seed(ctx); err != nil {
		return nil, nil, nil, err
	}
	records, err := sims.New(sims.Service{DB: db, Dir: folder, Clock: time.Now, Table: table, Ring: ring, Audit: book, Jobs: q, Hub: hub, Operators: names, Log: log})
	if err != nil {
		return nil, nil, nil, err
	}
	links := linkage.New(linkage.Service{DB: db, Dir: folder, Clock: time.Now, Ring: ring, Keys: &keys, Table: table, Audit: book, Jobs: q, Log: log})
	outside := keeper{filepath.Join(folder, "outside")}
	s, err := delink.New(delink.Service{
		DB: db, Dir: folder, Clock: time.Now, Table: table, Ring: ring, Audit: book, Jobs: q, Hub: hub, Sims: records, Linkages: links, Operators: names, Log: log,
		To: func(linkage.Kind, string) delink.Target { return outside },
	})
	return db, q, s, err
}

// victim works until no job is left.
func victim(ctx context.Context, folder string) error {
	db, q, _, err := appliance(ctx, folder)
	if err != nil {
		return err
	}
	defer db.Close()
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
		time.Sleep(2 * time.Millisecond)
	}
}

const (
	victims      = 12 // numbers, each with a NIN and two BVNs
	victimNumber = 2348030000000
)

// scene submits and approves requests in a folder where nothing works yet.
func scene(t *testing.T, folder string) {
	t.Helper()
	if err := os.Mkdir(filepath.Join(folder, "outside"), 0o700); err != nil {
		t.Fatal(err)
	}
	db, _, s, err := appliance(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	admin := access.Principal{ID: "usr_admin", Role: access.Admin, May: access.All()}
	any := func(int) error { return nil }
	for i := range int64(victims) {
		number := victimNumber + i
		err := sqlite.Do(t.Context(), db, func(tx *sqlite.Tx) error {
			_, err := sqlite.Exec(tx, `INSERT INTO tenure (msisdn, generation, learnt_at, from_day, to_day, holder, holder_kind, operator, source) VALUES (?1, 1, 0, 18000, 20000, 1, 2, 'MTN', 'test'), (?1, 2, 0, 20100, NULL, 2, 2, 'MTN', 'test')`, number)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []linkage.Report{{Kind: linkage.NIN, Number: someNIN, Source: "NIMC"}, {Kind: linkage.BVN, Number: someBVN, Bank: "044", Source: "NIBSS"}, {Kind: linkage.BVN, Number: someBVN, Bank: "058", Source: "NIBSS"}} {
			r.MSISDN, r.From = fmt.Sprintf("+%d", number), 18100
			if _, err := s.Linkages.Report(t.Context(), admin, r); err != nil {
				t.Fatal(err)
			}
		}
		sim, err := sqlite.Write(t.Context(), db, func(tx *sqlite.Tx) (string, error) {
			return s.Sims.Recycled(tx, sims.Recycling{MSISDN: number, Generation: 2, Operator: "MTN", Recycled: 20100, Method: sims.Reconciliation})
		})
		if err != nil {
			t.Fatal(err)
		}
		d, err := s.Open(t.Context(), clerk(), delink.Draft{SIM: sim, Type: delink.OfBoth, Reason: "given out again"})
		if err == nil {
			_, err = s.Decide(t.Context(), admin, d.ID, any, delink.Decision{Approved: true})
		}
		if err == nil {
			_, err = s.Decide(t.Context(), admin, d.ID, any, delink.Decision{Approved: true})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// murder starts the program and kills it after it said so many lines; it tells whether
// it ended by itself before, and what it said.
func murder(t *testing.T, folder string, lines int) (finished bool, said []string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), "RECONEXUS_TEST_VICTIM="+folder)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var wrong strings.Builder
	c.Stderr = &wrong
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	scanner := bufio.NewScanner(out)
	for ; lines > 0 && scanner.Scan(); lines-- {
		said = append(said, scanner.Text())
	}
	if lines == 0 {
		time.Sleep(rand.N(6 * time.Millisecond)) // anywhere between two steps
		_ = c.Process.Kill()
		for scanner.Scan() {
			said = append(said, scanner.Text())
		}
	}
	err = c.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		t.Fatalf("the program failed by itself: %v\n%s", err, wrong.String())
	}
	return err == nil, said
}

// security.md class 27: kill -9 anywhere in the removals, and each is done exactly once.
func TestSecurity27KilledRemovalsAreDoneExactlyOnce(t *testing.T) {
	folder := t.TempDir()
	scene(t, folder)
	kills, finished := 0, false
	took := map[string]int{}
	for lines := 0; lines < 60 && !finished; lines++ {
		n := 1 + rand.IntN(8)
		if lines < 2 {
			n = lines + 1 // at first before any step
		}
		var said []string
		finished, said = murder(t, folder, n)
		for _, line := range said {
			if id, ok := strings.CutPrefix(line, "took "); ok {
				took[id]++
			}
		}
		if !finished {
			kills++
		}
	}
	if kills < 5 || !finished {
		t.Errorf("it was killed %d times and finished: %v", kills, finished)
	}
	t.Logf("killed %d times", kills)
	db, err := sqlite.Open(t.Context(), filepath.Join(folder, "reconexus.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query, want := range map[string]string{
		`SELECT group_concat(DISTINCT workflow_status) || ' ' || count(*) FROM delink_request`:                                         fmt.Sprintf("completed %d", victims),
		`SELECT group_concat(DISTINCT state) || ' ' || count(*) FROM delink_item`:                                                      fmt.Sprintf("done %d", 3*victims),
		`SELECT count(*) FROM linkage WHERE to_day IS NULL`:                                                                            "0",
		`SELECT coalesce(sum(active), 0) FROM linkage_tally`:                                                                           "0",
		`SELECT count(*) FROM delink_event WHERE event = 'completed'`:                                                                  fmt.Sprint(victims),
		`SELECT count(*) || ' ' || count(DISTINCT object || (detail ->> '$.item')) FROM audit_entry WHERE action = 'delink.item_done'`: fmt.Sprintf("%d %[1]d", 3*victims),
		`SELECT group_concat(workflow_status || ' ' || requests) FROM delink_tally WHERE requests <> 0`:                                fmt.Sprintf("completed %d", victims),
		`SELECT group_concat(DISTINCT cleanup_status || ' ' || linkage_status) FROM recycled_sim`:                                      "completed resolved",
	} {
		got, err := sqlite.Read(t.Context(), db, func(tx *sqlite.Tx) (string, error) { return sqlite.One(tx, sqlite.Text, query) })
		if err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", query, got, err, want)
		}
	}
	outside, err := os.ReadDir(filepath.Join(folder, "outside"))
	if err != nil || len(outside) != 3*victims {
		t.Errorf("the keeper took %d removals (%v), want %d", len(outside), err, 3*victims)
	}
	for id, n := range took {
		if n > 1 {
			t.Errorf("the keeper took %s %d times", id, n)
		}
	}
}
