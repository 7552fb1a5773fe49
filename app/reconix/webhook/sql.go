package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/page"
	"reconexus/store/sqlite"
)

const subColumns = `id, name, url, events, may, operator_code, bank_code, secret, old_secret, old_until, state, reason, created_by, created_at, updated_at, version`

// counted adds what waits and what is dead, up to a bound: a paused subscription may
// have a million.
const counted = subColumns + `,
	(SELECT count(*) FROM (SELECT 1 FROM webhook_delivery WHERE subscription_id = s.id AND state = 'waiting' LIMIT 10000)),
	(SELECT count(*) FROM (SELECT 1 FROM webhook_delivery WHERE subscription_id = s.id AND state = 'dead' AND type <> 'webhook.test' LIMIT 10000))`

func scanSubscription(r sqlite.Row) (*Subscription, error) { return scanWith(r) }

func scanCounted(r sqlite.Row) (*Subscription, error) {
	var waiting, dead int
	s, err := scanWith(r, &waiting, &dead)
	if err == nil {
		s.Waiting, s.Dead = waiting, dead
	}
	return s, err
}

func scanWith(r sqlite.Row, more ...any) (*Subscription, error) {
	var s Subscription
	var events, may string
	var until *int64
	var created, updated int64
	if err := r.Scan(append([]any{&s.ID, &s.Name, &s.URL, &events, &may, &s.Operator, &s.Bank, &s.secret, &s.old, &until,
		&s.State, &s.Reason, &s.CreatedBy, &created, &updated, &s.Version}, more...)...); err != nil {
		return nil, err
	}
	s.OldUntil, s.CreatedAt, s.UpdatedAt = instant(until), time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return &s, errors.Join(json.Unmarshal([]byte(events), &s.Events), json.Unmarshal([]byte(may), &s.may))
}

func instant(ms *int64) *time.Time {
	if ms == nil {
		return nil
	}
	t := time.UnixMilli(*ms).UTC()
	return &t
}

func millis(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UnixMilli()
}

// load is a subscription without its counts, which cost more than sending.
func load(tx *sqlite.Tx, subID string) (*Subscription, error) {
	return sqlite.One(tx, scanSubscription, `SELECT `+subColumns+` FROM webhook_subscription WHERE id = ?`, subID)
}

// find is a subscription that somebody may see. Any other is the same not found as an id
// that never was.
func find(tx *sqlite.Tx, who access.Principal, subID string) (*Subscription, error) {
	s, err := sqlite.One(tx, scanCounted, `SELECT `+counted+` FROM webhook_subscription s WHERE id = ?`, subID)
	if errors.Is(err, sqlite.ErrNotFound) || (err == nil && !s.seenBy(who)) {
		return nil, errNone()
	}
	return s, err
}

// tenancy keeps a list to what somebody may see.
func tenancy(who access.Principal) sqlite.Where {
	w := sqlite.Where{}
	if who.Operator != "" {
		w.And("operator_code = ?", who.Operator)
	}
	if who.Bank != "" {
		w.And("bank_code = ?", who.Bank)
	}
	if who.MSISDN != 0 {
		w.And("0")
	}
	return w
}

func listSubscriptions(tx *sqlite.Tx, who access.Principal, q page.Query) (*page.Of[*Subscription], error) {
	out := &page.Of[*Subscription]{Total: -1, Skip: q.Skip, Limit: q.Limit}
	w := tenancy(who)
	var err error
	if q.After == "" {
		if out.Total, err = sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM webhook_subscription`+w.SQL(), w.Args...); err != nil {
			return nil, err
		}
	} else {
		w.And("id > ?", q.After)
		out.Skip = 0
	}
	out.Items, err = sqlite.All(tx, scanCounted, `SELECT `+counted+` FROM webhook_subscription s`+w.SQL()+` ORDER BY id LIMIT ? OFFSET ?`,
		append(w.Args, q.Limit+1, out.Skip)...)
	if len(out.Items) > q.Limit {
		out.Items = out.Items[:q.Limit]
		out.Next = out.Items[q.Limit-1].ID
	}
	return out, err
}

// listeners are the subscriptions that something may be kept for.
func listeners(tx *sqlite.Tx) ([]*Subscription, error) {
	return sqlite.All(tx, scanSubscription, `SELECT `+subColumns+` FROM webhook_subscription WHERE state <> 'ended' ORDER BY id LIMIT 10000`)
}

func (s *Subscription) values() []any {
	events, _ := json.Marshal(s.Events) // lists of texts always are JSON
	may, _ := json.Marshal(s.may)
	var old any
	if s.OldUntil != nil {
		old = s.old
	}
	return []any{s.Name, s.URL, string(events), string(may), s.Operator, s.Bank, s.secret, old, millis(s.OldUntil),
		string(s.State), s.Reason, s.CreatedBy, s.CreatedAt.UnixMilli(), s.UpdatedAt.UnixMilli(), s.Version, s.ID}
}

func insertSubscription(tx *sqlite.Tx, s *Subscription) error {
	_, err := sqlite.Exec(tx, `INSERT INTO webhook_subscription (name, url, events, may, operator_code, bank_code, secret, old_secret, old_until,
		state, reason, created_by, created_at, updated_at, version, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, s.values()...)
	return err
}

func updateSubscription(tx *sqlite.Tx, s *Subscription) error {
	_, err := sqlite.Exec(tx, `UPDATE webhook_subscription SET name = ?, url = ?, events = ?, may = ?, operator_code = ?, bank_code = ?, secret = ?,
		old_secret = ?, old_until = ?, state = ?, reason = ?, created_by = ?, created_at = ?, updated_at = ?, version = ? WHERE id = ?`, s.values()...)
	return err
}

func removeSubscription(tx *sqlite.Tx, subID string) error {
	_, err := sqlite.Exec(tx, `DELETE FROM webhook_subscription WHERE id = ?`, subID)
	return err
}

const deliveryColumns = `seq, id, subscription_id, event_id, type, body, state, attempts, next_at, status, trouble, took_ms, created_at, attempted_at`

func scanDelivery(r sqlite.Row) (*Delivery, error) {
	var d Delivery
	var next, created int64
	var attempted *int64
	err := r.Scan(&d.seq, &d.ID, &d.Subscription, &d.WebhookID, &d.Type, &d.body, &d.State, &d.Attempts, &next, &d.Status, &d.Trouble, &d.TookMS, &created, &attempted)
	d.next, d.CreatedAt, d.AttemptedAt = time.UnixMilli(next).UTC(), time.UnixMilli(created).UTC(), instant(attempted)
	if d.State == Waiting {
		d.NextAt = &d.next
	}
	return &d, err
}

func insertDelivery(tx *sqlite.Tx, d *Delivery) error {
	_, err := sqlite.Exec(tx, `INSERT INTO webhook_delivery (id, subscription_id, event_id, type, body, state, attempts, next_at, status, trouble, took_ms, created_at, attempted_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, d.ID, d.Subscription, d.WebhookID, d.Type, d.body, string(d.State), d.Attempts, d.next.UnixMilli(),
		d.Status, d.Trouble, d.TookMS, d.CreatedAt.UnixMilli(), millis(d.AttemptedAt))
	if err != nil {
		return fmt.Errorf("keep a webhook: %w", err)
	}
	return nil
}

func updateDelivery(tx *sqlite.Tx, d *Delivery) error {
	_, err := sqlite.Exec(tx, `UPDATE webhook_delivery SET state = ?, attempts = ?, next_at = ?, status = ?, trouble = ?, took_ms = ?, attempted_at = ? WHERE seq = ?`,
		string(d.State), d.Attempts, d.next.UnixMilli(), d.Status, d.Trouble, d.TookMS, millis(d.AttemptedAt), d.seq)
	return err
}

// heads are the active subscriptions with something to send, and when their first may go.
func heads(tx *sqlite.Tx) ([]due, error) {
	return sqlite.All(tx, func(r sqlite.Row) (d due, err error) {
		var at int64
		err = r.Scan(&d.subscription, &at)
		d.at = time.UnixMilli(at)
		return d, err
	}, `SELECT id, at FROM (SELECT id, (SELECT next_at FROM webhook_delivery WHERE subscription_id = s.id AND state = 'waiting' ORDER BY seq LIMIT 1) AS at
		FROM webhook_subscription s WHERE state = 'active') WHERE at IS NOT NULL`)
}

// waitingOf is what is next for a subscription, in order.
func waitingOf(tx *sqlite.Tx, subID string, n int) ([]*Delivery, error) {
	return sqlite.All(tx, scanDelivery, `SELECT `+deliveryColumns+` FROM webhook_delivery WHERE subscription_id = ? AND state = 'waiting' ORDER BY seq LIMIT ?`, subID, n)
}

// anew lets what was tried and waits go at once, with all its attempts before it.
func anew(tx *sqlite.Tx, subID string, now time.Time) error {
	_, err := sqlite.Exec(tx, `UPDATE webhook_delivery SET attempts = 0, next_at = ? WHERE subscription_id = ? AND state = 'waiting' AND attempts > 0`, now.UnixMilli(), subID)
	return err
}

// bury makes dead letters of what waits for a subscription that has ended.
func bury(tx *sqlite.Tx, subID string) error {
	_, err := sqlite.Exec(tx, `UPDATE webhook_delivery SET state = 'dead', trouble = 'gone' WHERE subscription_id = ? AND state = 'waiting'`, subID)
	return err
}

func findDelivery(tx *sqlite.Tx, who access.Principal, deliveryID string) (*Delivery, *Subscription, error) {
	d, err := sqlite.One(tx, scanDelivery, `SELECT `+deliveryColumns+` FROM webhook_delivery WHERE id = ?`, deliveryID)
	if errors.Is(err, sqlite.ErrNotFound) {
		return nil, nil, errNoDelivery()
	}
	if err != nil {
		return nil, nil, err
	}
	sub, err := load(tx, d.Subscription)
	if err == nil && !sub.seenBy(who) {
		err = errNoDelivery()
	}
	return d, sub, err
}

// listDeliveries is a subscription's log, newest first.
func listDeliveries(tx *sqlite.Tx, subID string, state Fate, after int64, q page.Query) (*page.Of[*Delivery], error) {
	out := &page.Of[*Delivery]{Total: -1, Skip: q.Skip, Limit: q.Limit}
	w := sqlite.Where{}
	w.And("subscription_id = ?", subID)
	if state != "" {
		w.And("state = ?", string(state))
	}
	var err error
	if after == 0 {
		if out.Total, err = sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM webhook_delivery`+w.SQL(), w.Args...); err != nil {
			return nil, err
		}
	} else {
		w.And("seq < ?", after)
		out.Skip = 0
	}
	out.Items, err = sqlite.All(tx, scanDelivery, `SELECT `+deliveryColumns+` FROM webhook_delivery`+w.SQL()+` ORDER BY seq DESC LIMIT ? OFFSET ?`,
		append(w.Args, q.Limit+1, out.Skip)...)
	if len(out.Items) > q.Limit {
		out.Items = out.Items[:q.Limit]
		out.Next = fmt.Sprint(out.Items[q.Limit-1].seq)
	}
	return out, err
}

// forgetOf removes some deliveries of a subscription and tells how many.
func forgetOf(tx *sqlite.Tx, subID string, n int) (int64, error) {
	return sqlite.Exec(tx, `DELETE FROM webhook_delivery WHERE seq IN (SELECT seq FROM webhook_delivery WHERE subscription_id = ? LIMIT ?)`, subID, n)
}

// forgetOld removes some of what is older than an instant: the oldest rows have the
// lowest numbers.
func forgetOld(tx *sqlite.Tx, before time.Time, n int) (forgotten, error) {
	var out forgotten
	var err error
	const old = `FROM (SELECT seq, state, created_at FROM webhook_delivery ORDER BY seq LIMIT ?) WHERE created_at < ?`
	if out.Unsent, err = sqlite.One(tx, sqlite.Int64, `SELECT count(*) `+old+` AND state = 'waiting'`, n, before.UnixMilli()); err != nil {
		return out, err
	}
	if out.Deliveries, err = sqlite.Exec(tx, `DELETE FROM webhook_delivery WHERE seq IN (SELECT seq `+old+`)`, n, before.UnixMilli()); err != nil {
		return out, err
	}
	out.Received, err = sqlite.Exec(tx, `DELETE FROM webhook_received WHERE (sender, id) IN (SELECT sender, id FROM webhook_received WHERE received_at < ? LIMIT ?)`, before.UnixMilli(), n)
	return out, err
}
