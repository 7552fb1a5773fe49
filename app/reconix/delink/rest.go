package delink

import (
	"context"
	"net/http"
	"strconv"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/page"
	"reconexus/app/reconix/sims"
	"reconexus/app/rest"
)

// Mount declares the routes.
func (s *Service) Mount(api *rest.API) {
	rest.Get(api, "/delink-requests", access.DelinkRead, s.list, rest.Doc("List delink requests", "A bank sees those of which it was asked something, and of them its own items."))
	rest.Post(api, "/delink-requests", access.DelinkCreate, s.post, rest.Created(func(d *Detail) string { return "/delink-requests/" + d.ID }), rest.ETag(tag),
		rest.Doc("Ask for the removal of what a former holder left on a recycled SIM", "One open request for each SIM and kind. What is to be removed follows from what is known: linkages of a former holder, and what the SIM's record tells of. A linkage of the present holder is never removed."))
	rest.Get(api, "/delink-requests/{id}", access.DelinkRead, s.show, rest.ETag(tag), rest.Doc("Show a delink request with its approvals and its story"))
	rest.Post(api, "/delink-requests/{id}/approve", access.DelinkApprove, s.decide, rest.ETag(tag), rest.Status(200),
		rest.Doc("Approve or reject", "For the operator what was submitted, for a bank its own items, and on the operator's side a dispute. Never by who submitted the request, also not through a key; a rejection needs a reason."))
	rest.Post(api, "/delink-requests/{id}/cancel", access.DelinkCancel, s.cancel, rest.ETag(tag), rest.Status(200), rest.Doc("Take a request back before anything was removed"))
	rest.Post(api, "/delink-requests/{id}/retry", access.DelinkCancel, s.retry, rest.ETag(tag), rest.Status(200),
		rest.Doc("Take up a request that failed", "What could not be removed is tried again; banks that refused are asked again."))
	rest.Post(api, "/delink-requests/{id}/dispute", access.DelinkApprove, s.dispute, rest.ETag(tag), rest.Status(200), rest.Doc("Stop a request because somebody doubts it"))
	rest.Post(api, "/delink-requests/{id}/rollback", access.DelinkApprove, s.rollback, rest.ETag(tag), rest.Status(200),
		rest.Doc("Put back what was removed", "Never by who submitted the request."))
	rest.Get(api, "/delink-requests/{id}/attachments", access.DelinkRead, s.papersOf, rest.Doc("List the papers of a request"))
	rest.Post(api, "/delink-requests/{id}/attachments", access.DelinkCreate, s.attachOne, rest.Status(201),
		rest.Doc("Attach a paper", "The file is the body or the first part of a form: PDF, PNG or JPEG by its contents, up to 5 MB, ten for each request. It is kept sealed."))
	rest.Download(api, "/delink-requests/{id}/attachments/{attachment}", access.DelinkRead, s.read, rest.Doc("Download a paper", "That it was read goes on the audit log."))
	rest.Get(api, "/delink-requests/{id}/certificate", access.DelinkRead, s.certificate,
		rest.Doc("Prove that a request was completed", "The statement's SHA-256 stands in an audit entry, and the entry is proved to be in the log under a signed head: anybody who has the log's key can check it without this appliance."))
	// Not below /delink-requests/{id}: the router takes no static sibling of a parameter
	// under one verb.
	rest.Raw(api, http.MethodPost, "/delink-batches", access.DelinkCreate, s.many,
		rest.Doc("Open requests for many SIMs", "For those of a filter (the one of /recycled-sims) or of a list. Up to 500 are opened at once and answered with 200; more become a job, answered with 202."))
	rest.Get(api, "/legal-holds", access.DelinkRead, s.holds, rest.Doc("List legal holds, newest first"))
	rest.Post(api, "/legal-holds", access.DelinkCancel, s.place, rest.Status(201), rest.Doc("Put a number under a legal hold", "Nothing is removed from it, and it is BLOCKED, until the hold is lifted."))
	rest.Delete(api, "/legal-holds/{id}", access.DelinkApprove, s.lift, rest.Doc("Lift a legal hold", "Removals that waited for it go on."))
}

func tag(d *Detail) string { return strconv.Itoa(d.version) }

// ByID names one request.
type ByID struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Service) list(ctx context.Context, in *Filter) (*List, error) {
	return s.List(ctx, access.From(ctx), in)
}

// Entry is what a request is opened with.
type Entry struct {
	SIM    string `json:"recycled_sim_id" minLength:"1" maxLength:"64"`
	Type   Type   `json:"request_type" enum:"nin,bvn,both"`
	Reason string `json:"reason" minLength:"1" maxLength:"1000" doc:"Why, in words; long runs of digits are masked"`
	Review bool   `json:"include_review,omitempty" doc:"Also linkages whose dates do not tell whose they are: you looked, and say that they are a former holder's"`
}

func (s *Service) post(ctx context.Context, in *struct{ Body Entry }) (*Detail, error) {
	return s.Open(ctx, access.From(ctx), Draft{in.Body.SIM, in.Body.Type, in.Body.Reason, in.Body.Review})
}

func (s *Service) show(ctx context.Context, in *ByID) (*Detail, error) {
	return s.Find(ctx, access.From(ctx), in.ID)
}

func (s *Service) decide(ctx context.Context, in *struct {
	ByID
	rest.IfMatch
	Body struct {
		Approved bool   `json:"approved"`
		Reason   string `json:"reason,omitempty" maxLength:"1000" doc:"Needed for a rejection"`
		Bank     string `json:"bank_code,omitempty" maxLength:"32" doc:"Of several banks that are asked: this one only; for who is bound to no bank"`
	}
}) (*Detail, error) {
	return s.Decide(ctx, access.From(ctx), in.ID, in.Check, Decision{in.Body.Approved, in.Body.Reason, in.Body.Bank})
}

// May is the input of a verb whose reason may be left out.
type May struct {
	ByID
	rest.IfMatch
	Body *struct {
		Reason string `json:"reason,omitempty" maxLength:"1000"`
	}
}

func (m *May) reason() string {
	if m.Body == nil {
		return ""
	}
	return m.Body.Reason
}

// Must is the input of a verb that needs a reason.
type Must struct {
	ByID
	rest.IfMatch
	Body struct {
		Reason string `json:"reason" maxLength:"1000" doc:"Why, in a few words"`
	}
}

func (s *Service) cancel(ctx context.Context, in *May) (*Detail, error) {
	return s.Cancel(ctx, access.From(ctx), in.ID, in.Check, in.reason())
}

func (s *Service) retry(ctx context.Context, in *May) (*Detail, error) {
	return s.Retry(ctx, access.From(ctx), in.ID, in.Check, in.reason())
}

func (s *Service) dispute(ctx context.Context, in *Must) (*Detail, error) {
	return s.Dispute(ctx, access.From(ctx), in.ID, in.Check, in.Body.Reason)
}

func (s *Service) rollback(ctx context.Context, in *Must) (*Detail, error) {
	return s.Rollback(ctx, access.From(ctx), in.ID, in.Check, in.Body.Reason)
}

type papers struct {
	Items []Attachment `json:"items" nullable:"false"`
}

func (s *Service) papersOf(ctx context.Context, in *ByID) (*papers, error) {
	d, err := s.Find(ctx, access.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &papers{d.Attachments}, nil
}

func (s *Service) attachOne(ctx context.Context, in *struct {
	ByID
	rest.Upload
	Name string `query:"name" maxLength:"200" doc:"Name of the file"`
}) (*Attachment, error) {
	body, name, err := in.Open()
	if err != nil {
		return nil, err
	}
	if in.Name != "" {
		name = in.Name
	}
	return s.Attach(ctx, access.From(ctx), in.ID, name, body)
}

func (s *Service) read(ctx context.Context, in *struct {
	ByID
	Attachment string `path:"attachment" maxLength:"64"`
}) (*rest.File, error) {
	return s.Paper(ctx, access.From(ctx), in.ID, in.Attachment)
}

func (s *Service) certificate(ctx context.Context, in *ByID) (*Certificate, error) {
	return s.Certificate(ctx, access.From(ctx), in.ID)
}

// SIMFilter is the filter of /recycled-sims as a body.
type SIMFilter struct {
	Cleanup  string  `json:"cleanup_status,omitempty" enum:"pending,in_progress,completed,failed"`
	Linkage  string  `json:"linkage_status,omitempty" enum:"active,orphaned,resolved,disputed"`
	Operator string  `json:"operator_code,omitempty" maxLength:"64"`
	MSISDN   string  `json:"msisdn,omitempty" maxLength:"64"`
	RiskMin  float64 `json:"risk_min,omitempty" minimum:"0" maximum:"1"`
	From     string  `json:"from,omitempty" format:"date"`
	To       string  `json:"to,omitempty" format:"date"`
	Q        string  `json:"q,omitempty" maxLength:"64"`
}

// opening is the answer to a batch.
type opening struct {
	Status int
	Body   struct {
		Opened
		JobID string `json:"job_id,omitempty" doc:"When there are more than 500: follow it at /jobs/{id}; its result has the counts"`
	}
}

func (s *Service) many(ctx context.Context, in *struct {
	Body struct {
		Type   Type       `json:"request_type" enum:"nin,bvn,both"`
		Reason string     `json:"reason" minLength:"1" maxLength:"1000"`
		Review bool       `json:"include_review,omitempty"`
		IDs    []string   `json:"recycled_sim_ids,omitempty" maxItems:"10000" doc:"These SIMs; or give a filter"`
		Filter *SIMFilter `json:"filter,omitempty" doc:"All SIMs that fit, as /recycled-sims lists them; {} is all that you may see"`
	}
}) (*opening, error) {
	b := Batch{Type: in.Body.Type, Reason: in.Body.Reason, Review: in.Body.Review, IDs: in.Body.IDs}
	if (in.Body.Filter == nil) == (len(b.IDs) == 0) {
		return nil, fault.Wrong("filter", "REQUIRED", "Give either a filter or recycled_sim_ids, not both and not neither.")
	}
	if f := in.Body.Filter; f != nil {
		b.Filter = &sims.Filter{Cleanup: f.Cleanup, Linkage: f.Linkage, Operator: f.Operator, MSISDN: f.MSISDN, RiskMin: f.RiskMin, From: f.From, To: f.To, Q: f.Q}
	}
	job, result, err := s.OpenMany(ctx, access.From(ctx), b)
	if err != nil {
		return nil, err
	}
	out := &opening{Status: http.StatusOK}
	out.Body.Opened, out.Body.JobID = result, job
	if job != "" {
		out.Status = http.StatusAccepted
	}
	return out, nil
}

func (s *Service) holds(ctx context.Context, in *holdFilter) (*page.Of[Hold], error) {
	return s.Holds(ctx, access.From(ctx), in)
}

func (s *Service) place(ctx context.Context, in *struct {
	Body struct {
		MSISDN    string `json:"msisdn" minLength:"1" maxLength:"64"`
		Reference string `json:"reference,omitempty" maxLength:"200" doc:"Of the court order or letter"`
		Reason    string `json:"reason" minLength:"1" maxLength:"1000"`
	}
}) (*Hold, error) {
	return s.Place(ctx, access.From(ctx), in.Body.MSISDN, in.Body.Reference, in.Body.Reason)
}

func (s *Service) lift(ctx context.Context, in *ByID) error {
	return s.Lift(ctx, access.From(ctx), in.ID)
}
