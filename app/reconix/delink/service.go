package delink

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/seal"
	"reconexus/app/live"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/operators"
	"reconexus/app/reconix/sims"
	"reconexus/app/reconix/webhook"
	"reconexus/store/sqlite"
)

// Service keeps delink requests. Fill the fields and hand it to [New].
type Service struct {
	DB        *sqlite.DB
	Dir       string // the data folder: sealed papers lie under it
	Clock     func() time.Time
	Table     *numbering.Table
	Ring      *seal.Ring
	Audit     *audit.Log
	Jobs      *jobs.Queue
	Hub       *live.Hub
	Sims      *sims.Service
	Linkages  *linkage.Service
	Operators *operators.Service
	Webhooks  *webhook.Service // nil tells nobody outside
	Log       *slog.Logger
	// To is who keeps a NIN, or a bank's BVN. Without it, or where it answers nil, a
	// removal is recorded and nobody outside is told.
	To func(kind linkage.Kind, bank string) Target

	papers seal.Index
}

// New makes the folder of papers and tells the queue what the service can do.
func New(s Service) (*Service, error) {
	if err := os.MkdirAll(s.folder(), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder %s: %w", s.folder(), err)
	}
	s.papers = s.Ring.Index("delink attachment")
	return &s, s.handle()
}

func (s *Service) folder() string { return filepath.Join(s.Dir, "evidence") }

// now is the instant as it is kept.
func (s *Service) now() time.Time { return s.Clock().UTC().Truncate(time.Millisecond) }

// find is a request that somebody may see. Anything else is the same not found as an id
// that never was.
func find(tx *sqlite.Tx, who access.Principal, id string) (*Request, error) {
	r, err := load(tx, id)
	if errors.Is(err, sqlite.ErrNotFound) || (err == nil && !r.seenBy(who)) {
		return nil, fault.New(fault.NotFound, "There is no delink request with this id among those that you may see.")
	}
	return r, err
}

// seenBy tells whether somebody may see the request: a bank when it was asked.
func (r *Request) seenBy(who access.Principal) bool {
	return (who.Operator == "" || who.Operator == r.Operator) && (who.MSISDN == 0 || who.MSISDN == r.MSISDN) &&
		(who.Bank == "" || r.any(func(i *Item) bool { return i.Bank == who.Bank && !i.Asked.IsZero() }))
}

// another refuses who submitted the request, also through a key, and also one who made
// the key that did.
func another(tx *sqlite.Tx, who access.Principal, r *Request) error {
	p, err := person(tx, who.ID)
	if err == nil && (who.ID == r.By.ID || p == r.By.Person) {
		err = fault.New(fault.Forbidden, "You submitted this request, yourself or by a key of yours; somebody else must decide about it.")
	}
	return err
}

// Decision is what somebody decides about a request.
type Decision struct {
	Approved bool
	Reason   string
	Bank     string // of several banks that are asked: this one only
}

// Decide approves or rejects: a request that was submitted for its operator, what a
// bank is asked for that bank, and a dispute.
func (s *Service) Decide(ctx context.Context, who access.Principal, id string, match func(version int) error, d Decision) (*Detail, error) {
	reason, err := reasonOf(d.Reason, !d.Approved)
	if err != nil {
		return nil, err
	}
	d.Reason = reason
	return s.change(ctx, who, id, match, func(tx *sqlite.Tx, r *Request) error {
		if err := another(tx, who, r); err != nil {
			return err
		}
		switch {
		case r.State == AwaitingBank:
			return s.answer(tx, who, r, d)
		case who.Bank != "" && r.State == Disputed:
			return fault.New(fault.Forbidden, "A dispute is decided on the operator's side; your account speaks for a bank.")
		case who.Bank != "":
			return fault.New(fault.Conflict, "This request is %s; it does not wait for your bank.", r.State)
		case r.State == Disputed && d.Approved:
			return s.step(tx, r, settle, "dispute_settled", who, d.Reason)
		case r.State == Disputed:
			return s.step(tx, r, uphold, "rejected", who, d.Reason)
		case !d.Approved:
			return s.step(tx, r, reject, "rejected", who, d.Reason)
		}
		if err := s.step(tx, r, approve, "approved", who, d.Reason); err != nil {
			return err
		}
		return s.afterApproval(tx, r, who, d.Reason)
	})
}

// afterApproval asks the banks, or goes on without.
func (s *Service) afterApproval(tx *sqlite.Tx, r *Request, who access.Principal, reason string) error {
	now := s.now()
	for i := range r.Items {
		x := &r.Items[i]
		if x.State != Waiting {
			continue
		}
		if x.Kind == linkage.BVN {
			x.Asked = now
		} else {
			x.State, x.DecidedBy, x.Decided, x.Decision = Approved, who.ID, now, reason
		}
		if err := updateItem(tx, r.ID, x); err != nil {
			return err
		}
	}
	return s.step(tx, r, proceed, "", who, "")
}

// answer takes a bank's answer for its items. Who is bound to no tenant may answer for
// a bank that has nobody here; the story shows who it was.
func (s *Service) answer(tx *sqlite.Tx, who access.Principal, r *Request, d Decision) error {
	bank := d.Bank
	switch {
	case who.Bank != "" && bank != "" && bank != who.Bank:
		return fault.New(fault.Forbidden, "Your account speaks for one bank only, and this is another.")
	case who.Bank != "":
		bank = who.Bank
	case who.Operator != "":
		return fault.New(fault.Forbidden, "This request waits for a bank; an operator cannot answer for it.")
	}
	banks := map[string]bool{}
	for i := range r.Items {
		x := &r.Items[i]
		if x.State != Waiting || (bank != "" && x.Bank != bank) {
			continue
		}
		x.State, x.DecidedBy, x.Decided, x.Decision = Approved, who.ID, s.now(), d.Reason
		if !d.Approved {
			x.State = Refused
		}
		if err := updateItem(tx, r.ID, x); err != nil {
			return err
		}
		banks[x.Bank] = true
	}
	if len(banks) == 0 {
		return fault.New(fault.Conflict, "This bank has answered already, or has nothing to answer in this request.")
	}
	event := "bank_approved"
	if !d.Approved {
		event = "bank_refused"
	}
	if bank == "" && len(banks) == 1 {
		for bank = range banks {
		}
	}
	if err := s.stepOf(tx, r, answer, event, who, bank, d.Reason); err != nil {
		return err
	}
	if r.State == BankApproved {
		return s.step(tx, r, proceed, "", who, "")
	}
	return nil
}

// Cancel takes a request back before anything was removed for it.
func (s *Service) Cancel(ctx context.Context, who access.Principal, id string, match func(int) error, reason string) (*Detail, error) {
	reason, err := reasonOf(reason, false)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, who, id, match, func(tx *sqlite.Tx, r *Request) error {
		if who.Bank != "" {
			return errSide()
		}
		return s.step(tx, r, cancel, "cancelled", who, reason)
	})
}

// Retry takes up a request that failed: what no keeper took is tried again, and banks
// that refused are asked again.
func (s *Service) Retry(ctx context.Context, who access.Principal, id string, match func(int) error, reason string) (*Detail, error) {
	reason, err := reasonOf(reason, false)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, who, id, match, func(tx *sqlite.Tx, r *Request) error {
		if who.Bank != "" {
			return errSide()
		}
		if _, ok := r.next(retry); !ok {
			return r.refuse(retry)
		}
		now := s.now()
		for i := range r.Items {
			x := &r.Items[i]
			switch x.State {
			case Stuck:
				x.State, x.Tries, x.Problem = Approved, 0, ""
			case Refused:
				x.State, x.Asked, x.DecidedBy, x.Decided, x.Decision = Waiting, now, "", time.Time{}, ""
			default:
				continue
			}
			if err := updateItem(tx, r.ID, x); err != nil {
				return err
			}
		}
		r.Problem = ""
		return s.step(tx, r, retry, "retried", who, reason)
	})
}

func errSide() error {
	return fault.New(fault.Forbidden, "This is for the operator's side to do; your account speaks for a bank. Dispute the request instead.")
}

// Dispute stops a request because somebody doubts it.
func (s *Service) Dispute(ctx context.Context, who access.Principal, id string, match func(int) error, reason string) (*Detail, error) {
	reason, err := reasonOf(reason, true)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, who, id, match, func(tx *sqlite.Tx, r *Request) error {
		return s.stepOf(tx, r, dispute, "disputed", who, who.Bank, reason)
	})
}

// change runs a person's verb on a request: found, seen in the version that they saw,
// under no legal hold, changed and told, all in one write.
func (s *Service) change(ctx context.Context, who access.Principal, id string, match func(int) error, do func(*sqlite.Tx, *Request) error) (*Detail, error) {
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (*Detail, error) {
		r, err := find(tx, who, id)
		if err != nil {
			return nil, err
		}
		if err := match(r.Version); err != nil {
			return nil, err
		}
		if err := s.free(tx, r.MSISDN); err != nil {
			return nil, err
		}
		if err := do(tx, r); err != nil {
			return nil, err
		}
		if err := s.save(tx, r); err != nil {
			return nil, err
		}
		return s.detail(tx, who, r)
	})
}

// free refuses what changes a number under a legal hold.
func (s *Service) free(tx *sqlite.Tx, msisdn int64) error {
	held, err := heldOf(tx, []int64{msisdn})
	if err == nil && held[msisdn] {
		err = fault.New(fault.Conflict, "This number is under a legal hold: nothing about it is changed until the hold is lifted.")
	}
	return err
}

// step moves a request and adds to its story and to the audit log. An empty event is
// named after the state that it leads to.
func (s *Service) step(tx *sqlite.Tx, r *Request, v Verb, event string, who access.Principal, note string) error {
	return s.stepOf(tx, r, v, event, who, "", note)
}

func (s *Service) stepOf(tx *sqlite.Tx, r *Request, v Verb, event string, who access.Principal, bank, note string) error {
	from := r.State
	if err := r.move(v, s.now()); err != nil {
		return err
	}
	if event == "" {
		event = string(r.State)
	}
	r.trail = append(r.trail, Event{s.now(), event, from, r.State, who.ID, who.Name, string(who.Role), bank, note})
	detail := []any{"from", from, "to", r.State}
	if bank != "" {
		detail = append(detail, "bank_code", bank)
	}
	if note != "" {
		detail = append(detail, "note", note)
	}
	if r.State == Completed && v == finish {
		statement, digest, err := s.certify(tx, r)
		if err != nil {
			return err
		}
		r.certificate = statement
		detail = append(detail, certified, digest)
	}
	return s.Audit.Record(tx, who, "delink."+event, r.ID, detail...)
}

// save writes a request that was moved: itself, its story, the counts, what its SIM's
// record says, the job that removes, and what is told after the commit.
func (s *Service) save(tx *sqlite.Tx, r *Request) error {
	if r.State == AwaitingNIMC && r.stood != AwaitingNIMC && r.stood != Executing {
		if err := s.queue(tx, r); err != nil {
			return err
		}
	}
	if err := update(tx, r); err != nil {
		return err
	}
	if r.stood != r.State {
		if err := errors.Join(count(tx, r.Operator, r.stood, -1), count(tx, r.Operator, r.State, 1), s.follow(tx, r)); err != nil {
			return err
		}
	}
	r.stood = r.State
	return s.tell(tx, r)
}

// tell writes what happened and publishes it.
func (s *Service) tell(tx *sqlite.Tx, r *Request) error {
	for _, e := range r.trail {
		if err := insertEvent(tx, r.ID, e); err != nil {
			return err
		}
		if err := s.publish(tx, r, e); err != nil {
			return err
		}
	}
	r.trail = nil
	return nil
}

// news is what open pages and programs are told.
type news struct {
	ID       string           `json:"id"`
	SIM      string           `json:"recycled_sim_id"`
	MSISDN   numbering.MSISDN `json:"msisdn"`
	Operator string           `json:"operator_code"`
	Type     Type             `json:"request_type"`
	Status   string           `json:"status"`
	Workflow State            `json:"workflow_status"`
	Due      *time.Time       `json:"due_at"`
	At       time.Time        `json:"at"`
	Step     string           `json:"step"`
	Bank     string           `json:"bank_code,omitempty"` // whose answer it is
}

// outside is what a step is called in webhooks; a bank's answer is an approval or a
// rejection like the operator's, of its own items.
func outside(step string) string {
	switch step {
	case "bank_approved":
		return webhook.DelinkApproved
	case "bank_refused":
		return webhook.DelinkRejected
	}
	return "delink." + step
}

// publish tells who may see the request at that step; a bank's own answer is told to no
// other bank.
func (s *Service) publish(tx *sqlite.Tx, r *Request, e Event) error {
	number, operator := r.MSISDN, r.Operator
	var banks []string
	for _, i := range r.Items {
		if !i.Asked.IsZero() && (e.Bank == "" || e.Bank == i.Bank) {
			banks = append(banks, i.Bank)
		}
	}
	data := news{r.ID, r.SIM, numbering.MSISDN(number), operator, r.Type, e.To.Phase(), e.To, told(r.Due), e.At, e.Event, e.Bank}
	see := func(p access.Principal) bool {
		return p.Can(access.DelinkRead) && (p.Operator == "" || p.Operator == operator) &&
			(p.MSISDN == 0 || p.MSISDN == number) && (p.Bank == "" || slices.Contains(banks, p.Bank))
	}
	err := s.Hub.Publish(tx, live.Event{Channel: live.DelinkUpdates, Type: "delink." + e.Event, Data: data, See: see})
	if kind := outside(e.Event); webhook.Known(kind) { // the smaller steps are for open pages alone
		err = errors.Join(err, s.Webhooks.Publish(tx, webhook.Event{Type: kind, Data: data, See: see}))
	}
	return err
}

func told(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// follow tells the SIM's record how far the removal is, and what is left.
func (s *Service) follow(tx *sqlite.Tx, r *Request) error {
	to := sims.InProgress
	switch r.State {
	case Rejected, Canceled, RolledBack:
		to = sims.Pending
	case Failed:
		to = sims.Failed
	case Completed:
		to = sims.Completed
	}
	nin, bvn, err := linkage.StaleOf(tx, r.MSISDN)
	if err != nil {
		return err
	}
	return s.Sims.Cleaned(tx, r.SIM, to, func(before sims.Left) sims.Left {
		return sims.Left{
			NIN: nin || r.left(linkage.NIN, before.NIN), BVN: bvn || r.left(linkage.BVN, before.BVN), Disputed: r.State == Disputed, Removed: touched(r),
		}
	})
}

// left tells whether a kind is still linked, as far as the request knows: what it put
// back is, and what it removed is not.
func (r *Request) left(k linkage.Kind, before bool) bool {
	of, done, back := 0, 0, 0
	for _, i := range r.Items {
		if i.Kind == k {
			of++
			switch i.State {
			case Done, Kept:
				done++
			case PutBack:
				back++
			}
		}
	}
	return back > 0 || (before && (of == 0 || done < of))
}

// Bounds of a reason, in characters.
const (
	shortestReason = 3
	longestReason  = 1000
)

// reasonOf reads a reason: words, and never somebody's number.
func reasonOf(text string, needed bool) (string, error) {
	text = strings.Join(strings.Fields(text), " ")
	switch n := len([]rune(text)); {
	case needed && n == 0:
		return "", fault.Wrong("reason", "REQUIRED", "The reason is missing; say in a few words why, it goes into the request's story.")
	case needed && n < shortestReason:
		return "", fault.Wrong("reason", "LENGTH", "The reason is too short; say in a few words why, it goes into the request's story.")
	case n > longestReason:
		return "", fault.Wrong("reason", "LENGTH", "The reason is longer than %d characters; say it shorter, or attach a paper.", longestReason)
	}
	return sims.Scrub(text), nil
}

// evidence is what is kept, sealed, of a removed linkage.
type evidence struct {
	Number  string `json:"number,omitempty"`
	Source  string `json:"source,omitempty"`
	Linked  string `json:"linked,omitempty"`
	Removed string `json:"removed"`
}

// sealContext ties sealed evidence to its table.
const sealContext = "delink_item"

func (s *Service) sealEvidence(e evidence) ([]byte, error) {
	plain, err := json.Marshal(e)
	return s.Ring.Seal(sealContext, plain), err
}

func (s *Service) openEvidence(sealed []byte) (e evidence, err error) {
	plain, err := s.Ring.Open(sealContext, sealed)
	if err == nil {
		err = json.Unmarshal(plain, &e)
	}
	return e, err
}
