-- The sum of the migrations. Made by: go test ./store/migrations -update

CREATE INDEX audit_entry_object ON audit_entry (object, seq) WHERE object <> '';

CREATE INDEX feed_operator ON feed (operator_code, day);

CREATE INDEX job_created ON job (created_at);

CREATE INDEX job_waiting ON job (run_after) WHERE state IN ('queued', 'running');

CREATE INDEX linkage_bank ON linkage (bank_code, msisdn) WHERE bank_code <> '';

CREATE INDEX linkage_flagged ON linkage (verdict, msisdn, to_day) WHERE verdict IN (2, 3) AND to_day IS NULL;

CREATE INDEX linkage_unchecked ON linkage (msisdn) WHERE verdict = 0 AND to_day IS NULL;

CREATE INDEX lookup_file_range ON lookup_file (first, last);

CREATE INDEX lookup_number ON lookup (msisdn, at);

CREATE INDEX recycled_sim_day ON recycled_sim (coalesce(date_recycled, -2147483648), id, operator_code, date_recycled, deleted_at) WHERE deleted_at IS NULL;

CREATE INDEX recycled_sim_linkage ON recycled_sim (linkage_status, id, deleted_at) WHERE deleted_at IS NULL;

CREATE INDEX recycled_sim_operator ON recycled_sim (operator_code, id, deleted_at) WHERE deleted_at IS NULL;

CREATE INDEX recycled_sim_resolved ON recycled_sim (resolved_at, operator_code, deleted_at) WHERE resolved_at IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX recycled_sim_risk ON recycled_sim (risk_score, id, deleted_at) WHERE deleted_at IS NULL;

CREATE INDEX recycled_sim_serial ON recycled_sim (sim_serial, deleted_at) WHERE deleted_at IS NULL AND sim_serial <> '';

CREATE INDEX recycled_sim_status ON recycled_sim (cleanup_status, id, deleted_at) WHERE deleted_at IS NULL;

CREATE INDEX refresh_token_session ON refresh_token (session_id);

CREATE INDEX session_user ON session (user_id, created_at);

CREATE INDEX sim_import_job ON sim_import (job_id);

CREATE INDEX tenure_event_day ON tenure_event (kind, day, operator);

CREATE INDEX tenure_event_number ON tenure_event (msisdn, seq);

CREATE INDEX tenure_event_source ON tenure_event (source);

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

CREATE TABLE audit_checkpoint (
  size INTEGER PRIMARY KEY,
  at   INTEGER NOT NULL,
  note TEXT NOT NULL -- signed as golang.org/x/mod/sumdb/note says
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

CREATE TABLE audit_hash (
  idx  INTEGER PRIMARY KEY, -- tlog's stored-hash index
  hash BLOB NOT NULL
) STRICT;

CREATE TABLE audit_leaf (
  seq  INTEGER PRIMARY KEY, -- from 0 without gaps
  hash BLOB NOT NULL
) STRICT;

CREATE TABLE audit_retention (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  upto INTEGER NOT NULL -- entries with seq below may be missing
) STRICT;

CREATE TABLE bank (
  code       TEXT PRIMARY KEY, -- CBN code
  name       TEXT NOT NULL,
  valid_from INTEGER,
  valid_to   INTEGER,
  version    INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE feed (
  id            TEXT PRIMARY KEY,
  operator_code TEXT NOT NULL,
  day           INTEGER NOT NULL,
  state         TEXT NOT NULL,   -- receiving, applied, filed (too late to apply), stopped (breaker), failed
  full          INTEGER NOT NULL DEFAULT 1,
  digest        TEXT NOT NULL,
  file_name     TEXT NOT NULL,
  rows          INTEGER NOT NULL DEFAULT 0,
  rejected      INTEGER NOT NULL DEFAULT 0,
  changed       INTEGER NOT NULL DEFAULT 0,
  snapshot      TEXT,            -- file under DATA/snapshots
  job_id        TEXT NOT NULL,
  received_at   INTEGER NOT NULL,
  applied_at    INTEGER
) STRICT;

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

CREATE TABLE linkage (
  msisdn      INTEGER NOT NULL,
  kind        INTEGER NOT NULL,          -- 1 NIN, 2 BVN
  bank_code   TEXT NOT NULL DEFAULT '',
  token       BLOB NOT NULL,             -- keyed blind index of the number
  learnt_at   INTEGER NOT NULL,
  holder      INTEGER,                   -- of a NIN: the token that tenures use for their holder
  sealed      BLOB NOT NULL,
  mask        TEXT NOT NULL,
  from_day    INTEGER,                   -- linked since; NULL: not known
  to_day      INTEGER,                   -- removed on; NULL: active
  source      TEXT NOT NULL,
  verdict     INTEGER NOT NULL DEFAULT 0, -- 0 unchecked 1 clean 2 stale 3 review 4 no data
  reason      TEXT NOT NULL DEFAULT '',
  checked_at  INTEGER,
  PRIMARY KEY (msisdn, kind, bank_code, token)
) STRICT, WITHOUT ROWID;

CREATE TABLE linkage_tally (
  kind      INTEGER NOT NULL,
  bank_code TEXT NOT NULL,
  active    INTEGER NOT NULL,
  PRIMARY KEY (kind, bank_code)
) STRICT, WITHOUT ROWID;

CREATE TABLE login_failure (
  account      BLOB PRIMARY KEY, -- keyed index of the address that was tried, also of unknown ones
  failures     INTEGER NOT NULL,
  first_at     INTEGER NOT NULL,
  locked_until INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE lookup (
  seq     INTEGER PRIMARY KEY,
  msisdn  INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL, -- usr_… or key_…
  purpose TEXT NOT NULL
) STRICT;

CREATE TABLE lookup_file (
  seq     INTEGER PRIMARY KEY,
  job_id  TEXT NOT NULL,
  actor   TEXT NOT NULL, -- usr_… or key_…
  at      INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  first   INTEGER NOT NULL,
  last    INTEGER NOT NULL,
  numbers BLOB NOT NULL -- ascending from the first, each a varint: how far from the one before
) STRICT;

CREATE TABLE operator (
  code       TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  mnc        TEXT NOT NULL DEFAULT '',
  aliases    TEXT NOT NULL DEFAULT '[]', -- JSON list of {name, from, to}: what it was called, and when
  host_code  TEXT,                       -- of an MVNO: the network that carries it
  valid_from INTEGER,                    -- day
  valid_to   INTEGER,                    -- day, exclusive
  version    INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE recycled_sim (
  id                  TEXT PRIMARY KEY,
  msisdn              INTEGER NOT NULL,
  generation          INTEGER NOT NULL,
  sim_serial          TEXT NOT NULL DEFAULT '',
  imsi                TEXT NOT NULL DEFAULT '',
  operator_code       TEXT NOT NULL,
  date_recycled       INTEGER,
  date_deactivated    INTEGER,
  previous_nin        BLOB, -- sealed
  previous_nin_mask   TEXT,
  previous_name       BLOB, -- sealed
  previous_name_mask  TEXT,
  previous_bvn        BLOB, -- sealed
  previous_bvn_mask   TEXT,
  previous_nin_linked INTEGER NOT NULL DEFAULT 0,
  previous_bvn_linked INTEGER NOT NULL DEFAULT 0,
  new_registration    TEXT NOT NULL DEFAULT 'unknown',
  linkage_status      TEXT NOT NULL DEFAULT 'active',  -- active orphaned resolved disputed
  cleanup_status      TEXT NOT NULL DEFAULT 'pending', -- pending in_progress completed failed
  detection_method    TEXT NOT NULL,
  risk_score          REAL NOT NULL DEFAULT 0,
  risk_parts          INTEGER NOT NULL DEFAULT 0,      -- bits: which parts counted
  resolved_at         INTEGER,                         -- when linkage_status became resolved
  deleted_at          INTEGER,
  created_at          INTEGER NOT NULL,
  updated_at          INTEGER NOT NULL,
  version             INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE recycled_sim_tally (
  operator_code  TEXT NOT NULL,
  cleanup_status TEXT NOT NULL,
  linkage_status TEXT NOT NULL,
  nin_linked     INTEGER NOT NULL,
  bvn_linked     INTEGER NOT NULL,
  risk_parts     INTEGER NOT NULL,
  sims           INTEGER NOT NULL,
  PRIMARY KEY (operator_code, cleanup_status, linkage_status, nin_linked, bvn_linked, risk_parts)
) STRICT, WITHOUT ROWID;

CREATE TABLE refresh_token (
  hash       BLOB PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  spent_at   INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE revocation (
  subject    TEXT PRIMARY KEY, -- ses_…, usr_…, key_… or a token's jti
  at         INTEGER NOT NULL, -- tokens issued up to here are void
  expires_at INTEGER NOT NULL  -- no token of before lives longer
) STRICT, WITHOUT ROWID;

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

CREATE TABLE sim_import (
  id            TEXT PRIMARY KEY, -- also the file's name under DATA/spool
  operator_code TEXT NOT NULL,    -- empty: of somebody who is bound to no operator
  digest        TEXT NOT NULL,
  job_id        TEXT NOT NULL,
  received_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE tenure (
  msisdn      INTEGER NOT NULL,
  generation  INTEGER NOT NULL,
  learnt_at   INTEGER NOT NULL,
  retracted_at INTEGER,
  from_day    INTEGER,           -- first day of the tenure; NULL: not known
  activated   INTEGER,           -- the network's own activation date: a port has another than from_day
  to_day      INTEGER,           -- first day that it is known to be over; NULL: goes on
  last_day    INTEGER,           -- last day that it is known to go on, when to_day is not exact
  ended_as    TEXT,              -- deactivated, churned, quarantined, missing
  holder      INTEGER,           -- keyed token; NULL: not known
  holder_kind INTEGER NOT NULL,  -- 0 not known, 1 name, 2 the operator's holder id, 3 NIN
  names       INTEGER NOT NULL DEFAULT 0, -- keyed signature of the name's parts
  operator    TEXT NOT NULL,
  card        INTEGER NOT NULL DEFAULT 0, -- keyed token of ICCID and IMSI
  source      TEXT NOT NULL,     -- job or request that told it
  PRIMARY KEY (msisdn, generation, learnt_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE tenure_event (
  seq        INTEGER PRIMARY KEY,
  msisdn     INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  kind       TEXT NOT NULL, -- activated ended recycled reissued same_holder_return port swap reversal correction
  day        INTEGER,
  operator   TEXT NOT NULL,
  learnt_at  INTEGER NOT NULL,
  source     TEXT NOT NULL,
  note       TEXT NOT NULL DEFAULT ''
) STRICT;

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

CREATE TRIGGER audit_entry_fixed BEFORE UPDATE ON audit_entry BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry
WHEN old.seq >= coalesce((SELECT upto FROM audit_retention), 0)
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_hash_fixed BEFORE UPDATE ON audit_hash BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_hash_kept BEFORE DELETE ON audit_hash BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_leaf_fixed BEFORE UPDATE ON audit_leaf BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_leaf_kept BEFORE DELETE ON audit_leaf BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER linkage_added AFTER INSERT ON linkage WHEN new.to_day IS NULL
BEGIN
  INSERT INTO linkage_tally VALUES (new.kind, new.bank_code, 1) ON CONFLICT DO UPDATE SET active = active + 1;
END;

CREATE TRIGGER linkage_ended AFTER UPDATE OF to_day ON linkage WHEN (old.to_day IS NULL) <> (new.to_day IS NULL)
BEGIN
  INSERT INTO linkage_tally VALUES (new.kind, new.bank_code, iif(new.to_day IS NULL, 1, -1))
  ON CONFLICT DO UPDATE SET active = active + excluded.active;
END;

CREATE TRIGGER linkage_removed AFTER DELETE ON linkage WHEN old.to_day IS NULL
BEGIN
  UPDATE linkage_tally SET active = active - 1 WHERE kind = old.kind AND bank_code = old.bank_code;
END;

CREATE TRIGGER tenure_fixed BEFORE UPDATE OF msisdn, generation, learnt_at, from_day, activated, to_day, last_day, holder, holder_kind, names, operator, source ON tenure
BEGIN SELECT raise(ABORT, 'a statement about a tenure is retracted, never changed'); END;

CREATE TRIGGER tenure_kept BEFORE DELETE ON tenure
BEGIN SELECT raise(ABORT, 'a statement about a tenure is retracted, never deleted'); END;

CREATE UNIQUE INDEX feed_once ON feed (operator_code, digest) WHERE state IN ('receiving', 'applied', 'filed');

CREATE UNIQUE INDEX job_unique ON job (unique_key) WHERE unique_key IS NOT NULL AND state IN ('queued', 'running', 'paused');

CREATE UNIQUE INDEX recycled_sim_number ON recycled_sim (msisdn, generation);

CREATE UNIQUE INDEX sim_import_once ON sim_import (operator_code, digest);
