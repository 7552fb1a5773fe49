package login

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humahttprouter"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/page"
	"reconexus/app/rest"
	"reconexus/app/users"
	"reconexus/store/sqlite"
)

// Register declares the routes of sign-in.
func Register(api *rest.API, s *Service) {
	rest.Get(api, "/auth/setup", access.Public, s.getSetup, rest.Doc("Does the appliance need its first administrator?"))
	rest.Raw(api, http.MethodPost, "/auth/setup", access.Public, s.postSetup, rest.Doc("Make the first administrator with the one-time set-up token"))
	rest.Raw(api, http.MethodPost, "/auth/login", access.Public, s.postLogin, rest.Doc("Sign in",
		"With cookie: true the tokens come as cookies, and every change needs the answered csrf_token as X-CSRF-Token."))
	rest.Raw(api, http.MethodPost, "/auth/refresh", access.Public, s.postRefresh, rest.Doc("Spend a refresh token for a new pair",
		"A token that was spent before ends its session."))
	rest.Raw(api, http.MethodPost, "/auth/logout", access.SignedIn, s.postLogout, rest.Doc("End this session everywhere"))
	rest.Get(api, "/auth/me", access.SignedIn, s.getMe, rest.Doc("Who am I, and what may I do?"))
	rest.Patch(api, "/auth/me", access.SignedIn, s.patchMe, rest.Doc("Change the own profile"))
	rest.Raw(api, http.MethodPost, "/auth/password", access.SignedIn, s.postPassword, rest.Doc("Change the own password; every session ends"))
	rest.Get(api, "/auth/sessions", access.SignedIn, s.getSessions, rest.Doc("List the own open sessions, newest first"))
	rest.Delete(api, "/auth/sessions/{id}", access.SignedIn, s.deleteSession, rest.Doc("End one of the own sessions"))
	rest.Raw(api, http.MethodPost, "/oauth2/token", access.Public, s.postToken, rest.Doc("OAuth2 client credentials",
		"client_id is an API key's id, client_secret the key; by form or HTTP Basic. Errors are those of RFC 6749."))
}

// from is embedded in an input that must know the request itself.
type from struct{ r *http.Request }

// Resolve takes hold of the request; huma calls it.
func (f *from) Resolve(ctx huma.Context) []error {
	f.r, _, _ = humahttprouter.Unwrap(ctx)
	return nil
}

func (s *Service) caller(r *http.Request) caller {
	agent := r.UserAgent()
	return caller{s.Address(r), strings.ToValidUTF8(agent[:min(len(agent), 200)], ""), rest.RequestOf(r.Context()).ID}
}

// byCookie tells whether a request was let in by its cookie.
func byCookie(r *http.Request) bool {
	_, hasBearer := bearer(r)
	_, err := r.Cookie(accessCookie)
	return err == nil && !hasBearer && r.Header.Get("X-API-Key") == ""
}

// Tokens is what a sign-in answers: the pair, or for cookies the CSRF token.
type Tokens struct {
	Access    string `json:"access_token,omitempty"`
	Refresh   string `json:"refresh_token,omitempty"`
	CSRF      string `json:"csrf_token,omitempty" doc:"With cookies: send it as X-CSRF-Token with every change"`
	TokenType string `json:"token_type" enum:"Bearer,Cookie"`
	ExpiresIn int    `json:"expires_in" doc:"Seconds until the access token ends"`
}

type tokensReply struct {
	SetCookie    []string `header:"Set-Cookie"`
	CacheControl string   `header:"Cache-Control"`
	Body         Tokens
}

func (s *Service) reply(p pair, asCookie bool) *tokensReply {
	out := &tokensReply{CacheControl: "no-store", Body: Tokens{ExpiresIn: int(accessLife.Seconds())}}
	if asCookie {
		out.SetCookie = cookies(p.access, p.refresh)
		out.Body.TokenType, out.Body.CSRF = "Cookie", s.csrf(p.session)
	} else {
		out.Body.TokenType, out.Body.Access, out.Body.Refresh = "Bearer", p.access, p.refresh
	}
	return out
}

type setupState struct {
	Needed bool `json:"needed"`
}

func (s *Service) getSetup(ctx context.Context, _ *struct{}) (*setupState, error) {
	needed, err := s.SetupNeeded(ctx)
	return &setupState{needed}, err
}

type setupInput struct {
	from
	Body struct {
		Token    string `json:"token" maxLength:"200"`
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" maxLength:"200" doc:"12 to 72 bytes"`
		FullName string `json:"full_name" maxLength:"200"`
		Cookie   bool   `json:"cookie,omitempty"`
	}
}

func (s *Service) postSetup(ctx context.Context, in *setupInput) (*tokensReply, error) {
	b := in.Body
	if err := s.cookieAllowed(in.r, b.Cookie); err != nil {
		return nil, err
	}
	p, err := s.setup(ctx, s.caller(in.r), b.Token, users.Draft{Email: b.Email, FullName: b.FullName, Password: b.Password})
	if err != nil {
		return nil, err
	}
	return s.reply(p, b.Cookie), nil
}

// cookieAllowed refuses to set cookies for another site's page.
func (s *Service) cookieAllowed(r *http.Request, cookie bool) error {
	if !cookie {
		return nil
	}
	return s.ownPage(r)
}

type loginInput struct {
	from
	Body struct {
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" maxLength:"200"`
		Cookie   bool   `json:"cookie,omitempty" doc:"Answer cookies, for browsers"`
	}
}

func (s *Service) postLogin(ctx context.Context, in *loginInput) (*tokensReply, error) {
	b := in.Body
	if err := s.cookieAllowed(in.r, b.Cookie); err != nil {
		return nil, err
	}
	p, err := s.login(ctx, s.caller(in.r), b.Email, b.Password)
	if err != nil {
		return nil, err
	}
	return s.reply(p, b.Cookie), nil
}

type refreshInput struct {
	from
	Body struct {
		Token string `json:"refresh_token,omitempty" maxLength:"4096" doc:"Absent for browsers, which send it as a cookie"`
	}
}

// postRefresh needs no CSRF token: a page that was opened anew has none until it was
// answered. Foreign pages are refused by what the browser says of them, and could
// only make the owner's cookies younger.
func (s *Service) postRefresh(ctx context.Context, in *refreshInput) (*tokensReply, error) {
	c := s.caller(in.r)
	if in.Body.Token != "" {
		p, err := s.refresh(ctx, c, in.Body.Token)
		if err != nil {
			return nil, err
		}
		return s.reply(p, false), nil
	}
	if err := s.ownPage(in.r); err != nil {
		return nil, err
	}
	cookie, err := in.r.Cookie(refreshCookie)
	if err != nil {
		return nil, errEnded()
	}
	p, err := s.refreshTab(ctx, c, cookie.Value)
	if err != nil {
		return nil, err
	}
	return s.reply(p, true), nil
}

// Message is a sentence for people.
type Message struct {
	Message string `json:"message"`
}

type messageReply struct {
	SetCookie []string `header:"Set-Cookie"`
	Body      Message
}

type empty struct {
	from
	Body *struct{} `required:"false"`
}

func (s *Service) postLogout(ctx context.Context, _ *empty) (*messageReply, error) {
	err := s.Logout(ctx, access.From(ctx))
	return &messageReply{noCookies(), Message{"Logged out successfully"}}, err
}

type passwordInput struct {
	Body struct {
		Current string `json:"current_password" maxLength:"200"`
		New     string `json:"new_password" maxLength:"200" doc:"12 to 72 bytes"`
	}
}

func (s *Service) postPassword(ctx context.Context, in *passwordInput) (*messageReply, error) {
	err := s.ChangePassword(ctx, access.From(ctx), in.Body.Current, in.Body.New)
	return &messageReply{noCookies(), Message{"Password changed. Sign in with the new one."}}, err
}

// Me is the caller's own profile.
type Me struct {
	ID          string              `json:"id"`
	Email       string              `json:"email" doc:"Empty for an API key"`
	FullName    string              `json:"full_name"`
	Role        access.Role         `json:"role"`
	Operator    string              `json:"operator_code,omitempty"`
	Bank        string              `json:"bank_code,omitempty"`
	Permissions []access.Permission `json:"permissions" nullable:"false"`
	Scopes      []string            `json:"scopes,omitempty" doc:"Of a machine: scopes that are no permissions"`
	CSRF        string              `json:"csrf_token,omitempty" doc:"With cookies: send it as X-CSRF-Token with every change"`
	LastLogin   *time.Time          `json:"last_login,omitempty"`
}

func (s *Service) getMe(ctx context.Context, in *from) (*Me, error) {
	who := access.From(ctx)
	me := &Me{ID: who.ID, FullName: who.Name, Role: who.Role, Operator: who.Operator, Bank: who.Bank, Permissions: who.May, Scopes: who.Scopes}
	if me.Permissions == nil {
		me.Permissions = []access.Permission{}
	}
	if who.Session == "" {
		return me, nil
	}
	u, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (users.User, error) { return users.ByID(tx, who.ID) })
	if err != nil {
		return nil, gone(err)
	}
	me.Email, me.FullName, me.LastLogin = u.Email, u.FullName, users.Moment(u.LastLogin)
	if byCookie(in.r) {
		me.CSRF = s.csrf(who.Session)
	}
	return me, nil
}

type meInput struct {
	from
	Body struct {
		FullName *string `json:"full_name,omitempty" maxLength:"200"`
	}
}

func (s *Service) patchMe(ctx context.Context, in *meInput) (*Me, error) {
	who := access.From(ctx)
	if who.Session == "" {
		return nil, notUser()
	}
	if in.Body.FullName != nil {
		if _, err := s.Users.Update(ctx, who, who.ID, "", users.Change{FullName: in.Body.FullName}); err != nil {
			return nil, err
		}
	}
	return s.getMe(ctx, &in.from)
}

// SessionView is how a session is shown to its owner.
type SessionView struct {
	ID        string    `json:"id"`
	Current   bool      `json:"current" doc:"The session of this request"`
	Address   string    `json:"address"`
	Agent     string    `json:"agent"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at" doc:"When it last refreshed its tokens"`
	ExpiresAt time.Time `json:"expires_at"`
}

type sessionsInput struct {
	Skip  int `query:"skip" minimum:"0" maximum:"1000000" default:"0"`
	Limit int `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

func (s *Service) getSessions(ctx context.Context, in *sessionsInput) (*page.Of[SessionView], error) {
	who := access.From(ctx)
	if who.Session == "" {
		return nil, notUser()
	}
	p, err := s.Sessions(ctx, who, page.Query{Skip: in.Skip, Limit: in.Limit})
	out := &page.Of[SessionView]{Items: []SessionView{}, Total: p.Total, Skip: p.Skip, Limit: p.Limit}
	for _, v := range p.Items {
		out.Items = append(out.Items, SessionView{v.ID, v.ID == who.Session, v.Address, v.Agent, v.CreatedAt, v.SeenAt, v.ExpiresAt})
	}
	return out, err
}

type sessionInput struct {
	ID string `path:"id" maxLength:"40"`
}

func (s *Service) deleteSession(ctx context.Context, in *sessionInput) error {
	return s.EndSession(ctx, access.From(ctx), in.ID)
}

type tokenInput struct {
	from
	Authorization string `header:"Authorization" doc:"Basic, unless the form names the client"`
	RawBody       []byte `contentType:"application/x-www-form-urlencoded"`
}

// MachineToken is the answer of RFC 6749 §5.1, or its error (§5.2).
type MachineToken struct {
	Access      string `json:"access_token,omitempty"`
	TokenType   string `json:"token_type,omitempty"`
	ExpiresIn   int    `json:"expires_in,omitempty"`
	Scope       string `json:"scope,omitempty"`
	Error       string `json:"error,omitempty"`
	Description string `json:"error_description,omitempty"`
}

type machineReply struct {
	Status       int
	CacheControl string `header:"Cache-Control"`
	Authenticate string `header:"WWW-Authenticate"`
	Body         MachineToken
}

const maxForm = 8 << 10

func (s *Service) postToken(ctx context.Context, in *tokenInput) (*machineReply, error) {
	out := &machineReply{Status: http.StatusOK, CacheControl: "no-store"}
	t, err := s.answerGrant(ctx, in)
	var refused *oauthError
	if errors.As(err, &refused) {
		rest.Report(ctx, fault.New(fault.Unauthenticated, "%s", refused.description))
		out.Status = refused.status
		out.Body = MachineToken{Error: refused.code, Description: refused.description}
		if refused.status == http.StatusUnauthorized {
			out.Authenticate = `Basic realm="reconexus", charset="UTF-8"`
		}
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	out.Body = MachineToken{Access: t.token, TokenType: "Bearer", ExpiresIn: int(t.life.Seconds()), Scope: t.scope}
	return out, nil
}

func (s *Service) answerGrant(ctx context.Context, in *tokenInput) (machineToken, error) {
	if len(in.RawBody) > maxForm {
		return machineToken{}, badRequest("invalid_request", "The form is larger than 8 kB; it needs grant_type, scope and the client's credentials only.")
	}
	if kind, _, _ := strings.Cut(in.r.Header.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		return machineToken{}, badRequest("invalid_request", "The body is no form; send application/x-www-form-urlencoded.")
	}
	g, err := readGrant(string(in.RawBody), in.Authorization)
	if err != nil {
		return machineToken{}, err
	}
	return s.clientToken(ctx, s.caller(in.r), g)
}

// basic reads HTTP Basic credentials, form-encoded as RFC 6749 §2.3.1 wants them.
func basic(encoded string) (id, secret string, ok bool) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		return "", "", false
	}
	id, secret, ok = strings.Cut(string(raw), ":")
	id, err1 := url.QueryUnescape(id)
	secret, err2 := url.QueryUnescape(secret)
	return id, secret, ok && err1 == nil && err2 == nil
}
