package audit

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"reconexus/app/access"
	"reconexus/app/kit/seal"
	"reconexus/store/sqlite"
)

// signerName is how a checkpoint's signature line names this program.
const signerName = "reconexus-audit"

// keys derives the checkpoint signer from the ring, in the text form that
// golang.org/x/mod/sumdb/note reads.
func keys(ring *seal.Ring) (note.Signer, string) {
	seed := ring.Derive("audit checkpoint", ed25519.SeedSize)
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	verifier, err := note.NewEd25519VerifierKey(signerName, public)
	if err != nil {
		panic(err) // only for a bad name or key length, both fixed above
	}
	hash := strings.Split(verifier, "+")[1]
	const ed25519Algorithm = 1
	signer, err := note.NewSigner("PRIVATE+KEY+" + signerName + "+" + hash + "+" +
		base64.StdEncoding.EncodeToString(append([]byte{ed25519Algorithm}, seed...)))
	if err != nil {
		panic(err) // as above
	}
	return signer, verifier
}

// Checkpoint is a signed head of the log: whoever keeps it can prove later that
// nothing before it was changed.
type Checkpoint struct {
	Size int64  `json:"size" doc:"How many entries it covers"`
	Note string `json:"note" doc:"Signed tree head, as golang.org/x/mod/sumdb/note writes it"`
	Key  string `json:"key" doc:"The key that verifies the note"`
}

// Checkpoint signs the log's head as it is now.
func (l *Log) Checkpoint(ctx context.Context) (Checkpoint, error) {
	return sqlite.Write(ctx, l.db, func(tx *sqlite.Tx) (Checkpoint, error) {
		n, err := size(tx)
		if err != nil {
			return Checkpoint{}, err
		}
		if c, err := newestCheckpoint(tx); err == nil && c.size == n {
			return Checkpoint{n, c.note, l.verifier}, nil
		}
		head, err := tlog.TreeHash(n, reader(tx))
		if err != nil {
			return Checkpoint{}, fmt.Errorf("hash the audit tree: %w", err)
		}
		signed, err := note.Sign(&note.Note{Text: string(tlog.FormatTree(tlog.Tree{N: n, Hash: head}))}, l.signer)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("sign the audit checkpoint: %w", err)
		}
		return Checkpoint{n, string(signed), l.verifier}, insertCheckpoint(tx, n, l.clock(), string(signed))
	})
}

// Proof shows that one entry is in the log under a signed head.
type Proof struct {
	Entry      Entry       `json:"entry"`
	Leaf       tlog.Hash   `json:"leaf" doc:"SHA-256 of 0x00 and the entry's JSON, base64"`
	Hashes     []tlog.Hash `json:"hashes" nullable:"false" doc:"Audit path from the leaf to the head, base64"`
	Checkpoint Checkpoint  `json:"checkpoint"`
}

// Prove makes the inclusion proof of an entry.
func (l *Log) Prove(ctx context.Context, seq int64) (Proof, error) {
	c, err := l.Checkpoint(ctx)
	if err != nil {
		return Proof{}, err
	}
	return sqlite.Read(ctx, l.db, func(tx *sqlite.Tx) (Proof, error) {
		e, err := find(tx, seq)
		if errors.Is(err, sqlite.ErrNotFound) {
			return Proof{}, errNoEntry()
		}
		if err != nil {
			return Proof{}, err
		}
		path, err := tlog.ProveRecord(c.Size, seq, reader(tx))
		if err != nil {
			return Proof{}, fmt.Errorf("prove entry %d: %w", seq, err)
		}
		leaf, err := e.leaf()
		return Proof{e, tlog.RecordHash(leaf), path, c}, err
	})
}

// Report is what [Log.Verify] found.
type Report struct {
	Size        int64    `json:"size" doc:"Entries in the log"`
	Dropped     int64    `json:"dropped" doc:"Entries whose contents retention dropped"`
	Checkpoints int      `json:"checkpoints" doc:"Signed heads that agree"`
	Head        string   `json:"head" doc:"Hash of the whole tree"`
	Faults      []string `json:"faults" doc:"What does not agree; empty when the log is whole"`
}

// maxFaults bounds a report: after so many, more say nothing new.
const maxFaults = 100

// Verify reads the whole log and checks that every entry is what its leaf says, that
// the tree is what the leaves say, and that every signed head (also the given one,
// which may have been kept elsewhere) agrees with the tree. It needs no network.
func (l *Log) Verify(ctx context.Context, kept string) (Report, error) {
	return sqlite.Read(ctx, l.db, func(tx *sqlite.Tx) (Report, error) {
		v := &verification{tx: tx, heads: map[int64][]tlog.Hash{}, report: Report{Faults: []string{}}}
		if err := v.readHeads(l.verifier, kept); err != nil {
			return v.report, err
		}
		if err := v.readEntries(); err != nil {
			return v.report, err
		}
		return v.report, v.finish()
	})
}

type verification struct {
	tx     *sqlite.Tx
	heads  map[int64][]tlog.Hash // signed heads by size
	tree   frontier
	upto   int64 // entries below may have been dropped
	told   int64 // what the newest purge entry says of that
	report Report
}

func (v *verification) fault(sentence string, args ...any) {
	if len(v.report.Faults) < maxFaults {
		v.report.Faults = append(v.report.Faults, fmt.Sprintf(sentence, args...))
	}
}

func (v *verification) readHeads(verifierKey, kept string) error {
	verifier, err := note.NewVerifier(verifierKey)
	if err != nil {
		return err
	}
	add := func(text, where string) {
		n, err := note.Open([]byte(text), note.VerifierList(verifier))
		if err != nil {
			v.fault("the checkpoint %s is not signed by this installation", where)
			return
		}
		tree, err := tlog.ParseTree([]byte(n.Text))
		if err != nil {
			v.fault("the checkpoint %s is not readable", where)
			return
		}
		v.heads[tree.N] = append(v.heads[tree.N], tree.Hash)
	}
	if kept != "" {
		add(kept, "that was given")
	}
	return sqlite.Each(v.tx, func(r sqlite.Row) error {
		c, err := scanCheckpoint(r)
		add(c.note, fmt.Sprintf("of size %d", c.size))
		return err
	}, `SELECT size, note FROM audit_checkpoint ORDER BY size`)
}

func (v *verification) readEntries() error {
	var err error
	v.upto, err = sqlite.One(v.tx, sqlite.Int64, `SELECT coalesce((SELECT upto FROM audit_retention), 0)`)
	if err != nil {
		return err
	}
	v.checkHead()
	return sqlite.Each(v.tx, func(r sqlite.Row) error {
		var seq int64
		var leafHash []byte
		if err := r.Scan(&seq, &leafHash); err != nil {
			return err
		}
		return v.entry(seq, leafHash)
	}, `SELECT seq, hash FROM audit_leaf ORDER BY seq`)
}

func (v *verification) entry(seq int64, leafHash []byte) error {
	if seq != v.tree.n {
		v.fault("entries %d to %d are missing", v.tree.n, seq-1)
		return errBroken
	}
	if len(leafHash) != tlog.HashSize {
		v.fault("the leaf of entry %d was changed", seq)
		return errBroken
	}
	h := tlog.Hash(leafHash)
	e, err := find(v.tx, seq)
	switch {
	case errors.Is(err, sqlite.ErrNotFound) && seq < v.upto:
		v.report.Dropped++
	case errors.Is(err, sqlite.ErrNotFound):
		v.fault("the contents of entry %d are missing, and no retention dropped them", seq)
	case err != nil:
		v.fault("entry %d is not readable", seq)
	default:
		leaf, err := e.leaf()
		if err != nil || tlog.RecordHash(leaf) != h {
			v.fault("entry %d was changed", seq)
		}
		if e.Action == purgeAction {
			upto, _ := e.Detail["upto"].(float64)
			v.told = int64(upto)
		}
	}
	for _, at := range v.tree.add(h) {
		stored, err := reader(v.tx).ReadHashes([]int64{at.idx})
		if err != nil || stored[0] != at.hash {
			v.fault("the tree's hash %d was changed or is missing", at.idx)
		}
	}
	v.checkHead()
	return nil
}

// errBroken ends the reading: behind a gap nothing can be said.
var errBroken = errors.New("the audit log has a gap")

func (v *verification) checkHead() {
	want, ok := v.heads[v.tree.n]
	if !ok {
		return
	}
	delete(v.heads, v.tree.n)
	for _, h := range want {
		if h == v.tree.head() {
			v.report.Checkpoints++
		} else {
			v.fault("the log does not agree with the checkpoint of size %d: something before it was changed", v.tree.n)
		}
	}
}

func (v *verification) finish() error {
	for n := range v.heads {
		v.fault("a checkpoint covers %d entries and the log has %d: the end was cut off", n, v.tree.n)
	}
	if v.upto != v.told {
		v.fault("retention claims entries below %d, its own entry says %d", v.upto, v.told)
	}
	v.report.Size = v.tree.n
	v.report.Head = v.tree.head().String()
	return nil
}

// frontier is a Merkle tree that only remembers its right edge, so that a log of any
// size is verified in a few kilobytes.
type frontier struct {
	n    int64
	edge []tlog.Hash // roots of the complete subtrees, largest first
}

type placed struct {
	idx  int64
	hash tlog.Hash
}

// add appends a leaf and answers every hash that became complete, with its index.
func (f *frontier) add(h tlog.Hash) []placed {
	out := []placed{{tlog.StoredHashIndex(0, f.n), h}}
	n := f.n
	level := 0
	for ; n&1 == 1; n >>= 1 {
		level++
		last := len(f.edge) - 1
		h = tlog.NodeHash(f.edge[last], h)
		f.edge = f.edge[:last]
		out = append(out, placed{tlog.StoredHashIndex(level, n>>1), h})
	}
	f.edge = append(f.edge, h)
	f.n++
	return out
}

// head is the hash of the whole tree.
func (f *frontier) head() tlog.Hash {
	if f.n == 0 {
		h, _ := tlog.TreeHash(0, nil) // the empty tree's hash is fixed
		return h
	}
	h := f.edge[len(f.edge)-1]
	for i := len(f.edge) - 2; i >= 0; i-- {
		h = tlog.NodeHash(f.edge[i], h)
	}
	return h
}

// purgeAction is the entry that retention leaves; its detail "upto" bounds what may
// be missing.
const purgeAction = "audit.retention"

// Purge drops the contents of entries older than before and keeps their hashes. It
// leaves an entry of its own and answers how many it dropped.
func (l *Log) Purge(ctx context.Context, who access.Principal, before time.Time) (int64, error) {
	return sqlite.Write(ctx, l.db, func(tx *sqlite.Tx) (int64, error) {
		upto, err := sqlite.One(tx, sqlite.Int64,
			`SELECT coalesce((SELECT min(seq) FROM audit_entry WHERE at >= ?), (SELECT max(seq) + 1 FROM audit_leaf), 0)`, before.UnixMilli())
		if err != nil {
			return 0, err
		}
		if _, err := sqlite.Exec(tx, `INSERT INTO audit_retention (only, upto) VALUES (1, ?)
			ON CONFLICT (only) DO UPDATE SET upto = max(upto, excluded.upto)`, upto); err != nil {
			return 0, err
		}
		n, err := sqlite.Exec(tx, `DELETE FROM audit_entry WHERE seq < ?`, upto)
		if err != nil {
			return 0, err
		}
		upto, err = sqlite.One(tx, sqlite.Int64, `SELECT upto FROM audit_retention`)
		if err != nil {
			return 0, err
		}
		return n, l.Record(tx, who, purgeAction, "", "upto", upto, "dropped", n)
	})
}
