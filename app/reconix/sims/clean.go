package sims

import (
	"encoding/json"
	"errors"
	"fmt"

	"reconexus/app/access"
	"reconexus/store/sqlite"
)

// Find is a record that somebody may see, inside the caller's read or write.
func (s *Service) Find(tx *sqlite.Tx, who access.Principal, sim string) (Record, error) {
	return visible(tx, who, sim)
}

// Cleaning tells many records how far the removal of what they carry is. Records that
// a person deleted meanwhile stay as they are.
func (s *Service) Cleaning(tx *sqlite.Tx, sims []string, to CleanupStatus) error {
	list, err := json.Marshal(sims)
	if err != nil {
		return err
	}
	const those = ` WHERE id IN (SELECT value FROM json_each(?1)) AND deleted_at IS NULL AND cleanup_status <> ?2`
	into := sums{}
	err = sqlite.Each(tx, func(r sqlite.Row) error {
		v, err := scan(r)
		if err != nil {
			return err
		}
		into.add(&v, -1)
		v.Cleanup = to
		into.add(&v, 1)
		return nil
	}, `SELECT `+columns+` FROM recycled_sim`+those, string(list), string(to))
	if err != nil {
		return fmt.Errorf("read recycled SIMs: %w", err)
	}
	_, err = sqlite.Exec(tx, `UPDATE recycled_sim SET cleanup_status = ?2, updated_at = ?3, version = version + 1`+those,
		string(list), string(to), s.now().UnixMilli())
	if err != nil {
		return fmt.Errorf("change recycled SIMs: %w", err)
	}
	return into.write(tx)
}

// Left is what a number still carries of a former holder.
type Left struct {
	NIN, BVN bool
	Disputed bool // a person doubts that it is to be removed
	Removed  bool // something was removed, so that there was something
}

// Cleaned tells a record how far the removal is and what is left. A record that a
// person deleted meanwhile stays as it is.
func (s *Service) Cleaned(tx *sqlite.Tx, sim string, to CleanupStatus, left func(Left) Left) error {
	r, err := find(tx, sim)
	if errors.Is(err, sqlite.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	before := r
	now := left(Left{NIN: r.NINLinked, BVN: r.BVNLinked, Disputed: r.Linkage == Disputed})
	status := r.Linkage
	switch {
	case now.Disputed:
		status = Disputed
	case status == Disputed:
		status = Active
	}
	r.Linkage = status.linked(now.NIN, now.BVN, r.NINLinked || r.BVNLinked || now.Removed)
	if now.Disputed {
		r.Linkage = Disputed
	}
	r.NINLinked, r.BVNLinked, r.Cleanup = now.NIN, now.BVN, to
	r.rate(r.parts&QuickReuse != 0)
	if r.Linkage == before.Linkage && r.NINLinked == before.NINLinked && r.BVNLinked == before.BVNLinked && r.Cleanup == before.Cleanup {
		return nil
	}
	r.Updated = s.now()
	return update(tx, before, r)
}

// Reported opens what was reported of the former holder with a record; empty when it
// was not told.
func (s *Service) Reported(tx *sqlite.Tx, sim string) (nin, bvn string, err error) {
	for _, f := range []struct {
		field secret
		into  *string
	}{{secretNIN, &nin}, {secretBVN, &bvn}} {
		sealed, err := sealedField(tx, sim, f.field)
		if errors.Is(err, sqlite.ErrNotFound) || sealed == nil {
			continue
		}
		if err != nil {
			return "", "", err
		}
		plain, err := s.Ring.Open(sealContext, sealed)
		if err != nil {
			return "", "", err
		}
		*f.into = string(plain)
	}
	return nin, bvn, nil
}

// requestsOf lists the delink requests of a record, newest first, as far as the caller
// may see: a bank those that asked it.
func requestsOf(tx *sqlite.Tx, who access.Principal, sim string) ([]string, error) {
	var w sqlite.Where
	w.And("sim_id = ?", sim)
	if who.Bank != "" {
		w.And(`EXISTS (SELECT 1 FROM delink_item i WHERE i.request_id = delink_request.id AND i.bank_code = ? AND i.asked_at IS NOT NULL)`, who.Bank)
	}
	return sqlite.All(tx, sqlite.Text, `SELECT id FROM delink_request`+w.SQL()+` ORDER BY id DESC LIMIT 100`, w.Args...)
}

// held tells whether a number is under a legal hold.
func held(tx *sqlite.Tx, msisdn int64) (bool, error) {
	return sqlite.One(tx, sqlite.Bool, `SELECT EXISTS (SELECT 1 FROM legal_hold WHERE msisdn = ? AND lifted_at IS NULL)`, msisdn)
}
