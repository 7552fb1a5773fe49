package linkage

import (
	"context"
	"fmt"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/page"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/numbering"
	"reconexus/app/rest"
)

// Mount declares the routes.
func (s *Service) Mount(api *rest.API) {
	s.mountKind(api, NIN, "/nin-linkages")
	s.mountKind(api, BVN, "/bvn-linkages")
	rest.Post(api, "/nin-linkages", access.LinkageWrite, s.postNIN, made("/nin-linkages/"),
		rest.Doc("Report a NIN linkage", "The same report again changes nothing; a removed linkage is active again."))
	rest.Post(api, "/bvn-linkages", access.LinkageWrite, s.postBVN, made("/bvn-linkages/"),
		rest.Doc("Report a BVN linkage", "The same report again changes nothing; a removed linkage is active again."))
	rest.Post(api, "/linkages/imports", access.LinkageWrite, s.upload, rest.Accepted(),
		rest.Doc("Import a file of linkages", "CSV with the header MSISDN,KIND,NUMBER,LINKED_DATE,SOURCE,BANK in any order and with known synonyms, gzipped or not, of any size. The same content again answers 409 with the job that took it."))
}

func (s *Service) mountKind(api *rest.API, k Kind, path string) {
	rest.Get(api, path, access.LinkageRead, func(ctx context.Context, in *listInput) (*page.Of[View], error) { return s.list(ctx, k, in) },
		rest.Doc("List "+k.String()+" linkages, by number"))
	rest.Get(api, path+"/{id}", access.LinkageRead, func(ctx context.Context, in *oneInput) (*View, error) { return s.show(ctx, k, in) },
		rest.Doc("Show one "+k.String()+" linkage"))
	rest.Post(api, path+"/verify", access.LinkageRead, func(ctx context.Context, in *verifyInput) (*Verified, error) { return s.verify(ctx, k, in) },
		rest.Repeatable(), rest.Status(200), rest.Doc("Say whether a number has a "+k.String()+" linkage now, and on whose word"))
	rest.Post(api, path+"/bulk-check", access.LinkageRead, func(ctx context.Context, in *bulkInput) (*Checked, error) { return s.bulk(ctx, k, in) },
		rest.Repeatable(), rest.Status(200), rest.Doc("Say the same of up to 1,000 numbers"))
}

func made(path string) rest.Option {
	return rest.Created(func(v *View) string { return path + v.ID })
}

// View is how a linkage is shown.
type View struct {
	ID         string           `json:"id"`
	MSISDN     numbering.MSISDN `json:"msisdn"`
	Kind       string           `json:"kind" enum:"NIN,BVN"`
	NIN        string           `json:"nin,omitempty" doc:"Masked"`
	BVN        string           `json:"bvn,omitempty" doc:"Masked"`
	Bank       string           `json:"bank_code,omitempty"`
	Source     string           `json:"source" doc:"Who says so"`
	LinkedDate day.Day          `json:"linked_date" doc:"Linked since; null when nobody says"`
	Removed    day.Day          `json:"removed_date" doc:"Removed on; null while active"`
	Active     bool             `json:"is_active"`
	Verdict    string           `json:"verdict" enum:"unchecked,clean,stale,review,no_data"`
	Reason     string           `json:"reason" doc:"Why the verdict is what it is"`
	Reported   time.Time        `json:"reported_at" doc:"When it was first told"`
	Checked    *time.Time       `json:"checked_at" nullable:"true" doc:"When the verdict was reached"`
}

// View shows a linkage.
func (s *Service) View(l Linkage) View {
	v := View{
		ID: s.id(l), MSISDN: numbering.MSISDN(l.MSISDN), Kind: l.Kind.String(), Bank: l.Bank, Source: l.Source, LinkedDate: l.From, Removed: l.To,
		Active: l.Active(), Verdict: l.Verdict.String(), Reason: l.Reason, Reported: l.Learnt,
	}
	if !l.Checked.IsZero() {
		v.Checked = &l.Checked
	}
	v.NIN, v.BVN = l.masks()
	return v
}

func (l Linkage) masks() (nin, bvn string) {
	if l.Kind == NIN {
		return l.Mask, ""
	}
	return "", l.Mask
}

type listInput struct {
	page.Query
	MSISDN  string `query:"msisdn" maxLength:"40" doc:"Only this number"`
	Active  string `query:"is_active" enum:"true,false" doc:"Only active linkages, or only removed ones"`
	Verdict string `query:"verdict" enum:"unchecked,stale,review" doc:"Only active linkages that were judged so"`
}

func (s *Service) list(ctx context.Context, k Kind, in *listInput) (*page.Of[View], error) {
	f := Filter{Kind: k, MSISDN: in.MSISDN}
	if in.Active != "" {
		active := in.Active == "true"
		f.Active = &active
	}
	for _, v := range []Verdict{Unchecked, Stale, Review} {
		if in.Verdict == v.String() {
			f.Verdict = &v
		}
	}
	p, err := s.List(ctx, access.From(ctx), f, in.Query)
	if err != nil {
		return nil, err
	}
	out := &page.Of[View]{Items: make([]View, 0, len(p.Items)), Total: p.Total, Skip: p.Skip, Limit: p.Limit, Next: p.Next}
	for _, l := range p.Items {
		out.Items = append(out.Items, s.View(l))
	}
	return out, nil
}

type oneInput struct {
	ID string `path:"id" maxLength:"40"`
}

func (s *Service) show(ctx context.Context, k Kind, in *oneInput) (*View, error) {
	l, err := s.Find(ctx, access.From(ctx), k, in.ID)
	if err != nil {
		return nil, err
	}
	v := s.View(l)
	return &v, nil
}

// Reported is what a report of either kind says.
type Reported struct {
	MSISDN string  `json:"msisdn" minLength:"1" maxLength:"64"`
	Source string  `json:"source" minLength:"1" maxLength:"64" doc:"Who says so, such as NIMC or MTN"`
	Linked *string `json:"linked_date,omitempty" maxLength:"10" doc:"Linked since this day, YYYY-MM-DD; leave it out when nobody knows"`
}

type reportNIN struct {
	Body struct {
		Reported
		NIN string `json:"nin" minLength:"1" maxLength:"64" doc:"11 digits; a virtual NIN is not kept"`
	}
}

type reportBVN struct {
	Body struct {
		Reported
		BVN  string `json:"bvn" minLength:"1" maxLength:"64" doc:"11 digits"`
		Bank string `json:"bank_code" minLength:"1" maxLength:"64" doc:"CBN code of the bank that uses it"`
	}
}

func (s *Service) postNIN(ctx context.Context, in *reportNIN) (*View, error) {
	return s.post(ctx, in.Body.Reported, Report{Kind: NIN, Number: in.Body.NIN})
}

func (s *Service) postBVN(ctx context.Context, in *reportBVN) (*View, error) {
	return s.post(ctx, in.Body.Reported, Report{Kind: BVN, Number: in.Body.BVN, Bank: in.Body.Bank})
}

func (s *Service) post(ctx context.Context, in Reported, r Report) (*View, error) {
	r.MSISDN, r.Source, r.From = in.MSISDN, in.Source, day.None
	if in.Linked != nil && *in.Linked != "" {
		var err error
		if r.From, err = day.Parse(*in.Linked); err != nil {
			return nil, fault.Wrong("linked_date", "FORMAT", "The linked_date is not a day; write it as YYYY-MM-DD, for example 2026-11-20, or leave it out when nobody knows.")
		}
	}
	l, err := s.Report(ctx, access.From(ctx), r)
	if err != nil {
		return nil, err
	}
	v := s.View(l)
	return &v, nil
}

type verifyInput struct {
	Body struct {
		MSISDN string `json:"msisdn" minLength:"1" maxLength:"64"`
	}
}

// local is the source of answers from the linkages that are kept here.
const local = "local_record"

// Verified says whether a number has a linkage of a kind.
type Verified struct {
	MSISDN   numbering.MSISDN `json:"msisdn"`
	NIN      string           `json:"nin,omitempty" doc:"Masked"`
	BVN      string           `json:"bvn,omitempty" doc:"Masked"`
	Bank     string           `json:"bank_code,omitempty"`
	Linked   bool             `json:"is_linked"`
	Since    day.Day          `json:"linked_since" doc:"null when nobody says"`
	At       time.Time        `json:"verified_at"`
	Source   string           `json:"source" doc:"local_record: what is kept here; else the source that was asked"`
	Reporter string           `json:"reported_by,omitempty" doc:"Who told the local record"`
	Verdict  string           `json:"verdict,omitempty" enum:"unchecked,clean,stale,review,no_data" doc:"Whether it belongs to the present holder"`
	Reason   string           `json:"reason,omitempty"`
}

func (s *Service) verified(n numbering.MSISDN, l *Linkage) Verified {
	v := Verified{MSISDN: n, Since: day.None, At: s.Clock().UTC(), Source: local}
	if l != nil {
		v.NIN, v.BVN = l.masks()
		v.Bank, v.Linked, v.Since, v.Reporter, v.Verdict, v.Reason = l.Bank, true, l.From, l.Source, l.Verdict.String(), l.Reason
	}
	return v
}

func (s *Service) verify(ctx context.Context, k Kind, in *verifyInput) (*Verified, error) {
	n, err := numbering.ParseMSISDN(in.Body.MSISDN)
	if err != nil {
		return nil, intake.Wrong("msisdn", err)
	}
	l, err := s.Verify(ctx, access.From(ctx), k, n)
	if err != nil {
		return nil, err
	}
	v := s.verified(n, l)
	return &v, nil
}

type bulkInput struct {
	Body struct {
		MSISDNs []string `json:"msisdns" minItems:"1" maxItems:"1000" nullable:"false"`
	}
}

// Checked is the answer of a bulk check, in the order asked.
type Checked struct {
	Total    int        `json:"total_checked"`
	Linked   int        `json:"linked_count"`
	Unlinked int        `json:"unlinked_count"`
	Results  []Verified `json:"results" nullable:"false"`
}

func (s *Service) bulk(ctx context.Context, k Kind, in *bulkInput) (*Checked, error) {
	numbers, err := Numbers("msisdns", in.Body.MSISDNs, mostChecked)
	if err != nil {
		return nil, err
	}
	found, err := s.Check(ctx, access.From(ctx), k, numbers)
	if err != nil {
		return nil, err
	}
	out := &Checked{Total: len(numbers), Results: make([]Verified, 0, len(numbers))}
	for _, n := range numbers {
		if l, ok := found[n]; ok {
			out.Linked++
			out.Results = append(out.Results, s.verified(n, &l))
		} else {
			out.Unlinked++
			out.Results = append(out.Results, s.verified(n, nil))
		}
	}
	return out, nil
}

// Numbers reads a list of numbers; a fault names each that is none.
func Numbers(field string, list []string, most int) ([]numbering.MSISDN, error) {
	if len(list) == 0 || len(list) > most {
		return nil, fault.Wrong(field, "LENGTH", "Send from 1 to %d numbers at once.", most)
	}
	out := make([]numbering.MSISDN, len(list))
	var wrong []fault.Field
	for i, text := range list {
		n, err := numbering.ParseMSISDN(text)
		if err != nil {
			f, _ := fault.In(intake.Wrong(fmt.Sprintf("%s[%d]", field, i), err))
			wrong = append(wrong, f.Fields...)
		}
		out[i] = n
	}
	if len(wrong) > 0 {
		return nil, &fault.Fault{Kind: fault.Invalid, Message: fmt.Sprintf("%d of the numbers cannot be read; see errors.", len(wrong)), Fields: wrong}
	}
	return out, nil
}

type uploadInput struct {
	rest.Upload
	intake.As
	Name string `query:"name" maxLength:"200" doc:"The file's name, for people"`
}

type accepted struct {
	JobID string `json:"job_id" doc:"Follow it at /jobs/{id}"`
}

func (s *Service) upload(ctx context.Context, in *uploadInput) (*accepted, error) {
	body, name, err := in.Open()
	if err != nil {
		return nil, err
	}
	if in.Name != "" {
		name = in.Name
	}
	job, err := s.Import(ctx, access.From(ctx), name, body, in.As)
	if err != nil {
		return nil, err
	}
	return &accepted{job.ID}, nil
}
