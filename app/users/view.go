package users

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/page"
)

// View is how an account is shown.
type View struct {
	ID          string              `json:"id"`
	Email       string              `json:"email"`
	FullName    string              `json:"full_name"`
	Role        access.Role         `json:"role"`
	Operator    string              `json:"operator_code,omitempty"`
	Bank        string              `json:"bank_code,omitempty"`
	Grants      []access.Permission `json:"grants" nullable:"false" doc:"Permissions beyond the role's"`
	Permissions []access.Permission `json:"permissions" nullable:"false" doc:"Everything the account may do"`
	Disabled    bool                `json:"disabled"`
	LastLogin   *time.Time          `json:"last_login,omitempty"`
	CreatedAt   time.Time           `json:"created_at"`
	UpdatedAt   time.Time           `json:"updated_at"`
	Version     int                 `json:"version" doc:"What ETag says"`
}

func (v *View) tag() string { return strconv.Itoa(v.Version) }

func view(u User) *View {
	if u.Grants == nil {
		u.Grants = []access.Permission{}
	}
	return &View{u.ID, u.Email, u.FullName, u.Role, u.Operator, u.Bank, u.Grants, u.May(), u.Disabled,
		Moment(u.LastLogin), u.CreatedAt, u.UpdatedAt, u.Version}
}

// Moment is a time as JSON shows it: absent when it never was.
func Moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// MadeUser is a new account, with its password when that was made up.
type MadeUser struct {
	View
	Password string `json:"password,omitempty" doc:"Made up because none was sent; shown this once"`
}

// NewPassword is a made-up password.
type NewPassword struct {
	ID       string `json:"id"`
	Password string `json:"password" doc:"Shown this once"`
}

// KeyView is how a key is shown: never its secret.
type KeyView struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Scopes    []string   `json:"scopes" nullable:"false"`
	Operator  string     `json:"operator_code,omitempty"`
	Bank      string     `json:"bank_code,omitempty"`
	MSISDN    string     `json:"msisdn,omitempty" doc:"The one number that the key speaks for"`
	PerMinute int        `json:"per_minute" doc:"Own limit of requests a minute; 0 means the default"`
	CreatedBy string     `json:"created_by"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	LastUsed  *time.Time `json:"last_used_at,omitempty"`
	Version   int        `json:"version" doc:"What ETag says"`
}

func (v *KeyView) tag() string { return strconv.Itoa(v.Version) }

func keyView(k Key) *KeyView {
	v := &KeyView{ID: k.ID, Name: k.Name, Scopes: k.Scopes, Operator: k.Operator, Bank: k.Bank, PerMinute: k.PerMinute,
		CreatedBy: k.CreatedBy, CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt, LastUsed: Moment(k.LastUsed), Version: k.Version}
	if k.MSISDN != 0 {
		v.MSISDN = fmt.Sprintf("+%d", k.MSISDN)
	}
	return v
}

// MadeKey is a key with its secret, answered once.
type MadeKey struct {
	KeyView
	Key string `json:"key" doc:"The secret, shown this once"`
}

type listUsers struct {
	page.Query
	Role  access.Role `query:"role" enum:"admin,operator,bank,auditor,api_client" doc:"Only accounts of this role"`
	State string      `query:"state" enum:"active,disabled" doc:"Only accounts that can sign in, or that cannot"`
	Q     string      `query:"q" maxLength:"100" doc:"Part of an e-mail address or a name"`
	Sort  string      `query:"sort" enum:"created_at,-created_at,email,-email,full_name,-full_name,last_login,-last_login" doc:"Order; oldest first when absent"`
}

func (s *Service) getUsers(ctx context.Context, in *listUsers) (*page.Of[*View], error) {
	p, err := s.List(ctx, Filter{in.Role, in.State, in.Q, in.Sort}, in.Query)
	return shown(p, view), err
}

func shown[T, V any](p page.Of[T], view func(T) V) *page.Of[V] {
	out := &page.Of[V]{Items: []V{}, Total: p.Total, Skip: p.Skip, Limit: p.Limit, Next: p.Next}
	for _, item := range p.Items {
		out.Items = append(out.Items, view(item))
	}
	return out
}

type one struct {
	ID string `path:"id" maxLength:"40"`
}

func (s *Service) getUser(ctx context.Context, in *one) (*View, error) {
	u, err := s.Find(ctx, in.ID)
	return view(u), err
}

type makeUser struct {
	Body struct {
		Email    string              `json:"email" maxLength:"254"`
		FullName string              `json:"full_name" maxLength:"200"`
		Role     access.Role         `json:"role" enum:"admin,operator,bank,auditor,api_client"`
		Operator string              `json:"operator_code,omitempty" maxLength:"12"`
		Bank     string              `json:"bank_code,omitempty" maxLength:"12"`
		Grants   []access.Permission `json:"grants,omitempty" maxItems:"50" nullable:"false"`
		Password string              `json:"password,omitempty" minLength:"1" maxLength:"200" doc:"12 to 72 bytes; one is made up and answered, once, when it is absent"`
	}
}

func (s *Service) postUser(ctx context.Context, in *makeUser) (*MadeUser, error) {
	b := in.Body
	u, password, err := s.Create(ctx, access.From(ctx), Draft{b.Email, b.FullName, b.Role, b.Operator, b.Bank, b.Grants, b.Password})
	return &MadeUser{*view(u), password}, err
}

type resetUser struct {
	ID   string `path:"id" maxLength:"40"`
	Body *struct{}
}

func (s *Service) resetUser(ctx context.Context, in *resetUser) (*NewPassword, error) {
	password, err := s.Reset(ctx, access.From(ctx), in.ID)
	return &NewPassword{in.ID, password}, err
}

type changeUser struct {
	ID    string `path:"id" maxLength:"40"`
	Match string `header:"If-Match" maxLength:"40" doc:"The ETag that the change is based on; another version answers 412"`
	Body  struct {
		Email    *string              `json:"email,omitempty" maxLength:"254"`
		FullName *string              `json:"full_name,omitempty" maxLength:"200"`
		Role     *access.Role         `json:"role,omitempty" enum:"admin,operator,bank,auditor,api_client"`
		Operator *string              `json:"operator_code,omitempty" maxLength:"12"`
		Bank     *string              `json:"bank_code,omitempty" maxLength:"12"`
		Grants   *[]access.Permission `json:"grants,omitempty" maxItems:"50"`
		Disabled *bool                `json:"disabled,omitempty"`
		Password *string              `json:"password,omitempty" minLength:"1" maxLength:"200"`
	}
}

func (s *Service) patchUser(ctx context.Context, in *changeUser) (*View, error) {
	u, err := s.Update(ctx, access.From(ctx), in.ID, in.Match, Change(in.Body))
	return view(u), err
}

type removeOne struct {
	ID    string `path:"id" maxLength:"40"`
	Match string `header:"If-Match" maxLength:"40" doc:"The ETag that the removal is based on; another version answers 412"`
}

func (s *Service) deleteUser(ctx context.Context, in *removeOne) error {
	return s.Delete(ctx, access.From(ctx), in.ID, in.Match)
}

type listKeys struct {
	page.Query
	State string `query:"state" enum:"live,expired" doc:"Only keys that work, or whose time is over"`
	Q     string `query:"q" maxLength:"100" doc:"Part of a name"`
}

func (s *Service) getKeys(ctx context.Context, in *listKeys) (*page.Of[*KeyView], error) {
	p, err := s.ListKeys(ctx, KeyFilter{in.State, in.Q}, in.Query)
	return shown(p, keyView), err
}

func (s *Service) getKey(ctx context.Context, in *one) (*KeyView, error) {
	k, err := s.FindKey(ctx, in.ID)
	return keyView(k), err
}

type makeKey struct {
	Body struct {
		Name      string     `json:"name" maxLength:"100"`
		Scopes    []string   `json:"scopes" minItems:"1" maxItems:"50" nullable:"false"`
		Operator  string     `json:"operator_code,omitempty" maxLength:"12"`
		Bank      string     `json:"bank_code,omitempty" maxLength:"12"`
		MSISDN    string     `json:"msisdn,omitempty" maxLength:"20"`
		PerMinute int        `json:"per_minute,omitempty" minimum:"0" maximum:"1000000"`
		ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"90 days from now when absent, two years at most"`
	}
}

func (s *Service) postKey(ctx context.Context, in *makeKey) (*MadeKey, error) {
	b := in.Body
	d := KeyDraft{Name: b.Name, Scopes: b.Scopes, Operator: b.Operator, Bank: b.Bank, MSISDN: b.MSISDN, PerMinute: b.PerMinute}
	if b.ExpiresAt != nil {
		d.ExpiresAt = *b.ExpiresAt
	}
	k, secret, err := s.CreateKey(ctx, access.From(ctx), d)
	return &MadeKey{*keyView(k), secret}, err
}

type changeKey struct {
	ID    string `path:"id" maxLength:"40"`
	Match string `header:"If-Match" maxLength:"40" doc:"The ETag that the change is based on; another version answers 412"`
	Body  struct {
		Name      *string    `json:"name,omitempty" maxLength:"100"`
		Scopes    *[]string  `json:"scopes,omitempty" minItems:"1" maxItems:"50"`
		PerMinute *int       `json:"per_minute,omitempty" minimum:"0" maximum:"1000000"`
		ExpiresAt *time.Time `json:"expires_at,omitempty"`
	}
}

func (s *Service) patchKey(ctx context.Context, in *changeKey) (*KeyView, error) {
	k, err := s.UpdateKey(ctx, access.From(ctx), in.ID, in.Match, KeyChange(in.Body))
	return keyView(k), err
}

func (s *Service) deleteKey(ctx context.Context, in *removeOne) error {
	return s.DeleteKey(ctx, access.From(ctx), in.ID, in.Match)
}
