package identity

import (
	"context"
	"fmt"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// briefQuery reads in one statement what decides a number's status: point checks come
// by the thousand a second, and each statement has its price. Its parts share their
// columns: what it is, number in order, told at, from, to, holder, its kind, its
// names, operator or bank, state of the clean-up.
const briefQuery = `SELECT 0, generation, learnt_at, from_day, to_day, holder, holder_kind, names, operator, '' FROM tenure WHERE msisdn = ?1 AND retracted_at IS NULL
	UNION ALL SELECT 1, kind, learnt_at, from_day, to_day, holder, 0, 0, bank_code, '' FROM linkage WHERE msisdn = ?1
	UNION ALL SELECT 2, generation, 0, NULL, NULL, NULL, previous_nin_linked, previous_bvn_linked, operator_code, cleanup_status FROM recycled_sim WHERE msisdn = ?1 AND deleted_at IS NULL
	UNION ALL SELECT 3, 0, 0, NULL, NULL, NULL, 0, 0, '', '' FROM legal_hold WHERE msisdn = ?1 AND lifted_at IS NULL`

// Brief says what a number's identity is now, as [Service.StatusOf] does, from what
// decides it alone: linkages have no masks, sources and tokens, and statements no
// cards.
func (s *Service) Brief(ctx context.Context, who access.Principal, number numbering.MSISDN) (*Answer, error) {
	// The read is over before anybody could give it up; not listening for that saves
	// goroutines.
	return sqlite.Read(context.WithoutCancel(ctx), s.DB, func(tx *sqlite.Tx) (*Answer, error) {
		out := &Answer{}
		if err := out.brief(tx, int64(number)); err != nil {
			return nil, err
		}
		out.hide(who, int64(number))
		out.Assessment = out.Assess()
		var err error
		out.Coverage, err = s.Coverage(tx, out.Operator)
		return out, err
	})
}

func (k *Known) brief(tx *sqlite.Tx, msisdn int64) error {
	last := -1
	var place struct {
		what, order, kind int
		learnt, names     int64
		from, to          day.Day
		holder            *int64
		owner, cleanup    string
	}
	p := &place
	into := []any{&p.what, &p.order, &p.learnt, &p.from, &p.to, &p.holder, &p.kind, &p.names, &p.owner, &p.cleanup}
	err := sqlite.Each(tx, func(r sqlite.Row) error {
		if err := r.Scan(into...); err != nil {
			return err
		}
		switch p.what {
		case 0:
			t := tenure.Statement{MSISDN: msisdn, Generation: p.order, Learnt: time.UnixMilli(p.learnt).UTC(), From: p.from, To: p.to,
				Holder: tenure.Holder{Kind: tenure.HolderKind(p.kind), Names: p.names}, Operator: p.owner}
			if p.holder != nil {
				t.Holder.Token = *p.holder
			}
			k.History = append(k.History, t)
		case 1:
			k.Linkages = append(k.Linkages, linkage.Linkage{MSISDN: msisdn, Kind: linkage.Kind(p.order), Learnt: time.UnixMilli(p.learnt).UTC(),
				From: p.from, To: p.to, Holder: p.holder, Bank: p.owner})
		case 2:
			if p.order > last {
				last = p.order
				k.report = report{exists: true, operator: p.owner, cleanup: p.cleanup, nin: p.kind != 0, bvn: p.names != 0}
			}
		case 3:
			k.held = true
		}
		return nil
	}, briefQuery, msisdn)
	if err != nil {
		return fmt.Errorf("read what decides a status: %w", err)
	}
	k.sortHistory()
	return nil
}

// sortHistory puts generations into order. The table's key gives that order; nothing
// promises it.
func (k *Known) sortHistory() {
	for i := 1; i < len(k.History); i++ {
		for j := i; j > 0 && k.History[j-1].Generation > k.History[j].Generation; j-- {
			k.History[j-1], k.History[j] = k.History[j], k.History[j-1]
		}
	}
}
