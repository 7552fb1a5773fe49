// Package disk writes large files so that waiting for them to be on disk is short.
package disk

import (
	"os"
	"syscall"
)

// Writer writes to a file, and has what it wrote carried to the disk while more is
// being made. The file's Sync at the end then waits for the last few megabytes, not
// for a gigabyte.
type Writer struct {
	File *os.File

	written, begun int64
}

// batch is how much is handed to the disk at once, in bytes.
const batch = 8 << 20

// startWriting is SYNC_FILE_RANGE_WRITE: begin to write, wait for nothing.
const startWriting = 2

func (w *Writer) Write(p []byte) (int, error) {
	n, err := w.File.Write(p)
	w.written += int64(n)
	if w.written-w.begun >= batch {
		// A hint only: where the file system does not take it, Sync does it all.
		_ = syscall.SyncFileRange(int(w.File.Fd()), w.begun, w.written-w.begun, startWriting)
		w.begun = w.written
	}
	return n, err
}
