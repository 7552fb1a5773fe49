package generate

import (
	"fmt"
	"io"
	"slices"
	"time"

	"reconexus/app/kit/day"
)

// world is one operator's view of the lines: its own and those of the operator
// before it in the ring, some of which were ported to it.
type world struct {
	Options
	home, before    block
	names           *names
	days            []odds // of the days after the base day, in order
	firstActivation day.Day
	activationDays  uint64
}

func newWorld(o Options) (*world, error) {
	o, err := o.settle()
	if err != nil {
		return nil, err
	}
	index, err := findOperator(o.Operator)
	if err != nil {
		return nil, err
	}
	w := &world{Options: o, names: readNames()}
	if w.home, err = newBlock(o.Seed, index, o.Rows); err != nil {
		return nil, err
	}
	operators := len(ring())
	if w.before, err = newBlock(o.Seed, (index+operators-1)%operators, o.RowsBefore); err != nil {
		return nil, err
	}
	w.firstActivation, w.activationDays = activationSpan(o.Base)
	for d := o.Base + 1; d <= o.Day; d++ {
		w.days = append(w.days, newOdds(d, o.changedOn(d)))
	}
	return w, nil
}

func (o Options) changedOn(d day.Day) float64 {
	changed := o.Changed
	if d <= o.Since {
		changed = UsualChange
	}
	if o.Seasonal {
		changed *= season(d)
	}
	return changed
}

// season is the weight of a weekday: operators release their batches on Mondays.
func season(d day.Day) float64 {
	switch d.Start().Add(12 * time.Hour).Weekday() { // noon in Lagos
	case time.Monday:
		return 2
	case time.Saturday, time.Sunday:
		return 0.5
	}
	return 1
}

// sighting is one line as the reader may meet it: on the day of the earlier
// file and on the day of this one.
type sighting struct {
	block  *block
	slot   int
	line   key
	msisdn uint64
	then   life
	now    life
}

// network is the ring index of the operator that served the line.
func (s *sighting) network(l life) int {
	if l.ported {
		return (s.block.index + 1) % len(ring())
	}
	return s.block.index
}

// here tells whether the line had a row in the file of the world's operator.
func (w *world) here(s *sighting, l life) bool {
	return l.listed() && l.ported == (s.block == &w.before)
}

func (w *world) sight(b *block, slot int) sighting {
	s := sighting{block: b, slot: slot, line: b.line(slot)}
	l := w.begin(slot, s.line)
	s.then = l
	for i := range w.days {
		l.live(s.line, &w.days[i])
		if w.days[i].day == w.Since {
			s.then = l
		}
	}
	s.now = l
	return s
}

// walk shows every line that has ever been in the operator's files, in
// ascending order of number, or scattered.
func (w *world) walk(show func(*sighting) error) error {
	if w.Shuffle {
		return w.walkScattered(show)
	}
	var s sighting // one for all: what show is given lives on the heap
	guest, found := w.nextGuest(0)
	for slot := range w.home.slots {
		s = w.sight(&w.home, slot)
		s.msisdn = w.home.msisdn(slot, s.line)
		for found && guest.msisdn < s.msisdn {
			if err := show(&guest); err != nil {
				return err
			}
			guest, found = w.nextGuest(guest.slot + 1)
		}
		if err := show(&s); err != nil {
			return err
		}
	}
	for found {
		if err := show(&guest); err != nil {
			return err
		}
		guest, found = w.nextGuest(guest.slot + 1)
	}
	return nil
}

// nextGuest finds the next line of the operator before that was ported here.
func (w *world) nextGuest(from int) (sighting, bool) {
	if len(w.days) == 0 {
		return sighting{}, false
	}
	for slot := from; slot < w.before.slots; slot++ {
		if s := w.sight(&w.before, slot); s.now.ported {
			s.msisdn = w.before.msisdn(slot, s.line)
			return s, true
		}
	}
	return sighting{}, false
}

// walkScattered steps through the slots with a stride coprime to their number,
// which meets each of them once and needs no memory.
func (w *world) walkScattered(show func(*sighting) error) error {
	var s sighting
	own, guests := scatter(w.home.slots), scatter(w.before.slots)
	for range max(w.home.slots, w.before.slots) {
		if slot, ok := own(); ok {
			s = w.sight(&w.home, slot)
			s.msisdn = w.home.msisdn(slot, s.line)
			if err := show(&s); err != nil {
				return err
			}
		}
		if slot, ok := guests(); ok {
			s = w.sight(&w.before, slot)
			if !s.now.ported {
				continue
			}
			s.msisdn = w.before.msisdn(slot, s.line)
			if err := show(&s); err != nil {
				return err
			}
		}
	}
	return nil
}

func scatter(n int) func() (int, bool) {
	step := n*5/13 + 1
	for gcd(step, n) != 1 {
		step++
	}
	met, at := 0, n/3
	return func() (int, bool) {
		if met == n {
			return 0, false
		}
		met++
		at = (at + step) % n
		return at, true
	}
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// feed is a file being written: rows are appended to text and handed on in
// large pieces.
type feed struct {
	to   io.Writer
	text []byte
	rows int
}

const pieceSize = 1 << 18

func newFeed(to io.Writer) *feed {
	return &feed{to: to, text: slices.Grow([]byte(nil), pieceSize+1<<12)}
}

func (f *feed) flushFull() error {
	if len(f.text) < pieceSize {
		return nil
	}
	return f.flush()
}

func (f *feed) flush() error {
	_, err := f.to.Write(f.text)
	f.text = f.text[:0]
	if err != nil {
		return fmt.Errorf("writing the generated file: %w", err)
	}
	return nil
}

// label writes one line of truth.
func (f *feed) label(msisdn uint64, event string) error {
	f.text = append(f.text, '+')
	f.text = appendDigits(f.text, msisdn, 13)
	f.text = append(f.text, ',')
	f.text = append(f.text, event...)
	f.text = append(f.text, '\n')
	return f.flushFull()
}

func (f *feed) header(line string) { f.text = append(f.text, line...) }
