package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"reconexus/store/sqlite"
)

const columns = `seq, at, actor, name, role, address, action, object, result, request, detail`

func scan(r sqlite.Row) (Entry, error) {
	var e Entry
	var at int64
	var detail string
	if err := r.Scan(&e.Seq, &at, &e.Actor, &e.Name, &e.Role, &e.Address, &e.Action, &e.Object, &e.Result, &e.Request, &detail); err != nil {
		return e, err
	}
	e.At = time.UnixMilli(at).UTC()
	return e, json.Unmarshal([]byte(detail), &e.Detail)
}

// size is how many entries there are, which is the next one's place.
func size(tx *sqlite.Tx) (int64, error) {
	return sqlite.One(tx, sqlite.Int64, `SELECT coalesce(max(seq) + 1, 0) FROM audit_leaf`)
}

func insert(tx *sqlite.Tx, e Entry, h tlog.Hash) error {
	detail, err := json.Marshal(e.Detail)
	if err != nil {
		return err
	}
	if _, err := sqlite.Exec(tx, `INSERT INTO audit_leaf (seq, hash) VALUES (?, ?)`, e.Seq, h[:]); err != nil {
		return fmt.Errorf("write the audit entry %s: %w", e.Action, err)
	}
	_, err = sqlite.Exec(tx, `INSERT INTO audit_entry (`+columns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Seq, e.At.UnixMilli(), e.Actor, e.Name, e.Role, e.Address, e.Action, e.Object, e.Result, e.Request, string(detail))
	if err != nil {
		return fmt.Errorf("write the audit entry %s: %w", e.Action, err)
	}
	return nil
}

func insertHash(tx *sqlite.Tx, idx int64, h tlog.Hash) error {
	_, err := sqlite.Exec(tx, `INSERT INTO audit_hash (idx, hash) VALUES (?, ?)`, idx, h[:])
	return err
}

// reader reads stored tree hashes within a transaction.
func reader(tx *sqlite.Tx) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, idx := range indexes {
			h, err := sqlite.One(tx, hash, `SELECT hash FROM audit_hash WHERE idx = ?`, idx)
			if errors.Is(err, sqlite.ErrNotFound) {
				return nil, fmt.Errorf("the audit tree has no hash %d", idx)
			}
			if err != nil {
				return nil, err
			}
			out[i] = h
		}
		return out, nil
	})
}

func hash(r sqlite.Row) (tlog.Hash, error) {
	var h tlog.Hash
	var raw []byte
	if err := r.Scan(&raw); err != nil {
		return h, err
	}
	if len(raw) != len(h) {
		return h, errors.New("an audit hash is not 32 bytes long")
	}
	return tlog.Hash(raw), nil
}

func find(tx *sqlite.Tx, seq int64) (Entry, error) {
	return sqlite.One(tx, scan, `SELECT `+columns+` FROM audit_entry WHERE seq = ?`, seq)
}

func list(tx *sqlite.Tx, w sqlite.Where, limit, skip int) ([]Entry, error) {
	return sqlite.All(tx, scan, `SELECT `+columns+` FROM audit_entry`+w.SQL()+` ORDER BY seq DESC LIMIT ? OFFSET ?`, append(w.Args, limit, skip)...)
}

// count reads the two ends when nothing is filtered: places are without gaps, and
// retention only drops from the beginning, so no row between them need be read.
func count(tx *sqlite.Tx, w sqlite.Where) (int, error) {
	if w.SQL() == "" {
		return sqlite.One(tx, sqlite.Int, `SELECT coalesce((SELECT max(seq) FROM audit_entry) - (SELECT min(seq) FROM audit_entry) + 1, 0)`)
	}
	return sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM audit_entry`+w.SQL(), w.Args...)
}

type checkpointRow struct {
	size int64
	note string
}

func scanCheckpoint(r sqlite.Row) (c checkpointRow, err error) {
	err = r.Scan(&c.size, &c.note)
	return c, err
}

func newestCheckpoint(tx *sqlite.Tx) (checkpointRow, error) {
	return sqlite.One(tx, scanCheckpoint, `SELECT size, note FROM audit_checkpoint ORDER BY size DESC LIMIT 1`)
}

func insertCheckpoint(tx *sqlite.Tx, size int64, at time.Time, signed string) error {
	_, err := sqlite.Exec(tx, `INSERT OR IGNORE INTO audit_checkpoint (size, at, note) VALUES (?, ?, ?)`, size, at.UnixMilli(), signed)
	return err
}
