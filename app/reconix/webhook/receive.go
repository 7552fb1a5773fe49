package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/store/sqlite"
)

// tolerance is how far the time of a message that comes in may lie from ours.
const tolerance = 5 * time.Minute

// Message is what a stakeholder told.
type Message struct {
	ID   string // its webhook-id
	Type string
	At   time.Time
	Data json.RawMessage
}

// Taker does what a message asks for, inside the write that takes it: either both
// happen, once, or neither.
type Taker func(tx *sqlite.Tx, who access.Principal, m Message) error

// On says what is done with messages of a type. Without a taker they are kept.
func (s *Service) On(kind string, f Taker) { s.takers[kind] = f }

// Envelope is a message as it comes in: its headers and the bytes that were signed.
type Envelope struct {
	ID, Timestamp, Signature string
	Body                     []byte
}

// Taken is the answer to a message.
type Taken struct {
	ID        string `json:"webhook_id"`
	Type      string `json:"type"`
	Duplicate bool   `json:"duplicate" doc:"It was taken before; nothing was done a second time"`
}

var typeShape = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)

// Receive takes a signed message of a stakeholder's machine, once. It is signed with the
// secret of one of the stakeholder's own subscriptions.
func (s *Service) Receive(ctx context.Context, who access.Principal, e Envelope) (*Taken, error) {
	if !strings.HasPrefix(who.ID, "key_") || who.MSISDN != 0 {
		return nil, fault.New(fault.Forbidden, "Messages are taken from machines: send them with an API key that is not bound to one number.")
	}
	at, err := s.genuine(ctx, who, e)
	if err != nil {
		return nil, err
	}
	var m struct {
		Type string          `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(e.Body, &m); err != nil || len(m.Type) > 100 || !typeShape.MatchString(m.Type) {
		return nil, fault.Wrong("type", "FORMAT", `The body is no message; send JSON such as {"type": "linkage.removed", "timestamp": "…", "data": {…}}.`)
	}
	sender, digest := senderOf(who), s.digests.Of(string(e.Body))
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (*Taken, error) {
		out := &Taken{ID: e.ID, Type: m.Type}
		first, err := sqlite.One(tx, sqlite.Bytes, `SELECT digest FROM webhook_received WHERE sender = ? AND id = ?`, sender, e.ID)
		switch {
		case err == nil && !bytes.Equal(first, digest):
			return nil, fault.New(fault.Conflict, "Another message was taken under this webhook-id; give each message an id of its own.")
		case err == nil:
			out.Duplicate = true
			return out, nil
		case !errors.Is(err, sqlite.ErrNotFound):
			return nil, err
		}
		if _, err := sqlite.Exec(tx, `INSERT INTO webhook_received (sender, id, type, digest, body, key_id, received_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			sender, e.ID, m.Type, digest, s.Ring.Seal("webhook_received", e.Body), who.ID, s.now().UnixMilli()); err != nil {
			return nil, err
		}
		if take := s.takers[m.Type]; take != nil {
			if err := take(tx, who, Message{e.ID, m.Type, at, m.Data}); err != nil {
				return nil, err
			}
		}
		return out, s.Audit.Record(tx, who, "webhook.receive", e.ID, "type", m.Type)
	})
}

// senderOf is whose messages count together: two stakeholders may choose the same id.
func senderOf(who access.Principal) string {
	switch {
	case who.Operator != "":
		return "operator:" + who.Operator
	case who.Bank != "":
		return "bank:" + who.Bank
	}
	return who.ID
}

var idShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$`)

// genuine tells when a message was sent, if its sender sent it now.
func (s *Service) genuine(ctx context.Context, who access.Principal, e Envelope) (time.Time, error) {
	seconds, err := strconv.ParseInt(e.Timestamp, 10, 64)
	at := time.Unix(seconds, 0)
	if err != nil || at.Before(s.Clock().Add(-tolerance)) || at.After(s.Clock().Add(tolerance)) {
		return at, fault.Wrong("webhook-timestamp", "RANGE", "The header webhook-timestamp must be the present time in seconds since 1970, at most 5 minutes off.")
	}
	if !idShape.MatchString(e.ID) || id.Is("evt", e.ID) { // ours, sent back, is nobody's message
		return at, fault.Wrong("webhook-id", "FORMAT", "The header webhook-id must be an id of your own of at most 100 letters, digits and . _ : -")
	}
	secrets, err := s.secretsOf(ctx, who)
	if err != nil {
		return at, err
	}
	if !Verify(e.Signature, e.ID, at, e.Body, secrets...) {
		return at, fault.Wrong("webhook-signature", "SIGNATURE", "The signature does not fit: sign webhook-id.webhook-timestamp.body, the bytes as they are sent, with the secret of one of your subscriptions.")
	}
	return at, nil
}

// secretsOf are the secrets of a stakeholder's own subscriptions, and of no other's: who
// is bound to nothing signs with those that are bound to nothing.
func (s *Service) secretsOf(ctx context.Context, who access.Principal) ([]string, error) {
	subs, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) ([]*Subscription, error) {
		return sqlite.All(tx, scanSubscription, `SELECT `+subColumns+` FROM webhook_subscription WHERE operator_code = ? AND bank_code = ? AND state <> 'ended' ORDER BY id LIMIT ?`,
			who.Operator, who.Bank, most)
	})
	var out []string
	for _, sub := range subs {
		some, bad := s.secrets(sub)
		out, err = append(out, some...), errors.Join(err, bad)
	}
	return out, err
}
