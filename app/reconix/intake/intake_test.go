package intake_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"reconexus/app/access"
	"reconexus/app/jobs"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/reconixtest"
	"reconexus/store/sqlite"
)

func TestAnUploadIsKeptWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	u, err := intake.Keep(dir, "one", strings.NewReader("abc"))
	if err != nil || u.Size != 3 || u.Digest != "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319" {
		t.Fatalf("%+v %v", u, err)
	}
	if text, err := os.ReadFile(u.Path(dir)); err != nil || string(text) != "abc" {
		t.Fatalf("%q %v", text, err)
	}
	broken := io.MultiReader(strings.NewReader("half of it"), iotest.ErrReader(errors.New("connection reset")))
	if _, err := intake.Keep(dir, "two", broken); !fault.Is(err, fault.Rejected) {
		t.Errorf("an upload that broke off: %v", err)
	}
	if _, err := intake.Keep(dir, "three", strings.NewReader("")); !fault.Is(err, fault.Invalid) {
		t.Errorf("an empty upload: %v", err)
	}
	if left, err := os.ReadDir(intake.Spool(dir)); err != nil || len(left) != 1 {
		t.Errorf("what broke off is still there: %v %v", left, err)
	}
	if got := (intake.Upload{Name: "../../etc/passwd"}).Path(dir); filepath.Dir(got) != intake.Spool(dir) {
		t.Errorf("a name leads out of the spool: %s", got)
	}
}

func TestAListGoesOnBehindItsMark(t *testing.T) {
	h := reconixtest.Open(t)
	var text []byte
	h.Jobs.Handle(jobs.Kind{Name: "list", Permission: access.SIMRead, Run: func(_ context.Context, r *jobs.Run) (any, error) {
		var mark intake.Mark
		for round := range 3 {
			l, err := intake.NewErrors(r, mark)
			if err != nil {
				return nil, err
			}
			if err := l.Reject([]intake.Reject{{Line: int64(round), Column: "A", Code: "BAD", Message: `says "no", and why`}}); err != nil {
				return nil, err
			}
			if mark, err = l.Mark(); err != nil {
				return nil, err
			}
			// What comes behind the mark is lost with the program.
			if err := errors.Join(l.Reject([]intake.Reject{{Line: 99, Message: "=lost"}}), l.Close()); err != nil {
				return nil, err
			}
		}
		l, err := intake.NewErrors(r, mark)
		if err != nil || l.Rows() != 3 {
			return nil, errors.Join(err, errors.New("not three rows"))
		}
		_, err = l.Mark()
		if err == nil {
			f, _ := r.File("errors.csv")
			text, err = io.ReadAll(f)
			_ = f.Close()
		}
		return nil, errors.Join(err, l.Close())
	}})
	h.Start(h.Jobs)
	job, err := sqlite.Write(t.Context(), h.DB, func(tx *sqlite.Tx) (jobs.Job, error) {
		return h.Jobs.Add(tx, h.Who, jobs.Spec{Kind: "list"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if job = h.Wait(job.ID); job.State != jobs.Succeeded {
		t.Fatal(job.State, h.Logged())
	}
	want := "line,column,code,message\r\n"
	for _, line := range []string{"0", "1", "2"} {
		want += line + `,A,BAD,"says ""no"", and why"` + "\r\n"
	}
	if string(text) != want {
		t.Errorf("%q, want %q", text, want)
	}
}

func TestDatesOfAColumn(t *testing.T) {
	for content, want := range map[string]sheet.DateFormat{
		"d\n2026-11-20\n2026-11-21\n": sheet.ISO,
		"d\n\"\"\n\"\"\n":             sheet.ISO,
		"d\n01/02/2026\n25/02/2026\n": sheet.DayFirst,
		"d\n01/02/2026\n02/25/2026\n": sheet.MonthFirst,
		"d\n20261120\n":               sheet.Compact,
	} {
		got, err := intake.Dates(func() (*sheet.File, io.Closer, error) {
			f, err := sheet.Open(strings.NewReader(content), sheet.Spec{Columns: []sheet.Column{{Name: "d", Required: true}}})
			return f, io.NopCloser(nil), err
		}, 0, "")
		if err != nil || got != want {
			t.Errorf("%q: %v %v, want %v", content, got, err, want)
		}
	}
}
