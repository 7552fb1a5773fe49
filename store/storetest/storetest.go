// Package storetest opens real stores for tests.
package storetest

import (
	"path/filepath"
	"testing"

	"reconexus/store/migrations"
	"reconexus/store/sqlite"
)

// Open is a fresh, migrated store in a folder of its own, closed with the test.
func Open(t testing.TB) *sqlite.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "reconexus.db")
	if err := sqlite.Migrate(t.Context(), path, migrations.Files); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
