package generate

import (
	"io"

	"reconexus/app/kit/day"
)

// Linkages writes the NIN and BVN linkages of the operator's own lines as of
// Options.Day to w, in the order of the lines, and to truth what detection must
// find once the inventories of Since and Day are known:
//
//	stale_nin, stale_bvn    a linkage of a former holder is still there
//	review_nin, review_bvn  a linkage without LINKED_DATE of a number in use
//
// Who linked what:
//   - Every fourth number has a NIN and every seventh a BVN (see the shares) of
//     its present holder, dated within the tenure that the files show.
//   - Of the numbers that changed hands since the world began half kept the
//     former holder's linkages only, one in ten has both, a quarter the present
//     holder's only, the rest none. One number in 200 has had a former holder
//     before the world began and keeps that one's.
//   - Of the numbers that came back to the same holder three in five keep their
//     old linkages: dated before the present ACTIVATION_DATE, in the earlier
//     tenure of that same holder, hence not stale.
//   - One linkage in a hundred has no date. A third of the BVNs are known to two
//     banks.
//
// A linkage whose verdict the two files could not tell (the number was in no
// readable row, or the row that would explain an old date was refused or came
// before Since) is not written. With WithNIN the reader knows each holder by NIN,
// so a NIN without a date is stale or fine, and never for review.
func Linkages(w io.Writer, o Options, truth io.Writer) (rows int, err error) {
	world, err := newWorld(o)
	if err != nil {
		return 0, err
	}
	return world.file(w, truth, func(out, truth *feed) error { return world.linkages(out, truth) })
}

const linkagesHeader = "MSISDN,KIND,NUMBER,LINKED_DATE,SOURCE,BANK\n"

// kind is what a number is linked to.
type kind uint8

const (
	nin kind = iota
	bvn
	kinds
)

// linkage is one row before it is written.
type linkage struct {
	kind   kind
	holder uint32 // whose
	date   day.Day
}

func (w *world) linkages(out, truth *feed) error {
	out.header(linkagesHeader)
	truth.header(truthHeader)
	return w.walk(func(s *sighting) error {
		if s.block != &w.home {
			return nil // in the linkages of the operator that first sold it
		}
		for k := range kinds {
			if err := w.linkagesOf(out, truth, s, k); err != nil {
				return err
			}
		}
		return out.flushFull()
	})
}

// linkagesOf writes a line's linkages of one kind and labels them once.
func (w *world) linkagesOf(out, truth *feed, s *sighting, k kind) error {
	var stale, review bool
	for i, l := range w.candidates(s, k) {
		if !w.knowable(s, l) {
			continue
		}
		switch {
		case l.date.Known() || w.identifies(k):
			stale = stale || l.holder != s.now.holder
		default:
			review = true
		}
		w.linkageRow(out, s, l, i)
	}
	if stale {
		if err := truth.label(s.msisdn, [...]string{eventStaleNIN, eventStaleBVN}[k]); err != nil {
			return err
		}
	}
	if review {
		return truth.label(s.msisdn, [...]string{eventReviewNIN, eventReviewBVN}[k])
	}
	return nil
}

// identifies tells whether the inventories name the holder by this kind.
func (w *world) identifies(k kind) bool { return k == nin && w.WithNIN }

const (
	formerBefore = 0.005 // of numbers had another holder before the world began
	dateMissing  = 0.01  // of linkages
)

// candidates are the linkages that the line would have in a perfect record.
func (w *world) candidates(s *sighting, k kind) []linkage {
	now := s.now
	if !now.listed() {
		return nil
	}
	h := s.line.pick(saltLinkage + uint64(k))
	fate := s.line.pick(saltLinkage+uint64(kinds)) >> 32 // one for both kinds: a number is forgotten as a whole
	inUse := now.standing == active && !now.ported
	switch {
	case inUse && now.holder > firstHolder:
		return w.afterRecycling(s, k, h, fate)
	case inUse && now.holder == firstHolder && !reserved(s.slot) && fate < threshold(formerBefore):
		start := w.begin(s.slot, s.line).activated
		return []linkage{{k, firstHolder - 1, start - 90 - day.Day(below(h<<32, 1500))}}
	case now.returned && fate < threshold(0.6):
		return []linkage{{k, now.holder, within(now.own, h)}}
	}
	share := [...]float64{w.NINShare, w.BVNShare}[k]
	if !chance(h, share) {
		return nil
	}
	l := linkage{k, now.holder, within(w.present(now), h)}
	if inUse && chance(mix(h), dateMissing) {
		l.date = day.None
	}
	if now.ported { // mostly linked at the operator before, where the files show it
		if before := (linkage{k, now.holder, within(now.own, h)}); w.knowable(s, before) {
			l = before
		}
	}
	return []linkage{l}
}

// afterRecycling spreads the numbers that changed hands over the cases that
// detection must tell apart.
func (w *world) afterRecycling(s *sighting, k kind, h, fate uint64) []linkage {
	former := linkage{k, s.now.holder - 1, within(s.now.former, h)}
	present := linkage{k, s.now.holder, within(w.present(s.now), mix(h))}
	if chance(mix(h+1), 0.2) && fate < threshold(0.5) {
		return nil // not every number carried both kinds
	}
	switch {
	case fate < threshold(0.5):
		if chance(mix(h+2), dateMissing) {
			former.date = day.None
		}
		return []linkage{former}
	case fate < threshold(0.6):
		return []linkage{former, present}
	case fate < threshold(0.85):
		return []linkage{present}
	}
	return nil
}

// present is the holder's tenure as far as it has come.
func (w *world) present(l life) span {
	if l.standing == active {
		return span{l.activated, w.Day}
	}
	return span{l.activated, l.idleFrom - 1}
}

// within draws a day of a tenure.
func within(tenure span, h uint64) day.Day {
	return tenure.from + day.Day(below(h<<32, uint64(tenure.until-tenure.from)+1))
}

// knowable tells whether a fair reader of the two inventories comes to the true
// verdict on a linkage.
func (w *world) knowable(s *sighting, l linkage) bool {
	thenRead := s.then.listed() && !w.refused(s.line, w.Since)
	nowRead := s.now.listed() && !w.refused(s.line, w.Day)
	last := s.now
	switch {
	case nowRead:
	case thenRead:
		last = s.then
	default:
		return false
	}
	stale := l.holder != s.now.holder
	switch {
	case w.identifies(l.kind):
		return (l.holder != last.holder) == stale
	case !l.date.Known():
		return nowRead
	case l.date >= last.activated:
		return !stale
	}
	explained := thenRead && s.then.holder == last.holder && l.date >= s.then.activated
	return explained == !stale
}

// linkageRow writes one linkage, of a BVN sometimes at two banks.
func (w *world) linkageRow(out *feed, s *sighting, l linkage, nth int) {
	p := w.names.holder(s.line, l.holder)
	h := p.pick(uint64(nth))
	if l.kind == nin {
		source := "NIMC"
		if h&3 == 0 {
			source = w.home.code
		}
		w.writeLinkage(out, s, "NIN", p.nin(), l.date, source, "")
		return
	}
	bank := int(below(h, banks))
	w.writeLinkage(out, s, "BVN", p.bvn(), l.date, "NIBSS", bankCode(bank))
	if h&0xff < 85 {
		w.writeLinkage(out, s, "BVN", p.bvn(), l.date, "NIBSS", bankCode((bank+1+int(h>>8&7))%banks))
	}
}

const banks = 16

// bankCode is the CBN code of a commercial bank.
func bankCode(bank int) string {
	const codes = "011032033035044050057058070076082101214215221232"
	return codes[bank*3 : bank*3+3]
}

// pick draws for a person, as key.pick does for a line.
func (p person) pick(salt uint64) uint64 { return mix(p.key + salt*golden + 5) }

func (w *world) writeLinkage(out *feed, s *sighting, kind string, number uint64, date day.Day, source, bank string) {
	b := appendDigits(out.text, s.msisdn, 13)
	b = append(append(b, ','), kind...)
	b = appendDigits(append(b, ','), number, 11)
	b = date.Append(append(b, ','))
	b = append(append(b, ','), source...)
	b = append(append(b, ','), bank...)
	out.text = append(b, '\n')
	out.rows++
	w.tell(out.rows)
}
