package jobs

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/page"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
)

// maxWait bounds ?wait=, below the time that proxies let a request stay silent.
const maxWait = 60 * time.Second

// Mount declares the routes; cancelling and resuming are written to the audit log.
// Anybody who is signed in may knock: who sees which job depends on the job.
func (q *Queue) Mount(api *rest.API, log *audit.Log) {
	d := &doors{q, log}
	rest.Get(api, "/jobs", access.SignedIn, d.list, rest.Doc("List jobs, newest first"))
	rest.Get(api, "/jobs/{id}", access.SignedIn, d.show, rest.Doc("Show a job, or wait for its end"))
	rest.Post(api, "/jobs/{id}/cancel", access.SignedIn, d.cancel, rest.Doc("Cancel a job that has not ended"))
	rest.Post(api, "/jobs/{id}/resume", access.SignedIn, d.resume, rest.Doc("Go on with a paused job"))
	rest.Download(api, "/jobs/{id}/errors.csv", access.SignedIn, d.errors, rest.Doc("Download the rejected rows with their reasons"))
	rest.Download(api, "/jobs/{id}/result.csv", access.SignedIn, d.result, rest.Doc("Download the result"))
}

type doors struct {
	q   *Queue
	log *audit.Log
}

type listed struct {
	page.Query
	Kind  string `query:"kind" maxLength:"64" doc:"Only this kind of work"`
	State string `query:"state" enum:"queued,running,paused,succeeded,failed,cancelled"`
}

func (d *doors) list(ctx context.Context, in *listed) (*page.Of[Job], error) {
	if names := d.q.kindNames(); in.Kind != "" && !slices.Contains(names, in.Kind) {
		return nil, fault.Wrong("kind", "NOT_ALLOWED", "There is no such kind of work; there are %s.", strings.Join(names, ", "))
	}
	f := filter{who: access.From(ctx), kind: in.Kind, state: in.State}
	return sqlite.Read(ctx, d.q.db, func(tx *sqlite.Tx) (*page.Of[Job], error) {
		out, skip := &page.Of[Job]{Total: -1, Skip: in.Skip, Limit: in.Limit}, in.Skip
		var err error
		if in.After == "" {
			if out.Total, err = count(tx, f); err != nil {
				return nil, err
			}
		} else {
			f.after, skip, out.Skip = in.After, 0, 0
		}
		if out.Items, err = list(tx, f, skip, in.Limit+1); err != nil {
			return nil, err
		}
		if len(out.Items) > in.Limit {
			out.Items = out.Items[:in.Limit]
			out.Next = out.Items[in.Limit-1].ID
		}
		for i, j := range out.Items {
			out.Items[i] = d.q.fresh(j)
		}
		return out, nil
	})
}

type one struct {
	ID string `path:"id" maxLength:"64"`
}

type shown struct {
	ID   string `path:"id" maxLength:"64"`
	Wait string `query:"wait" maxLength:"10" doc:"Answer when the job has ended or waits for somebody, or after this long: 30s, at most 60s"`
}

func (d *doors) show(ctx context.Context, in *shown) (*Job, error) {
	var wait time.Duration
	if in.Wait != "" {
		var err error
		if wait, err = time.ParseDuration(in.Wait); err != nil || wait < 0 || wait > maxWait {
			return nil, fault.Wrong("wait", "RANGE", "The wait must be a time from 0s to 60s, such as 30s.")
		}
	}
	j, err := d.q.Show(ctx, access.From(ctx), in.ID)
	if err != nil || wait == 0 {
		return &j, err
	}
	j, err = d.q.Wait(ctx, j.ID, wait)
	return &j, err
}

// Show is one job, for a caller who may see it; any other job is not found.
func (q *Queue) Show(ctx context.Context, who access.Principal, jobID string) (Job, error) {
	j, err := sqlite.Read(ctx, q.db, func(tx *sqlite.Tx) (Job, error) { return visible(tx, who, jobID) })
	if err != nil {
		return Job{}, err
	}
	return q.fresh(j), nil
}

func (d *doors) cancel(ctx context.Context, in *one) (*Job, error) {
	return d.change(ctx, in.ID, "job.cancel", d.q.Cancel)
}

func (d *doors) resume(ctx context.Context, in *one) (*Job, error) {
	return d.change(ctx, in.ID, "job.resume", d.q.Resume)
}

func (d *doors) change(ctx context.Context, jobID, action string, do func(*sqlite.Tx, access.Principal, string) (Job, error)) (*Job, error) {
	who := access.From(ctx)
	return sqlite.Write(ctx, d.q.db, func(tx *sqlite.Tx) (*Job, error) {
		j, err := do(tx, who, jobID)
		if err != nil {
			return nil, err
		}
		return &j, d.log.Record(tx, who, action, j.ID, "kind", j.Kind)
	})
}

func (d *doors) errors(ctx context.Context, in *one) (*rest.File, error) {
	j, err := d.q.Show(ctx, access.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return d.file(j, "errors.csv", "This job has rejected no rows.")
}

func (d *doors) result(ctx context.Context, in *one) (*rest.File, error) {
	j, err := d.q.Show(ctx, access.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	if j.State != Succeeded {
		return nil, fault.New(fault.NotFound, "The result is there when the job has succeeded; this one is %s.", j.State)
	}
	return d.file(j, "result.csv", "This kind of job has no result file; its result is part of the job.")
}

func (d *doors) file(j Job, name, missing string) (*rest.File, error) {
	f, err := os.Open(filepath.Join(d.q.Folder(j.ID), name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "%s", missing)
	}
	if err != nil {
		return nil, err
	}
	return &rest.File{Name: j.ID + "-" + name, Type: "text/csv; charset=utf-8", Body: f}, nil
}
