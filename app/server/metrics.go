package server

import (
	"cmp"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics counts requests by route pattern: a path holds numbers of people.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	running  prometheus.Gauge
	refused  *prometheus.CounterVec
}

func newMetrics(o Options) *metrics {
	m := &metrics{
		registry: o.Metrics,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "reconexus_http_requests_total", Help: "Requests answered, by method, route pattern and status.",
		}, []string{"method", "route", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "reconexus_http_request_seconds", Help: "Time from the request's head to the answer's end.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		}, []string{"method", "route"}),
		running: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "reconexus_http_requests_running", Help: "Requests being worked on.",
		}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "reconexus_rate_limited_total", Help: "Requests over a limit, by kind of limit.",
		}, []string{"limit"}),
	}
	if m.registry == nil {
		m.registry = prometheus.NewRegistry()
		m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "reconexus_build_info", Help: "Always 1; the version is a label.", ConstLabels: prometheus.Labels{"version": o.Version},
	})
	info.Set(1)
	m.registry.MustRegister(m.requests, m.seconds, m.running, m.refused, info)
	return m
}

// meter is one route's counters, found once so that counting costs no look-up, and not
// before the route is used: an unused one is no line of /metrics.
type meter struct {
	parent *metrics
	route  *route
	timer  func() prometheus.Observer
	mu     sync.Mutex
	counts atomic.Pointer[[]counted]
}

type counted struct {
	method  string
	status  int
	counter prometheus.Counter
}

func (m *metrics) meter(r *route) *meter {
	t := &meter{parent: m, route: r, timer: sync.OnceValue(func() prometheus.Observer {
		return m.seconds.WithLabelValues(cmp.Or(r.Method, "any"), r.Path)
	})}
	t.counts.Store(&[]counted{})
	return t
}

func (t *meter) count(method string, status int) {
	for _, c := range *t.counts.Load() {
		if c.status == status && c.method == method {
			c.counter.Inc()
			return
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	c := counted{method, status, t.parent.requests.WithLabelValues(method, t.route.Path, strconv.Itoa(status))}
	grown := append(append([]counted{}, *t.counts.Load()...), c)
	t.counts.Store(&grown)
	c.counter.Inc()
}

// measure counts and times each request, and logs it at the debug level.
func measure(m *metrics, o Options) Layer {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			x := of(r)
			m.running.Inc()
			returned := false
			defer func() {
				m.running.Dec()
				status, took := x.status, o.Clock().Sub(x.started)
				switch {
				case status == 0 && returned:
					status = http.StatusOK // net/http answers so for a handler that wrote nothing
				case status == 0:
					status = http.StatusInternalServerError // a panic on its way to the error capture
				}
				x.route.meter.count(common(r.Method), status)
				x.route.meter.timer().Observe(took.Seconds())
				if o.Log.Enabled(r.Context(), slog.LevelDebug) {
					o.Log.Debug("request", "method", common(r.Method), "route", x.route.Path, "status", status,
						"took", took, "bytes", x.written, "request", x.request.ID, "who", x.who.ID, "address", x.address)
				}
			}()
			next.ServeHTTP(w, r)
			returned = true
		})
	}
}

// common bounds the label: anybody can invent a method.
func common(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}
