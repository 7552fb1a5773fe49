package sims_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"mime/multipart"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/jobs"
)

// start lets the queue work until the test ends.
func (h *house) start() {
	h.Helper()
	if err := h.jobs.Start(h.Context()); err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		if err := h.jobs.Close(ctx); err != nil {
			h.Error(err)
		}
	})
}

// send hands a file in and waits for its end.
func (h *house) send(file []byte, kind string) (answer, jobs.Job) {
	h.Helper()
	a := h.must(202, "POST", "/recycled-sims/imports?name=sims.csv", string(file), "Content-Type", kind)
	return a, h.wait(a.text("job_id"))
}

func (h *house) wait(job string) jobs.Job {
	h.Helper()
	j, err := h.jobs.Wait(h.Context(), job, 3*time.Minute)
	if err != nil || !j.State.Ended() {
		h.Fatalf("the job is %s: %v", j.State, err)
	}
	return j
}

// rejected reads a job's errors.csv without its header.
func (h *house) rejected(job string) [][]string {
	h.Helper()
	text, err := os.ReadFile(filepath.Join(h.jobs.Folder(job), "errors.csv"))
	if err != nil {
		h.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(rows) == 0 || !slices.Equal(rows[0], []string{"line", "column", "code", "message"}) {
		h.Fatalf("errors.csv is %q: %v", text, err)
	}
	return rows[1:]
}

const header = "MSISDN,SIM_SERIAL,IMSI,OPERATOR,PREVIOUS_NIN,PREVIOUS_NAME,PREVIOUS_BVN,ACTIVATION_DATE,DEACTIVATION_DATE\n"

func TestAFileBecomesRecords(t *testing.T) {
	h := open(t)
	h.start()
	file := header + `08031234567,8923401000000000001F,621300123456789,ETISALAT,12034561234,"Okonkwo, Adaeze",22134561234,18/11/2026,14/11/2026
8031234568,8.92342E+18,,MTN,,,,18/11/2026,
0123,89234,,MTN,,,,18/11/2026,
08031234569,89234,,MTN,123,,,18/11/2026,
08031234570,89234,,VODAFONE,,,,18/11/2026,
08031234572,89234,,MTN,,,,18/11/2026,19/11/2026
+234 (0)803 123 4573,'89234,,glo,,,,18/11/2026,
08031234573,89234,,GLO,,,,18/11/2026,
one,two
=cmd|' /C calc'!A0,89234,,MTN,,,,18/11/2026,
`
	_, j := h.send([]byte(file), "text/csv")
	if j.State != jobs.Succeeded || string(j.Result) != `{"total_records":10,"successful":2,"failed":8}` {
		t.Fatalf("%s %s", j.State, j.Result)
	}
	var got []string
	for _, r := range h.rejected(j.ID) {
		got = append(got, r[0]+" "+r[1]+" "+r[2])
	}
	want := []string{"3 SIM_SERIAL EXCEL_MANGLED", "4 MSISDN WRONG_LENGTH", "5 PREVIOUS_NIN WRONG_LENGTH", "6 OPERATOR UNKNOWN",
		"7 ACTIVATION_DATE ORDER", "10  WRONG_COLUMNS", "11 MSISDN BAD_CHARACTER", "9  DUPLICATE"}
	if !slices.Equal(got, want) {
		t.Errorf("rejected:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	a := h.must(200, "GET", "/recycled-sims?q=08031234567", "")
	first := a.items()[0].(map[string]any)
	if first["operator_code"] != "T2" || first["date_recycled"] != "2026-11-18" || first["previous_owner_nin"] != "120****1234" || first["risk_score"] != 0.8 {
		t.Errorf("%v", first)
	}
	h.tallied()
}

func TestOneBadDayIsThatRowsError(t *testing.T) {
	h := open(t)
	h.start()
	file := strings.Replace(string(many(100)), "2026-11-18", "31/31/2026", 1)
	_, j := h.send([]byte(file), "text/csv")
	if rows := h.rejected(j.ID); len(rows) == 0 || rows[0][0] != "2" || rows[0][2] != "BAD_DATE" {
		t.Errorf("%s: %v", j.State, rows)
	}
}

// What people send: other names and orders of columns, other separators, encodings and
// packings (reconix.md §4).
func TestFilesOfEveryShape(t *testing.T) {
	semicolons := "Phone Number;ICCID;Network;Date Recycled\r\n08031234567;89234;MTN;2026-11-18\r\n08031234568;89235;MTN;2026-11-18\r\nTOTAL;2;;\r\n"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(semicolons))
	_ = z.Close()
	wide := []byte{0xff, 0xfe}
	for _, c := range semicolons {
		wide = append(wide, byte(c), 0)
	}
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	part, _ := m.CreateFormFile("file", "sims.csv")
	_, _ = part.Write([]byte(semicolons))
	_ = m.Close()
	for name, c := range map[string]struct {
		file []byte
		kind string
	}{
		"semicolons": {[]byte(semicolons), "text/csv"}, "gzip": {packed.Bytes(), "application/gzip"}, "UTF-16": {wide, "text/csv"},
		"BOM": {append([]byte("\xef\xbb\xbf"), semicolons...), "text/csv"}, "multipart": {form.Bytes(), m.FormDataContentType()},
		"no last newline": {[]byte(strings.TrimSuffix(semicolons, "\r\n")), "application/octet-stream"},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			h.start()
			if _, j := h.send(c.file, c.kind); string(j.Result) != `{"total_records":2,"successful":2,"failed":0}` {
				t.Errorf("%s %s %v", j.State, j.Result, j.Error)
			}
		})
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	for name, file := range map[string]string{
		"no header":               "08031234567,89234\n",
		"a missing column":        "MSISDN,OPERATOR\n08031234567,MTN\n",
		"half a gzip":             "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xcaK",
		"a workbook":              "PK\x03\x04 and so on",
		"a wrong total":           "MSISDN,SIM_SERIAL,OPERATOR\n08031234567,89234,MTN\nTOTAL,9,\n",
		"days that may be months": header + "08031234567,89234,,MTN,,,,03/04/2026,\n08031234568,89234,,MTN,,,,05/06/2026,\n",
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			h.start()
			_, j := h.send([]byte(file), "text/csv")
			if j.State != jobs.Failed || j.Error == nil || strings.Contains(*j.Error, "Something broke") {
				t.Errorf("%s: %s", j.State, *j.Error)
			}
			if n := h.count(`SELECT count(*) FROM recycled_sim`); n != 0 {
				t.Errorf("%d records were written", n)
			}
		})
	}
}

func TestAFileIsTakenOnceForEachTenant(t *testing.T) {
	h := open(t)
	h.start()
	file := []byte("MSISDN,SIM_SERIAL\n08051234567,89234\n")
	a, _ := h.as(glo).send(file, "text/csv")
	again := h.as(glo).must(409, "POST", "/recycled-sims/imports", string(file), "Content-Type", "text/csv")
	if !strings.Contains(again.text("detail"), a.text("job_id")) {
		t.Errorf("the conflict does not name the job: %s", again.raw)
	}
	// Without an operator every row fails; the file itself is another tenant's affair.
	if _, j := h.send(file, "text/csv"); string(j.Result) != `{"total_records":1,"successful":0,"failed":1}` {
		t.Errorf("%s", j.Result)
	}
	if left, _ := os.ReadDir(filepath.Join(h.dir, "spool")); len(left) != 0 {
		t.Errorf("%d uploads are left behind", len(left))
	}
	// What was refused may come again.
	broken := "MSISDN\n08031234567\n"
	for range 2 {
		if _, j := h.send([]byte(broken), "text/csv"); j.State != jobs.Failed {
			t.Errorf("%s", j.State)
		}
	}
}

func TestAJobIsSeenByItsTenantOnly(t *testing.T) {
	h := open(t)
	h.start()
	a, _ := h.as(glo).send([]byte("MSISDN,SIM_SERIAL\n08051234567,89234\n"), "text/csv")
	h.as(mtn).must(404, "GET", "/jobs/"+a.text("job_id"), "")
	h.as(glo).must(200, "GET", "/jobs/"+a.text("job_id"), "")
	h.as(access.Principal{ID: "u", May: access.Operator.Permissions(), Operator: "GLO"}).must(403, "POST", "/recycled-sims/imports", "x", "Content-Type", "text/csv")
}

func TestLeftOversOfACrashAreRemoved(t *testing.T) {
	h := open(t)
	lost := filepath.Join(h.dir, "spool", "simfile_"+strings.Repeat("0", 26))
	other := filepath.Join(h.dir, "spool", "feed_"+strings.Repeat("0", 26))
	for _, path := range []string{lost, other} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	waiting := h.must(202, "POST", "/recycled-sims/imports", "MSISDN,SIM_SERIAL,OPERATOR\n08051234567,89234,GLO\n", "Content-Type", "text/csv") // the queue does not run
	if err := h.service.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, _ := os.ReadDir(filepath.Join(h.dir, "spool"))
	if _, err := os.Stat(lost); err == nil || len(left) != 2 {
		t.Errorf("after tidying %d files are left", len(left))
	}
	h.start()
	if j := h.wait(waiting.text("job_id")); j.State != jobs.Succeeded {
		t.Errorf("the upload that waited: %s", j.State)
	}
}

// many is a file with a defect in each tenth row and a duplicate in each hundredth.
func many(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("MSISDN,SIM_SERIAL,OPERATOR,ACTIVATION_DATE\n")
	for i := range rows {
		switch {
		case i%10 == 3:
			fmt.Fprintf(&b, "12,%d,MTN,2026-11-18\n", i)
		case i%100 == 7:
			fmt.Fprintf(&b, "0803%07d,%d,MTN,2026-11-18\n", i-1, i-1)
		default:
			fmt.Fprintf(&b, "0803%07d,%d,MTN,2026-11-18\n", i, i)
		}
	}
	return b.Bytes()
}

const (
	manyRows = 4_000
	manyGood = manyRows - manyRows/10 - manyRows/100
)

// security.md 27: killed in the middle, an import is finished at the next start, and no
// row is written or listed twice.
func TestKilledInTheMiddleAFileIsTakenExactlyOnce(t *testing.T) {
	if dir := os.Getenv("SIMS_KILLED_IN"); dir != "" {
		workUntilKilled(t, dir)
		return
	}
	dir := t.TempDir()
	for _, kill := range []int{1, 700, 1_700} {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
		child.Env = append(os.Environ(), "SIMS_KILLED_IN="+dir)
		out := &bytes.Buffer{}
		child.Stdout, child.Stderr = out, out
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		reached := waitForRecords(t, dir, kill)
		_ = child.Process.Kill()
		_ = child.Wait()
		if !reached {
			t.Fatalf("the child never wrote %d records:\n%s", kill, out)
		}
	}
	h := openIn(t, dir)
	before := h.count(`SELECT count(*) FROM recycled_sim`)
	if before >= manyGood {
		t.Fatalf("it was killed too late: %d records", before)
	}
	h.start()
	job := h.dump(`SELECT id FROM job`)
	if j := h.wait(job); string(j.Result) != fmt.Sprintf(`{"total_records":%d,"successful":%d,"failed":%d}`, manyRows, manyGood, manyRows-manyGood) {
		t.Errorf("%s %s", j.State, j.Result)
	}
	if n := h.count(`SELECT count(*) FROM recycled_sim`); n != manyGood {
		t.Errorf("%d records, want %d", n, manyGood)
	}
	lines := map[string]bool{}
	for _, r := range h.rejected(job) {
		if lines[r[0]] {
			t.Fatalf("line %s is listed twice", r[0])
		}
		lines[r[0]] = true
	}
	if len(lines) != manyRows-manyGood {
		t.Errorf("%d rows are listed, want %d", len(lines), manyRows-manyGood)
	}
	h.tallied()
}

// workUntilKilled is the child: it hands the file in, once, and works.
func workUntilKilled(t *testing.T, dir string) {
	h := openIn(t, dir)
	h.start()
	if h.count(`SELECT count(*) FROM job`) == 0 {
		h.must(202, "POST", "/recycled-sims/imports", string(many(manyRows)), "Content-Type", "text/csv")
	}
	time.Sleep(3 * time.Minute) // it is killed before
}

func waitForRecords(t *testing.T, dir string, records int) bool {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		if n := recordsIn(t, dir); n >= records {
			return true
		}
		time.Sleep(2 * time.Millisecond)
	}
	return false
}

func TestAPersonSaysWhereColumnsAre(t *testing.T) {
	h := open(t)
	h.start()
	a := h.must(202, "POST", "/recycled-sims/imports?date_order=dmy&columns=MSISDN:1,SIM_SERIAL:2,ACTIVATION_DATE:3,OPERATOR:4", "a,b,c,d\n08031234567,89234010000000000013,03/04/2020,MTN\n", "Content-Type", "text/csv")
	if j := h.wait(a.text("job_id")); j.State != jobs.Succeeded {
		t.Fatal(j.State, *j.Error)
	}
	if list := h.must(200, "GET", "/recycled-sims", ""); !strings.Contains(string(list.raw), `"date_recycled":"2020-04-03"`) {
		t.Error(string(list.raw))
	}
	h.must(422, "POST", "/recycled-sims/imports?columns=MSISDN:1,SIM_SERIAL:8", "a,b\n1,2\n", "Content-Type", "text/csv")
}
