// Package webhook tells other systems what happened, and takes in what they tell.
//
// A feature calls [Service.Publish] in the write that makes the change: what is to be
// told is in the store when the change is, for every subscription that wants the event
// and may hear it. Afterwards it is sent, signed as Standard Webhooks says
// (www.standardwebhooks.com): one subscription's deliveries one after another,
// many subscriptions side by side.
//
//	               ┌──────── 5 s … 24 h ────────┐
//	               ▼                            │
//	Publish ─▶ waiting ─▶ sent ─┬─ 2xx ─▶ delivered
//	               ▲            ├─ anything else, 7 times ┘
//	               │            ├─ the 8th time ─▶ dead, and the subscription pauses
//	               │            └─ 410 ─▶ dead, and the subscription has ended
//	               └─ Redeliver, of dead and delivered alike
//
// In order: while a delivery waits for its next attempt, those behind it wait too; one
// that is delivered again takes its old place. At least once: outcomes are written in
// batches after the answers came, so that after a power cut the last few are sent again,
// with the same webhook-id by which the receiver knows them.
//
// A body holds ids, the number that it is about, codes, days and counts. It never holds
// a NIN, a BVN or a name, not even masked. What a receiver answers is read no further
// than needed to use the connection again, and is neither kept nor shown.
//
//	sign.go    secrets and signatures
//	service.go subscriptions, and the verbs on them
//	publish.go from a change to the store
//	job.go     from the store to the receivers
//	receive.go from others to us
//	sql.go     the tables
//	rest.go    the routes
package webhook

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
)

// The events of the REST contract.
const (
	SIMRecycled      = "sim.recycled"
	LinkageStale     = "linkage.stale"
	TenureCorrected  = "tenure.corrected"
	ImportFinished   = "import.finished"
	DelinkSubmitted  = "delink.submitted"
	DelinkApproved   = "delink.approved"
	DelinkRejected   = "delink.rejected"
	DelinkEscalated  = "delink.escalated"
	DelinkCompleted  = "delink.completed"
	DelinkFailed     = "delink.failed"
	DelinkCancelled  = "delink.cancelled"
	DelinkDisputed   = "delink.disputed"
	DelinkRolledBack = "delink.rolled_back"
)

// every stands for all events, those of later releases too; test is what the test
// button sends, whatever was chosen.
const (
	every = "*"
	test  = "webhook.test"
)

// Types lists the events that can be chosen.
func Types() []string {
	return []string{SIMRecycled, LinkageStale, TenureCorrected, ImportFinished, DelinkSubmitted, DelinkApproved, DelinkRejected,
		DelinkEscalated, DelinkCompleted, DelinkFailed, DelinkCancelled, DelinkDisputed, DelinkRolledBack}
}

// Known tells whether an event is one of the contract's.
func Known(event string) bool { return slices.Contains(Types(), event) }

// need is the permission without which nobody is told of an event.
func need(event string) access.Permission {
	switch {
	case event == LinkageStale:
		return access.LinkageRead
	case strings.HasPrefix(event, "delink."):
		return access.DelinkRead
	}
	return access.SIMRead
}

// hearable are the permissions that decide what a subscription hears.
func hearable() []access.Permission {
	return []access.Permission{access.SIMRead, access.LinkageRead, access.DelinkRead}
}

// State is where a subscription is in its life.
type State string

// The states of a subscription. What ended stays ended: the receiver said so.
const (
	Active State = "active"
	Paused State = "paused"
	Ended  State = "ended"
)

// Fate is where a delivery is.
type Fate string

// The fates of a delivery.
const (
	Waiting   Fate = "waiting"
	Delivered Fate = "delivered"
	Dead      Fate = "dead"
)

// Subscription is one receiver.
type Subscription struct {
	ID        string     `json:"id"`
	Name      string     `json:"subscriber_name"`
	URL       string     `json:"callback_url"`
	Events    []string   `json:"events" nullable:"false" doc:"Types, or * for all"`
	State     State      `json:"state" enum:"active,paused,ended"`
	Reason    string     `json:"reason,omitempty" doc:"Why it is paused or has ended, where nobody chose it"`
	Operator  string     `json:"operator_code,omitempty" doc:"It hears of this operator's numbers only"`
	Bank      string     `json:"bank_code,omitempty" doc:"It hears of this bank's linkages only"`
	Waiting   int        `json:"waiting" doc:"Deliveries that wait, up to 10,000"`
	Dead      int        `json:"dead" doc:"Dead letters, up to 10,000"`
	OldUntil  *time.Time `json:"old_secret_until,omitempty" doc:"Until then the secret from before signs as well"`
	CreatedBy string     `json:"created_by"`
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
	Version   int        `json:"version"`

	may         []access.Permission
	secret, old []byte // sealed
}

// seenBy tells whether somebody may see and change the subscription: whoever belongs to
// the same operator or bank, and who is bound to none.
func (s *Subscription) seenBy(who access.Principal) bool {
	return who.MSISDN == 0 && (who.Operator == "" || who.Operator == s.Operator) && (who.Bank == "" || who.Bank == s.Bank)
}

// listener is who is told, in the eyes of whoever decides what may be heard.
func (s *Subscription) listener() access.Principal {
	return access.Principal{ID: s.CreatedBy, Name: s.Name, Role: access.APIClient, May: s.may, Operator: s.Operator, Bank: s.Bank}
}

// wants tells whether the subscription chose an event and may hear of such.
func (s *Subscription) wants(event string) bool {
	return slices.Contains(s.may, need(event)) && (slices.Contains(s.Events, event) || slices.Contains(s.Events, every))
}

// Delivery is one event on its way to one subscription.
type Delivery struct {
	ID           string     `json:"id"`
	Subscription string     `json:"subscription_id"`
	WebhookID    string     `json:"webhook_id" doc:"The webhook-id header: the same in every attempt"`
	Type         string     `json:"type"`
	State        Fate       `json:"state" enum:"waiting,delivered,dead"`
	Attempts     int        `json:"attempts"`
	Status       int        `json:"status" doc:"HTTP status of the last answer; 0 when none came"`
	Trouble      string     `json:"trouble,omitempty" doc:"What was wrong with the last attempt, as a code: status, gone, redirect, timeout, connect, dns, tls, blocked, broken"`
	NextAt       *time.Time `json:"next_attempt_at" nullable:"true" doc:"When it is tried next; null when it is not"`
	TookMS       int64      `json:"took_ms" doc:"How long the last attempt took"`
	CreatedAt    time.Time  `json:"created_at"`
	AttemptedAt  *time.Time `json:"attempted_at" nullable:"true"`

	seq  int64
	body string
	next time.Time
}

// delays lie between one attempt and the next; behind the last the letter is dead.
func delays() []time.Duration {
	return []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}
}

// wait is how long to wait after so many attempts, and whether there is another. Up to a
// fifth is added by chance, so that receivers that came back are not met by all at once.
func wait(attempts int) (time.Duration, bool) {
	d := delays()
	if attempts < 1 || attempts > len(d) {
		return 0, false
	}
	return d[attempts-1] + rand.N(d[attempts-1]/5+1), true
}

// Overlap is how long the secret from before a rotation signs beside the new one.
const Overlap = 24 * time.Hour

// keep is how long deliveries are kept, and how long one waits for a subscription that
// somebody paused.
const keep = 30 * 24 * time.Hour

// most is how many subscriptions an operator or a bank may have, and how many there may
// be that belong to none.
const most = 20

func errNone() error {
	return fault.New(fault.NotFound, "There is no such subscription among those that you may see.")
}

func errNoDelivery() error {
	return fault.New(fault.NotFound, "There is no such delivery among those that you may see. Deliveries are kept for 30 days.")
}
