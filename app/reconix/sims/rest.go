package sims

import (
	"context"
	"reflect"
	"strconv"

	"reconexus/app/access"
	"reconexus/app/reconix/intake"
	"reconexus/app/rest"
)

// Mount declares the routes.
func (s *Service) Mount(api *rest.API) {
	rest.Get(api, "/recycled-sims", access.SIMRead, s.list, rest.Doc("List recycled SIMs", "total is exact for operator, statuses and risk, and for up to 5,000 that fit any filter; beyond that it is an estimate, and total_estimated says so."))
	rest.Post(api, "/recycled-sims", access.SIMWrite, s.report, rest.Doc("Report a recycled SIM", "The same serial, number and day again is a conflict; a later recycling of the same number is a new generation."),
		rest.Created(func(r *Record) string { return "/recycled-sims/" + r.ID }), rest.ETag(tag))
	rest.Post(api, "/recycled-sims/bulk", access.SIMBulkUpload, s.bulk, rest.Unchecked(), rest.Doc("Report up to 10,000 recycled SIMs", "One transaction; bad rows are reported, good rows are kept."))
	rest.Post(api, "/recycled-sims/imports", access.SIMBulkUpload, s.receive, rest.Accepted(), rest.Doc("Hand in a file of recycled SIMs", "The file is the body, of any size: CSV with comma, semicolon or tab, gzip accepted, columns in any order. The answer comes when the file is kept; the job does the rest."))
	rest.Get(api, "/recycled-sims/{id}", access.SIMRead, s.show, rest.Doc("Show a recycled SIM with all that is known about its number"), rest.ETag(func(d *Detail) string { return tag(&d.Record) }))
	rest.Patch(api, "/recycled-sims/{id}", access.SIMWrite, s.change, rest.Doc("Change the statuses of a recycled SIM"), rest.ETag(tag))
	rest.Delete(api, "/recycled-sims/{id}", access.SIMDelete, s.remove, rest.Doc("Delete a recycled SIM", "It is no longer shown; its number and days stay as evidence."))
	// Not below /recycled-sims/{id}: the router takes no static sibling (bulk) of a
	// parameter under one verb.
	rest.Post(api, "/reveals/recycled-sims/{id}", access.PIIReveal, s.reveal, rest.Doc("Reveal a sealed field of a recycled SIM", "The reason goes on the audit log before the answer is given."))
}

func tag(r *Record) string { return strconv.Itoa(r.version) }

func entryType() reflect.Type { return reflect.TypeFor[Entry]() }

// ByID names one record.
type ByID struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Service) list(ctx context.Context, in *Filter) (*List, error) {
	return s.List(ctx, access.From(ctx), in)
}

func (s *Service) report(ctx context.Context, in *struct{ Body Entry }) (*Record, error) {
	r, err := s.Report(ctx, access.From(ctx), in.Body)
	return &r, err
}

func (s *Service) bulk(ctx context.Context, in *struct{ Body Batch }) (*Outcome, error) {
	return s.Bulk(ctx, access.From(ctx), in.Body)
}

type accepted struct {
	JobID string `json:"job_id" doc:"Follow it at /jobs/{id}"`
}

func (s *Service) receive(ctx context.Context, in *struct {
	rest.Upload
	intake.As
	Name string `query:"name" maxLength:"200" doc:"Name of the file"`
}) (*accepted, error) {
	body, name, err := in.Open()
	if err != nil {
		return nil, err
	}
	if in.Name != "" {
		name = in.Name
	}
	job, err := s.Receive(ctx, access.From(ctx), name, body, in.As)
	return &accepted{job.ID}, err
}

func (s *Service) show(ctx context.Context, in *ByID) (*Detail, error) {
	return s.Detail(ctx, access.From(ctx), in.ID)
}

func (s *Service) change(ctx context.Context, in *struct {
	ByID
	rest.IfMatch
	Body Change
}) (*Record, error) {
	r, err := s.Change(ctx, access.From(ctx), in.ID, in.Check, in.Body)
	return &r, err
}

func (s *Service) remove(ctx context.Context, in *struct {
	ByID
	rest.IfMatch
}) error {
	return s.Remove(ctx, access.From(ctx), in.ID, in.Check)
}

type revealed struct {
	Field string `json:"field"`
	Value string `json:"value" doc:"In clear"`
}

func (s *Service) reveal(ctx context.Context, in *struct {
	ByID
	Body struct {
		Field  string `json:"field" enum:"nin,bvn,name"`
		Reason string `json:"reason" maxLength:"500" doc:"Why you need to see it, at least 10 characters; it goes on the audit log"`
	}
}) (*revealed, error) {
	value, err := s.Reveal(ctx, access.From(ctx), in.ID, secret(in.Body.Field), in.Body.Reason)
	return &revealed{in.Body.Field, value}, err
}
