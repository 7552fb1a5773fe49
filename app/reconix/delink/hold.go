package delink

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/app/kit/page"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/sims"
	"reconexus/store/sqlite"
)

// Hold is a legal hold on a number: nothing is removed from it.
type Hold struct {
	ID        string           `json:"id"`
	MSISDN    numbering.MSISDN `json:"msisdn"`
	Operator  string           `json:"operator_code" doc:"Of the number when the hold was placed; empty when it was not known"`
	Reference string           `json:"reference" doc:"Of the court order or letter"`
	Reason    string           `json:"reason"`
	PlacedBy  string           `json:"placed_by"`
	Placed    time.Time        `json:"placed_at"`
	LiftedBy  *string          `json:"lifted_by" nullable:"true"`
	Lifted    *time.Time       `json:"lifted_at" nullable:"true" doc:"null while it stands"`
}

const holdColumns = `id, msisdn, operator_code, reference, reason, placed_by, placed_at, lifted_by, lifted_at`

func scanHold(r sqlite.Row) (Hold, error) {
	var h Hold
	var placed int64
	var lifted *int64
	err := r.Scan(&h.ID, &h.MSISDN, &h.Operator, &h.Reference, &h.Reason, &h.PlacedBy, &placed, &h.LiftedBy, &lifted)
	h.Placed, h.Lifted = time.UnixMilli(placed).UTC(), instant(lifted)
	return h, err
}

// mayHold keeps holds on the operator's side. A hold may be part of an inquiry; banks
// and programmes of one number hear only that the number is blocked.
func mayHold(who access.Principal) error {
	if who.Bank != "" || who.MSISDN != 0 {
		return fault.New(fault.Forbidden, "Legal holds are kept on the operator's side; your account is bound to a bank or to one number.")
	}
	return nil
}

// operatorOf is the network of a number now; empty when nothing tells.
func operatorOf(tx *sqlite.Tx, msisdn int64) (string, error) {
	return sqlite.One(tx, sqlite.Text, `SELECT coalesce(
		(SELECT operator FROM tenure WHERE msisdn = ?1 AND retracted_at IS NULL ORDER BY generation DESC LIMIT 1),
		(SELECT operator_code FROM recycled_sim WHERE msisdn = ?1 AND deleted_at IS NULL ORDER BY generation DESC LIMIT 1), '')`, msisdn)
}

// Place puts a number under a legal hold.
func (s *Service) Place(ctx context.Context, who access.Principal, number, reference, reason string) (*Hold, error) {
	if err := mayHold(who); err != nil {
		return nil, err
	}
	msisdn, err := s.msisdn("msisdn", number)
	if err != nil {
		return nil, err
	}
	reason, err = reasonOf(reason, true)
	if err != nil {
		return nil, err
	}
	reference = sims.Scrub(strings.Join(strings.Fields(reference), " "))
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (*Hold, error) {
		operator, err := operatorOf(tx, msisdn)
		if err != nil {
			return nil, err
		}
		if who.Operator != "" && operator != who.Operator {
			return nil, fault.New(fault.NotFound, "There is no such number among those that you may see.")
		}
		now := s.now()
		h := &Hold{ID: id.New("hold", now), MSISDN: numbering.MSISDN(msisdn), Operator: operator, Reference: reference, Reason: reason, PlacedBy: who.ID, Placed: now}
		_, err = sqlite.Exec(tx, `INSERT INTO legal_hold (id, msisdn, operator_code, reference, reason, placed_by, placed_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			h.ID, msisdn, operator, reference, reason, who.ID, now.UnixMilli())
		if sqlite.Unique(err) {
			return nil, fault.New(fault.Conflict, "This number is under a legal hold already.")
		}
		if err != nil {
			return nil, fmt.Errorf("place a legal hold: %w", err)
		}
		return h, s.Audit.Record(tx, who, "hold.place", h.ID, "reference", reference, "reason", reason)
	})
}

// Lift ends a hold; removals that waited for it go on.
func (s *Service) Lift(ctx context.Context, who access.Principal, hold string) error {
	return sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		h, err := sqlite.One(tx, scanHold, `SELECT `+holdColumns+` FROM legal_hold WHERE id = ?`, hold)
		if errors.Is(err, sqlite.ErrNotFound) || (err == nil && (mayHold(who) != nil || (who.Operator != "" && who.Operator != h.Operator))) {
			return fault.New(fault.NotFound, "There is no legal hold with this id among those that you may see.")
		}
		if err != nil {
			return err
		}
		if h.Lifted != nil {
			return fault.New(fault.Conflict, "This legal hold was lifted already.")
		}
		if _, err := sqlite.Exec(tx, `UPDATE legal_hold SET lifted_by = ?, lifted_at = ? WHERE id = ?`,
			who.ID, s.now().UnixMilli(), h.ID); err != nil {
			return fmt.Errorf("lift a legal hold: %w", err)
		}
		return errors.Join(s.Audit.Record(tx, who, "hold.lift", h.ID), s.resume(tx, int64(h.MSISDN)))
	})
}

// resume queues the removals that waited for a hold.
func (s *Service) resume(tx *sqlite.Tx, msisdn int64) error {
	waiting, err := sqlite.All(tx, sqlite.Text, `SELECT id FROM delink_request INDEXED BY delink_request_number
		WHERE msisdn = ? AND workflow_status = ? LIMIT 100`, msisdn, string(AwaitingNIMC))
	if err != nil {
		return err
	}
	for _, id := range waiting {
		r, err := load(tx, id)
		if err != nil {
			return err
		}
		r.Problem, r.Updated = "", s.now()
		if err := errors.Join(s.queue(tx, r), update(tx, r)); err != nil {
			return err
		}
	}
	return nil
}

// holdFilter is what a list of holds shows.
type holdFilter struct {
	page.Query
	MSISDN string `query:"msisdn" maxLength:"64" doc:"One number, in any usual form"`
	Active string `query:"active" enum:"true,false" doc:"true: only holds that stand"`
}

// Holds lists legal holds, newest first, as far as the caller may see.
func (s *Service) Holds(ctx context.Context, who access.Principal, f *holdFilter) (*page.Of[Hold], error) {
	var w sqlite.Where
	if mayHold(who) != nil {
		w.And("0") // there are none that they may see
	}
	if who.Operator != "" {
		w.And("operator_code = ?", who.Operator)
	}
	if f.MSISDN != "" {
		number, err := s.msisdn("msisdn", f.MSISDN)
		if err != nil {
			return nil, err
		}
		w.And("msisdn = ?", number)
	}
	if f.Active != "" {
		w.And("(lifted_at IS NULL) = ?", f.Active == "true")
	}
	return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (*page.Of[Hold], error) {
		out := &page.Of[Hold]{Skip: f.Skip, Limit: f.Limit, Total: -1}
		var err error
		if f.After == "" {
			if out.Total, err = sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM legal_hold`+w.SQL(), w.Args...); err != nil {
				return nil, err
			}
		} else {
			if !id.Is("hold", f.After) {
				return nil, page.BadCursor()
			}
			w.And("id < ?", f.After)
			out.Skip = 0
		}
		out.Items, err = sqlite.All(tx, scanHold, `SELECT `+holdColumns+` FROM legal_hold`+w.SQL()+` ORDER BY id DESC LIMIT `+strconv.Itoa(f.Limit+1)+` OFFSET ?`, append(w.Args, out.Skip)...)
		if err == nil && len(out.Items) > f.Limit {
			out.Items = out.Items[:f.Limit]
			out.Next = out.Items[f.Limit-1].ID
		}
		return out, err
	})
}
