package sims

import (
	"context"
	"strconv"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/day"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// Status is what may be said of a number (reconix.md §2).
type Status string

// The statuses. A legal hold makes a number BLOCKED.
const (
	StatusActive     Status = "ACTIVE"
	StatusRecycled   Status = "RECYCLED"
	StatusConflicted Status = "CONFLICTED"
	StatusBlocked    Status = "BLOCKED"
	StatusAvailable  Status = "AVAILABLE"
	StatusUnknown    Status = "UNKNOWN"
)

// Detail is all that is known about one recycled SIM.
type Detail struct {
	Record
	Status   Status     `json:"status" enum:"ACTIVE,RECYCLED,CONFLICTED,BLOCKED,AVAILABLE,UNKNOWN" doc:"CONFLICTED: recycled, and a former holder's identity is still on it; AVAILABLE: given back and clean"`
	Level    Level      `json:"risk_level" enum:"low,medium,high,critical"`
	Parts    []RiskPart `json:"risk_parts" nullable:"false" doc:"Which parts make the score"`
	Linkages []Linkage  `json:"linkages" nullable:"false"`
	Tenures  []Tenure   `json:"tenures" nullable:"false" doc:"Who held the number when, statements that were taken back included"`
	Events   []Event    `json:"events" nullable:"false"`
	Requests []string   `json:"requests" nullable:"false" doc:"Ids of the delink requests, newest first"`
	History  []Deed     `json:"history" nullable:"false" doc:"What was done to the record, newest first, at most 50"`
}

// Linkage is a NIN or BVN on the number.
type Linkage struct {
	Kind    string  `json:"kind" enum:"NIN,BVN"`
	Number  string  `json:"number" doc:"Masked"`
	Bank    string  `json:"bank_code,omitempty"`
	Source  string  `json:"source"`
	Since   day.Day `json:"linked_date" nullable:"true"`
	Removed day.Day `json:"removed_date" nullable:"true"`
	Active  bool    `json:"is_active"`
	Verdict string  `json:"verdict" enum:"unchecked,clean,stale,review,no_data"`
	Reason  string  `json:"reason"`
}

// Tenure is one statement about a generation of the number.
type Tenure struct {
	Generation int        `json:"generation"`
	From       day.Day    `json:"from" nullable:"true" doc:"First day"`
	Precision  string     `json:"from_precision" enum:"day,unknown"`
	To         day.Day    `json:"to" nullable:"true" doc:"First day on which it may have been over; null while it goes on"`
	ToLatest   day.Day    `json:"to_latest" nullable:"true" doc:"First day on which it was known to be over, when to is not exact"`
	EndedAs    string     `json:"ended_as,omitempty" doc:"deactivated, churned, quarantined or missing"`
	Operator   string     `json:"operator_code"`
	Holder     string     `json:"holder" doc:"A label that stands for one person on this page only"`
	SameHolder *bool      `json:"same_holder_as_previous" nullable:"true" doc:"null when it is not known"`
	Source     string     `json:"source" doc:"inventory, or what else told it"`
	SourceID   string     `json:"source_id" doc:"The job or request that told it"`
	Learnt     time.Time  `json:"learnt_at"`
	Retracted  *time.Time `json:"retracted_at" nullable:"true" doc:"When the statement was taken back; null while it stands"`
}

// Event is one thing that happened to the number.
type Event struct {
	Kind       string    `json:"kind" doc:"activated, ended, recycled, reissued, same_holder_return, port, swap, reversal or correction"`
	Generation int       `json:"generation"`
	Day        day.Day   `json:"day" nullable:"true"`
	Operator   string    `json:"operator_code"`
	Learnt     time.Time `json:"learnt_at"`
	Note       string    `json:"note"`
}

// Deed is a line of the audit log.
type Deed struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"`
	Action string    `json:"action"`
	Result string    `json:"result"`
}

// historyLength bounds how much of the audit log a page shows.
const historyLength = 50

// Detail tells all about one recycled SIM, within what the caller may see.
func (s *Service) Detail(ctx context.Context, who access.Principal, sim string) (*Detail, error) {
	return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (*Detail, error) {
		r, err := visible(tx, who, sim)
		if err != nil {
			return nil, err
		}
		said, err := tenure.Everything(tx, int64(r.MSISDN))
		if err != nil {
			return nil, err
		}
		events, err := tenure.Events(tx, int64(r.MSISDN))
		if err != nil {
			return nil, err
		}
		shown := []Record{r}
		if err := recognize(tx, who, shown); err != nil {
			return nil, err
		}
		r = shown[0]
		links, err := linkage.Of(tx, int64(r.MSISDN))
		if err != nil {
			return nil, err
		}
		deeds, err := s.Audit.Of(tx, r.ID, historyLength)
		if err != nil {
			return nil, err
		}
		requests, err := requestsOf(tx, who, r.ID)
		if err != nil {
			return nil, err
		}
		blocked, err := held(tx, int64(r.MSISDN))
		if err != nil {
			return nil, err
		}
		present := standing(said).Present()
		links = seen(who, present, links)
		out := &Detail{
			Record: r, Status: statusOf(r, present, links), Parts: riskParts(r.parts), Requests: requests,
			Linkages: showLinkages(links), Tenures: showTenures(said), Events: showEvents(events, firstOf(said)), History: showDeeds(who, deeds),
		}
		if blocked {
			out.Status = StatusBlocked
		}
		_, out.Level = Risk(r.parts)
		return out, nil
	})
}

// standing is what was not taken back.
func standing(said []tenure.Statement) tenure.History {
	var h tenure.History
	for _, t := range said {
		if t.Retracted.IsZero() {
			h = append(h, t)
		}
	}
	return h
}

// seen keeps the linkages that a caller may see: a bank its own BVNs; an operator none
// of a number that went on to another network.
func seen(who access.Principal, present *tenure.Statement, all []linkage.Linkage) []linkage.Linkage {
	out := []linkage.Linkage{}
	for _, l := range all {
		if who.Bank != "" && (l.Kind != linkage.BVN || l.Bank != who.Bank) {
			continue
		}
		if who.Operator != "" && present != nil && present.Operator != who.Operator {
			continue
		}
		out = append(out, l)
	}
	return out
}

// statusOf is the rule of reconix.md §2 for a number that was recycled.
func statusOf(r Record, present *tenure.Statement, links []linkage.Linkage) Status {
	stale, active := r.NINLinked || r.BVNLinked, false
	for _, l := range links {
		active = active || l.Active()
		stale = stale || (l.Active() && l.Verdict == linkage.Stale)
	}
	switch {
	case stale:
		return StatusConflicted
	case present != nil && !present.Open() && !active:
		return StatusAvailable
	}
	return StatusRecycled
}

func showLinkages(all []linkage.Linkage) []Linkage {
	out := make([]Linkage, len(all))
	for i, l := range all {
		out[i] = Linkage{
			Kind: l.Kind.String(), Number: l.Mask, Bank: l.Bank, Source: l.Source, Since: l.From, Removed: l.To,
			Active: l.Active(), Verdict: l.Verdict.String(), Reason: l.Reason,
		}
	}
	return out
}

// firstOf is the first generation of a number: below 1 where a file of the past told of
// holders before those that inventories know. People see it as the first.
func firstOf(said []tenure.Statement) int {
	first := 1
	for _, t := range said {
		first = min(first, t.Generation)
	}
	return first
}

// showTenures gives each distinct holder a letter, in the order of generations, and
// says of each statement whether its holder is the one of the generation before.
func showTenures(said []tenure.Statement) []Tenure {
	labels := holders{}
	stands := map[int]tenure.Holder{}
	for _, t := range said {
		if t.Retracted.IsZero() {
			stands[t.Generation] = t.Holder
		}
	}
	first := firstOf(said)
	out := make([]Tenure, len(said))
	for i, t := range said {
		v := Tenure{
			Generation: t.Generation - first + 1, From: t.From, Precision: "day", To: t.To, ToLatest: day.None, EndedAs: t.EndedAs, Operator: t.Operator,
			Holder: labels.of(t.Holder), Source: sourceOf(t.Source), SourceID: t.Source, Learnt: t.Learnt,
		}
		if !t.From.Known() {
			v.Precision = "unknown"
		}
		if t.To.Known() && t.Last.Known() && t.Last+1 < t.To {
			v.To, v.ToLatest = t.Last+1, t.To
		}
		if before, ok := stands[t.Generation-1]; ok {
			v.SameHolder = sameHolder(before, t.Holder)
		}
		if !t.Retracted.IsZero() {
			v.Retracted = &t.Retracted
		}
		out[i] = v
	}
	return out
}

func sameHolder(before, after tenure.Holder) *bool {
	var same bool
	switch tenure.Same(before, after) {
	case tenure.Yes:
		same = true
	case tenure.NoData:
		return nil
	}
	return &same
}

// sourceOf says in a word what told a statement: feeds and jobs are inventories.
func sourceOf(source string) string {
	for _, kind := range []string{"feed_", "job_"} {
		if strings.HasPrefix(source, kind) {
			return "inventory"
		}
	}
	return source
}

// holders labels persons whose tokens nobody here can read.
type holders []tenure.Holder

func (h *holders) of(t tenure.Holder) string {
	if t.Kind == tenure.Unknown {
		return "Holder not known"
	}
	for i, known := range *h {
		if tenure.Same(known, t) == tenure.Yes {
			return "Holder " + letters(i)
		}
	}
	*h = append(*h, t)
	return "Holder " + letters(len(*h)-1)
}

// letters counts A, B … Z, AA, AB as spreadsheets name columns.
func letters(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letters(i/26-1) + letters(i%26)
}

func showEvents(all []tenure.Event, first int) []Event {
	out := make([]Event, len(all))
	for i, e := range all {
		out[i] = Event{string(e.Kind), e.Generation - first + 1, e.Day, e.Operator, e.Learnt, e.Note}
	}
	return out
}

// showDeeds names who did it; to somebody who is bound to a tenant, others only by
// their role.
func showDeeds(who access.Principal, all []audit.Entry) []Deed {
	bound := who.Operator != "" || who.Bank != "" || who.MSISDN != 0
	out := make([]Deed, len(all))
	for i, e := range all {
		actor := e.Name
		if bound && e.Actor != who.ID {
			actor = e.Role
		}
		out[i] = Deed{strconv.FormatInt(e.Seq, 10), e.At, actor, e.Action, e.Result}
	}
	return out
}
