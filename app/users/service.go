package users

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/app/kit/page"
	"reconexus/store/sqlite"
)

// Options are what accounts and keys stand on. Hash, End and Changed are package
// login's (its Guard has them).
type Options struct {
	DB    *sqlite.DB
	Audit *audit.Log
	Clock func() time.Time
	// Hash checks a password's form and makes what is kept of it.
	Hash func(ctx context.Context, password string) (string, error)
	// End ends every session and token of a user or key, from the commit on.
	End func(tx *sqlite.Tx, subject, reason string) error
	// Changed makes whatever is remembered of a user or key be read again, from the
	// commit on.
	Changed func(tx *sqlite.Tx, subject string)
	// Unlock lets an address try passwords again, from the commit on.
	Unlock func(tx *sqlite.Tx, email string) error
}

// Service is the accounts and keys of one appliance.
type Service struct{ Options }

// New makes the service.
func New(o Options) *Service { return &Service{o} }

// Create makes an account. Without a password in n, one is made up and answered; it
// is not kept anywhere else.
func (s *Service) Create(ctx context.Context, who access.Principal, n Draft) (User, string, error) {
	password := n.Password
	if password == "" {
		password = id.Secret(15)
	}
	if err := n.user().check(); err != nil { // before the hash, which is dear
		return User{}, "", err
	}
	hash, err := s.Hash(ctx, password)
	if err != nil {
		return User{}, "", err
	}
	u, err := sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (User, error) { return s.Add(tx, who, n, hash) })
	if n.Password != "" {
		password = ""
	}
	return u, password, err
}

func (n Draft) user() User {
	return User{Email: n.Email, FullName: n.FullName, Role: n.Role, Operator: n.Operator, Bank: n.Bank, Grants: n.Grants}.tidy()
}

// Add makes an account inside a write; the password's hash is given, n's is not read.
func (s *Service) Add(tx *sqlite.Tx, who access.Principal, n Draft, hash string) (User, error) {
	now := s.Clock()
	u := n.user()
	u.ID, u.CreatedAt, u.UpdatedAt, u.Version = id.New("usr", now), now.UTC(), now.UTC(), 1
	if err := u.check(); err != nil {
		return User{}, err
	}
	if err := covers(who, u.May()); err != nil {
		return User{}, err
	}
	return u, errors.Join(
		insert(tx, u, hash),
		s.Audit.Record(tx, who, "user.create", u.ID, "role", u.Role, "operator", u.Operator, "bank", u.Bank, "grants", u.Grants),
	)
}

// Find reads one account.
func (s *Service) Find(ctx context.Context, id string) (User, error) {
	u, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (User, error) { return ByID(tx, id) })
	return u, found(err, "account")
}

// FindByEmail reads the account of an e-mail address.
func (s *Service) FindByEmail(ctx context.Context, email string) (User, error) {
	u, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (User, error) { return ByEmail(tx, strings.TrimSpace(email)) })
	return u, found(err, "account")
}

// Filter says which accounts are wanted, and in which order.
type Filter struct {
	Role  access.Role // empty: all
	State string      // active or disabled; empty: both
	Words string      // part of an e-mail address or a name
	Sort  string      // one of sorts; empty: oldest first
}

// sorts are the orders of accounts. The id settles ties, so that pages do not overlap.
func sorts(name string) (order string, known bool) {
	switch name {
	case "", "created_at":
		return "id", true
	case "-created_at":
		return "id DESC", true
	case "email":
		return "email, id", true
	case "-email":
		return "email DESC, id DESC", true
	case "full_name":
		return "full_name COLLATE NOCASE, id", true
	case "-full_name":
		return "full_name COLLATE NOCASE DESC, id DESC", true
	case "last_login":
		return "last_login_at, id", true
	case "-last_login":
		return "last_login_at DESC, id DESC", true
	}
	return "", false
}

func (f Filter) where() sqlite.Where {
	var w sqlite.Where
	if f.Role != "" {
		w.And("role = ?", f.Role)
	}
	switch f.State {
	case "active":
		w.And("disabled_at IS NULL")
	case "disabled":
		w.And("disabled_at IS NOT NULL")
	}
	if words := strings.TrimSpace(f.Words); words != "" {
		w.And(`(email LIKE ? ESCAPE '\' OR full_name LIKE ? ESCAPE '\')`, part(words), part(words))
	}
	return w
}

// part is the pattern of LIKE for a piece of text, taken as it is written.
func part(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text) + "%"
}

// List reads a page of accounts.
func (s *Service) List(ctx context.Context, f Filter, q page.Query) (page.Of[User], error) {
	order, known := sorts(f.Sort)
	switch {
	case !known:
		return page.Of[User]{}, fault.Wrong("sort", "NOT_ALLOWED", "Accounts cannot be sorted so; take created_at, email, full_name or last_login, with - in front for downwards.")
	case q.After != "" && order != "id":
		return page.Of[User]{}, fault.Wrong("after", "NOT_ALLOWED", "A cursor goes with the usual order only; leave sort out, or use skip.")
	}
	return pageOf(ctx, s.DB, scan, columns, "user", f.where(), order, q, func(u User) string { return u.ID })
}

// Update changes an account. A match that is not empty must name the version that
// the caller saw. When rights or the way to sign in change, every session of the
// account ends.
func (s *Service) Update(ctx context.Context, who access.Principal, id, match string, c Change) (User, error) {
	hash := ""
	if c.Password != nil {
		var err error
		if hash, err = s.Hash(ctx, *c.Password); err != nil {
			return User{}, err
		}
	}
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (User, error) {
		before, err := ByID(tx, id)
		if err != nil {
			return before, found(err, "account")
		}
		if err := errors.Join(fresh(match, before.Version), covers(who, before.May())); err != nil {
			return before, err
		}
		u, ends := c.apply(before)
		if err := errors.Join(u.check(), covers(who, u.May()), s.keepsAdmin(tx, before, u)); err != nil {
			return u, err
		}
		u.UpdatedAt, u.Version = s.Clock().UTC(), before.Version+1
		if ends {
			u.Epoch++
			if err := s.End(tx, u.ID, "account changed"); err != nil {
				return u, err
			}
		}
		if hash != "" {
			// Whoever gives a new password means it to be used now.
			if err := s.Unlock(tx, u.Email); err != nil {
				return u, err
			}
		}
		s.Changed(tx, u.ID)
		return u, errors.Join(update(tx, u, hash), s.recordChange(tx, who, before, u, c))
	})
}

// keepsAdmin refuses to take away the last administrator who can sign in.
func (s *Service) keepsAdmin(tx *sqlite.Tx, before, after User) error {
	if before.Role != access.Admin || before.Disabled || (after.Role == access.Admin && !after.Disabled) {
		return nil
	}
	n, err := otherAdmins(tx, before.ID)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "This is the last administrator who can sign in; make another one first.")
	}
	return err
}

func (s *Service) recordChange(tx *sqlite.Tx, who access.Principal, before, after User, c Change) error {
	detail := []any{"version", after.Version}
	if before.Role != after.Role {
		detail = append(detail, "role", after.Role, "role_before", before.Role)
	}
	if before.Disabled != after.Disabled {
		detail = append(detail, "disabled", after.Disabled, "disabled_before", before.Disabled)
	}
	if !slices.Equal(before.Grants, after.Grants) {
		detail = append(detail, "grants", after.Grants, "grants_before", before.Grants)
	}
	if before.Operator != after.Operator {
		detail = append(detail, "operator", after.Operator, "operator_before", before.Operator)
	}
	if before.Bank != after.Bank {
		detail = append(detail, "bank", after.Bank, "bank_before", before.Bank)
	}
	if before.Email != after.Email {
		detail = append(detail, "email_changed", true)
	}
	if c.Password != nil {
		detail = append(detail, "password_changed", true)
	}
	return s.Audit.Record(tx, who, "user.update", after.ID, detail...)
}

// Reset gives an account a made-up password, answers it, and ends its sessions.
func (s *Service) Reset(ctx context.Context, who access.Principal, userID string) (string, error) {
	password := id.Secret(15)
	_, err := s.Update(ctx, who, userID, "", Change{Password: &password})
	if err != nil {
		return "", err
	}
	return password, nil
}

// Delete removes an account with its sessions.
func (s *Service) Delete(ctx context.Context, who access.Principal, id, match string) error {
	return sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		u, err := ByID(tx, id)
		if err != nil {
			return found(err, "account")
		}
		gone := u
		gone.Disabled = true
		if err := errors.Join(fresh(match, u.Version), covers(who, u.May()), s.keepsAdmin(tx, u, gone)); err != nil {
			return err
		}
		s.Changed(tx, id)
		return errors.Join(
			s.End(tx, id, "account deleted"),
			remove(tx, id),
			s.Audit.Record(tx, who, "user.delete", id, "role", u.Role),
		)
	})
}

// fresh compares an If-Match header with the version that holds now.
func fresh(match string, version int) error {
	match = strings.TrimSpace(match)
	if match == "" || match == "*" || strings.Trim(strings.TrimPrefix(match, "W/"), `"`) == strconv.Itoa(version) {
		return nil
	}
	return fault.New(fault.Stale, "Somebody changed this since you read it; read it again and repeat your change.")
}

// pageOf reads one page of a table whose ids sort by age; a cursor is an id, and goes
// with the order by id.
func pageOf[T any](ctx context.Context, db *sqlite.DB, scan func(sqlite.Row) (T, error), columns, table string, w sqlite.Where, order string, q page.Query, key func(T) string) (page.Of[T], error) {
	return sqlite.Read(ctx, db, func(tx *sqlite.Tx) (page.Of[T], error) {
		out := page.Of[T]{Total: -1, Skip: q.Skip, Limit: q.Limit}
		var err error
		if q.After == "" {
			out.Total, err = sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM `+table+w.SQL(), w.Args...)
		} else {
			out.Skip = 0
			w.And("id > ?", q.After)
		}
		if err != nil {
			return out, err
		}
		args := append(w.Args, q.Limit+1, out.Skip)
		out.Items, err = sqlite.All(tx, scan, `SELECT `+columns+` FROM `+table+w.SQL()+` ORDER BY `+order+` LIMIT ? OFFSET ?`, args...)
		if len(out.Items) > q.Limit {
			out.Items = out.Items[:q.Limit]
			out.Next = key(out.Items[q.Limit-1])
		}
		return out, err
	})
}
