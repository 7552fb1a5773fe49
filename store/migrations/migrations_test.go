package migrations_test

import (
	"flag"
	"os"
	"sort"
	"strings"
	"testing"

	"reconexus/store/sqlite"
	"reconexus/store/storetest"
)

var update = flag.Bool("update", false, "write schema.sql anew")

// TestSchemaIsTheSumOfTheMigrations keeps schema.sql readable and true.
func TestSchemaIsTheSumOfTheMigrations(t *testing.T) {
	db := storetest.Open(t)
	parts, err := sqlite.Read(t.Context(), db, func(tx *sqlite.Tx) ([]string, error) {
		return sqlite.All(tx, sqlite.Text, `SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND tbl_name <> 'migration'`)
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(parts)
	got := "-- The sum of the migrations. Made by: go test ./store/migrations -update\n\n" + strings.Join(parts, ";\n\n") + ";\n"
	if *update {
		if err := os.WriteFile("schema.sql", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("schema.sql")
	if err != nil || string(want) != got {
		t.Errorf("schema.sql is not the sum of the migrations (%v); write it anew with: go test ./store/migrations -update", err)
	}
}
