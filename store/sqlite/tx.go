package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Tx is one read or write in progress. It is valid only inside the function it was
// given to, and only on that goroutine.
type Tx struct {
	ctx   context.Context // cancels lists; single rows are too short to be worth it
	plain context.Context // the same values, never cancelled
	conn  *conn
	after []func()
	began time.Time
	other func() bool // somebody else waits to write
}

// How long a piece of bulk work goes on: as long as nobody else wants to write, for
// each commit costs a wait for the disk; but not longer than a clerk may be kept
// waiting who comes at that moment.
const (
	pieceLeast = 5 * time.Millisecond
	pieceMost  = 100 * time.Millisecond
)

// Enough tells work under [Bulk] that its piece should end now: somebody else wants to
// write, or it has gone on for a tenth of a second.
func (tx *Tx) Enough() bool {
	took := time.Since(tx.began)
	return took > pieceMost || (took > pieceLeast && tx.other())
}

// Context is the caller's context.
func (tx *Tx) Context() context.Context { return tx.ctx }

// After runs f once the write is on disk; never when it was undone. Hooks run in the
// order of commits, on the writer's goroutine: they must be quick and must not write.
func (tx *Tx) After(f func()) { tx.after = append(tx.after, f) }

// Row is what a scan function reads from: one row of an answer.
type Row interface{ Scan(dest ...any) error }

// Scan functions for answers of one column.
func Int(r Row) (v int, err error)       { err = r.Scan(&v); return }
func Int64(r Row) (v int64, err error)   { err = r.Scan(&v); return }
func Text(r Row) (v string, err error)   { err = r.Scan(&v); return }
func Bytes(r Row) (v []byte, err error)  { err = r.Scan(&v); return }
func Bool(r Row) (v bool, err error)     { err = r.Scan(&v); return }
func Float(r Row) (v float64, err error) { err = r.Scan(&v); return }

// Columns are the columns of one row as SQLite holds them: nil, int64, float64, string
// or bytes. Reading them so is about half the work of reading each into its type, where
// rows come by the million.
type Columns []any

// Scan reads the row's columns, as many as there is room for.
func (c Columns) Scan(r Row) error {
	for i := range c {
		c[i] = &c[i]
	}
	return r.Scan(c...)
}

// Int64 is a column of whole numbers; 0 for NULL.
func (c Columns) Int64(i int) int64 { v, _ := c[i].(int64); return v }

// Text is a column of text; "" for NULL.
func (c Columns) Text(i int) string { v, _ := c[i].(string); return v }

// Null tells whether a column is NULL.
func (c Columns) Null(i int) bool { return c[i] == nil }

// Read runs fn on a reader with one consistent view of the store.
func Read[T any](ctx context.Context, db *DB, fn func(*Tx) (T, error)) (T, error) {
	var zero T
	var c *conn
	select {
	case c = <-db.readers:
	case <-ctx.Done():
		return zero, context.Cause(ctx)
	case <-db.closing:
		return zero, ErrClosed
	}
	defer func() { db.readers <- c }()
	tx := &Tx{ctx: ctx, plain: context.WithoutCancel(ctx), conn: c}
	if err := c.exec(tx.plain, "BEGIN"); err != nil {
		return zero, fmt.Errorf("begin reading: %w", err)
	}
	defer func() { _ = c.exec(tx.plain, "COMMIT") }()
	return fn(tx)
}

// One reads one row; [ErrNotFound] when there is none.
func One[T any](tx *Tx, scan func(Row) (T, error), query string, args ...any) (T, error) {
	var zero T
	s, err := tx.conn.prepare(tx.plain, query)
	if err != nil {
		return zero, err
	}
	v, err := scan(s.QueryRowContext(tx.plain, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return zero, ErrNotFound
	}
	if err != nil {
		return zero, fmt.Errorf("read one: %w", err)
	}
	return v, nil
}

// All reads every row of the answer; bound it with LIMIT. Never nil without an error.
func All[T any](tx *Tx, scan func(Row) (T, error), query string, args ...any) ([]T, error) {
	out := []T{}
	err := Each(tx, func(r Row) error {
		v, err := scan(r)
		out = append(out, v)
		return err
	}, query, args...)
	return out, err
}

// Each hands every row of the answer to visit, one at a time, in bounded memory.
func Each(tx *Tx, visit func(Row) error, query string, args ...any) error {
	s, err := tx.conn.prepare(tx.plain, query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(tx.ctx, args...)
	if err != nil {
		return fmt.Errorf("read rows: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := visit(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read rows: %w", err)
	}
	return nil
}

// Exec runs a statement and answers how many rows it changed.
func Exec(tx *Tx, query string, args ...any) (int64, error) {
	s, err := tx.conn.prepare(tx.plain, query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(tx.plain, args...)
	if err != nil {
		return 0, fmt.Errorf("write: %w", err)
	}
	return r.RowsAffected()
}

// Where gathers bound conditions of a list: values are never joined into the text.
//
//	w := sqlite.Where{}
//	w.And("operator = ?", operator)
//	query := "SELECT … FROM sim" + w.SQL() + " ORDER BY id LIMIT ?"
type Where struct {
	terms []string
	Args  []any
}

// And adds a condition with its values.
func (w *Where) And(term string, args ...any) {
	w.terms = append(w.terms, term)
	w.Args = append(w.Args, args...)
}

// SQL is the clause, with a leading space, or "" without conditions.
func (w *Where) SQL() string {
	if len(w.terms) == 0 {
		return ""
	}
	return " WHERE (" + strings.Join(w.terms, ") AND (") + ")"
}

// Unique tells whether an error is a broken UNIQUE or PRIMARY KEY constraint.
func Unique(err error) bool {
	return err != nil && strings.Contains(err.Error(), "UNIQUE constraint failed")
}
