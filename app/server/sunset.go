package server

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Sunset says of a route since when it is deprecated, when it ends, and what takes its
// place.
type Sunset struct {
	Since     time.Time // Deprecation (RFC 9745)
	Ends      time.Time // Sunset (RFC 8594); zero when not yet decided
	Successor string    // URL or path of what to use instead
}

// sunset adds the headers to routes of the table.
func sunset(routes map[string]Sunset) Layer {
	ready := make(map[string]http.Header, len(routes))
	for name, s := range routes {
		h := http.Header{"Deprecation": {"@" + strconv.FormatInt(s.Since.Unix(), 10)}}
		if !s.Ends.IsZero() {
			h.Set("Sunset", s.Ends.UTC().Format(http.TimeFormat))
		}
		if s.Successor != "" {
			h.Set("Link", fmt.Sprintf("<%s>; rel=\"successor-version\"", s.Successor))
		}
		ready[name] = h
	}
	return func(next http.Handler) http.Handler {
		if len(ready) == 0 {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			d := of(r).route
			for k, v := range ready[d.Method+" "+d.Path] {
				w.Header()[k] = v
			}
			next.ServeHTTP(w, r)
		})
	}
}
