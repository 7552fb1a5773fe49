package server

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"reconexus/app/kit/fault"
)

// enforceHTTPS sends plain requests from afar to HTTPS once the appliance has it. What
// would have carried credentials in the clear is refused instead of redirected: the
// harm is done when it arrives, and the sender should notice. Health checks, this
// machine itself and its socket may stay plain.
func enforceHTTPS(o Options) Layer {
	public, _ := url.Parse(o.PublicURL) // was checked with the settings
	on := o.HTTPSPort != "" || (public != nil && public.Scheme == "https")
	return func(next http.Handler) http.Handler {
		if !on {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			x := of(r)
			silent := x.proxied && r.Header.Get("X-Forwarded-Proto") == "" // a proxy that does not say
			switch {
			case x.secure || x.loopback() || silent || strings.HasPrefix(r.URL.Path, "/health"):
				next.ServeHTTP(w, r)
			case r.Method == http.MethodGet || r.Method == http.MethodHead:
				http.Redirect(w, r, "https://"+secureHost(o, public, r.Host)+r.URL.RequestURI(), http.StatusPermanentRedirect)
			default:
				x.refuse(r, fault.New(fault.Forbidden, "This came over plain HTTP, so anybody on the way could read it. Use https://, and change the password or key that was sent."))
			}
		})
	}
}

func secureHost(o Options, public *url.URL, host string) string {
	if public != nil && public.Scheme == "https" {
		return public.Host
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if o.HTTPSPort == "443" {
		return host
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), o.HTTPSPort)
}
