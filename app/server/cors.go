package server

import (
	"net/http"

	"github.com/rs/cors"
)

// allowOrigins lets pages of the configured origins call the API with a Bearer token or
// a key. Cookies stay at home. Without origins there is nothing to do.
func allowOrigins(origins []string) Layer {
	return func(next http.Handler) http.Handler {
		if len(origins) == 0 {
			return next
		}
		return cors.New(cors.Options{
			AllowedOrigins: origins,
			AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
			AllowedHeaders: []string{"Authorization", "Content-Type", "X-API-Key", "Idempotency-Key", "If-Match", "Traceparent", "X-Correlator", "X-Receipt"},
			ExposedHeaders: []string{"X-Request-ID", "X-Trace-ID", "X-Span-ID", "X-Correlator", "X-Receipt", "ETag", "Location", "Retry-After", "Idempotency-Replayed",
				"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Deprecation", "Sunset", "Link"},
			MaxAge: 600,
		}).Handler(next)
	}
}
