package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pressly/goose/v3"
)

// ErrNewer means that the file was written by a newer release than this program.
var ErrNewer = errors.New("the data folder was written by a newer release; install that release, or restore a backup made by this one")

// Migrate brings the file at path to the newest of the forward-only migrations. A
// file that holds data is copied beside itself first (path + ".before-N"), and a file
// of a newer release is refused with [ErrNewer] and left as it is.
func Migrate(ctx context.Context, path string, migrations fs.FS) error {
	// Its own handle: SQLite rewrites a table by making another, which foreign keys
	// would take for a deletion.
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(0)")
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	p, err := goose.NewProvider(goose.DialectSQLite3, db, migrations,
		goose.WithDisableGlobalRegistry(true), goose.WithTableName("migration"), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the version of %s: %w", path, err)
	}
	switch {
	case current > target:
		return fmt.Errorf("%s is at version %d, this program knows %d: %w", path, current, target, ErrNewer)
	case current == target:
		return nil
	case current > 0:
		if err := copyBefore(ctx, db, fmt.Sprintf("%s.before-%d", path, target)); err != nil {
			return err
		}
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate %s from version %d to %d: %w", path, current, target, err)
	}
	return nil
}

func copyBefore(ctx context.Context, db *sql.DB, to string) error {
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace the copy of before: %w", err)
	}
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, to); err != nil {
		return fmt.Errorf("copy the store before migrating: %w", err)
	}
	return os.Chmod(to, 0o600)
}
