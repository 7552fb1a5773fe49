package generate

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"reconexus/app/kit/day"
)

// Command is `reconexus generate`.
type Command struct {
	Inventory InventoryCommand `cmd:"" help:"Write an operator's full inventory of one day."`
	Linkages  LinkagesCommand  `cmd:"" help:"Write the NIN and BVN linkages of an operator's numbers as of one day."`
}

// InventoryCommand is `reconexus generate inventory`.
type InventoryCommand struct {
	Flags
	Shuffle bool `help:"Rows in scattered order instead of ascending numbers."`
}

// LinkagesCommand is `reconexus generate linkages`.
type LinkagesCommand struct {
	Flags
	NINShare percentage `name:"nin-share" default:"25%" help:"Share of numbers with a NIN."`
	BVNShare percentage `name:"bvn-share" default:"15%" help:"Share of numbers with a BVN."`
}

// Flags choose the world and the file. The same seed, rows and days give the same
// numbers in every command.
type Flags struct {
	Operator   string     `required:"" placeholder:"CODE" help:"MTN, AIRTEL, GLO or T2."`
	Rows       count      `required:"" placeholder:"N" help:"Rows on the first day, such as 20000, 1k or 10M."`
	RowsBefore count      `placeholder:"N" help:"Rows of the operator whose numbers are ported in (T2 for MTN, MTN for AIRTEL, and so on). As many when left out."`
	Seed       uint64     `default:"1" help:"Same seed, same world."`
	Day        dayFlag    `required:"" placeholder:"D" help:"Day of the file: 2026-11-20, or 1 for the first day, 2 for the day after."`
	BaseDay    dayFlag    `placeholder:"B" help:"First day of the world; the first of the month when left out."`
	Since      dayFlag    `placeholder:"D" help:"Day of the reader's earlier file, with which the truth compares; the base day when that is given, else the day before."`
	Changed    percentage `default:"0.5%" help:"Share of rows that change on each day after --since. Days up to it change by 0.5%."`
	Defects    bool       `help:"With the defects of real files. For linkages: the inventories were made so."`
	WithNIN    bool       `name:"with-nin" help:"A NIN column in the inventory. For linkages: the inventories have one."`
	Gzip       bool       `help:"Compress the file."`
	Out        string     `required:"" placeholder:"FILE" help:"Where the file goes; it appears when it is complete."`
	Truth      string     `placeholder:"FILE" help:"Where the answer goes, as msisdn,event."`
}

// Run writes the inventory.
func (c *InventoryCommand) Run(ctx *kong.Context) error {
	o := c.options()
	o.Shuffle = c.Shuffle
	if first, err := o.settle(); c.Truth != "" && err == nil && first.Since == first.Day && !given(c.BaseDay.day) {
		return fmt.Errorf("--truth compares with an earlier file, and %s is the first day of its world: say with --base-day which day that file has", o.Day)
	}
	return c.write(ctx.Stderr, o, Inventory)
}

// Run writes the linkages.
func (c *LinkagesCommand) Run(ctx *kong.Context) error {
	o := c.options()
	o.NINShare, o.BVNShare = float64(c.NINShare), float64(c.BVNShare)
	return c.write(ctx.Stderr, o, Linkages)
}

func (f *Flags) options() Options {
	return Options{
		Operator: f.Operator, Rows: int(f.Rows), RowsBefore: int(f.RowsBefore), Seed: f.Seed,
		Day: f.Day.day, Base: f.base(), Since: f.since(), Changed: float64(f.Changed),
		Defects: f.Defects, WithNIN: f.WithNIN, Gzip: f.Gzip,
	}
}

// base is the first day of the world: of counted days it is day 1.
func (f *Flags) base() day.Day {
	if f.Day.counted && !given(f.BaseDay.day) {
		return firstCounted()
	}
	return f.BaseDay.day
}

// since is the day of the earlier file: of counted days it is the day before.
func (f *Flags) since() day.Day {
	if f.Day.counted && !given(f.BaseDay.day) && !given(f.Since.day) {
		return max(firstCounted(), f.Day.day-1)
	}
	return f.Since.day
}

type writer func(w io.Writer, o Options, truth io.Writer) (int, error)

// write makes the file and its truth under other names and renames both when
// both are whole.
func (f *Flags) write(notes io.Writer, o Options, produce writer) (err error) {
	o.Progress = func(done, about int) {
		if done%reportEvery == 0 {
			fmt.Fprintf(notes, "%s: %d of about %d rows\n", filepath.Base(f.Out), done, about)
		}
	}
	out, err := create(f.Out)
	if err != nil {
		return err
	}
	defer out.discard()
	var truth io.Writer
	labels := &draft{}
	if f.Truth != "" {
		if labels, err = create(f.Truth); err != nil {
			return err
		}
		defer labels.discard()
		truth = labels.file
	}
	rows, err := produce(out.file, o, truth)
	if err != nil {
		return err
	}
	if err := errors.Join(labels.keep(), out.keep()); err != nil {
		return err
	}
	fmt.Fprintf(notes, "%s: %d rows\n", filepath.Base(f.Out), rows)
	return nil
}

const reportEvery = 16 * progressEvery // rows: a line on the way every second or so

// draft is a file that has another name until it is whole.
type draft struct {
	file *os.File
	name string
}

func create(name string) (*draft, error) {
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".part-*")
	if err != nil {
		return nil, fmt.Errorf("cannot write in %s: choose a folder that exists and is yours: %w", filepath.Dir(name), err)
	}
	return &draft{file, name}, nil
}

func (d *draft) keep() error {
	if d.file == nil {
		return nil
	}
	part := d.file.Name()
	if err := errors.Join(d.file.Chmod(0o644), d.file.Close(), os.Rename(part, d.name)); err != nil {
		return fmt.Errorf("finishing %s: %w", d.name, err)
	}
	return nil
}

// discard removes what was not kept; after keep it does nothing.
func (d *draft) discard() {
	d.file.Close()
	os.Remove(d.file.Name())
}

// count is a number of rows: 20000, 20_000, 1k, 1.5M.
type count int

// UnmarshalText reads a count.
func (c *count) UnmarshalText(text []byte) error {
	s := strings.NewReplacer("_", "", ",", "").Replace(strings.ToLower(string(text)))
	factor := 1.0
	switch {
	case strings.HasSuffix(s, "k"):
		s, factor = strings.TrimSuffix(s, "k"), 1e3
	case strings.HasSuffix(s, "m"):
		s, factor = strings.TrimSuffix(s, "m"), 1e6
	}
	n, err := strconv.ParseFloat(s, 64)
	if n *= factor; err != nil || n < 1 || n > 1e9 || n != math.Trunc(n) {
		return fmt.Errorf("%q is not a number of rows: write it as 20000, 1k or 10M", text)
	}
	*c = count(n)
	return nil
}

// percentage is a share of 1 that people write as 0.5%.
type percentage float64

// UnmarshalText reads a percentage. A bare number is refused, because 0.5 might
// mean a half or half of a hundredth.
func (p *percentage) UnmarshalText(text []byte) error {
	s, marked := strings.CutSuffix(string(text), "%")
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !marked || !share(n/100) {
		return fmt.Errorf("%q is not a share: write it as a percentage from 0%% to 100%%, such as 0.5%%", text)
	}
	*p = percentage(n / 100)
	return nil
}

// dayFlag is a date, or the n-th day of a world that begins on [firstCounted].
type dayFlag struct {
	day     day.Day
	counted bool
}

func firstCounted() day.Day {
	d, _ := day.Date(2026, 1, 1)
	return d
}

// UnmarshalText reads a day.
func (d *dayFlag) UnmarshalText(text []byte) (err error) {
	if n, err := strconv.Atoi(string(text)); err == nil && n >= 1 && n <= maxDays {
		*d = dayFlag{firstCounted() + day.Day(n-1), true}
		return nil
	}
	if d.day, err = day.Parse(string(text)); err == nil && d.day < firstCounted()-30*365 {
		err = fmt.Errorf("%s is too long ago: take a day after %s", text, firstCounted()-30*365)
	}
	return err
}
