package jobs

import (
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"reconexus/app/access"
	"reconexus/store/sqlite"
)

const columns = `id, kind, title, state, stage, permission, coalesce(operator_code, ''), coalesce(bank_code, ''), created_by,
	actor, args, state_data, done, total, unit, coalesce(result, 'null'), error, attempts, created_at, started_at, finished_at`

func scan(r sqlite.Row) (Job, error) {
	var (
		j                 Job
		result, sentence  sql.NullString
		created           int64
		started, finished sql.NullInt64
	)
	err := r.Scan(&j.ID, &j.Kind, &j.Title, &j.State, &j.Stage, &j.permission, &j.Operator, &j.Bank, &j.CreatedBy,
		&j.actor, &j.args, &j.state, &j.Progress.Done, &j.Progress.Total, &j.Progress.Unit, &result, &sentence, &j.attempts,
		&created, &started, &finished)
	j.Result = json.RawMessage(result.String)
	if sentence.Valid {
		j.Error = &sentence.String
	}
	j.CreatedAt = time.UnixMilli(created).UTC()
	j.StartedAt, j.FinishedAt = instant(started), instant(finished)
	return j, err
}

func instant(v sql.NullInt64) *time.Time {
	if !v.Valid {
		return nil
	}
	t := time.UnixMilli(v.Int64).UTC()
	return &t
}

func millis(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UnixMilli()
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func find(tx *sqlite.Tx, jobID string) (Job, error) {
	j, err := sqlite.One(tx, scan, `SELECT `+columns+` FROM job WHERE id = ?`, jobID)
	if errors.Is(err, sqlite.ErrNotFound) {
		return Job{}, errNoJob()
	}
	return j, err
}

// holder is the job that holds a unique key.
func holder(tx *sqlite.Tx, key string) (string, error) {
	return sqlite.One(tx, sqlite.Text, `SELECT id FROM job WHERE unique_key = ? AND state IN ('queued', 'running', 'paused')`, key)
}

// atOnce as the time to run after does not depend on the clock, which may be set back.
func atOnce() time.Time { return time.Time{} }

func notBefore(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func insert(tx *sqlite.Tx, j Job, uniqueKey string, runAfter time.Time) error {
	_, err := sqlite.Exec(tx, `INSERT INTO job (id, kind, title, state, unique_key, permission, operator_code, bank_code, created_by, actor, args, run_after, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		j.ID, j.Kind, j.Title, j.State, text(uniqueKey), j.permission, text(j.Operator), text(j.Bank), j.CreatedBy, j.actor, j.args,
		notBefore(runAfter), j.CreatedAt.UnixMilli())
	return err
}

// waiting narrows to the queued jobs by the words of the index that serves it.
const waiting = `state IN ('queued', 'running') AND state = 'queued' AND kind IN (SELECT value FROM json_each(?))`

// nextDue is when the next job of these kinds (a JSON list) may start.
func nextDue(tx *sqlite.Tx, kinds string) (time.Time, error) {
	at, err := sqlite.One(tx, sqlite.Int64, `SELECT run_after FROM job WHERE `+waiting+` ORDER BY run_after LIMIT 1`, kinds)
	return time.UnixMilli(at), err
}

// claim takes the oldest job that may start and marks it running.
func claim(tx *sqlite.Tx, kinds string, now time.Time) (Job, error) {
	return sqlite.One(tx, scan, `UPDATE job SET state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, ?1)
		WHERE id = (SELECT id FROM job WHERE `+waiting+` AND run_after <= ?1 ORDER BY id LIMIT 1)
		RETURNING `+columns, now.UnixMilli(), kinds)
}

func checkpoint(tx *sqlite.Tx, jobID, state, stage string, p Progress) (int64, error) {
	return sqlite.Exec(tx, `UPDATE job SET state_data = ?, attempts = 0, stage = ?, done = ?, total = ?, unit = ? WHERE id = ? AND state = 'running'`,
		state, stage, p.Done, p.Total, p.Unit, jobID)
}

func progress(tx *sqlite.Tx, jobID, stage string, p Progress) (int64, error) {
	return sqlite.Exec(tx, `UPDATE job SET stage = ?, done = ?, total = ?, unit = ? WHERE id = ? AND state = 'running'`,
		stage, p.Done, p.Total, p.Unit, jobID)
}

func requeue(tx *sqlite.Tx, j Job, runAfter time.Time) error {
	_, err := sqlite.Exec(tx, `UPDATE job SET state = 'queued', error = ?, attempts = ?, run_after = ? WHERE id = ?`,
		j.Error, j.attempts, notBefore(runAfter), j.ID)
	return err
}

func hold(tx *sqlite.Tx, j Job) error {
	_, err := sqlite.Exec(tx, `UPDATE job SET state = 'paused', error = ? WHERE id = ?`, j.Error, j.ID)
	return err
}

func finish(tx *sqlite.Tx, j Job) error {
	var result any
	if j.Result != nil {
		result = string(j.Result)
	}
	_, err := sqlite.Exec(tx, `UPDATE job SET state = ?, result = ?, error = ?, finished_at = ? WHERE id = ?`,
		j.State, result, j.Error, millis(j.FinishedAt), j.ID)
	return err
}

// interrupted lists the jobs that were running when the program ended.
func interrupted(tx *sqlite.Tx) ([]Job, error) {
	return sqlite.All(tx, scan, `SELECT `+columns+` FROM job WHERE state IN ('queued', 'running') AND state = 'running' ORDER BY id`)
}

// orphaned lists waiting jobs of kinds that nothing handles any more.
func orphaned(tx *sqlite.Tx, kinds string) ([]Job, error) {
	return sqlite.All(tx, scan, `SELECT `+columns+` FROM job WHERE state IN ('queued', 'paused') AND kind NOT IN (SELECT value FROM json_each(?))`, kinds)
}

// filter narrows a list of jobs.
type filter struct {
	who         access.Principal
	kind, state string
	after       string // id; jobs older than this one
}

func (f filter) where() sqlite.Where {
	var w sqlite.Where
	if f.who.MSISDN != 0 {
		w.And("0")
	}
	may, _ := json.Marshal(f.who.May) // a list of words
	w.And("permission IN (SELECT value FROM json_each(?))", string(may))
	for _, t := range []struct{ term, value string }{
		{"operator_code = ?", f.who.Operator}, {"bank_code = ?", f.who.Bank}, {"kind = ?", f.kind}, {"state = ?", f.state}, {"id < ?", f.after},
	} {
		if t.value != "" {
			w.And(t.term, t.value)
		}
	}
	return w
}

func list(tx *sqlite.Tx, f filter, skip, limit int) ([]Job, error) {
	w := f.where()
	return sqlite.All(tx, scan, `SELECT `+columns+` FROM job`+w.SQL()+` ORDER BY id DESC LIMIT ? OFFSET ?`, append(w.Args, limit, skip)...)
}

func count(tx *sqlite.Tx, f filter) (int, error) {
	w := f.where()
	return sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM job`+w.SQL(), w.Args...)
}

// old lists jobs that ended before an instant.
func old(tx *sqlite.Tx, before time.Time, limit int) ([]string, error) {
	return sqlite.All(tx, sqlite.Text, `SELECT id FROM job WHERE created_at < ?1 AND finished_at < ?1 ORDER BY created_at LIMIT ?2`, before.UnixMilli(), limit)
}

func forget(tx *sqlite.Tx, jobID string) error {
	_, err := sqlite.Exec(tx, `DELETE FROM job WHERE id = ?`, jobID)
	return err
}

func exists(tx *sqlite.Tx, jobID string) (bool, error) {
	return sqlite.One(tx, sqlite.Bool, `SELECT EXISTS (SELECT 1 FROM job WHERE id = ?)`, jobID)
}
