package kv

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// settings are sized for a small appliance: a memtable of 2 MB and one being written, no caches, nothing
// in the value log (every value is shorter than the threshold).
func settings(dir string, log *slog.Logger) badger.Options {
	return badger.DefaultOptions(dir).
		WithMemTableSize(2 << 20).WithNumMemtables(1).
		WithBaseTableSize(512 << 10).WithBaseLevelSize(4 << 20).
		WithValueThreshold(288 << 10).WithValueLogFileSize(1 << 20).
		WithBlockCacheSize(0).WithIndexCacheSize(0).WithCompression(options.None).
		WithNumLevelZeroTables(2).WithNumLevelZeroTablesStall(6).WithNumCompactors(2).
		WithNumGoroutines(1).WithMetricsEnabled(false).
		WithChecksumVerificationMode(options.OnBlockRead).
		WithLogger(logger{log})
}

// do runs one use of the database. When the database turns out to be damaged, it is
// replaced by an empty one and the use is tried once more.
func (s *Store) do(use func(*badger.DB) error) error {
	s.look()
	generation, err := s.try(use)
	if !damaged(err) {
		return err
	}
	if err := s.heal(generation, err); err != nil {
		return err
	}
	_, err = s.try(use)
	return err
}

func (s *Store) try(use func(*badger.DB) error) (uint64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	generation := s.generation.Load()
	switch {
	case s.closed:
		return generation, badger.ErrDBClosed
	case s.db == nil:
		return generation, ErrUnavailable
	}
	return generation, guarded(func() error { return use(s.db) })
}

// guarded turns a panic into an error, also the fault of reading a mapped file that
// was cut short under us.
func guarded(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the cache broke: %v", p)
		}
	}()
	return f()
}

// damaged tells whether an error speaks of the folder rather than of the use of it.
// A disk that is full or read-only is no damage: a new folder would fare no better.
func damaged(err error) bool {
	for _, fine := range []error{badger.ErrConflict, badger.ErrTxnTooBig, badger.ErrDBClosed, badger.ErrEmptyKey,
		badger.ErrInvalidKey, syscall.ENOSPC, syscall.EROFS, syscall.EDQUOT, syscall.EMFILE} {
		if errors.Is(err, fine) {
			return false
		}
	}
	return err != nil
}

// look notices, at most once a second, that the folder was deleted: Badger would
// write on into files without a name.
func (s *Store) look() {
	now := time.Now().Unix() // real time: a throttle
	if last := s.looked.Load(); now == last || !s.looked.CompareAndSwap(last, now) {
		return
	}
	if _, err := os.Stat(filepath.Join(s.dir, badger.ManifestFilename)); errors.Is(err, fs.ErrNotExist) {
		if err := s.heal(s.generation.Load(), errors.New("its folder is gone")); err != nil {
			s.log.Error("the cache could not be made anew", "error", err)
		}
	}
}

// heal replaces the database of a generation, once, however many noticed the damage.
func (s *Store) heal(generation uint64, why error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return badger.ErrDBClosed
	}
	if s.db != nil && s.generation.Load() != generation {
		return nil
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil { // closing writes into it
		return fmt.Errorf("make the cache folder: %w", err)
	}
	if err := s.closeDB(); err != nil {
		s.log.Warn("the damaged cache did not close cleanly", "error", err)
	}
	if err := s.setAside(why); err != nil {
		return err
	}
	db, err := s.open()
	if err != nil {
		return errors.Join(ErrUnavailable, err)
	}
	s.db = db
	s.generation.Add(1)
	return nil
}

// closeTime bounds how long a damaged database may take to close.
const closeTime = 5 * time.Second

func (s *Store) closeDB() error {
	if s.db == nil {
		return nil
	}
	db, done := s.db, make(chan error, 1)
	s.db = nil
	go func() { done <- guarded(db.Close) }()
	select {
	case err := <-done:
		return err
	case <-time.After(closeTime):
		return errors.New("it took too long")
	}
}

// openHealing opens the folder as it is when it is sound, and an empty one in its
// place when it is not.
func (s *Store) openHealing() (*badger.DB, error) {
	err := s.suspect()
	if err == nil {
		var db *badger.DB
		if db, err = s.open(); err == nil {
			return db, nil
		}
		if strings.Contains(err.Error(), "Another process") {
			return nil, fmt.Errorf("the cache folder %s is in use by another process; stop it first", s.dir)
		}
	}
	if err := s.setAside(err); err != nil {
		return nil, err
	}
	db, err := s.open()
	if err != nil {
		return nil, fmt.Errorf("open the cache folder %s: %w", s.dir, err)
	}
	return db, nil
}

// open holds a marker while Badger reads the folder: Badger ends the process on some
// damages, and then the next start finds the marker and begins with an empty folder.
func (s *Store) open() (db *badger.DB, err error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(s.marker(), nil, 0o600); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.Remove(s.marker())) }()
	err = guarded(func() error {
		var err error
		db, err = badger.Open(settings(s.dir, s.log))
		return err
	})
	return db, err
}

func (s *Store) marker() string { return s.dir + ".opening" }

// setAside renames the folder; only the newest damaged one is kept for inspection.
func (s *Store) setAside(why error) error {
	aside := s.dir + ".damaged"
	if err := os.RemoveAll(aside); err != nil {
		return fmt.Errorf("remove the damaged cache of before: %w", err)
	}
	if err := os.Rename(s.dir, aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("set the damaged cache aside: %w", err)
	}
	s.log.Warn("the cache was damaged; it is made anew, and nothing that must be kept is lost",
		"folder", s.dir, "kept_at", aside, "error", why)
	return nil
}

// logger hands Badger's warnings on; what it merely tells is left out.
type logger struct{ log *slog.Logger }

func (l logger) Errorf(f string, a ...any) {
	l.log.Error("cache: " + strings.TrimSpace(fmt.Sprintf(f, a...)))
}
func (l logger) Warningf(f string, a ...any) {
	l.log.Warn("cache: " + strings.TrimSpace(fmt.Sprintf(f, a...)))
}
func (l logger) Infof(string, ...any)  {}
func (l logger) Debugf(string, ...any) {}
