package server

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"reconexus/app/kit/fault"
)

// customSecurity closes what the usual headers leave open: methods that echo requests,
// bodies of a type that a foreign page can send without asking, sockets opened by a
// foreign page, and other origins that embed answers.
func customSecurity(o Options) Layer {
	same := []string{"same-origin"}
	embed := []string{"require-corp"}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h["Cross-Origin-Opener-Policy"], h["Cross-Origin-Resource-Policy"] = same, same
			h["Cross-Origin-Embedder-Policy"] = embed
			if err := inspect(of(r), r, o); err != nil {
				if fault.Is(err, fault.Method) {
					h.Set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
				}
				of(r).refuse(r, err)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func inspect(x *exchange, r *http.Request, o Options) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		if r.Header["Upgrade"] != nil && !homely(r, o) {
			return fault.New(fault.Forbidden, "A page of another origin may not open a socket here. Add the origin to cors.origins if it should.")
		}
		return nil
	case http.MethodTrace, "TRACK", http.MethodConnect:
		return fault.New(fault.Method, "The method %s is not served.", r.Method)
	}
	if r.ContentLength == 0 || x.route == nil || x.route.Path == "unmatched" || x.route.Path == "page" {
		return nil
	}
	return contentType(x.route, r.Header.Get("Content-Type"))
}

// contentType takes JSON, or the form that OAuth prescribes for its token route. An
// upload may be anything, since its bytes say what they are; a browser cannot send
// them across origins without the CSRF token or a key.
func contentType(route *route, sent string) error {
	if route.Upload {
		return nil
	}
	kind, _, err := mime.ParseMediaType(sent)
	form := strings.HasSuffix(route.Path, "/oauth2/token")
	switch {
	case err == nil && form && kind == "application/x-www-form-urlencoded":
		return nil
	case err == nil && (kind == "application/json" || (strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json"))):
		return nil
	case form:
		return fault.New(fault.Unsupported, "Send the form with Content-Type: application/x-www-form-urlencoded.")
	}
	return fault.New(fault.Unsupported, "This kind of body is not taken here; send JSON with Content-Type: application/json.")
}

// homely tells whether a browser's request comes from a page of this appliance or of a
// configured origin. Programmes send no Origin.
func homely(r *http.Request, o Options) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(o.Origins, origin) || (o.PublicURL != "" && origin == o.PublicURL) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, r.Host)
}
