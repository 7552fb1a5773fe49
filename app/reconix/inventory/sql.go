package inventory

import (
	"errors"
	"fmt"
	"time"

	"reconexus/store/sqlite"
)

const columns = `id, operator_code, day, state, rows, rejected, changed, job_id, file_name, digest, received_at, applied_at, coalesce(snapshot, '')`

func scan(r sqlite.Row) (Feed, error) {
	var f Feed
	var received int64
	var applied *int64
	err := r.Scan(&f.ID, &f.Operator, &f.Day, &f.State, &f.Rows, &f.Rejected, &f.Changed, &f.JobID, &f.FileName, &f.Digest, &received, &applied, &f.snapshot)
	f.Received = time.UnixMilli(received).UTC()
	if applied != nil {
		at := time.UnixMilli(*applied).UTC()
		f.AppliedAt = &at
	}
	return f, err
}

func insert(tx *sqlite.Tx, f Feed) error {
	_, err := sqlite.Exec(tx, `INSERT INTO feed (id, operator_code, day, state, digest, file_name, job_id, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		f.ID, f.Operator, f.Day, string(f.State), f.Digest, f.FileName, f.JobID, f.Received.UnixMilli())
	if err != nil {
		return fmt.Errorf("write a feed: %w", err)
	}
	return nil
}

// same finds the feed that brought a content before, unless that came to nothing.
func same(tx *sqlite.Tx, operator, digest string) (Feed, bool, error) {
	f, err := sqlite.One(tx, scan, `SELECT `+columns+` FROM feed WHERE operator_code = ? AND digest = ? AND state IN ('receiving', 'applied', 'filed', 'stopped') LIMIT 1`, operator, digest)
	if errors.Is(err, sqlite.ErrNotFound) {
		return f, false, nil
	}
	return f, err == nil, err
}

// newest is the operator's newest applied feed, the zero Feed when there is none.
func newest(tx *sqlite.Tx, operator string) (Feed, error) {
	f, err := sqlite.One(tx, scan, `SELECT `+columns+` FROM feed WHERE operator_code = ? AND state = 'applied' AND full = 1 ORDER BY day DESC, applied_at DESC LIMIT 1`, operator)
	if errors.Is(err, sqlite.ErrNotFound) {
		return Feed{}, nil
	}
	return f, err
}

func setState(tx *sqlite.Tx, id string, s State) error {
	_, err := sqlite.Exec(tx, `UPDATE feed SET state = ? WHERE id = ?`, string(s), id)
	return err
}

// setStopped keeps with a stopped feed what the breaker saw.
func setStopped(tx *sqlite.Tx, id string, c counts) error {
	_, err := sqlite.Exec(tx, `UPDATE feed SET state = 'stopped', rows = ?, rejected = ? WHERE id = ?`, c.Listed, c.Rejected, id)
	return err
}

func finish(tx *sqlite.Tx, f Feed) error {
	_, err := sqlite.Exec(tx, `UPDATE feed SET state = ?, rows = ?, rejected = ?, changed = ?, snapshot = nullif(?, ''), applied_at = ? WHERE id = ?`,
		string(f.State), f.Rows, f.Rejected, f.Changed, f.snapshot, f.AppliedAt.UnixMilli(), f.ID)
	return err
}

// setPartial says of a feed that it did not tell everything.
func setPartial(tx *sqlite.Tx, id string) error {
	_, err := sqlite.Exec(tx, `UPDATE feed SET full = 0 WHERE id = ?`, id)
	return err
}

func dropSnapshot(tx *sqlite.Tx, id string) error {
	_, err := sqlite.Exec(tx, `UPDATE feed SET snapshot = NULL WHERE id = ?`, id)
	return err
}

func list(tx *sqlite.Tx, w sqlite.Where, limit, skip int) ([]Feed, error) {
	return sqlite.All(tx, scan, `SELECT `+columns+` FROM feed`+w.SQL()+` ORDER BY received_at DESC, id DESC LIMIT ? OFFSET ?`, append(w.Args, limit, skip)...)
}

func count(tx *sqlite.Tx, w sqlite.Where) (int, error) {
	return sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM feed`+w.SQL(), w.Args...)
}
