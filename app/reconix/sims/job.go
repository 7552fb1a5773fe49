package sims

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
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/intake"
	"reconexus/store/sqlite"
)

const kind = "sims.import"

// The columns of a file, by their place in spec, with the entry's field that each one is.
const (
	colMSISDN = iota
	colSerial
	colIMSI
	colOperator
	colNIN
	colName
	colBVN
	colActivated
	colDeactivated
)

func spec() sheet.Spec {
	return sheet.Spec{Columns: []sheet.Column{
		{Name: "MSISDN", Synonyms: []string{"PHONE NUMBER", "PHONE", "MOBILE NUMBER", "MOBILE", "NUMBER", "SUBSCRIBER NUMBER"}, Required: true},
		{Name: "SIM_SERIAL", Synonyms: []string{"ICCID", "SERIAL", "SIM SERIAL NUMBER", "SERIAL NUMBER", "SIM"}, Required: true},
		{Name: "IMSI", Synonyms: []string{"IMSI NUMBER"}},
		{Name: "OPERATOR", Synonyms: []string{"OPERATOR CODE", "NETWORK", "MNO", "CARRIER"}},
		{Name: "PREVIOUS_NIN", Synonyms: []string{"PREVIOUS OWNER NIN", "OLD NIN", "FORMER NIN", "NIN"}},
		{Name: "PREVIOUS_NAME", Synonyms: []string{"PREVIOUS OWNER NAME", "OLD NAME", "FORMER NAME", "PREVIOUS OWNER", "NAME"}},
		{Name: "PREVIOUS_BVN", Synonyms: []string{"PREVIOUS OWNER BVN", "OLD BVN", "FORMER BVN", "BVN"}},
		{Name: "ACTIVATION_DATE", Synonyms: []string{"DATE RECYCLED", "RECYCLED", "RECYCLE DATE", "DATE OF ACTIVATION", "ACTIVATED", "ACTIVATION"}},
		{Name: "DEACTIVATION_DATE", Synonyms: []string{"DATE DEACTIVATED", "DEACTIVATED", "DATE OF DEACTIVATION", "DEACTIVATION", "CHURN DATE"}},
	}}
}

// FileKind is a file of recycled SIMs.
func FileKind() intake.Kind {
	return intake.Kind{Name: "sims", Need: access.SIMBulkUpload, Spec: spec(), MSISDN: colMSISDN, Dates: []int{colActivated, colDeactivated},
		Numbers: []int{colNIN, colBVN}, Names: []int{colName}, Words: []int{colOperator}}
}

// columnOf is the column that a part of an entry came from.
func columnOf(field string) string {
	switch field {
	case "msisdn":
		return "MSISDN"
	case "sim_serial":
		return "SIM_SERIAL"
	case "imsi":
		return "IMSI"
	case "operator_code":
		return "OPERATOR"
	case "previous_owner_nin":
		return "PREVIOUS_NIN"
	case "previous_owner_name":
		return "PREVIOUS_NAME"
	case "previous_owner_bvn":
		return "PREVIOUS_BVN"
	case "date_recycled":
		return "ACTIVATION_DATE"
	case "date_deactivated":
		return "DEACTIVATION_DATE"
	}
	return ""
}

// task is what an import is added with.
type task struct {
	File intake.Upload `json:"file"`
	Name string        `json:"name"`
	intake.As
}

// progress is where an import goes on after a restart: behind the last row whose fate
// is on disk.
type progress struct {
	Activated   sheet.DateFormat `json:"activated"` // how the two columns write their days; 0 while not decided
	Deactivated sheet.DateFormat `json:"deactivated"`
	Rows        int64            `json:"rows"`
	Good        int64            `json:"good"`
	Listed      intake.Mark      `json:"listed"` // how far errors.csv is
	// Found are rows that the store refused in the last piece: they are listed after the
	// commit, so that no disk is waited for inside it.
	Found []intake.Reject `json:"found,omitempty"`
}

// Result is what an import ends with.
type Result struct {
	Total      int64 `json:"total_records"`
	Successful int64 `json:"successful"`
	Failed     int64 `json:"failed" doc:"Rows that errors.csv lists with the reason"`
}

// Receive keeps a file and adds the job that takes it in. The answer means that the
// file is on disk here. The same content from the same operator is taken once.
func (s *Service) Receive(ctx context.Context, who access.Principal, name string, body io.Reader, as intake.As) (jobs.Job, error) {
	_, err := as.Of(spec())
	if err = errors.Join(mayWrite(who), err); err != nil {
		return jobs.Job{}, err
	}
	file, err := intake.Keep(s.Dir, id.New("simfile", s.Clock()), body)
	if err != nil {
		return jobs.Job{}, err
	}
	if err := as.Fit(file.Path(s.Dir), spec()); err != nil {
		return jobs.Job{}, errors.Join(err, os.Remove(file.Path(s.Dir)))
	}
	job, err := sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (jobs.Job, error) {
		first, err := taken(tx, who.Operator, file.Digest)
		if err != nil {
			return jobs.Job{}, err
		}
		if first != "" {
			return jobs.Job{}, fault.New(fault.Conflict, "This very file was taken before, by job %s; see what came of it there.", first)
		}
		job, err := s.Jobs.Add(tx, who, jobs.Spec{Kind: kind, Title: "File of recycled SIMs", Operator: who.Operator, Args: task{file, name, as}})
		if err != nil {
			return job, err
		}
		return job, errors.Join(
			take(tx, file, who.Operator, job.ID, s.now()),
			s.Audit.Record(tx, who, "sim.import", job.ID, "digest", file.Digest, "bytes", file.Size),
		)
	})
	if err != nil {
		return job, errors.Join(err, os.Remove(file.Path(s.Dir)))
	}
	return job, nil
}

// taken names the job that took a file with this content; empty when none did.
func taken(tx *sqlite.Tx, operator, sum string) (string, error) {
	job, err := sqlite.One(tx, sqlite.Text, `SELECT job_id FROM sim_import WHERE operator_code = ? AND digest = ?`, operator, sum)
	if errors.Is(err, sqlite.ErrNotFound) {
		return "", nil
	}
	return job, err
}

func take(tx *sqlite.Tx, u intake.Upload, operator, job string, at time.Time) error {
	_, err := sqlite.Exec(tx, `INSERT INTO sim_import (id, operator_code, digest, job_id, received_at) VALUES (?, ?, ?, ?, ?)`,
		u.Name, operator, u.Digest, job, at.UnixMilli())
	return err
}

// ended gives up the file; unless it was taken in whole, it may come again.
func (s *Service) ended(tx *sqlite.Tx, j jobs.Job) error {
	name, err := sqlite.One(tx, sqlite.Text, `SELECT id FROM sim_import WHERE job_id = ?`, j.ID)
	if errors.Is(err, sqlite.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	tx.After(func() { s.sweep(name) })
	if j.State == jobs.Succeeded {
		return nil
	}
	_, err = sqlite.Exec(tx, `DELETE FROM sim_import WHERE job_id = ?`, j.ID)
	return err
}

func (s *Service) sweep(name string) {
	if err := os.Remove(intake.Upload{Name: name}.Path(s.Dir)); err != nil && !errors.Is(err, os.ErrNotExist) {
		s.Log.Warn("an upload could not be removed", "file", name, "error", err)
	}
}

// Tidy removes uploads that no job needs: left-overs of a crash. Call it at start,
// before the queue.
func (s *Service) Tidy(ctx context.Context) error {
	needed, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) ([]string, error) {
		return sqlite.All(tx, sqlite.Text, `SELECT i.id FROM job j JOIN sim_import i ON i.job_id = j.id WHERE j.kind = ? AND j.state IN ('queued', 'running', 'paused')`, kind)
	})
	if err != nil {
		return err
	}
	keep := map[string]bool{}
	for _, name := range needed {
		keep[name] = true
	}
	files, err := os.ReadDir(s.spool())
	if err != nil {
		return fmt.Errorf("look through the spool folder: %w", err)
	}
	for _, f := range files {
		if id.Is("simfile", f.Name()) && !keep[f.Name()] {
			s.sweep(f.Name())
		}
	}
	return nil
}

// pieceRows is how many rows one piece writes: some 20 ms of the writer.
const pieceRows = 500

// run takes a file in, from the last checkpoint on.
func (s *Service) run(ctx context.Context, r *jobs.Run) (any, error) {
	var t task
	var p progress
	if err := errors.Join(r.Args(&t), r.Resume(&p)); err != nil {
		return nil, err
	}
	if p.Activated == sheet.NoFormat {
		r.Stage("Looking through the file")
		if err := s.profile(t, &p); err != nil {
			return nil, intake.Refused(err)
		}
	}
	list, err := intake.NewErrors(r, p.Listed)
	if err != nil {
		return nil, err
	}
	defer list.Close()
	r.Stage("Writing recycled SIMs")
	i := importer{Service: s, run: r, task: t, progress: p, list: list, today: day.Of(s.Clock())}
	if err := i.all(ctx); err != nil {
		return nil, intake.Refused(err)
	}
	if err := list.Reject(i.progress.Found); err != nil {
		return nil, err
	}
	if _, err := list.Mark(); err != nil {
		return nil, err
	}
	out := Result{i.progress.Rows, i.progress.Good, i.progress.Rows - i.progress.Good}
	return out, s.Audit.Note(ctx, r.Principal(), "sim.import.finish", r.Job().ID, audit.Done, "records", out.Total, "successful", out.Successful)
}

func (s *Service) open(t task) (*sheet.File, io.Closer, error) {
	columns, err := t.Of(spec())
	if err != nil {
		return nil, nil, err
	}
	in, err := os.Open(t.File.Path(s.Dir))
	if err != nil {
		return nil, nil, fmt.Errorf("open the upload: %w", err)
	}
	file, err := sheet.Open(in, columns)
	if err != nil {
		return nil, nil, errors.Join(err, in.Close())
	}
	return file, in, nil
}

// profile finds out how the days are written, and refuses a file that was cut, before
// any row changes anything.
func (s *Service) profile(t task, p *progress) error {
	open := func() (*sheet.File, io.Closer, error) { return s.open(t) }
	var err error
	if p.Activated, err = intake.Dates(open, colActivated, t.DateOrder); err != nil {
		return err
	}
	if p.Deactivated, err = intake.Dates(open, colDeactivated, t.DateOrder); err != nil {
		return err
	}
	file, in, err := s.open(t)
	if err != nil {
		return err
	}
	defer in.Close()
	for {
		block, err := file.Next()
		if errors.Is(err, io.EOF) {
			return file.CheckFooter()
		}
		if err != nil {
			return err
		}
		block.Rows(func(*sheet.Row) bool { return true })
		block.Release()
	}
}

// importer is one run over a file.
type importer struct {
	*Service
	run      *jobs.Run
	task     task
	progress progress
	list     *intake.List
	today    day.Day

	piece   []lined         // rows to be written next
	rejects []intake.Reject // rows that will not be
	rows    int64           // of the file so far
}

// lined is an admitted row and where it stood.
type lined struct {
	line int64
	row  row
}

func (i *importer) all(ctx context.Context) error {
	file, in, err := i.open(i.task)
	if err != nil {
		return err
	}
	defer in.Close()
	for {
		block, err := file.Next()
		if errors.Is(err, io.EOF) {
			return i.flush(ctx, file)
		}
		if err != nil {
			return err
		}
		block.Rows(func(r *sheet.Row) bool {
			if i.rows++; i.rows <= i.progress.Rows {
				return true // its fate is on disk
			}
			i.read(r)
			if len(i.piece)+len(i.rejects) >= pieceRows {
				err = i.flush(ctx, file)
			}
			return err == nil
		})
		block.Release()
		if err != nil {
			return err
		}
	}
}

// read admits one row or lists why not.
func (i *importer) read(r *sheet.Row) {
	if bad := r.Err(); bad != nil {
		i.rejects = append(i.rejects, intake.Because(r.Line, bad.Column, bad))
		return
	}
	e := Entry{
		MSISDN: string(r.Cell(colMSISDN)), SIMSerial: string(r.Cell(colSerial)), IMSI: string(r.Cell(colIMSI)), Operator: string(r.Cell(colOperator)),
		NIN: string(r.Cell(colNIN)), Name: string(r.Cell(colName)), BVN: string(r.Cell(colBVN)),
	}
	var w wrong
	e.Recycled = dateOf(&w, "date_recycled", i.progress.Activated, r.Cell(colActivated))
	e.Deactivated = dateOf(&w, "date_deactivated", i.progress.Deactivated, r.Cell(colDeactivated))
	admitted, more := i.admit(i.run.Principal(), &e, i.today)
	for _, f := range append(w, more...) {
		i.rejects = append(i.rejects, intake.Reject{Line: r.Line, Column: columnOf(f.Field), Code: f.Code, Message: f.Message})
		return // one reason a row: errors.csv has as many lines as rows were not taken
	}
	i.piece = append(i.piece, lined{r.Line, admitted})
}

func dateOf(w *wrong, field string, format sheet.DateFormat, cell []byte) string {
	if len(cell) == 0 {
		return ""
	}
	d, err := sheet.ParseDate(format, cell)
	if err != nil {
		w.add(field, "BAD_DATE", sentence(err.Error()))
	}
	return d.String()
}

// flush lists the rejected rows and writes the others with a checkpoint, in one
// transaction that yields to other writers.
func (i *importer) flush(ctx context.Context, file *sheet.File) error {
	if i.rows <= i.progress.Rows {
		return nil
	}
	if err := i.list.Reject(append(i.progress.Found, i.rejects...)); err != nil {
		return err
	}
	mark, err := i.list.Mark()
	if err != nil {
		return err
	}
	next, err := sqlite.Bulk(ctx, i.DB, func(tx *sqlite.Tx) (progress, error) {
		next := i.progress
		next.Rows, next.Listed, next.Found = i.rows, mark, nil
		now, into := i.now(), sums{}
		for n := range i.piece {
			err := i.add(tx, &i.piece[n].row, now, into)
			switch f, ok := fault.In(err); {
			case err == nil:
				next.Good++
			case ok:
				next.Found = append(next.Found, intake.Reject{Line: i.piece[n].line, Code: "DUPLICATE", Message: f.Message})
			default:
				return next, err
			}
		}
		return next, errors.Join(into.write(tx), i.run.Checkpoint(tx, next))
	})
	if err != nil {
		return err
	}
	i.progress, i.piece, i.rejects = next, i.piece[:0], i.rejects[:0]
	if read := file.Taken(); read > 0 {
		i.run.Progress(i.rows, max(i.rows, i.rows*i.task.File.Size/read), "rows")
	}
	return nil
}
