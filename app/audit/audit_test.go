package audit_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/julienschmidt/httprouter"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/page"
	"reconexus/app/kit/seal"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
	"reconexus/store/storetest"
)

var clerk = access.Principal{ID: "usr_1", Name: "clerk@example.ng", Role: access.Operator, Address: "192.0.2.1", Request: "req"}

func open(t *testing.T) (*audit.Log, *sqlite.DB) {
	t.Helper()
	db := storetest.Open(t)
	ring, err := seal.Load(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	return audit.New(db, ring, func() time.Time { return noon }), db
}

func write(t *testing.T, log *audit.Log, db *sqlite.DB, n int) {
	t.Helper()
	for i := range n {
		if err := sqlite.Do(t.Context(), db, func(tx *sqlite.Tx) error {
			return log.Record(tx, clerk, "sim.create", fmt.Sprintf("sim_%d", i), "rows", i)
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func verify(t *testing.T, log *audit.Log, kept string) audit.Report {
	t.Helper()
	r, err := log.Verify(t.Context(), kept)
	if err != nil && len(r.Faults) == 0 {
		t.Fatal(err)
	}
	return r
}

func TestWholeLogVerifiesAndProves(t *testing.T) {
	log, db := open(t)
	for n := range 20 {
		write(t, log, db, 1)
		c, err := log.Checkpoint(t.Context())
		if err != nil || c.Size != int64(n+1) {
			t.Fatalf("checkpoint %+v, %v", c, err)
		}
	}
	r := verify(t, log, "")
	if len(r.Faults) != 0 || r.Size != 20 || r.Checkpoints != 20 {
		t.Fatalf("report %+v", r)
	}
	for seq := range int64(20) {
		p, err := log.Prove(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		checkProof(t, p)
	}
}

// checkProof does what an outsider would do with the public answer alone.
func checkProof(t *testing.T, p audit.Proof) {
	t.Helper()
	v, err := note.NewVerifier(p.Checkpoint.Key)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open([]byte(p.Checkpoint.Note), note.VerifierList(v))
	if err != nil {
		t.Fatal(err)
	}
	tree, err := tlog.ParseTree([]byte(n.Text))
	if err != nil {
		t.Fatal(err)
	}
	leaf, _ := json.Marshal(p.Entry)
	if err := tlog.CheckRecord(p.Hashes, tree.N, tree.Hash, p.Entry.Seq, tlog.RecordHash(leaf)); err != nil {
		t.Fatalf("entry %d: %v", p.Entry.Seq, err)
	}
}

func TestSecurity26AuditThatCanBeRewritten(t *testing.T) {
	const drop = `DROP TRIGGER audit_entry_kept; DROP TRIGGER audit_entry_fixed; DROP TRIGGER audit_leaf_kept; DROP TRIGGER audit_leaf_fixed; DROP TRIGGER audit_hash_fixed; DROP TRIGGER audit_hash_kept; PRAGMA foreign_keys = 0;`
	attacks := map[string]string{
		"edit":                  `UPDATE audit_entry SET actor = 'usr_2' WHERE seq = 5`,
		"edit the detail":       `UPDATE audit_entry SET detail = '{}' WHERE seq = 5`,
		"delete":                `DELETE FROM audit_entry WHERE seq = 5`,
		"delete leaf and entry": `DELETE FROM audit_entry WHERE seq = 5; DELETE FROM audit_leaf WHERE seq = 5`,
		"swap":                  `UPDATE audit_entry SET seq = -1 WHERE seq = 5; UPDATE audit_entry SET seq = 5 WHERE seq = 6; UPDATE audit_entry SET seq = 6 WHERE seq = -1`,
		"cut the end":           `DELETE FROM audit_entry WHERE seq > 7; DELETE FROM audit_leaf WHERE seq > 7; DELETE FROM audit_hash WHERE idx > 14`,
		"change the tree":       `UPDATE audit_hash SET hash = zeroblob(32) WHERE idx = 6`,
		"claim retention":       `INSERT OR REPLACE INTO audit_retention VALUES (1, 6); DELETE FROM audit_entry WHERE seq < 6`,
	}
	for name, attack := range attacks {
		t.Run(name, func(t *testing.T) {
			log, db := open(t)
			write(t, log, db, 12)
			if _, err := log.Checkpoint(t.Context()); err != nil {
				t.Fatal(err)
			}
			raw, err := sql.Open("sqlite", db.Path())
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close()
			raw.SetMaxOpenConns(1)
			if _, err := raw.Exec(attack); err == nil && !strings.HasPrefix(name, "claim") {
				t.Error("the store let it happen without removing the triggers")
			}
			if _, err := raw.Exec(drop + attack); err != nil {
				t.Fatal(err)
			}
			if r := verify(t, log, ""); len(r.Faults) == 0 {
				t.Errorf("not detected: %+v", r)
			}
		})
	}
}

func TestRewrittenTreeFailsAgainstKeptCheckpoint(t *testing.T) {
	log, db := open(t)
	write(t, log, db, 4)
	kept, err := log.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other, otherDB := open(t) // somebody else's ring: signs, but not as we do
	write(t, other, otherDB, 4)
	if r := verify(t, log, kept.Note); len(r.Faults) != 0 {
		t.Fatalf("a kept checkpoint of our own: %v", r.Faults)
	}
	if r := verify(t, other, kept.Note); len(r.Faults) == 0 {
		t.Fatal("took a checkpoint that another installation signed")
	}
}

func TestRetentionKeepsTheProof(t *testing.T) {
	log, db := open(t)
	write(t, log, db, 10)
	before, _ := log.Checkpoint(t.Context())
	n, err := log.Purge(t.Context(), access.System("retention"), time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	if err != nil || n != 10 {
		t.Fatalf("dropped %d, %v", n, err)
	}
	write(t, log, db, 3)
	r := verify(t, log, before.Note)
	if len(r.Faults) != 0 || r.Dropped != 10 || r.Size != 14 {
		t.Fatalf("report %+v", r)
	}
}

func TestUndoneWriteLeavesNoEntry(t *testing.T) {
	log, db := open(t)
	write(t, log, db, 3)
	ctx := audit.WithMarker(t.Context())
	_ = sqlite.Do(ctx, db, func(tx *sqlite.Tx) error {
		if err := log.Record(tx, clerk, "sim.create", "sim_x"); err != nil {
			t.Error(err)
		}
		return fmt.Errorf("changed my mind")
	})
	if audit.Recorded(ctx) {
		t.Error("an undone write counts as recorded")
	}
	if err := log.Note(ctx, clerk, "sim.create", "", audit.Denied); err != nil || !audit.Recorded(ctx) {
		t.Errorf("a note was not recorded: %v", err)
	}
	if r := verify(t, log, ""); len(r.Faults) != 0 || r.Size != 4 {
		t.Fatalf("report %+v", r)
	}
}

// The filters of the list, through its own query: by whom in either spelling, by what
// exactly or by its family.
func TestEntriesAreFoundByActorAndFamily(t *testing.T) {
	log, _ := open(t)
	router := httprouter.New()
	api := rest.New(router, rest.Options{Version: "test", Log: slog.New(slog.DiscardHandler)})
	log.Mount(api)
	for _, e := range []struct{ actor, name, action, object string }{
		{"usr_1", "clerk@example.ng", "sim.create", "sim_1"},
		{"usr_1", "clerk@example.ng", "sim.update", "sim_1"},
		{"usr_1", "clerk@example.ng", "simulate", "sim_2"},
		{"key_1", "Desk of bank 044", "user.create", "usr_2"},
	} {
		who := access.Principal{ID: e.actor, Name: e.name}
		if err := log.Note(t.Context(), who, e.action, e.object, audit.Done); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]int{
		"": 4, "actor=usr_1": 3, "actor=Clerk@Example.ng": 3, "actor=desk+of+bank+044": 1, "actor=clerk": 0,
		"action=sim.": 2, "action=sim.create": 1, "action=sim": 0, "object=sim_1": 2,
		"object=sim_1&action=sim.update": 1, "result=denied": 0, "from=2026-11-20T12:00:00Z": 4, "to=2026-11-20T12:00:00Z": 0,
	} {
		r := httptest.NewRequest("GET", "/api/v1/audit-logs?"+query, nil)
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r.WithContext(access.With(t.Context(), access.System("test"))))
		var out page.Of[audit.Entry]
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || out.Total != want || len(out.Items) != want {
			t.Errorf("%s finds %d of %d, want %d: %s", query, len(out.Items), out.Total, want, w.Body)
		}
	}
}

func TestExportEndsWithACheckpoint(t *testing.T) {
	log, db := open(t)
	write(t, log, db, 5)
	var out bytes.Buffer
	if err := log.Export(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 6 || !strings.Contains(lines[5], "reconexus-audit") {
		t.Fatalf("%d lines, the last is %s", len(lines), lines[len(lines)-1])
	}
}

func BenchmarkRecord(b *testing.B) {
	db := storetest.Open(b)
	ring, err := seal.Load(filepath.Join(b.TempDir(), "keys.json"))
	if err != nil {
		b.Fatal(err)
	}
	log := audit.New(db, ring, time.Now)
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := log.Note(b.Context(), clerk, "sim.create", "sim_1", audit.Done); err != nil {
				b.Error(err)
			}
		}
	})
}
