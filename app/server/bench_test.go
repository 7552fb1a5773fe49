package server

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"
)

// silent takes an answer without keeping it.
type silent struct{ h http.Header }

func (s *silent) Header() http.Header         { return s.h }
func (s *silent) Write(b []byte) (int, error) { return len(b), nil }
func (s *silent) WriteHeader(int)             {}

func benchmarked(b *testing.B, changes ...func(*Options)) (*house, *http.Request) {
	h := buildAudited(b, append(changes, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
		o.GeneralPerMinute = 1_000_000
		o.Clock = time.Now
	})...)
	r := httptest.NewRequest(http.MethodGet, "/api/v1/identity/msisdn/2348031234567/status", nil)
	r.RemoteAddr = "127.0.0.1:40000"
	r.Header.Set("Authorization", "Bearer api_client")
	return h, r
}

// cpu reports the processor's time per operation beside the clock's: on a machine that
// does other work too, only the former says what the code costs.
func cpu(b *testing.B) func() {
	used := func() int64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return u.Utime.Nano() + u.Stime.Nano()
	}
	before := used()
	return func() { b.ReportMetric(float64(used()-before)/float64(b.N), "cpu-ns/op") }
}

// BenchmarkPipeline is a GET through all layers, authentication and limits included.
func BenchmarkPipeline(b *testing.B) {
	h, r := benchmarked(b)
	b.ReportAllocs()
	defer cpu(b)()
	for b.Loop() {
		h.ServeHTTP(&silent{http.Header{}}, r)
	}
}

// BenchmarkPipelineParallel is the same from several callers at once.
func BenchmarkPipelineParallel(b *testing.B) {
	h, r := benchmarked(b)
	b.ReportAllocs()
	defer cpu(b)()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			h.ServeHTTP(&silent{http.Header{}}, r)
		}
	})
}

// BenchmarkLayersOnly leaves out the router and the handler: what the layers cost.
func BenchmarkLayersOnly(b *testing.B) {
	h, r := benchmarked(b)
	h.handler = chain(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }), h.layers()...)
	b.ReportAllocs()
	defer cpu(b)()
	for b.Loop() {
		h.ServeHTTP(&silent{http.Header{}}, r)
	}
}

// BenchmarkBareRouter is the same route without any layer, to compare with.
func BenchmarkBareRouter(b *testing.B) {
	h, _ := benchmarked(b)
	r := httptest.NewRequest(http.MethodGet, "/health/live", nil)
	b.ReportAllocs()
	defer cpu(b)()
	for b.Loop() {
		h.o.Router.ServeHTTP(&silent{http.Header{}}, r)
	}
}
