package check

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"reconexus/app/jobs"
	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/identity"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

const (
	workers   = 2   // read the file, and again as many read the store
	seenTimes = 4   // more rows looked at than good ones make a chunk too, when most are bad
	lineBytes = 96  // room for one answer
	askedOnce = 500 // numbers in one query
)

// chunk is a part of the file that is answered as a whole.
type chunk struct {
	rows    []asked
	rejects []intake.Reject
	seen    int64
	last    int64 // line

	order   []int32  // indexes of rows, by number
	lines   [][]byte // of the result, by index of rows
	answers [][2]tenure.Answer
}

func (c *chunk) add(b *batch) {
	c.rows = append(c.rows, b.rows...)
	c.rejects = append(c.rejects, b.rejects...)
	c.seen += b.seen
	c.last = b.last
}

func (c *chunk) sort() {
	c.order = make([]int32, len(c.rows))
	for i := range c.order {
		c.order[i] = int32(i)
	}
	slices.SortFunc(c.order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(c.rows[a].msisdn, c.rows[b].msisdn), cmp.Compare(a, b))
	})
}

// scrub is one run over a file.
type scrub struct {
	*Service
	run              *jobs.Run
	task             task
	p                *progress
	answers, rejects *intake.List
	covered          map[string]tenure.Coverage
	at               time.Time
	tell             func()
}

func (sc *scrub) workers() []func(*sheet.Block) *batch {
	var out []func(*sheet.Block) *batch
	for range workers {
		p := &parser{table: sc.Table, dates: sc.p.Dates, today: sc.p.Today, after: sc.p.Line}
		out = append(out, p.block)
	}
	return out
}

// all gathers batches to chunks, answers them and writes the answers: three stages
// that work at the same time.
func (sc *scrub) all(ctx context.Context, in *intake.Batches[*batch]) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	gathered, answered := make(chan *chunk), make(chan *chunk)
	stage(stop, gathered, func() error { return sc.gather(ctx, in, gathered) })
	stage(stop, answered, func() error {
		for c := range gathered {
			if err := sc.answer(ctx, c); err != nil {
				return err
			}
			if !send(ctx, answered, c) {
				return context.Cause(ctx)
			}
		}
		return nil
	})
	for c := range answered {
		if err := sc.write(ctx, c); err != nil {
			stop(err)
			for range answered { // let the stages end
			}
			return err
		}
	}
	return context.Cause(ctx)
}

// stage runs work that ends a channel, and stops everything when it fails.
func stage[T any](stop context.CancelCauseFunc, out chan T, work func() error) {
	go func() {
		defer close(out)
		if err := work(); err != nil {
			stop(err)
		}
	}()
}

func send[T any](ctx context.Context, to chan<- T, v T) bool {
	select {
	case to <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

func (sc *scrub) gather(ctx context.Context, in *intake.Batches[*batch], out chan<- *chunk) error {
	c := &chunk{}
	for {
		b, more, err := in.Next(ctx)
		if err != nil {
			return err
		}
		if more {
			c.add(b)
		}
		full := len(c.rows) >= sc.Together || c.seen >= seenTimes*int64(sc.Together)
		if full || (!more && c.seen > 0) {
			if !send(ctx, out, c) {
				return context.Cause(ctx)
			}
			c = &chunk{}
		}
		if !more {
			return nil
		}
	}
}

// answer answers a chunk, some of its numbers on each of several readers.
func (sc *scrub) answer(ctx context.Context, c *chunk) error {
	c.sort()
	c.lines, c.answers = make([][]byte, len(c.rows)), make([][2]tenure.Answer, len(c.rows))
	share := (len(c.order) + workers - 1) / workers
	failed := make(chan error, workers)
	parts := 0
	for part := range slices.Chunk(c.order, max(share, 1)) {
		parts++
		go func() { failed <- sc.part(ctx, c, part) }()
	}
	var err error
	for range parts {
		err = cmp.Or(err, <-failed)
	}
	return err
}

// part answers rows in the order of their numbers. It takes a fresh view of the store
// for every few: a long one would keep the store's log from shrinking.
func (sc *scrub) part(ctx context.Context, c *chunk, order []int32) error {
	text := make([]byte, 0, lineBytes*len(order))
	var known []identity.Known
	numbers := make([]int64, 0, askedOnce)
	for rest := order; len(rest) > 0; {
		some := rest[:min(askedOnce, len(rest))]
		rest = rest[len(some):]
		numbers = numbers[:0]
		for _, i := range some {
			if n := c.rows[i].msisdn; len(numbers) == 0 || numbers[len(numbers)-1] != n {
				numbers = append(numbers, n)
			}
		}
		var err error
		known, err = sqlite.Read(ctx, sc.DB, func(tx *sqlite.Tx) ([]identity.Known, error) {
			return identity.Briefs(tx, sc.who(), numbers, known)
		})
		if err != nil {
			return err
		}
		at, last := 0, -1
		var a identity.Assessment
		for _, i := range some {
			for numbers[at] < c.rows[i].msisdn {
				at++
			}
			if at != last {
				a, last = known[at].Assess(), at
			}
			start := len(text)
			text = sc.line(text, c, i, &known[at], a)
			c.lines[i] = text[start:len(text):len(text)]
		}
	}
	return nil
}

// line writes the answer to one row.
func (sc *scrub) line(dst []byte, c *chunk, i int32, k *identity.Known, a identity.Assessment) []byte {
	row, covered := c.rows[i], sc.coverageOf(k)
	f := Ask(k.History, row.since, covered, sc.coverageIn(sc.Table.BlockOwner(numbering.MSISDN(row.msisdn))))
	c.answers[i] = [2]tenure.Answer{f.Recycled, f.Reassigned}
	dst = strconv.AppendInt(append(dst, '+'), row.msisdn, 10)
	dst = row.since.Append(append(dst, ','))
	dst = append(append(dst, ','), f.Recycled...)
	dst = append(append(dst, ','), f.Reassigned...)
	dst = append(append(dst, ','), a.Status...)
	dst = appendEvidence(append(dst, ','), k.History, covered)
	return append(dst, "\r\n"...)
}

// write keeps a chunk's answers, and moves behind it in the same write that records who
// asked about its numbers.
func (sc *scrub) write(ctx context.Context, c *chunk) error {
	for _, line := range c.lines {
		if _, err := sc.answers.Write(line); err != nil {
			return err
		}
	}
	sc.answers.Count(len(c.lines))
	if err := sc.rejects.Reject(c.rejects); err != nil {
		return err
	}
	next := *sc.p
	var err error
	if next.Answers, err = sc.answers.Mark(); err != nil {
		return err
	}
	if next.Errors, err = sc.rejects.Mark(); err != nil {
		return err
	}
	next.Line = c.last
	next.Result = next.Result.with(c)
	numbers := c.numbers()
	_, err = sqlite.Bulk(ctx, sc.DB, func(tx *sqlite.Tx) (struct{}, error) {
		if err := identity.RecordFile(tx, sc.who(), sc.run.Job().ID, numbers, sc.at, sc.purpose()); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, sc.run.Checkpoint(tx, &next)
	})
	if err == nil {
		*sc.p = next
	}
	sc.tell()
	return err
}

// numbers are all that are asked about, in their order; one stands as often as it is
// asked about.
func (c *chunk) numbers() []int64 {
	out := make([]int64, 0, len(c.order))
	for _, i := range c.order {
		out = append(out, c.rows[i].msisdn)
	}
	return out
}

func (r Result) with(c *chunk) Result {
	r.Rows += c.seen
	r.Answered += int64(len(c.rows))
	r.Rejected += int64(len(c.rejects))
	r.Recycled, r.Reassigned = maps.Clone(r.Recycled), maps.Clone(r.Reassigned)
	for _, a := range c.answers {
		r.Recycled[string(a[0])]++
		r.Reassigned[string(a[1])]++
	}
	return r
}

func (sc *scrub) purpose() string {
	if sc.task.Purpose == "" {
		return "file " + sc.run.Job().ID
	}
	return sc.task.Purpose
}
