package linkage

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"reconexus/app/jobs"
	"reconexus/app/kit/day"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/intake"
	"reconexus/store/sqlite"
)

const (
	chunkRows  = 64 << 10              // good rows that are sorted together: some 20 MB
	chunkSeen  = 256 << 10             // rows looked at for one chunk, when most are bad
	chunksHeld = 2                     // one is gathered while one is written
	pieceTime  = 10 * time.Millisecond // of the store's one writer at a time
	firstRows  = 500                   // of the first piece; the next ones are as large as the time allows
	mostRows   = 8000
)

// chunk is a part of the file that is sorted and written as a whole.
type chunk struct {
	rows    []row
	rejects []intake.Reject
	seen    int64
	last    int64 // line
}

// mark tells a chunk from another one: the same file, read by the same program, is
// always cut in the same places.
type mark struct {
	Rows int   `json:"rows"`
	Last int64 `json:"last"`
}

func (c *chunk) mark() mark { return mark{len(c.rows), c.last} }

// again makes a written chunk ready for other rows, in the same room: a file has
// hundreds of chunks, and each would be some 20 MB of garbage.
func (c *chunk) again() *chunk {
	clear(c.rows)
	return &chunk{rows: c.rows[:0]}
}

func (c *chunk) full() bool { return len(c.rows) >= chunkRows || c.seen >= chunkSeen }

func (c *chunk) add(b *batch) {
	c.rows = append(c.rows, b.rows...)
	c.rejects = append(c.rejects, b.rejects...)
	c.seen += b.seen
	c.last = b.last
}

// sort puts rows into the order of the table, and those of one linkage as the file has
// them.
func (c *chunk) sort() {
	slices.SortFunc(c.rows, func(a, b row) int {
		switch {
		case a.MSISDN != b.MSISDN:
			return cmp.Compare(a.MSISDN, b.MSISDN)
		case a.Kind != b.Kind:
			return cmp.Compare(a.Kind, b.Kind)
		case a.Bank != b.Bank:
			return cmp.Compare(a.Bank, b.Bank)
		}
		return cmp.Or(bytes.Compare(a.token, b.token), cmp.Compare(a.line, b.line))
	})
}

// importer is one run of an import.
type importer struct {
	s      *Service
	run    *jobs.Run
	p      *progress
	list   *intake.List
	tell   func(done int64)
	size   int // rows of the next piece
	groups [][]*Linkage
	args   []any
}

func (m *importer) workers() []func(*sheet.Block) *batch {
	var out []func(*sheet.Block) *batch
	known, who := newBanks(m.p.Banks), m.run.Principal()
	for range workers {
		p := &parser{
			table: m.s.Table, seals: &m.s.seals, banks: known, dates: m.p.Dates, today: day.Of(m.p.Learnt), at: m.p.Learnt, after: m.p.Line,
			bank: who.Bank, msisdn: who.MSISDN, sources: map[string]string{}, columns: spec().Columns,
		}
		out = append(out, p.block)
	}
	return out
}

// all gathers batches to chunks and writes each; the next one is gathered meanwhile.
func (m *importer) all(ctx context.Context, in *intake.Batches[*batch]) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	chunks, gathered := make(chan *chunk), make(chan struct{})
	free := make(chan *chunk, chunksHeld)
	for range chunksHeld {
		free <- &chunk{}
	}
	go func() {
		defer close(gathered)
		defer close(chunks)
		if err := gather(ctx, in, free, chunks); err != nil {
			stop(err)
		}
	}()
	var err error
	for c := range chunks {
		if err = m.write(ctx, c); err != nil {
			stop(err)
			break
		}
		free <- c.again()
	}
	<-gathered
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func gather(ctx context.Context, in *intake.Batches[*batch], free <-chan *chunk, out chan<- *chunk) error {
	c := <-free
	for {
		b, more, err := in.Next(ctx)
		if err != nil {
			return err
		}
		if more {
			c.add(b)
		}
		if c.full() || (!more && c.seen > 0) {
			select {
			case out <- c:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			if more {
				select {
				case c = <-free:
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}
		}
		if !more {
			return nil
		}
	}
}

// write writes a chunk in pieces that yield to other writers.
func (m *importer) write(ctx context.Context, c *chunk) error {
	if err := m.onlyOwned(ctx, c); err != nil {
		return err
	}
	c.sort()
	at := 0
	if m.p.Chunk == c.mark() {
		at = m.p.Written
	}
	m.p.Chunk = c.mark()
	for at < len(c.rows) {
		n, changed := 0, int64(0)
		err := m.piece(ctx, func(tx *sqlite.Tx, next *progress) error {
			n, changed = 0, 0
			for at+n < len(c.rows) && !tx.Enough() {
				wrote, news, err := m.rows(tx, c.rows[at+n:])
				if err != nil {
					return err
				}
				n, changed = n+wrote, changed+news
			}
			next.Written = at + n
			next.Result.Changed += changed
			return nil
		})
		if err != nil {
			return err
		}
		at += n
		m.tell(m.p.Result.Rows + int64(at))
	}
	return m.finish(ctx, c)
}

// piece keeps a part of the work and how far that is in one write.
func (m *importer) piece(ctx context.Context, do func(tx *sqlite.Tx, next *progress) error) error {
	next, err := sqlite.Bulk(ctx, m.s.DB, func(tx *sqlite.Tx) (progress, error) {
		next := *m.p
		if err := do(tx, &next); err != nil {
			return next, err
		}
		return next, m.run.Checkpoint(tx, &next)
	})
	if err == nil {
		*m.p = next
	}
	return err
}

// rows writes as many rows as a piece may have, and answers how many those are and
// how many of them said something new.
func (m *importer) rows(tx *sqlite.Tx, rows []row) (written int, changed int64, err error) {
	start := time.Now()
	rows = rows[:min(m.size, len(rows))]
	m.group(rows)
	for _, g := range m.groups {
		for len(g) > 0 {
			var n int64
			some := g[:statementSize(len(g))]
			if n, m.args, err = insert(tx, some, m.args); err != nil {
				return 0, 0, err
			}
			changed += n
			g = g[len(some):]
		}
	}
	m.size = sizeAfter(len(rows), time.Since(start))
	return len(rows), changed, nil
}

// group puts together what one statement can write: less is bound for each row. The
// order by number stays within a group, and a piece is small enough to stay in memory.
func (m *importer) group(rows []row) {
	type key struct {
		kind         Kind
		bank, source string
	}
	at := make(map[key]int, 32)
	for i := range m.groups {
		m.groups[i] = m.groups[i][:0]
	}
	for i := range rows {
		l := &rows[i].Linkage
		k := key{l.Kind, l.Bank, l.Source}
		n, ok := at[k]
		if !ok {
			n = len(at)
			at[k] = n
			if n == len(m.groups) {
				m.groups = append(m.groups, nil)
			}
		}
		m.groups[n] = append(m.groups[n], l)
	}
}

// statementSize is how many of n rows go into one statement: few different sizes, so
// that each is prepared once.
func statementSize(n int) int {
	for _, size := range []int{100, 25, 5} {
		if n >= size {
			return size
		}
	}
	return 1
}

// sizeAfter is how large the next piece may be when rows took so long.
func sizeAfter(rows int, took time.Duration) int {
	if took <= 0 {
		return mostRows
	}
	// Half way to what the time allows: one slow moment is not the next.
	fits := int(float64(rows) * float64(pieceTime) / float64(took))
	return min(max((rows+fits)/2, firstRows/4), mostRows)
}

// finish lists a written chunk's bad rows, and moves behind it.
func (m *importer) finish(ctx context.Context, c *chunk) error {
	if err := m.list.Reject(c.rejects); err != nil {
		return err
	}
	listed, err := m.list.Mark()
	if err != nil {
		return err
	}
	err = m.piece(ctx, func(tx *sqlite.Tx, next *progress) error {
		tx.After(m.s.totals.forget)
		next.Line, next.Written, next.Chunk, next.Errors = c.last, 0, mark{}, listed
		next.Result.count(c)
		return nil
	})
	m.tell(m.p.Result.Rows)
	return err
}

func (r *Result) count(c *chunk) {
	r.Rows += c.seen
	r.Taken += int64(len(c.rows))
	r.Rejected += int64(len(c.rejects))
	for i := range c.rows {
		if c.rows[i].Kind == NIN {
			r.NIN++
		} else {
			r.BVN++
		}
		if !c.rows[i].From.Known() {
			r.Undated++
		}
	}
}

// onlyOwned rejects the rows of numbers that are not on the network of an operator who
// sent the file.
func (m *importer) onlyOwned(ctx context.Context, c *chunk) error {
	operator := m.run.Principal().Operator
	if operator == "" {
		return nil
	}
	numbers := make([]int64, len(c.rows))
	for i := range c.rows {
		numbers[i] = c.rows[i].MSISDN
	}
	slices.Sort(numbers)
	mine := make(map[int64]bool, len(numbers))
	for part := range slices.Chunk(slices.Compact(numbers), ownedAtOnce) {
		found, err := sqlite.Read(ctx, m.s.DB, func(tx *sqlite.Tx) (map[int64]bool, error) { return owned(tx, part, operator) })
		if err != nil {
			return err
		}
		for n := range found {
			mine[n] = true
		}
	}
	c.rows = slices.DeleteFunc(c.rows, func(r row) bool {
		if !mine[r.MSISDN] {
			c.rejects = append(c.rejects, intake.Because(r.line, spec().Columns[colMSISDN].Name, errOther()))
		}
		return !mine[r.MSISDN]
	})
	slices.SortFunc(c.rejects, func(a, b intake.Reject) int { return cmp.Compare(a.Line, b.Line) })
	return nil
}

// ownedAtOnce bounds one question about whose numbers these are.
const ownedAtOnce = 2000
