package inventory

import (
	"context"
	"errors"
	"io"
	"time"

	"reconexus/app/jobs"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// rowFile is a kind of file whose rows each tell one thing, in their order. It says
// nothing of numbers that it does not name, so it has no snapshot, no breaker and no
// part in coverage.
type rowFile struct {
	kind  string
	spec  func() sheet.Spec
	sign  int // the column that no other kind of file has
	date  int // the column that shows how dates are written
	stage string
	deed  string // in the audit log
	read  func(s *Service, row *sheet.Row, t task, dates sheet.DateFormat, scratch *[]byte) (do doing, column int, err error)
}

// doing writes what a row tells; why is the reason when it cannot be.
type doing func(tx *sqlite.Tx, p *progress) (why, err error)

// rowFiles are the kinds besides the full file.
func rowFiles() []rowFile { return []rowFile{eventFile, tenureFile} }

// fullFile is the kind of a file that lists every number.
const fullFile = "full"

// look tells the kind of an upload: by what its sender says of its columns or else by
// its header.
func (s *Service) look(t task) (string, error) {
	for _, f := range rowFiles() {
		is, err := s.isOf(f, t)
		if is || err != nil {
			return f.kind, err
		}
	}
	return fullFile, nil
}

func (s *Service) isOf(f rowFile, t task) (bool, error) {
	if t.Columns != "" {
		return f.saidBy(t.As), nil
	}
	_, in, err := s.openAs(t, f.spec())
	var refusal *sheet.Refusal
	if errors.As(err, &refusal) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, in.Close()
}

func (f rowFile) saidBy(as intake.As) bool {
	m, refusal := sheet.ParseMapping(as.Columns)
	return refusal == nil && m.Names(f.spec().Columns[f.sign].Name)
}

// specOf is what a sender's columns speak of: a full list, when they have no sign of
// another kind.
func specOf(as intake.As) sheet.Spec {
	for _, f := range rowFiles() {
		if f.saidBy(as) {
			return f.spec()
		}
	}
	return spec()
}

// applyRows writes what a file tells, row by row, in pieces with checkpoints.
func (s *Service) applyRows(ctx context.Context, r *jobs.Run, t task, p *progress, f rowFile) (any, error) {
	r.Stage(f.stage)
	open := func() (*sheet.File, io.Closer, error) { return s.openAs(t, f.spec()) }
	dates, err := intake.Dates(open, f.date, t.DateOrder)
	if err != nil {
		return nil, intake.Refused(err)
	}
	file, in, err := open()
	if err != nil {
		return nil, intake.Refused(err)
	}
	defer in.Close()
	rejects, err := intake.NewErrors(r, p.Rejects)
	if err != nil {
		return nil, err
	}
	defer rejects.Close()
	if p.Learnt.IsZero() {
		p.Learnt = s.Clock().UTC().Truncate(time.Millisecond)
	}
	w := &rowWriting{Service: s, run: r, task: t, file: f, p: p, rejects: rejects}
	for {
		block, err := file.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, intake.Refused(err)
		}
		rows, wrong := w.parse(block, dates)
		block.Release()
		if err := w.write(ctx, rows, wrong); err != nil {
			return nil, err
		}
		r.Progress(file.Taken(), t.Upload.Size, "bytes")
	}
	return w.finish(ctx)
}

type rowWriting struct {
	*Service
	run     *jobs.Run
	task    task
	file    rowFile
	p       *progress
	rejects *intake.List
}

// toldRow is one row that was read.
type toldRow struct {
	line int64
	do   doing
}

// parse reads the rows of a block behind the last line that was written.
func (w *rowWriting) parse(block *sheet.Block, dates sheet.DateFormat) (rows []toldRow, wrong []intake.Reject) {
	var scratch []byte
	columns := w.file.spec().Columns
	block.Rows(func(row *sheet.Row) bool {
		if row.Line <= w.p.Last {
			return true
		}
		if e := row.Err(); e != nil {
			wrong = append(wrong, intake.Because(row.Line, "", e))
			return true
		}
		do, column, err := w.file.read(w.Service, row, w.task, dates, &scratch)
		if err != nil {
			wrong = append(wrong, intake.Because(row.Line, columns[column].Name, err))
			return true
		}
		rows = append(rows, toldRow{row.Line, do})
		return true
	})
	return rows, wrong
}

// write applies the rows of one block, in pieces.
func (w *rowWriting) write(ctx context.Context, rows []toldRow, wrong []intake.Reject) error {
	if err := w.rejects.Reject(wrong); err != nil {
		return err
	}
	for len(rows) > 0 {
		var refused []intake.Reject
		n, err := sqlite.Bulk(ctx, w.DB, func(tx *sqlite.Tx) (int, error) {
			n := 0
			refused = refused[:0]
			p := w.p.copy()
			for ; n < len(rows) && !tx.Enough(); n++ {
				why, err := rows[n].do(tx, &p)
				if err != nil {
					return 0, err
				}
				if why != nil {
					refused = append(refused, intake.Because(rows[n].line, "MSISDN", why))
				}
				p.Last = rows[n].line
			}
			if err := w.rejects.Reject(refused); err != nil {
				return 0, err
			}
			mark, err := w.rejects.Mark()
			if err != nil {
				return 0, err
			}
			p.Rejects, p.Counts.Rejected, p.Writing = mark, mark.Rows, true
			tx.After(func() { *w.p = p })
			return n, w.run.Checkpoint(tx, &p)
		})
		if err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func (w *rowWriting) finish(ctx context.Context) (any, error) {
	mark, err := w.rejects.Mark() // also of rows behind the last good one
	if err != nil {
		return nil, err
	}
	t, p, now := w.task, w.p, w.Clock().UTC()
	p.Rejects, p.Counts.Rejected = mark, mark.Rows
	f := Feed{ID: t.Feed, State: Applied, Rows: p.Counts.Rows, Rejected: p.Counts.Rejected, Changed: p.Counts.Changed, AppliedAt: &now}
	out := Result{Feed: t.Feed, Operator: t.Operator, Day: t.Day, State: Applied, counts: p.Counts, Events: p.Events}
	return out, sqlite.Do(ctx, w.DB, func(tx *sqlite.Tx) error {
		tx.After(func() { w.sweep(t.Feed) })
		return errors.Join(finish(tx, f), setPartial(tx, t.Feed),
			w.Audit.Record(tx, w.run.Principal(), w.file.deed, t.Feed, "rows", f.Rows, "rejected", f.Rejected, "changed", f.Changed))
	})
}

// cardOf reads what a row tells of the card; 0 when that is nothing.
func (s *Service) cardOf(row *sheet.Row, serial, imsi int) (card int64, column int, err error) {
	var r record
	if cell := row.Cell(serial); len(cell) > 0 {
		iccid, _, err := numbering.ICCID(cell)
		if err != nil {
			return 0, serial, err
		}
		r.iccid = packCard(iccid, s.hashOf)
	}
	if cell := row.Cell(imsi); len(cell) > 0 {
		n, _, err := numbering.ParseIMSI(cell)
		if err != nil {
			return 0, imsi, err
		}
		r.imsi = int64(n)
	}
	if r.iccid == 0 && r.imsi == 0 {
		return 0, 0, nil
	}
	return r.token(), 0, nil
}

// holderOf reads the strongest thing that a row tells of the holder.
func (s *Service) holderOf(row *sheet.Row, operator string, nin, holder, name int, scratch *[]byte) (h tenure.Holder, column int, err error) {
	switch {
	case len(row.Cell(nin)) > 0:
		n, _, err := numbering.ParseNIN(row.Cell(nin))
		if err != nil {
			return h, nin, err
		}
		h = s.Keys.NIN([]byte(n.Reveal()))
	case len(row.Cell(holder)) > 0:
		h = s.Keys.ID(operator, row.Cell(holder))
	default:
		h, *scratch = s.Keys.Name(*scratch, row.Cell(name))
	}
	return h, 0, nil
}
