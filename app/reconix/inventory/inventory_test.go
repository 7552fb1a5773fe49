package inventory_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/seal"
	"reconexus/app/live"
	"reconexus/app/reconix/generate"
	"reconexus/app/reconix/inventory"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/operators"
	"reconexus/app/reconix/sims"
	"reconexus/app/reconix/tenure"
	"reconexus/store/migrations"
	"reconexus/store/sqlite"
)

// lab is an appliance's inventory with everything under it, on a real data folder.
type lab struct {
	t    testing.TB
	dir  string
	db   *sqlite.DB
	jobs *jobs.Queue
	*inventory.Service
}

func open(t testing.TB, dir string) *lab {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "reconexus.db")
	must(sqlite.Migrate(t.Context(), path, migrations.Files))
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	must(err)
	ring, err := seal.Load(filepath.Join(dir, "keys.json"))
	must(err)
	table, err := numbering.New()
	must(err)
	keys := tenure.NewKeys(ring)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	hub := live.NewHub(time.Now)
	trail := audit.New(db, ring, time.Now)
	queue := jobs.New(db, filepath.Join(dir, "jobs"), time.Now, hub, log)
	ops := operators.New(db, trail)
	must(ops.Seed(t.Context()))
	records, err := sims.New(sims.Service{DB: db, Dir: dir, Clock: time.Now, Table: table, Ring: ring, Audit: trail, Jobs: queue, Hub: hub, Operators: ops, Log: log})
	must(err)
	s, err := inventory.New(inventory.Service{DB: db, Dir: dir, Clock: time.Now, Table: table, Keys: &keys, Audit: trail, Jobs: queue, Operators: ops, Sims: records, Log: log}, ring)
	must(err)
	must(queue.Start(t.Context()))
	l := &lab{t: t, dir: dir, db: db, jobs: queue, Service: s}
	t.Cleanup(l.close)
	return l
}

func (l *lab) close() {
	if l.db == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := errors.Join(l.jobs.Close(ctx), l.db.Close()); err != nil {
		l.t.Error(err)
	}
	l.db = nil
}

var clerk = access.System("test")

// take hands a file in and waits for its job.
func (l *lab) take(operator, on string, body io.Reader) (jobs.Job, inventory.Result) {
	l.t.Helper()
	d, err := day.Parse(on)
	if err != nil {
		l.t.Fatal(err)
	}
	j, err := l.Receive(l.t.Context(), clerk, inventory.Delivery{Operator: operator, Day: d, Name: "test.csv", Body: body})
	if err != nil {
		l.t.Fatal(err)
	}
	return l.wait(j)
}

func (l *lab) wait(j jobs.Job) (jobs.Job, inventory.Result) {
	l.t.Helper()
	for !j.State.Ended() && j.State != jobs.Paused {
		var err error
		if j, err = l.jobs.Wait(l.t.Context(), j.ID, time.Minute); err != nil {
			l.t.Fatal(err)
		}
	}
	var r inventory.Result
	if j.State == jobs.Succeeded {
		if err := json.Unmarshal(j.Result, &r); err != nil {
			l.t.Fatal(err)
		}
	}
	return j, r
}

// events lists what a feed said, as the truth file does.
func (l *lab) events(feed string) []string {
	l.t.Helper()
	out, err := sqlite.Read(l.t.Context(), l.db, func(tx *sqlite.Tx) ([]string, error) {
		return sqlite.All(tx, func(r sqlite.Row) (string, error) {
			var n int64
			var kind string
			err := r.Scan(&n, &kind)
			return numbering.MSISDN(n).String() + "," + kind, err
		}, `SELECT msisdn, kind FROM tenure_event WHERE source = ?`, feed)
	})
	if err != nil {
		l.t.Fatal(err)
	}
	sort.Strings(out)
	return out
}

const (
	day1 = "2026-11-20"
	day2 = "2026-11-21"
)

func options(t testing.TB, rows int, on string, defects bool) generate.Options {
	base, _ := day.Parse(day1)
	d, err := day.Parse(on)
	if err != nil {
		t.Fatal(err)
	}
	return generate.Options{Operator: "MTN", Rows: rows, Seed: 7, Base: base, Day: d, Changed: 0.02, Defects: defects}
}

func file(t testing.TB, o generate.Options, truth io.Writer) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	if _, err := generate.Inventory(&b, o, truth); err != nil {
		t.Fatal(err)
	}
	return &b
}

// wanted is a truth file in the words of one operator's reader: a port out is a number
// that is gone, a port in one that is new.
func wanted(truth string) []string {
	words := strings.NewReplacer(",port_out", ",ended", ",churned", ",ended", ",port_in", ",activated")
	var out []string
	for line := range strings.Lines(truth) {
		if line = strings.TrimSpace(words.Replace(line)); line != "" && !strings.HasPrefix(line, "msisdn") {
			out = append(out, line)
		}
	}
	sort.Strings(out)
	return out
}

func differences(got, want []string) (extra, missed []string) {
	seen := map[string]int{}
	for _, g := range got {
		seen[g]++
	}
	for _, w := range want {
		if seen[w] == 0 {
			missed = append(missed, w)
		}
		seen[w]--
	}
	for g, n := range seen {
		if n > 0 {
			extra = append(extra, g)
		}
	}
	return extra, missed
}

func TestSecondDayFindsWhatChanged(t *testing.T) {
	for name, c := range map[string]struct{ defects, shuffle, gzip bool }{
		"clean": {}, "defects": {defects: true}, "scattered": {shuffle: true}, "compressed": {gzip: true},
	} {
		t.Run(name, func(t *testing.T) {
			const rows = 5_000
			l := open(t, t.TempDir())
			var truth strings.Builder
			first, second := options(t, rows, day1, c.defects), options(t, rows, day2, c.defects)
			first.Shuffle, second.Shuffle, first.Gzip, second.Gzip = c.shuffle, c.shuffle, c.gzip, c.gzip
			l.take("MTN", day1, file(t, first, nil))
			j, r := l.take("MTN", day2, file(t, second, &truth))
			if j.State != jobs.Succeeded {
				t.Fatalf("%+v", j)
			}
			extra, missed := differences(l.events(r.Feed), wanted(truth.String()))
			if len(extra) > 0 || len(missed) > 0 {
				t.Errorf("%d events too many: %v\n%d missed: %v", len(extra), head(extra), len(missed), head(missed))
			}
			if c.defects == (r.Rejected == 0) {
				t.Errorf("%d rows rejected", r.Rejected)
			}
		})
	}
}

func head(s []string) []string { return s[:min(len(s), 8)] }

func TestSameFileIsTakenOnce(t *testing.T) {
	l := open(t, t.TempDir())
	body := file(t, options(t, 500, day1, false), nil).Bytes()
	j, _ := l.take("MTN", day1, bytes.NewReader(body))
	_, err := l.Receive(t.Context(), clerk, inventory.Delivery{Operator: "mtn", Day: day.Of(time.Now()), Body: bytes.NewReader(body)})
	if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), j.ID) {
		t.Errorf("the second time: %v, want a conflict that names %s", err, j.ID)
	}
	if left, _ := os.ReadDir(filepath.Join(l.dir, "spool")); len(left) != 0 {
		t.Errorf("%d files are left in the spool", len(left))
	}
}

func TestBreakerStopsBeforeAnythingChanges(t *testing.T) {
	l := open(t, t.TempDir())
	l.take("MTN", day1, file(t, options(t, 2000, day1, false), nil))
	lines := strings.SplitAfter(file(t, options(t, 2000, day2, false), nil).String(), "\n")
	j, _ := l.take("MTN", day2, strings.NewReader(strings.Join(lines[:1500], "")))
	if j.State != jobs.Paused || j.Error == nil || !strings.Contains(*j.Error, "Nothing was changed") {
		t.Fatalf("%+v", j)
	}
	if n := l.count(`SELECT count(*) FROM tenure WHERE to_day IS NOT NULL AND ended_as = 'missing'`); n != 0 {
		t.Errorf("%d tenures were ended", n)
	}
	if n := l.count(`SELECT rows FROM feed WHERE state = 'stopped'`); n < 1400 || n > 1499 {
		t.Errorf("the breaker saw %d rows", n)
	}
	err := sqlite.Do(t.Context(), l.db, func(tx *sqlite.Tx) error { _, err := l.jobs.Resume(tx, clerk, j.ID); return err })
	if err != nil {
		t.Fatal(err)
	}
	if j, r := l.wait(jobs.Job{ID: j.ID}); j.State != jobs.Succeeded || r.Missing < 400 {
		t.Errorf("after a person looked: %+v, %+v", j, r)
	}
}

func (l *lab) count(query string) int {
	l.t.Helper()
	n, err := sqlite.Read(l.t.Context(), l.db, func(tx *sqlite.Tx) (int, error) { return sqlite.One(tx, sqlite.Int, query) })
	if err != nil {
		l.t.Fatal(err)
	}
	return n
}

func TestLateFileIsFiledNotApplied(t *testing.T) {
	l := open(t, t.TempDir())
	l.take("MTN", day2, file(t, options(t, 500, day2, false), nil))
	before := l.count(`SELECT count(*) FROM tenure`)
	j, r := l.take("MTN", day1, file(t, options(t, 500, day1, false), nil))
	if j.State != jobs.Succeeded || r.State != inventory.Filed || r.Note == "" || l.count(`SELECT count(*) FROM tenure`) != before {
		t.Errorf("%+v %+v", j, r)
	}
}

func TestNumberThatMovesIsAPortWhicheverFileComesFirst(t *testing.T) {
	for _, order := range [][]string{{"MTN", "AIRTEL"}, {"AIRTEL", "MTN"}} {
		t.Run(strings.Join(order, " then "), func(t *testing.T) {
			const rows = 5_000
			l := open(t, t.TempDir())
			truth := map[string]*strings.Builder{"MTN": {}, "AIRTEL": {}}
			for _, on := range []string{day1, day2} {
				for _, op := range order {
					o := options(t, rows, on, false)
					o.Operator = op
					l.take(op, on, file(t, o, truth[op]))
				}
			}
			moved := 0
			for line := range strings.Lines(truth["AIRTEL"].String()) {
				if number, ok := strings.CutSuffix(strings.TrimSpace(line), ",port_in"); ok {
					moved++
					m, err := numbering.ParseMSISDN(number)
					if err != nil {
						t.Fatal(err)
					}
					n := l.count(fmt.Sprintf(`SELECT count(*) FROM tenure WHERE msisdn = %d AND retracted_at IS NULL`, m))
					p := l.count(fmt.Sprintf(`SELECT count(*) FROM tenure WHERE msisdn = %d AND retracted_at IS NULL AND operator = 'AIRTEL' AND to_day IS NULL`, m))
					if n != 1 || p != 1 {
						t.Errorf("%s: %d tenures, %d of them open at AIRTEL; a port is one tenure that goes on", number, n, p)
					}
				}
			}
			if moved == 0 {
				t.Fatal("the generator moved no number")
			}
		})
	}
}

func TestWhatPeopleSend(t *testing.T) {
	const head = "MSISDN,SIM_SERIAL,IMSI,ACTIVATION_DATE,SUBSCRIBER_NAME,STATUS\n"
	const good = "08031234567,89234010000000000012,621301234567890,2020-01-31,Ada Okafor,active\n"
	for name, c := range map[string]struct {
		body     string
		rows     int64
		rejected int64
		refused  string // code of a refused file
	}{
		"one row":               {head + good, 1, 0, ""},
		"an Excel serial":       {head + good + "08031234568,8.92342E+18,621301234567890,2020-01-31,Bola Ade,active\n", 1, 1, ""},
		"a date that is none":   {head + good + "08031234568,89234010000000000012,621301234567890,2020-02-31,Bola Ade,active\n", 1, 1, ""},
		"a date in the future":  {head + good + "08031234568,89234010000000000012,621301234567890,2037-01-01,Bola Ade,active\n", 1, 1, ""},
		"no number":             {head + good + "12,89234010000000000012,621301234567890,2020-01-31,Bola Ade,active\n", 1, 1, ""},
		"a status of its own":   {head + good + "08031234568,89234010000000000012,621301234567890,2020-01-31,Bola Ade,sleeping\n", 1, 1, ""},
		"nobody's line":         {head + good + "08031234568,89234010000000000012,621301234567890,2020-01-31,,active\n", 1, 1, ""},
		"twice the same":        {head + good + good, 1, 0, ""},
		"twice, and different":  {head + good + strings.Replace(good, "Ada", "Bola", 1), 1, 1, ""},
		"no final newline":      {head + strings.TrimSuffix(good, "\n"), 1, 0, ""},
		"semicolons":            {strings.ReplaceAll(head+good, ",", ";"), 1, 0, ""},
		"day first":             {head + strings.Replace(good, "2020-01-31", "31/01/2020", 1), 1, 0, ""},
		"Excel days":            {head + strings.Replace(good, "2020-01-31", "43861", 1), 1, 0, ""},
		"dates that may be two": {head + strings.Replace(good, "2020-01-31", "02/01/2020", 1), 0, 0, "AMBIGUOUS_DATES"},
		"no such columns":       {"A,B\n1,2\n", 0, 0, "MISSING_COLUMNS"},
		"broken gzip":           {"\x1f\x8b\x08\x00rubbish", 0, 0, "BAD_GZIP"},
		"a header alone":        {head, 0, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, t.TempDir())
			j, r := l.take("MTN", day1, strings.NewReader(c.body))
			if c.refused != "" {
				if j.State != jobs.Failed || j.Error == nil {
					t.Fatalf("%+v, want a refusal", j)
				}
				return
			}
			if j.State != jobs.Succeeded || r.Rows != c.rows || r.Rejected != c.rejected {
				why := ""
				if j.Error != nil {
					why = *j.Error
				}
				list, _ := os.ReadFile(filepath.Join(l.jobs.Folder(j.ID), "errors.csv"))
				t.Fatalf("%s %s: %d rows, %d rejected; want %d and %d\n%s", j.State, why, r.Rows, r.Rejected, c.rows, c.rejected, list)
			}
			if n := l.count(`SELECT count(*) FROM tenure`); n != int(c.rows) {
				t.Errorf("%d tenures, want %d", n, c.rows)
			}
		})
	}
}

func TestLostSnapshotIsMadeAgain(t *testing.T) {
	const rows = 5000
	for name, damage := range map[string]func(path string) error{
		"gone":    os.Remove,
		"damaged": func(path string) error { return os.WriteFile(path, []byte("rubbish"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, t.TempDir())
			var truth strings.Builder
			_, r := l.take("MTN", day1, file(t, options(t, rows, day1, false), nil))
			if err := damage(filepath.Join(l.dir, "snapshots", r.Feed+".snapshot")); err != nil {
				t.Fatal(err)
			}
			_, r = l.take("MTN", day2, file(t, options(t, rows, day2, false), &truth))
			extra, missed := differences(l.events(r.Feed), wanted(truth.String()))
			if len(extra) > 0 || len(missed) > 0 {
				t.Errorf("too many: %v, missed: %v", head(extra), head(missed))
			}
		})
	}
}

// TestSecurity27KilledImportIsFinishedExactlyOnce stops an import at many moments, as a
// crash would, and looks at what came of it after the last restart.
func TestSecurity27KilledImportIsFinishedExactlyOnce(t *testing.T) {
	const rows = 6_000
	dir := t.TempDir()
	var truth strings.Builder
	for _, on := range []string{day1, day2} {
		var out io.Writer
		if on == day2 {
			out = &truth
		}
		body := file(t, options(t, rows, on, false), out)
		l := open(t, dir)
		d, _ := day.Parse(on)
		j, err := l.Receive(t.Context(), clerk, inventory.Delivery{Operator: "MTN", Day: d, Body: body})
		if err != nil {
			t.Fatal(err)
		}
		for after := 20 * time.Millisecond; ; after += 30 * time.Millisecond {
			time.Sleep(after)
			l.close()
			l = open(t, dir)
			now, err := l.jobs.Get(t.Context(), j.ID)
			if err != nil {
				t.Fatal(err)
			}
			if now.State.Ended() {
				break
			}
		}
		if j, _ = l.wait(jobs.Job{ID: j.ID}); j.State != jobs.Succeeded {
			t.Fatalf("%+v", j)
		}
		if on == day2 {
			feed := ""
			err := sqlite.Do(t.Context(), l.db, func(tx *sqlite.Tx) (err error) {
				feed, err = sqlite.One(tx, sqlite.Text, `SELECT id FROM feed WHERE job_id = ?`, j.ID)
				return err
			})
			extra, missed := differences(l.events(feed), wanted(truth.String()))
			if err != nil || len(extra) > 0 || len(missed) > 0 {
				t.Errorf("%v, too many: %v, missed: %v", err, head(extra), head(missed))
			}
		} else if n := l.count(`SELECT count(*) FROM tenure`); n != rows {
			t.Errorf("%d tenures, want %d", n, rows)
		}
		l.close()
	}
}

func TestCancelLeavesNothingOrIsRefused(t *testing.T) {
	l := open(t, t.TempDir())
	body := file(t, options(t, 6_000, day1, false), nil)
	d, _ := day.Parse(day1)
	j, err := l.Receive(t.Context(), clerk, inventory.Delivery{Operator: "MTN", Day: d, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	err = sqlite.Do(t.Context(), l.db, func(tx *sqlite.Tx) error { _, err := l.jobs.Cancel(tx, clerk, j.ID); return err })
	j, _ = l.wait(j)
	n := l.count(`SELECT count(*) FROM tenure`)
	switch {
	case err == nil && (j.State != jobs.Canceled || n != 0):
		t.Errorf("cancelled: %s with %d tenures", j.State, n)
	case err != nil && (!fault.Is(err, fault.Conflict) || j.State != jobs.Succeeded || n != 6_000):
		t.Errorf("refused (%v): %s with %d tenures", err, j.State, n)
	}
	if left, _ := os.ReadDir(filepath.Join(l.dir, "spool")); len(left) != 0 {
		t.Errorf("%d files are left in the spool", len(left))
	}
}

func TestEventFile(t *testing.T) {
	l := open(t, t.TempDir())
	file := "msisdn,event,date,name\n" +
		"08031234567,activated,2020-01-31,Ada Okafor\n" +
		"08031234567,swapped,2021-01-31,\n" +
		"08031234567,churned,2025-01-31,\n" +
		"08031234567,reactivated,2025-02-10,\n" +
		"08031234567,churned,2025-06-30,\n" +
		"08031234567,activated,2026-01-31,Bola Adeyemi\n" +
		"08031234567,activated,2019-01-01,Chidi Eze\n" + // before what is known
		"08031234568,churned,2025-01-31,\n" + // of nothing
		"08031234569,flew away,2025-01-31,\n" +
		"0803123456,activated,2025-01-31,Ada\n"
	j, r := l.take("MTN", day1, strings.NewReader(file))
	if j.State != jobs.Succeeded || r.Rows != 6 || r.Rejected != 4 {
		list, _ := os.ReadFile(filepath.Join(l.jobs.Folder(j.ID), "errors.csv"))
		t.Fatalf("%+v %+v\n%s", j, r, list)
	}
	want := []string{"activated", "ended", "ended", "recycled", "reversal", "swap"}
	var got []string
	for _, e := range l.events(r.Feed) {
		_, kind, _ := strings.Cut(e, ",")
		got = append(got, kind)
	}
	sort.Strings(got)
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("events %v, want %v", got, want)
	}
	if n := l.count(`SELECT count(*) FROM recycled_sim`); n != 1 {
		t.Errorf("%d recycled SIMs, want 1", n)
	}
	c, err := sqlite.Read(t.Context(), l.db, func(tx *sqlite.Tx) (tenure.Coverage, error) { return tenure.CoverageOf(tx, "MTN") })
	if err != nil || c.From != day.None {
		t.Errorf("an event file is taken for everything: %+v, %v", c, err)
	}
}

func TestAFullFileWithoutAGoodRowChangesNothing(t *testing.T) {
	l := open(t, t.TempDir())
	bad := "msisdn,activation_date,subscriber_name\n12,2020-01-01,Ada\n08031234567,yesterday,Bola\n"
	for _, on := range []string{day1, day2} {
		j, _ := l.take("MTN", on, strings.NewReader(strings.Replace(bad, "12", on, 1)))
		list, err := os.ReadFile(filepath.Join(l.jobs.Folder(j.ID), "errors.csv"))
		if err != nil || j.State != jobs.Failed || j.Error == nil || !strings.Contains(*j.Error, "2 rejected") || strings.Count(string(list), "\n") != 3 {
			t.Fatalf("%+v %v\n%s", j, err, list)
		}
		if on == day1 {
			l.take("MTN", day1, file(t, options(t, 500, day1, false), nil))
		}
	}
	if n := l.count(`SELECT count(*) FROM feed WHERE state = 'applied'`); n != 1 {
		t.Errorf("%d feeds are applied", n)
	}
	if n := l.count(`SELECT count(*) FROM tenure WHERE ended_as = 'missing'`); n != 0 {
		t.Errorf("a file without a good row ended tenures: %d", n)
	}
}

func TestAFileOfBadRowsSaysHowManyTheyAre(t *testing.T) {
	l := open(t, t.TempDir())
	for name, file := range map[string]string{
		"tenures": "msisdn,from,to,name\n08031234567,2010-13-01,,Ada\n,,,\n08031234568,2012-01-01,2011-01-01,Bola Ade\n",
		"events":  "msisdn,event,date,name\n08031234567,activated,2010-13-01,Ada\n08031234,churned,2012-01-01,\n08031234568,flew,2012-01-01,\n",
	} {
		j, r := l.take("MTN", day1, strings.NewReader(file))
		list, err := os.ReadFile(filepath.Join(l.jobs.Folder(j.ID), "errors.csv"))
		if err != nil || j.State != jobs.Succeeded || r.Rows != 0 || r.Rejected != int64(strings.Count(string(list), "\n")-1) || r.Rejected < 2 {
			t.Errorf("%s: %+v %+v %v\n%s", name, j, r, err, list)
		}
	}
}

func TestTenuresOfThePastAreTakenIn(t *testing.T) {
	l := open(t, t.TempDir())
	l.take("MTN", day1, strings.NewReader("msisdn,activation_date,subscriber_name,nin\n"+
		"08031234567,2024-03-01,Bola Adeyemi,\n08031234568,2024-03-01,Ada Okafor,\n08031234569,2024-03-01,Ada Okafor,\n"))
	file := "msisdn,from,to,ended_as,name\n" +
		"08031234567,2010-05-01,2015-06-01,churned,Chidi Eze\n" + // oldest first: each next one goes between
		"08031234567,2016-01-01,2019-01-01,,Ada Okafor\n" +
		"08031234567,2020-01-01,2023-12-24,,Ngozi Obi\n" +
		"08031234567,2024-03-01,,,Bola Adeyemi\n" + // known already
		"08031234568,2020-01-01,2023-01-01,quarantined,Ada Okafor\n" + // the same holder came back
		"08031234569,2020-01-01,2024-06-01,,Ngozi Obi\n" + // overlaps
		"08031234570,2020-01-01,2019-01-01,,Ngozi Obi\n" + // ends before it begins
		"08031234570,2020-01-01,2021-01-01,barred,\n" + // nobody
		"0803123457,2020-01-01,2021-01-01,,Ada Okafor\n"
	j, r := l.take("MTN", day2, strings.NewReader(file))
	list, _ := os.ReadFile(filepath.Join(l.jobs.Folder(j.ID), "errors.csv"))
	if j.State != jobs.Succeeded || r.Rows != 5 || r.Changed != 4 || r.Repeated != 1 || r.Rejected != 4 {
		t.Fatalf("%+v %+v\n%s", j, r, list)
	}
	if !strings.Contains(string(list), "2024-03-01") {
		t.Errorf("the refusal does not name the tenure that is known:\n%s", list)
	}
	h, err := sqlite.Read(t.Context(), l.db, func(tx *sqlite.Tx) (tenure.History, error) { return tenure.Of(tx, 2348031234567) })
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range h {
		got = append(got, fmt.Sprint(s.Generation, " ", s.From, " ", s.To))
	}
	want := []string{"-2 2010-05-01 2015-06-01", "-1 2016-01-01 2019-01-01", "0 2020-01-01 2023-12-24", "1 2024-03-01 "}
	if strings.TrimSpace(strings.Join(got, ", ")) != strings.TrimSpace(strings.Join(want, ", ")) {
		t.Errorf("the number was held %q, want %q", got, want)
	}
	if n := l.count(`SELECT count(*) FROM tenure_event e WHERE kind = 'ended' AND NOT EXISTS (SELECT 1 FROM tenure t
		WHERE t.msisdn = e.msisdn AND t.generation = e.generation AND t.to_day = e.day AND t.retracted_at IS NULL)`); n != 0 {
		t.Errorf("%d ends are told of the wrong tenure", n)
	}
	if n := l.count(`SELECT count(*) FROM recycled_sim`); n != 1 {
		t.Errorf("%d recycled SIMs, want the one whose present holder is another", n)
	}
	if n := l.count(`SELECT count(*) FROM feed WHERE full = 0`); n != 1 {
		t.Error("a file of the past is taken for everything")
	}
}
