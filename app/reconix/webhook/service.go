package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/app/kit/outbound"
	"reconexus/app/kit/seal"
	"reconexus/app/live"
	"reconexus/store/sqlite"
)

// Service keeps subscriptions and delivers. Fill the fields and hand it to [New]; a nil
// service tells nobody.
type Service struct {
	DB    *sqlite.DB
	Clock func() time.Time
	Ring  *seal.Ring
	Audit *audit.Log
	Jobs  *jobs.Queue
	Hub   *live.Hub
	Out   *outbound.Guard
	Log   *slog.Logger

	client  *http.Client
	digests seal.Index
	takers  map[string]Taker
	wake    chan struct{}
	*desk
}

// desk is what is going on.
type desk struct {
	mu    sync.Mutex
	busy  map[string]context.CancelFunc // subscriptions that are being sent to
	turns map[string]int64              // when each was last served, counted in turns
	turn  int64
	news  map[string]bool // subscriptions of which open pages have not heard

	// Who listens, as the write under way sees it. Only the store's one writer looks here.
	writing   *sqlite.Tx
	listening []*Subscription
}

// New tells the queue what the service can do and listens for the end of imports.
func New(s Service) (*Service, error) {
	s.client, s.digests = s.Out.Client(patience), s.Ring.Index("webhook received")
	s.takers, s.wake = map[string]Taker{}, make(chan struct{}, 1)
	s.desk = &desk{busy: map[string]context.CancelFunc{}, turns: map[string]int64{}, news: map[string]bool{}}
	s.Jobs.OnEnded(s.jobEnded)
	return &s, s.tidyUp()
}

// now is the instant as it is kept.
func (s *Service) now() time.Time { return s.Clock().UTC().Truncate(time.Millisecond) }

// sealContext ties sealed secrets to their table.
const sealContext = "webhook_subscription"

// secrets are those that sign now, the newest first.
func (s *Service) secrets(sub *Subscription) ([]string, error) {
	sealed := [][]byte{sub.secret}
	if sub.OldUntil != nil && s.Clock().Before(*sub.OldUntil) {
		sealed = append(sealed, sub.old)
	}
	out := make([]string, len(sealed))
	for i, box := range sealed {
		plain, err := s.Ring.Open(sealContext, box)
		if err != nil {
			return nil, fmt.Errorf("open the secret of %s: %w", sub.ID, err)
		}
		out[i] = string(plain)
	}
	return out, nil
}

// Draft is what a subscription is made of.
type Draft struct {
	Name   string   `json:"subscriber_name" minLength:"1" maxLength:"100" doc:"What the receiver is called"`
	URL    string   `json:"callback_url" minLength:"1" maxLength:"2000" doc:"Where events are sent; https, a public address or one in a network of outbound.allow"`
	Events []string `json:"events" minItems:"1" maxItems:"50" doc:"Types of events, or * for all"`
}

// Made is a subscription with its secret, told this once.
type Made struct {
	Subscription
	Secret string `json:"secret" doc:"Verifies the signatures; it is in this answer only"`
}

// Register makes a subscription, of the operator or bank that the caller is bound to.
func (s *Service) Register(ctx context.Context, who access.Principal, d Draft) (*Made, error) {
	if who.MSISDN != 0 {
		return nil, fault.New(fault.Forbidden, "A key that is bound to one number cannot have webhooks; use one without a number.")
	}
	now := s.now()
	sub := Subscription{
		ID: id.New("whs", now), Name: strings.Join(strings.Fields(d.Name), " "), URL: strings.TrimSpace(d.URL), Events: tidy(d.Events),
		State: Active, Operator: who.Operator, Bank: who.Bank, CreatedBy: who.ID, CreatedAt: now, UpdatedAt: now, Version: 1, may: may(who),
	}
	if err := s.check(who, &sub); err != nil {
		return nil, err
	}
	made := &Made{sub, newSecret()}
	made.secret = s.Ring.Seal(sealContext, []byte(made.Secret))
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (*Made, error) {
		n, err := sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM webhook_subscription WHERE operator_code = ? AND bank_code = ?`, sub.Operator, sub.Bank)
		if err != nil {
			return nil, err
		}
		if n >= most {
			return nil, fault.New(fault.Conflict, "There are %d subscriptions already; remove one that is no longer used.", n)
		}
		s.changed(tx, sub.ID)
		return made, errors.Join(insertSubscription(tx, &made.Subscription),
			s.Audit.Record(tx, who, "webhook.register", sub.ID, "events", sub.Events))
	})
}

// may is what somebody's subscription may hear.
func may(who access.Principal) []access.Permission {
	return slices.DeleteFunc(hearable(), func(p access.Permission) bool { return !who.Can(p) })
}

func tidy(events []string) []string {
	out := slices.Clone(events)
	slices.Sort(out)
	out = slices.Compact(out)
	if slices.Contains(out, every) {
		return []string{every}
	}
	return out
}

// check refuses a subscription that cannot work, or that would hear what its maker may not.
func (s *Service) check(who access.Principal, sub *Subscription) error {
	var w []fault.Field
	if sub.Name == "" {
		w = append(w, fault.Field{Field: "subscriber_name", Code: "REQUIRED", Message: "Give the receiver a name."})
	}
	if err := s.Out.Look(sub.URL); err != nil {
		_, sentence := outbound.Trouble(err)
		w = append(w, fault.Field{Field: "callback_url", Code: "NOT_ALLOWED", Message: sentence})
	}
	for _, e := range sub.Events {
		switch {
		case e != every && !Known(e):
			w = append(w, fault.Field{Field: "events", Code: "NOT_ALLOWED", Message: "One of the events is not known; there are " + strings.Join(Types(), ", ") + " and * for all."})
		case e != every && !who.Can(need(e)):
			w = append(w, fault.Field{Field: "events", Code: "NOT_YOURS", Message: "To be told of " + e + " needs the permission " + string(need(e)) + "."})
		}
	}
	if len(sub.Events) == 0 {
		w = append(w, fault.Field{Field: "events", Code: "REQUIRED", Message: "Choose at least one event, or * for all."})
	}
	if len(w) == 0 {
		return nil
	}
	return &fault.Fault{Kind: fault.Invalid, Message: w[0].Message, Fields: w}
}

// Change is what is to be different about a subscription; nil leaves a part as it is.
type Change struct {
	Name   *string   `json:"subscriber_name,omitempty" minLength:"1" maxLength:"100"`
	URL    *string   `json:"callback_url,omitempty" minLength:"1" maxLength:"2000"`
	Events *[]string `json:"events,omitempty" minItems:"1" maxItems:"50" doc:"Replaces the list"`
	Paused *bool     `json:"paused,omitempty" doc:"true holds deliveries back; false goes on with those that wait"`
}

// Change changes a subscription. What it hears is then what the one who changed its
// address or its events may hear.
func (s *Service) Change(ctx context.Context, who access.Principal, subID string, match func(int) error, c Change) (*Subscription, error) {
	return s.change(ctx, who, subID, match, func(tx *sqlite.Tx, sub *Subscription) error {
		action := "webhook.change"
		if c.Name != nil {
			sub.Name = strings.Join(strings.Fields(*c.Name), " ")
		}
		if c.URL != nil {
			sub.URL = strings.TrimSpace(*c.URL)
		}
		if c.Events != nil {
			sub.Events = tidy(*c.Events)
		}
		if c.URL != nil || c.Events != nil {
			sub.may = may(who)
			if err := s.check(who, sub); err != nil {
				return err
			}
		}
		switch {
		case c.Paused != nil && *c.Paused && sub.State == Active:
			sub.State, sub.Reason, action = Paused, "", "webhook.pause"
		case c.Paused != nil && !*c.Paused && sub.State == Paused:
			sub.State, sub.Reason, action = Active, "", "webhook.resume"
		}
		if c.URL != nil || action == "webhook.resume" {
			if err := anew(tx, sub.ID, s.now()); err != nil {
				return err
			}
		}
		return s.Audit.Record(tx, who, action, sub.ID, "events", sub.Events, "state", sub.State)
	})
}

// Rotate gives a subscription a new secret; for a day the old one signs beside it.
func (s *Service) Rotate(ctx context.Context, who access.Principal, subID string) (*Made, error) {
	secret := newSecret()
	sub, err := s.change(ctx, who, subID, func(int) error { return nil }, func(tx *sqlite.Tx, sub *Subscription) error {
		until := s.now().Add(Overlap)
		sub.old, sub.OldUntil, sub.secret = sub.secret, &until, s.Ring.Seal(sealContext, []byte(secret))
		return s.Audit.Record(tx, who, "webhook.rotate", sub.ID, "old_until", until)
	})
	if err != nil {
		return nil, err
	}
	return &Made{*sub, secret}, nil
}

// change is the frame of every verb that changes a subscription: found, of the expected
// version, not ended, changed, and the running sends begun anew.
func (s *Service) change(ctx context.Context, who access.Principal, subID string, match func(int) error, do func(*sqlite.Tx, *Subscription) error) (*Subscription, error) {
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (*Subscription, error) {
		sub, err := find(tx, who, subID)
		if err != nil {
			return nil, err
		}
		if err := match(sub.Version); err != nil {
			return nil, err
		}
		if sub.State == Ended {
			return nil, errEnded()
		}
		if err := do(tx, sub); err != nil {
			return nil, err
		}
		sub.UpdatedAt, sub.Version = s.now(), sub.Version+1
		s.changed(tx, sub.ID)
		tx.After(func() { s.stop(sub.ID); s.poke() })
		return sub, updateSubscription(tx, sub)
	})
}

func errEnded() error {
	return fault.New(fault.Conflict, "The receiver has ended this subscription (it answered 410 Gone); register it anew if that was a mistake.")
}

// Show is one subscription.
func (s *Service) Show(ctx context.Context, who access.Principal, subID string) (*Subscription, error) {
	return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (*Subscription, error) { return find(tx, who, subID) })
}

// piece is how many deliveries are removed in one write.
const piece = 2000

// Remove ends a subscription and forgets what was sent to it. Nothing is sent from the
// first write on; the rest goes in pieces.
func (s *Service) Remove(ctx context.Context, who access.Principal, subID string) error {
	_, err := sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (struct{}, error) {
		sub, err := find(tx, who, subID)
		if err != nil {
			return struct{}{}, err
		}
		sub.State, sub.UpdatedAt, sub.Version = Ended, s.now(), sub.Version+1
		tx.After(func() { s.stop(subID) })
		return struct{}{}, errors.Join(updateSubscription(tx, sub), s.Audit.Record(tx, who, "webhook.remove", subID))
	})
	for more := true; more && err == nil; {
		more, err = sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (bool, error) {
			n, err := forgetOf(tx, subID, piece)
			if err != nil || n == piece {
				return true, err
			}
			s.changed(tx, subID)
			return false, removeSubscription(tx, subID)
		})
	}
	return err
}

// Redeliver sends a delivery again, before those that came after it.
func (s *Service) Redeliver(ctx context.Context, who access.Principal, deliveryID string) (*Delivery, error) {
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (*Delivery, error) {
		d, sub, err := findDelivery(tx, who, deliveryID)
		switch {
		case err != nil:
			return nil, err
		case sub.State == Ended:
			return nil, errEnded()
		case d.State == Waiting:
			return nil, fault.New(fault.Conflict, "This delivery still waits for its turn; it is sent by itself.")
		}
		now := s.now()
		d.State, d.Attempts, d.next, d.NextAt = Waiting, 0, now, &now
		s.changed(tx, sub.ID)
		tx.After(s.poke)
		return d, errors.Join(updateDelivery(tx, d), s.Audit.Record(tx, who, "webhook.redeliver", d.ID, "subscription_id", sub.ID))
	})
}

// Test sends a harmless event at once, past those that wait, and tells what came of it.
// It is on the log, and is not tried again by itself.
func (s *Service) Test(ctx context.Context, who access.Principal, subID string) (*Delivery, error) {
	sub, err := s.Show(ctx, who, subID)
	if err != nil {
		return nil, err
	}
	if sub.State == Ended {
		return nil, errEnded()
	}
	now := s.now()
	body, err := bodyOf(test, now, map[string]string{"subscription_id": sub.ID})
	if err != nil {
		return nil, err
	}
	d := fresh(sub.ID, test, id.New("evt", now), body, now)
	secrets, err := s.secrets(sub)
	if err != nil {
		return nil, err
	}
	s.send(ctx, sub.URL, secrets, d)
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if d.Attempts, d.NextAt, d.State = 1, nil, Dead; d.Trouble == "" {
		d.State = Delivered
	}
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (*Delivery, error) {
		if _, err := find(tx, who, subID); err != nil {
			return nil, err
		}
		s.changed(tx, sub.ID)
		return d, errors.Join(insertDelivery(tx, d), s.Audit.Record(tx, who, "webhook.test", sub.ID, "delivery", d.ID, "status", d.Status, "trouble", d.Trouble))
	})
}

// changed lets open pages hear, after the commit, that a subscription is not as it was.
func (s *Service) changed(tx *sqlite.Tx, subID string) {
	tx.After(func() {
		s.mu.Lock()
		s.news[subID] = true
		s.mu.Unlock()
		s.poke()
	})
}

// news is what open pages are told: to ask again.
type news struct {
	Subscription string `json:"subscription_id"`
	State        State  `json:"state,omitempty"` // empty: it was removed
}

// tell tells open pages of what changed; however much it was, once for each subscription.
func (s *Service) tell(ctx context.Context) {
	s.mu.Lock()
	some := s.news
	s.news = map[string]bool{}
	s.mu.Unlock()
	for subID := range some {
		sub, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (*Subscription, error) { return load(tx, subID) })
		e := live.Event{Channel: live.Webhooks, Type: "webhook.updated", Data: news{Subscription: subID}}
		if err == nil {
			e.Data, e.See = news{subID, sub.State}, func(p access.Principal) bool { return p.Can(access.WebhookRead) && sub.seenBy(p) }
		}
		if err := s.Hub.Send(e); err != nil {
			s.Log.Error("open pages could not be told of a webhook", "error", err)
		}
	}
}

// bodyOf writes a message as it is signed and sent.
func bodyOf(event string, at time.Time, data any) (string, error) {
	body, err := json.Marshal(struct {
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      any       `json:"data"`
	}{event, at, data})
	if err != nil {
		return "", fmt.Errorf("write a %s message: %w", event, err)
	}
	return string(body), nil
}

// fresh is a delivery that was not tried yet.
func fresh(subID, event, eventID, body string, now time.Time) *Delivery {
	return &Delivery{ID: id.New("whd", now), Subscription: subID, WebhookID: eventID, Type: event, State: Waiting, NextAt: &now, CreatedAt: now, body: body, next: now}
}
