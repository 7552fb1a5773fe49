// Package kv keeps what may be lost: cached answers, the fast copy of revocations,
// idempotency keys. Each value lives for a while and is then gone.
//
// It is Badger behind a few verbs. Whatever must survive has its truth in SQLite, so
// this store may heal itself: a folder that is damaged, or was deleted, is set aside
// and an empty one takes its place, with a line in the log. Who keeps a copy here
// compares [Store.Generation] with the one it filled, and fills it again.
//
// A value that was set survives kill -9 of the process; the last second of them may
// not survive a power cut.
package kv

import (
	"encoding/binary"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// MaxValue and maxKey are the longest value and key that are taken, in bytes.
const (
	MaxValue = 256 << 10
	maxKey   = 4 << 10
)

// ErrTooLarge is what a value longer than [MaxValue] is refused with.
var ErrTooLarge = errors.New("the value is too large for the cache")

var errNoTime = errors.New("a cached value needs a key and a positive time to live")

// ErrUnavailable is answered while no folder can be opened (a full or read-only disk).
var ErrUnavailable = errors.New("the cache folder cannot be opened at the moment")

// Store is an open folder. It is safe for concurrent use.
type Store struct {
	dir   string
	clock func() time.Time
	log   *slog.Logger

	mu         sync.RWMutex // writing: the database is being replaced
	db         *badger.DB   // nil while it cannot be opened
	closed     bool
	generation atomic.Uint64
	looked     atomic.Int64 // unix second of the last look at the folder
}

// Open opens the folder, or makes it. A damaged one is set aside first.
func Open(dir string, clock func() time.Time, log *slog.Logger) (*Store, error) {
	s := &Store{dir: dir, clock: clock, log: log}
	db, err := s.openHealing()
	if err != nil {
		return nil, err
	}
	s.db = db
	return s, nil
}

// Close writes what is in memory and ends the store.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return s.closeDB()
}

// Generation counts how often the store began anew, empty, since it was opened.
func (s *Store) Generation() uint64 { return s.generation.Load() }

// Get reads a value; false when there is none, or its time is over.
func (s *Store) Get(key string) ([]byte, bool, error) {
	var out []byte
	var found bool
	err := s.do(func(db *badger.DB) error {
		return db.View(func(txn *badger.Txn) (err error) {
			out, found, err = s.live(txn, key)
			return err
		})
	})
	return out, found && err == nil, err
}

// Set keeps a value for ttl, which must be positive.
func (s *Store) Set(key string, value []byte, ttl time.Duration) error {
	if err := fits(key, value, ttl); err != nil {
		return err
	}
	return s.update(func(txn *badger.Txn) error { return s.put(txn, key, value, ttl) })
}

// Each hands every living value whose key begins with prefix to visit, in the order
// of keys, until visit answers false. The value is visit's to keep.
func (s *Store) Each(prefix string, visit func(key string, value []byte) bool) error {
	var broken any // a panic of visit is its own, and no damage of the folder
	show := func(key string, value []byte) (more bool) {
		defer func() {
			if broken = recover(); broken != nil {
				more = false
			}
		}()
		return visit(key, value)
	}
	err := s.do(func(db *badger.DB) error {
		return db.View(func(txn *badger.Txn) error {
			o := badger.DefaultIteratorOptions
			o.Prefix = []byte(prefix)
			it := txn.NewIterator(o)
			defer it.Close()
			now := s.clock()
			for it.Rewind(); it.Valid(); it.Next() {
				raw, err := it.Item().ValueCopy(nil)
				if err != nil {
					return err
				}
				until, value, ok := unpack(raw)
				if ok && now.Before(until) && !show(string(it.Item().KeyCopy(nil)), value) {
					return nil
				}
			}
			return nil
		})
	})
	if broken != nil {
		panic(broken)
	}
	return err
}

func fits(key string, value []byte, ttl time.Duration) error {
	switch {
	case key == "" || ttl <= 0:
		return errNoTime
	case len(key) > maxKey || len(value) > MaxValue:
		return ErrTooLarge
	}
	return nil
}

// A kept value is its end in unix milliseconds (8 bytes), then the value. Badger's
// own expiry counts whole seconds of the machine's clock: it only sweeps up.
func (s *Store) put(txn *badger.Txn, key string, value []byte, ttl time.Duration) error {
	raw := make([]byte, 8, 8+len(value))
	binary.BigEndian.PutUint64(raw, uint64(s.clock().Add(ttl).UnixMilli()))
	return txn.SetEntry(badger.NewEntry([]byte(key), append(raw, value...)).WithTTL(ttl + 2*time.Second))
}

func unpack(raw []byte) (until time.Time, value []byte, ok bool) {
	if len(raw) < 8 {
		return time.Time{}, nil, false
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(raw))), raw[8:], true
}

func (s *Store) live(txn *badger.Txn, key string) ([]byte, bool, error) {
	item, err := txn.Get([]byte(key))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	raw, err := item.ValueCopy(nil)
	if err != nil {
		return nil, false, err
	}
	until, value, ok := unpack(raw)
	return value, ok && s.clock().Before(until), nil
}

// update runs a change again when another change of the same key came between.
func (s *Store) update(fn func(*badger.Txn) error) error {
	return s.do(func(db *badger.DB) error {
		for {
			if err := db.Update(fn); !errors.Is(err, badger.ErrConflict) {
				return err
			}
		}
	})
}
