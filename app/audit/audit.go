// Package audit is the log that cannot be rewritten unnoticed.
//
// Each entry is a leaf of a Merkle tree (RFC 6962's shape, golang.org/x/mod/sumdb/tlog).
// The tree's head is signed from time to time; a signed head that somebody keeps
// elsewhere pins everything before it. Editing, deleting or reordering an entry with a
// raw SQLite client breaks [Log.Verify]. Retention drops an entry's contents and keeps
// its hash, so the proof stays whole.
//
// An entry is written in the same transaction as the change that it tells of. It names
// things by id; it never holds a NIN, a BVN, a name or a secret.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"reconexus/app/access"
	"reconexus/app/kit/seal"
	"reconexus/store/sqlite"
)

// Results of a deed.
const (
	Done   = "done"
	Failed = "failed"
	Denied = "denied"
)

// Entry is one line of the log. Its JSON, in this order of fields, is what the leaf's
// hash is made of: fields are added at the end with omitempty, never changed.
type Entry struct {
	Seq     int64          `json:"seq" doc:"Place in the log, from 0 without gaps"`
	At      time.Time      `json:"at"`
	Actor   string         `json:"actor" doc:"Id of who did it"`
	Name    string         `json:"name" doc:"E-mail or key name of who did it"`
	Role    string         `json:"role"`
	Address string         `json:"address" doc:"Where from"`
	Action  string         `json:"action" doc:"What, such as sim.create"`
	Object  string         `json:"object" doc:"Id of what it was done to"`
	Result  string         `json:"result" enum:"done,failed,denied"`
	Request string         `json:"request" doc:"Request id"`
	Detail  map[string]any `json:"detail" doc:"More, by key; never identity data"`
}

func (e Entry) leaf() ([]byte, error) { return json.Marshal(e) }

// Log writes and proves the audit log of one store.
type Log struct {
	db       *sqlite.DB
	clock    func() time.Time
	signer   note.Signer
	verifier string
}

// New is the log of a store; its signing key is derived from the installation's ring.
func New(db *sqlite.DB, ring *seal.Ring, clock func() time.Time) *Log {
	signer, verifier := keys(ring)
	return &Log{db: db, clock: clock, signer: signer, verifier: verifier}
}

// Record writes an entry in the same transaction as the deed that it tells of. Detail
// alternates keys and values, as in log/slog.
func (l *Log) Record(tx *sqlite.Tx, who access.Principal, action, object string, detail ...any) error {
	return l.append(tx, who, action, object, Done, detail)
}

// Note writes an entry on its own: for deeds that were denied or failed, which have no
// transaction to travel with.
func (l *Log) Note(ctx context.Context, who access.Principal, action, object, result string, detail ...any) error {
	return sqlite.Do(ctx, l.db, func(tx *sqlite.Tx) error {
		return l.append(tx, who, action, object, result, detail)
	})
}

func (l *Log) append(tx *sqlite.Tx, who access.Principal, action, object, result string, detail []any) error {
	seq, err := size(tx)
	if err != nil {
		return err
	}
	e := Entry{
		Seq: seq, At: l.clock().UTC().Truncate(time.Millisecond), Actor: who.ID, Name: who.Name, Role: string(who.Role),
		Address: who.Address, Action: action, Object: object, Result: result, Request: who.Request, Detail: pairs(detail),
	}
	leaf, err := e.leaf()
	if err != nil {
		return fmt.Errorf("write the audit entry %s: %w", action, err)
	}
	h := tlog.RecordHash(leaf)
	if err := insert(tx, e, h); err != nil {
		return err
	}
	hashes, err := tlog.StoredHashesForRecordHash(seq, h, reader(tx))
	if err != nil {
		return fmt.Errorf("grow the audit tree: %w", err)
	}
	for i, first := 0, tlog.StoredHashIndex(0, seq); i < len(hashes); i++ {
		if err := insertHash(tx, first+int64(i), hashes[i]); err != nil {
			return err
		}
	}
	if m := markerOf(tx.Context()); m != nil {
		tx.After(func() { m.recorded = true })
	}
	return nil
}

func pairs(detail []any) map[string]any {
	out := make(map[string]any, len(detail)/2)
	for i := 0; i+1 < len(detail); i += 2 {
		out[fmt.Sprint(detail[i])] = detail[i+1]
	}
	return out
}

type markerKey struct{}

type marker struct{ recorded bool }

// WithMarker gives a request's context a place where [Log.Record] notes that the deed
// was written down, so that the pipeline need not do it again.
func WithMarker(ctx context.Context) context.Context {
	return context.WithValue(ctx, markerKey{}, &marker{})
}

// Recorded tells whether something was recorded under a context of [WithMarker]. Ask
// after the handler has returned.
func Recorded(ctx context.Context) bool {
	m := markerOf(ctx)
	return m != nil && m.recorded
}

func markerOf(ctx context.Context) *marker {
	m, _ := ctx.Value(markerKey{}).(*marker)
	return m
}
