package live

import (
	"encoding/json"
	"testing"
	"time"
)

func TestEnvelopeIsTheMessageAsJSON(t *testing.T) {
	at := time.Date(2026, 11, 20, 12, 0, 0, 123_000_000, time.FixedZone("Africa/Lagos", 3600))
	data := json.RawMessage(`{"a":["b",1,null]}`)
	e := Event{Channel: Jobs, Type: "job.updated"}
	want, err := json.Marshal(Message{"0001-x", e.Channel, e.Type, at.UTC(), data})
	if got := envelope("0001-x", e, at, data); err != nil || string(got) != string(want) {
		t.Errorf("%s\nwant %s, %v", got, want, err)
	}
}
