// Package server is the appliance's front door: the router, the pipeline that every
// request goes through, the pages, the served documents, health and metrics.
//
// A request passes fourteen layers in one fixed order, outermost first:
//
//	 1 HTTPS enforcer     plain requests from afar are sent to HTTPS
//	 2 error capture      a panic becomes one log line and a 500
//	 3 tracing            W3C trace context in, X-Trace-ID and X-Span-ID out
//	 4 sunset headers     what is deprecated says so
//	 5 size limiter       10 MB, except streamed uploads
//	 6 input guard        no injection in query values and JSON strings
//	 7 request id         X-Request-ID
//	 8 security headers   CSP, HSTS and their kin
//	 9 custom security    TRACE, content types, COOP/CORP/COEP, foreign sockets
//	10 metrics            by route pattern
//	11 idempotency        a key replays the first answer
//	12 deduplication      the same deed within 5 s is refused
//	13 audit logger       what the service did not write down, failed or was denied
//	14 CORS               configured origins
//
// Three steps stand between metrics and idempotency, because everything after them
// needs to know the caller and everything before them must not: authentication, rate
// limits, and the reading of the body (see [door]). The body is read only for callers
// who may use the route; the layers before merely bound and inspect what is read.
//
// What the layers know of a request lives in one [exchange]; a request that only reads
// allocates little more than that.
package server

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/getsentry/sentry-go"
	"github.com/julienschmidt/httprouter"
	"github.com/prometheus/client_golang/prometheus"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/seal"
	"reconexus/app/rest"
)

// Layer is one step of the pipeline.
type Layer = func(http.Handler) http.Handler

// Cache keeps answers for idempotency keys.
type Cache interface {
	Get(key string) (value []byte, ok bool, err error)
	Set(key string, value []byte, ttl time.Duration) error
}

// Options say what the server is made of. Router and API hold the declared routes;
// [New] adds its own and must come last.
type Options struct {
	Version string
	Router  *httprouter.Router
	API     *rest.API
	// Extra names routes that were put on the router directly, such as /ws/{channel}.
	// Their handlers check rights themselves.
	Extra []rest.Route
	// Sunset lists deprecated routes by "METHOD /pattern".
	Sunset map[string]Sunset

	Authenticate func(*http.Request) (access.Principal, error)
	Audit        *audit.Log
	Ring         *seal.Ring // seals the answers that are kept for idempotency
	Cache        Cache
	// Ready answers nil when the store answers.
	Ready func(context.Context) error
	// Details adds to /health, by name: figures only, for it is public.
	Details func(context.Context) map[string]any

	PublicURL        string // https://… turns on the redirect from plain HTTP
	HTTPSPort        string // port of the listener with a certificate; empty when off
	TrustedProxies   []netip.Prefix
	Origins          []string
	AuthPerMinute    int
	GeneralPerMinute int
	SentryDSN        string
	TraceEndpoint    string

	Metrics *prometheus.Registry // nil makes one
	Pages   fs.FS                // the built SPA
	Docs    fs.FS                // what /docs needs
	Guide   fs.FS                // Markdown of the user guide
	Clock   func() time.Time
	Log     *slog.Logger
}

// Server is the assembled front door; it is an http.Handler.
type Server struct {
	o        Options
	started  time.Time
	routes   *table
	handler  http.Handler
	metrics  *metrics
	reporter *sentry.Client
	tracer   *tracer
	wardrobe *wardrobe
	draining atomic.Bool
}

// New puts the served documents on the router and the pipeline around it.
func New(o Options) (*Server, error) {
	s := &Server{o: o, started: o.Clock(), wardrobe: newWardrobe()}
	var err error
	if s.reporter, err = newReporter(o); err != nil {
		return nil, err
	}
	if s.tracer, err = newTracer(o); err != nil {
		return nil, err
	}
	s.metrics = newMetrics(o)
	own, err := s.documents()
	if err != nil {
		return nil, err
	}
	pages, err := newPages(o.Pages, o.Log)
	if err != nil {
		return nil, err
	}
	s.finishRouter(pages)
	s.routes = newTable(s.metrics, o.API.Routes(), o.Extra, own)
	s.handler = chain(dispatch(o.Router), s.layers()...)
	return s, nil
}

// layers is the pipeline, outermost first.
func (s *Server) layers() []Layer {
	o := s.o
	return []Layer{
		enforceHTTPS(o),
		captureErrors(s.reporter, o.Log),
		trace(s.tracer),
		sunset(o.Sunset),
		limitSize(),
		guardInput(),
		requestID(),
		securityHeaders(),
		customSecurity(o),
		measure(s.metrics, o),
		door(o, s.metrics, idempotency(o)),
		deduplication(o),
		auditLog(o),
		allowOrigins(o.Origins),
	}
}

// chain wraps a handler in layers, the first outermost.
func chain(h http.Handler, layers ...Layer) http.Handler {
	for i := len(layers) - 1; i >= 0; i-- {
		h = layers[i](h)
	}
	return h
}

// Routes lists everything that is served by a route of its own, with the right that it
// needs: what the API declares, and the served documents.
func (s *Server) Routes() []rest.Route { return s.routes.all }

// Close sends what was not yet sent to the collectors of errors and traces.
func (s *Server) Close(ctx context.Context) error {
	if s.reporter != nil {
		s.reporter.FlushWithContext(ctx)
		s.reporter.Close()
	}
	return errors.Join(s.tracer.close(ctx))
}

// ServeHTTP starts the exchange and hands it to the layers.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{ResponseWriter: w, started: s.o.Clock(), log: s.o.Log, clock: s.o.Clock, wardrobe: s.wardrobe}
	x.request.Path = r.URL.Path
	s.routes.find(x, r)
	x.locate(r, s.o.TrustedProxies)
	ctx := rest.WithRequest(context.WithValue(r.Context(), exchangeKey{}, x), &x.request)
	s.handler.ServeHTTP(x, r.WithContext(ctx))
}
