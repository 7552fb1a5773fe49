package delink

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"reconexus/app/reconix/linkage"
)

var states = []State{Submitted, OperatorApproved, AwaitingBank, BankApproved, AwaitingNIMC, Executing, Completed, Rejected, Canceled, Failed, Disputed, RolledBack}

// The states and what leads from one to another, as reconix.md §5 draws them.
func TestTheMachineIsTheOneThatWasDrawn(t *testing.T) {
	reach := map[State][]State{}
	for _, m := range moves {
		if m.verb != escalate && m.from != m.to {
			reach[m.from] = append(reach[m.from], m.to)
		}
	}
	for from, want := range map[State]string{
		"":               "submitted",
		Submitted:        "operator_approved rejected cancelled disputed",
		OperatorApproved: "awaiting_bank_approval awaiting_nimc_notification cancelled",
		AwaitingBank:     "bank_approved failed rejected cancelled disputed",
		BankApproved:     "awaiting_nimc_notification cancelled",
		AwaitingNIMC:     "execution_in_progress cancelled disputed",
		Executing:        "awaiting_nimc_notification completed failed",
		Failed:           "awaiting_bank_approval awaiting_nimc_notification cancelled disputed rolled_back",
		Completed:        "disputed rolled_back",
		Disputed:         "cancelled submitted awaiting_bank_approval awaiting_nimc_notification failed completed rejected rolled_back",
	} {
		var got []string
		for _, to := range reach[from] {
			got = append(got, string(to))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("from %q: %s, want %s", from, strings.Join(got, " "), want)
		}
	}
	for _, s := range []State{Rejected, Canceled, RolledBack} {
		if len(reach[s]) > 0 || s.Open() || s.deadline() != 0 || s.waits() != "nobody" {
			t.Errorf("%s does not end", s)
		}
	}
	for _, s := range states {
		if s.Open() && s.deadline() == 0 && s != OperatorApproved && s != BankApproved {
			t.Errorf("%s has no deadline", s)
		}
	}
	if Submitted.deadline() != 24*time.Hour || AwaitingBank.deadline() != 48*time.Hour || AwaitingNIMC.deadline() != 2*time.Hour || Executing.deadline() != time.Hour {
		t.Error("the deadlines are not those of the domain")
	}
}

// Whatever the items of a request are, a verb leads where a row of the table says, or
// it is refused and nothing changes; and no verb of people leads into the removal past
// the approvals.
func TestNoVerbLeavesTheTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for range 50 {
			oneVerb(t)
		}
	})
}

func oneVerb(t *rapid.T) {
	verbs := []Verb{submit, approve, reject, proceed, answer, begin, halt, finish, cancel, retry, dispute, settle, uphold, rollback, escalate}
	r := &Request{State: rapid.SampledFrom(states).Draw(t, "state"), CameFrom: rapid.SampledFrom(append(states, "")).Draw(t, "came from")}
	for i := range rapid.IntRange(1, 4).Draw(t, "items") {
		r.Items = append(r.Items, Item{Place: i + 1, Kind: linkage.Kind(rapid.IntRange(1, 2).Draw(t, "kind")),
			State: rapid.SampledFrom([]ItemState{Waiting, Approved, Refused, Done, Kept, Stuck, PutBack}).Draw(t, "item")})
	}
	v := rapid.SampledFrom(verbs).Draw(t, "verb")
	from, was := r.State, touched(r)
	err := r.move(v, time.Unix(0, 0))
	if err != nil {
		if r.State != from {
			t.Fatalf("%s was refused and led from %s to %s", v, from, r.State)
		}
		return
	}
	found := false
	for _, m := range moves {
		found = found || (m.verb == v && m.from == from && m.to == r.State)
	}
	if !found {
		t.Fatalf("%s led from %s to %s, which no row says", v, from, r.State)
	}
	if r.State == Canceled && was {
		t.Fatalf("a request for which something was removed was cancelled from %s", from)
	}
	if r.State == Rejected && was {
		t.Fatalf("a request for which something was removed was rejected from %s", from)
	}
	if r.State == RolledBack && !was {
		t.Fatalf("nothing was removed, and it was rolled back from %s", from)
	}
	if (r.State.deadline() > 0) != !r.Due.IsZero() && from != r.State {
		t.Fatalf("%s has the deadline %v", r.State, r.Due)
	}
}
