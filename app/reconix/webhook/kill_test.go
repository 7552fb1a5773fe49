package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/outbound"
	"reconexus/app/kit/seal"
	"reconexus/app/live"
	"reconexus/app/reconix/webhook"
	"reconexus/store/migrations"
	"reconexus/store/sqlite"
)

// The test binary runs itself again as the program that is killed.
func TestMain(m *testing.M) {
	if folder := os.Getenv("RECONEXUS_TEST_VICTIM"); folder != "" {
		if err := victim(context.Background(), folder, os.Getenv("RECONEXUS_TEST_SINK")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// events is how many are published before and between the kills.
const events = 400

// victim publishes numbered events, each with the change that it tells of, and delivers
// them, until none is left.
func victim(ctx context.Context, folder, sink string) error {
	db, err := sqlite.Open(ctx, filepath.Join(folder, "reconexus.db"), sqlite.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	ring, err := seal.Load(filepath.Join(folder, "keys.json"))
	if err != nil {
		return err
	}
	log, hub := slog.New(slog.NewTextHandler(os.Stderr, nil)), live.NewHub(time.Now)
	s, err := webhook.New(webhook.Service{
		DB: db, Clock: time.Now, Ring: ring, Audit: audit.New(db, ring, time.Now), Hub: hub, Log: log,
		Jobs: jobs.New(db, filepath.Join(folder, "jobs"), time.Now, hub, log), Out: outbound.New(outbound.Options{Allow: loopback()}),
	})
	if err != nil {
		return err
	}
	count := func(query string) (int, error) {
		return sqlite.Read(ctx, db, func(tx *sqlite.Tx) (int, error) { return sqlite.One(tx, sqlite.Int, query) })
	}
	if n, err := count(`SELECT count(*) FROM webhook_subscription`); err != nil || n == 0 {
		admin := access.Principal{ID: "usr_admin", May: access.All()}
		for i := range 3 {
			_, more := s.Register(ctx, admin, webhook.Draft{Name: "Sink", URL: fmt.Sprintf("%s/%d", sink, i), Events: []string{"*"}})
			err = errors.Join(err, more)
		}
		if err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	defer func() { stop(); <-done }()
	fmt.Println("ready")
	n, err := count(`SELECT count(*) FROM effect`)
	for ; n < events && err == nil; n++ {
		err = sqlite.Do(ctx, db, func(tx *sqlite.Tx) error {
			_, err := sqlite.Exec(tx, `INSERT INTO effect (what) VALUES (?)`, n)
			return errors.Join(err, s.Publish(tx, webhook.Event{Type: webhook.ImportFinished, Data: map[string]int{"n": n}}))
		})
	}
	for err == nil {
		left, more := count(`SELECT count(*) FROM webhook_delivery WHERE state <> 'delivered'`)
		if err = more; left == 0 {
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	return err
}

// Class 27: killed at any moment, again and again, each event whose change was saved
// reaches each subscriber at least once, always under the same id, and the first
// arrivals are in order: what comes twice is a stretch that was sent right before.
func TestClass27KilledAtAnyMomentNothingIsLostAndOrderIsKept(t *testing.T) {
	folder := t.TempDir()
	db := filepath.Join(folder, "reconexus.db")
	if err := sqlite.Migrate(t.Context(), db, migrations.Files); err != nil {
		t.Fatal(err)
	}
	open, err := sqlite.Open(t.Context(), db, sqlite.Options{})
	if err == nil {
		err = sqlite.Do(t.Context(), open, func(tx *sqlite.Tx) error {
			_, err := sqlite.Exec(tx, `CREATE TABLE effect (what INTEGER NOT NULL)`)
			return err
		})
		err = errors.Join(err, open.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	s := newSink(t, nil)
	kills := 0
	for after := 10 * time.Millisecond; ; after += time.Duration(rand.N(25)) * time.Millisecond {
		if finished := murder(t, folder, s.URL, after); finished {
			break
		}
		kills++
	}
	perPath := map[string][]message{}
	for _, m := range s.all() {
		perPath[m.Path] = append(perPath[m.Path], m)
	}
	repeats := 0
	for path, got := range perPath {
		next, ids, last := 0, map[int]string{}, -1
		for _, m := range got {
			switch {
			case m.N == next:
				ids[m.N] = m.ID
				next++
			case m.N > next:
				t.Fatalf("%s got %d before %d", path, m.N, next)
			case m.ID != ids[m.N]:
				t.Fatalf("%s got %d under %s and under %s", path, m.N, ids[m.N], m.ID)
			default:
				repeats++
			}
			if m.N > last+1 {
				t.Fatalf("%s got %d right after %d", path, m.N, last)
			}
			last = m.N
		}
		if next != events {
			t.Errorf("%s got %d of %d events", path, next, events)
		}
	}
	if len(perPath) != 3 || kills == 0 {
		t.Errorf("%d subscribers, %d kills", len(perPath), kills)
	}
	t.Logf("%d kills, %d messages came twice", kills, repeats)
}

// murder runs the program and kills it after a while; it tells whether it ended before.
func murder(t *testing.T, folder, sink string, after time.Duration) (finished bool) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), "RECONEXUS_TEST_VICTIM="+folder, "RECONEXUS_TEST_SINK="+sink)
	said, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = said.Read(make([]byte, 16)) // ready
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	select {
	case err = <-done:
	case <-time.After(after):
		_ = c.Process.Kill()
		err = <-done
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		t.Fatalf("the program failed by itself: %v", err)
	}
	return err == nil
}

// The property of every receiver: whatever it answers, in whatever order changes, pauses
// and redeliveries come, first arrivals are in order and nothing is left out.
func TestOrderHoldsWhateverTheReceiverDoes(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dice := rand.New(rand.NewPCG(seed, 1))
			h := open(t)
			var mu sync.Mutex
			mood := rand.New(rand.NewPCG(seed, 2)) // the receiver's own: it answers on other goroutines
			s := newSink(t, func(int) int {
				mu.Lock()
				defer mu.Unlock()
				return []int{200, 200, 200, 500, 302, 404, 429, 204}[mood.IntN(8)]
			})
			h.run()
			sub := h.register(s.URL, "*")
			path := "/webhooks/subscriptions/" + sub.id
			n := 0
			for range 40 {
				switch dice.IntN(5) {
				case 0:
					h.Ask("PATCH", path, fmt.Sprintf(`{"paused": %v}`, dice.IntN(2) == 0))
				case 1:
					if log := h.deliveries(sub.id); len(log) > 0 {
						h.Ask("POST", "/webhooks/deliveries/"+log[dice.IntN(len(log))]["id"].(string)+"/redeliver", "")
					}
				default:
					for range dice.IntN(4) {
						h.publish(n)
						n++
					}
				}
				h.Pass(time.Duration(dice.IntN(100)) * time.Second)
				h.hooks.Wake()
				time.Sleep(time.Duration(dice.IntN(3)) * time.Millisecond)
			}
			h.until("all delivered", func() bool {
				for _, d := range h.deliveries(sub.id) {
					if d["state"] == "dead" {
						h.Ask("POST", "/webhooks/deliveries/"+d["id"].(string)+"/redeliver", "")
					}
				}
				h.Ask("PATCH", path, `{"paused": false}`)
				h.Pass(30 * time.Hour)
				h.hooks.Wake()
				return h.field(sub.id, "waiting") == 0.0 && h.field(sub.id, "dead") == 0.0
			})
			next := 0
			for _, got := range s.numbers() {
				if got > next {
					t.Fatalf("%d came before %d", got, next)
				}
				if got == next && s.taken(got) {
					next++
				}
			}
			if next != n {
				t.Errorf("%d of %d were taken", next, n)
			}
		})
	}
}
