package login

import (
	"database/sql"
	"errors"
	"time"

	"reconexus/store/sqlite"
)

// Sessions.

// Session is one sign-in.
type Session struct {
	ID        string
	UserID    string
	Address   string
	Agent     string
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
	Ended     bool
}

const sessionColumns = `id, user_id, address, agent, created_at, seen_at, expires_at, ended_at IS NOT NULL`

func scanSession(r sqlite.Row) (Session, error) {
	var s Session
	var created, seen, expires int64
	err := r.Scan(&s.ID, &s.UserID, &s.Address, &s.Agent, &created, &seen, &expires, &s.Ended)
	s.CreatedAt, s.SeenAt, s.ExpiresAt = at(created), at(seen), at(expires)
	return s, err
}

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func insertSession(tx *sqlite.Tx, s Session) error {
	_, err := sqlite.Exec(tx, `INSERT INTO session (id, user_id, address, agent, created_at, seen_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		s.ID, s.UserID, s.Address, s.Agent, s.CreatedAt.UnixMilli(), s.SeenAt.UnixMilli(), s.ExpiresAt.UnixMilli())
	return err
}

func sessionByID(tx *sqlite.Tx, id string) (Session, error) {
	return sqlite.One(tx, scanSession, `SELECT `+sessionColumns+` FROM session WHERE id = ?`, id)
}

func openSessions(tx *sqlite.Tx, user string) ([]string, error) {
	return sqlite.All(tx, sqlite.Text, `SELECT id FROM session WHERE user_id = ? AND ended_at IS NULL`, user)
}

// oldSessions are the open sessions of a user beyond the newest ones.
func oldSessions(tx *sqlite.Tx, user string, newest int) ([]string, error) {
	return sqlite.All(tx, sqlite.Text, `SELECT id FROM session WHERE user_id = ? AND ended_at IS NULL
		ORDER BY created_at DESC, id DESC LIMIT 100 OFFSET ?`, user, newest)
}

func listSessions(tx *sqlite.Tx, user string, now time.Time, limit, skip int) ([]Session, error) {
	return sqlite.All(tx, scanSession, `SELECT `+sessionColumns+` FROM session
		WHERE user_id = ? AND ended_at IS NULL AND expires_at > ? ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?`,
		user, now.UnixMilli(), limit, skip)
}

func countSessions(tx *sqlite.Tx, user string, now time.Time) (int, error) {
	return sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM session WHERE user_id = ? AND ended_at IS NULL AND expires_at > ?`, user, now.UnixMilli())
}

func seeSession(tx *sqlite.Tx, id, address string, now time.Time) error {
	_, err := sqlite.Exec(tx, `UPDATE session SET seen_at = ?, address = ?, expires_at = ? WHERE id = ?`,
		now.UnixMilli(), address, now.Add(refreshLife).UnixMilli(), id)
	return err
}

func endSession(tx *sqlite.Tx, id, reason string, now time.Time) error {
	_, err := sqlite.Exec(tx, `UPDATE session SET ended_at = ?, ended_reason = ? WHERE id = ? AND ended_at IS NULL`, now.UnixMilli(), reason, id)
	return err
}

// Refresh tokens, by SHA-256.

type refreshToken struct {
	session string
	expires time.Time
	spent   bool
}

func insertRefresh(tx *sqlite.Tx, hash []byte, session string, now time.Time) error {
	_, err := sqlite.Exec(tx, `INSERT INTO refresh_token (hash, session_id, created_at, expires_at) VALUES (?, ?, ?, ?)`,
		hash, session, now.UnixMilli(), now.Add(refreshLife).UnixMilli())
	return err
}

func refreshByHash(tx *sqlite.Tx, hash []byte) (refreshToken, error) {
	return sqlite.One(tx, func(r sqlite.Row) (t refreshToken, err error) {
		var expires int64
		err = r.Scan(&t.session, &expires, &t.spent)
		t.expires = at(expires)
		return t, err
	}, `SELECT session_id, expires_at, spent_at IS NOT NULL FROM refresh_token WHERE hash = ?`, hash)
}

func spendRefresh(tx *sqlite.Tx, hash []byte, now time.Time) error {
	_, err := sqlite.Exec(tx, `UPDATE refresh_token SET spent_at = ? WHERE hash = ? AND spent_at IS NULL`, now.UnixMilli(), hash)
	return err
}

// Revocations.

func insertRevocation(tx *sqlite.Tx, r revocation, now time.Time) error {
	_, err := sqlite.Exec(tx, `INSERT INTO revocation (subject, at, expires_at) VALUES (?, ?, ?)
		ON CONFLICT (subject) DO UPDATE SET at = excluded.at, expires_at = max(expires_at, excluded.expires_at)`,
		r.subject, now.UnixMilli(), r.until)
	return err
}

func liveRevocations(tx *sqlite.Tx, now int64, limit int) ([]revocation, error) {
	return sqlite.All(tx, func(r sqlite.Row) (v revocation, err error) {
		err = r.Scan(&v.subject, &v.until)
		return v, err
	}, `SELECT subject, expires_at FROM revocation WHERE expires_at > ? ORDER BY expires_at DESC LIMIT ?`, now, limit)
}

func isRevoked(tx *sqlite.Tx, subject string) (bool, error) {
	return sqlite.One(tx, sqlite.Bool, `SELECT EXISTS (SELECT 1 FROM revocation WHERE subject = ?)`, subject)
}

// Failed sign-ins, by the keyed index of the address that was tried.

type failures struct {
	count  int
	first  time.Time
	locked time.Time // zero: never
}

func failuresOf(tx *sqlite.Tx, account []byte) (failures, error) {
	f, err := sqlite.One(tx, func(r sqlite.Row) (f failures, err error) {
		var first int64
		var locked sql.NullInt64
		err = r.Scan(&f.count, &first, &locked)
		f.first = at(first)
		if locked.Valid {
			f.locked = at(locked.Int64)
		}
		return f, err
	}, `SELECT failures, first_at, locked_until FROM login_failure WHERE account = ?`, account)
	if errors.Is(err, sqlite.ErrNotFound) {
		return failures{}, nil
	}
	return f, err
}

func putFailures(tx *sqlite.Tx, account []byte, f failures) error {
	if f.count <= 0 {
		_, err := sqlite.Exec(tx, `DELETE FROM login_failure WHERE account = ?`, account)
		return err
	}
	var locked any
	if !f.locked.IsZero() {
		locked = f.locked.UnixMilli()
	}
	_, err := sqlite.Exec(tx, `INSERT INTO login_failure (account, failures, first_at, locked_until) VALUES (?, ?, ?, ?)
		ON CONFLICT (account) DO UPDATE SET failures = excluded.failures, first_at = excluded.first_at, locked_until = excluded.locked_until`,
		account, f.count, f.first.UnixMilli(), locked)
	return err
}

// The set-up token.

type setupToken struct {
	hash    []byte
	created time.Time
	used    bool
}

func readSetup(tx *sqlite.Tx) (setupToken, error) {
	return sqlite.One(tx, func(r sqlite.Row) (t setupToken, err error) {
		var created int64
		err = r.Scan(&t.hash, &created, &t.used)
		t.created = at(created)
		return t, err
	}, `SELECT hash, created_at, used_at IS NOT NULL FROM setup_token WHERE only = 1`)
}

func writeSetup(tx *sqlite.Tx, hash []byte, now time.Time) error {
	_, err := sqlite.Exec(tx, `INSERT INTO setup_token (only, hash, created_at) VALUES (1, ?, ?)
		ON CONFLICT (only) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at, used_at = NULL`, hash, now.UnixMilli())
	return err
}

func useSetup(tx *sqlite.Tx, now time.Time) error {
	_, err := sqlite.Exec(tx, `UPDATE setup_token SET used_at = ? WHERE only = 1`, now.UnixMilli())
	return err
}

// Signing keys; the seed is sealed.

type keyRow struct {
	kid     string
	seed    []byte
	created time.Time
	retired time.Time // zero: it signs
}

func readKeys(tx *sqlite.Tx) ([]keyRow, error) {
	return sqlite.All(tx, func(r sqlite.Row) (k keyRow, err error) {
		var created int64
		var retired sql.NullInt64
		err = r.Scan(&k.kid, &k.seed, &created, &retired)
		k.created = at(created)
		if retired.Valid {
			k.retired = at(retired.Int64)
		}
		return k, err
	}, `SELECT kid, seed, created_at, retired_at FROM signing_key ORDER BY created_at, kid`)
}

func insertKey(tx *sqlite.Tx, k keyRow) error {
	_, err := sqlite.Exec(tx, `INSERT INTO signing_key (kid, seed, created_at) VALUES (?, ?, ?)`, k.kid, k.seed, k.created.UnixMilli())
	return err
}

func retireKeys(tx *sqlite.Tx, now time.Time) error {
	_, err := sqlite.Exec(tx, `UPDATE signing_key SET retired_at = ? WHERE retired_at IS NULL`, now.UnixMilli())
	return err
}

// sessionKept is how long an ended session stays for inquiries.
const sessionKept = 90 * 24 * time.Hour

// sweepExpired removes what has no effect any more.
func sweepExpired(tx *sqlite.Tx, now time.Time) error {
	ms := now.UnixMilli()
	for query, args := range map[string][]any{
		`DELETE FROM revocation WHERE expires_at <= ?`:                                     {ms},
		`DELETE FROM refresh_token WHERE expires_at <= ?`:                                  {ms},
		`DELETE FROM login_failure WHERE first_at <= ? AND coalesce(locked_until, 0) <= ?`: {now.Add(-lockTime).UnixMilli(), ms},
		`DELETE FROM signing_key WHERE retired_at <= ?`:                                    {now.Add(-shown).UnixMilli()},
		`DELETE FROM session WHERE coalesce(ended_at, expires_at) <= ?`:                    {now.Add(-sessionKept).UnixMilli()},
	} {
		if _, err := sqlite.Exec(tx, query, args...); err != nil {
			return err
		}
	}
	return nil
}
