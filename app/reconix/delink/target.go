package delink

import (
	"context"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/linkage"
)

// Target is who keeps a linkage and must be told that it goes: NIMC for a NIN, a bank
// for a BVN. The same [Removal].ID again is the same request: it is answered as the
// first one was, and changes nothing. An error may pass; the target is asked again
// later, three times in all.
type Target interface {
	Remove(ctx context.Context, r Removal) (Told, error)
	Restore(ctx context.Context, r Removal) (Told, error)
}

// Removal is what a target is told.
type Removal struct {
	ID      string // of the item, the same at every try
	Request string
	MSISDN  int64
	Kind    linkage.Kind
	Bank    string // of a BVN; empty when it is not known
	Number  string // the NIN or BVN; empty when only the operator knows that there is one
	Linked  day.Day
}

// Told says how a target was told.
type Told struct {
	How       string // one of the words below
	Reference string // what the target calls the deed; empty when it gives no name
}

// How a target was told.
const (
	// Recorded is an administrative removal in this record, with evidence. The target
	// itself was not told by it. A BVN holder may change the number once in a lifetime,
	// and this does not spend it.
	Recorded = "recorded"
	// Notified means that the target itself took the removal.
	Notified = "notified"
	// Gone means that nobody had to be told: the linkage was no longer active.
	Gone = "gone"
)

// recorded is the target where no other is connected.
type recorded struct{}

func (recorded) Remove(context.Context, Removal) (Told, error)  { return Told{How: Recorded}, nil }
func (recorded) Restore(context.Context, Removal) (Told, error) { return Told{How: Recorded}, nil }

// target is who keeps an item.
func (s *Service) target(i *Item) Target {
	if s.To != nil {
		if t := s.To(i.Kind, i.Bank); t != nil {
			return t
		}
	}
	return recorded{}
}
