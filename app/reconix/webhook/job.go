package webhook

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/outbound"
	"reconexus/store/sqlite"
)

const (
	patience  = 10 * time.Second // for one attempt, all in all
	hands     = 32               // subscriptions that are sent to at the same time
	batchSize = 100              // deliveries that are sent before outcomes are written
	batchTime = 200 * time.Millisecond
	answerMax = 1 << 10          // bytes of an answer that are read, to use the connection again
	idle      = 30 * time.Second // longest sleep: a clock that jumps is noticed by then
	breath    = 250 * time.Millisecond
)

// poke wakes [Service.Run]; it never waits.
func (s *Service) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// stop breaks off what is being sent to a subscription; it does not count as an attempt.
func (s *Service) stop(subID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel, ok := s.busy[subID]; ok {
		cancel()
	}
}

// Run delivers until the context ends.
func (s *Service) Run(ctx context.Context) {
	var working sync.WaitGroup
	defer working.Wait()
	defer s.client.CloseIdleConnections()
	told := time.Time{}
	for ctx.Err() == nil {
		sleep, err := s.startDue(ctx, &working)
		if err != nil && ctx.Err() == nil {
			s.Log.Error("webhooks cannot be sent", "error", err)
			sleep = time.Second
		}
		if s.untold() {
			if since := time.Since(told); since >= breath {
				s.tell(ctx)
				told = time.Now() // real time: a stopwatch
			} else {
				sleep = min(sleep, breath-since)
			}
		}
		timer := time.NewTimer(sleep)
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (s *Service) untold() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.news) > 0
}

// due is a subscription with something to send, and when.
type due struct {
	subscription string
	at           time.Time
}

// startDue lets a hand send to each subscription whose turn it is, those first that
// waited longest for one, and tells how long nothing more will be due.
func (s *Service) startDue(ctx context.Context, working *sync.WaitGroup) (time.Duration, error) {
	all, err := sqlite.Read(ctx, s.DB, heads)
	if err != nil {
		return 0, err
	}
	now, sleep := s.Clock(), idle
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.SortStableFunc(all, func(a, b due) int { return cmp.Compare(s.turns[a.subscription], s.turns[b.subscription]) })
	for _, d := range all {
		if _, is := s.busy[d.subscription]; is {
			continue // its end wakes
		}
		if later := d.at.Sub(now); later > 0 {
			sleep = min(sleep, max(later, time.Millisecond))
			continue
		}
		if len(s.busy) >= hands {
			break
		}
		mine, cancel := context.WithCancel(ctx)
		s.turn++
		s.busy[d.subscription], s.turns[d.subscription] = cancel, s.turn
		working.Go(func() { s.serve(ctx, mine, d.subscription) })
	}
	return sleep, nil
}

// serve sends one batch and gives the hand back.
func (s *Service) serve(ctx, mine context.Context, subID string) {
	err := s.batch(mine, subID)
	if err != nil && ctx.Err() == nil && mine.Err() == nil {
		s.Log.Error("a webhook's outcome could not be kept; it is sent again", "subscription", subID, "error", err)
		select { // a full disk: do not run in circles
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	s.mu.Lock()
	s.busy[subID]()
	delete(s.busy, subID)
	s.mu.Unlock()
	s.poke()
}

// work is a subscription with the deliveries that are next.
type work struct {
	sub  *Subscription
	next []*Delivery
}

// batch sends what is next to a subscription, one after another, and then writes what
// came of it: one write for many deliveries, which is what makes a fast receiver fast.
// A power cut before that write lets the same be sent again.
func (s *Service) batch(ctx context.Context, subID string) error {
	todo, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (work, error) {
		sub, err := load(tx, subID)
		if err != nil || sub.State != Active {
			return work{}, err
		}
		next, err := waitingOf(tx, subID, batchSize)
		return work{sub, next}, err
	})
	if errors.Is(err, sqlite.ErrNotFound) || (err == nil && len(todo.next) == 0) {
		return nil
	}
	if err != nil {
		return err
	}
	secrets, err := s.secrets(todo.sub)
	if err != nil {
		return err
	}
	var tried []*Delivery
	for began := time.Now(); len(tried) < len(todo.next) && time.Since(began) < batchTime; { // real time: a stopwatch
		d := todo.next[len(tried)]
		if d.next.After(s.Clock()) {
			break
		}
		s.send(ctx, todo.sub.URL, secrets, d)
		if ctx.Err() != nil {
			break // paused, changed, removed or stopping: this one was not tried
		}
		tried = append(tried, d)
		if d.Trouble != "" {
			break
		}
	}
	if len(tried) == 0 {
		return nil
	}
	return sqlite.Do(context.WithoutCancel(ctx), s.DB, func(tx *sqlite.Tx) error { return s.record(tx, todo.sub, tried) })
}

// send makes one attempt and notes on the delivery what came of it: its status, its
// trouble and the time that it took.
func (s *Service) send(ctx context.Context, url string, secrets []string, d *Delivery) {
	at, began := s.now(), time.Now() // real time: a stopwatch
	d.Status, d.Trouble, d.AttemptedAt = 0, "", &at
	defer func() { d.TookMS = time.Since(began).Milliseconds() }()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader([]byte(d.body)))
	if err != nil {
		d.Trouble = "blocked"
		return
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Reconexus-Webhooks")
	r.Header["Idempotency-Key"] = nil // sends no header; a connection that died while idle is made anew
	r.Header.Set("webhook-id", d.WebhookID)
	r.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("webhook-signature", Sign(d.WebhookID, at, []byte(d.body), secrets...))
	answer, err := s.client.Do(r)
	if err != nil {
		d.Trouble, _ = outbound.Trouble(err)
		return
	}
	_, _ = io.CopyN(io.Discard, answer.Body, answerMax) // what is longer costs the connection
	_ = answer.Body.Close()
	switch d.Status = answer.StatusCode; {
	case d.Status == http.StatusGone:
		d.Trouble = "gone"
	case d.Status >= 300 && d.Status < 400:
		d.Trouble = "redirect"
	case d.Status < 200 || d.Status > 299:
		d.Trouble = "status"
	}
}

// record writes what came of a batch. Only its last delivery can have failed, and that
// counts only when the subscription still is as it was when it was sent to.
func (s *Service) record(tx *sqlite.Tx, was *Subscription, tried []*Delivery) error {
	sub, err := load(tx, was.ID)
	if errors.Is(err, sqlite.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	s.changed(tx, sub.ID)
	for _, d := range tried {
		if d.Trouble != "" && sub.Version != was.Version {
			return nil
		}
		d.Attempts++
		switch pause, again := wait(d.Attempts); {
		case d.Trouble == "":
			d.State = Delivered
		case d.Trouble == "gone":
			d.State = Dead
			err = s.gone(tx, sub)
		case again:
			d.next = s.now().Add(pause)
		default:
			d.State = Dead
			err = s.dead(tx, sub, d)
		}
		if err := errors.Join(err, updateDelivery(tx, d)); err != nil {
			return err
		}
	}
	return nil
}

// dead pauses a subscription whose receiver never took a delivery: to go on would lose
// the order, to wait for ever would hide it.
func (s *Service) dead(tx *sqlite.Tx, sub *Subscription, d *Delivery) error {
	who := access.System("webhooks")
	err := s.Audit.Record(tx, who, "webhook.dead", d.ID, "subscription_id", sub.ID, "type", d.Type, "status", d.Status, "trouble", d.Trouble)
	if sub.State != Active {
		return err
	}
	sub.State, sub.UpdatedAt, sub.Version = Paused, s.now(), sub.Version+1
	sub.Reason = "A delivery was tried eight times over a day and a half and never taken; it is a dead letter now, and nothing more is sent. Mend the receiver, send the dead letter again, then resume."
	return errors.Join(err, updateSubscription(tx, sub), s.Audit.Record(tx, who, "webhook.pause", sub.ID, "delivery", d.ID))
}

// gone ends a subscription whose receiver wants no more. What waits is never sent.
func (s *Service) gone(tx *sqlite.Tx, sub *Subscription) error {
	sub.State, sub.UpdatedAt, sub.Version = Ended, s.now(), sub.Version+1
	sub.Reason = "The receiver answered 410 Gone: it wants no more of this subscription."
	return errors.Join(bury(tx, sub.ID), updateSubscription(tx, sub),
		s.Audit.Record(tx, access.System("webhooks"), "webhook.end", sub.ID))
}

const tidyKind = "webhook.tidy"

// tidyUp declares the nightly job that forgets old deliveries.
func (s *Service) tidyUp() error {
	s.Jobs.Handle(jobs.Kind{Name: tidyKind, Permission: access.UserManage, Run: s.forget})
	return s.Jobs.Every("20 3 * * *", tidyKind, func(ctx context.Context) error {
		return sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
			_, err := s.Jobs.Add(tx, access.System("schedule"), jobs.Spec{Kind: tidyKind, Title: "Forgetting webhook deliveries older than 30 days", UniqueKey: tidyKind})
			if fault.Is(err, fault.Conflict) {
				return nil // last night's has not ended
			}
			return err
		})
	})
}

// forgotten is the result of tidying up.
type forgotten struct {
	Deliveries int64 `json:"deliveries"`
	Unsent     int64 `json:"unsent"` // of these, such as still waited for a paused subscription
	Received   int64 `json:"received"`
}

func (s *Service) forget(ctx context.Context, r *jobs.Run) (any, error) {
	var out forgotten
	before := s.now().Add(-keep)
	for more := true; more; {
		some, err := sqlite.Bulk(ctx, s.DB, func(tx *sqlite.Tx) (forgotten, error) { return forgetOld(tx, before, piece) })
		if err != nil {
			return nil, err
		}
		out = forgotten{out.Deliveries + some.Deliveries, out.Unsent + some.Unsent, out.Received + some.Received}
		r.Progress(out.Deliveries+out.Received, 0, "deliveries")
		more = some.Deliveries == piece || some.Received == piece
	}
	return out, s.Audit.Note(ctx, r.Principal(), "webhook.forget", r.Job().ID, audit.Done, "deliveries", out.Deliveries, "unsent", out.Unsent)
}
