package inventory

import (
	"context"
	"errors"

	"reconexus/app/reconix/intake"
)

// errUnsorted ends the reading of a file whose numbers do not ascend; it is read again
// through a sorter.
var errUnsorted = errors.New("the file is not sorted")

// sorted is the stream of a file whose rows already ascend: nothing is kept, nothing
// is written twice.
type sorted struct {
	blocks *blocks
	tell   func([]intake.Reject) error
	last   int64
}

func (s *sorted) next(ctx context.Context) ([]record, error) {
	for {
		b, err := s.blocks.next(ctx)
		if err != nil || b == nil {
			return nil, err
		}
		if len(b.rows) > 0 && (!b.ascending || b.rows[0].msisdn < s.last) {
			return nil, errUnsorted
		}
		if err := s.tell(b.rejects); err != nil {
			return nil, err
		}
		if len(b.rows) > 0 {
			s.last = b.rows[len(b.rows)-1].msisdn
			return b.rows, nil
		}
	}
}

// sortAll takes a whole file into a sorter.
func sortAll(ctx context.Context, in *blocks, dir string, tell func([]intake.Reject) error) (*merger, error) {
	s := newSorter(dir)
	for {
		b, err := in.next(ctx)
		if err != nil {
			return nil, err
		}
		if b == nil {
			return s.sorted()
		}
		if err := errors.Join(tell(b.rejects), s.add(b.rows)); err != nil {
			return nil, err
		}
	}
}

// counts is what a comparison found.
type counts struct {
	Rows     int64 `json:"rows"`     // numbers of which the file told something
	Listed   int64 `json:"listed"`   // numbers in the new snapshot: also those whose row was refused
	Before   int64 `json:"before"`   // numbers in the last one
	Changed  int64 `json:"changed"`  // rows that say something new
	Missing  int64 `json:"missing"`  // numbers that are no longer listed
	Repeated int64 `json:"repeated"` // identical rows of a number that was there already
	Rejected int64 `json:"rejected"` // rows refused, with reasons in errors.csv
}

// comparison merges a feed with the snapshot before it.
type comparison struct {
	prev    *cursor         // nil on the first feed
	next    *snapshotWriter // what the feed says now
	changes *snapshotWriter // what it says differently; nil on the first feed
	tell    func([]intake.Reject) error
	counts  counts
	pending record // the row at hand, until its number's last row was seen
	some    bool
}

// run reads the whole stream.
func (c *comparison) run(ctx context.Context, in stream) error {
	for {
		rows, err := in.next(ctx)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		for i := range rows {
			if err := c.take(&rows[i]); err != nil {
				return err
			}
		}
	}
	if c.some {
		if err := c.settle(&c.pending); err != nil {
			return err
		}
	}
	if c.prev == nil {
		return nil
	}
	return c.gone(1<<63 - 1)
}

// take folds the rows of one number: identical ones are one, of different ones the
// first readable one counts and the others are refused.
func (c *comparison) take(r *record) error {
	if !c.some || c.pending.msisdn != r.msisdn {
		if c.some {
			if err := c.settle(&c.pending); err != nil {
				return err
			}
		}
		c.pending, c.some = *r, true
		return nil
	}
	switch {
	case r.status == unreadable: // told already
	case c.pending.status == unreadable:
		c.pending = *r
	case c.pending.says(r):
		c.counts.Repeated++
	default:
		return c.tell([]intake.Reject{{Line: int64(r.line), Column: columnNames[colMSISDN], Code: "DUPLICATE_NUMBER", Message: "the number stands in this file before, with other values; the first row was taken"}})
	}
	return nil
}

// says tells whether two records say the same of a number.
func (r *record) says(o *record) bool {
	return r.holder == o.holder && r.kind == o.kind && r.names == o.names && r.iccid == o.iccid &&
		r.imsi == o.imsi && r.activated == o.activated && r.status == o.status
}

func (c *comparison) settle(r *record) error {
	c.counts.Listed++
	if c.prev == nil {
		if r.status != unreadable {
			c.counts.Rows++
		}
		return c.next.add(r)
	}
	if err := c.gone(r.msisdn); err != nil {
		return err
	}
	old, err := c.prev.peek()
	if err != nil {
		return err
	}
	known := old != nil && old.msisdn == r.msisdn
	if known {
		c.prev.at++
	}
	switch {
	case r.status == unreadable && !known:
		return c.next.add(r) // it was there: the next feed must not call it new
	case r.status == unreadable:
		r = old // seen today, and nothing else is known: it stays as it was
	case !known || (old.raw != r.raw && !old.says(r)):
		if err := c.change(r, known); err != nil {
			return err
		}
	}
	if r.status != unreadable {
		c.counts.Rows++
	}
	return c.next.add(r)
}

func (c *comparison) change(r *record, known bool) error {
	c.counts.Changed++
	said := *r
	said.line = 0
	if known {
		said.line = seenBefore
	}
	return c.changes.add(&said)
}

// gone tells of the numbers of the last snapshot below a number: they are no longer
// listed.
func (c *comparison) gone(below int64) error {
	for {
		old, err := c.prev.peek()
		if err != nil || old == nil || old.msisdn >= below {
			return err
		}
		left := *old
		c.prev.at++
		if old.status == unreadable {
			continue // nothing was ever known of it
		}
		left.status = missing
		c.counts.Missing++
		if err := c.changes.add(&left); err != nil {
			return err
		}
	}
}
