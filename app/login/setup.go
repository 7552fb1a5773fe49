package login

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/fault"
	"reconexus/app/users"
	"reconexus/store/sqlite"
)

// SetupNeeded tells whether the appliance has no administrator yet.
func (s *Service) SetupNeeded(ctx context.Context) (bool, error) {
	has, err := sqlite.Read(ctx, s.DB, users.HasAdmin)
	return !has, err
}

// SetupToken is the one-time token that makes the first administrator. The same one
// is answered until it is used: it is derived from the installation's ring and the
// moment it was made, and only its hash is stored.
func (s *Service) SetupToken(ctx context.Context) (string, error) {
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (string, error) {
		if err := noAdmin(tx); err != nil {
			return "", err
		}
		kept, err := readSetup(tx)
		if err != nil && !errors.Is(err, sqlite.ErrNotFound) {
			return "", err
		}
		if token := s.setupToken(kept.created); err == nil && !kept.used && equal(hashOf(token), kept.hash) {
			return token, nil
		}
		now := s.Clock()
		token := s.setupToken(now)
		return token, errors.Join(writeSetup(tx, hashOf(token), now), s.Audit.Record(tx, access.System("setup"), "auth.setup_token", ""))
	})
}

// SetupLink is the address of the set-up page with its token, which travels in the
// fragment: browsers send that to nobody.
func (s *Service) SetupLink(ctx context.Context, base string) (string, error) {
	token, err := s.SetupToken(ctx)
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(base, "/") + "/setup#" + token, nil
}

func (s *Service) setupToken(made time.Time) string {
	h := hmac.New(sha256.New, s.setupKey)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(made.UnixMilli())))
	return "rxs_" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil)[:20]))
}

func noAdmin(tx *sqlite.Tx) error {
	has, err := users.HasAdmin(tx)
	if err == nil && has {
		err = fault.New(fault.Conflict, "This appliance has its administrator; sign in, or let that administrator make your account.")
	}
	return err
}

// checkSetup refuses a token that is not the one to use now.
func checkSetup(tx *sqlite.Tx, token string) error {
	if err := noAdmin(tx); err != nil {
		return err
	}
	kept, err := readSetup(tx)
	if err != nil && !errors.Is(err, sqlite.ErrNotFound) {
		return err
	}
	if err != nil || kept.used || !equal(hashOf(token), kept.hash) {
		return fault.New(fault.Unauthenticated, "This set-up link is not valid; print the present one on the appliance with: reconexus setup-token")
	}
	return nil
}

// setup makes the first administrator and signs them in. Of two that come with the
// same token one wins, since the token is checked again inside the write.
func (s *Service) setup(ctx context.Context, c caller, token string, d users.Draft) (pair, error) {
	_, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (bool, error) { return true, checkSetup(tx, token) })
	if err != nil {
		if fault.Is(err, fault.Unauthenticated) {
			err = errors.Join(err, s.note(ctx, c.nobody(), "auth.setup", "", audit.Denied))
		}
		return pair{}, err
	}
	hash, err := s.Guard.Hash(ctx, d.Password)
	if err != nil {
		return pair{}, err
	}
	d.Role = access.Admin
	o, err := sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (opened, error) {
		if err := checkSetup(tx, token); err != nil {
			return opened{}, err
		}
		maker := access.System("setup")
		maker.Address, maker.Request = c.address, c.request
		u, err := s.Users.Add(tx, maker, d, hash)
		if err != nil {
			return opened{}, err
		}
		if err := useSetup(tx, s.Clock()); err != nil {
			return opened{}, err
		}
		return s.open(tx, c, u, "auth.setup")
	})
	if err != nil {
		return pair{}, err
	}
	return s.sign(o)
}
