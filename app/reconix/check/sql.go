package check

import (
	"encoding/json"
	"errors"
	"time"

	"reconexus/store/sqlite"
)

// answered is the job that a user had the same content checked by since an instant;
// empty when there is none. A job that failed or was cancelled has answered nothing.
func answered(tx *sqlite.Tx, digest, user string, since time.Time) (string, error) {
	id, err := sqlite.One(tx, sqlite.Text, `SELECT id FROM job WHERE kind = ? AND state IN ('queued', 'running', 'paused', 'succeeded')
		AND args ->> '$.upload.digest' = ? AND created_by = ? AND created_at >= ? ORDER BY id LIMIT 1`, kind, digest, user, since.UnixMilli())
	if errors.Is(err, sqlite.ErrNotFound) {
		return "", nil
	}
	return id, err
}

// taskOf is what a scrub was added with.
func taskOf(tx *sqlite.Tx, jobID string) (t task, err error) {
	text, err := sqlite.One(tx, sqlite.Text, `SELECT args FROM job WHERE id = ?`, jobID)
	if err == nil {
		err = json.Unmarshal([]byte(text), &t)
	}
	return t, err
}
