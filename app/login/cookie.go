package login

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"reconexus/app/kit/fault"
	"reconexus/app/rest"
)

// The browser's cookies. The refresh token goes to the sign-in routes only.
const (
	accessCookie  = "reconexus_access"
	refreshCookie = "reconexus_refresh"
	refreshPath   = rest.Base + "/auth"
	csrfHeader    = "X-CSRF-Token"
)

func cookies(access, refresh string) []string {
	return []string{
		cookie(accessCookie, access, "/", accessLife),
		cookie(refreshCookie, refresh, refreshPath, refreshLife),
	}
}

// noCookies makes a browser forget both.
func noCookies() []string {
	return []string{cookie(accessCookie, "", "/", 0), cookie(refreshCookie, "", refreshPath, 0)}
}

func cookie(name, value, path string, life time.Duration) string {
	c := http.Cookie{Name: name, Value: value, Path: path, MaxAge: int(life.Seconds()), Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode}
	if life == 0 {
		c.MaxAge = -1
	}
	return c.String()
}

// csrf is the token that a session's pages send with every change: whoever can read
// it is on our own pages.
func (s *Service) csrf(session string) string {
	h := hmac.New(sha256.New, s.csrfKey)
	h.Write([]byte(session))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// sameSite refuses what a foreign page made a browser send with our cookie.
func (s *Service) sameSite(r *http.Request, session string) error {
	if err := s.ownPage(r); err != nil {
		return err
	}
	if changing(r) && !hmac.Equal([]byte(r.Header.Get(csrfHeader)), []byte(s.csrf(session))) {
		return fault.New(fault.Forbidden, "This change lacks the session's CSRF token; send the csrf_token of the sign-in, or of GET /auth/me, as X-CSRF-Token.")
	}
	return nil
}

func changing(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions
}

// ownPage refuses a request that a browser says comes from another site's page. What
// a browser says in Sec-Fetch-Site no script can change; older ones say Origin.
func (s *Service) ownPage(r *http.Request) error {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin":
		return nil
	case "", "none":
	default:
		if changing(r) {
			return errForeign()
		}
	}
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(s.Origins, origin) {
		return nil
	}
	if u, err := url.Parse(origin); err != nil || u.Host == "" || !strings.EqualFold(u.Host, r.Host) {
		return errForeign()
	}
	return nil
}

func errForeign() error {
	return fault.New(fault.Forbidden, "This request comes from another site's page; open the console itself.")
}
