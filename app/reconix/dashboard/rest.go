package dashboard

import (
	"context"

	"reconexus/app/access"
	"reconexus/app/rest"
)

// Mount declares the routes.
func (s *Service) Mount(api *rest.API) {
	rest.Get(api, "/dashboard/stats", access.DashboardRead, s.show, rest.Doc("Count recycled numbers and what they still carry", "At most five seconds old."))
	rest.Get(api, "/dashboard/trends", access.DashboardRead, s.trend, rest.Doc("Tell what happened on each of the last days"))
}

func (s *Service) show(ctx context.Context, _ *struct{}) (*Stats, error) {
	return s.Stats(ctx, access.From(ctx))
}

func (s *Service) trend(ctx context.Context, in *struct {
	Days int `query:"days" minimum:"1" maximum:"365" default:"30" doc:"How many days, today included"`
}) (*Trends, error) {
	return s.Trends(ctx, access.From(ctx), in.Days)
}
