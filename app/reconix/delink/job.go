package delink

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"reconexus/app/access"
	"reconexus/app/jobs"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// The kinds of work.
const (
	executeKind  = "delink.execute"
	deadlineKind = "delink.deadlines"
	batchKind    = "delink.open"
)

// handle says how each kind is done, and when deadlines are looked at.
func (s *Service) handle() error {
	s.Jobs.Handle(jobs.Kind{Name: executeKind, Permission: access.DelinkRead, Run: s.execute, Ended: s.abandoned,
		Firm: func(json.RawMessage) string {
			return "A removal is carried out to its end; cancel or dispute the request itself before it begins, or roll it back afterwards."
		}})
	s.Jobs.Handle(jobs.Kind{Name: deadlineKind, Permission: access.AuditRead, Run: s.escalateAll})
	s.Jobs.Handle(jobs.Kind{Name: batchKind, Permission: access.DelinkCreate, Run: s.openMany})
	return s.Jobs.Every("* * * * *", deadlineKind, s.Deadlines)
}

type removal struct {
	Request string `json:"request"`
	Round   int    `json:"round"`
}

// queue adds the job that removes. Its round tells it from one of before.
func (s *Service) queue(tx *sqlite.Tx, r *Request) error {
	r.Round++
	_, err := s.Jobs.Add(tx, access.System("delink"), jobs.Spec{
		Kind: executeKind, Title: "Removal for " + r.ID, Args: removal{r.ID, r.Round}, Operator: r.Operator,
		UniqueKey: fmt.Sprintf("%s:%s:%d", executeKind, r.ID, r.Round),
	})
	return err
}

// Result is what a removal ends with.
type Result struct {
	Request string `json:"delink_request_id"`
	State   State  `json:"workflow_status"`
	Removed int    `json:"removed"`
	Kept    int    `json:"kept"`
	Failed  int    `json:"failed"`
}

// errAgain is what people read while a keeper is asked again later.
func errAgain() error {
	return jobs.Retry(fault.New(fault.Unavailable, "Not everyone who had to be told took the removal; it is tried again by itself."))
}

// execute removes what a request says. Each item is prepared, told to its keeper and
// settled: the settling, the item's state and the checkpoint are one write, and a keeper
// knows the item's id again, so that nothing is done twice wherever the power fails.
func (s *Service) execute(ctx context.Context, run *jobs.Run) (any, error) {
	var t removal
	if err := run.Args(&t); err != nil {
		return nil, err
	}
	who := access.System("delink")
	r, err := sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (*Request, error) {
		r, err := s.mine(tx, t)
		if err != nil || r == nil || r.State != AwaitingNIMC {
			return r, err
		}
		if held, err := heldOf(tx, []int64{r.MSISDN}); err != nil || held[r.MSISDN] {
			return nil, err // lifting the hold queues it again
		}
		if err := s.step(tx, r, begin, "executing", who, ""); err != nil {
			return nil, err
		}
		return r, errors.Join(s.save(tx, r), run.Checkpoint(tx, t))
	})
	if err != nil || r == nil {
		return Result{Request: t.Request}, err
	}
	wait := false
	for i := range r.Items {
		place := r.Items[i].Place
		what, state, err := s.prepare(ctx, t, place, who)
		if err != nil || state != Executing {
			return Result{Request: t.Request, State: state}, err
		}
		if what == nil {
			continue
		}
		told, failure := s.target(&r.Items[i]).Remove(ctx, *what)
		if cause := context.Cause(ctx); failure != nil && cause != nil {
			return nil, cause
		}
		left, err := s.settle(ctx, run, t, place, told, failure, who)
		if err != nil {
			return nil, err
		}
		wait = wait || left
	}
	if wait {
		return nil, errAgain()
	}
	return s.finish(ctx, run, t, who)
}

// mine is the request of a job, or nil when it has moved on and the job has nothing to
// do any more.
func (s *Service) mine(tx *sqlite.Tx, t removal) (*Request, error) {
	r, err := load(tx, t.Request)
	if err == nil && (r.Round != t.Round || (r.State != AwaitingNIMC && r.State != Executing)) {
		return nil, nil
	}
	return r, err
}

// prepare looks at an item just before its removal. Nil: nothing is to be told, for it
// is done with. The state tells whether the removal goes on at all: a legal hold that
// came meanwhile stops it.
func (s *Service) prepare(ctx context.Context, t removal, place int, who access.Principal) (*Removal, State, error) {
	state := Executing
	what, err := sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (*Removal, error) {
		r, err := s.mine(tx, t)
		if err != nil {
			return nil, err
		}
		if r == nil || r.State != Executing {
			state = ""
			return nil, nil
		}
		i := &r.Items[place-1]
		if !i.pending() {
			return nil, nil
		}
		if held, err := heldOf(tx, []int64{r.MSISDN}); err != nil || held[r.MSISDN] {
			if err == nil {
				state, err = AwaitingNIMC, s.halt(tx, r, who)
			}
			return nil, err
		}
		return s.removal(tx, r, i, who)
	})
	return what, state, err
}

func (s *Service) halt(tx *sqlite.Tx, r *Request, who access.Principal) error {
	r.Problem = "The number is under a legal hold; the removal goes on when it is lifted."
	if err := s.step(tx, r, halt, "held", who, r.Problem); err != nil {
		return err
	}
	return s.save(tx, r)
}

// removal is what a keeper is told. A linkage that is gone, or that turned out to be the
// present holder's, is settled here, and its keeper is told nothing.
func (s *Service) removal(tx *sqlite.Tx, r *Request, i *Item, who access.Principal) (*Removal, error) {
	out := &Removal{ID: fmt.Sprintf("%s-%d", r.ID, i.Place), Request: r.ID, MSISDN: r.MSISDN, Kind: i.Kind, Bank: i.Bank, Linked: i.Linked}
	kept := evidence{Removed: day.Of(s.Clock()).String()}
	if len(i.Token) == 0 {
		nin, bvn, err := s.Sims.Reported(tx, r.SIM)
		if err != nil {
			return nil, err
		}
		if out.Number = nin; i.Kind == linkage.BVN {
			out.Number = bvn
		}
		kept.Source = "recycled_sim"
	} else {
		ref := linkage.Ref{MSISDN: r.MSISDN, Kind: i.Kind, Bank: i.Bank, Token: i.Token}
		l, err := linkage.ByRef(tx, ref)
		switch {
		case errors.Is(err, sqlite.ErrNotFound) || (err == nil && !l.Active()):
			return nil, s.settled(tx, r, i, Done, Told{How: Gone}, who)
		case err != nil:
			return nil, err
		}
		h, err := tenure.Of(tx, r.MSISDN)
		if err != nil {
			return nil, err
		}
		if verdict, why := linkage.Judge(h, l); verdict == linkage.Clean {
			i.Problem = why
			return nil, s.settled(tx, r, i, Kept, Told{}, who)
		}
		if out.Number, err = s.Linkages.Digits(tx, ref); err != nil {
			return nil, err
		}
		kept.Source, kept.Linked = l.Source, l.From.String()
	}
	kept.Number = out.Number
	var err error
	if i.evidence, err = s.sealEvidence(kept); err != nil {
		return nil, err
	}
	return out, updateItem(tx, r.ID, i)
}

// settle writes what came of telling a keeper: the linkage ends, or the item is tried
// again (left), or it is for a person.
func (s *Service) settle(ctx context.Context, run *jobs.Run, t removal, place int, told Told, failure error, who access.Principal) (left bool, err error) {
	err = sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		r, err := load(tx, t.Request)
		if err != nil {
			return err
		}
		i := &r.Items[place-1]
		if r.Round != t.Round || r.State != Executing || !i.pending() {
			return fmt.Errorf("the removal %s was done by somebody else", t.Request)
		}
		if failure == nil {
			return errors.Join(s.settled(tx, r, i, Done, told, who), run.Checkpoint(tx, t))
		}
		i.Tries++
		i.Problem = problemOf(failure)
		if left = i.Tries < mostTries; !left {
			i.State = Stuck
		}
		return errors.Join(updateItem(tx, r.ID, i),
			s.Audit.Record(tx, who, "delink.item_failed", r.ID, "item", i.Place, "kind", i.Kind.String(), "bank_code", i.Bank, "tries", i.Tries))
	})
	if failure != nil && err == nil {
		s.Log.Warn("a keeper did not take a removal", "request", t.Request, "item", place, "error", failure)
	}
	return left, err
}

// problemOf is what people are told of a failure; what is no fault may hold anything
// and stays in the log.
func problemOf(err error) string {
	if f, ok := fault.In(err); ok {
		return f.Message
	}
	return "It could not be reached, or its answer was not understood."
}

// settled ends an item, and with it the linkage.
func (s *Service) settled(tx *sqlite.Tx, r *Request, i *Item, to ItemState, told Told, who access.Principal) error {
	now := s.now()
	i.State, i.Told, i.Reference, i.At = to, told.How, told.Reference, now
	if to == Done {
		i.Problem = ""
		if len(i.Token) > 0 && told.How != Gone {
			ref := linkage.Ref{MSISDN: r.MSISDN, Kind: i.Kind, Bank: i.Bank, Token: i.Token}
			if _, err := s.Linkages.Remove(tx, ref, day.Of(now), now); err != nil {
				return err
			}
		}
	}
	return errors.Join(updateItem(tx, r.ID, i), s.follow(tx, r),
		s.Audit.Record(tx, who, "delink.item_"+string(to), r.ID, "item", i.Place, "kind", i.Kind.String(), "bank_code", i.Bank, "told", told.How))
}

// finish closes a removal: complete when every item is, failed with what is left.
func (s *Service) finish(ctx context.Context, run *jobs.Run, t removal, who access.Principal) (Result, error) {
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (Result, error) {
		r, err := s.mine(tx, t)
		if err != nil || r == nil {
			return Result{Request: t.Request}, err
		}
		r.Problem = r.residue()
		event := "completed"
		if !allDone(r) {
			event = "failed"
		}
		if err := s.step(tx, r, finish, event, who, r.Problem); err != nil {
			return Result{}, err
		}
		out := Result{Request: r.ID, State: r.State}
		for _, i := range r.Items {
			switch i.State {
			case Done:
				out.Removed++
			case Kept:
				out.Kept++
			default:
				out.Failed++
			}
		}
		return out, errors.Join(s.save(tx, r), run.Checkpoint(tx, t))
	})
}

// residue says what is left, as a sentence; nothing when nothing is.
func (r *Request) residue() string {
	refused, stuck := 0, 0
	for _, i := range r.Items {
		switch i.State {
		case Refused:
			refused++
		case Stuck:
			stuck++
		}
	}
	switch {
	case refused > 0 && stuck > 0:
		return fmt.Sprintf("Of %d items, %d were refused and %d could not be removed.", len(r.Items), refused, stuck)
	case refused > 0:
		return fmt.Sprintf("Of %d items, %d were refused by a bank; retry asks again.", len(r.Items), refused)
	case stuck > 0:
		return fmt.Sprintf("Of %d items, %d could not be removed after %d tries; retry tries again.", len(r.Items), stuck, mostTries)
	}
	return ""
}

// abandoned gives a request back to people whose removal ended without an end: its job
// was given up after a defect.
func (s *Service) abandoned(tx *sqlite.Tx, j jobs.Job) error {
	if j.State == jobs.Succeeded {
		return nil
	}
	text, err := sqlite.One(tx, sqlite.Text, `SELECT args FROM job WHERE id = ?`, j.ID)
	var t removal
	if err == nil {
		err = json.Unmarshal([]byte(text), &t)
	}
	if err != nil {
		return err
	}
	r, err := s.mine(tx, t)
	if err != nil || r == nil {
		return err
	}
	who := access.System("delink")
	if r.State == AwaitingNIMC {
		if err := s.step(tx, r, begin, "executing", who, ""); err != nil {
			return err
		}
	}
	for i := range r.Items {
		if x := &r.Items[i]; x.pending() {
			x.State, x.Problem = Stuck, "The removal broke off."
			if err := updateItem(tx, r.ID, x); err != nil {
				return err
			}
		}
	}
	r.Problem = r.residue()
	if err := s.step(tx, r, finish, "failed", who, r.Problem); err != nil {
		return err
	}
	return s.save(tx, r)
}

// Deadlines adds a job when a deadline was missed. The schedule calls it each minute.
func (s *Service) Deadlines(ctx context.Context) error {
	late, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) ([]string, error) { return missed(tx, s.now(), 1) })
	if err != nil || len(late) == 0 {
		return err
	}
	return sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		_, err := s.Jobs.Add(tx, access.System("schedule"), jobs.Spec{Kind: deadlineKind, Title: "Escalation of missed deadlines", UniqueKey: deadlineKind})
		if fault.Is(err, fault.Conflict) {
			return nil // it is being done
		}
		return err
	})
}

// escalatePiece is how many requests one write escalates.
const escalatePiece = 50

// escalateAll tells of every deadline that was missed, once for each.
func (s *Service) escalateAll(ctx context.Context, run *jobs.Run) (any, error) {
	var out struct {
		Escalated int `json:"escalated"`
	}
	who := access.System("schedule")
	for {
		n, err := sqlite.Bulk(ctx, s.DB, func(tx *sqlite.Tx) (int, error) {
			late, err := missed(tx, s.now(), escalatePiece)
			if err != nil {
				return 0, err
			}
			for _, id := range late {
				r, err := load(tx, id)
				if err != nil {
					return 0, err
				}
				note := fmt.Sprintf("It should have gone on by %s.", r.Due.Format(time.RFC3339))
				if err := s.step(tx, r, escalate, "escalated", who, note); err != nil {
					return 0, err
				}
				r.Escalated = s.now()
				if err := s.save(tx, r); err != nil {
					return 0, err
				}
			}
			return len(late), run.Checkpoint(tx, out)
		})
		if err != nil || n == 0 {
			return out, err
		}
		out.Escalated += n
		run.Progress(int64(out.Escalated), 0, "requests")
	}
}
