package server

import (
	"context"
	"net/http"
	"strings"
	"time"

	"reconexus/app/audit"
	"reconexus/app/kit/id"
)

// notePatience bounds how long a note may wait for the store after the answer is out.
const notePatience = 5 * time.Second

// auditLog sees to it that every request that would change something leaves an entry.
// What was done the service writes down in the same transaction; this layer adds what
// failed, what was denied, and what a service left out. Strangers without credentials
// leave none: nothing may be written on their behalf, and there is nobody to name.
func auditLog(o Options) Layer {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			x := of(r)
			if !x.route.mutates || o.Audit == nil {
				next.ServeHTTP(w, r)
				return
			}
			r = r.WithContext(audit.WithMarker(r.Context()))
			returned := false
			defer func() {
				status := x.status
				if !returned {
					status = http.StatusInternalServerError // a panic on its way out
				}
				if !audit.Recorded(r.Context()) && x.who.ID != "" {
					note(o, r, x, resultOf(status), status)
				}
			}()
			next.ServeHTTP(w, r)
			returned = true
		})
	}
}

func resultOf(status int) string {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusLocked || status == http.StatusTooManyRequests:
		return audit.Denied
	case status >= 400:
		return audit.Failed
	}
	return audit.Done
}

// note writes an entry named by the route's pattern, with the id from the path but
// nothing else of it.
func note(o Options, r *http.Request, x *exchange, result string, status int) {
	if o.Audit == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), notePatience)
	defer cancel()
	who := x.who
	who.Address, who.Request = x.address, x.identify()
	if err := o.Audit.Note(ctx, who, x.route.Method+" "+x.route.Path, objectOf(x.route.Path, r.URL.Path), result, "status", status); err != nil {
		o.Log.Error("an audit entry could not be written", "route", x.route.Path, "result", result, "request", x.identify(), "error", err)
	}
}

// objectOf is the first part of the path that is the id of a thing; numbers of people
// are none.
func objectOf(pattern, path string) string {
	names, values := strings.Split(pattern, "/"), strings.Split(path, "/")
	for i, name := range names {
		if i >= len(values) || !strings.HasPrefix(name, "{") {
			continue
		}
		if kind, _, ok := strings.Cut(values[i], "_"); ok && id.Is(kind, values[i]) {
			return values[i]
		}
	}
	return ""
}
