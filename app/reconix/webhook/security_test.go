package webhook_test

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/outbound"
	"reconexus/app/reconix/reconixtest"
	"reconexus/app/reconix/webhook"
	"reconexus/store/sqlite"
)

// Class 1: another's subscription and delivery are not found, whatever is tried on them,
// with the same words as an id that never was.
func TestClass1AnothersSubscriptionIsNotFound(t *testing.T) {
	h, s := open(t), newSink(t, nil)
	h.Who = mtn
	sub := h.register(s.URL, "*")
	h.Write(func(tx *sqlite.Tx) error {
		return h.hooks.Publish(tx, webhook.Event{Type: webhook.ImportFinished, See: func(access.Principal) bool { return true }})
	})
	delivery := h.deliveries(sub.id)[0]["id"].(string)
	bound := reconixtest.Admin()
	bound.MSISDN = 2348031234567
	otherBank := reconixtest.Of(access.Bank, "044")
	for _, who := range []access.Principal{glo, zenith, otherBank, bound} {
		h.Who = who
		for _, try := range []struct{ method, path, body string }{
			{"GET", "/webhooks/subscriptions/", ""}, {"PATCH", "/webhooks/subscriptions/", `{"paused": true}`}, {"DELETE", "/webhooks/subscriptions/", ""},
			{"POST", "/webhooks/subscriptions//rotate", ""}, {"POST", "/webhooks/subscriptions//test", ""}, {"GET", "/webhooks/subscriptions//deliveries", ""},
			{"GET", "/webhooks/deliveries/", ""}, {"POST", "/webhooks/deliveries//redeliver", ""},
		} {
			theirs, none := sub.id, "whs_00000000000000000000000000"
			if strings.Contains(try.path, "/deliveries/") {
				theirs = delivery
			}
			fill := func(id string) string {
				if strings.Contains(try.path, "//") {
					return strings.Replace(try.path, "//", "/"+id+"/", 1)
				}
				return try.path + id
			}
			a, b := h.Ask(try.method, fill(theirs), try.body), h.Ask(try.method, fill(none), try.body)
			if a.Code != 404 || b.Code != 404 || a.Body["detail"] != b.Body["detail"] {
				t.Errorf("%s %s as %s answers %d %v; an unknown id %d %v", try.method, try.path, who.ID, a.Code, a.Body["detail"], b.Code, b.Body["detail"])
			}
		}
		if a := h.Ask("GET", "/webhooks/subscriptions", ""); a.Body["total"] != 0.0 {
			t.Errorf("%s sees %v", who.ID, a.Body["items"])
		}
	}
	h.Who = reconixtest.Of(access.Operator, "MTN")
	if h.field(sub.id, "state") != "active" {
		t.Error("a colleague does not see it as it was")
	}
}

// Class 1: a colleague with fewer rights who turns a subscription to another address
// takes nothing along that is not for those eyes.
func TestClass1AChangedAddressHearsWhatItsChangerMayHear(t *testing.T) {
	h, s := open(t), newSink(t, nil)
	sub := h.register(s.URL, "*")
	lesser := access.Principal{ID: "usr_less", Role: access.APIClient, May: []access.Permission{access.WebhookManage, access.WebhookRead, access.SIMRead}}
	h.Who = lesser
	if a := h.Ask("PATCH", "/webhooks/subscriptions/"+sub.id, `{"callback_url": "`+s.URL+`/mine"}`); a.Code != 200 {
		t.Fatalf("it answers %d: %s", a.Code, a.Text)
	}
	h.Write(func(tx *sqlite.Tx) error { return h.hooks.Publish(tx, webhook.Event{Type: webhook.DelinkSubmitted}) })
	if n := len(h.deliveries(sub.id)); n != 0 {
		t.Error("it hears of delink requests")
	}
	if a := h.Ask("PATCH", "/webhooks/subscriptions/"+sub.id, `{"events": ["delink.submitted"]}`); a.Code != 422 {
		t.Errorf("choosing what one may not hear answers %d", a.Code)
	}
}

// Class 20: no address inside is kept or called, and what a receiver says is not told.
func TestClass20WebhooksStayOutside(t *testing.T) {
	h := openWith(t, outbound.Options{})
	for _, url := range []string{"https://127.0.0.1/", "https://localhost/", "https://169.254.169.254/latest/meta-data", "https://[::ffff:10.0.0.1]/", "http://example.ng/", "https://example.ng:22/"} {
		if a := h.Ask("POST", "/webhooks/register", `{"subscriber_name": "A", "callback_url": "`+url+`", "events": ["*"]}`); a.Code != 422 || strings.Contains(a.Text, url) {
			t.Errorf("%s answers %d: %s", url, a.Code, a.Text)
		}
	}

	// Kept while its network was allowed, called after that was taken back.
	s := newSink(t, nil)
	h.hooks = h.service(outbound.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	made, err := h.hooks.Register(h.Context(), reconixtest.Admin(), webhook.Draft{Name: "A", URL: s.URL, Events: []string{"*"}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := h.service(outbound.Options{}).Test(h.Context(), reconixtest.Admin(), made.ID)
	if err != nil || d.Trouble != "blocked" || len(s.all()) != 0 {
		t.Errorf("it ended with %+v, %v, and the receiver got %d", d, err, len(s.all()))
	}
}

func TestClass20AnAnswersBodyIsNeitherKeptNorShown(t *testing.T) {
	const canary = "CANARY-b7d2f0"
	h := open(t)
	s := newSink(t, nil)
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Canary", canary)
		w.WriteHeader(500)
		for range 100_000 {
			if _, err := w.Write([]byte(canary)); err != nil {
				return
			}
		}
	})
	h.run()
	sub := h.register(s.URL, "*")
	if a := h.Ask("POST", "/webhooks/subscriptions/"+sub.id+"/test", ""); strings.Contains(a.Text, canary) || a.Body["status"] != 500.0 {
		t.Errorf("the test answers %s", a.Text)
	}
	h.publish(1)
	h.until("an attempt", func() bool { return h.deliveries(sub.id)[0]["attempts"] == 1.0 })
	if strings.Contains(h.Dump("webhook_delivery", "webhook_subscription", "audit_entry")+h.Logged(), "CANARY") {
		t.Error("what the receiver said was kept")
	}
}

// Class 25: secrets are sealed, shown once, and in no log.
func TestClass25SecretsAreShownOnce(t *testing.T) {
	h, s := open(t), newSink(t, nil)
	h.run()
	sub := h.register(s.URL, "*")
	rotated := h.Ask("POST", "/webhooks/subscriptions/"+sub.id+"/rotate", "").Body["secret"].(string)
	h.publish(1)
	h.until("a message", func() bool { return len(s.all()) == 1 })
	all := h.Dump("webhook_subscription", "webhook_delivery", "audit_entry", "job") + h.Logged() + h.Ask("GET", "/webhooks/subscriptions", "").Text +
		h.Ask("GET", "/webhooks/subscriptions/"+sub.id, "").Text + h.Ask("PATCH", "/webhooks/subscriptions/"+sub.id, `{"subscriber_name": "B"}`).Text
	for _, secret := range []string{sub.secret, rotated} {
		if strings.Contains(all, strings.TrimPrefix(secret, "whsec_")) {
			t.Error("a secret is kept or shown in the clear")
		}
	}
}

// key is a machine of an operator.
func key(id, operator string) access.Principal {
	return access.Principal{ID: "key_" + id, Name: id, Role: access.APIClient, May: access.APIClient.Permissions(), Operator: operator}
}

// tell sends a signed message in.
func (h *house) tell(who access.Principal, id string, at time.Time, body, signature string) reconixtest.Answer {
	h.Who = who
	return h.SendWith("POST", "/webhooks/receive", http.Header{
		"Content-Type": {"application/json"}, "Webhook-Id": {id}, "Webhook-Timestamp": {strconv.FormatInt(at.Unix(), 10)}, "Webhook-Signature": {signature},
	}, []byte(body))
}

func TestMessagesAreTakenOnce(t *testing.T) {
	h := open(t)
	h.Who = mtn
	sub := h.register("http://127.0.0.1:9/", "*")
	h.Who = glo
	other := h.register("http://127.0.0.1:9/", "*")
	done := 0
	h.hooks.On("linkage.removed", func(_ *sqlite.Tx, who access.Principal, m webhook.Message) error {
		if string(m.Data) != `{"id":7}` || who.Operator == "" {
			t.Errorf("%s told %s", who.ID, m.Data)
		}
		done++
		return nil
	})
	const body = `{"type":"linkage.removed","timestamp":"2026-11-20T09:00:00Z","data":{"id":7}}`
	now := h.Clock()
	sign := func(id, secret string) string { return webhook.Sign(id, now, []byte(body), secret) }

	a := h.tell(key("one", "MTN"), "msg_1", now, body, sign("msg_1", sub.secret))
	if a.Code != 200 || a.Body["duplicate"] != false || done != 1 {
		t.Fatalf("the first answers %d: %s", a.Code, a.Text)
	}
	a = h.tell(key("two", "MTN"), "msg_1", now, body, sign("msg_1", sub.secret))
	if a.Code != 200 || a.Body["duplicate"] != true || done != 1 {
		t.Errorf("the second answers %d: %s, and it was done %d times", a.Code, a.Text, done)
	}
	if a = h.tell(key("three", "GLO"), "msg_1", now, body, sign("msg_1", other.secret)); a.Code != 200 || a.Body["duplicate"] != false {
		t.Errorf("another's message of the same id answers %d: %s", a.Code, a.Text)
	}
	changed := strings.Replace(body, "7", "8", 1)
	if a = h.tell(key("one", "MTN"), "msg_1", now, changed, webhook.Sign("msg_1", now, []byte(changed), sub.secret)); a.Code != 409 {
		t.Errorf("another body under the same id answers %d", a.Code)
	}
	for name, a := range map[string]reconixtest.Answer{
		"another's secret": h.tell(key("one", "MTN"), "msg_2", now, body, sign("msg_2", other.secret)),
		"another body":     h.tell(key("one", "MTN"), "msg_2", now, changed, sign("msg_2", sub.secret)),
		"no signature":     h.tell(key("one", "MTN"), "msg_2", now, body, "v1,"),
		"an old message":   h.tell(key("one", "MTN"), "msg_2", now.Add(-6*time.Minute), body, webhook.Sign("msg_2", now.Add(-6*time.Minute), []byte(body), sub.secret)),
		"a later message":  h.tell(key("one", "MTN"), "msg_2", now.Add(6*time.Minute), body, webhook.Sign("msg_2", now.Add(6*time.Minute), []byte(body), sub.secret)),
		"our own message":  h.tell(key("one", "MTN"), "evt_01jd00000000000000000000000"[:30], now, body, sign("evt_01jd00000000000000000000000"[:30], sub.secret)),
		"a key of nobody":  h.tell(key("four", ""), "msg_2", now, body, sign("msg_2", sub.secret)),
	} {
		if a.Code != 422 {
			t.Errorf("%s answers %d: %s", name, a.Code, a.Text)
		}
	}
	if a = h.tell(mtn, "msg_2", now, body, sign("msg_2", sub.secret)); a.Code != 403 {
		t.Errorf("a person's message answers %d", a.Code)
	}
	if done != 2 || strings.Contains(h.Dump("webhook_received"), `{"id":7}`) {
		t.Errorf("it was done %d times; the body is kept in the clear: %v", done, strings.Contains(h.Dump("webhook_received"), `{"id":7}`))
	}
}
