-- +goose Up

-- Who may sign in. A password is a bcrypt hash; epoch ends every token given before it rose.
CREATE TABLE user (
  id            TEXT PRIMARY KEY,
  email         TEXT NOT NULL UNIQUE COLLATE NOCASE,
  full_name     TEXT NOT NULL,
  role          TEXT NOT NULL,
  operator_code TEXT,
  bank_code     TEXT,
  grants        TEXT NOT NULL DEFAULT '[]', -- JSON list of permissions beyond the role
  password_hash TEXT NOT NULL,
  epoch         INTEGER NOT NULL DEFAULT 0,
  disabled_at   INTEGER,
  last_login_at INTEGER,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  version       INTEGER NOT NULL DEFAULT 1
) STRICT;

-- Machines. Only a SHA-256 of the key is kept: a key has 160 random bits.
CREATE TABLE api_key (
  id            TEXT PRIMARY KEY,
  name          TEXT NOT NULL,
  key_hash      BLOB NOT NULL UNIQUE,
  scopes        TEXT NOT NULL, -- JSON list
  operator_code TEXT,
  bank_code     TEXT,
  msisdn        INTEGER,
  per_minute    INTEGER NOT NULL DEFAULT 0,
  expires_at    INTEGER,
  revoked_at    INTEGER,
  created_by    TEXT NOT NULL,
  created_at    INTEGER NOT NULL,
  last_used_at  INTEGER,
  version       INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE session (
  id           TEXT PRIMARY KEY,
  user_id      TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  address      TEXT NOT NULL,
  agent        TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  seen_at      INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  ended_at     INTEGER,
  ended_reason TEXT
) STRICT;
CREATE INDEX session_user ON session (user_id, created_at);

-- One-time refresh tokens, by SHA-256; a spent one that comes back ends its session.
CREATE TABLE refresh_token (
  hash       BLOB PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  spent_at   INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_token_session ON refresh_token (session_id);

-- The truth of what was revoked: Badger only holds a fast copy.
CREATE TABLE revocation (
  subject    TEXT PRIMARY KEY, -- ses_…, usr_…, key_… or a token's jti
  at         INTEGER NOT NULL, -- tokens issued up to here are void
  expires_at INTEGER NOT NULL  -- no token of before lives longer
) STRICT, WITHOUT ROWID;

CREATE TABLE login_failure (
  account      BLOB PRIMARY KEY, -- keyed index of the address that was tried, also of unknown ones
  failures     INTEGER NOT NULL,
  first_at     INTEGER NOT NULL,
  locked_until INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE setup_token (
  only       INTEGER PRIMARY KEY CHECK (only = 1),
  hash       BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  used_at    INTEGER
) STRICT;

CREATE TABLE signing_key (
  kid        TEXT PRIMARY KEY,
  seed       BLOB NOT NULL, -- sealed Ed25519 seed
  created_at INTEGER NOT NULL,
  retired_at INTEGER        -- signs no more; verifies until the last token ended
) STRICT;

-- The audit log. audit_leaf and audit_hash are the Merkle tree and stay for ever;
-- audit_entry is what a leaf says, and retention may drop it.
CREATE TABLE audit_leaf (
  seq  INTEGER PRIMARY KEY, -- from 0 without gaps
  hash BLOB NOT NULL
) STRICT;
CREATE TABLE audit_hash (
  idx  INTEGER PRIMARY KEY, -- tlog's stored-hash index
  hash BLOB NOT NULL
) STRICT;
CREATE TABLE audit_entry (
  seq     INTEGER PRIMARY KEY REFERENCES audit_leaf (seq),
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  name    TEXT NOT NULL,
  role    TEXT NOT NULL,
  address TEXT NOT NULL,
  action  TEXT NOT NULL,
  object  TEXT NOT NULL,
  result  TEXT NOT NULL, -- done, failed, denied
  request TEXT NOT NULL,
  detail  TEXT NOT NULL
) STRICT;
CREATE INDEX audit_entry_object ON audit_entry (object, seq) WHERE object <> '';
CREATE TABLE audit_checkpoint (
  size INTEGER PRIMARY KEY,
  at   INTEGER NOT NULL,
  note TEXT NOT NULL -- signed as golang.org/x/mod/sumdb/note says
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER audit_leaf_fixed BEFORE UPDATE ON audit_leaf BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_leaf_kept BEFORE DELETE ON audit_leaf BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_hash_fixed BEFORE UPDATE ON audit_hash BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_hash_kept BEFORE DELETE ON audit_hash BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_entry_fixed BEFORE UPDATE ON audit_entry BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- audit_retention names how far contents were dropped; the deed itself is an entry.
CREATE TABLE audit_retention (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  upto INTEGER NOT NULL -- entries with seq below may be missing
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry
WHEN old.seq >= coalesce((SELECT upto FROM audit_retention), 0)
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd

-- Work that outlives a request.
CREATE TABLE job (
  id            TEXT PRIMARY KEY,
  kind          TEXT NOT NULL,
  title         TEXT NOT NULL,
  state         TEXT NOT NULL, -- queued running paused succeeded failed cancelled
  stage         TEXT NOT NULL DEFAULT '',
  unique_key    TEXT,          -- at most one job with it that is queued, running or paused
  permission    TEXT NOT NULL, -- who may see it
  operator_code TEXT,
  bank_code     TEXT,
  created_by    TEXT NOT NULL,
  actor         TEXT NOT NULL, -- JSON of the principal that it acts for
  args          TEXT NOT NULL, -- JSON
  state_data    TEXT NOT NULL DEFAULT '{}', -- JSON: where to go on after a restart
  done          INTEGER NOT NULL DEFAULT 0,
  total         INTEGER NOT NULL DEFAULT 0,
  unit          TEXT NOT NULL DEFAULT '',
  result        TEXT,          -- JSON
  error         TEXT,
  attempts      INTEGER NOT NULL DEFAULT 0,
  run_after     INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  started_at    INTEGER,
  finished_at   INTEGER
) STRICT;
CREATE INDEX job_waiting ON job (run_after) WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX job_unique ON job (unique_key) WHERE unique_key IS NOT NULL AND state IN ('queued', 'running', 'paused');
CREATE INDEX job_created ON job (created_at);
