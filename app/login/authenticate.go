package login

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/rest"
	"reconexus/app/users"
	"reconexus/store/sqlite"
)

// verifiedSize bounds the tokens whose signature need not be verified again.
const verifiedSize = 8192

// verified is a token whose signature was good. Its time, its session and its owner
// are looked at again with every use. It is remembered by the whole token: a SHA-256
// of it would cost more than everything else that a request is asked here.
type verified struct {
	subject string
	session string
	epoch   int64
	machine bool
	scopes  []string
	from    time.Time
	until   time.Time
	cut     atomic.Pointer[cutDown]
}

// cutDown is a key's principal reduced to a token's scopes.
type cutDown struct {
	of        *holder
	principal access.Principal
}

// Authenticate tells who a request acts for. Without credentials that is the zero
// Principal and no error; credentials that came and are not good are an error to
// answer with, and the Principal is zero.
func (s *Service) Authenticate(r *http.Request) (access.Principal, error) {
	if r.URL.RawQuery != "" && tokenInQuery(r.URL.RawQuery) {
		return access.Principal{}, fault.New(fault.Unauthenticated,
			"A token does not belong into an address, where logs and histories keep it; send it as Authorization: Bearer.")
	}
	p, err := s.identify(r)
	if err != nil || p.ID == "" {
		return access.Principal{}, err
	}
	p.Address = s.Address(r)
	p.Request = rest.RequestOf(r.Context()).ID
	return p, nil
}

func (s *Service) identify(r *http.Request) (access.Principal, error) {
	if token, ok := bearer(r); ok {
		return s.byToken(r.Context(), token)
	}
	if key := r.Header.Get("X-API-Key"); key != "" {
		return s.byKey(r.Context(), key)
	}
	c, err := r.Cookie(accessCookie)
	if err != nil {
		return access.Principal{}, nil
	}
	p, err := s.byToken(r.Context(), c.Value)
	if err != nil {
		return p, err
	}
	return p, s.sameSite(r, p.Session)
}

// bearer is the token of an Authorization header; other schemes are no access tokens.
func bearer(r *http.Request) (string, bool) {
	const scheme = "bearer "
	h := r.Header.Get("Authorization")
	if len(h) < len(scheme) || !strings.EqualFold(h[:len(scheme)], scheme) {
		return "", false
	}
	return strings.TrimSpace(h[len(scheme):]), true
}

func (s *Service) byToken(ctx context.Context, token string) (access.Principal, error) {
	if len(token) > maxTokenLen {
		return access.Principal{}, errEnded()
	}
	v, ok := s.verified.Get(token)
	if !ok {
		c, err := s.keys.verify(token)
		if err != nil {
			return access.Principal{}, errEnded()
		}
		v = &verified{
			subject: c.Subject, session: c.Session, epoch: c.Epoch, machine: c.Session == "",
			scopes: strings.Fields(c.Scope), from: c.NotBefore.Time, until: c.ExpiresAt.Time,
		}
		s.verified.Add(strings.Clone(token), v)
	}
	if now := s.Clock(); !now.Before(v.until) || now.Before(v.from) {
		return access.Principal{}, errEnded()
	}
	if v.machine {
		return s.byMachineToken(ctx, v)
	}
	return s.byUserToken(ctx, v)
}

func (s *Service) byUserToken(ctx context.Context, v *verified) (access.Principal, error) {
	ended, err := s.Guard.revoked.has(ctx, v.session)
	if err != nil {
		return access.Principal{}, err
	}
	if ended {
		return access.Principal{}, errEnded()
	}
	h, err := s.known.user(ctx, v.subject)
	if err != nil {
		return access.Principal{}, gone(err)
	}
	if h.disabled || h.epoch != v.epoch {
		return access.Principal{}, errEnded()
	}
	p := h.principal
	p.Session = v.session
	return p, nil
}

// byMachineToken gives a key's rights, cut down to the token's scopes and never more
// than the key has now.
func (s *Service) byMachineToken(ctx context.Context, v *verified) (access.Principal, error) {
	h, err := s.known.key(ctx, v.subject)
	if err != nil {
		return access.Principal{}, gone(err)
	}
	if !h.key.Live(s.Clock()) {
		return access.Principal{}, errEnded()
	}
	s.used.note(v.subject, s.Clock())
	if c := v.cut.Load(); c != nil && c.of == h {
		return c.principal, nil
	}
	p := h.principal
	p.May = slices.DeleteFunc(slices.Clone(p.May), func(m access.Permission) bool { return !slices.Contains(v.scopes, string(m)) })
	p.Scopes = slices.DeleteFunc(slices.Clone(v.scopes), func(m string) bool { return access.Known(access.Permission(m)) || !opens(h.principal, m) })
	v.cut.Store(&cutDown{h, p})
	return p, nil
}

func (s *Service) byKey(ctx context.Context, secret string) (access.Principal, error) {
	k, err := s.keyBySecret(ctx, secret)
	if err != nil {
		return access.Principal{}, err
	}
	s.used.note(k.key.ID, s.Clock())
	return k.principal, nil
}

// keyBySecret finds the living key of a secret.
func (s *Service) keyBySecret(ctx context.Context, secret string) (*holder, error) {
	id, ok := users.KeyOf(secret)
	if !ok {
		return nil, errKey()
	}
	h, err := s.known.key(ctx, id)
	switch {
	case errors.Is(err, sqlite.ErrNotFound):
		return nil, errKey()
	case err != nil:
		return nil, err
	case !h.key.Matches(secret) || !h.key.Live(s.Clock()):
		return nil, errKey()
	}
	return h, nil
}

func errKey() error {
	return fault.New(fault.Unauthenticated, "This API key is not known, has expired or was deleted; send a valid one in X-API-Key.")
}

func gone(err error) error {
	if errors.Is(err, sqlite.ErrNotFound) {
		return errEnded()
	}
	return err
}

// tokenInQuery tells whether a query carries what looks like a credential, in any
// spelling of the name.
func tokenInQuery(query string) bool {
	for len(query) > 0 {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, _, _ := strings.Cut(pair, "=")
		if strings.ContainsAny(name, "%+") {
			if plain, err := url.QueryUnescape(name); err == nil {
				name = plain
			}
		}
		switch strings.ToLower(name) {
		case "token", "access_token", "refresh_token", "id_token", "api_key", "apikey", "x-api-key", "client_secret", "password":
			return true
		}
	}
	return false
}
