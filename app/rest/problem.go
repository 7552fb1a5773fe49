package rest

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"reconexus/app/kit/fault"
)

// Problem is the one shape of every error answer (RFC 9457), with a stable code and
// the request id to quote.
type Problem struct {
	Type      string        `json:"type" doc:"about:blank: the code says it all"`
	Title     string        `json:"title"`
	Status    int           `json:"status"`
	Detail    string        `json:"detail" doc:"What is wrong and what would be right"`
	Instance  string        `json:"instance"`
	Code      fault.Kind    `json:"code"`
	RequestID string        `json:"requestId"`
	Errors    []fault.Field `json:"errors" nullable:"false"`
	after     int
}

func (p *Problem) Error() string             { return p.Detail }
func (p *Problem) GetStatus() int            { return p.Status }
func (p *Problem) ContentType(string) string { return "application/problem+json" }
func (p *Problem) GetHeaders() http.Header   { return retryAfter(p.after) }

func retryAfter(seconds int) http.Header {
	if seconds == 0 {
		return nil
	}
	return http.Header{"Retry-After": {strconv.Itoa(seconds)}}
}

// Request is what an error answer and an audit line need to know of a request. The
// pipeline puts it into the context.
type Request struct {
	ID   string
	Path string
	// Err is the error that was answered, for the audit line and the error capture.
	Err error
	// Dialect is the route's; nil for most.
	Dialect *Dialect
	// Correlator is the id by which the caller follows the exchange, if it has one.
	Correlator string
}

type requestKey struct{}

// WithRequest gives a context its request.
func WithRequest(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// RequestOf is the context's request; never nil.
func RequestOf(ctx context.Context) *Request {
	if r, ok := ctx.Value(requestKey{}).(*Request); ok {
		return r
	}
	return &Request{}
}

// Report notes the error that a request ends with.
func Report(ctx context.Context, err error) { RequestOf(ctx).Err = err }

// problem turns any error into the answer; nil stays nil. What is no fault is a
// defect: it is logged here, once, and answered without its text.
func (a *API) problem(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	var already huma.StatusError
	if errors.As(err, &already) {
		return already
	}
	Report(ctx, err)
	return RequestOf(ctx).say(shape(ctx, err, a.log))
}

func shape(ctx context.Context, err error, log *slog.Logger) *Problem {
	f, ok := fault.In(err)
	if !ok {
		switch {
		case errors.Is(err, context.Canceled):
			f = fault.New(fault.Unavailable, "The request was given up before its answer was ready.")
		case errors.Is(err, context.DeadlineExceeded):
			f = fault.New(fault.Unavailable, "The answer took too long. Try again, or ask for less at once.")
		default:
			f = fault.New(fault.Internal, "Something broke here, and it is not your doing. Try again; if it stays, report the request id.")
			if log != nil {
				log.ErrorContext(ctx, "request failed", "request", RequestOf(ctx).ID, "error", err)
			}
		}
	}
	return newProblem(RequestOf(ctx), f)
}

func newProblem(r *Request, f *fault.Fault) *Problem {
	status := f.Kind.Status()
	fields := f.Fields
	if fields == nil {
		fields = []fault.Field{}
	}
	return &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: f.Message,
		Instance: r.Path, Code: f.Kind, RequestID: r.ID, Errors: fields,
		after: int((f.After + 999_999_999) / 1_000_000_000),
	}
}

// WriteError answers an error outside the declared operations (pipeline, router).
func WriteError(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	Report(r.Context(), err)
	p := shape(r.Context(), err, log)
	if p.Instance == "" {
		p.Instance = r.URL.Path
	}
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="reconexus"`)
	}
	said := RequestOf(r.Context()).say(p)
	w.Header().Set("Content-Type", said.ContentType(""))
	w.WriteHeader(said.GetStatus())
	_ = json.NewEncoder(w).Encode(said) // the caller may be gone
}

// shapeErrors makes huma's own errors (bad JSON, failed validation) come in our shape.
// Huma keeps the maker in a variable of its package.
var shapeErrors = sync.OnceFunc(func() {
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		r := &Request{}
		if ctx != nil {
			r = RequestOf(ctx.Context())
		}
		p := newProblem(r, &fault.Fault{Kind: kindOf(status), Message: sentence(status, message, errs), Fields: fields(errs)})
		r.Err = p
		return r.say(p)
	}
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return huma.NewErrorWithContext(nil, status, message, errs...)
	}
})

func kindOf(status int) fault.Kind {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return fault.TooLarge
	case http.StatusUnprocessableEntity:
		return fault.Invalid
	case http.StatusUnsupportedMediaType:
		return fault.Unsupported
	case http.StatusBadRequest, http.StatusNotAcceptable, http.StatusRequestTimeout:
		return fault.Rejected
	}
	return fault.Internal
}

func sentence(status int, message string, errs []error) string {
	switch status {
	case http.StatusUnprocessableEntity:
		if len(errs) == 1 {
			return "One part of the request is not as it should be; see errors."
		}
		return strconv.Itoa(len(errs)) + " parts of the request are not as they should be; see errors."
	case http.StatusRequestEntityTooLarge:
		return "The body is larger than 10 MB. Send fewer records at once, or use an import, which takes files of any size."
	case http.StatusUnsupportedMediaType:
		return "This kind of body is not taken here; send JSON with Content-Type: application/json."
	case http.StatusRequestTimeout:
		return "The body did not arrive in time; send it again."
	case http.StatusBadRequest:
		return "The body is not valid JSON, or is missing; send one JSON object."
	}
	return message
}

// fields copies where and what, never the value.
func fields(errs []error) []fault.Field {
	out := make([]fault.Field, 0, len(errs))
	for _, err := range errs {
		var d huma.ErrorDetailer
		if !errors.As(err, &d) {
			continue
		}
		detail := d.ErrorDetail()
		place := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(detail.Location, "body."), "query."), "path.")
		message, _, _ := strings.Cut(detail.Message, ": ") // behind the colon a parser may quote the value
		out = append(out, fault.Field{Field: place, Code: codeOf(message), Message: message})
	}
	return out
}

// codeOf names the broken rule from huma's sentence, whose openings are fixed.
func codeOf(message string) string {
	for _, rule := range []struct{ part, code string }{
		{"required", "REQUIRED"}, {"unexpected property", "UNKNOWN_PROPERTY"}, {"unknown query", "UNKNOWN_PARAMETER"},
		{"one of", "NOT_ALLOWED"}, {"length", "LENGTH"}, {"match", "FORMAT"}, {"number", "RANGE"}, {"integer", "TYPE"},
	} {
		if strings.Contains(message, rule.part) {
			return rule.code
		}
	}
	return "INVALID"
}
