package users

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/id"
	"reconexus/app/kit/page"
	"reconexus/store/sqlite"
)

// CreateKey makes a key and answers its secret, for the only time. A key cannot hold
// more than its maker may.
func (s *Service) CreateKey(ctx context.Context, who access.Principal, n KeyDraft) (Key, string, error) {
	number, err := parseNumber(n.MSISDN)
	if err != nil {
		return Key{}, "", err
	}
	now := s.Clock()
	if n.ExpiresAt.IsZero() {
		n.ExpiresAt = now.Add(keyLife)
	}
	k := Key{
		ID: id.New("key", now), Name: n.Name, Scopes: n.Scopes, Operator: n.Operator, Bank: n.Bank, MSISDN: number,
		PerMinute: n.PerMinute, CreatedBy: who.ID, CreatedAt: now.UTC(), ExpiresAt: n.ExpiresAt.UTC(), Version: 1,
	}.tidy()
	if err := errors.Join(k.check(now), covers(who, k.needs())); err != nil {
		return Key{}, "", err
	}
	secret := newSecret(k.ID)
	sum := sha256.Sum256([]byte(secret))
	k.hash = sum[:]
	err = sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		return errors.Join(
			insertKey(tx, k),
			s.Audit.Record(tx, who, "api_key.create", k.ID, "scopes", k.Scopes, "operator", k.Operator, "bank", k.Bank, "bound", k.MSISDN != 0),
		)
	})
	if err != nil {
		return Key{}, "", err
	}
	return k, secret, nil
}

// FindKey reads one key that was not deleted.
func (s *Service) FindKey(ctx context.Context, id string) (Key, error) {
	return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (Key, error) { return keptKey(tx, id) })
}

// keptKey reads a key; a deleted one stays in the store for the record only.
func keptKey(tx *sqlite.Tx, id string) (Key, error) {
	k, err := KeyByID(tx, id)
	if err == nil && !k.RevokedAt.IsZero() {
		err = sqlite.ErrNotFound
	}
	return k, found(err, "API key")
}

// KeyFilter says which keys are wanted.
type KeyFilter struct {
	State string // live or expired; empty: both
	Words string // part of a name
}

func (f KeyFilter) where(now time.Time) sqlite.Where {
	var w sqlite.Where
	w.And("revoked_at IS NULL")
	switch f.State {
	case "live":
		w.And("expires_at > ?", now.UnixMilli())
	case "expired":
		w.And("expires_at <= ?", now.UnixMilli())
	}
	if words := strings.TrimSpace(f.Words); words != "" {
		w.And(`name LIKE ? ESCAPE '\'`, part(words))
	}
	return w
}

// ListKeys reads a page of keys, oldest first.
func (s *Service) ListKeys(ctx context.Context, f KeyFilter, q page.Query) (page.Of[Key], error) {
	return pageOf(ctx, s.DB, scanKey, keyColumns, "api_key", f.where(s.Clock()), "id", q, func(k Key) string { return k.ID })
}

// UpdateKey changes a key; what it loses, its tokens lose at once.
func (s *Service) UpdateKey(ctx context.Context, who access.Principal, id, match string, c KeyChange) (Key, error) {
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (Key, error) {
		k, err := keptKey(tx, id)
		if err != nil {
			return k, err
		}
		if err := errors.Join(fresh(match, k.Version), covers(who, k.needs())); err != nil {
			return k, err
		}
		now, checked := s.Clock(), k
		set(&checked.Name, c.Name)
		set(&checked.Scopes, c.Scopes)
		set(&checked.PerMinute, c.PerMinute)
		if c.ExpiresAt != nil {
			checked.ExpiresAt = c.ExpiresAt.UTC()
		}
		checked = checked.tidy()
		if err := errors.Join(checked.check(now), covers(who, checked.needs())); err != nil {
			return k, err
		}
		checked.Version++
		s.Changed(tx, id)
		return checked, errors.Join(
			updateKey(tx, checked),
			s.Audit.Record(tx, who, "api_key.update", id, keyChanges(k, checked)...),
		)
	})
}

// keyChanges is what an audit entry tells of a changed key, each with what was before.
func keyChanges(before, after Key) []any {
	detail := []any{"version", after.Version}
	if before.Name != after.Name {
		detail = append(detail, "name", after.Name, "name_before", before.Name)
	}
	if !slices.Equal(before.Scopes, after.Scopes) {
		detail = append(detail, "scopes", after.Scopes, "scopes_before", before.Scopes)
	}
	if before.PerMinute != after.PerMinute {
		detail = append(detail, "per_minute", after.PerMinute, "per_minute_before", before.PerMinute)
	}
	if !before.ExpiresAt.Equal(after.ExpiresAt) {
		detail = append(detail, "expires_at", after.ExpiresAt, "expires_at_before", before.ExpiresAt)
	}
	return detail
}

// DeleteKey ends a key and every token it was given.
func (s *Service) DeleteKey(ctx context.Context, who access.Principal, id, match string) error {
	return sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		k, err := keptKey(tx, id)
		if err != nil {
			return err
		}
		if err := errors.Join(fresh(match, k.Version), covers(who, k.needs())); err != nil {
			return err
		}
		k.RevokedAt = s.Clock().UTC()
		k.Version++
		s.Changed(tx, id)
		return errors.Join(
			updateKey(tx, k),
			s.End(tx, id, "key deleted"),
			s.Audit.Record(tx, who, "api_key.delete", id),
		)
	})
}
