package generate

// The events of an inventory's truth.
const (
	eventRecycled   = "recycled"
	eventReturn     = "same_holder_return"
	eventReversal   = "reversal"
	eventChurned    = "churned"
	eventSwap       = "swap"
	eventPortOut    = "port_out"
	eventPortIn     = "port_in"
	eventActivated  = "activated"
	eventStaleNIN   = "stale_nin"
	eventStaleBVN   = "stale_bvn"
	eventReviewNIN  = "review_nin"
	eventReviewBVN  = "review_bvn"
	maxEventsPerRow = 2
)

// labelEvents writes what a reader of the files of both days can know about a
// line: nothing when a row that the statement rests on was refused.
func (w *world) labelEvents(truth *feed, s *sighting) error {
	thenLost := s.then.listed() && w.refused(s.line, w.Since)
	nowHere := w.here(s, s.now)
	nowLost := nowHere && w.refused(s.line, w.Day)
	if thenLost || nowLost {
		return nil
	}
	for _, event := range w.events(s) {
		if event == "" {
			break
		}
		if err := truth.label(s.msisdn, event); err != nil {
			return err
		}
	}
	return nil
}

// events compares the two days of a line from where the world's operator stands.
func (w *world) events(s *sighting) (found [maxEventsPerRow]string) {
	then, now := s.then, s.now
	sameHolder := then.holder == now.holder
	switch thenHere, nowHere := w.here(s, then), w.here(s, now); {
	case !thenHere && !nowHere:
	case !then.listed():
		if now.standing == active {
			found[0] = eventActivated
		}
	case !nowHere && now.listed() && sameHolder:
		found[0] = eventPortOut
	case !nowHere:
		if then.standing == active {
			found[0] = eventChurned
		}
	case !sameHolder:
		found[0] = eventRecycled
	case !thenHere:
		found[0] = eventPortIn
	case then.activated != now.activated:
		found[0] = eventReturn
	default:
		found = sameTenure(then, now)
	}
	return found
}

// sameTenure tells what happened to a line that has its holder and date still.
func sameTenure(then, now life) (found [maxEventsPerRow]string) {
	n := 0
	add := func(event string) { found[n] = event; n++ }
	if then.standing != active && now.standing == active {
		add(eventReversal)
	}
	if then.standing == active && now.standing != active {
		add(eventChurned)
	}
	if then.card != now.card {
		add(eventSwap)
	}
	return found
}
