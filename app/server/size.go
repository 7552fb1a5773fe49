package server

import (
	"io"
	"net/http"
	"time"

	"reconexus/app/kit/fault"
)

// Bounds of what a request may be made of.
const (
	maxBody       = 10 << 20 // bytes, except for streamed uploads
	maxPublicBody = 64 << 10 // bytes, from callers who are not known yet
	maxURL        = 8 << 10  // bytes
	maxHeaders    = 100      // names
)

// limitSize bounds the body, the URL and the number of headers (their bytes are
// bounded by the listener). Uploads are streamed by their routes and have no bound.
func limitSize() Layer {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			x := of(r)
			switch {
			case len(r.RequestURI) > maxURL:
				x.refuse(r, fault.New(fault.TooLarge, "The URL is longer than %d bytes; send long lists in a body.", maxURL))
				return
			case len(r.Header) > maxHeaders:
				x.refuse(r, fault.New(fault.TooLarge, "The request has more than %d headers; send fewer.", maxHeaders))
				return
			}
			x.raw = r.Body
			if r.ContentLength != 0 && !x.route.Upload {
				most := int64(maxBody)
				if x.route.Path == "unmatched" || x.route.Path == "page" || x.route.signIn {
					most = maxPublicBody
				}
				if r.ContentLength > most {
					x.drain(r)
					x.refuse(r, tooLarge(most))
					return
				}
				r.Body = http.MaxBytesReader(x.ResponseWriter, r.Body, most)
			}
			next.ServeHTTP(w, r)
		})
	}
}

// How much of a body that is refused for its size is read and dropped, and for how
// long: a client that is still sending does not hear an answer before it is done.
const (
	mostDrained   = 64 << 20 // bytes
	drainingTakes = 10 * time.Second
)

// drain lets the client finish sending. One that asked first is simply told no.
func (x *exchange) drain(r *http.Request) {
	if r.Header["Expect"] != nil || r.ContentLength > mostDrained {
		return
	}
	x.hurry(drainingTakes)
	_, _ = io.CopyN(io.Discard, x.raw, mostDrained) // whatever comes of it, the answer is the same
	x.hurry(0)
}

func tooLarge(most int64) error {
	if most < maxBody {
		return fault.New(fault.TooLarge, "The body is larger than the %d KB that this route takes; send less.", most>>10)
	}
	return fault.New(fault.TooLarge, "The body is larger than 10 MB. Send fewer records at once, or use an import, which takes files of any size.")
}
