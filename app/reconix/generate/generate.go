// Package generate writes synthetic operator feeds with labelled truth, so that
// precision and recall of detection are measured and not claimed
// (reconix.md §4).
//
// # One world a seed
//
// A seed and the operators' row counts define a world of lines. Everything
// about a line on a day is computed from (seed, operator, slot, day) by
// counter-based draws; nothing is remembered, so 50 million rows stream in
// bounded memory and the file of day 2 is the file of day 1 plus one day of
// life. Rows come in ascending MSISDN order, or scattered on demand.
//
// A world begins on its base day with exactly the asked number of rows, 0.3 %
// of them churned or quarantined. On each later day the asked share of rows
// changes, equally often by
//
//   - a port to the next operator of the ring MTN → AIRTEL → GLO → T2 → MTN
//     (there: same holder, new card, ACTIVATION_DATE of that day; same seed
//     and rows make it turn up in that operator's file),
//   - a port from the operator before,
//   - a SIM swap: new SIM_SERIAL and IMSI, same date, same holder,
//   - a recycling: another holder, new date, new card; half of them out of the
//     churned and quarantined lines, half without a notice in the feed,
//   - a return: same holder, new date, new card; likewise,
//   - a reversal: churned or quarantined the day before, active again with
//     everything as it was.
//
// Lines fall idle (STATUS churned or quarantined) as often as idle lines are
// used up; a fifth as often as any of the six, a line vanishes for good or one
// that was never sold appears. One swap or return in eight writes the holder
// differently, in one of the ways of reconix.md §7: other order, other case,
// short form, middle name dropped, tone marks. Two holders of one number share
// no name part, not even its first three letters.
//
// # Truth
//
// The truth beside an inventory lists as `msisdn,event` how the file of Day
// differs from that of Since, the earlier file of the same reader; see
// [Inventory] for the events. The truth beside linkages lists
// `msisdn,stale_nin` and so on; see [Linkages].
//
// # Defects
//
// With Defects the file has a byte order mark, CRLF, two columns nobody asked
// for and a footer line TOTAL, and about 2 % of its rows carry one defect each.
// A reader mends these and keeps the row:
//
//   - MSISDN as 0803…, 803… (leading zero lost), '0803… (spreadsheet prefix),
//     "+234 (0)803 123 4567", or with blanks between and around the digits
//   - SIM_SERIAL with a trailing F
//   - SUBSCRIBER_NAME quoted with a comma after the surname, or with a line
//     break inside the quotes
//   - the whole row twice
//
// These destroy a cell, so a reader refuses the row with a reason:
//
//   - SIM_SERIAL as 8.92343E+19 (a spreadsheet ate the digits)
//   - IMSI of 14 digits
//   - an empty SUBSCRIBER_NAME
//   - 30 February as ACTIVATION_DATE
//
// The MSISDN of a refused row is still readable: the number was seen that day,
// and so it is neither gone nor, the next day, new. The truth leaves a number
// out when its row was refused on a day that the event needs.
package generate

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"reconexus/app/kit/day"
)

// UsualChange is the share of rows that change on a day when nobody says
// otherwise.
const UsualChange = usualChange

// Options choose a file of a world. Files belong to one world when Seed, Rows,
// RowsBefore and Base agree.
type Options struct {
	Operator   string  // MTN, AIRTEL, GLO, T2, or an alias
	Rows       int     // rows of the operator on the base day
	RowsBefore int     // the same of the operator before it in the ring; 0: as many
	Seed       uint64  // any number
	Day        day.Day // the day of the file
	Base       day.Day // the first day of the world; zero or None: the first of Day's month
	// Since is the day of the reader's earlier file, with which the truth compares.
	// Zero or None: Base when that is given, else the day before Day.
	Since day.Day
	// Changed is the share of rows that change on each day after Since (0.005 is
	// 0.5 %). Days up to Since change by UsualChange.
	Changed  float64
	Seasonal bool // more changes on Mondays, fewer at weekends, same mean

	Defects bool
	Shuffle bool // rows in scattered order
	Gzip    bool
	WithNIN bool // a NIN column in the inventory

	NINShare, BVNShare float64 // of numbers with a linkage; both zero: 0.25 and 0.15

	// Progress, when given, hears now and then how many of about how many rows are written.
	Progress func(done, about int)
}

const (
	maxChange = 0.5
	maxDays   = 400 // from base to day: each is replayed for each row
)

func given(d day.Day) bool { return d.Known() && d != 0 }

// settle fills the days that were left out and refuses what cannot be meant.
func (o Options) settle() (Options, error) {
	if !given(o.Day) {
		return o, errors.New("the day of the file is missing: say which day it describes")
	}
	baseGiven := given(o.Base)
	if !baseGiven {
		year, month, _ := o.Day.Civil()
		o.Base, _ = day.Date(year, month, 1)
	}
	switch {
	case given(o.Since):
	case baseGiven:
		o.Since = o.Base
	default:
		o.Since = max(o.Base, o.Day-1)
	}
	switch {
	case o.Base > o.Day:
		return o, fmt.Errorf("the base day %s lies after the day of the file, %s: the world must begin first", o.Base, o.Day)
	case o.Since < o.Base || o.Since > o.Day:
		return o, fmt.Errorf("the earlier file's day %s lies outside the world's days %s to %s", o.Since, o.Base, o.Day)
	case o.Day-o.Base > maxDays:
		return o, fmt.Errorf("%s is %d days after the base day %s; at most %d days are replayed", o.Day, o.Day-o.Base, o.Base, maxDays)
	case !(o.Changed >= 0 && o.Changed <= maxChange):
		return o, fmt.Errorf("a share of %g changed rows a day is out of range: take 0 to %g", o.Changed, maxChange)
	case !share(o.NINShare) || !share(o.BVNShare):
		return o, errors.New("the share of numbers with a linkage must lie between 0 and 1")
	}
	if o.NINShare == 0 && o.BVNShare == 0 {
		o.NINShare, o.BVNShare = 0.25, 0.15
	}
	if o.RowsBefore == 0 {
		o.RowsBefore = o.Rows
	}
	return o, nil
}

func share(p float64) bool { return p >= 0 && p <= 1 }

// Inventory writes the operator's full file of Options.Day to w and, when truth
// is not nil, the events since Options.Since to truth, in the order of the
// rows. It returns the number of data rows written. Events:
//
//	recycled            another holder and a new date
//	same_holder_return  the same holder, another date, the same operator
//	reversal            churned or quarantined before, active now, same holder and date
//	churned             active before; now churned, quarantined or no longer listed anywhere
//	swap                another card under the same date and holder
//	port_out            listed here before, at the next operator now, same holder
//	port_in             the other end of it, in the truth of that operator
//	activated           listed now, never before, by no operator
//
// A number may have two (reversal and swap) when more than a day lies between.
// Who reads this operator's files alone sees a port_out as churned and a
// port_in as activated.
func Inventory(w io.Writer, o Options, truth io.Writer) (rows int, err error) {
	world, err := newWorld(o)
	if err != nil {
		return 0, err
	}
	return world.file(w, truth, func(out, truth *feed) error { return world.inventory(out, truth) })
}

// file runs one writer between the streams it needs.
func (w *world) file(to, truth io.Writer, write func(out, truth *feed) error) (int, error) {
	var zip *gzip.Writer
	if w.Gzip {
		zip, _ = gzip.NewWriterLevel(to, gzip.BestSpeed) // the level is a valid constant
		to = zip
	}
	if truth == nil {
		truth = io.Discard
	}
	out, labels := newFeed(to), newFeed(truth)
	if err := write(out, labels); err != nil {
		return 0, err
	}
	if err := errors.Join(out.flush(), labels.flush()); err != nil {
		return 0, err
	}
	if zip != nil {
		if err := zip.Close(); err != nil {
			return 0, fmt.Errorf("closing the compressed file: %w", err)
		}
	}
	return out.rows, nil
}
