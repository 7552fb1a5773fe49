package webhook

import (
	"context"
	"encoding/json"
	"strconv"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/page"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
)

// Mount declares the routes.
func (s *Service) Mount(api *rest.API) {
	rest.Post(api, "/webhooks/register", access.WebhookManage, s.postRegister,
		rest.Doc("Register a receiver of events", "The secret is in this answer only. Messages are signed as Standard Webhooks says, tried again with longer and longer pauses, and kept in order. A subscription belongs to the operator or bank of who registers it and hears of nothing else."),
		rest.Created(func(m *Made) string { return "/webhooks/subscriptions/" + m.ID }), rest.ETag(func(m *Made) string { return tag(&m.Subscription) }))
	rest.Get(api, "/webhooks/subscriptions", access.WebhookRead, s.getAll, rest.Doc("List subscriptions, oldest first"))
	rest.Get(api, "/webhooks/subscriptions/{id}", access.WebhookRead, s.getOne, rest.Doc("Show a subscription"), rest.ETag(tag))
	rest.Patch(api, "/webhooks/subscriptions/{id}", access.WebhookManage, s.patch, rest.Doc("Change, pause or resume a subscription"), rest.ETag(tag))
	rest.Delete(api, "/webhooks/subscriptions/{id}", access.WebhookManage, s.delete, rest.Doc("Remove a subscription with its deliveries"))
	rest.Post(api, "/webhooks/subscriptions/{id}/rotate", access.WebhookManage, s.postRotate, rest.Status(200),
		rest.Doc("Give a subscription a new secret", "The new secret is in this answer only. For 24 hours messages are signed with the old one as well."))
	rest.Post(api, "/webhooks/subscriptions/{id}/test", access.WebhookManage, s.postTest, rest.Status(200), rest.Repeatable(),
		rest.Doc("Send a test event now", "The answer says what came of it."))
	rest.Get(api, "/webhooks/subscriptions/{id}/deliveries", access.WebhookRead, s.getDeliveries, rest.Doc("List a subscription's deliveries, newest first"))
	rest.Get(api, "/webhooks/deliveries/{id}", access.WebhookRead, s.getDelivery, rest.Doc("Show a delivery with its body"))
	rest.Post(api, "/webhooks/deliveries/{id}/redeliver", access.WebhookManage, s.postRedeliver, rest.Accepted(), rest.Repeatable(),
		rest.Doc("Send a delivery again", "A dead letter or one that was delivered, under the same webhook-id and before those that came after it."))
	rest.Post(api, "/webhooks/receive", access.SignedIn, s.postReceive, rest.Status(200), rest.Repeatable(), rest.Unchecked(),
		rest.Doc("Take a stakeholder's message", "For API keys. Signed as Standard Webhooks says, with the secret of one of the stakeholder's subscriptions; each webhook-id is taken once."))
}

func tag(s *Subscription) string { return strconv.Itoa(s.Version) }

// ByID names one thing.
type ByID struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Service) postRegister(ctx context.Context, in *struct{ Body Draft }) (*Made, error) {
	return s.Register(ctx, access.From(ctx), in.Body)
}

func (s *Service) getAll(ctx context.Context, in *page.Query) (*page.Of[*Subscription], error) {
	who := access.From(ctx)
	return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (*page.Of[*Subscription], error) { return listSubscriptions(tx, who, *in) })
}

func (s *Service) getOne(ctx context.Context, in *ByID) (*Subscription, error) {
	return s.Show(ctx, access.From(ctx), in.ID)
}

func (s *Service) patch(ctx context.Context, in *struct {
	ByID
	rest.IfMatch
	Body Change
}) (*Subscription, error) {
	return s.Change(ctx, access.From(ctx), in.ID, in.Check, in.Body)
}

func (s *Service) delete(ctx context.Context, in *ByID) error {
	return s.Remove(ctx, access.From(ctx), in.ID)
}

func (s *Service) postRotate(ctx context.Context, in *ByID) (*Made, error) {
	return s.Rotate(ctx, access.From(ctx), in.ID)
}

func (s *Service) postTest(ctx context.Context, in *ByID) (*Delivery, error) {
	return s.Test(ctx, access.From(ctx), in.ID)
}

func (s *Service) getDeliveries(ctx context.Context, in *struct {
	ByID
	page.Query
	State Fate `query:"state" enum:"waiting,delivered,dead"`
}) (*page.Of[*Delivery], error) {
	var after int64
	if in.After != "" {
		var err error
		if after, err = strconv.ParseInt(in.After, 10, 64); err != nil || after < 1 {
			return nil, fault.Wrong("after", "CURSOR", "This is no cursor; take next from the page before.")
		}
	}
	who := access.From(ctx)
	return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (*page.Of[*Delivery], error) {
		if _, err := find(tx, who, in.ID); err != nil {
			return nil, err
		}
		return listDeliveries(tx, in.ID, in.State, after, in.Query)
	})
}

// Detail is a delivery with what is sent.
type Detail struct {
	Delivery
	Body json.RawMessage `json:"body" doc:"The message; its bytes are what is signed"`
}

func (s *Service) getDelivery(ctx context.Context, in *ByID) (*Detail, error) {
	who := access.From(ctx)
	return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (*Detail, error) {
		d, _, err := findDelivery(tx, who, in.ID)
		if err != nil {
			return nil, err
		}
		return &Detail{*d, json.RawMessage(d.body)}, nil
	})
}

func (s *Service) postRedeliver(ctx context.Context, in *ByID) (*Delivery, error) {
	return s.Redeliver(ctx, access.From(ctx), in.ID)
}

func (s *Service) postReceive(ctx context.Context, in *struct {
	ID        string `header:"webhook-id" required:"true" maxLength:"100" doc:"An id of the sender's own; each is taken once"`
	Timestamp string `header:"webhook-timestamp" required:"true" maxLength:"20" doc:"Seconds since 1970, at most 5 minutes off"`
	Signature string `header:"webhook-signature" required:"true" maxLength:"2000" doc:"v1,… over webhook-id.webhook-timestamp.body"`
	RawBody   []byte `contentType:"application/json"`
}) (*Taken, error) {
	return s.Receive(ctx, access.From(ctx), Envelope{in.ID, in.Timestamp, in.Signature, in.RawBody})
}
