package sqlite_test

import (
	"path/filepath"
	"slices"
	"testing"

	"reconexus/store/sqlite"
)

func TestManyRowsAndManyNumbers(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	for _, n := range []int{0, 1, 3, 4, 85, 500, 700} {
		err := sqlite.Do(t.Context(), db, func(tx *sqlite.Tx) error {
			if _, err := sqlite.Exec(tx, `DELETE FROM n`); err != nil {
				return err
			}
			changed, err := sqlite.Many(tx, `INSERT INTO n (id, v) VALUES `, `(?, ?)`, ` ON CONFLICT DO NOTHING`, n, func(args []any, i int) []any {
				return append(args, i+1, "x")
			})
			if err != nil || changed != int64(n) {
				t.Errorf("%d of %d rows: %v", changed, n, err)
			}
			if n == 0 {
				return nil
			}
			wanted := []int64{int64(n), int64(n) + 1}
			for len(wanted) < n {
				wanted = append(wanted, int64(n)+2)
			}
			with, args := sqlite.Asked(wanted)
			found, err := sqlite.All(tx, sqlite.Int64, with+`SELECT id FROM asked CROSS JOIN n ON id = asked.n`, args...)
			if !slices.Equal(found, wanted[:1]) {
				t.Errorf("of %d numbers found %v, %v", n, found, err)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
