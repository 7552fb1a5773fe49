package delink

import (
	"context"
	"errors"
	"fmt"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// Rollback puts back what was removed. Each keeper is asked first; where one cannot be
// reached nothing changes here, and asking again does no harm.
func (s *Service) Rollback(ctx context.Context, who access.Principal, id string, match func(int) error, reason string) (*Detail, error) {
	reason, err := reasonOf(reason, true)
	if err != nil {
		return nil, err
	}
	back, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (*Request, error) {
		r, err := s.mayRollBack(tx, who, id, match)
		return r, err
	})
	if err != nil {
		return nil, err
	}
	for i := range back.Items {
		if x := &back.Items[i]; x.State == Done && x.Told != Gone {
			if err := s.restore(ctx, back, x); err != nil {
				return nil, err
			}
		}
	}
	return s.change(ctx, who, id, match, func(tx *sqlite.Tx, r *Request) error {
		if _, err := s.mayRollBack(tx, who, id, match); err != nil {
			return err
		}
		for i := range r.Items {
			if err := s.putBack(tx, r, &r.Items[i], back.Items[i].State); err != nil {
				return err
			}
		}
		return s.stepRollback(tx, r, who, reason)
	})
}

// stepRollback moves the request; its items still count as removed for the table.
func (s *Service) stepRollback(tx *sqlite.Tx, r *Request, who access.Principal, reason string) error {
	if err := s.step(tx, r, rollback, "rolled_back", who, reason); err != nil {
		return err
	}
	for i := range r.Items {
		if x := &r.Items[i]; x.State == Done && x.Told != Gone {
			x.State = PutBack
			if err := updateItem(tx, r.ID, x); err != nil {
				return err
			}
		}
	}
	return nil
}

// mayRollBack finds a request that somebody may roll back now.
func (s *Service) mayRollBack(tx *sqlite.Tx, who access.Principal, id string, match func(int) error) (*Request, error) {
	r, err := find(tx, who, id)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(match(r.Version), s.free(tx, r.MSISDN), another(tx, who, r)); err != nil {
		return nil, err
	}
	if who.Bank != "" {
		return nil, fault.New(fault.Forbidden, "What several institutions removed is rolled back on the operator's side; dispute the request instead.")
	}
	if _, ok := r.next(rollback); !ok {
		return nil, r.refuse(rollback)
	}
	return r, nil
}

// restore tells an item's keeper.
func (s *Service) restore(ctx context.Context, r *Request, i *Item) error {
	sealed, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) ([]byte, error) { return evidenceOf(tx, r.ID, i.Place) })
	if err != nil {
		return err
	}
	if sealed == nil {
		return fault.New(fault.Conflict, "The evidence of this removal was dropped by retention; it cannot be put back.")
	}
	e, err := s.openEvidence(sealed)
	if err != nil {
		return err
	}
	_, err = s.target(i).Restore(ctx, Removal{
		ID: fmt.Sprintf("%s-%d", r.ID, i.Place), Request: r.ID, MSISDN: r.MSISDN, Kind: i.Kind, Bank: i.Bank, Number: e.Number, Linked: i.Linked,
	})
	if err != nil {
		s.Log.Warn("a keeper did not put a linkage back", "request", r.ID, "item", i.Place, "error", err)
		return fault.New(fault.Unavailable, "Not everyone could be told to put the linkages back; nothing was changed here. Try again later.")
	}
	return nil
}

// putBack makes an item's linkage active again.
func (s *Service) putBack(tx *sqlite.Tx, r *Request, i *Item, was ItemState) error {
	if i.State != was {
		return fault.New(fault.Conflict, "This request changed meanwhile; look again.")
	}
	if i.State != Done || i.Told == Gone || len(i.Token) == 0 {
		return nil
	}
	ref := linkage.Ref{MSISDN: r.MSISDN, Kind: i.Kind, Bank: i.Bank, Token: i.Token}
	if _, err := s.Linkages.Restore(tx, ref, day.Of(i.At)); err != nil {
		return err
	}
	l, err := linkage.ByRef(tx, ref)
	if errors.Is(err, sqlite.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	h, err := tenure.Of(tx, r.MSISDN)
	if err != nil {
		return err
	}
	verdict, why := linkage.Judge(h, l)
	return linkage.Decide(tx, l, verdict, why, s.now())
}
