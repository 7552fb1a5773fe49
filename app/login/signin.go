package login

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/app/kit/page"
	"reconexus/app/users"
	"reconexus/store/sqlite"
)

// pair is what a sign-in or a refresh gives.
type pair struct {
	session string
	access  string
	refresh string
}

// opened is a session inside a write, before its access token is signed.
type opened struct {
	user    users.User
	session string
	refresh string
}

// login compares a password and opens a session.
//
// A try is counted before its password is looked at, so that tries made at the same
// moment count as well; a good one clears the count. An address without an account is
// counted, compared and answered in the same way.
func (s *Service) login(ctx context.Context, c caller, email, password string) (pair, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	account := s.Guard.accounts.Of(email)
	u, hash, err := s.charge(ctx, c, account, email)
	if err != nil {
		return pair{}, err
	}
	good, err := s.Guard.passwords.matches(ctx, hash, password)
	if err != nil {
		return pair{}, errors.Join(err, s.refund(ctx, account))
	}
	if !good || u.Disabled {
		return pair{}, errors.Join(errWrong(), s.note(ctx, c.nobody(), "auth.login", u.ID, audit.Failed))
	}
	o, err := sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (opened, error) {
		now, err := users.ByID(tx, u.ID)
		if err != nil {
			return opened{}, err
		}
		if now.Disabled || now.Epoch != u.Epoch {
			return opened{}, errWrong() // it changed while we compared
		}
		if err := putFailures(tx, account, failures{}); err != nil {
			return opened{}, err
		}
		return s.open(tx, c, now, "auth.login")
	})
	if err != nil {
		return pair{}, err
	}
	return s.sign(o)
}

// note writes down what was refused, also for a caller who hangs up at once.
func (s *Service) note(ctx context.Context, who access.Principal, action, object, result string, detail ...any) error {
	return s.Audit.Note(context.WithoutCancel(ctx), who, action, object, result, detail...)
}

// charge counts a try, and reads the account and its hash when there is one. A locked
// address is answered as locked whether or not it has an account.
func (s *Service) charge(ctx context.Context, c caller, account []byte, email string) (users.User, string, error) {
	type found struct {
		user users.User
		hash string
		wait time.Duration
	}
	f, err := sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (found, error) {
		now := s.Clock()
		tried, err := failuresOf(tx, account)
		if err != nil {
			return found{}, err
		}
		if tried.locked.After(now) {
			return found{wait: tried.locked.Sub(now)}, nil
		}
		u, err := users.ByEmail(tx, email)
		hash := ""
		if err == nil {
			hash, err = users.PasswordHash(tx, u.ID)
		} else if errors.Is(err, sqlite.ErrNotFound) {
			err = nil
		}
		return found{user: u, hash: hash}, errors.Join(err, putFailures(tx, account, tried.again(now)))
	})
	if err == nil && f.wait > 0 {
		err = errors.Join(errLocked(f.wait), s.note(ctx, c.nobody(), "auth.login", "", audit.Denied, "reason", "locked"))
	}
	return f.user, f.hash, err
}

// again is the count after one more try.
func (f failures) again(now time.Time) failures {
	if f.count == 0 || !f.locked.IsZero() || now.Sub(f.first) >= lockTime {
		f = failures{first: now}
	}
	f.count++
	if f.count >= lockAfter {
		f.locked = now.Add(lockTime)
	}
	return f
}

// refund takes back a try whose password could not be compared.
func (s *Service) refund(ctx context.Context, account []byte) error {
	return sqlite.Do(context.WithoutCancel(ctx), s.DB, func(tx *sqlite.Tx) error {
		f, err := failuresOf(tx, account)
		if err != nil {
			return err
		}
		f.count--
		f.locked = time.Time{}
		return putFailures(tx, account, f)
	})
}

// open begins a session inside a write.
func (s *Service) open(tx *sqlite.Tx, c caller, u users.User, action string) (opened, error) {
	now := s.Clock()
	if err := s.makeRoom(tx, u.ID); err != nil {
		return opened{}, err
	}
	o := opened{user: u, session: id.New("ses", now), refresh: newRefresh()}
	who := c.as(u)
	who.Session = o.session
	return o, errors.Join(
		insertSession(tx, Session{ID: o.session, UserID: u.ID, Address: c.address, Agent: c.agent, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(refreshLife)}),
		insertRefresh(tx, hashOf(o.refresh), o.session, now),
		users.SignedIn(tx, u.ID, now),
		s.Audit.Record(tx, who, action, o.session),
	)
}

// maxSessions bounds what one account has open; the oldest session makes room.
const maxSessions = 1000

func (s *Service) makeRoom(tx *sqlite.Tx, user string) error {
	surplus, err := oldSessions(tx, user, maxSessions-1)
	for _, id := range surplus {
		err = errors.Join(err, s.Guard.End(tx, id, "too many sessions"))
	}
	return err
}

func (s *Service) sign(o opened) (pair, error) {
	token, err := s.keys.issue(o.user.ID, claims{Session: o.session, Epoch: o.user.Epoch}, s.Clock().Add(accessLife))
	return pair{o.session, token, o.refresh}, err
}

func newRefresh() string { return "rxr_" + id.Secret(32) }

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// refresh spends a refresh token for a new pair. One that was spent before ends its
// whole session: two parties hold it, and one of them is a thief.
func (s *Service) refresh(ctx context.Context, c caller, token string) (pair, error) {
	var replayed bool
	o, err := sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (opened, error) {
		now := s.Clock()
		spent, err := refreshByHash(tx, hashOf(token))
		if err != nil {
			return opened{}, gone(err)
		}
		session, err := sessionByID(tx, spent.session)
		if err != nil {
			return opened{}, gone(err)
		}
		u, err := users.ByID(tx, session.UserID)
		if err != nil {
			return opened{}, gone(err)
		}
		switch {
		case spent.spent && !session.Ended:
			replayed = true
			return opened{}, errors.Join(
				s.Guard.End(tx, session.ID, "refresh token replayed"),
				s.Audit.Record(tx, c.as(u), "auth.refresh_replay", session.ID),
			)
		case spent.spent, session.Ended, u.Disabled, !now.Before(spent.expires):
			return opened{}, errEnded()
		}
		o := opened{user: u, session: session.ID, refresh: newRefresh()}
		return o, errors.Join(
			spendRefresh(tx, hashOf(token), now),
			insertRefresh(tx, hashOf(o.refresh), session.ID, now),
			seeSession(tx, session.ID, c.address, now),
		)
	})
	if err != nil {
		return pair{}, err
	}
	if replayed {
		return pair{}, errEnded()
	}
	return s.sign(o)
}

// refreshTab is refresh for a browser, whose tabs share one cookie: tabs that ask at
// the same moment get the same answer, as one use of the token. Once a use is done,
// the token is spent for every tab; a page that wants to be sure asks under a lock
// (navigator.locks).
func (s *Service) refreshTab(ctx context.Context, c caller, token string) (pair, error) {
	v, err, _ := s.tabs.Do(hex.EncodeToString(hashOf(token)), func() (any, error) {
		return s.refresh(context.WithoutCancel(ctx), c, token)
	})
	p, _ := v.(pair)
	return p, err
}

// Logout ends the session that a principal came with.
func (s *Service) Logout(ctx context.Context, who access.Principal) error {
	if who.Session == "" {
		return fault.New(fault.Forbidden, "A machine's token belongs to no session; it ends by itself, or with its API key.")
	}
	return sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		return errors.Join(s.Guard.End(tx, who.Session, "logged out"), s.Audit.Record(tx, who, "auth.logout", who.Session))
	})
}

// EndSession ends one of the caller's own sessions; another's is not found.
func (s *Service) EndSession(ctx context.Context, who access.Principal, session string) error {
	return sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		v, err := sessionByID(tx, session)
		if err == nil && (v.UserID != who.ID || v.Ended) {
			err = sqlite.ErrNotFound
		}
		if errors.Is(err, sqlite.ErrNotFound) {
			return fault.New(fault.NotFound, "You have no such session, or it has ended.")
		}
		if err != nil {
			return err
		}
		return errors.Join(s.Guard.End(tx, session, "ended by its owner"), s.Audit.Record(tx, who, "auth.session_end", session))
	})
}

// Sessions lists the caller's open sessions, newest first.
func (s *Service) Sessions(ctx context.Context, who access.Principal, q page.Query) (page.Of[Session], error) {
	return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (page.Of[Session], error) {
		now := s.Clock()
		total, err := countSessions(tx, who.ID, now)
		if err != nil {
			return page.Of[Session]{}, err
		}
		items, err := listSessions(tx, who.ID, now, q.Limit, q.Skip)
		return page.Of[Session]{Items: items, Total: total, Skip: q.Skip, Limit: q.Limit}, err
	})
}

// ChangePassword compares the present password and sets a new one; every session of
// the account ends, this one too. Wrong tries count towards the lock.
func (s *Service) ChangePassword(ctx context.Context, who access.Principal, current, next string) error {
	if who.Session == "" {
		return notUser()
	}
	email := strings.ToLower(who.Name)
	account := s.Guard.accounts.Of(email)
	c := caller{address: who.Address, request: who.Request}
	u, old, err := s.charge(ctx, c, account, email)
	if err != nil {
		return err
	}
	good, err := s.Guard.passwords.matches(ctx, old, current)
	if err != nil {
		return errors.Join(err, s.refund(ctx, account))
	}
	if !good || u.ID != who.ID {
		return errors.Join(fault.Wrong("current_password", "WRONG", "This is not your present password."),
			s.note(ctx, who, "auth.password", who.ID, audit.Failed))
	}
	hash, err := s.Guard.Hash(ctx, next)
	if err != nil {
		return errors.Join(err, s.refund(ctx, account))
	}
	return sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		s.Guard.Changed(tx, u.ID)
		return errors.Join(
			putFailures(tx, account, failures{}),
			users.SetPasswordHash(tx, u.ID, hash, s.Clock()),
			s.Guard.End(tx, u.ID, "password changed"),
			s.Audit.Record(tx, who, "auth.password", u.ID),
		)
	})
}

func notUser() error {
	return fault.New(fault.Forbidden, "Only a signed-in user has a profile, a password and sessions; an API key has none.")
}

// equal compares secrets in constant time.
func equal(a, b []byte) bool { return hmac.Equal(a, b) }
