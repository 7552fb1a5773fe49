package users

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/store/sqlite"
)

const columns = `id, email, full_name, role, coalesce(operator_code, ''), coalesce(bank_code, ''), grants,
	epoch, disabled_at, last_login_at, created_at, updated_at, version`

func scan(r sqlite.Row) (User, error) {
	var u User
	var grants string
	var disabled, login sql.NullInt64
	var created, updated int64
	err := r.Scan(&u.ID, &u.Email, &u.FullName, &u.Role, &u.Operator, &u.Bank, &grants,
		&u.Epoch, &disabled, &login, &created, &updated, &u.Version)
	if err != nil {
		return u, err
	}
	u.Disabled, u.LastLogin, u.CreatedAt, u.UpdatedAt = disabled.Valid, moment(login), at(created), at(updated)
	if err := json.Unmarshal([]byte(grants), &u.Grants); err != nil {
		return u, fmt.Errorf("read the grants of %s: %w", u.ID, err)
	}
	return u, nil
}

// ByID reads an account; sqlite.ErrNotFound when there is none.
func ByID(tx *sqlite.Tx, id string) (User, error) {
	return sqlite.One(tx, scan, `SELECT `+columns+` FROM user WHERE id = ?`, id)
}

// ByEmail reads the account of an e-mail address in any case of letters.
func ByEmail(tx *sqlite.Tx, email string) (User, error) {
	return sqlite.One(tx, scan, `SELECT `+columns+` FROM user WHERE email = ?`, email)
}

// PasswordHash reads what package login compares a password with.
func PasswordHash(tx *sqlite.Tx, id string) (string, error) {
	return sqlite.One(tx, sqlite.Text, `SELECT password_hash FROM user WHERE id = ?`, id)
}

// SetPasswordHash changes it and voids every token that was given before.
func SetPasswordHash(tx *sqlite.Tx, id, hash string, now time.Time) error {
	_, err := sqlite.Exec(tx, `UPDATE user SET password_hash = ?, epoch = epoch + 1, updated_at = ?, version = version + 1 WHERE id = ?`,
		hash, now.UnixMilli(), id)
	return err
}

// SignedIn remembers the last sign-in of an account.
func SignedIn(tx *sqlite.Tx, id string, now time.Time) error {
	_, err := sqlite.Exec(tx, `UPDATE user SET last_login_at = ? WHERE id = ?`, now.UnixMilli(), id)
	return err
}

// HasAdmin tells whether an administrator was ever made.
func HasAdmin(tx *sqlite.Tx) (bool, error) {
	return sqlite.One(tx, sqlite.Bool, `SELECT EXISTS (SELECT 1 FROM user WHERE role = ?)`, access.Admin)
}

// otherAdmins counts the administrators who can sign in, beside one account.
func otherAdmins(tx *sqlite.Tx, id string) (int, error) {
	return sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM user WHERE role = ? AND disabled_at IS NULL AND id <> ?`, access.Admin, id)
}

func insert(tx *sqlite.Tx, u User, hash string) error {
	_, err := sqlite.Exec(tx, `INSERT INTO user (id, email, full_name, role, operator_code, bank_code, grants, password_hash, created_at, updated_at)
		VALUES (?, ?, ?, ?, nullif(?, ''), nullif(?, ''), ?, ?, ?, ?)`,
		u.ID, u.Email, u.FullName, u.Role, u.Operator, u.Bank, list(u.Grants), hash, u.CreatedAt.UnixMilli(), u.UpdatedAt.UnixMilli())
	return taken(err)
}

// update writes everything but the password; an empty hash leaves that as it is.
func update(tx *sqlite.Tx, u User, hash string) error {
	_, err := sqlite.Exec(tx, `UPDATE user SET email = ?, full_name = ?, role = ?, operator_code = nullif(?, ''), bank_code = nullif(?, ''),
		grants = ?, epoch = ?, disabled_at = CASE WHEN ? THEN coalesce(disabled_at, ?) END,
		password_hash = coalesce(nullif(?, ''), password_hash), updated_at = ?, version = ? WHERE id = ?`,
		u.Email, u.FullName, u.Role, u.Operator, u.Bank, list(u.Grants), u.Epoch, u.Disabled, u.UpdatedAt.UnixMilli(),
		hash, u.UpdatedAt.UnixMilli(), u.Version, u.ID)
	return taken(err)
}

func taken(err error) error {
	if sqlite.Unique(err) {
		return fault.New(fault.Conflict, "Another account has this e-mail address; take another one, or change that account.")
	}
	return err
}

func remove(tx *sqlite.Tx, id string) error {
	_, err := sqlite.Exec(tx, `DELETE FROM user WHERE id = ?`, id)
	return err
}

const keyColumns = `id, name, key_hash, scopes, coalesce(operator_code, ''), coalesce(bank_code, ''), coalesce(msisdn, 0), per_minute,
	expires_at, revoked_at, created_by, created_at, last_used_at, version`

func scanKey(r sqlite.Row) (Key, error) {
	var k Key
	var scopes string
	var expires, revoked, used sql.NullInt64
	var created int64
	err := r.Scan(&k.ID, &k.Name, &k.hash, &scopes, &k.Operator, &k.Bank, &k.MSISDN, &k.PerMinute,
		&expires, &revoked, &k.CreatedBy, &created, &used, &k.Version)
	if err != nil {
		return k, err
	}
	k.ExpiresAt, k.RevokedAt, k.LastUsed, k.CreatedAt = moment(expires), moment(revoked), moment(used), at(created)
	if err := json.Unmarshal([]byte(scopes), &k.Scopes); err != nil {
		return k, fmt.Errorf("read the scopes of %s: %w", k.ID, err)
	}
	return k, nil
}

// KeyByID reads a key, also an ended one; sqlite.ErrNotFound when there is none.
func KeyByID(tx *sqlite.Tx, id string) (Key, error) {
	return sqlite.One(tx, scanKey, `SELECT `+keyColumns+` FROM api_key WHERE id = ?`, id)
}

// KeyUsed remembers when a key was last used.
func KeyUsed(tx *sqlite.Tx, id string, when time.Time) error {
	_, err := sqlite.Exec(tx, `UPDATE api_key SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?`, when.UnixMilli(), id)
	return err
}

func insertKey(tx *sqlite.Tx, k Key) error {
	_, err := sqlite.Exec(tx, `INSERT INTO api_key (id, name, key_hash, scopes, operator_code, bank_code, msisdn, per_minute, expires_at, created_by, created_at)
		VALUES (?, ?, ?, ?, nullif(?, ''), nullif(?, ''), nullif(?, 0), ?, ?, ?, ?)`,
		k.ID, k.Name, k.hash, list(k.Scopes), k.Operator, k.Bank, k.MSISDN, k.PerMinute, k.ExpiresAt.UnixMilli(), k.CreatedBy, k.CreatedAt.UnixMilli())
	return err
}

func updateKey(tx *sqlite.Tx, k Key) error {
	var revoked any
	if !k.RevokedAt.IsZero() {
		revoked = k.RevokedAt.UnixMilli()
	}
	_, err := sqlite.Exec(tx, `UPDATE api_key SET name = ?, scopes = ?, per_minute = ?, expires_at = ?, revoked_at = ?, version = ? WHERE id = ?`,
		k.Name, list(k.Scopes), k.PerMinute, k.ExpiresAt.UnixMilli(), revoked, k.Version, k.ID)
	return err
}

// list is a JSON array, never null.
func list[T any](of []T) string {
	if of == nil {
		of = []T{}
	}
	raw, _ := json.Marshal(of) // strings always marshal
	return string(raw)
}

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func moment(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return at(ms.Int64)
}

func found(err error, what string) error {
	if errors.Is(err, sqlite.ErrNotFound) {
		return fault.New(fault.NotFound, "There is no such %s, or it was deleted.", what)
	}
	return err
}
