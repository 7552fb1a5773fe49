package webhook_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/jobs"
	"reconexus/app/kit/outbound"
	"reconexus/app/reconix/reconixtest"
	"reconexus/app/reconix/webhook"
	"reconexus/store/sqlite"
)

// The example of the Standard Webhooks specification.
func TestSignsAsStandardWebhooksSays(t *testing.T) {
	const secret, id = "whsec_plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf"
	at, body := time.Unix(1731705121, 0), []byte(`{"event_type":"ping","data":{"success":true}}`)
	const want = "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="
	if got := webhook.Sign(id, at, body, secret); got != want {
		t.Errorf("the signature is %s, not %s", got, want)
	}
	other := "whsec_" + base64.StdEncoding.EncodeToString([]byte("another secret, as long as it ought to be"))
	both := webhook.Sign(id, at, body, other, secret)
	if !webhook.Verify(both, id, at, body, secret) || !webhook.Verify(both, id, at, body, other) || strings.Count(both, "v1,") != 2 {
		t.Errorf("two secrets do not sign side by side: %s", both)
	}
	for name, good := range map[string]bool{
		"another body":   webhook.Verify(want, id, at, append(body, ' '), secret),
		"another id":     webhook.Verify(want, id+"x", at, body, secret),
		"another time":   webhook.Verify(want, id, at.Add(time.Second), body, secret),
		"another secret": webhook.Verify(want, id, at, body, other),
		"version 2":      webhook.Verify(strings.Replace(want, "v1", "v2", 1), id, at, body, secret),
		"no secret":      webhook.Verify(want, id, at, body, ""),
		"nothing":        webhook.Verify("", id, at, body, secret),
	} {
		if good {
			t.Errorf("%s is taken for genuine", name)
		}
	}
}

func TestFromRegistrationToDelivery(t *testing.T) {
	h, s := open(t), newSink(t, nil)
	h.run()
	sub := h.register(s.URL, webhook.ImportFinished)
	h.publish(1, 2, 3)
	h.until("three messages", func() bool { return len(s.all()) == 3 })
	for i, m := range s.all() {
		if m.N != i+1 || m.Type != webhook.ImportFinished || m.Header.Get("Content-Type") != "application/json" {
			t.Errorf("message %d is %+v", i, m)
		}
		if !webhook.Verify(m.Header.Get("webhook-signature"), m.ID, m.At, m.Body, sub.secret) {
			t.Errorf("the signature of message %d does not fit", i)
		}
	}
	h.until("the log", func() bool { return h.deliveries(sub.id)[0]["state"] == "delivered" })
	log := h.deliveries(sub.id)
	if len(log) != 3 || log[0]["status"] != 200.0 || log[0]["attempts"] != 1.0 || log[2]["webhook_id"] != s.all()[0].ID {
		t.Errorf("the log is %v", log)
	}
	one := h.Ask("GET", "/webhooks/deliveries/"+log[2]["id"].(string), "")
	if one.Body["body"].(map[string]any)["data"].(map[string]any)["n"] != 1.0 {
		t.Errorf("the delivery shows %s", one.Text)
	}
	if a := h.Ask("GET", "/webhooks/subscriptions", ""); strings.Contains(a.Text, sub.secret) || strings.Contains(a.Text, "whsec_") {
		t.Error("the secret is shown again")
	}
}

// Whoever chose nothing of it, or may not hear of it, is told nothing; and an undone
// write tells nobody.
func TestOnlyWhoWantsAndMayHearIsTold(t *testing.T) {
	h, s := open(t), newSink(t, nil)
	h.Who = mtn
	ours := h.register(s.URL, "*")
	h.Who = glo
	theirs := h.register(s.URL, "*")
	h.Who = zenith
	bank := h.register(s.URL, "*")
	h.Who = reconixtest.Admin()
	all, other := h.register(s.URL, "*"), h.register(s.URL, webhook.LinkageStale)
	h.Write(func(tx *sqlite.Tx) error {
		return h.hooks.Publish(tx, webhook.Event{Type: webhook.SIMRecycled, Data: map[string]int{"n": 1}, See: func(p access.Principal) bool {
			return p.Bank == "" && (p.Operator == "" || p.Operator == "MTN")
		}})
	})
	_ = sqlite.Do(t.Context(), h.DB, func(tx *sqlite.Tx) error {
		return fmt.Errorf("undone, %w", h.hooks.Publish(tx, webhook.Event{Type: webhook.SIMRecycled, Data: 2}))
	})
	for name, c := range map[string]struct {
		sub  made
		want int
	}{"its operator": {ours, 1}, "another operator": {theirs, 0}, "a bank": {bank, 0}, "the box": {all, 1}, "who wants something else": {other, 0}} {
		if n := len(h.deliveries(c.sub.id)); n != c.want {
			t.Errorf("%s is told %d times, not %d", name, n, c.want)
		}
	}
	if err := sqlite.Do(t.Context(), h.DB, func(tx *sqlite.Tx) error {
		return h.hooks.Publish(tx, webhook.Event{Type: "sim.stolen"})
	}); err == nil {
		t.Error("an unknown event is published")
	}
}

// A receiver that fails is tried again after longer and longer pauses, with those behind
// waiting; at the eighth failure the letter is dead and the subscription pauses.
func TestRetriesInOrderUntilTheLetterIsDead(t *testing.T) {
	down := true
	h := open(t)
	s := newSink(t, func(int) int {
		if down {
			return 503
		}
		return 204
	})
	h.run()
	sub := h.register(s.URL, "*")
	h.publish(1, 2)
	pauses := []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}
	for i, pause := range pauses {
		h.until("an attempt", func() bool { return h.deliveries(sub.id)[1]["attempts"] == float64(i+1) })
		next, err := time.Parse(time.RFC3339, h.deliveries(sub.id)[1]["next_attempt_at"].(string))
		if wait := next.Sub(h.Clock()); err != nil || wait < pause || wait > pause*6/5 {
			t.Errorf("after attempt %d it waits %v, not %v and up to a fifth more", i+1, wait, pause)
		}
		h.Pass(pause - time.Second)
		h.hooks.Wake()
		time.Sleep(20 * time.Millisecond)
		if n := len(s.all()); n != i+1 {
			t.Fatalf("there were %d attempts before the time of attempt %d", n, i+2)
		}
		h.Pass(pause/5 + time.Second)
		h.hooks.Wake()
	}
	h.until("the pause", func() bool { return h.field(sub.id, "state") == "paused" })
	if got := s.numbers(); slices.Contains(got, 2) || len(got) != 8 {
		t.Fatalf("while the first failed, %v were sent", got)
	}
	for _, m := range s.all() {
		if m.ID != s.all()[0].ID || !webhook.Verify(m.Header.Get("webhook-signature"), m.ID, m.At, m.Body, sub.secret) {
			t.Error("an attempt has another id, or a signature that does not fit its time")
		}
	}
	if h.field(sub.id, "dead") != 1.0 || h.field(sub.id, "waiting") != 1.0 || !strings.Contains(h.field(sub.id, "reason").(string), "dead letter") {
		t.Errorf("the subscription says %v", h.Ask("GET", "/webhooks/subscriptions/"+sub.id, "").Text)
	}
	if log := h.Dump("audit_entry"); !strings.Contains(log, "webhook.dead") || !strings.Contains(log, "webhook.pause") {
		t.Error("the audit log does not tell of the dead letter")
	}

	// Mended: the dead letter goes first, then what waited.
	s.mu.Lock()
	down = false
	s.mu.Unlock()
	dead := h.deliveries(sub.id)[1]["id"].(string)
	if a := h.Ask("POST", "/webhooks/deliveries/"+dead+"/redeliver", ""); a.Code != 202 {
		t.Fatalf("redelivering answers %d: %s", a.Code, a.Text)
	}
	if a := h.Ask("POST", "/webhooks/deliveries/"+dead+"/redeliver", ""); a.Code != 409 {
		t.Errorf("redelivering what waits answers %d", a.Code)
	}
	if a := h.Ask("PATCH", "/webhooks/subscriptions/"+sub.id, `{"paused": false}`); a.Code != 200 {
		t.Fatalf("resuming answers %d: %s", a.Code, a.Text)
	}
	h.until("both", func() bool { return len(s.all()) == 10 })
	if got := s.numbers()[8:]; !slices.Equal(got, []int{1, 2}) {
		t.Errorf("after mending, %v were sent", got)
	}
}

func TestGoneEndsTheSubscription(t *testing.T) {
	h, s := open(t), newSink(t, func(int) int { return 410 })
	h.run()
	sub := h.register(s.URL, "*")
	h.publish(1, 2, 3)
	h.until("the end", func() bool { return h.field(sub.id, "state") == "ended" })
	h.publish(4)
	for _, d := range h.deliveries(sub.id) {
		if d["state"] != "dead" {
			t.Errorf("after the end a delivery is %v", d["state"])
		}
	}
	if n := len(s.all()); n != 1 || len(h.deliveries(sub.id)) != 3 {
		t.Errorf("%d were sent and %d kept", n, len(h.deliveries(sub.id)))
	}
	for _, deed := range [][2]string{{"PATCH", `{"paused": false}`}, {"POST", "rotate"}, {"POST", "test"}} {
		path := "/webhooks/subscriptions/" + sub.id
		body := deed[1]
		if deed[0] == "POST" {
			path, body = path+"/"+deed[1], ""
		}
		if a := h.Ask(deed[0], path, body); a.Code != 409 {
			t.Errorf("%s on what has ended answers %d", deed[1], a.Code)
		}
	}
}

func TestRotationSignsWithBothForADay(t *testing.T) {
	h, s := open(t), newSink(t, nil)
	h.run()
	sub := h.register(s.URL, "*")
	a := h.Ask("POST", "/webhooks/subscriptions/"+sub.id+"/rotate", "")
	next := a.Body["secret"].(string)
	if a.Code != 200 || next == sub.secret || a.Body["old_secret_until"] != "2026-11-21T09:00:00Z" {
		t.Fatalf("rotating answers %d: %s", a.Code, a.Text)
	}
	signed := func(n int, secret string) bool {
		h.until("a message", func() bool { return len(s.all()) == n })
		m := s.all()[n-1]
		return webhook.Verify(m.Header.Get("webhook-signature"), m.ID, m.At, m.Body, secret)
	}
	h.publish(1)
	if !signed(1, sub.secret) || !signed(1, next) {
		t.Error("within the day, one of the secrets does not sign")
	}
	h.Pass(webhook.Overlap)
	h.publish(2)
	if signed(2, sub.secret) || !signed(2, next) {
		t.Error("after the day the old secret still signs, or the new one does not")
	}
}

func TestPauseChangeAndRemove(t *testing.T) {
	h, first, second := open(t), newSink(t, nil), newSink(t, nil)
	h.run()
	sub := h.register(first.URL, webhook.ImportFinished)
	path := "/webhooks/subscriptions/" + sub.id
	if a := h.Ask("PATCH", path, `{"paused": true}`); a.Code != 200 || a.Body["state"] != "paused" || a.Header.Get("ETag") != `"2"` {
		t.Fatalf("pausing answers %d: %s", a.Code, a.Text)
	}
	h.publish(1)
	h.hooks.Wake()
	time.Sleep(20 * time.Millisecond)
	if a := h.Ask("PATCH", path, `{"paused": false, "callback_url": "`+second.URL+`", "subscriber_name": "Other"}`); a.Code != 200 || a.Body["subscriber_name"] != "Other" {
		t.Fatalf("resuming answers %d: %s", a.Code, a.Text)
	}
	h.until("the message at the new address", func() bool { return len(second.all()) == 1 })
	if len(first.all()) != 0 {
		t.Error("something was sent while it was paused")
	}
	if a := h.Ask("PATCH", path, `{"events": ["sim.stolen"]}`); a.Code != 422 {
		t.Errorf("an unknown event is answered %d", a.Code)
	}
	if a := h.Ask("DELETE", path, ""); a.Code != 204 {
		t.Fatalf("removing answers %d: %s", a.Code, a.Text)
	}
	h.publish(2)
	if a := h.Ask("GET", path, ""); a.Code != 404 || h.Dump("webhook_delivery") != "" {
		t.Errorf("what was removed answers %d, and %q is left of it", a.Code, h.Dump("webhook_delivery"))
	}
}

// The test button tells at once what came of it, also when nothing listens.
func TestTestTellsWhatCameOfIt(t *testing.T) {
	h, s := open(t), newSink(t, nil)
	sub := h.register(s.URL, webhook.SIMRecycled)
	a := h.Ask("POST", "/webhooks/subscriptions/"+sub.id+"/test", "")
	if a.Code != 200 || a.Body["state"] != "delivered" || a.Body["type"] != "webhook.test" || s.all()[0].Type != "webhook.test" {
		t.Fatalf("the test answers %d: %s", a.Code, a.Text)
	}
	s.Close()
	a = h.Ask("POST", "/webhooks/subscriptions/"+sub.id+"/test", "")
	if a.Code != 200 || a.Body["state"] != "dead" || (a.Body["trouble"] != "connect" && a.Body["trouble"] != "broken") || a.Body["next_attempt_at"] != nil {
		t.Errorf("with nothing there the test answers %d: %s", a.Code, a.Text)
	}
	if h.field(sub.id, "dead") != 0.0 || h.field(sub.id, "state") != "active" {
		t.Error("a failed test is counted as a dead letter")
	}
}

func TestImportsTellOfTheirEnd(t *testing.T) {
	h, s := open(t), newSink(t, nil)
	h.Jobs.Handle(jobs.Kind{Name: "things.import", Permission: access.SIMBulkUpload, Run: nothing})
	h.Jobs.Handle(jobs.Kind{Name: "things.count", Permission: access.SIMBulkUpload, Run: nothing})
	h.Start(h.Jobs)
	h.run()
	h.Who = mtn
	h.register(s.URL, webhook.ImportFinished)
	for _, kind := range []string{"things.count", "things.import"} {
		var job jobs.Job
		h.Write(func(tx *sqlite.Tx) (err error) {
			job, err = h.Jobs.Add(tx, mtn, jobs.Spec{Kind: kind, Title: kind, Operator: "MTN"})
			return err
		})
		h.Wait(job.ID)
	}
	h.until("the message", func() bool { return len(s.all()) == 1 })
	body := string(s.all()[0].Body)
	for _, part := range []string{`"type":"import.finished"`, `"kind":"things.import"`, `"state":"succeeded"`, `"operator_code":"MTN"`, `"result":{"rows":7}`} {
		if !strings.Contains(body, part) {
			t.Errorf("the message lacks %s: %s", part, body)
		}
	}
}

func TestWhatIsOldIsForgotten(t *testing.T) {
	h := open(t)
	h.Start(h.Jobs)
	sub := h.register("http://127.0.0.1:9", "*")
	h.publish(1, 2)
	h.Pass(31 * 24 * time.Hour)
	h.publish(3)
	var job jobs.Job
	h.Write(func(tx *sqlite.Tx) (err error) {
		job, err = h.Jobs.Add(tx, access.System("test"), jobs.Spec{Kind: "webhook.tidy", Title: "tidy"})
		return err
	})
	h.Wait(job.ID)
	if log := h.deliveries(sub.id); len(log) != 1 {
		t.Errorf("after a month %d deliveries are left", len(log))
	}
}

func TestRegistrationSaysWhatIsWrong(t *testing.T) {
	h := open(t)
	for body, field := range map[string]string{
		`{"subscriber_name": " ", "callback_url": "https://example.ng/", "events": ["*"]}`:            "subscriber_name",
		`{"subscriber_name": "A", "callback_url": "ftp://example.ng/", "events": ["*"]}`:              "callback_url",
		`{"subscriber_name": "A", "callback_url": "https://example.ng/", "events": ["sim.stolen"]}`:   "events",
		`{"subscriber_name": "A", "callback_url": "https://example.ng/", "events": []}`:               "events",
		`{"subscriber_name": "A", "callback_url": "https://example.ng/"}`:                             "events",
		`{"subscriber_name": "A", "callback_url": "https://example.ng/", "events": ["*"], "more": 1}`: "more",
	} {
		if a := h.Ask("POST", "/webhooks/register", body); a.Code != 422 || !strings.Contains(a.Text, field) {
			t.Errorf("%s answers %d: %s", body, a.Code, a.Text)
		}
	}
	for range 20 {
		h.register("https://example.ng/", "*")
	}
	if a := h.Ask("POST", "/webhooks/register", `{"subscriber_name": "A", "callback_url": "https://example.ng/", "events": ["*"]}`); a.Code != 409 {
		t.Errorf("the 21st subscription answers %d", a.Code)
	}
	a := h.Ask("GET", "/webhooks/subscriptions?limit=15", "")
	if a.Body["total"] != 20.0 || len(a.Body["items"].([]any)) != 15 {
		t.Errorf("the list is %s", a.Text)
	}
	if a = h.Ask("GET", "/webhooks/subscriptions?after="+a.Body["next"].(string), ""); len(a.Body["items"].([]any)) != 5 {
		t.Errorf("the next page is %s", a.Text)
	}
}

func TestThroughTLS(t *testing.T) {
	s := newTLSSink(t)
	for name, roots := range map[string]bool{"trusted": true, "not trusted": false} {
		t.Run(name, func(t *testing.T) {
			o := outbound.Options{Allow: loopback()}
			if roots {
				o.Roots = rootsOf(s)
			}
			h := openWith(t, o)
			sub := h.register(s.URL, "*")
			a := h.Ask("POST", "/webhooks/subscriptions/"+sub.id+"/test", "")
			if roots && a.Body["state"] != "delivered" || !roots && a.Body["trouble"] != "tls" {
				t.Errorf("it answers %s", a.Text)
			}
		})
	}
}
