package webhook

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/jobs"
	"reconexus/app/kit/id"
	"reconexus/store/sqlite"
)

// Event is something to tell.
type Event struct {
	Type string // one of [Types]
	Data any    // ids, the number, codes, days and counts: never a NIN, a BVN or a name
	// See tells who may hear it, as in [live.Event]. Without it, only who is bound to no
	// operator, bank or number.
	See func(access.Principal) bool
}

// Publish keeps an event for every subscription that wants it and may hear it, inside
// the write that it tells of. It is sent after the commit, and never when the write was
// undone.
func (s *Service) Publish(tx *sqlite.Tx, e Event) error {
	if s == nil {
		return nil
	}
	if !Known(e.Type) {
		return fmt.Errorf("publish: there is no webhook event %q", e.Type)
	}
	all, err := s.listeners(tx)
	if err != nil {
		return err
	}
	hears := e.See
	if hears == nil {
		hears = func(p access.Principal) bool { return p.Operator == "" && p.Bank == "" && p.MSISDN == 0 }
	}
	var subs []*Subscription
	for _, sub := range all {
		if sub.wants(e.Type) && hears(sub.listener()) {
			subs = append(subs, sub)
		}
	}
	if len(subs) == 0 {
		return nil
	}
	now := s.now()
	body, err := bodyOf(e.Type, now, e.Data)
	if err != nil {
		return err
	}
	eventID := id.New("evt", now)
	for _, sub := range subs {
		if err := insertDelivery(tx, fresh(sub.ID, e.Type, eventID, body, now)); err != nil {
			return err
		}
		s.changed(tx, sub.ID)
	}
	return nil
}

// listeners are the subscriptions that something may be kept for. A write that tells of
// ten thousand things asks for them once.
func (s *Service) listeners(tx *sqlite.Tx) ([]*Subscription, error) {
	if s.writing == tx {
		return s.listening, nil
	}
	all, err := listeners(tx)
	if err == nil {
		s.writing, s.listening = tx, all
	}
	return all, err
}

// finished is what is told at the end of an import. The result holds counts.
type finished struct {
	Job      string          `json:"job_id"`
	Kind     string          `json:"kind"`
	State    jobs.State      `json:"state"`
	Operator string          `json:"operator_code,omitempty"`
	Bank     string          `json:"bank_code,omitempty"`
	Result   json.RawMessage `json:"result,omitempty"`
	At       *time.Time      `json:"finished_at"`
}

// jobEnded tells of the end of imports, in the write that ends the job.
func (s *Service) jobEnded(tx *sqlite.Tx, j jobs.Job) error {
	if !strings.HasSuffix(j.Kind, ".import") {
		return nil
	}
	return s.Publish(tx, Event{
		Type: ImportFinished,
		Data: finished{j.ID, j.Kind, j.State, j.Operator, j.Bank, j.Result, j.FinishedAt},
		See: func(p access.Principal) bool {
			return p.MSISDN == 0 && (p.Operator == "" || p.Operator == j.Operator) && (p.Bank == "" || p.Bank == j.Bank)
		},
	})
}
