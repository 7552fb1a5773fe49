package intake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"reconexus/store/sqlite"
)

// Sweep removes uploads that no job waits for: a crash between keeping a file and
// adding its job leaves one. Call it before anything is received.
func Sweep(ctx context.Context, db *sqlite.DB, data string) error {
	files, err := os.ReadDir(Spool(data))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look through the spool folder: %w", err)
	}
	waiting, err := sqlite.Read(ctx, db, func(tx *sqlite.Tx) ([]string, error) {
		return sqlite.All(tx, sqlite.Text, `SELECT args FROM job WHERE state IN ('queued', 'running', 'paused')`)
	})
	if err != nil {
		return err
	}
	wanted := strings.Join(waiting, "\n")
	for _, f := range files {
		if strings.Contains(wanted, f.Name()) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(Spool(data), f.Name())); err != nil {
			return fmt.Errorf("remove an upload that nobody waits for: %w", err)
		}
	}
	return nil
}
