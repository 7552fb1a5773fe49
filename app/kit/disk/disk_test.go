package disk_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"reconexus/app/kit/disk"
)

func TestWhatWasWrittenIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := &disk.Writer{File: f}
	var want bytes.Buffer
	for i := range 40 {
		block := bytes.Repeat([]byte{byte(i)}, 700_001)
		want.Write(block)
		if n, err := w.Write(block); err != nil || n != len(block) {
			t.Fatal(n, err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%d bytes are there, %v", len(got), err)
	}
	if _, err := w.Write([]byte("x")); err == nil {
		t.Error("a write to a closed file went through")
	}
}
