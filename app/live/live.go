// Package live tells open browsers and programs what changed, as it changes.
//
// A feature publishes an event inside its write; it is heard after the commit and
// never when the write was undone. Each channel keeps its last events in a bounded
// ring. A socket is only a place in that ring: what was missed while the line was down
// is sent after ?last_event_id=, nothing twice and nothing left out, and a reader that
// falls off the ring's end is dropped instead of waited for.
//
// Who may hear an event is asked when it is sent, with the rights of that moment
// ([Event].See), and a socket ends within seconds of its session.
//
//	hub.go     the rings and their events
//	socket.go  one connection
//	door.go    who may open one: origin, credentials, limits
//	ticket.go  one-use tickets for clients that can send neither header nor cookie
package live

import (
	"encoding/json"
	"time"

	"reconexus/app/access"
)

// The channels.
const (
	Notifications = "notifications"
	DelinkUpdates = "delink_updates"
	SIMAlerts     = "sim_alerts"
	Jobs          = "jobs"
	System        = "system"
	Webhooks      = "webhooks"
)

// Event is something that happened.
type Event struct {
	Channel string // one of the channels above
	Type    string // such as "job.updated"
	Data    any    // becomes JSON at once: later changes to it are not seen
	// See tells who may hear it. Without it, an event reaches only who is bound to no
	// operator, bank or number, and on [Notifications] nobody.
	See func(access.Principal) bool
}

// Message is an event as it travels.
type Message struct {
	ID      string          `json:"id"`
	Channel string          `json:"channel"`
	Type    string          `json:"type"`
	At      time.Time       `json:"at"`
	Data    json.RawMessage `json:"data"`
}

// Reset is the type of the first message when the events after last_event_id are no
// longer kept: ask for the present state again. Its id is the place to resume from.
const Reset = "reset"

// topic is what a channel asks of its listeners.
type topic struct {
	need access.Permission
	see  func(access.Principal) bool // for events that bring no rule of their own
}

func topics() map[string]topic {
	return map[string]topic{
		Notifications: {access.SignedIn, nobody},
		DelinkUpdates: {access.DelinkRead, unbound},
		SIMAlerts:     {access.SIMRead, unbound},
		Jobs:          {access.SignedIn, unbound},
		System:        {access.MetricsRead, unbound},
		Webhooks:      {access.WebhookRead, unbound},
	}
}

func nobody(access.Principal) bool { return false }

func unbound(p access.Principal) bool { return p.Operator == "" && p.Bank == "" && p.MSISDN == 0 }
