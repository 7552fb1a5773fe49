package identity

import (
	"context"
	"strconv"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/page"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/tenure"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
)

// Mount declares the routes.
func (s *Service) Mount(api *rest.API) {
	rest.Get(api, "/identity/msisdn/{number}/status", access.SIMRead, s.status,
		rest.Doc("Say what a number's identity is now", "An unknown number is UNKNOWN and cannot be assigned: absence of knowledge is not availability. With as_known_on, the answer is the one that would have been given then."))
	rest.Get(api, "/identity/msisdn/{number}/linkages", access.LinkageRead, s.linkages, rest.Doc("Show every linkage of a number, removed ones too"))
	rest.Get(api, "/identity/lookup", access.LinkageRead, s.lookup, rest.Doc("Show a number's identity and how far the sources agree on it"))
	rest.Post(api, "/identity/batch-lookup", access.LinkageRead, s.batch, rest.Repeatable(), rest.Status(200), rest.Doc("Look up to 100 numbers up at once"))
	rest.Get(api, "/identity/msisdn/{number}/lookups", access.AuditRead, s.inquiries, rest.Doc("List who looked a number up, newest first", "Also those who asked by a file. What is asked now is listed within a second."))
	rest.Get(api, "/identity/conflicts", access.AuditRead, s.conflicts, rest.Doc("List numbers on which sources disagree"))
}

// Asking is why somebody asks.
type Asking struct {
	Purpose string `header:"X-Purpose" maxLength:"200" doc:"Why you ask, in words; it is recorded and shown to the number's holder"`
}

type statusInput struct {
	Asking
	Number string `path:"number" maxLength:"64"`
	Known  string `query:"as_known_on" maxLength:"40" doc:"Answer as it was known on this day (YYYY-MM-DD) or at this instant (RFC 3339)"`
}

// View is the answer about a number's status.
type View struct {
	MSISDN      numbering.MSISDN `json:"msisdn"`
	Status      Status           `json:"status" enum:"ACTIVE,RECYCLED,CONFLICTED,BLOCKED,AVAILABLE,UNKNOWN"`
	Recycled    bool             `json:"is_recycled" doc:"Somebody else is known to have held it before"`
	NIN         int              `json:"active_nin_linkages"`
	BVN         int              `json:"active_bvn_linkages"`
	CanAssign   bool             `json:"can_assign_to_new_user"`
	Blockers    []string         `json:"blockers" nullable:"false" doc:"Why it cannot be assigned; empty when it can"`
	Cleanup     *string          `json:"cleanup_status" nullable:"true" enum:"pending,in_progress,completed,failed" doc:"Of its last recycling; null without one"`
	Operator    *string          `json:"operator_code" nullable:"true" doc:"The network of the present or last tenure; null when none is known"`
	HolderSince day.Day          `json:"holder_since" nullable:"true" doc:"First day of the present holder's unbroken run of tenures"`
	Evidence    string           `json:"evidence" doc:"What the answer is based on: none, or of tenure, linkage and report, joined with +"`
	Coverage    *tenure.Coverage `json:"coverage,omitempty" doc:"The days for which the operator has told everything"`
	AsOf        time.Time        `json:"as_of" doc:"The instant whose knowledge this is"`
}

func (s *Service) status(ctx context.Context, in *statusInput) (*View, error) {
	number, err := s.Table.Parse([]byte(in.Number))
	if err != nil {
		return nil, intake.Wrong("number", err)
	}
	now := s.Clock().UTC()
	at, err := instant(in.Known, now)
	if err != nil {
		return nil, err
	}
	who := access.From(ctx)
	if err := s.lookups.Note(who, int64(number), in.Purpose); err != nil {
		return nil, err
	}
	if at.IsZero() {
		a, err := s.Brief(ctx, who, number)
		if err != nil {
			return nil, err
		}
		return a.view(number, now), nil
	}
	a, err := s.StatusOf(ctx, who, number, at)
	if err != nil {
		return nil, err
	}
	return a.view(number, at), nil
}

func (a *Answer) view(number numbering.MSISDN, at time.Time) *View {
	blockers := a.blockers()
	v := &View{
		MSISDN: number, Status: a.Status, Recycled: a.Recycled, NIN: a.NIN, BVN: a.BVN, CanAssign: a.Status == Available && len(blockers) == 0,
		Blockers: blockers, Cleanup: a.cleanup(), HolderSince: day.None, Evidence: a.Evidence, AsOf: at,
	}
	if a.Operator != "" {
		v.Operator = &a.Operator
	}
	if present := a.History.Present(); present != nil && present.Open() {
		v.HolderSince = a.History.PresentRun().From
	}
	if a.Coverage.From.Known() {
		v.Coverage = &a.Coverage
	}
	return v
}

// instant reads as_known_on; a day is its end. The zero time is now.
func instant(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		d, wrong := day.Parse(text)
		if wrong != nil {
			return at, fault.Wrong("as_known_on", "FORMAT", "This is neither a day nor an instant; write it as 2026-11-20 or 2026-11-20T09:00:00Z.")
		}
		if at = (d + 1).Start().Add(-time.Millisecond); d == day.Of(now) {
			at = now
		}
	}
	if at.After(now) {
		return at, fault.Wrong("as_known_on", "FUTURE", "This lies in the future, and nobody knows yet what will be known then.")
	}
	return at.UTC(), nil
}

type linkagesInput struct {
	Asking
	Number string `path:"number" maxLength:"64"`
}

// Linkage is how one linkage of a number is shown.
type Linkage struct {
	Number   string  `json:"number" doc:"NIN or BVN, masked"`
	Bank     string  `json:"bank_code,omitempty"`
	Source   string  `json:"source"`
	Linked   day.Day `json:"linked_date" nullable:"true"`
	Removed  day.Day `json:"removed_date" nullable:"true"`
	Active   bool    `json:"is_active"`
	Verdict  string  `json:"verdict" enum:"unchecked,clean,stale,review,no_data"`
	Reason   string  `json:"reason"`
	Reported string  `json:"reported_at" format:"date-time"`
}

// Linkages is every linkage of a number.
type Linkages struct {
	MSISDN    numbering.MSISDN `json:"msisdn"`
	NIN       []Linkage        `json:"nin_linkages" nullable:"false"`
	BVN       []Linkage        `json:"bvn_linkages" nullable:"false"`
	TotalNIN  int              `json:"total_nin"`
	TotalBVN  int              `json:"total_bvn"`
	ActiveNIN int              `json:"active_nin"`
	ActiveBVN int              `json:"active_bvn"`
	AsOf      time.Time        `json:"as_of"`
}

func (s *Service) linkages(ctx context.Context, in *linkagesInput) (*Linkages, error) {
	number, err := s.Table.Parse([]byte(in.Number))
	if err != nil {
		return nil, intake.Wrong("number", err)
	}
	who := access.From(ctx)
	if err := s.lookups.Note(who, int64(number), in.Purpose); err != nil {
		return nil, err
	}
	a, err := s.StatusOf(ctx, who, number, time.Time{})
	if err != nil {
		return nil, err
	}
	out := &Linkages{MSISDN: number, NIN: []Linkage{}, BVN: []Linkage{}, ActiveNIN: a.Assessment.NIN, ActiveBVN: a.Assessment.BVN, AsOf: s.Clock().UTC()}
	for _, l := range a.Known.Linkages {
		shown := Linkage{l.Mask, l.Bank, l.Source, l.From, l.To, l.Active(), l.Verdict.String(), l.Reason, l.Learnt.Format(time.RFC3339)}
		if l.Kind == linkage.NIN {
			out.NIN = append(out.NIN, shown)
		} else {
			out.BVN = append(out.BVN, shown)
		}
	}
	out.TotalNIN, out.TotalBVN = len(out.NIN), len(out.BVN)
	return out, nil
}

type lookupInput struct {
	Asking
	MSISDN string `query:"msisdn" required:"true" maxLength:"64"`
}

// Lookup is a number's identity with how far the sources agree.
type Lookup struct {
	MSISDN     numbering.MSISDN `json:"msisdn"`
	NIN        *string          `json:"nin" nullable:"true" doc:"Masked; null when none is linked"`
	BVN        *string          `json:"bvn" nullable:"true" doc:"Masked; null when none is linked"`
	Operator   *string          `json:"operator_code" nullable:"true"`
	Status     Status           `json:"status" enum:"ACTIVE,RECYCLED,CONFLICTED,BLOCKED,AVAILABLE,UNKNOWN"`
	Recycled   bool             `json:"is_recycled"`
	NINActive  bool             `json:"nin_linkage_active"`
	BVNActive  bool             `json:"bvn_linkage_active"`
	Confidence float64          `json:"confidence_score" minimum:"0" maximum:"1" doc:"How far the sources agree, by authority and age"`
	Conflicts  []Conflict       `json:"conflicts" nullable:"false"`
	Sources    []Source         `json:"sources_consulted" nullable:"false"`
	Verified   *time.Time       `json:"last_verified" nullable:"true" doc:"When the newest of this was told"`
	Assessed   time.Time        `json:"assessed_at"`
}

func (a *Answer) lookup(number numbering.MSISDN, now time.Time) Lookup {
	out := Lookup{
		MSISDN: number, Status: a.Status, Recycled: a.Recycled, NINActive: a.NIN > 0, BVNActive: a.BVN > 0,
		Conflicts: conflicts(&a.Known), Verified: a.verified(), Assessed: now,
	}
	nin, bvn := a.masks()
	out.NIN, out.BVN, out.Operator = told(nin), told(bvn), told(a.Operator)
	out.Confidence, out.Sources = confidence(&a.Known, a.Coverage, now)
	return out
}

func told(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (s *Service) lookup(ctx context.Context, in *lookupInput) (*Lookup, error) {
	number, err := s.Table.Parse([]byte(in.MSISDN))
	if err != nil {
		return nil, intake.Wrong("msisdn", err)
	}
	who := access.From(ctx)
	if err := s.lookups.Note(who, int64(number), in.Purpose); err != nil {
		return nil, err
	}
	a, err := s.StatusOf(ctx, who, number, time.Time{})
	if err != nil {
		return nil, err
	}
	out := a.lookup(number, s.Clock().UTC())
	return &out, nil
}

type batchInput struct {
	Asking
	Body struct {
		MSISDNs []string `json:"msisdns" minItems:"1" maxItems:"100" nullable:"false"`
	}
}

// Batch is the identities of several numbers, in the order asked.
type Batch struct {
	Count    int      `json:"count"`
	Mappings []Lookup `json:"mappings" nullable:"false"`
}

// mostLooked is how many numbers one batch takes.
const mostLooked = 100

func (s *Service) batch(ctx context.Context, in *batchInput) (*Batch, error) {
	numbers, err := linkage.Numbers("msisdns", in.Body.MSISDNs, mostLooked)
	if err != nil {
		return nil, err
	}
	who := access.From(ctx)
	for _, n := range numbers {
		if err := s.lookups.Note(who, int64(n), in.Purpose); err != nil {
			return nil, err
		}
	}
	all, err := s.Of(ctx, who, numbers)
	if err != nil {
		return nil, err
	}
	out := &Batch{Count: len(numbers), Mappings: make([]Lookup, 0, len(numbers))}
	now := s.Clock().UTC()
	for _, n := range numbers {
		out.Mappings = append(out.Mappings, all[n].lookup(n, now))
	}
	return out, nil
}

// Disputed is one number on which sources disagree.
type Disputed struct {
	MSISDN     numbering.MSISDN `json:"msisdn"`
	Operator   *string          `json:"operator_code" nullable:"true"`
	Status     Status           `json:"status" enum:"ACTIVE,RECYCLED,CONFLICTED,BLOCKED,AVAILABLE,UNKNOWN"`
	Confidence float64          `json:"confidence_score"`
	Conflicts  []Conflict       `json:"conflicts" nullable:"false"`
}

func (s *Service) conflicts(ctx context.Context, in *struct{ page.Query }) (*page.Of[Disputed], error) {
	out := &page.Of[Disputed]{Items: []Disputed{}, Skip: in.Skip, Limit: in.Limit}
	after := int64(0)
	if in.After != "" {
		n, err := strconv.ParseInt(in.After, 10, 64)
		if err != nil {
			return nil, fault.Wrong("after", "CURSOR", "The cursor is not one that this list gave; use the value of next.")
		}
		after, out.Skip = n, 0
	}
	numbers, answers, total, err := s.Disputed(ctx, access.From(ctx), after, out.Skip, in.Limit+1)
	if err != nil {
		return nil, err
	}
	switch seen := out.Skip + len(numbers); {
	case in.After != "":
		out.Total = -1
	case len(numbers) <= in.Limit && (len(numbers) > 0 || out.Skip == 0):
		out.Total = seen // the end is on this page
	default:
		out.Total = max(total, seen)
	}
	if len(numbers) > in.Limit {
		numbers = numbers[:in.Limit]
		out.Next = strconv.FormatInt(numbers[in.Limit-1], 10)
	}
	now := s.Clock().UTC()
	for _, n := range numbers {
		a := answers[numbering.MSISDN(n)]
		score, _ := confidence(&a.Known, a.Coverage, now)
		out.Items = append(out.Items, Disputed{numbering.MSISDN(n), told(a.Operator), a.Status, score, conflicts(&a.Known)})
	}
	return out, nil
}

// inquirers is who looked a number up.
type inquirers struct {
	MSISDN numbering.MSISDN `json:"msisdn"`
	Items  []Inquiry        `json:"items" nullable:"false"`
}

func (s *Service) inquiries(ctx context.Context, in *struct {
	Number string `path:"number" maxLength:"64"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"How many of the newest"`
}) (*inquirers, error) {
	number, err := s.Table.Parse([]byte(in.Number))
	if err != nil {
		return nil, intake.Wrong("number", err)
	}
	return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (*inquirers, error) {
		found, err := Inquiries(tx, int64(number), in.Limit)
		return &inquirers{number, found}, err
	})
}
