package delink

import (
	"context"
	"fmt"
	"slices"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/app/reconix/identity"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/sims"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// Draft is what a request is opened with.
type Draft struct {
	SIM    string
	Type   Type
	Reason string
	Review bool // also linkages that a person must look at: the submitter did
}

// Open submits a request for one SIM.
func (s *Service) Open(ctx context.Context, who access.Principal, d Draft) (*Detail, error) {
	reason, err := reasonOf(d.Reason, true)
	if err != nil {
		return nil, err
	}
	d.Reason = reason
	if err := mayOpen(who); err != nil {
		return nil, err
	}
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (*Detail, error) {
		rec, err := s.Sims.Find(tx, who, d.SIM)
		if err != nil {
			return nil, err
		}
		opened, skipped, err := s.open(tx, who, d, []sims.Record{rec})
		if err != nil {
			return nil, err
		}
		for _, why := range skipped {
			return nil, why
		}
		if err := s.Sims.Cleaning(tx, []string{rec.ID}, sims.InProgress); err != nil {
			return nil, err
		}
		r := opened[0]
		r.Version = 1
		return s.detail(tx, who, r)
	})
}

func mayOpen(who access.Principal) error {
	if who.Bank != "" {
		return fault.New(fault.Forbidden, "Requests are opened on the operator's side; your account speaks for a bank.")
	}
	return nil
}

// open submits a request for each SIM for which there is something to remove. Those
// for which there is not are answered with why. The caller tells the SIMs' records.
func (s *Service) open(tx *sqlite.Tx, who access.Principal, d Draft, records []sims.Record) (opened []*Request, skipped map[string]*fault.Fault, err error) {
	ids, numbers := make([]string, len(records)), make([]int64, len(records))
	for i, rec := range records {
		ids[i], numbers[i] = rec.ID, int64(rec.MSISDN)
	}
	already, err := openOf(tx, ids, d.Type)
	if err != nil {
		return nil, nil, err
	}
	held, err := heldOf(tx, numbers)
	if err != nil {
		return nil, nil, err
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	known, err := identity.Read(tx, access.System("delink"), numbers)
	if err != nil {
		return nil, nil, err
	}
	by, err := person(tx, who.ID)
	if err != nil {
		return nil, nil, err
	}
	skipped = map[string]*fault.Fault{}
	for _, rec := range records {
		at, _ := slices.BinarySearch(numbers, int64(rec.MSISDN))
		items := found(&known[at], &rec, d)
		switch first := already[rec.ID]; {
		case first != "":
			skipped[rec.ID] = errOpen(first)
		case held[int64(rec.MSISDN)]:
			skipped[rec.ID] = errHeld()
		case len(items) == 0:
			skipped[rec.ID] = errNothing(d.Type)
		default:
			r, err := s.submit(tx, who, by, d, &rec, items)
			if err != nil {
				return nil, nil, err
			}
			opened = append(opened, r)
		}
	}
	return opened, skipped, s.counted(tx, opened)
}

func errOpen(first string) *fault.Fault {
	return fault.New(fault.Conflict, "There is an open request for this SIM and kind already, %s; one is enough.", first)
}

func errHeld() *fault.Fault {
	return fault.New(fault.Conflict, "This number is under a legal hold: nothing is removed from it until the hold is lifted.")
}

func errNothing(t Type) *fault.Fault {
	return fault.New(fault.Conflict, "Nothing of a former holder is known on this number that a request of type %s could remove. Linkages whose dates do not tell are for a person to look at: send include_review when you did.", t)
}

// submit writes one request with its story.
func (s *Service) submit(tx *sqlite.Tx, who access.Principal, by string, d Draft, rec *sims.Record, items []Item) (*Request, error) {
	now := s.now()
	r := &Request{
		ID: id.New("dlk", now), SIM: rec.ID, MSISDN: int64(rec.MSISDN), Generation: rec.Generation, Operator: rec.Operator, Type: d.Type,
		Reason: d.Reason, Risk: rec.Risk, By: Submitter{who.ID, who.Name, string(who.Role), by}, Created: now, Items: items,
	}
	for i := range r.Items {
		r.Items[i].Place = i + 1
	}
	if err := s.step(tx, r, submit, "submitted", who, d.Reason); err != nil {
		return nil, err
	}
	if err := insert(tx, r); err != nil {
		return nil, err
	}
	r.stood = r.State
	return r, s.tell(tx, r)
}

// counted keeps the counts of requests that were submitted together.
func (s *Service) counted(tx *sqlite.Tx, opened []*Request) error {
	by := map[string]int{}
	for _, r := range opened {
		by[r.Operator]++
	}
	for operator, n := range by {
		if err := count(tx, operator, Submitted, n); err != nil {
			return err
		}
	}
	return nil
}

// found is what a request would remove: linkages of a former holder, and an identity
// that only the SIM's record tells of.
func found(k *identity.Known, rec *sims.Record, d Draft) []Item {
	var out []Item
	for _, kind := range []linkage.Kind{linkage.NIN, linkage.BVN} {
		if !d.Type.has(kind) {
			continue
		}
		some, active := 0, 0
		for _, l := range k.Linkages {
			if l.Kind != kind || !l.Active() {
				continue
			}
			active++
			basis, why := former(k.History, rec, l)
			if basis == "" || (basis == "review" && !d.Review) {
				continue
			}
			some++
			out = append(out, Item{Kind: kind, Bank: l.Bank, Token: l.Ref().Token, Mask: l.Mask, Linked: l.From, Basis: basis, Why: why, State: Waiting})
		}
		if mask, told := reported(rec, kind); told && some == 0 && (active == 0 || mask != "") {
			out = append(out, Item{Kind: kind, Mask: mask, Linked: day.None, Basis: "report", Why: "The record of the recycling tells of it; no source has reported the linkage itself.", State: Waiting})
		}
	}
	return out
}

// former tells whether a linkage belongs to somebody before, and on whose word: the
// record of tenure; the operator, where no feed tells of the number; or only a person
// who looks. Empty: it is the present holder's.
func former(h tenure.History, rec *sims.Record, l linkage.Linkage) (basis, why string) {
	verdict, reason := linkage.Judge(h, l)
	switch {
	case verdict == linkage.Stale:
		return "stale", reason
	case verdict == linkage.NoData && rec.Recycled.Known() && l.From.Known() && l.From < rec.Recycled:
		return "report", fmt.Sprintf("Linked on %s, before the number was given out again on %s, as was reported.", l.From, rec.Recycled)
	case verdict == linkage.NoData && l.From.Known() && rec.Recycled.Known():
		return "", ""
	case verdict == linkage.Review || verdict == linkage.NoData:
		return "review", reason
	}
	return "", ""
}

// reported is what a SIM's record tells of a former holder's identity: its mask, empty
// when only that there is one.
func reported(rec *sims.Record, k linkage.Kind) (mask string, told bool) {
	text, linked := rec.NIN, rec.NINLinked
	if k == linkage.BVN {
		text, linked = rec.BVN, rec.BVNLinked
	}
	if text != nil {
		mask = *text
	}
	return mask, linked
}

// msisdn reads a number that somebody typed.
func (s *Service) msisdn(field, text string) (int64, error) {
	n, err := numbering.ParseMSISDN(text)
	if err != nil {
		return 0, fault.Wrong(field, "FORMAT", "This is no Nigerian mobile number; write it as +2348031234567.")
	}
	return int64(n), nil
}
