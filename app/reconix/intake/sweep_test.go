package intake_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reconexus/app/reconix/intake"
	"reconexus/store/sqlite"
	"reconexus/store/storetest"
)

func TestSweepKeepsWhatAJobWaitsFor(t *testing.T) {
	db, dir := storetest.Open(t), t.TempDir()
	if err := intake.Sweep(t.Context(), db, dir); err != nil {
		t.Fatalf("without a folder: %v", err)
	}
	var paths []string
	for _, name := range []string{"feed_waiting", "linkages_left"} {
		u, err := intake.Keep(dir, name, strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, u.Path(dir))
	}
	err := sqlite.Do(t.Context(), db, func(tx *sqlite.Tx) error {
		_, err := sqlite.Exec(tx, `INSERT INTO job (id, kind, title, state, permission, created_by, actor, args, run_after, created_at)
			VALUES ('job_1', 'k', 't', 'paused', 'sim:read', 'u', '{}', '{"upload":{"name":"feed_waiting"}}', 0, 0)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := intake.Sweep(t.Context(), db, dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(paths[0]); err != nil {
		t.Errorf("%s: %v", filepath.Base(paths[0]), err)
	}
	if _, err := os.Stat(paths[1]); err == nil {
		t.Error("an upload that nobody waits for was kept")
	}
}
