package check

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/day"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/identity"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/receipt"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

const kind = "check.scrub"

// Result is what a scrub ends with.
type Result struct {
	Rows       int64            `json:"rows" doc:"Rows in the file"`
	Answered   int64            `json:"answered" doc:"Good rows; result.csv has a line for each"`
	Rejected   int64            `json:"rejected" doc:"Bad rows; errors.csv says why"`
	Recycled   map[string]int64 `json:"recycled" doc:"Answers under the industry's rule: yes, no and no_data"`
	Reassigned map[string]int64 `json:"reassigned" doc:"Answers under the database's rule: yes, no and no_data"`
	Receipt    string           `json:"receipt,omitempty" doc:"The digests of result.csv (SHA-256) and of the file that was sent (BLAKE2b-256), signed for you to keep"`
}

// progress is where a scrub goes on after a restart: behind the last chunk of the file
// that is answered as a whole, and recorded in the same write.
type progress struct {
	Began    bool              `json:"began"`
	Dates    sheet.DateFormat  `json:"dates"`
	Today    day.Day           `json:"today"` // one day for the whole file
	Line     int64             `json:"line"`
	Answers  intake.Mark       `json:"answers"`
	Errors   intake.Mark       `json:"errors"`
	Result   Result            `json:"result"`
	Coverage []tenure.Coverage `json:"coverage"` // one for the whole file
}

func (s *Service) run(ctx context.Context, r *jobs.Run) (any, error) {
	var t task
	var p progress
	if err := errors.Join(r.Args(&t), r.Resume(&p)); err != nil {
		return nil, err
	}
	if !p.Began {
		r.Stage("Looking at the file")
		if err := s.begin(ctx, r, t, &p); err != nil {
			return nil, intake.Refused(err)
		}
	}
	file, err := open(t.Upload.Path(s.Dir), t.As)
	if err != nil {
		return nil, intake.Refused(err)
	}
	defer file.in.Close()
	answers, err := intake.NewList(r, "result.csv", p.Answers, "msisdn", "date", "recycled", "reassigned", "status", "evidence")
	if err != nil {
		return nil, err
	}
	defer answers.Close()
	rejects, err := intake.NewErrors(r, p.Errors)
	if err != nil {
		return nil, err
	}
	defer rejects.Close()
	r.Stage("Answering row by row")
	sc := &scrub{Service: s, run: r, task: t, p: &p, answers: answers, rejects: rejects, covered: map[string]tenure.Coverage{}, at: s.Clock()}
	for _, c := range p.Coverage {
		sc.covered[c.Operator] = c
	}
	sc.tell = func() {
		if n := file.Taken(); n > 0 {
			r.Progress(p.Result.Rows, max(p.Result.Rows, file.RowsSeen()*t.Upload.Size/max(n, 1)), "rows")
		}
	}
	batches := intake.Read(ctx, file.File, sc.workers()...)
	defer batches.Close()
	if err := sc.all(ctx, batches); err != nil {
		return nil, intake.Refused(err)
	}
	r.Progress(p.Result.Rows, p.Result.Rows, "rows")
	if _, err := answers.Mark(); err != nil {
		return nil, err
	}
	if p.Result.Receipt, err = s.written(r, t, p.Result.Answered); err != nil {
		return nil, err
	}
	return p.Result, s.Audit.Note(ctx, r.Principal(), "check.scrubbed", r.Job().ID, audit.Done, "answered", p.Result.Answered, "rejected", p.Result.Rejected)
}

// written is the receipt for a whole file: whoever keeps it with result.csv can prove
// each of its lines.
func (s *Service) written(r *jobs.Run, t task, answered int64) (string, error) {
	file, err := os.Open(filepath.Join(s.Jobs.Folder(r.Job().ID), "result.csv"))
	if err != nil {
		return "", fmt.Errorf("read the answers again: %w", err)
	}
	defer file.Close()
	digest := sha256.New()
	if _, err := io.Copy(digest, file); err != nil {
		return "", fmt.Errorf("read the answers again: %w", err)
	}
	return receipt.Of(receipt.File).And("asked_blake2b", t.Upload.Digest).And("result_sha256", hex.EncodeToString(digest.Sum(nil))).
		And("rows", strconv.FormatInt(answered, 10)).At(s.Clock()).And("asked_by", r.Principal().ID).And("correlator", r.Job().ID).Sign(s.Audit)
}

// begin settles what must be the same when the scrub is taken up again.
func (s *Service) begin(ctx context.Context, r *jobs.Run, t task, p *progress) error {
	var err error
	p.Dates, err = intake.Dates(func() (*sheet.File, io.Closer, error) {
		u, err := open(t.Upload.Path(s.Dir), t.As)
		if err != nil {
			return nil, nil, err
		}
		return u.File, u.in, nil
	}, colDate, t.DateOrder)
	if err != nil {
		return err
	}
	if p.Coverage, err = sqlite.Read(ctx, s.DB, tenure.Coverages); err != nil {
		return err
	}
	p.Began, p.Today = true, day.Of(s.Clock())
	p.Result.Recycled, p.Result.Reassigned = map[string]int64{}, map[string]int64{}
	return sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error { return r.Checkpoint(tx, p) })
}

// ended gives back the upload of a scrub that has ended.
func (s *Service) ended(tx *sqlite.Tx, j jobs.Job) error {
	t, err := taskOf(tx, j.ID)
	if err != nil {
		return err
	}
	tx.After(func() {
		if err := os.Remove(t.Upload.Path(s.Dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.Log.Warn("an upload could not be removed", "job", j.ID, "error", err)
		}
	})
	return nil
}

// coverageOf is the coverage of the operator that has a number now.
func (sc *scrub) coverageOf(k *identity.Known) tenure.Coverage {
	present := k.History.Present()
	if present == nil {
		return none("")
	}
	return sc.coverageIn(present.Operator)
}

func (sc *scrub) coverageIn(operator string) tenure.Coverage {
	if c, ok := sc.covered[operator]; ok {
		return c
	}
	return none(operator)
}

// who asks.
func (sc *scrub) who() access.Principal { return sc.run.Principal() }
