package linkage_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/jobs"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/reconixtest"
	"reconexus/store/sqlite"
)

const header = "MSISDN,KIND,NUMBER,LINKED_DATE,SOURCE,BANK\n"

func (d *desk) imported(t *testing.T, content string) (jobs.Job, linkage.Result, string) {
	t.Helper()
	job := d.Upload("/linkages/imports", content)
	var r linkage.Result
	if job.State == jobs.Succeeded {
		if err := json.Unmarshal(job.Result, &r); err != nil {
			t.Fatal(err)
		}
	}
	errors, err := os.ReadFile(filepath.Join(d.Jobs.Folder(job.ID), "errors.csv"))
	if err != nil && job.State == jobs.Succeeded {
		t.Fatal(err)
	}
	return job, r, string(errors)
}

func TestAFileIsTakenAndItsBadRowsAreListed(t *testing.T) {
	d := open(t)
	d.Start(d.Jobs)
	job, r, listed := d.imported(t, header+
		"08031234501,NIN,71234509876,2024-05-01,NIMC,\n"+ // 2
		"8031234502,nin,71234509877,,NIMC,\n"+ // a lost zero is mended, no date is unknown
		"+234 803 123 4503,BVN,22987601234,2024-05-01,NIBSS,44\n"+ // so is the bank's
		"08031234503,BVN,22987601234,2024-05-01,,guaranty trust bank\n"+
		"08031234501,NIN,71234509876,2024-05-01,NIMC,\n"+ // said twice
		"12,NIN,71234509876,2024-05-01,NIMC,\n"+ // 7
		"08031234504,NIN,7.12E+10,2024-05-01,NIMC,\n"+
		"08031234504,NIN,AB012345678901YZ,2024-05-01,NIMC,\n"+
		"08031234504,CARD,71234509876,2024-05-01,NIMC,\n"+
		"08031234504,BVN,22987601234,2024-05-01,NIBSS,\n"+
		"08031234504,BVN,22987601234,2024-05-01,NIBSS,999\n"+
		"08031234504,NIN,71234509876,2027-05-01,NIMC,\n"+
		"08031234504,NIN,71234509876,01/05/2024,NIMC,\n"+
		"08031234504,NIN,71234509876,2024-05-01,71234509876,\n"+
		"08031234504,NIN\n"+
		"08031234505,NIN,\"71234509876\",2024-05-01,\"NIMC\",\n")
	if job.State != jobs.Succeeded || r.Rows != 16 || r.Taken != 6 || r.Rejected != 10 || r.Changed != 5 || r.NIN != 4 || r.BVN != 2 || r.Undated != 1 {
		t.Fatalf("%s %+v\n%s", job.State, r, listed)
	}
	for i, want := range []string{"7,MSISDN,WRONG_LENGTH", "8,NUMBER,EXCEL_MANGLED", "9,NUMBER,VIRTUAL_NIN", "10,KIND,KIND", "11,BANK,EMPTY",
		"12,BANK,UNKNOWN_BANK", "13,LINKED_DATE,FUTURE", "14,LINKED_DATE,BAD_DATE", "15,SOURCE,BAD_CHARACTER", "16,,WRONG_COLUMNS"} {
		if line := strings.Split(listed, "\r\n")[i+1]; !strings.HasPrefix(line, want+",") {
			t.Errorf("rejected row %d is %q, want %s", i, line, want)
		}
	}
	if a := d.Ask(http.MethodGet, "/jobs/"+job.ID+"/errors.csv", ""); a.Code != 200 || a.Text != listed {
		t.Errorf("errors.csv: %d %s", a.Code, a.Text)
	}
	bvns := d.Ask(http.MethodGet, "/bvn-linkages?msisdn=08031234503", "").Text
	if !strings.Contains(bvns, `"bank_code":"044"`) || !strings.Contains(bvns, `"bank_code":"058"`) || !strings.Contains(bvns, `"source":"file"`) {
		t.Errorf("the banks are not found by what the file calls them: %s", bvns)
	}
}

func TestOneFormOfDatesIsFoundForTheWholeColumn(t *testing.T) {
	d := open(t)
	d.Start(d.Jobs)
	rows := func(dates ...string) string {
		out := strings.Builder{}
		for i, date := range dates {
			fmt.Fprintf(&out, "080312345%02d,NIN,71234509876,%s,NIMC,\n", i, date)
		}
		return header + out.String()
	}
	if job, r, listed := d.imported(t, rows("03/04/2024", "", "25/04/2024")); job.State != jobs.Succeeded || r.Taken != 3 {
		t.Fatalf("%s %+v %s", job.State, r, listed)
	}
	if a := d.Ask(http.MethodGet, "/nin-linkages?msisdn=08031234500", ""); !strings.Contains(a.Text, `"linked_date":"2024-04-03"`) {
		t.Errorf("the day was taken for the month: %s", a.Text)
	}
	for _, c := range []struct{ content, says string }{
		{rows("03/04/2024", "04/05/2024"), "cannot be told apart"},
		{rows("25/04/2024", "04/25/2024"), "others the month"},
		{"MSISDN,KIND\n0803,NIN\n", "no column NUMBER"},
		{"nothing of the kind\n", "header"},
	} {
		job, _, _ := d.imported(t, c.content)
		if job.State != jobs.Failed || job.Error == nil || !strings.Contains(*job.Error, c.says) {
			t.Errorf("%q: %s, %v", c.content, job.State, job.Error)
		}
	}
}

// security.md class 21: what is no sound CSV is refused or rejected row by row.
func TestDefectiveFiles(t *testing.T) {
	d := open(t)
	d.Start(d.Jobs)
	good := "08031234501,NIN,71234509876,2024-05-01,NIMC,\n"
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(header + strings.Repeat(good, 2000)))
	_ = z.Close()
	for _, c := range []struct {
		name, content   string
		state           jobs.State
		taken, rejected int64
	}{
		{"semicolons, another order, CRLF, BOM", "\xef\xbb\xbfNumber;Kind;Phone;Linked On\r\n71234509876;NIN;08031234501;2024-05-01\r\n", jobs.Succeeded, 1, 0},
		{"no newline at the end", header + strings.TrimSuffix(good, "\n"), jobs.Succeeded, 1, 0},
		{"a NUL", header + good + "08031234502,NIN,7123\x00509876,2024-05-01,NIMC,\n", jobs.Succeeded, 1, 1},
		{"a wrong encoding", header + good + "08031234502,NIN,71234509876,2024-05-01,\xff\xfe,\n", jobs.Succeeded, 1, 1},
		{"an open quote", header + "08031234502,NIN,\"71234509876,2024-05-01,NIMC,\n" + good, jobs.Succeeded, 1, 1},
		{"a huge line", header + strings.Repeat("x", 3<<20) + "\n" + good, jobs.Succeeded, 1, 1},
		{"a footer", header + good + "TOTAL,1\n", jobs.Succeeded, 1, 0},
		{"gzip", zipped.String(), jobs.Succeeded, 2000, 0},
		{"gzip cut short", zipped.String()[:zipped.Len()/2], jobs.Failed, 0, 0},
		{"only a header", header, jobs.Succeeded, 0, 0},
		{"blanks", " \n\n", jobs.Failed, 0, 0},
	} {
		job, r, listed := d.imported(t, c.content)
		if job.State != c.state || r.Taken != c.taken || r.Rejected != c.rejected {
			t.Errorf("%s: %s %+v %v\n%.300s", c.name, job.State, r, job.Error, listed)
		}
	}
	if a := d.Send(http.MethodPost, "/linkages/imports", "text/csv", nil); a.Code != 422 {
		t.Errorf("an empty upload answers %d %s", a.Code, a.Text)
	}
	if left, _ := os.ReadDir(filepath.Join(d.Dir, "spool")); len(left) != 0 {
		t.Errorf("uploads are left: %v", left)
	}
}

func TestTheSameFileIsTakenOnce(t *testing.T) {
	d := open(t)
	d.Start(d.Jobs)
	content := header + "08031234501,NIN,71234509876,2024-05-01,NIMC,\n"
	job, _, _ := d.imported(t, content)
	again := d.Send(http.MethodPost, "/linkages/imports", "text/csv", []byte(content))
	if again.Code != 409 || !strings.Contains(again.Text, job.ID) {
		t.Errorf("%d %s", again.Code, again.Text)
	}
	failed, _, _ := d.imported(t, "nothing\n")
	if a := d.Send(http.MethodPost, "/linkages/imports", "text/csv", []byte("nothing\n")); failed.State != jobs.Failed || a.Code != 202 {
		t.Errorf("a file whose job failed cannot be sent again: %d", a.Code)
	}
}

func TestABoundSenderReportsOnlyItsOwn(t *testing.T) {
	d := open(t)
	d.Start(d.Jobs)
	d.Tenures(number, held{From: "2020-01-01", By: "ADA OBI", Operator: "MTN"})
	d.Tenures(number+1, held{From: "2020-01-01", By: "ADA OBI", Operator: "GLO"})
	content := header + "08031234567,NIN,71234509876,2024-05-01,NIMC,\n08031234567,BVN,22987601234,2024-05-01,NIBSS,044\n08031234567,BVN,22987601234,2024-05-01,NIBSS,058\n" +
		"08031234568,NIN,71234509876,2024-05-01,NIMC,\n08031234599,NIN,71234509876,2024-05-01,NIMC,\n"
	for _, c := range []struct {
		who   access.Principal
		taken int64
		codes string
	}{
		{reconixtest.Of(access.Operator, "MTN"), 3, "5,MSISDN,NOT_YOURS 6,MSISDN,NOT_YOURS"},
		{reconixtest.Of(access.Bank, "044", access.LinkageWrite), 1, "2,KIND,KIND 4,BANK,NOT_YOURS 5,KIND,KIND 6,KIND,KIND"},
	} {
		d.Who = c.who
		_, r, listed := d.imported(t, content)
		var codes []string
		for _, line := range strings.Split(strings.TrimSpace(listed), "\r\n")[1:] {
			codes = append(codes, strings.Join(strings.Split(line, ",")[:3], ","))
		}
		if r.Taken != c.taken || strings.Join(codes, " ") != c.codes {
			t.Errorf("%s: %+v %v", c.who.ID, r, codes)
		}
	}
}

// security.md class 27: a program that ends in the middle of an import finishes it
// after its next start, exactly once.
func TestAnInterruptedImportIsFinishedExactlyOnce(t *testing.T) {
	const rows = 80_000
	d := open(t)
	content := manyLinkages(rows, true)
	bad := bytes.Replace(content, []byte(",NIN,"), []byte(",NUN,"), 5000)
	job, err := d.service.Import(t.Context(), d.Who, "", bytes.NewReader(bad), intake.As{})
	if err != nil {
		t.Fatal(err)
	}
	interruptions := 0
	for done := false; !done; {
		queue := d.Queue()
		d.Jobs = queue
		serve(d.House)
		ctx, end := context.WithCancel(t.Context())
		if err := queue.Start(ctx); err != nil {
			t.Fatal(err)
		}
		before := d.written(t)
		for now := before; !done && now < before+rows/6; now = d.written(t) {
			j, err := queue.Wait(t.Context(), job.ID, 5*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			job, done = j, j.State.Ended()
		}
		end()
		if err := queue.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		interruptions++
	}
	var r linkage.Result
	if err := json.Unmarshal(job.Result, &r); err != nil || job.State != jobs.Succeeded {
		t.Fatal(job.State, err, d.Logged())
	}
	if interruptions < 3 {
		t.Fatalf("only %d starts: nothing was interrupted", interruptions)
	}
	if r.Rows != rows || r.Taken != rows-5000 || r.Changed != rows-5000 || r.Rejected != 5000 || d.written(t) != rows-5000 {
		t.Errorf("after %d starts: %+v, %d kept", interruptions, r, d.written(t))
	}
	listed, err := os.ReadFile(filepath.Join(d.Jobs.Folder(job.ID), "errors.csv"))
	if lines := bytes.Count(listed, []byte("\n")); err != nil || lines != 5001 {
		t.Errorf("errors.csv has %d lines, %v", lines, err)
	}
}

func (d *desk) written(t *testing.T) int {
	t.Helper()
	n, err := sqlite.Read(t.Context(), d.DB, func(tx *sqlite.Tx) (int, error) {
		return sqlite.One(tx, sqlite.Int, `SELECT coalesce(sum(active), 0) FROM linkage_tally`)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestACancelledImportStops(t *testing.T) {
	d := open(t)
	d.Start(d.Jobs)
	job, err := d.service.Import(t.Context(), d.Who, "", bytes.NewReader(manyLinkages(100_000, false)), intake.As{})
	if err != nil {
		t.Fatal(err)
	}
	for d.written(t) == 0 {
		time.Sleep(time.Millisecond)
	}
	if a := d.Ask(http.MethodPost, "/jobs/"+job.ID+"/cancel", ""); a.Code != 200 {
		t.Fatal(a.Text)
	}
	at := d.written(t)
	time.Sleep(100 * time.Millisecond)
	if later := d.written(t); later != at || at == 100_000 {
		t.Errorf("%d linkages when it was cancelled, %d later", at, later)
	}
}

func TestAPersonSaysWhereColumnsAre(t *testing.T) {
	d := open(t)
	d.Start(d.Jobs)
	content := "who,what,which,when\n08031234567,NIN,12345678901,03/04/2026\n"
	job := d.Upload("/linkages/imports?date_order=mdy&columns=MSISDN:1,KIND:2,NUMBER:which,LINKED_DATE:4", content)
	if job.State != jobs.Succeeded {
		t.Fatal(job.State, *job.Error)
	}
	list := d.Ask(http.MethodGet, "/nin-linkages?msisdn=08031234567", "")
	if !strings.Contains(list.Text, `"linked_date":"2026-03-04"`) {
		t.Error(list.Text)
	}
	for _, columns := range []string{"MSISDN:9,KIND:2,NUMBER:3", "MSISDN:1", "BANK"} {
		if a := d.Send(http.MethodPost, "/linkages/imports?columns="+columns, "text/csv", []byte(content)); a.Code != 422 {
			t.Errorf("%s: %d %s", columns, a.Code, a.Text)
		}
	}
	if a := d.Send(http.MethodPost, "/linkages/imports?date_order=ymd", "text/csv", []byte(content)); a.Code != 422 {
		t.Errorf("an order that is none: %d", a.Code)
	}
}
