package inventory

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sort"

	"reconexus/app/kit/disk"
)

// A snapshot is what a full feed said, one record a number, ascending: a header of 64
// bytes, records, and a trailer with a checksum for every chunk of records and the
// first number of each. It holds keyed tokens only.
const (
	magic      = "RXSNAP01"
	headerSize = 64
	chunkRows  = 4096
)

// errDamaged is what reading a snapshot answers when its checksums do not fit.
var errDamaged = errors.New("a snapshot is damaged")

type snapshotWriter struct {
	file   *os.File
	buf    *bufio.Writer
	chunk  []record
	first  []int64
	sums   []uint32
	rows   int64
	layout uint64
}

func createSnapshot(path string, layout uint64) (*snapshotWriter, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make a snapshot: %w", err)
	}
	w := &snapshotWriter{file: f, buf: bufio.NewWriterSize(&disk.Writer{File: f}, 1<<20), chunk: make([]record, 0, chunkRows), layout: layout}
	_, err = w.buf.Write(make([]byte, headerSize))
	return w, err
}

func (w *snapshotWriter) add(r *record) error {
	w.chunk = append(w.chunk, *r)
	if len(w.chunk) == chunkRows {
		return w.flush()
	}
	return nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (w *snapshotWriter) flush() error {
	if len(w.chunk) == 0 {
		return nil
	}
	raw := bytesOf(w.chunk)
	w.first = append(w.first, w.chunk[0].msisdn)
	w.sums = append(w.sums, crc32.Checksum(raw, castagnoli))
	w.rows += int64(len(w.chunk))
	w.chunk = w.chunk[:0]
	_, err := w.buf.Write(raw)
	return err
}

// close writes the trailer and the header and waits until all is on disk.
func (w *snapshotWriter) close() error {
	err := w.flush()
	for i := range w.first {
		err = errors.Join(err, binary.Write(w.buf, binary.LittleEndian, w.first[i]), binary.Write(w.buf, binary.LittleEndian, w.sums[i]))
	}
	err = errors.Join(err, w.buf.Flush())
	header := make([]byte, headerSize)
	copy(header, magic)
	binary.LittleEndian.PutUint64(header[8:], uint64(w.rows))
	binary.LittleEndian.PutUint64(header[16:], w.layout)
	binary.LittleEndian.PutUint32(header[24:], crc32.Checksum(header[:24], castagnoli))
	if err == nil {
		_, err = w.file.WriteAt(header, 0)
	}
	err = errors.Join(err, w.file.Sync(), w.file.Close())
	if err != nil {
		return fmt.Errorf("write a snapshot: %w", err)
	}
	return nil
}

// snapshot is an open one. It may be read from several goroutines, each with its own
// cursor.
type snapshot struct {
	file   *os.File
	rows   int64
	layout uint64 // fingerprint of the file's columns and dates: raw hashes of another layout say nothing
	first  []int64
	sums   []uint32
}

func openSnapshot(path string) (*snapshot, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open a snapshot: %w", err)
	}
	s := &snapshot{file: f}
	if err := s.readFrame(); err != nil {
		_ = f.Close()
		return nil, err
	}
	return s, nil
}

func (s *snapshot) readFrame() error {
	header := make([]byte, headerSize)
	if _, err := s.file.ReadAt(header, 0); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	if string(header[:8]) != magic || binary.LittleEndian.Uint32(header[24:]) != crc32.Checksum(header[:24], castagnoli) {
		return errDamaged
	}
	s.rows = int64(binary.LittleEndian.Uint64(header[8:]))
	s.layout = binary.LittleEndian.Uint64(header[16:])
	chunks := (s.rows + chunkRows - 1) / chunkRows
	trailer := make([]byte, chunks*12)
	if _, err := s.file.ReadAt(trailer, headerSize+s.rows*recordSize); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	for i := range chunks {
		s.first = append(s.first, int64(binary.LittleEndian.Uint64(trailer[i*12:])))
		s.sums = append(s.sums, binary.LittleEndian.Uint32(trailer[i*12+8:]))
	}
	return nil
}

func (s *snapshot) close() error {
	if s == nil {
		return nil
	}
	return s.file.Close()
}

// cursor walks a snapshot upward, a chunk at a time.
type cursor struct {
	s     *snapshot
	chunk int // of the records at hand; -1 before the first
	rows  []record
	at    int
	buf   []record
}

func (s *snapshot) cursor() *cursor {
	return &cursor{s: s, chunk: -1, buf: make([]record, chunkRows)}
}

// peek is the record under the cursor; nil behind the last.
func (c *cursor) peek() (*record, error) {
	for c.at >= len(c.rows) {
		if c.chunk+1 >= len(c.s.first) {
			return nil, nil
		}
		if err := c.load(c.chunk + 1); err != nil {
			return nil, err
		}
	}
	return &c.rows[c.at], nil
}

func (c *cursor) load(chunk int) error {
	n := min(chunkRows, c.s.rows-int64(chunk)*chunkRows)
	c.rows, c.at, c.chunk = c.buf[:n], 0, chunk
	raw := bytesOf(c.rows)
	if _, err := c.s.file.ReadAt(raw, headerSize+int64(chunk)*chunkRows*recordSize); err != nil && err != io.EOF {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	if crc32.Checksum(raw, castagnoli) != c.s.sums[chunk] {
		return errDamaged
	}
	return nil
}

// seek finds a number's record, or nil. It is quick when numbers are asked for in
// ascending order, and correct in any order.
func (c *cursor) seek(msisdn int64) (*record, error) {
	inChunk := c.chunk >= 0 && len(c.rows) > 0 && c.rows[0].msisdn <= msisdn && msisdn <= c.rows[len(c.rows)-1].msisdn
	if !inChunk {
		chunk := sort.Search(len(c.s.first), func(i int) bool { return c.s.first[i] > msisdn }) - 1
		if chunk < 0 {
			return nil, nil
		}
		if chunk != c.chunk {
			if err := c.load(chunk); err != nil {
				return nil, err
			}
		}
	}
	if c.at >= len(c.rows) || c.rows[c.at].msisdn > msisdn {
		c.at = 0
	}
	// Ascending rows are one step apart; others are found by halving.
	for range 8 {
		if c.at < len(c.rows) && c.rows[c.at].msisdn < msisdn {
			c.at++
		}
	}
	if c.at < len(c.rows) && c.rows[c.at].msisdn < msisdn {
		rest := c.rows[c.at:]
		c.at += sort.Search(len(rest), func(i int) bool { return rest[i].msisdn >= msisdn })
	}
	if c.at < len(c.rows) && c.rows[c.at].msisdn == msisdn {
		return &c.rows[c.at], nil
	}
	return nil, nil
}

// rest is what is at hand from the cursor on, at most n records.
func (c *cursor) rest(n int) []record {
	return c.rows[c.at:min(c.at+n, len(c.rows))]
}

// rewind puts the cursor back to a place it was at before.
func (c *cursor) rewind(chunk, at int) error {
	if chunk < 0 {
		c.chunk, c.rows, c.at = -1, nil, 0
		return nil
	}
	if chunk != c.chunk {
		if err := c.load(chunk); err != nil {
			return err
		}
	}
	c.at = at
	return nil
}
