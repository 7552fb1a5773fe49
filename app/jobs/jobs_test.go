package jobs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/julienschmidt/httprouter"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/seal"
	"reconexus/app/live"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
	"reconexus/store/storetest"
)

// plant is a queue with all that stands around it.
type plant struct {
	*jobs.Queue
	t      *testing.T
	db     *sqlite.DB
	hub    *live.Hub
	dir    string
	log    *logged
	server *httptest.Server
	mu     sync.Mutex
	past   time.Duration // how far the clock was set forward
}

type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (p *plant) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().Add(p.past)
}

func (p *plant) forward(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.past += d
}

// build makes a plant whose queue handles the kinds; it is not started.
func build(t *testing.T, kinds ...jobs.Kind) *plant {
	t.Helper()
	p := &plant{t: t, db: storetest.Open(t), dir: filepath.Join(t.TempDir(), "jobs"), log: &logged{}}
	p.hub = live.NewHub(p.now)
	p.Queue = p.queue(kinds...)
	return p
}

func (p *plant) queue(kinds ...jobs.Kind) *jobs.Queue {
	q := jobs.New(p.db, p.dir, p.now, p.hub, slog.New(slog.NewTextHandler(p.log, nil)))
	for _, k := range kinds {
		if k.Permission == "" {
			k.Permission = access.SIMRead
		}
		q.Handle(k)
	}
	return q
}

func (p *plant) start() *plant {
	p.t.Helper()
	if err := p.Start(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { p.end(p.Queue) })
	return p
}

func (p *plant) end(q *jobs.Queue) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.t.Context()), 10*time.Second)
	defer cancel()
	if err := q.Close(ctx); err != nil {
		p.t.Error(err)
	}
}

func (p *plant) add(s jobs.Spec) jobs.Job {
	p.t.Helper()
	j, err := p.tryAdd(s)
	if err != nil {
		p.t.Fatal(err)
	}
	return j
}

func (p *plant) tryAdd(s jobs.Spec) (jobs.Job, error) {
	return sqlite.Write(p.t.Context(), p.db, func(tx *sqlite.Tx) (jobs.Job, error) {
		return p.Add(tx, access.System("test"), s)
	})
}

func (p *plant) cancel(id string) {
	p.t.Helper()
	_, err := sqlite.Write(p.t.Context(), p.db, func(tx *sqlite.Tx) (jobs.Job, error) {
		return p.Cancel(tx, access.System("test"), id)
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *plant) wait(id string) jobs.Job {
	p.t.Helper()
	j, err := p.Wait(p.t.Context(), id, 20*time.Second)
	if err != nil {
		p.t.Fatal(err)
	}
	return j
}

// until waits for a state that does not settle.
func (p *plant) until(id string, s jobs.State) jobs.Job {
	p.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		j, err := p.Get(p.t.Context(), id)
		if err != nil {
			p.t.Fatal(err)
		}
		if j.State == s {
			return j
		}
		if time.Now().After(end) {
			p.t.Fatalf("the job is %s; want %s", j.State, s)
		}
	}
}

func (p *plant) want(j jobs.Job, s jobs.State, sentence string) {
	p.t.Helper()
	got := ""
	if j.Error != nil {
		got = *j.Error
	}
	if j.State != s || !strings.Contains(got, sentence) || (sentence == "") != (got == "") {
		p.t.Errorf("the job is %s with %q; want %s with %q", j.State, got, s, sentence)
	}
}

// serve puts the routes behind a server; a request acts for the principal that its
// X-Test-Principal header spells in JSON.
func (p *plant) serve() *audit.Log {
	p.t.Helper()
	ring, err := seal.Load(filepath.Join(p.t.TempDir(), "keys.json"))
	if err != nil {
		p.t.Fatal(err)
	}
	log := audit.New(p.db, ring, p.now)
	router := httprouter.New()
	p.Mount(rest.New(router, rest.Options{Log: slog.New(slog.DiscardHandler)}), log)
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var who access.Principal
		_ = json.Unmarshal([]byte(r.Header.Get("X-Test-Principal")), &who) // nobody without one
		router.ServeHTTP(w, r.WithContext(access.With(r.Context(), who)))
	}))
	p.t.Cleanup(p.server.Close)
	return log
}

func (p *plant) ask(who access.Principal, method, path string) (int, string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.server.URL+rest.Base+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	text, _ := json.Marshal(who)
	r.Header.Set("X-Test-Principal", string(text))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// take waits for a word from a job.
func take[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("the job said nothing for 20 s")
	}
	panic("not reached")
}

// hang works until ctx ends, and then says why.
func hang(ctx context.Context, _ *jobs.Run) (any, error) {
	<-ctx.Done()
	return nil, context.Cause(ctx)
}

func TestAJobStartsAfterItsCommitAndTellsItsResult(t *testing.T) {
	type args struct{ N int }
	p := build(t, jobs.Kind{Name: "double", Run: func(_ context.Context, r *jobs.Run) (any, error) {
		var a args
		err := r.Args(&a)
		return map[string]int{"twice": 2 * a.N}, err
	}}).start()
	undone := errors.New("undone")
	var ghost jobs.Job
	err := sqlite.Do(t.Context(), p.db, func(tx *sqlite.Tx) (err error) {
		ghost, err = p.Add(tx, access.System("test"), jobs.Spec{Kind: "double", Title: "never"})
		return errors.Join(err, undone)
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if _, err := p.Get(t.Context(), ghost.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the job of an undone write: %v; want not found", err)
	}
	j := p.add(jobs.Spec{Kind: "double", Title: "Twice 21", Args: args{21}})
	if j.State != jobs.Queued {
		t.Errorf("a new job is %s; want queued", j.State)
	}
	j = p.wait(j.ID)
	p.want(j, jobs.Succeeded, "")
	if string(j.Result) != `{"twice":42}` || j.Title != "Twice 21" || j.StartedAt == nil || j.FinishedAt == nil {
		t.Errorf("the job is %+v with %s", j, j.Result)
	}
	if _, err := p.tryAdd(jobs.Spec{Kind: "unheard of"}); err == nil {
		t.Error("a kind that nothing handles was taken")
	}
}

func TestHowJobsFail(t *testing.T) {
	p := build(t,
		jobs.Kind{Name: "fault", Run: func(context.Context, *jobs.Run) (any, error) {
			return nil, fault.New(fault.Invalid, "The file has no header; add one.")
		}},
		jobs.Kind{Name: "defect", Run: func(context.Context, *jobs.Run) (any, error) { return nil, errors.New("row of 22212345678 broke") }},
		jobs.Kind{Name: "panic", Run: func(context.Context, *jobs.Run) (any, error) { panic("22212345678") }},
		jobs.Kind{Name: "shapeless", Run: func(context.Context, *jobs.Run) (any, error) { return func() {}, nil }},
	).start()
	p.want(p.wait(p.add(jobs.Spec{Kind: "fault"}).ID), jobs.Failed, "The file has no header; add one.")
	for _, kind := range []string{"defect", "panic", "shapeless"} {
		j := p.wait(p.add(jobs.Spec{Kind: kind}).ID)
		p.want(j, jobs.Failed, "Something broke here")
		if strings.Contains(*j.Error, "222") {
			t.Errorf("%s tells what its error held: %s", kind, *j.Error)
		}
	}
	if !strings.Contains(p.log.String(), "a job failed") {
		t.Error("a defect was not logged")
	}
}

// nudge wakes the queue after the clock was set forward.
func (p *plant) nudge() {
	p.t.Helper()
	p.wait(p.add(jobs.Spec{Kind: "nudge"}).ID)
}

func nudging() jobs.Kind {
	return jobs.Kind{Name: "nudge", Run: func(context.Context, *jobs.Run) (any, error) { return nil, nil }}
}

func TestRetriesComeBackWithTheirCheckpointAndAreBounded(t *testing.T) {
	type state struct{ Got int }
	var p *plant
	tries := 0
	p = build(t, nudging(),
		jobs.Kind{Name: "flaky", Run: func(ctx context.Context, r *jobs.Run) (any, error) {
			tries++
			var s state
			if err := r.Resume(&s); err != nil || s.Got == 1 {
				return s, err
			}
			err := sqlite.Do(ctx, p.db, func(tx *sqlite.Tx) error { return r.Checkpoint(tx, state{1}) })
			return nil, errors.Join(err, jobs.Retry(fault.New(fault.Unavailable, "NIMC does not answer.")))
		}},
		jobs.Kind{Name: "hopeless", Run: func(context.Context, *jobs.Run) (any, error) {
			return nil, jobs.Retry(errors.New("dial tcp"))
		}},
	).start()
	j := p.wait(p.add(jobs.Spec{Kind: "flaky"}).ID)
	p.want(j, jobs.Succeeded, "")
	if tries != 2 || string(j.Result) != `{"Got":1}` {
		t.Errorf("%d tries with %s; want 2 and the checkpoint", tries, j.Result)
	}
	j = p.add(jobs.Spec{Kind: "hopeless"})
	for range 50 {
		p.nudge()
		if j, _ = p.Wait(t.Context(), j.ID, 50*time.Millisecond); j.State.Ended() {
			break
		}
		if j.State == jobs.Queued && j.Error != nil {
			p.want(j, jobs.Queued, "tried again by itself")
			p.forward(10 * time.Minute)
		}
	}
	p.want(j, jobs.Failed, "Something broke here")
	if n := strings.Count(p.log.String(), "dial tcp"); n != 5 {
		t.Errorf("it was tried %d times; want 5", n)
	}
}

func TestAPausedJobWaitsForAPerson(t *testing.T) {
	looks := 0
	p := build(t, jobs.Kind{Name: "careful", Run: func(context.Context, *jobs.Run) (any, error) {
		if looks++; looks == 1 {
			return nil, jobs.Pause("The file has 40 % fewer rows than yesterday's; resume to take it all the same.")
		}
		return looks, nil
	}}).start()
	id := p.add(jobs.Spec{Kind: "careful", UniqueKey: "one"}).ID
	p.want(p.wait(id), jobs.Paused, "40 % fewer rows")
	if _, err := p.tryAdd(jobs.Spec{Kind: "careful", UniqueKey: "one"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a paused job's key: %v; want a conflict", err)
	}
	resume := func() error {
		return sqlite.Do(t.Context(), p.db, func(tx *sqlite.Tx) error { _, err := p.Resume(tx, access.System("test"), id); return err })
	}
	if err := resume(); err != nil {
		t.Fatal(err)
	}
	p.want(p.wait(id), jobs.Succeeded, "")
	if err := resume(); !fault.Is(err, fault.Conflict) {
		t.Errorf("resuming what has ended: %v; want a conflict", err)
	}
}

func TestAUniqueKeyIsHeldUntilTheEnd(t *testing.T) {
	p := build(t, jobs.Kind{Name: "hang", Run: hang}).start()
	first := p.add(jobs.Spec{Kind: "hang", UniqueKey: "sha256:1"})
	_, err := p.tryAdd(jobs.Spec{Kind: "hang", UniqueKey: "sha256:1"})
	if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), first.ID) {
		t.Errorf("the second: %v; want a conflict that names %s", err, first.ID)
	}
	p.cancel(first.ID)
	p.add(jobs.Spec{Kind: "hang", UniqueKey: "sha256:1"})
}

// security.md class 27: cancel stops the real work and frees the queue.
func TestCancelStopsTheWorkInEveryState(t *testing.T) {
	var p *plant
	stopped, began := make(chan error, 1), make(chan struct{}, 1)
	var ended []string
	p = build(t, nudging(), jobs.Kind{
		Name: "work",
		Run: func(ctx context.Context, r *jobs.Run) (any, error) {
			var how string
			if err := r.Args(&how); err != nil || how == "pause" {
				return nil, errors.Join(err, jobs.Pause("Look."))
			}
			began <- struct{}{}
			<-ctx.Done()
			// A last effect after the cancellation must not come to be.
			err := sqlite.Do(context.WithoutCancel(ctx), p.db, func(tx *sqlite.Tx) error {
				if _, err := sqlite.Exec(tx, `INSERT INTO bank (code, name) VALUES ('999', 'late')`); err != nil {
					return err
				}
				return r.Checkpoint(tx, 1)
			})
			stopped <- errors.Join(context.Cause(ctx), err)
			return "finished anyway", nil
		},
		Ended: func(tx *sqlite.Tx, j jobs.Job) error {
			tx.After(func() { ended = append(ended, string(j.State)) })
			return nil
		},
	})
	p.Workers = 1
	p.start()

	running := p.add(jobs.Spec{Kind: "work", Args: "hang"})
	take(t, began)
	queued := p.add(jobs.Spec{Kind: "work", Args: "hang"})
	p.cancel(queued.ID)
	p.want(p.wait(queued.ID), jobs.Canceled, "")
	p.cancel(running.ID)
	if err := take(t, stopped); !errors.Is(err, jobs.Cancelled) {
		t.Errorf("the work saw %v; want Cancelled", err)
	}
	p.want(p.wait(running.ID), jobs.Canceled, "")
	p.nudge() // the one worker is free
	if n, _ := sqlite.Read(t.Context(), p.db, func(tx *sqlite.Tx) (int, error) {
		return sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM bank WHERE code = '999'`)
	}); n != 0 {
		t.Error("an effect came after the cancellation")
	}
	paused := p.add(jobs.Spec{Kind: "work", Args: "pause"})
	p.want(p.wait(paused.ID), jobs.Paused, "Look.")
	p.cancel(paused.ID)
	j := p.wait(paused.ID)
	p.want(j, jobs.Canceled, "")
	if j.Result != nil && string(j.Result) != "null" {
		t.Errorf("a cancelled job has the result %s", j.Result)
	}
	p.nudge()
	if strings.Join(ended, " ") != "cancelled cancelled cancelled" {
		t.Errorf("Ended heard %q; want three cancellations", ended)
	}
	err := sqlite.Do(t.Context(), p.db, func(tx *sqlite.Tx) error { _, err := p.Cancel(tx, access.System("test"), paused.ID); return err })
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("cancelling what has ended: %v; want a conflict", err)
	}
}

func TestAShutdownQueuesAgainWithTheCheckpoint(t *testing.T) {
	var p *plant
	began := make(chan struct{}, 1)
	kind := jobs.Kind{Name: "long", Permission: access.SIMRead, Run: func(ctx context.Context, r *jobs.Run) (any, error) {
		var at int
		if err := r.Resume(&at); err != nil || at == 7 {
			return at, err
		}
		if err := sqlite.Do(ctx, p.db, func(tx *sqlite.Tx) error { return r.Checkpoint(tx, 7) }); err != nil {
			return nil, err
		}
		began <- struct{}{}
		<-ctx.Done()
		if !errors.Is(context.Cause(ctx), jobs.Stopping) {
			t.Errorf("the cause is %v; want Stopping", context.Cause(ctx))
		}
		return nil, ctx.Err()
	}}
	p = build(t, kind)
	ctx, stop := context.WithCancel(t.Context())
	if err := p.Start(ctx); err != nil {
		t.Fatal(err)
	}
	id := p.add(jobs.Spec{Kind: "long"}).ID
	take(t, began)
	stop()
	p.end(p.Queue)
	if j, _ := p.Get(t.Context(), id); j.State != jobs.Queued {
		t.Errorf("after the shutdown the job is %s; want queued", j.State)
	}
	p.Queue = p.queue(kind)
	p.start()
	if j := p.wait(id); string(j.Result) != "7" {
		t.Errorf("the result is %s; want the checkpoint", j.Result)
	}
}

func TestPoolAndLimitsPerKind(t *testing.T) {
	var mu sync.Mutex
	now, most, release := map[string]int{}, map[string]int{}, make(chan struct{})
	count := func(name string, by int) {
		mu.Lock()
		defer mu.Unlock()
		for _, k := range []string{name, "all"} {
			now[k] += by
			most[k] = max(most[k], now[k])
		}
	}
	kind := func(name string, limit int) jobs.Kind {
		return jobs.Kind{Name: name, Limit: limit, Run: func(context.Context, *jobs.Run) (any, error) {
			count(name, 1)
			defer count(name, -1)
			<-release
			return nil, nil
		}}
	}
	p := build(t, kind("single", 0), kind("double", 2), kind("other", 0))
	p.Workers = 3
	var ids []string
	for _, k := range []string{"double", "single", "other"} {
		for range 4 {
			ids = append(ids, p.add(jobs.Spec{Kind: k}).ID)
		}
	}
	p.start()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		mu.Lock()
		full := now["all"] == 3
		mu.Unlock()
		if full {
			break
		}
	}
	close(release)
	for _, id := range ids {
		p.want(p.wait(id), jobs.Succeeded, "")
	}
	if most["single"] != 1 || most["double"] != 2 || most["all"] != 3 {
		t.Errorf("at the same time ran %v; want single 1, double 2, all 3", most)
	}
}

// A hook that never works is a defect of its kind; the queue goes on.
func TestAJobEndsThoughItsHookFails(t *testing.T) {
	tries := 0
	kind := nudging()
	kind.Ended = func(*sqlite.Tx, jobs.Job) error { tries++; return errors.New("broken hook") }
	p := build(t, kind)
	p.Workers = 1
	p.start()
	p.want(p.wait(p.add(jobs.Spec{Kind: "nudge"}).ID), jobs.Succeeded, "")
	if tries != 3 || !strings.Contains(p.log.String(), "broken hook") {
		t.Errorf("the hook was tried %d times; want 3, and its error in the log", tries)
	}
}

// security.md class 29: a clock that jumps.
func TestJobsStartThoughTheClockIsSetBack(t *testing.T) {
	p := build(t, nudging())
	id := p.add(jobs.Spec{Kind: "nudge"}).ID
	p.forward(-24 * time.Hour)
	p.start()
	p.want(p.wait(id), jobs.Succeeded, "")
}

func TestAfterIsWaitedFor(t *testing.T) {
	p := build(t, nudging()).start()
	j := p.add(jobs.Spec{Kind: "nudge", After: p.now().Add(time.Hour)})
	p.nudge()
	if got, _ := p.Wait(t.Context(), j.ID, 50*time.Millisecond); got.State != jobs.Queued {
		t.Errorf("an hour early the job is %s; want queued", got.State)
	}
	p.forward(time.Hour + time.Second)
	p.nudge()
	p.want(p.wait(j.ID), jobs.Succeeded, "")
}

func TestProgressIsToldAtMostTwiceASecond(t *testing.T) {
	finish := make(chan struct{})
	p := build(t, jobs.Kind{Name: "count", Run: func(_ context.Context, r *jobs.Run) (any, error) {
		r.Stage("Reading the file")
		for i := range int64(150) {
			r.Progress(10*(i+1), 1500, "rows")
			time.Sleep(10 * time.Millisecond)
		}
		r.Stage("Writing changes")
		<-finish
		return nil, nil
	}}).start()
	id := p.add(jobs.Spec{Kind: "count"}).ID
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		j, _ := p.Get(t.Context(), id)
		if j.Progress.Done >= 1000 {
			if j.Stage != "Reading the file" || j.Progress.Total != 1500 || j.Progress.Unit != "rows" || j.Progress.PerSecond < 200 || j.Progress.PerSecond > 1100 {
				t.Errorf("while it runs: %q %+v; want about 1,000 rows a second", j.Stage, j.Progress)
			}
			break
		}
		if time.Now().After(end) {
			t.Fatalf("no progress is shown: %+v", j.Progress)
		}
	}
	close(finish)
	j := p.wait(id)
	if j.Progress.Done != 1500 || j.Stage != "Writing changes" || j.Progress.PerSecond <= 0 {
		t.Errorf("at its end: %q %+v", j.Stage, j.Progress)
	}
}

func TestFilesOfAJob(t *testing.T) {
	p := build(t, jobs.Kind{Name: "file", Run: func(_ context.Context, r *jobs.Run) (any, error) {
		for _, name := range []string{"../escape", "a/b", "..", ".", ""} {
			if f, err := r.File(name); err == nil {
				f.Close()
				t.Errorf("the name %q was taken", name)
			}
		}
		f, err := r.File("errors.csv")
		if err != nil {
			return nil, err
		}
		_, err = f.WriteString("line,reason\n")
		return nil, errors.Join(err, f.Close())
	}}).start()
	j := p.wait(p.add(jobs.Spec{Kind: "file"}).ID)
	p.want(j, jobs.Succeeded, "")
	name := filepath.Join(p.Folder(j.ID), "errors.csv")
	if text, err := os.ReadFile(name); err != nil || string(text) != "line,reason\n" {
		t.Errorf("the file holds %q, %v", text, err)
	}
	for _, path := range []string{name, p.Folder(j.ID)} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v %v", path, info.Mode(), err)
		}
	}
}

func TestWorkThatIsNoLongerKnownFails(t *testing.T) {
	p := build(t, nudging())
	id := p.add(jobs.Spec{Kind: "nudge"}).ID
	p.Queue = p.queue()
	p.start()
	p.want(p.wait(id), jobs.Failed, "does not know this kind")
}

func TestSchedules(t *testing.T) {
	var p *plant
	p = build(t, nudging())
	for spec, good := range map[string]bool{
		"40 2 * * *": true, "@daily": true, "@every 1h": true, "*/5 8-17 * * MON-FRI": true,
		"TZ=0": false, "CRON_TZ=0": false, "TZ=Africa/Lagos 0 3 * * *": false, "": false, "61 * * * *": false, "0 0 31 2 *": false, "* * * * * *": false,
	} {
		if err := p.Every(spec, "test", func(context.Context) error { return nil }); (err == nil) != good {
			t.Errorf("schedule %q: %v; want it taken: %t", spec, err, good)
		}
	}
	p = build(t, nudging())
	came := make(chan time.Time, 10)
	// Half past eight in Lagos, whatever the machine's zone is.
	if err := p.Every("30 8 * * *", "morning", func(context.Context) error { came <- p.now(); return nil }); err != nil {
		t.Fatal(err)
	}
	lagos := time.FixedZone("", 3600)
	now := p.now().In(lagos)
	due := time.Date(now.Year(), now.Month(), now.Day(), 8, 30, 0, 0, lagos)
	if !due.After(now) {
		due = due.AddDate(0, 0, 1)
	}
	p.forward(due.Sub(now) - 2*time.Second)
	p.start()
	select {
	case at := <-came:
		if at.Before(due) || at.After(due.Add(10*time.Second)) {
			t.Errorf("it came at %s; want %s", at, due)
		}
	case <-time.After(15 * time.Second):
		t.Error("it never came")
	}
}

func FuzzSchedules(f *testing.F) {
	for _, s := range []string{"TZ=0", "CRON_TZ=", "@every 1h", "0 0 31 2 *", "*/0 * * * *", "1-0 * * * *", "@every -1h", "@every 1ns", "TZ= 1 1 1 1 1"} {
		f.Add(s)
	}
	p := jobs.New(nil, "", time.Now, nil, slog.New(slog.DiscardHandler))
	f.Fuzz(func(t *testing.T, spec string) {
		_ = p.Every(spec, "fuzz", func(context.Context) error { return nil }) // must not panic or hang
	})
}

func TestTidyingUpForgetsWhatEndedLongAgo(t *testing.T) {
	p := build(t, nudging(), jobs.Kind{Name: "hang", Run: hang}, jobs.Kind{Name: "file", Run: func(_ context.Context, r *jobs.Run) (any, error) {
		f, err := r.File("result.csv")
		if err != nil {
			return nil, err
		}
		return nil, f.Close()
	}}).start()
	gone := p.wait(p.add(jobs.Spec{Kind: "file"}).ID)
	hung := p.add(jobs.Spec{Kind: "hang"})
	p.until(hung.ID, jobs.Running)
	orphan := p.Folder("job_" + strings.Repeat("0", 26))
	if err := os.MkdirAll(orphan, 0o700); err != nil {
		t.Fatal(err)
	}
	p.forward(31 * 24 * time.Hour)
	kept := p.wait(p.add(jobs.Spec{Kind: "file"}).ID)
	tidy := p.wait(p.add(jobs.Spec{Kind: "jobs.tidy"}).ID)
	if string(tidy.Result) != `{"jobs":1,"folders":1}` {
		t.Errorf("the result is %s; want one job and one folder", tidy.Result)
	}
	if _, err := p.Get(t.Context(), gone.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the old job: %v; want not found", err)
	}
	for path, there := range map[string]bool{p.Folder(gone.ID): false, orphan: false, p.Folder(kept.ID): true} {
		if _, err := os.Stat(path); (err == nil) != there {
			t.Errorf("%s: %v; want there: %t", path, err, there)
		}
	}
	if j, err := p.Get(t.Context(), hung.ID); err != nil || j.State != jobs.Running {
		t.Errorf("an old job that still runs is %s, %v", j.State, err)
	}
}

func TestFirmWorkIsNotCancelledHalfDone(t *testing.T) {
	half, goOn := make(chan struct{}, 1), make(chan struct{})
	var p *plant
	p = build(t, jobs.Kind{
		Name: "work",
		Run: func(ctx context.Context, r *jobs.Run) (any, error) {
			if err := sqlite.Do(ctx, p.db, func(tx *sqlite.Tx) error { return r.Checkpoint(tx, "half") }); err != nil {
				return nil, err
			}
			half <- struct{}{}
			<-goOn
			return "whole", context.Cause(ctx)
		},
		Firm: func(checkpoint json.RawMessage) string {
			if string(checkpoint) == `"half"` {
				return "It is half done and ends by itself."
			}
			return ""
		},
	})
	waiting := p.add(jobs.Spec{Kind: "work"})
	p.cancel(waiting.ID) // nothing is done yet
	begun := p.add(jobs.Spec{Kind: "work"})
	p.start()
	take(t, half)
	_, err := sqlite.Write(t.Context(), p.db, func(tx *sqlite.Tx) (jobs.Job, error) {
		return p.Cancel(tx, access.System("test"), begun.ID)
	})
	if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "half done") {
		t.Errorf("cancelled half done: %v", err)
	}
	close(goOn)
	p.want(p.wait(begun.ID), jobs.Succeeded, "")
}
