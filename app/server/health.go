package server

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/rest"
)

// readyPatience is how long the store may take to answer before it counts as down.
const readyPatience = 2 * time.Second

type health struct {
	Status  string         `json:"status" enum:"ok,unavailable,stopping"`
	Version string         `json:"version"`
	Uptime  int64          `json:"uptime_seconds"`
	Store   string         `json:"store" enum:"ok,unavailable"`
	Details map[string]any `json:"details,omitempty" doc:"Figures of the appliance's parts"`
}

type liveness struct {
	Status string `json:"status"`
}

// health declares the routes that tell whether the appliance lives.
func (s *Server) health() {
	rest.Get(s.o.API, "//health", access.Public, s.showHealth, rest.Doc("Health in detail", "200 even when something is unavailable: it tells, it does not judge."))
	rest.Get(s.o.API, "//health/live", access.Public, s.live, rest.Doc("Whether the process lives: always 200"))
	rest.Get(s.o.API, "//health/ready", access.Public, s.ready, rest.Doc("Whether it can work: 503 until the store answers"))
}

func (s *Server) showHealth(ctx context.Context, _ *struct{}) (*health, error) {
	h := &health{Status: "ok", Version: s.o.Version, Uptime: int64(s.o.Clock().Sub(s.started).Seconds()), Store: "ok"}
	if s.storeAnswers(ctx) != nil {
		h.Status, h.Store = "unavailable", "unavailable"
	} else if s.o.Details != nil {
		h.Details = s.o.Details(ctx)
	}
	if s.draining.Load() {
		h.Status = "stopping"
	}
	return h, nil
}

func (s *Server) live(context.Context, *struct{}) (*liveness, error) {
	return &liveness{"ok"}, nil
}

func (s *Server) ready(ctx context.Context, _ *struct{}) (*liveness, error) {
	if s.draining.Load() {
		return nil, fault.New(fault.Unavailable, "The appliance is stopping; requests under way are finished.")
	}
	if err := s.storeAnswers(ctx); err != nil {
		s.o.Log.WarnContext(ctx, "the store does not answer", "error", err)
		return nil, fault.New(fault.Unavailable, "The store does not answer yet; see the log, or run reconexus doctor.")
	}
	return &liveness{"ok"}, nil
}

func (s *Server) storeAnswers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyPatience)
	defer cancel()
	return s.o.Ready(ctx)
}

// showMetrics answers this machine, and from elsewhere who holds metrics:read. What
// comes through a proxy comes from elsewhere, whatever address it bears.
func (s *Server) showMetrics() http.Handler {
	shown := promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, DisableCompression: true})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := access.From(r.Context()).Allow(access.MetricsRead)
		if err != nil && !of(r).loopback() {
			if refusal := access.Refusal(r.Context()); refusal != nil {
				err = refusal
			}
			of(r).refuse(r, err)
			return
		}
		shown.ServeHTTP(w, r)
	})
}
