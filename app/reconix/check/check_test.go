package check_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/jobs"
	"reconexus/app/reconix/check"
	"reconexus/app/reconix/identity"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/reconixtest"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

type held = reconixtest.Held

// desk is the feature behind its front door.
type desk struct {
	*reconixtest.House
	service *check.Service
}

func open(t testing.TB) *desk {
	t.Helper()
	d := &desk{House: reconixtest.Open(t)}
	d.service = serve(d.House)
	d.service.Mount(d.API)
	d.Jobs.Mount(d.API, d.Audit)
	return d
}

func serve(h *reconixtest.House) *check.Service {
	i := identity.New(identity.Service{DB: h.DB, Clock: h.Clock, Table: h.Table, Audit: h.Audit, Log: h.Log})
	return check.New(check.Service{DB: h.DB, Dir: h.Dir, Clock: h.Clock, Table: h.Table, Audit: h.Audit, Jobs: h.Jobs, Identity: i, Log: h.Log, Together: 16 << 10})
}

const (
	number = 2348031234567
	msisdn = "+2348031234567"
	ada    = "ADA OBI"
	bola   = "BOLA AHMED TINU"
)

func (d *desk) known() {
	d.Helper()
	d.Tenures(number, held{From: "2020-01-01", To: "2021-01-01", By: ada}, held{From: "2022-01-01", By: bola})
	d.Tenures(number+1, held{From: "2020-01-01", By: ada, Operator: "GLO"})
	d.Tenures(number+2, held{By: ada})
	d.Feed("MTN", "2026-10-01", "2026-11-20")
	d.Feed("GLO", "2026-10-01", "2026-11-20")
}

// truths are what must be answered about what known wrote.
func truths() []struct{ number, since, recycled, reassigned, status string } {
	return []struct{ number, since, recycled, reassigned, status string }{
		{"+2348031234567", "2020-06-01", "yes", "yes", "RECYCLED"},
		{"+2348031234567", "2021-01-01", "yes", "yes", "RECYCLED"},
		{"+2348031234567", "2021-06-01", "yes", "no", "RECYCLED"}, // in the gap
		{"+2348031234567", "2022-01-01", "no", "no", "RECYCLED"},
		{"+2348031234568", "2019-01-01", "no_data", "no_data", "ACTIVE"}, // perhaps ported in
		{"+2348031234568", "2021-01-01", "no", "no_data", "ACTIVE"},
		{"+2348031234568", "2026-10-01", "no", "no", "ACTIVE"},
		{"+2348031234569", "2021-01-01", "no_data", "no_data", "ACTIVE"}, // since when is unknown
		{"+2348031234570", "2021-01-01", "no_data", "no_data", "UNKNOWN"},
	}
}

func TestOneNumber(t *testing.T) {
	d := open(t)
	d.known()
	for _, c := range truths() {
		a := d.Ask(http.MethodGet, "/recycling-checks/"+c.number+"?since="+c.since, "")
		if a.Code != 200 || a.Body["recycled"] != c.recycled || a.Body["reassigned"] != c.reassigned || a.Body["status"] != c.status || a.Body["msisdn"] != c.number || a.Body["since"] != c.since || a.Body["as_of"] == nil {
			t.Errorf("%s since %s: %d %s", c.number, c.since, a.Code, a.Text)
		}
		if evidence := a.Body["evidence"].([]any); (len(evidence) == 0) != (c.status == "UNKNOWN") || (a.Body["coverage"] == nil) != (c.status == "UNKNOWN") {
			t.Errorf("evidence: %s", a.Text)
		}
	}
	for _, bad := range []string{msisdn, msisdn + "?since=2026-11-21", msisdn + "?since=yesterday", "123?since=2020-01-01", msisdn + "?since=2020-02-30"} {
		if a := d.Ask(http.MethodGet, "/recycling-checks/"+bad, ""); a.Code != 422 {
			t.Errorf("%s: %d %s", bad, a.Code, a.Text)
		}
	}
}

func (d *desk) scrubbed(t *testing.T, content string) (job jobs.Job, r check.Result, answers, rejects string) {
	t.Helper()
	job = d.Upload("/recycling-checks?name=x.csv", content)
	if job.State == jobs.Succeeded {
		if err := json.Unmarshal(job.Result, &r); err != nil {
			t.Fatal(err)
		}
		answers = d.Ask(http.MethodGet, "/jobs/"+job.ID+"/result.csv", "").Text
		rejects = d.Ask(http.MethodGet, "/jobs/"+job.ID+"/errors.csv", "").Text
	}
	return job, r, answers, rejects
}

func TestAFileIsAnsweredLineByLine(t *testing.T) {
	d := open(t)
	d.Start(d.Jobs)
	d.known()
	var file, want strings.Builder
	want.WriteString("msisdn,date,recycled,reassigned,status,evidence\r\n")
	for _, c := range truths() {
		fmt.Fprintf(&file, "%s,%s\n", c.number, c.since)
		fmt.Fprintf(&want, "%s,%s,%s,%s,%s,", c.number, c.since, c.recycled, c.reassigned, c.status)
		switch c.number {
		case "+2348031234567":
			want.WriteString("held since 2022-01-01; tenures before: 1; last given up by 2021-01-01; told by MTN from 2026-10-01 to 2026-11-20\r\n")
		case "+2348031234568":
			want.WriteString("held since 2020-01-01; told by GLO from 2026-10-01 to 2026-11-20\r\n")
		case "+2348031234569":
			want.WriteString("held since an unknown day; told by MTN from 2026-10-01 to 2026-11-20\r\n")
		default:
			want.WriteString("none\r\n")
		}
	}
	for name, content := range map[string]string{
		"with a header":    "msisdn,date\n" + file.String(),
		"without one":      file.String(),
		"other names":      "Since;Phone Number;Note\n" + semicolons(file.String()),
		"zipped, headless": zipped(file.String()),
	} {
		job, r, answers, rejects := d.scrubbed(t, content)
		if job.State != jobs.Succeeded || answers != want.String() || r.Answered != 9 || r.Recycled["yes"] != 3 || r.Reassigned["no_data"] != 4 {
			t.Errorf("%s: %s %+v %v\n%s\nwant\n%s\n%s", name, job.State, r, job.Error, answers, want.String(), rejects)
		}
	}
}

func semicolons(text string) string {
	var out strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		number, date, _ := strings.Cut(line, ",")
		out.WriteString(date + ";" + number + ";x\n")
	}
	return out.String()
}

func zipped(text string) string {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return out.String()
}

func TestBadRowsAreListed(t *testing.T) {
	d := open(t)
	d.Start(d.Jobs)
	d.known()
	for name, c := range map[string]struct {
		header string
		first  int
	}{"with a header": {"msisdn,date\n", 2}, "without one": {"", 1}} {
		_, r, answers, rejects := d.scrubbed(t, c.header+"08031234567,2020-01-01\n12,2020-01-01\n08031234567,\n08031234567,2026-11-21\n08031234567,01/02/2020\n08031234567\n08031234568,2020-01-01")
		if r.Answered != 2 || r.Rejected != 5 || strings.Count(answers, "\n") != 3 {
			t.Errorf("%s: %+v\n%s", name, r, answers)
		}
		for i, want := range []string{"MSISDN,WRONG_LENGTH", "DATE,EMPTY", "DATE,FUTURE", "DATE,BAD_DATE", ",WRONG_COLUMNS"} {
			if line := strings.Split(rejects, "\r\n")[i+1]; !strings.HasPrefix(line, fmt.Sprintf("%d,%s,", c.first+1+i, want)) {
				t.Errorf("%s: %q, want line %d, %s", name, line, c.first+1+i, want)
			}
		}
	}
	for _, content := range []string{"nothing of the kind\n", "08031234567,03/04/2020\n08031234567,04/05/2020\n", "msisdn\n08031234567\n"} {
		if job, _, _, _ := d.scrubbed(t, content); job.State != jobs.Failed || job.Error == nil || !strings.Contains(*job.Error, " ") {
			t.Errorf("%q: %s %v", content, job.State, job.Error)
		}
	}
}

func TestWhoIsBoundGetsNoData(t *testing.T) {
	d := open(t)
	d.Start(d.Jobs)
	d.known()
	for _, c := range []struct {
		who  access.Principal
		want string
	}{
		{reconixtest.Of(access.Operator, "MTN"), "yes"},
		{reconixtest.Of(access.Operator, "GLO"), "no_data"},
		{reconixtest.Of(access.Bank, "044"), "yes"},
	} {
		d.Who = c.who
		a := d.Ask(http.MethodGet, "/recycling-checks/"+msisdn+"?since=2020-06-01", "")
		_, _, answers, _ := d.scrubbed(t, "08031234567,2020-06-01\n")
		if a.Body["recycled"] != c.want || !strings.Contains(answers, "2020-06-01,"+c.want+",") {
			t.Errorf("%s: %s %s", c.who.ID, a.Text, answers)
		}
		if c.want != "no_data" {
			continue
		}
		random := d.Ask(http.MethodGet, "/recycling-checks/+2348039999999?since=2020-06-01", "")
		if strings.ReplaceAll(random.Text, "+2348039999999", msisdn) != a.Text {
			t.Errorf("another's number differs from an unknown one: %s %s", a.Text, random.Text)
		}
	}
}

func TestTheSameFileIsCheckedOnceADay(t *testing.T) {
	d := open(t)
	d.Start(d.Jobs)
	const content = "08031234567,2020-06-01\n"
	job, _, _, _ := d.scrubbed(t, content)
	if a := d.Send(http.MethodPost, "/recycling-checks", "text/csv", []byte(content)); a.Code != 409 || !strings.Contains(a.Text, job.ID) {
		t.Errorf("%d %s", a.Code, a.Text)
	}
	d.Pass(24 * time.Hour)
	if again, _, _, _ := d.scrubbed(t, content); again.State != jobs.Succeeded {
		t.Error("a day later the answers may be others, but the file is refused")
	}
	if left, _ := os.ReadDir(filepath.Join(d.Dir, "spool")); len(left) != 0 {
		t.Errorf("uploads are left: %v", left)
	}
}

// manyChecks writes a file about so many numbers, in no order.
func manyChecks(rows int) []byte {
	var out bytes.Buffer
	draw := rand.New(rand.NewPCG(1, 2))
	for range rows {
		fmt.Fprintf(&out, "+%d,20%02d-%02d-%02d\n", 2348030000000+draw.IntN(rows), 10+draw.IntN(16), 1+draw.IntN(12), 1+draw.IntN(28))
	}
	return out.Bytes()
}

// manyKnown writes tenures of numbers.
func (d *desk) manyKnown(n int) {
	d.Helper()
	for from := 0; from < n; from += 2000 {
		d.Write(func(tx *sqlite.Tx) error {
			var all []tenure.Statement
			for i := range 2000 {
				h := d.History(2348030000000+int64(from+i), held{From: "2018-01-01", To: "2019-01-01", By: ada}, held{From: "2020-01-01", By: bola})
				if i%10 > 0 {
					h = h[:1]
					h[0].To, h[0].EndedAs = d.Day(""), ""
				}
				for _, s := range h {
					s.Learnt, s.Source = d.Clock(), "bench"
					all = append(all, s)
				}
			}
			return tenure.First(tx, all)
		})
	}
}

// security.md class 27: after interruptions each row is answered, and recorded, once.
func TestAnInterruptedScrubIsFinishedExactlyOnce(t *testing.T) {
	const rows = 200_000 // twelve parts of the file: room to be interrupted in, however fast the machine
	d := open(t)
	d.manyKnown(4_000)
	content := append([]byte("msisdn,date\n12,2020-01-01\n"), manyChecks(rows)...)
	job, err := d.service.Scrub(t.Context(), d.Who, "test", bytes.NewReader(content), intake.As{})
	if err != nil {
		t.Fatal(err)
	}
	starts := 0
	for done := false; !done; starts++ {
		queue := d.Queue()
		d.Jobs = queue
		serve(d.House)
		ctx, end := context.WithCancel(t.Context())
		if err := queue.Start(ctx); err != nil {
			t.Fatal(err)
		}
		before := d.recorded(t)
		for now := before; !done && now < before+rows/5; now = d.recorded(t) {
			if job, err = queue.Wait(t.Context(), job.ID, 5*time.Millisecond); err != nil {
				t.Fatal(err)
			}
			done = job.State.Ended()
		}
		end()
		if err := queue.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var r check.Result
	if err := json.Unmarshal(job.Result, &r); err != nil || job.State != jobs.Succeeded {
		t.Fatal(job.State, err, d.Logged())
	}
	if starts < 3 || r.Rows != rows+1 || r.Answered != rows || d.recorded(t) != rows {
		t.Errorf("after %d starts: %+v, %d recorded", starts, r, d.recorded(t))
	}
	answers, err := os.ReadFile(filepath.Join(d.Jobs.Folder(job.ID), "result.csv"))
	if err != nil {
		t.Fatal(err)
	}
	asked := strings.Split(strings.TrimSpace(string(content)), "\n")[2:]
	lines := strings.Split(strings.TrimSpace(string(answers)), "\r\n")[1:]
	if len(lines) != rows {
		t.Fatalf("%d lines, want %d", len(lines), rows)
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, asked[i]+",") {
			t.Fatalf("line %d answers %q, asked was %q", i, line, asked[i])
		}
	}
}

// recorded counts the numbers that files are recorded to have asked about.
func (d *desk) recorded(t *testing.T) int {
	t.Helper()
	n, err := sqlite.Read(t.Context(), d.DB, func(tx *sqlite.Tx) (n int, err error) {
		err = sqlite.Each(tx, func(r sqlite.Row) error {
			packed, err := sqlite.Bytes(r)
			for _, b := range packed {
				if b < 0x80 { // the last byte of a varint
					n++
				}
			}
			return err
		}, `SELECT numbers FROM lookup_file`)
		return n, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhoAskedByAFileIsRecorded(t *testing.T) {
	d := open(t)
	d.Start(d.Jobs)
	job, _, _, _ := d.scrubbed(t, "08031234569,2020-01-01\n08031234567,2020-01-01\n08031234567,2021-01-01\n")
	for number, want := range map[int64]int{2348031234566: 0, 2348031234567: 2, 2348031234568: 0, 2348031234569: 1, 2348031234570: 0} {
		got, err := sqlite.Read(t.Context(), d.DB, func(tx *sqlite.Tx) ([]identity.Inquiry, error) { return identity.Inquiries(tx, number, 100) })
		if err != nil || len(got) != want {
			t.Errorf("%d: %v %v, want %d", number, got, err, want)
		}
		for _, q := range got {
			if q.Actor != d.Who.ID || q.JobID != job.ID || q.Purpose == "" || !q.At.Equal(d.Clock()) {
				t.Errorf("%d: %+v", number, q)
			}
		}
	}
}

// security.md class 25: a NIN in the wrong column goes nowhere.
func TestNoNINLeaks(t *testing.T) {
	d := open(t)
	d.Start(d.Jobs)
	const nin = "71234509876"
	job, _, answers, rejects := d.scrubbed(t, "msisdn,date\n"+nin+",2020-01-01\n08031234567,"+nin+"\n08031234567,2020-01-01,"+nin+"\n08031234567,2020-01-01\n")
	one := d.Ask(http.MethodGet, "/recycling-checks/"+nin+"?since="+nin[:10], "").Text
	for place, text := range map[string]string{"answers": answers, "rejects": rejects, "logs": d.Logged(), "store": d.Dump("lookup", "lookup_file", "audit_entry", "job"), "one": one} {
		if strings.Contains(text, nin) {
			t.Errorf("%s holds the NIN", place)
		}
	}
	if job.State != jobs.Succeeded || !strings.Contains(answers, msisdn) {
		t.Error(job.State, answers)
	}
}

// BenchmarkScrub answers a file of 200,000 numbers, all of them known.
func BenchmarkScrub(b *testing.B) {
	const rows = 200_000
	d := open(b)
	d.manyKnown(rows)
	d.Feed("MTN", "2026-10-01", "2026-11-20")
	d.Start(d.Jobs)
	content := manyChecks(rows)
	for b.Loop() {
		d.Pass(24 * time.Hour)
		start := time.Now()
		job, err := d.service.Scrub(b.Context(), d.Who, "bench", bytes.NewReader(content), intake.As{})
		if err != nil {
			b.Fatal(err)
		}
		if job, err = d.Jobs.Wait(b.Context(), job.ID, 10*time.Minute); err != nil || job.State != jobs.Succeeded {
			b.Fatal(job.State, err, d.Logged())
		}
		b.ReportMetric(rows/time.Since(start).Seconds(), "rows/s")
	}
}

func TestAPersonSaysWhereColumnsAre(t *testing.T) {
	d := open(t)
	d.Start(d.Jobs)
	d.known()
	job := d.Upload("/recycling-checks?date_order=dmy&columns=MSISDN:2,DATE:3", "x,y,z\n1,08031234567,03/04/2020\n")
	answers := d.Ask(http.MethodGet, "/jobs/"+job.ID+"/result.csv", "").Text
	if job.State != jobs.Succeeded || !strings.Contains(answers, "+2348031234567,2020-04-03,") {
		t.Errorf("%s: %s", job.State, answers)
	}
	if a := d.Send(http.MethodPost, "/recycling-checks?columns=MSISDN:2,DATE:9", "text/csv", []byte("x,y\n1,2\n")); a.Code != 422 {
		t.Errorf("a column that is not there: %d %s", a.Code, a.Text)
	}
}
