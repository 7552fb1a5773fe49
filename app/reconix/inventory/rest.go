package inventory

import (
	"context"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/page"
	"reconexus/app/reconix/intake"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
)

// Mount declares the routes.
func (s *Service) Mount(api *rest.API) {
	rest.Post(api, "/inventories/{operator}", access.SIMBulkUpload, s.receive, rest.Accepted(),
		rest.Doc("Hand in an operator's daily inventory", "The file is the body, of any size: CSV with comma, semicolon or tab, gzip accepted. The answer comes when the file is kept; the job does the rest."))
	rest.Get(api, "/inventories", access.SIMRead, s.list, rest.Doc("List the inventories taken, newest first"))
}

type accepted struct {
	JobID string `json:"job_id" doc:"Follow it at /jobs/{id}"`
}

func (s *Service) receive(ctx context.Context, in *struct {
	rest.Upload
	intake.As
	Operator string `path:"operator" maxLength:"40" doc:"Code or name of the operator"`
	Day      string `query:"day" format:"date" doc:"The day it tells of; today in Lagos when left out"`
	Name     string `query:"name" maxLength:"200" doc:"Name of the file, for the list"`
}) (*accepted, error) {
	on := day.None
	if in.Day != "" {
		var err error
		if on, err = day.Parse(in.Day); err != nil {
			return nil, fault.Wrong("day", "DATE", "The day is not one; write it as 2026-11-20.")
		}
	}
	body, name, err := in.Open()
	if err != nil {
		return nil, err
	}
	if in.Name != "" {
		name = in.Name
	}
	job, err := s.Receive(ctx, access.From(ctx), Delivery{Operator: in.Operator, Day: on, Name: name, Body: body, As: in.As})
	return &accepted{job.ID}, err
}

func (s *Service) list(ctx context.Context, in *struct {
	page.Query
	Operator string `query:"operator" maxLength:"40" doc:"Only this operator's"`
	State    State  `query:"state" enum:"receiving,applied,filed,stopped,failed"`
	From     string `query:"from" format:"date" doc:"Only of this day and after it"`
	To       string `query:"to" format:"date" doc:"Only of this day and before it"`
	Job      string `query:"job" maxLength:"64" doc:"Only what this job took in"`
}) (*page.Of[Feed], error) {
	var w sqlite.Where
	if who := access.From(ctx); who.Operator != "" {
		w.And("operator_code = ?", who.Operator)
	}
	if in.Operator != "" {
		code, ok := s.Operators.Resolve(in.Operator, day.Of(s.Clock()))
		if !ok {
			return nil, fault.Wrong("operator", "UNKNOWN", "There is no operator with this code; /operators lists them.")
		}
		w.And("operator_code = ?", code)
	}
	if in.State != "" {
		w.And("state = ?", string(in.State))
	}
	for _, b := range []struct{ term, name, value string }{{"day >= ?", "from", in.From}, {"day <= ?", "to", in.To}} {
		if b.value == "" {
			continue
		}
		d, err := day.Parse(b.value)
		if err != nil {
			return nil, fault.Wrong(b.name, "DATE", "The day is not one; write it as 2026-11-20.")
		}
		w.And(b.term, d)
	}
	if in.Job != "" {
		w.And("job_id = ?", in.Job)
	}
	return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (*page.Of[Feed], error) {
		total, err := count(tx, w)
		if err != nil {
			return nil, err
		}
		items, err := list(tx, w, in.Limit, in.Skip)
		return &page.Of[Feed]{Items: items, Total: total, Skip: in.Skip, Limit: in.Limit}, err
	})
}
