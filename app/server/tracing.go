package server

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	otel "go.opentelemetry.io/otel/trace"
)

// tracer makes spans. Without a collector it only makes their ids, which costs next to
// nothing and still joins the logs of callers and proxies.
type tracer struct {
	provider *sdk.TracerProvider
	spans    otel.Tracer
}

func newTracer(o Options) (*tracer, error) {
	if o.TraceEndpoint == "" {
		return &tracer{}, nil
	}
	exporter := otlptracehttp.NewUnstarted(otlptracehttp.WithEndpointURL(strings.TrimSuffix(o.TraceEndpoint, "/v1/traces") + "/v1/traces"))
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(exporter),
		sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", "reconexus"), attribute.String("service.version", o.Version))),
	)
	return &tracer{provider, provider.Tracer("reconexus")}, nil
}

func (t *tracer) close(ctx context.Context) error {
	if t.provider == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// parent is a W3C trace context as it came in.
type parent struct {
	trace [16]byte
	span  [8]byte
	flags byte
}

// parseTraceparent reads version 00's fields of a traceparent header; later versions
// begin with the same ones (W3C Trace Context, 3.2.2 and 3.2.4).
func parseTraceparent(h string) (p parent, ok bool) {
	if len(h) < 55 || h[2] != '-' || h[35] != '-' || h[52] != '-' || h[:2] == "ff" || (len(h) > 55 && (h[:2] == "00" || h[55] != '-')) {
		return p, false
	}
	var version, flags [1]byte
	for _, part := range []struct {
		to   []byte
		from string
	}{{version[:], h[:2]}, {p.trace[:], h[3:35]}, {p.span[:], h[36:52]}, {flags[:], h[53:55]}} {
		if !lowerHex(part.to, part.from) {
			return p, false
		}
	}
	p.flags = flags[0]
	return p, p.trace != [16]byte{} && p.span != [8]byte{}
}

func lowerHex(to []byte, from string) bool {
	for i := range len(from) {
		if c := from[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	for i := range to {
		to[i] = nibble(from[2*i])<<4 | nibble(from[2*i+1])
	}
	return true
}

func nibble(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}

// trace answers the ids of the trace and of this span, and sends the span to the
// collector if there is one. Spans are named by route patterns.
func trace(t *tracer) Layer {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var p parent
			var known bool
			if in := r.Header["Traceparent"]; len(in) == 1 {
				p, known = parseTraceparent(in[0])
			}
			if t.spans != nil {
				t.export(w, r, next, p, known)
				return
			}
			if !known {
				binary.LittleEndian.PutUint64(p.trace[:8], rand.Uint64()|1) //nolint:gosec // ids, not secrets
				binary.LittleEndian.PutUint64(p.trace[8:], rand.Uint64())
			}
			binary.LittleEndian.PutUint64(p.span[:], rand.Uint64()|1)
			of(r).tellTrace(p)
			next.ServeHTTP(w, r)
		})
	}
}

// tellTrace sets both headers from one string.
func (x *exchange) tellTrace(p parent) {
	var text [48]byte
	hex.Encode(text[:32], p.trace[:])
	hex.Encode(text[32:], p.span[:])
	both := string(text[:])
	h := x.Header()
	x.names[0], x.names[1] = both[:32], both[32:]
	h["X-Trace-Id"], h["X-Span-Id"] = x.names[0:1:1], x.names[1:2:2]
}

func (t *tracer) export(w http.ResponseWriter, r *http.Request, next http.Handler, p parent, known bool) {
	ctx, x := r.Context(), of(r)
	if known {
		ctx = otel.ContextWithRemoteSpanContext(ctx, otel.NewSpanContext(otel.SpanContextConfig{
			TraceID: p.trace, SpanID: p.span, TraceFlags: otel.TraceFlags(p.flags), Remote: true,
		}))
	}
	ctx, span := t.spans.Start(ctx, x.route.Method+" "+x.route.Path, otel.WithSpanKind(otel.SpanKindServer), otel.WithTimestamp(x.started))
	defer func() {
		span.SetAttributes(attribute.String("http.request.method", r.Method), attribute.String("http.route", x.route.Path),
			attribute.Int("http.response.status_code", x.status), attribute.String("reconexus.request", x.request.ID))
		if x.status >= 500 {
			span.SetStatus(codes.Error, strconv.Itoa(x.status))
		}
		span.End(otel.WithTimestamp(x.clock()))
	}()
	made := span.SpanContext()
	x.tellTrace(parent{trace: made.TraceID(), span: made.SpanID()})
	next.ServeHTTP(w, r.WithContext(ctx))
}
