package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/store/sqlite"
)

// How long a job that has ended is remembered, and how much is forgotten in one go.
const (
	remember    = 30 * 24 * time.Hour
	forgetPiece = 100
	forgetMost  = 5000
)

const tidyKind = "jobs.tidy"

// tidyUp declares the nightly job that forgets jobs and files.
func (q *Queue) tidyUp() {
	q.Handle(Kind{Name: tidyKind, Permission: access.UserManage, Run: q.forgetOld})
	// A fixed schedule that parses; see the test.
	_ = q.Every("40 2 * * *", tidyKind, func(ctx context.Context) error {
		return sqlite.Do(ctx, q.db, func(tx *sqlite.Tx) error {
			_, err := q.Add(tx, access.System("schedule"), Spec{Kind: tidyKind, Title: "Forgetting jobs that ended over 30 days ago", UniqueKey: tidyKind})
			if fault.Is(err, fault.Conflict) {
				return nil // last night's has not ended
			}
			return err
		})
	})
}

// Forgotten is the result of tidying up.
type Forgotten struct {
	Jobs    int `json:"jobs"`
	Folders int `json:"folders"`
}

func (q *Queue) forgetOld(ctx context.Context, r *Run) (any, error) {
	var out Forgotten
	before := q.clock().Add(-remember)
	for out.Jobs < forgetMost {
		ids, err := sqlite.Read(ctx, q.db, func(tx *sqlite.Tx) ([]string, error) { return old(tx, before, forgetPiece) })
		if err != nil || len(ids) == 0 {
			if err == nil {
				out.Folders, err = q.sweep(ctx, before)
			}
			return out, err
		}
		// The files go first: a job that is still listed can be tidied again.
		for _, one := range ids {
			if err := os.RemoveAll(q.Folder(one)); err != nil {
				return out, fmt.Errorf("remove the files of job %s: %w", one, err)
			}
		}
		_, err = sqlite.Bulk(ctx, q.db, func(tx *sqlite.Tx) (int, error) {
			for _, one := range ids {
				if err := forget(tx, one); err != nil {
					return 0, err
				}
			}
			return len(ids), nil
		})
		if err != nil {
			return out, err
		}
		out.Jobs += len(ids)
		r.Progress(int64(out.Jobs), 0, "jobs")
	}
	return out, nil
}

// sweep removes old folders whose job is not there: its write was undone.
func (q *Queue) sweep(ctx context.Context, before time.Time) (int, error) {
	entries, err := os.ReadDir(q.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("list the folders of jobs: %w", err)
	}
	swept := 0
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !e.IsDir() || !id.Is("job", e.Name()) || info.ModTime().After(before) {
			continue
		}
		known, err := sqlite.Read(ctx, q.db, func(tx *sqlite.Tx) (bool, error) { return exists(tx, e.Name()) })
		if err != nil {
			return swept, err
		}
		if known {
			continue
		}
		if err := os.RemoveAll(q.Folder(e.Name())); err != nil {
			return swept, fmt.Errorf("remove a forgotten folder: %w", err)
		}
		swept++
	}
	return swept, nil
}
