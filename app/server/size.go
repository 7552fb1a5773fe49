package server

import (
	"net/http"

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
			if r.ContentLength != 0 && !x.route.Upload {
				most := int64(maxBody)
				if x.route.Path == "unmatched" || x.route.Path == "page" || x.route.signIn {
					most = maxPublicBody
				}
				if r.ContentLength > most {
					x.refuse(r, tooLarge(most))
					return
				}
				r.Body = http.MaxBytesReader(x.ResponseWriter, r.Body, most)
			}
			next.ServeHTTP(w, r)
		})
	}
}

func tooLarge(most int64) error {
	if most < maxBody {
		return fault.New(fault.TooLarge, "The body is larger than the %d KB that this route takes; send less.", most>>10)
	}
	return fault.New(fault.TooLarge, "The body is larger than 10 MB. Send fewer records at once, or use an import, which takes files of any size.")
}
