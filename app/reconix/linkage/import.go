package linkage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/intake"
	"reconexus/store/sqlite"
)

const importKind = "linkages.import"

// task is what an import is added with.
type task struct {
	Upload intake.Upload `json:"upload"`
	intake.As
}

// Import keeps a file of linkages and adds the job that takes it in. The answer means
// that the file is on disk here. The same content is taken once.
func (s *Service) Import(ctx context.Context, who access.Principal, name string, body io.Reader, as intake.As) (jobs.Job, error) {
	if _, err := as.Of(spec()); err != nil {
		return jobs.Job{}, err
	}
	upload, err := intake.Keep(s.Dir, id.New("linkages", s.Clock()), body)
	if err != nil {
		return jobs.Job{}, err
	}
	if err := as.Fit(upload.Path(s.Dir), spec()); err != nil {
		return jobs.Job{}, errors.Join(err, os.Remove(upload.Path(s.Dir)))
	}
	job, err := sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (jobs.Job, error) {
		before, err := taken(tx, upload.Digest, who.Operator, who.Bank)
		if err != nil {
			return jobs.Job{}, err
		}
		if before != "" {
			return jobs.Job{}, fault.New(fault.Conflict, "This very file was taken before; see job %s.", before)
		}
		job, err := s.Jobs.Add(tx, who, jobs.Spec{
			Kind: importKind, Title: title(name), Args: task{upload, as}, Operator: who.Operator, Bank: who.Bank,
		})
		if err != nil {
			return job, err
		}
		return job, s.Audit.Record(tx, who, "linkage.import", job.ID, "digest", upload.Digest, "bytes", upload.Size)
	})
	if err != nil {
		return job, errors.Join(err, os.Remove(upload.Path(s.Dir)))
	}
	return job, nil
}

// title names the job by the file, unless the name holds a number: it may be somebody's.
func title(name string) string {
	digits, most := 0, 0
	for _, c := range name {
		if digits++; c < '0' || c > '9' {
			digits = 0
		}
		most = max(most, digits)
	}
	if name == "" || len(name) > 100 || most >= 10 {
		return "Linkages"
	}
	return "Linkages from " + name
}

// Result is what an import ends with.
type Result struct {
	Rows     int64 `json:"rows" doc:"Rows in the file"`
	Taken    int64 `json:"taken" doc:"Good rows"`
	Changed  int64 `json:"changed" doc:"Of these, linkages that were new or said something new"`
	Rejected int64 `json:"rejected" doc:"Bad rows; errors.csv says why"`
	NIN      int64 `json:"nin" doc:"Good rows about a NIN"`
	BVN      int64 `json:"bvn" doc:"Good rows about a BVN"`
	Undated  int64 `json:"undated" doc:"Good rows that do not say since when: a person will have to look at them"`
}

// progress is where an import goes on after a restart. A chunk of the file is sorted
// as a whole, so it is read again; what was written of it is not written twice.
type progress struct {
	Began   bool             `json:"began"`
	Learnt  time.Time        `json:"learnt"` // one instant for all that the file says
	Dates   sheet.DateFormat `json:"dates"`
	Banks   []Bank           `json:"banks"`   // as known when it began: the same rows are good each time
	Line    int64            `json:"line"`    // chunks up to this line are written
	Written int              `json:"written"` // rows of the sorted chunk behind it
	Chunk   mark             `json:"chunk"`   // which chunk that was
	Errors  intake.Mark      `json:"errors"`
	Result  Result           `json:"result"`
}

// workers read the file side by side: sealing takes as long as writing does.
const workers = 2

func (s *Service) run(ctx context.Context, r *jobs.Run) (any, error) {
	var t task
	var p progress
	if err := errors.Join(r.Args(&t), r.Resume(&p)); err != nil {
		return nil, err
	}
	open := func() (*sheet.File, io.Closer, error) { return open(t.Upload.Path(s.Dir), t.As) }
	if !p.Began {
		r.Stage("Looking at the file")
		if err := s.begin(ctx, r, open, t.DateOrder, &p); err != nil {
			return nil, intake.Refused(err)
		}
	}
	file, in, err := open()
	if err != nil {
		return nil, intake.Refused(err)
	}
	defer in.Close()
	list, err := intake.NewErrors(r, p.Errors)
	if err != nil {
		return nil, err
	}
	defer list.Close()
	m := &importer{s: s, run: r, p: &p, list: list, size: firstRows}
	m.tell = func(done int64) {
		if n := file.Taken(); n > 0 {
			r.Progress(done, max(done, file.RowsSeen()*t.Upload.Size/n), "rows")
		}
	}
	r.Stage("Reading the file and writing linkages")
	batches := intake.Read(ctx, file, m.workers()...)
	defer batches.Close()
	if err := m.all(ctx, batches); err != nil {
		return nil, intake.Refused(err)
	}
	r.Progress(p.Result.Rows, p.Result.Rows, "rows")
	return p.Result, s.Audit.Note(ctx, r.Principal(), "linkage.imported", r.Job().ID, audit.Done,
		"taken", p.Result.Taken, "changed", p.Result.Changed, "rejected", p.Result.Rejected)
}

func open(path string, as intake.As) (*sheet.File, io.Closer, error) {
	columns, err := as.Of(spec())
	if err != nil {
		return nil, nil, err
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open the upload: %w", err)
	}
	file, err := sheet.Open(in, columns)
	if err != nil {
		return nil, nil, errors.Join(err, in.Close())
	}
	return file, in, nil
}

// begin settles what must be the same when the import is taken up again.
func (s *Service) begin(ctx context.Context, r *jobs.Run, open func() (*sheet.File, io.Closer, error), order sheet.Order, p *progress) error {
	dates, err := intake.Dates(open, colDate, order)
	if err != nil {
		return err
	}
	known, err := sqlite.Read(ctx, s.DB, readBanks)
	if err != nil {
		return err
	}
	p.Began, p.Dates, p.Banks, p.Learnt = true, dates, known.all, s.Clock().UTC().Truncate(time.Millisecond)
	return sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error { return r.Checkpoint(tx, p) })
}
