// Package sqlite keeps what must be kept: one file, many readers, one writer.
//
// Reads run on a small pool of read-only connections. Every write goes through one
// goroutine that runs waiting writes one after another, each inside its own
// savepoint, and commits them together: 64 clients share one fsync instead of
// queueing for 64. A write's error undoes that write alone. Nothing is answered, and
// no [Tx.After] hook runs, before the commit that holds it is on disk
// (journal_mode=WAL, synchronous=FULL).
//
// Long work (imports) uses [Bulk], which waits behind every ordinary write, so that
// a clerk's click never queues behind ten million rows.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"sync"

	_ "modernc.org/sqlite" // the driver, pure Go
)

// ErrNotFound is what [One] answers when no row fits.
var ErrNotFound = errors.New("no such row")

// ErrClosed is what a read or write answers after [DB.Close].
var ErrClosed = errors.New("the store is closed")

// DB is an open store. Make it with [Open], end it with [DB.Close].
type DB struct {
	path    string
	pool    *sql.DB // readers
	single  *sql.DB // the writer's one connection
	readers chan *conn
	urgent  chan *write
	bulk    chan *write
	closing chan struct{}
	done    chan struct{}
	close   sync.Once
}

// An import changes rows all over the file. The writer remembers up to 48 MB of pages
// (as it touches them; an idle appliance touches few), and its log is copied into the
// file every 64 MB: a page that changes often is then written once.
const (
	writerCache = "cache_size(-48000)"
	writerLog   = "wal_autocheckpoint(16000)"
)

// Options sizes a store.
type Options struct {
	Readers int // connections that read at the same time; 0 means 4
}

// Open opens the migrated file at path. Migrate it first, with [Migrate].
// The context bounds the opening only.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	if o.Readers == 0 {
		o.Readers = 4
	}
	pool, err := sql.Open("sqlite", dsn(path, "query_only(1)", "cache_size(-16000)"))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	single, err := sql.Open("sqlite", dsn(path, writerCache, writerLog))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), pool.Close())
	}
	db := &DB{
		path: path, pool: pool, single: single,
		readers: make(chan *conn, o.Readers),
		urgent:  make(chan *write, 1024),
		bulk:    make(chan *write),
		closing: make(chan struct{}),
		done:    make(chan struct{}),
	}
	w, err := connect(ctx, single)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s for writing: %w", path, err), pool.Close(), single.Close())
	}
	for range o.Readers {
		r, err := connect(ctx, pool)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open %s for reading: %w", path, err), pool.Close(), single.Close())
		}
		db.readers <- r
	}
	go db.serveWrites(w)
	return db, nil
}

// Path is the file's name on disk.
func (db *DB) Path() string { return db.path }

// Close ends the store: writes that were taken are committed first.
func (db *DB) Close() error {
	var err error
	db.close.Do(func() {
		close(db.closing)
		<-db.done
		for range cap(db.readers) {
			(<-db.readers).close()
		}
		err = errors.Join(db.pool.Close(), db.single.Close())
	})
	return err
}

// Ping answers nil when the store can be read.
func (db *DB) Ping(ctx context.Context) error {
	_, err := Read(ctx, db, func(tx *Tx) (int, error) { return One(tx, Int, `SELECT 1`) })
	return err
}

func dsn(path string, pragmas ...string) string {
	q := url.Values{"_txlock": {"deferred"}}
	for _, p := range append([]string{
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "temp_store(2)",
	}, pragmas...) {
		q.Add("_pragma", p)
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// conn is one connection with its prepared statements.
type conn struct {
	raw   *sql.Conn
	stmts map[string]*sql.Stmt
}

// maxStatements bounds a connection's prepared statements; filters make many shapes.
const maxStatements = 256

func connect(ctx context.Context, db *sql.DB) (*conn, error) {
	raw, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{raw: raw, stmts: map[string]*sql.Stmt{}}, nil
}

func (c *conn) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := c.stmts[query]; ok {
		return s, nil
	}
	if len(c.stmts) >= maxStatements {
		c.forget()
	}
	s, err := c.raw.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	c.stmts[query] = s
	return s, nil
}

func (c *conn) exec(ctx context.Context, query string) error {
	s, err := c.prepare(ctx, query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx)
	return err
}

func (c *conn) forget() {
	for _, s := range c.stmts {
		_ = s.Close()
	}
	clear(c.stmts)
}

func (c *conn) close() {
	c.forget()
	_ = c.raw.Close()
}
