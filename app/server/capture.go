package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime"
	"runtime/debug"

	"github.com/getsentry/sentry-go"

	"reconexus/app/kit/fault"
)

// errPanic is what a panic is answered as; its own text may hold data of a person.
var errPanic = errors.New("a handler panicked; the log line with its stack was written before")

// captureErrors turns a panic into one log line and a 500, and reports it and other
// defects to the collector, if there is one. Neither holds anything that was sent.
func captureErrors(reporter *sentry.Client, log *slog.Logger) Layer {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			x := of(r)
			defer func() {
				if v := recover(); v != nil {
					caught(reporter, log, x, r, v)
				}
			}()
			next.ServeHTTP(w, r)
			if err := x.request.Err; err != nil && reporter != nil && isDefect(x, err) {
				report(reporter, x, fmt.Sprintf("%T", err), scrub(err.Error()), nil)
			}
		})
	}
}

func isDefect(x *exchange, err error) bool {
	_, expected := fault.In(err)
	return !expected && !gone(err) && x.status >= 500
}

func caught(reporter *sentry.Client, log *slog.Logger, x *exchange, r *http.Request, v any) {
	if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares so too
		panic(v) // net/http's own way to cut a connection
	}
	what := describePanic(v)
	log.Error("a handler panicked", "request", x.identify(), "route", x.route.Path, "panic", what, "stack", string(debug.Stack()))
	if reporter != nil {
		report(reporter, x, "panic", what, sentry.NewStacktrace())
	}
	if x.status != 0 {
		panic(http.ErrAbortHandler) // the answer had begun: only a cut connection tells
	}
	x.log = nil // logged already
	x.refuse(r.WithContext(context.WithoutCancel(r.Context())), errPanic)
}

// describePanic keeps the runtime's own words, which name indexes and types; of any
// other value only the type is safe.
func describePanic(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return scrub(err.Error())
	}
	return fmt.Sprintf("%T", v)
}

// scrub takes out what looks like a person's data: long numbers and addresses.
func scrub(text string) string {
	return regexp.MustCompile(`[\w.+-]+@[\w.-]+|\d{6,}|"[^"]*"`).ReplaceAllString(text, "…")
}

func newReporter(o Options) (*sentry.Client, error) {
	if o.SentryDSN == "" {
		return nil, nil //nolint:nilnil // no collector is a usable answer
	}
	c, err := sentry.NewClient(sentry.ClientOptions{
		Dsn: o.SentryDSN, Release: "reconexus@" + o.Version, ServerName: "reconexus",
		MaxBreadcrumbs: -1, DisableClientReports: true,
		Integrations: func([]sentry.Integration) []sentry.Integration { return nil },
		BeforeSend: func(e *sentry.Event, _ *sentry.EventHint) *sentry.Event {
			e.Request, e.User, e.Contexts, e.Modules = nil, sentry.User{}, nil, nil
			return e
		},
	})
	if err != nil {
		return nil, errors.New("sentry.dsn is not a DSN that can be used; it should be https://KEY@HOST/PROJECT")
	}
	return c, nil
}

func report(c *sentry.Client, x *exchange, kind, message string, stack *sentry.Stacktrace) {
	e := sentry.NewEvent()
	e.Level = sentry.LevelError
	e.Tags = map[string]string{"route": x.route.Method + " " + x.route.Path, "request": x.identify()}
	e.Exception = []sentry.Exception{{Type: kind, Value: message, Stacktrace: stack}}
	c.CaptureEvent(e, nil, nil)
}
