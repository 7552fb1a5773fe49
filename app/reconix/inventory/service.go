package inventory

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dchest/siphash"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/app/kit/seal"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/operators"
	"reconexus/app/reconix/sims"
	"reconexus/app/reconix/tenure"
	"reconexus/app/reconix/webhook"
	"reconexus/store/sqlite"
)

// Service takes feeds in.
type Service struct {
	DB        *sqlite.DB
	Dir       string // the data folder: snapshots and spooled uploads lie under it
	Clock     func() time.Time
	Table     *numbering.Table
	Keys      *tenure.Keys
	Audit     *audit.Log
	Jobs      *jobs.Queue
	Operators *operators.Service
	Sims      *sims.Service
	Webhooks  *webhook.Service // nil tells nobody outside
	Log       *slog.Logger
	Shrink    float64 // share of rows that a full file may lack; 0 means 5 %

	hash [2]uint64
}

// New completes a service and tells the queue what it can do.
func New(s Service, ring *seal.Ring) (*Service, error) {
	key := ring.Derive("inventory row", 16)
	s.hash = [2]uint64{binary.LittleEndian.Uint64(key), binary.LittleEndian.Uint64(key[8:])}
	if s.Shrink == 0 {
		s.Shrink = shrink
	}
	for _, d := range []string{intake.Spool(s.Dir), s.snapshots()} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("make the folder %s: %w", d, err)
		}
	}
	s.Jobs.Handle(jobs.Kind{Name: kind, Permission: access.SIMBulkUpload, Run: s.run, Firm: firm, Ended: s.ended})
	return &s, nil
}

// hashOf is the keyed hash of bytes that are not kept.
func (s *Service) hashOf(b []byte) uint64 { return siphash.Hash(s.hash[0], s.hash[1], b) }

func (s *Service) snapshots() string { return filepath.Join(s.Dir, "snapshots") }

// Delivery is a file that somebody hands in.
type Delivery struct {
	Operator string
	Day      day.Day // day.None: today in Lagos
	Name     string
	Body     io.Reader
	intake.As
}

// Receive keeps a file and adds the job that takes it in. The answer means that the
// file is on disk here. The same content of the same operator is taken once.
func (s *Service) Receive(ctx context.Context, who access.Principal, d Delivery) (jobs.Job, error) {
	operator, on, err := s.admit(who, d)
	if err != nil {
		return jobs.Job{}, err
	}
	feed := Feed{ID: id.New("feed", s.Clock()), Operator: operator, Day: on, State: Receiving, FileName: d.Name, Received: s.Clock().UTC()}
	upload, err := intake.Keep(s.Dir, feed.ID, d.Body)
	if err != nil {
		return jobs.Job{}, err
	}
	feed.Digest = upload.Digest
	if err := d.Fit(upload.Path(s.Dir), specOf(d.As)); err != nil {
		return jobs.Job{}, errors.Join(err, os.Remove(upload.Path(s.Dir)))
	}
	job, err := sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (jobs.Job, error) {
		if before, ok, err := same(tx, operator, upload.Digest); err != nil || ok {
			return jobs.Job{}, errors.Join(err, alreadyTaken(before))
		}
		job, err := s.Jobs.Add(tx, who, jobs.Spec{
			Kind: kind, Title: fmt.Sprintf("Inventory of %s, %s", operator, on), Operator: operator,
			Args: task{Feed: feed.ID, Operator: operator, Day: on, Upload: upload, As: d.As},
		})
		if err != nil {
			return job, err
		}
		feed.JobID = job.ID
		return job, errors.Join(insert(tx, feed),
			s.Audit.Record(tx, who, "inventory.receive", feed.ID, "operator", operator, "day", on.String(), "digest", upload.Digest, "bytes", upload.Size))
	})
	if err != nil {
		return job, errors.Join(err, os.Remove(upload.Path(s.Dir)))
	}
	return job, nil
}

// admit settles whose numbers a file tells of and for which day.
func (s *Service) admit(who access.Principal, d Delivery) (string, day.Day, error) {
	today := day.Of(s.Clock())
	if d.Day == day.None {
		d.Day = today
	}
	if d.Day > today {
		return "", 0, fault.Wrong("day", "FUTURE", "The day lies in the future; an inventory tells of today or of a day before.")
	}
	code, ok := s.Operators.Resolve(d.Operator, d.Day)
	if !ok || (who.Operator != "" && who.Operator != code) {
		return "", 0, fault.New(fault.NotFound, "There is no operator with this code; /operators lists them.")
	}
	_, err := d.Of(specOf(d.As))
	return code, d.Day, err
}

func alreadyTaken(f Feed) error {
	if f.ID == "" {
		return nil
	}
	return fault.New(fault.Conflict, "This very file was taken before, as the inventory of %s for %s; see job %s.", f.Operator, f.Day, f.JobID)
}

// ended gives up what a feed holds when its job ends without having applied it.
func (s *Service) ended(tx *sqlite.Tx, j jobs.Job) error {
	if j.State == jobs.Succeeded {
		return nil
	}
	f, err := sqlite.One(tx, scan, `SELECT `+columns+` FROM feed WHERE job_id = ?`, j.ID)
	if errors.Is(err, sqlite.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	tx.After(func() { s.sweep(f.ID) })
	return setState(tx, f.ID, Failed)
}

// sweep removes a feed's files, except its snapshot.
func (s *Service) sweep(feed string) {
	for _, path := range []string{filepath.Join(intake.Spool(s.Dir), feed), s.path(feed, ".changes"), s.path(feed, ".part"), s.path(feed, ".runs")} {
		if err := os.RemoveAll(path); err != nil {
			s.Log.Warn("a working file could not be removed", "file", filepath.Base(path), "error", err)
		}
	}
}

func (s *Service) path(feed, suffix string) string {
	return filepath.Join(s.snapshots(), feed+suffix)
}

// Tidy removes snapshots and working files that no feed needs any more: left-overs of
// a crash.
func (s *Service) Tidy(ctx context.Context) error {
	keep, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (map[string]bool, error) {
		names, err := sqlite.All(tx, sqlite.Text, `SELECT id FROM feed WHERE snapshot IS NOT NULL OR state IN ('receiving', 'stopped')`)
		m := map[string]bool{}
		for _, n := range names {
			m[n] = true
		}
		return m, err
	})
	if err != nil {
		return err
	}
	files, err := os.ReadDir(s.snapshots())
	if err != nil {
		return fmt.Errorf("look through the snapshots: %w", err)
	}
	for _, f := range files {
		feed, _, _ := strings.Cut(f.Name(), ".")
		if id.Is("feed", feed) && !keep[feed] {
			if err := os.RemoveAll(filepath.Join(s.snapshots(), f.Name())); err != nil {
				return fmt.Errorf("remove a left-over: %w", err)
			}
		}
	}
	return nil
}
