// Package delink gets the identities of former holders removed from recycled numbers,
// with everyone's approval.
//
// A clerk opens a request for a recycled SIM: remove the former holder's NIN, BVN or
// both. It has one item for each thing to remove, because each has its own keeper: a
// NIN is kept by NIMC, a BVN is used by a bank, and the second of three banks may
// refuse. Somebody else approves for the operator, each bank for its own items, and
// then a job tells each keeper and ends the linkage here, each exactly once.
//
//	submitted ─ operator approves ─▶ operator_approved ─┬─ BVN ─▶ awaiting_bank_approval ─▶ bank_approved ─┐
//	    │                                               └─ NIN only ──────────────────────────────────────┤
//	    │  ┌─────── retry ──────── failed ◀─ 3 tries ─┐                                                    ▼
//	    │  └──────────────────────────────────────────┴─ execution_in_progress ◀── awaiting_nimc_notification
//	    │                                                       │      └─ legal hold ─▶ ┘
//	    └─▶ rejected · cancelled (before execution)             └─▶ completed ─▶ rolled_back
//
// From where people may still doubt, dispute leads to disputed; an approver sends it
// back to where it was, or rejects it, or rolls back what was removed. [moves] is the
// whole machine: what is not in that table does not happen.
//
// What always holds: who submitted a request, or made the key that did, decides nothing
// about it and does not roll it back (four eyes). A bank sees a request when it is
// asked, and in it only its own items. A legal hold stops everything but the looking. A
// linkage of the present holder is never removed: it is judged again at the moment of
// its removal. What was removed is kept sealed, so that it can be put back. And an item
// says which way its keeper was told: as long as no keeper is connected that is
// "recorded", an administrative removal in this record alone.
//
//	delink.go       states, items, and the machine
//	service.go      the verbs
//	open.go         what there is to remove, and asking for it
//	batch.go        thousands of requests from a filter
//	list.go         filters, order and cursors
//	view.go         what is shown, and to whom
//	target.go       how keepers are told
//	job.go          the removal, and deadlines
//	rollback.go     putting back
//	hold.go         legal holds
//	evidence.go     attached papers
//	certificate.go  the proof of a completed request
//	sql.go          the tables
//	rest.go         the routes
package delink

import (
	"slices"
	"strings"
	"time"

	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/reconix/linkage"
)

// State is where a request is (workflow_status).
type State string

// The states of reconix.md §5.
const (
	Submitted        State = "submitted"
	OperatorApproved State = "operator_approved"
	AwaitingBank     State = "awaiting_bank_approval"
	BankApproved     State = "bank_approved"
	AwaitingNIMC     State = "awaiting_nimc_notification"
	Executing        State = "execution_in_progress"
	Completed        State = "completed"
	Rejected         State = "rejected"
	Canceled         State = "cancelled"
	Failed           State = "failed"
	Disputed         State = "disputed"
	RolledBack       State = "rolled_back"
)

// Phase is a state in a word (status).
func (s State) Phase() string {
	switch s {
	case Submitted, Disputed:
		return "pending"
	case OperatorApproved, AwaitingBank, BankApproved, AwaitingNIMC, Executing:
		return "processing"
	case RolledBack:
		return "cancelled"
	}
	return string(s)
}

// Open tells whether something is still to come.
func (s State) Open() bool {
	switch s {
	case Completed, Rejected, Canceled, RolledBack:
		return false
	}
	return true
}

// waits is for whom a request in this state waits.
func (s State) waits() string {
	switch s {
	case Submitted, Disputed, Failed:
		return "operator"
	case AwaitingBank:
		return "bank"
	case AwaitingNIMC, Executing:
		return "target"
	}
	return "nobody"
}

// deadline is how long a state may last before somebody is told; 0 means for ever.
func (s State) deadline() time.Duration {
	switch s {
	case Submitted, Disputed, Failed:
		return 24 * time.Hour
	case AwaitingBank:
		return 48 * time.Hour
	case AwaitingNIMC:
		return 2 * time.Hour
	case Executing:
		return time.Hour
	}
	return 0
}

// Verb is what moves a request.
type Verb string

const (
	submit   Verb = "submit"
	approve  Verb = "approve"  // for the operator
	reject   Verb = "reject"   // for the operator
	proceed  Verb = "proceed"  // by itself
	answer   Verb = "answer"   // of a bank, either way
	begin    Verb = "begin"    // the removal
	halt     Verb = "halt"     // the removal, for a legal hold
	finish   Verb = "finish"   // the removal, either way
	cancel   Verb = "cancel"   //
	retry    Verb = "retry"    //
	dispute  Verb = "dispute"  //
	settle   Verb = "settle"   // a dispute: there was nothing to it
	uphold   Verb = "uphold"   // a dispute: it was right
	rollback Verb = "rollback" //
	escalate Verb = "escalate" // a deadline was missed
)

// moves is the whole machine. Of several rows that fit, the first counts.
var moves = [...]struct {
	verb     Verb
	from, to State
	when     func(*Request) bool
}{
	{submit, "", Submitted, always},

	{approve, Submitted, OperatorApproved, always},
	{reject, Submitted, Rejected, untouched},
	{proceed, OperatorApproved, AwaitingBank, waitsForBanks},
	{proceed, OperatorApproved, AwaitingNIMC, always},
	{answer, AwaitingBank, AwaitingBank, waitsForBanks},
	{answer, AwaitingBank, BankApproved, hasToRemove},
	{answer, AwaitingBank, Failed, touched}, // a bank that was asked again refused again
	{answer, AwaitingBank, Rejected, always},
	{proceed, BankApproved, AwaitingNIMC, always},

	{begin, AwaitingNIMC, Executing, always},
	{halt, Executing, AwaitingNIMC, always},
	{finish, Executing, Completed, allDone},
	{finish, Executing, Failed, always},
	{retry, Failed, AwaitingBank, waitsForBanks},
	{retry, Failed, AwaitingNIMC, always},

	{cancel, Submitted, Canceled, untouched},
	{cancel, OperatorApproved, Canceled, untouched},
	{cancel, AwaitingBank, Canceled, untouched},
	{cancel, BankApproved, Canceled, untouched},
	{cancel, AwaitingNIMC, Canceled, untouched},
	{cancel, Failed, Canceled, untouched},
	{cancel, Disputed, Canceled, untouched},

	{dispute, Submitted, Disputed, always},
	{dispute, AwaitingBank, Disputed, always},
	{dispute, AwaitingNIMC, Disputed, always},
	{dispute, Failed, Disputed, always},
	{dispute, Completed, Disputed, always},
	{settle, Disputed, Submitted, cameFrom(Submitted)},
	{settle, Disputed, AwaitingBank, cameFrom(AwaitingBank)},
	{settle, Disputed, AwaitingNIMC, cameFrom(AwaitingNIMC)},
	{settle, Disputed, Failed, cameFrom(Failed)},
	{settle, Disputed, Completed, cameFrom(Completed)},
	{uphold, Disputed, Rejected, untouched},

	{rollback, Completed, RolledBack, touched},
	{rollback, Failed, RolledBack, touched},
	{rollback, Disputed, RolledBack, touched},

	{escalate, Submitted, Submitted, always},
	{escalate, AwaitingBank, AwaitingBank, always},
	{escalate, AwaitingNIMC, AwaitingNIMC, always},
	{escalate, Executing, Executing, always},
	{escalate, Failed, Failed, always},
	{escalate, Disputed, Disputed, always},
}

func always(*Request) bool { return true }

func waitsForBanks(r *Request) bool { return r.any(func(i *Item) bool { return i.State == Waiting }) }

func hasToRemove(r *Request) bool { return r.any((*Item).pending) }

func touched(r *Request) bool { return r.any(func(i *Item) bool { return i.State == Done }) }

func untouched(r *Request) bool { return !touched(r) }

func allDone(r *Request) bool {
	return !r.any(func(i *Item) bool { return i.State != Done && i.State != Kept })
}

func cameFrom(s State) func(*Request) bool { return func(r *Request) bool { return r.CameFrom == s } }

// Request is one request.
type Request struct {
	ID         string
	SIM        string
	MSISDN     int64
	Generation int
	Operator   string
	Type       Type
	State      State
	CameFrom   State // of a disputed one
	Reason     string
	Problem    string // why it failed or waits, as a sentence
	Risk       float64
	By         Submitter
	Round      int       // how often its execution was begun
	Due        time.Time // zero: nothing is waited for
	Escalated  time.Time
	Created    time.Time
	Updated    time.Time
	Completed  time.Time
	Version    int
	Items      []Item

	certificate string
	trail       []Event // what happened since it was read
	stood       State   // where it stood when it was read
}

// Submitter is who opened a request.
type Submitter struct{ ID, Name, Role, Person string }

// Type is what a request is about.
type Type string

// The types of the REST contract.
const (
	OfNIN  Type = "nin"
	OfBVN  Type = "bvn"
	OfBoth Type = "both"
)

func (t Type) has(k linkage.Kind) bool {
	return t == OfBoth || (t == OfNIN && k == linkage.NIN) || (t == OfBVN && k == linkage.BVN)
}

// ItemState is where an item is.
type ItemState string

// The states of items.
const (
	Waiting  ItemState = "waiting"  // for an approval
	Approved ItemState = "approved" // to be removed
	Refused  ItemState = "refused"  // by its bank
	Done     ItemState = "done"     // removed
	Kept     ItemState = "kept"     // not removed: it belongs to the present holder now
	Stuck    ItemState = "failed"   // its keeper did not take it, three times
	PutBack  ItemState = "rolled_back"
)

// Item is one thing to remove: a NIN at NIMC, or a BVN at one bank.
type Item struct {
	Place     int
	Kind      linkage.Kind
	Bank      string // of a BVN; empty when it is not known
	Token     []byte // of the linkage; empty when only the SIM's record tells of it
	Mask      string
	Linked    day.Day
	Basis     string // stale, review or report
	Why       string
	State     ItemState
	Asked     time.Time // when its bank was asked
	DecidedBy string
	Decided   time.Time
	Decision  string // the reason given
	Tries     int
	Problem   string
	Told      string // how its keeper was told
	Reference string // what its keeper calls it
	At        time.Time

	evidence []byte
}

// mostTries is how often a keeper is asked before a person must look.
const mostTries = 3

func (i *Item) pending() bool { return i.State == Approved }

func (r *Request) any(is func(*Item) bool) bool {
	for i := range r.Items {
		if is(&r.Items[i]) {
			return true
		}
	}
	return false
}

// Event is one step of a request's story.
type Event struct {
	At       time.Time
	Event    string // submitted, approved, …: as in delink.<event>
	From, To State
	Actor    string
	Name     string
	Role     string
	Bank     string // when it is about one bank's items only
	Note     string
}

// next is where a verb leads, if the table has it.
func (r *Request) next(v Verb) (State, bool) {
	for i := range moves {
		if m := &moves[i]; m.verb == v && m.from == r.State && m.when(r) {
			return m.to, true
		}
	}
	return "", false
}

// move follows the table; what is not in it is a conflict.
func (r *Request) move(v Verb, now time.Time) error {
	to, ok := r.next(v)
	if !ok {
		return r.refuse(v)
	}
	from := r.State
	r.State, r.Updated = to, now
	if from == to {
		return nil // its deadline runs on
	}
	if to == Disputed {
		r.CameFrom = from
	} else {
		r.CameFrom = ""
	}
	r.Due, r.Escalated = time.Time{}, time.Time{}
	if d := to.deadline(); d > 0 {
		r.Due = now.Add(d)
	}
	if to == Completed && r.Completed.IsZero() {
		r.Completed = now
	}
	return nil
}

// refuse says why a verb leads nowhere now.
func (r *Request) refuse(v Verb) error {
	var from []string
	for i := range moves {
		if m := &moves[i]; m.verb == v && !slices.Contains(from, string(m.from)) {
			from = append(from, string(m.from))
		}
	}
	switch {
	case !slices.Contains(from, string(r.State)):
		return fault.New(fault.Conflict, "This request is %s; to %s it, it must be %s.", r.State, v, strings.Join(from, " or "))
	case v == rollback:
		return fault.New(fault.Conflict, "Nothing was removed for this request; there is nothing to put back. Cancel or reject it instead.")
	}
	return fault.New(fault.Conflict, "Something was removed for this request already; roll it back instead.")
}
