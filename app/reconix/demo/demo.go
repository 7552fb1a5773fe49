// Package demo fills an empty appliance with a believable month of four operators, so
// that a newcomer sees the product work before touching real data. The files come
// from the same generator as the measurements and go through the same imports as
// anybody's.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/reconix/detect"
	"reconexus/app/reconix/generate"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/inventory"
	"reconexus/app/reconix/linkage"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
)

const (
	kind = "demo.load"
	seed = 2026
	size = 6000 // lines of the largest operator
)

// Service loads the demo data.
type Service struct {
	DB        *sqlite.DB
	Clock     func() time.Time
	Audit     *audit.Log
	Jobs      *jobs.Queue
	Inventory *inventory.Service
	Linkages  *linkage.Service
	Detect    *detect.Service
	Log       *slog.Logger
}

// New tells the queue what the service can do.
func New(s Service) *Service {
	s.Jobs.Handle(jobs.Kind{Name: kind, Permission: access.UserManage, Run: s.run})
	return &s
}

// Mount declares the route.
func (s *Service) Mount(api *rest.API) {
	rest.Post(api, "/demo-data", access.UserManage, s.start, rest.Accepted(),
		rest.Doc("Fill an empty appliance with demo data", "A month of four operators, made here and imported like any file."))
}

type started struct {
	JobID string `json:"job_id" doc:"Follow it at /jobs/{id}"`
}

func (s *Service) start(ctx context.Context, _ *struct{}) (*started, error) {
	who := access.From(ctx)
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (*started, error) {
		some, err := sqlite.One(tx, sqlite.Bool, `SELECT EXISTS (SELECT 1 FROM tenure) OR EXISTS (SELECT 1 FROM linkage) OR EXISTS (SELECT 1 FROM recycled_sim)`)
		if err != nil {
			return nil, err
		}
		if some {
			return nil, fault.New(fault.Conflict, "There are data here already; demo data go into an empty appliance only. Start one with another data folder.")
		}
		j, err := s.Jobs.Add(tx, who, jobs.Spec{Kind: kind, Title: "Demo data: a month of four operators", Args: task{day.Of(s.Clock())}, UniqueKey: kind})
		if err != nil {
			return nil, err
		}
		return &started{j.ID}, s.Audit.Record(tx, who, "demo.load", j.ID)
	})
}

type task struct {
	Last day.Day `json:"last"` // the month's last day
}

type progress struct {
	Taken int `json:"taken"` // files
}

func (s *Service) run(ctx context.Context, r *jobs.Run) (any, error) {
	var t task
	var p progress
	if err := errors.Join(r.Args(&t), r.Resume(&p)); err != nil {
		return nil, err
	}
	files, err := generate.Demo(seed, t.Last, size)
	if err != nil {
		return nil, err
	}
	for ; p.Taken < len(files); p.Taken++ {
		f := files[p.Taken]
		r.Stage(fmt.Sprintf("Importing %s", f.Name))
		r.Progress(int64(p.Taken), int64(len(files)), "files")
		if err := sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error { return r.Checkpoint(tx, p) }); err != nil {
			return nil, err
		}
		if err := s.take(ctx, r.Principal(), f); err != nil {
			return nil, err
		}
	}
	r.Stage("Finding stale linkages")
	r.Progress(int64(len(files)), int64(len(files)), "files")
	j, err := s.Detect.Start(ctx, r.Principal(), false)
	if err != nil && !fault.Is(err, fault.Conflict) {
		return nil, err
	}
	if j, err = s.wait(ctx, j); err != nil {
		return nil, err
	}
	return j.Result, nil
}

// take hands one file in and waits until it is applied. A file that was taken before a
// restart is not taken twice.
func (s *Service) take(ctx context.Context, who access.Principal, f generate.File) error {
	out, in := io.Pipe()
	go func() { in.CloseWithError(f.Write(in)) }()
	defer out.Close()
	var j jobs.Job
	var err error
	switch f.Kind {
	case generate.KindInventory:
		j, err = s.Inventory.Receive(ctx, who, inventory.Delivery{Operator: f.Operator, Day: f.Day, Name: f.Name, Body: out})
	case generate.KindLinkages:
		j, err = s.Linkages.Import(ctx, who, f.Name, out, intake.As{})
	}
	if fault.Is(err, fault.Conflict) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = s.wait(ctx, j)
	return err
}

// patience is how long one look at a job waits.
const patience = 30 * time.Second

func (s *Service) wait(ctx context.Context, j jobs.Job) (jobs.Job, error) {
	for j.ID != "" && !j.State.Ended() && j.State != jobs.Paused {
		var err error
		if j, err = s.Jobs.Wait(ctx, j.ID, patience); err != nil {
			return j, err
		}
	}
	if j.ID != "" && j.State != jobs.Succeeded {
		return j, fault.New(fault.Conflict, "The demo stopped at %s, which ended as %s.", j.Title, j.State)
	}
	return j, nil
}
