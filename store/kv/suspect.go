package kv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4/options"
	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/ristretto/v2/z"
)

// suspect reads every table before Badger does, which ends the whole process when a
// table's index lies. It answers what is wrong, or nil.
func (s *Store) suspect() error {
	if _, err := os.Stat(s.marker()); err == nil {
		return errors.New("the last start ended while opening it")
	}
	info, err := os.Stat(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !info.IsDir() {
		return errors.New("it is a file, not a folder")
	}
	tables, err := filepath.Glob(filepath.Join(s.dir, "*.sst"))
	if err != nil {
		return err
	}
	for _, name := range tables {
		if err := guarded(func() error { return checkTable(name) }); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(name), err)
		}
	}
	return nil
}

// checkTable follows Badger's table format: blocks, index, index length, checksum,
// checksum length (big-endian, 4 bytes each). The lengths are what Badger trusts.
func checkTable(name string) error {
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	rest, ok := cutTail(raw)
	if ok {
		_, ok = cutTail(rest)
	}
	if !ok {
		return errors.New("the table is cut short, or its end was overwritten")
	}
	return checkBlocks(name)
}

// cutTail takes off the last part of raw, whose length stands behind it.
func cutTail(raw []byte) (rest []byte, ok bool) {
	if len(raw) < 4 {
		return nil, false
	}
	end := len(raw) - 4
	n := int(binary.BigEndian.Uint32(raw[end:]))
	if n == 0 || n > end {
		return nil, false
	}
	return raw[:end-n], true
}

// checkBlocks reads the whole table and compares every checksum in it.
func checkBlocks(name string) error {
	f, err := z.OpenMmapFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	t, err := table.OpenTable(f, table.Options{ChkMode: options.OnTableAndBlockRead, BlockSize: 4 << 10})
	if err != nil {
		return err
	}
	return t.Close(-1)
}
