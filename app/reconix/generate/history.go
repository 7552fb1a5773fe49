package generate

import "reconexus/app/kit/day"

// standing is where a line is in its life.
type standing uint8

const (
	unsold      standing = iota // never seen in any file
	active                      // held and in use
	churned                     // in the file with STATUS churned
	quarantined                 // in the file with STATUS quarantined
	gone                        // churned and no longer in the file
)

// firstHolder held the line when the world began; 0 held it before.
const firstHolder = 1

// life is the state of a line on one day.
type life struct {
	standing  standing
	ported    bool // served by the next operator of the ring since activated
	returned  bool // activated starts another tenure of the same holder
	spelling  uint8
	holder    uint32
	card      uint32
	activated day.Day // as the file says: at the present network
	idleFrom  day.Day // first day out of use, when standing is churned or quarantined
	own       span    // the holder's tenure before a port or return
	former    span    // the last tenure of the holder before
}

// span is the first and the last day of a tenure. The zero span is none.
type span struct{ from, until day.Day }

// listed tells whether the line has a row in some operator's file.
func (l life) listed() bool { return l.standing >= active && l.standing <= quarantined }

// odds are the chances of one day, as running thresholds on 32 bits of a draw.
type odds struct {
	day day.Day
	// of an active line at home
	port, swap, recycle, comeBack, suspend, vanish uint64
	// of a line that is churned or quarantined
	reverse, resell, reclaim uint64
	sell                     uint64 // of a line in reserve
	swapAway                 uint64 // of a ported line
}

const (
	// usualChange is the share of rows that change on a day whose share nobody chose.
	usualChange = 0.005
	// idleShare of the lines are churned or quarantined on the first day; as many
	// join them each day as leave them.
	idleShare = 0.003
	// kindsPerChange is how many times the chance of one kind of event a day's
	// changes are: six kinds that come equally often (port-out, port-in, swap,
	// recycling, return, reversal), the lines that fall idle to replace those that
	// left, and a fifth each of churns and first sales.
	kindsPerChange = 6 + 2 + 0.2 + 0.2
)

// newOdds spreads a day's share of changes over the kinds of event. Reversals
// all come from idle lines, recyclings and returns half of them, as far as the
// idle lines suffice.
func newOdds(d day.Day, changed float64) odds {
	each := changed / kindsPerChange
	reverse := min(each/idleShare, 0.4)
	resell := min(each/2/idleShare, 0.2)
	direct := each - resell*idleShare
	o := odds{day: d}
	sum := 0.0
	grow := func(p float64) uint64 { sum += p; return threshold(sum) }
	o.port, o.swap = grow(each), grow(each)
	o.recycle, o.comeBack = grow(direct), grow(direct)
	o.suspend, o.vanish = grow((reverse+2*resell)*idleShare), grow(each/5)
	sum = 0
	o.reverse, o.resell, o.reclaim = grow(reverse), grow(resell), grow(resell)
	o.sell = threshold(min(each/5*reserveEvery, 0.5))
	o.swapAway = threshold(each)
	return o
}

// begin is the life of a line on the first day.
func (w *world) begin(slot int, line key) life {
	if reserved(slot) {
		return life{standing: unsold}
	}
	h := line.pick(saltBase)
	l := life{standing: active, holder: firstHolder}
	l.activated = w.firstActivation + day.Day(below(line.pick(saltActivation), w.activationDays))
	if chance(h, idleShare) {
		l.fallIdle(h, w.Base)
	}
	return l
}

// live carries a life through one day. The draw of a day decides on its own
// what happens, so a life on any day is the fold over the days since the first.
func (l *life) live(line key, o *odds) {
	h := line.pick(saltDay + uint64(o.day))
	v := h >> 32
	switch {
	case l.standing == active && !l.ported:
		if v < o.vanish {
			l.liveAtHome(h, v, o)
		}
	case l.standing == active:
		if v < o.swapAway {
			l.swap(h)
		}
	case l.standing == unsold:
		if v < o.sell {
			l.standing = active
			l.begins(o.day)
		}
	case l.standing != gone:
		l.liveIdle(h, v, o)
	}
}

func (l *life) liveAtHome(h, v uint64, o *odds) {
	switch {
	case v < o.port:
		l.moveOn(o.day)
	case v < o.swap:
		l.swap(h)
	case v < o.recycle:
		l.passOn(o.day, o.day-1)
	case v < o.comeBack:
		l.comeBack(h, o.day, o.day-1)
	case v < o.suspend:
		l.fallIdle(h, o.day)
	default:
		l.standing = gone
	}
}

func (l *life) liveIdle(h, v uint64, o *odds) {
	switch {
	case v < o.reverse:
		l.standing = active
	case v < o.resell:
		l.standing = active
		l.passOn(o.day, l.idleFrom-1)
	case v < o.reclaim:
		l.standing = active
		l.comeBack(h, o.day, l.idleFrom-1)
	}
}

// begins starts the time of the next holder.
func (l *life) begins(d day.Day) {
	l.holder++
	l.card++
	l.spelling, l.returned = asGiven, false
	l.activated, l.own = d, span{}
}

func (l *life) passOn(d, until day.Day) {
	l.former = span{l.activated, until}
	l.begins(d)
}

func (l *life) comeBack(h uint64, d, until day.Day) {
	l.swap(h)
	l.own = span{l.activated, until}
	l.activated, l.returned = d, true
}

func (l *life) moveOn(d day.Day) {
	l.card++
	l.own = span{l.activated, d - 1}
	l.activated, l.ported, l.returned = d, true, false
}

func (l *life) swap(h uint64) {
	l.card++
	if h&7 == 0 { // one in eight is written differently from then on
		l.spelling = uint8(1 + below(h<<32, uint64(spellings-1)))
	}
}

func (l *life) fallIdle(h uint64, d day.Day) {
	l.standing = churned + standing(h&1)
	l.idleFrom = d
}
