package server

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net/http"
)

// requestID names the request, in the answer, the log and the audit line.
func requestID() Layer {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			of(r).identify()
			next.ServeHTTP(w, r)
		})
	}
}

// identify gives the request its id, once: sortable by time, no secret. The client's
// own idea of an id is not taken, since it would end in the audit log.
func (x *exchange) identify() string {
	if x.request.ID == "" {
		var raw [14]byte
		binary.BigEndian.PutUint64(raw[:8], uint64(x.started.UnixMilli())<<16)
		binary.BigEndian.PutUint64(raw[6:], rand.Uint64()) //nolint:gosec // an id, not a secret
		var text [4 + 28]byte
		copy(text[:], "req_")
		hex.Encode(text[4:], raw[:])
		x.request.ID = string(text[:])
		x.names[2] = x.request.ID
		x.Header()["X-Request-Id"] = x.names[2:3:3]
	}
	return x.request.ID
}
