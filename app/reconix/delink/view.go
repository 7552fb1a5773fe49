package delink

import (
	"fmt"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/numbering"
	"reconexus/store/sqlite"
)

// View is a request as a list shows it.
type View struct {
	ID        string           `json:"id"`
	SIM       string           `json:"recycled_sim_id"`
	MSISDN    numbering.MSISDN `json:"msisdn" doc:"E.164" example:"+2348031234567"`
	Operator  string           `json:"operator_code"`
	Type      Type             `json:"request_type" enum:"nin,bvn,both"`
	Status    string           `json:"status" enum:"pending,processing,completed,rejected,cancelled,failed" doc:"The phase"`
	Workflow  State            `json:"workflow_status" enum:"submitted,operator_approved,awaiting_bank_approval,bank_approved,awaiting_nimc_notification,execution_in_progress,completed,rejected,cancelled,failed,disputed,rolled_back" doc:"The state"`
	WaitsFor  string           `json:"waits_for" enum:"operator,bank,target,nobody" doc:"Who is to do the next step"`
	Reason    string           `json:"reason" doc:"Why it was submitted; long runs of digits are masked"`
	Problem   string           `json:"problem,omitempty" doc:"Why it failed or waits, and what is left"`
	Risk      float64          `json:"risk_score" doc:"Of the SIM when the request was submitted"`
	By        string           `json:"submitted_by" doc:"Who submitted it; to a tenant, others only by their role"`
	Mine      bool             `json:"submitted_by_me" doc:"You submitted it: somebody else must decide about it"`
	Due       *time.Time       `json:"due_at" nullable:"true" doc:"When the present state should have ended; null when nothing is waited for"`
	Overdue   bool             `json:"overdue"`
	Escalated *time.Time       `json:"escalated_at" nullable:"true"`
	Created   time.Time        `json:"created_at"`
	Updated   time.Time        `json:"updated_at"`
	Completed *time.Time       `json:"completed_at" nullable:"true"`
	Items     []ItemView       `json:"items" nullable:"false" doc:"What is to be removed; a bank sees its own"`
}

// ItemView is one thing to remove.
type ItemView struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind" enum:"NIN,BVN"`
	Target    string     `json:"target" doc:"Who keeps it: NIMC, or the code of a bank; empty when the bank is not known"`
	Number    string     `json:"number" doc:"Masked; empty when only the operator knows that there is one"`
	Linked    day.Day    `json:"linked_date" nullable:"true"`
	Basis     string     `json:"basis" enum:"stale,review,report" doc:"stale: the record of tenure says that it is a former holder's; report: the operator says so; review: a person looked"`
	Why       string     `json:"why" doc:"The same in words"`
	State     ItemState  `json:"state" enum:"waiting,approved,refused,done,kept,failed,rolled_back" doc:"kept: it belongs to the present holder now and was not removed"`
	Asked     *time.Time `json:"asked_at" nullable:"true" doc:"When its bank was asked"`
	Decided   *time.Time `json:"decided_at" nullable:"true"`
	Decision  string     `json:"decision,omitempty" doc:"The reason given"`
	Tries     int        `json:"tries"`
	Problem   string     `json:"problem,omitempty"`
	Told      string     `json:"told" enum:",recorded,notified,gone" doc:"recorded: an administrative removal in this record alone, its keeper was not told by it; notified: its keeper took it; gone: it was no longer active; empty: not yet"`
	Reference string     `json:"reference,omitempty" doc:"What its keeper calls the removal"`
	Done      *time.Time `json:"done_at" nullable:"true"`
}

// Step is one line of a request's story.
type Step struct {
	At    time.Time `json:"at"`
	Event string    `json:"event" doc:"As in delink.<event>: submitted, approved, bank_approved, bank_refused, executing, completed, failed, rejected, cancelled, retried, disputed, dispute_settled, rolled_back, escalated, held"`
	From  State     `json:"from"`
	To    State     `json:"to"`
	Actor string    `json:"actor" doc:"Who did it; to a tenant, others only by their role"`
	Role  string    `json:"role"`
	Bank  string    `json:"bank_code,omitempty"`
	Note  string    `json:"note,omitempty" doc:"The reason given"`
}

// Approval is one decision about a request.
type Approval struct {
	At       time.Time `json:"at"`
	Stage    string    `json:"stage" enum:"operator,bank,dispute"`
	Bank     string    `json:"bank_code,omitempty"`
	Approved bool      `json:"approved"`
	Actor    string    `json:"actor"`
	Role     string    `json:"role"`
	Reason   string    `json:"reason,omitempty"`
}

// Detail is all about one request.
type Detail struct {
	View
	Approvals   []Approval   `json:"approvals" nullable:"false"`
	Timeline    []Step       `json:"timeline" nullable:"false" doc:"Oldest first"`
	Attachments []Attachment `json:"attachments" nullable:"false"`
	Held        bool         `json:"on_hold" doc:"The number is under a legal hold"`
	Certificate bool         `json:"has_certificate" doc:"It is complete, and /certificate proves it"`
	Actions     []string     `json:"actions" nullable:"false" doc:"What you may do now: approve, reject, cancel, retry, dispute, rollback, attach"`

	version int
}

func bound(who access.Principal) bool {
	return who.Operator != "" || who.Bank != "" || who.MSISDN != 0
}

// nameFor names somebody: to who is bound to a tenant, others only by their role.
func nameFor(who access.Principal, id, name, role string) string {
	if bound(who) && id != who.ID {
		return role
	}
	return name
}

func (s *Service) view(who access.Principal, r *Request) View {
	v := View{
		ID: r.ID, SIM: r.SIM, MSISDN: numbering.MSISDN(r.MSISDN), Operator: r.Operator, Type: r.Type, Status: r.State.Phase(), Workflow: r.State,
		WaitsFor: r.State.waits(), Reason: r.Reason, Problem: r.Problem, Risk: r.Risk, By: nameFor(who, r.By.ID, r.By.Name, r.By.Role),
		Mine: r.By.ID == who.ID || r.By.Person == who.ID, Due: told(r.Due), Escalated: told(r.Escalated), Created: r.Created, Updated: r.Updated,
		Completed: told(r.Completed), Items: []ItemView{},
	}
	v.Overdue = !r.Due.IsZero() && !s.now().Before(r.Due)
	if who.Bank != "" {
		v.Problem = "" // it may tell of other banks
	}
	for i := range r.Items {
		if x := &r.Items[i]; who.Bank == "" || (x.Bank == who.Bank && !x.Asked.IsZero()) {
			v.Items = append(v.Items, x.view(r.ID))
		}
	}
	return v
}

func (i *Item) view(request string) ItemView {
	target := i.Bank
	if i.Kind == linkage.NIN {
		target = "NIMC"
	}
	return ItemView{
		ID: fmt.Sprintf("%s-%d", request, i.Place), Kind: i.Kind.String(), Target: target, Number: i.Mask, Linked: i.Linked, Basis: i.Basis, Why: i.Why, State: i.State,
		Asked: told(i.Asked), Decided: told(i.Decided), Decision: i.Decision, Tries: i.Tries, Problem: i.Problem, Told: i.Told, Reference: i.Reference, Done: told(i.At),
	}
}

// detail tells all about a request, within what the caller may see.
func (s *Service) detail(tx *sqlite.Tx, who access.Principal, r *Request) (*Detail, error) {
	story, err := eventsOf(tx, r.ID)
	if err != nil {
		return nil, err
	}
	held, err := heldOf(tx, []int64{r.MSISDN})
	if err != nil {
		return nil, err
	}
	papers, err := attachmentsOf(tx, r.ID)
	if err != nil {
		return nil, err
	}
	p, err := person(tx, who.ID)
	if err != nil {
		return nil, err
	}
	d := &Detail{
		View: s.view(who, r), Approvals: []Approval{}, Timeline: []Step{}, Attachments: papers, Held: held[r.MSISDN],
		Certificate: r.State == Completed && r.certificate != "" && who.Bank == "", version: r.Version,
	}
	d.Mine = d.Mine || p == r.By.Person
	for _, e := range story {
		if who.Bank != "" && e.Bank != "" && e.Bank != who.Bank {
			continue // another bank's
		}
		d.tell(who, e)
	}
	d.Actions = r.actions(who, d.Mine, d.Held)
	return d, nil
}

// tell adds a step to the story, and to the approvals when it is one.
func (d *Detail) tell(who access.Principal, e Event) {
	actor := nameFor(who, e.Actor, e.Name, e.Role)
	note := e.Note
	if who.Bank != "" && e.Bank == "" && (e.Event == "failed" || e.Event == "held") {
		note = "" // it may tell of other banks
	}
	d.Timeline = append(d.Timeline, Step{e.At, e.Event, e.From, e.To, actor, e.Role, e.Bank, note})
	a := Approval{e.At, "operator", e.Bank, true, actor, e.Role, note}
	switch {
	case e.Event == "approved":
	case e.Event == "rejected" && e.From == Submitted:
		a.Approved = false
	case e.Event == "bank_approved", e.Event == "bank_refused":
		a.Stage, a.Approved = "bank", e.Event == "bank_approved"
	case e.Event == "dispute_settled", e.Event == "rejected":
		a.Stage, a.Approved = "dispute", e.Event == "dispute_settled"
	default:
		return
	}
	d.Approvals = append(d.Approvals, a)
}

// actions is what somebody may do now: the table, their rights, and four eyes.
func (r *Request) actions(who access.Principal, mine, held bool) []string {
	out := []string{}
	add := func(name string, need access.Permission, may bool) {
		if who.Can(need) && may && (!held || name == "attach") {
			out = append(out, name)
		}
	}
	can := func(v Verb) bool { _, ok := r.next(v); return ok }
	asked := r.State == AwaitingBank && who.Operator == "" &&
		r.any(func(i *Item) bool { return i.State == Waiting && (who.Bank == "" || i.Bank == who.Bank) })
	side := who.Bank == ""
	add("approve", access.DelinkApprove, !mine && (asked || (side && (can(approve) || can(settle)))))
	add("reject", access.DelinkApprove, !mine && (asked || (side && (can(reject) || can(uphold)))))
	add("cancel", access.DelinkCancel, side && can(cancel))
	add("retry", access.DelinkCancel, side && r.State == Failed)
	add("dispute", access.DelinkApprove, can(dispute))
	add("rollback", access.DelinkApprove, !mine && side && can(rollback))
	add("attach", access.DelinkCreate, r.attachable())
	return out
}
