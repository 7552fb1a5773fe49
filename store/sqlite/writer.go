package sqlite

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"
)

// groupTime bounds how long a group of writes is gathered before its commit;
// groupSize how many writes share one.
const (
	groupTime = 15 * time.Millisecond
	groupSize = 512
)

// write is one waiting write.
type write struct {
	ctx    context.Context
	run    func(*Tx) error
	err    error
	after  []func()
	done   chan struct{}
	undone bool // it failed alone: the fate of its group is not its own
}

// Write runs fn in the next group of writes and answers after its commit. An error
// or a panic in fn undoes fn alone. fn must be quick: it holds every other writer.
func Write[T any](ctx context.Context, db *DB, fn func(*Tx) (T, error)) (T, error) {
	return submit(ctx, db, db.urgent, fn)
}

// Bulk is [Write] for long work done in pieces: each piece waits until no ordinary
// write is waiting, and ends when [Tx.Enough] says so.
func Bulk[T any](ctx context.Context, db *DB, fn func(*Tx) (T, error)) (T, error) {
	return submit(ctx, db, db.bulk, fn)
}

// Do is [Write] without a result.
func Do(ctx context.Context, db *DB, fn func(*Tx) error) error {
	_, err := Write(ctx, db, func(tx *Tx) (struct{}, error) { return struct{}{}, fn(tx) })
	return err
}

func submit[T any](ctx context.Context, db *DB, queue chan *write, fn func(*Tx) (T, error)) (T, error) {
	var out, zero T
	w := &write{ctx: ctx, done: make(chan struct{})}
	w.run = func(tx *Tx) (err error) { out, err = fn(tx); return err }
	select {
	case <-db.closing:
		return zero, ErrClosed
	default:
	}
	select {
	case queue <- w:
	case <-ctx.Done():
		return zero, context.Cause(ctx)
	case <-db.closing:
		return zero, ErrClosed
	}
	select {
	case <-w.done:
	case <-db.done:
		// The writer has ended; w may have been in its last group.
		select {
		case <-w.done:
		default:
			return zero, ErrClosed
		}
	}
	if w.err != nil {
		return zero, w.err
	}
	return out, nil
}

func (db *DB) serveWrites(c *conn) {
	defer close(db.done)
	defer c.close()
	for {
		var first *write
		select {
		case first = <-db.urgent:
		default:
			select {
			case first = <-db.urgent:
			case first = <-db.bulk:
			case <-db.closing:
				db.drain(c)
				return
			}
		}
		db.commitGroup(c, first)
	}
}

// drain commits what was queued before the store was closed.
func (db *DB) drain(c *conn) {
	for {
		select {
		case w := <-db.urgent:
			db.commitGroup(c, w)
		default:
			return
		}
	}
}

func (db *DB) commitGroup(c *conn, first *write) {
	plain := context.WithoutCancel(first.ctx)
	group := []*write{first}
	err := c.exec(plain, "BEGIN IMMEDIATE")
	if err == nil {
		if db.perform(c, first); first.err != nil {
			_ = c.exec(plain, "ROLLBACK")
			close(first.done)
			return
		}
		for start := time.Now(); len(group) < groupSize && time.Since(start) < groupTime; {
			next := db.waiting()
			if next == nil {
				break
			}
			db.within(c, next)
			group = append(group, next)
		}
		if err = c.exec(plain, "COMMIT"); err != nil {
			_ = c.exec(plain, "ROLLBACK")
		}
	}
	for _, w := range group {
		if err != nil && !w.undone {
			w.err = fmt.Errorf("could not be saved: %w", err)
		}
		if w.err == nil {
			for _, f := range w.after {
				f()
			}
		}
		close(w.done)
	}
}

func (db *DB) waiting() *write {
	select {
	case w := <-db.urgent:
		return w
	default:
		return nil
	}
}

// perform runs one write in the open transaction.
func (db *DB) perform(c *conn, w *write) {
	if w.err = context.Cause(w.ctx); w.err != nil {
		return
	}
	ctx := context.WithoutCancel(w.ctx)
	began := time.Now() // real time: a stopwatch
	tx := &Tx{ctx: ctx, plain: ctx, conn: c, began: began, other: func() bool { return len(db.urgent) > 0 }}
	w.err = guarded(w.run, tx)
	w.after = tx.after
}

// within performs a write behind others of its group: a savepoint keeps its failure
// from undoing theirs. The first has no others, and saves itself the copies that a
// savepoint makes of every page it writes.
func (db *DB) within(c *conn, w *write) {
	plain := context.WithoutCancel(w.ctx)
	if w.err = c.exec(plain, "SAVEPOINT one"); w.err == nil {
		if db.perform(c, w); w.err != nil {
			_ = c.exec(plain, "ROLLBACK TO one")
		}
		if err := c.exec(plain, "RELEASE one"); err != nil && w.err == nil {
			w.err = err
		}
	}
	w.undone = w.err != nil
}

func guarded(run func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a write panicked and was undone: %v\n%s", p, debug.Stack())
		}
	}()
	return run(tx)
}
