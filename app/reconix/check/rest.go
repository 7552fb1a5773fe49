package check

import (
	"context"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/receipt"
	"reconexus/app/rest"
)

// Mount declares the routes.
func (s *Service) Mount(api *rest.API) {
	rest.Post(api, "/recycling-checks", access.SIMRead, s.upload, rest.Accepted(),
		rest.Doc("Check a file of numbers and days", "CSV of msisdn,date (a header is optional), gzipped or not, of any size. The job's result.csv has a line for each good row, in the file's order: msisdn,date,recycled,reassigned,status,evidence, with yes, no or no_data under both rules."))
	rest.Get(api, "/recycling-checks/{number}", access.SIMRead, s.one,
		rest.Doc("Say whether a number has changed hands since a day", "Under both rules, each by its name, with the evidence; with receipt=true, signed for you to keep."))
	receipt.Mount(api, s.Audit)
}

type uploadInput struct {
	rest.Upload
	intake.As
	Name    string `query:"name" maxLength:"200" doc:"The file's name, for people"`
	Purpose string `header:"X-Purpose" maxLength:"200" doc:"Why you ask, in words; it is recorded and shown to the numbers' holders"`
}

type accepted struct {
	JobID string `json:"job_id" doc:"Follow it at /jobs/{id}"`
}

func (s *Service) upload(ctx context.Context, in *uploadInput) (*accepted, error) {
	body, _, err := in.Open()
	if err != nil {
		return nil, err
	}
	job, err := s.Scrub(ctx, access.From(ctx), in.Purpose, body, in.As)
	if err != nil {
		return nil, err
	}
	return &accepted{job.ID}, nil
}

type oneInput struct {
	Number  string `path:"number" maxLength:"64"`
	Since   string `query:"since" required:"true" maxLength:"10" doc:"YYYY-MM-DD, a day in Lagos"`
	Purpose string `header:"X-Purpose" maxLength:"200" doc:"Why you ask, in words; it is recorded and shown to the number's holder"`
	Receipt bool   `query:"receipt" doc:"Answer a signed receipt too"`
}

func (s *Service) one(ctx context.Context, in *oneInput) (*Answer, error) {
	number, err := s.Table.Parse([]byte(in.Number))
	if err != nil {
		return nil, intake.Wrong("number", err)
	}
	since, err := day.Parse(in.Since)
	if err != nil {
		return nil, fault.Wrong("since", "FORMAT", "This is not a day; write it as YYYY-MM-DD, for example 2026-11-20.")
	}
	who := access.From(ctx)
	out, err := s.Ask(ctx, who, number, since, in.Purpose)
	if err == nil && in.Receipt {
		out.Receipt, err = out.written(who).Sign(s.Audit)
	}
	return out, err
}
