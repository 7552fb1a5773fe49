package inventory

import (
	"bufio"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// stream hands out the rows of a feed as batches of records, ascending by number.
type stream interface {
	// next is the next batch, empty at the end. It is valid until the next call.
	next(ctx context.Context) ([]record, error)
}

// runRows is how many records are sorted in memory at once: 512 ki × 56 bytes = 28 MB.
const runRows = 512 << 10

// sorter takes records in any order and gives them back in order, through sorted runs
// on disk: memory does not grow with the file.
type sorter struct {
	dir  string
	rows []record
	runs []string
}

func newSorter(dir string) *sorter { return &sorter{dir: dir, rows: make([]record, 0, runRows)} }

func (s *sorter) add(batch []record) error {
	for len(batch) > 0 {
		n := min(len(batch), runRows-len(s.rows))
		s.rows = append(s.rows, batch[:n]...)
		batch = batch[n:]
		if len(s.rows) == runRows {
			if err := s.spill(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *sorter) spill() error {
	slices.SortFunc(s.rows, before)
	path := filepath.Join(s.dir, fmt.Sprintf("run-%d", len(s.runs)))
	if err := os.WriteFile(path, bytesOf(s.rows), 0o600); err != nil {
		return fmt.Errorf("sort on disk: %w", err)
	}
	s.runs = append(s.runs, path)
	s.rows = s.rows[:0]
	return nil
}

// before orders by number, and the rows of one number as the file has them.
func before(a, b record) int {
	if a.msisdn != b.msisdn {
		if a.msisdn < b.msisdn {
			return -1
		}
		return 1
	}
	return int(int64(a.line) - int64(b.line))
}

// sorted ends the taking in and begins the giving back.
func (s *sorter) sorted() (*merger, error) {
	if err := s.spill(); err != nil {
		return nil, err
	}
	s.rows = nil
	m := &merger{out: make([]record, 0, chunkRows)}
	for _, path := range s.runs {
		f, err := os.Open(path)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("sort on disk: %w", err), m.close())
		}
		r := &run{file: f, in: bufio.NewReaderSize(f, 128<<10)}
		m.files = append(m.files, r)
		more, err := r.advance()
		if err != nil {
			return nil, errors.Join(err, m.close())
		}
		if more {
			m.heap = append(m.heap, r)
		}
	}
	heap.Init(&m.heap)
	return m, nil
}

type run struct {
	file *os.File
	in   *bufio.Reader
	head [1]record
}

func (r *run) advance() (bool, error) {
	_, err := io.ReadFull(r.in, bytesOf(r.head[:]))
	if err == io.EOF {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("sort on disk: %w", err)
	}
	return true, nil
}

type runs []*run

func (h runs) Len() int           { return len(h) }
func (h runs) Less(i, j int) bool { return before(h[i].head[0], h[j].head[0]) < 0 }
func (h runs) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *runs) Push(x any)        { *h = append(*h, x.(*run)) }
func (h *runs) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// merger gives sorted runs back as one stream.
type merger struct {
	heap  runs
	files []*run
	out   []record
}

func (m *merger) next(ctx context.Context) ([]record, error) {
	m.out = m.out[:0]
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	for len(m.heap) > 0 && len(m.out) < cap(m.out) {
		top := m.heap[0]
		m.out = append(m.out, top.head[0])
		more, err := top.advance()
		if err != nil {
			return nil, err
		}
		if more {
			heap.Fix(&m.heap, 0)
		} else {
			heap.Pop(&m.heap)
		}
	}
	return m.out, nil
}

func (m *merger) close() error {
	var err error
	for _, r := range m.files {
		err = errors.Join(err, r.file.Close())
	}
	return err
}
