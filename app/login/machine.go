package login

import (
	"context"
	"net/url"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/fault"
	"reconexus/store/sqlite"
)

// OAuth2 client credentials (RFC 6749 §4.4): client_id is an API key's id,
// client_secret the key.

// oauthError is the error answer of RFC 6749 §5.2.
type oauthError struct {
	status      int
	code        string
	description string
}

func (e *oauthError) Error() string { return e.description }

func badRequest(code, description string) error { return &oauthError{400, code, description} }

func badClient() error {
	return &oauthError{401, "invalid_client", "The client_id or the client_secret is wrong, or the key has expired or was deleted."}
}

type grant struct {
	id, secret string
	scope      string
}

// readGrant takes a form and an Authorization header apart.
func readGrant(form, authorization string) (grant, error) {
	q, err := url.ParseQuery(form)
	if err != nil {
		return grant{}, badRequest("invalid_request", "The body is no form; send application/x-www-form-urlencoded.")
	}
	for _, values := range q {
		if len(values) > 1 {
			return grant{}, badRequest("invalid_request", "A parameter comes twice; send each once.")
		}
	}
	if q.Get("grant_type") == "" {
		return grant{}, badRequest("invalid_request", "The grant_type is missing; send grant_type=client_credentials.")
	}
	if q.Get("grant_type") != "client_credentials" {
		return grant{}, badRequest("unsupported_grant_type", "Only the grant type client_credentials is served here.")
	}
	g := grant{q.Get("client_id"), q.Get("client_secret"), q.Get("scope")}
	if scheme, rest, _ := strings.Cut(authorization, " "); strings.EqualFold(scheme, "Basic") {
		if g.secret != "" {
			return grant{}, badRequest("invalid_request", "The client names itself twice; use either the Authorization header or the form.")
		}
		id, secret, ok := basic(rest)
		if !ok || g.id != "" && g.id != id {
			return grant{}, badClient()
		}
		g.id, g.secret = id, secret
	}
	if g.id == "" || g.secret == "" {
		return grant{}, badClient()
	}
	return g, nil
}

type machineToken struct {
	token string
	life  time.Duration
	scope string
}

// clientToken gives a key an access token for some or all of its scopes.
func (s *Service) clientToken(ctx context.Context, c caller, g grant) (machineToken, error) {
	h, err := s.keyBySecret(ctx, g.secret)
	if fault.Is(err, fault.Unauthenticated) || err == nil && h.key.ID != g.id {
		if err := s.note(ctx, c.nobody(), "auth.token", "", audit.Failed); err != nil {
			return machineToken{}, err
		}
		return machineToken{}, badClient()
	}
	if err != nil {
		return machineToken{}, err
	}
	scopes := h.key.Scopes
	if g.scope != "" {
		scopes = strings.Fields(g.scope)
		for _, scope := range scopes {
			if !opens(h.principal, scope) {
				return machineToken{}, badRequest("invalid_scope", "The key does not have one of the scopes that were asked for.")
			}
		}
	}
	now := s.Clock()
	until := now.Add(accessLife)
	if h.key.ExpiresAt.Before(until) {
		until = h.key.ExpiresAt
	}
	t := machineToken{life: until.Sub(now), scope: strings.Join(scopes, " ")}
	if t.token, err = s.keys.issue(h.key.ID, claims{Scope: t.scope}, until); err != nil {
		return machineToken{}, err
	}
	who := h.principal
	who.Address, who.Request = c.address, c.request
	return t, s.recordToken(ctx, who, t.scope)
}

// opens tells whether a key has a scope: a permission, or one of the industry's, also
// by its family.
func opens(p access.Principal, scope string) bool {
	need := access.Permission(scope)
	return (access.Known(need) || need.Industry()) && p.Can(need)
}

func (s *Service) recordToken(ctx context.Context, who access.Principal, scope string) error {
	return sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		return s.Audit.Record(tx, who, "auth.token", who.ID, "scope", scope)
	})
}
