-- The sum of the migrations. Made by: go test ./store/migrations -update

CREATE INDEX audit_entry_object ON audit_entry (object, seq) WHERE object <> '';

CREATE INDEX delink_item_bank ON delink_item (bank_code, request_id, state, asked_at) WHERE asked_at IS NOT NULL;

CREATE INDEX delink_request_due ON delink_request (due_at, id, waits_for, operator_code, workflow_status, status, escalated_at);

CREATE INDEX delink_request_number ON delink_request (msisdn, id);

CREATE INDEX delink_request_operator ON delink_request (operator_code, waits_for, id);

CREATE INDEX delink_request_risk ON delink_request (risk_score, id, waits_for, operator_code, workflow_status, status);

CREATE INDEX delink_request_sim ON delink_request (sim_id, id);

CREATE INDEX delink_request_status ON delink_request (status, id);

CREATE INDEX delink_request_waits ON delink_request (waits_for, id);

CREATE INDEX delink_request_workflow ON delink_request (workflow_status, id);

CREATE INDEX feed_operator ON feed (operator_code, day);

CREATE INDEX job_created ON job (created_at);

CREATE INDEX job_waiting ON job (run_after) WHERE state IN ('queued', 'running');

CREATE INDEX linkage_bank ON linkage (bank_code, msisdn) WHERE bank_code <> '';

CREATE INDEX linkage_flagged ON linkage (verdict, msisdn, to_day) WHERE verdict IN (2, 3) AND to_day IS NULL;

CREATE INDEX linkage_unchecked ON linkage (msisdn) WHERE verdict = 0 AND to_day IS NULL;

CREATE INDEX lookup_file_range ON lookup_file (first, last);

CREATE INDEX lookup_number ON lookup (msisdn, at);

CREATE INDEX recycled_sim_age ON recycled_sim (id, deleted_at) WHERE deleted_at IS NULL;

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

CREATE INDEX webhook_delivery_log ON webhook_delivery (subscription_id, state, seq);

CREATE INDEX webhook_received_at ON webhook_received (received_at);

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

CREATE TABLE delink_attachment (
  id         TEXT PRIMARY KEY, -- also the file's name
  request_id TEXT NOT NULL REFERENCES delink_request (id),
  name       TEXT NOT NULL,
  type       TEXT NOT NULL,
  size       INTEGER NOT NULL,
  digest     TEXT NOT NULL,    -- keyed, of the bytes
  added_by   TEXT NOT NULL,
  added_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE delink_event (
  request_id TEXT NOT NULL REFERENCES delink_request (id),
  seq        INTEGER NOT NULL, -- from 1
  at         INTEGER NOT NULL,
  event      TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state   TEXT NOT NULL,
  actor      TEXT NOT NULL,
  name       TEXT NOT NULL,
  role       TEXT NOT NULL,
  bank_code  TEXT,             -- when it is about one bank's items only
  note       TEXT NOT NULL,
  PRIMARY KEY (request_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE delink_item (
  request_id   TEXT NOT NULL REFERENCES delink_request (id),
  place        INTEGER NOT NULL, -- from 1
  kind         INTEGER NOT NULL, -- 1 NIN, 2 BVN
  bank_code    TEXT NOT NULL,    -- of a BVN; empty when the bank is not known
  token        BLOB NOT NULL,    -- of the linkage; empty when only the SIM's record tells of it
  mask         TEXT NOT NULL,
  linked_day   INTEGER,
  basis        TEXT NOT NULL,    -- stale, review, report
  why          TEXT NOT NULL,
  state        TEXT NOT NULL,    -- waiting approved refused done failed rolled_back
  asked_at     INTEGER,          -- when its bank was asked
  decided_by   TEXT NOT NULL DEFAULT '',
  decided_at   INTEGER,
  decision     TEXT NOT NULL DEFAULT '', -- the reason given
  tries        INTEGER NOT NULL DEFAULT 0,
  problem      TEXT NOT NULL DEFAULT '',
  told         TEXT NOT NULL DEFAULT '', -- how the target was told
  reference    TEXT NOT NULL DEFAULT '', -- what the target calls it
  evidence     BLOB,             -- sealed: what was removed, to put it back
  done_at      INTEGER,
  PRIMARY KEY (request_id, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE delink_request (
  id               TEXT PRIMARY KEY,
  sim_id           TEXT NOT NULL,
  msisdn           INTEGER NOT NULL,
  generation       INTEGER NOT NULL,
  operator_code    TEXT NOT NULL,
  request_type     TEXT NOT NULL,             -- nin bvn both
  nin              INTEGER NOT NULL,          -- it is about NINs
  bvn              INTEGER NOT NULL,          -- it is about BVNs
  open             INTEGER NOT NULL,          -- it has not ended
  status           TEXT NOT NULL,             -- the phase
  workflow_status  TEXT NOT NULL,
  waits_for        TEXT NOT NULL,             -- operator, bank, target, or nobody
  came_from        TEXT NOT NULL DEFAULT '',  -- of a disputed one: where it goes back to
  reason           TEXT NOT NULL,
  problem          TEXT NOT NULL DEFAULT '',  -- why it failed or waits
  risk_score       REAL NOT NULL,
  submitted_by     TEXT NOT NULL,             -- usr_… or key_…
  submitted_name   TEXT NOT NULL,
  submitted_role   TEXT NOT NULL,
  submitted_person TEXT NOT NULL,             -- who made the key, when a key submitted it
  round            INTEGER NOT NULL DEFAULT 0, -- how often its execution was begun
  due_at           INTEGER NOT NULL,          -- 9007199254740991: nothing is waited for
  escalated_at     INTEGER,                   -- when the deadline was found missed
  certificate      TEXT,                      -- what was certified, to the letter
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  completed_at     INTEGER,
  version          INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE delink_tally (
  operator_code   TEXT NOT NULL,
  workflow_status TEXT NOT NULL,
  requests        INTEGER NOT NULL,
  PRIMARY KEY (operator_code, workflow_status)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE legal_hold (
  id            TEXT PRIMARY KEY,
  msisdn        INTEGER NOT NULL,
  operator_code TEXT NOT NULL, -- of the number when the hold was placed; empty: not known
  reference     TEXT NOT NULL, -- of the order
  reason        TEXT NOT NULL,
  placed_by     TEXT NOT NULL,
  placed_at     INTEGER NOT NULL,
  lifted_by     TEXT,
  lifted_at     INTEGER
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

CREATE TABLE webhook_delivery (
  seq             INTEGER PRIMARY KEY AUTOINCREMENT,
  id              TEXT NOT NULL UNIQUE,
  subscription_id TEXT NOT NULL REFERENCES webhook_subscription (id) ON DELETE CASCADE,
  event_id        TEXT NOT NULL, -- webhook-id: the same in every attempt
  type            TEXT NOT NULL,
  body            TEXT NOT NULL, -- the very bytes that are signed
  state           TEXT NOT NULL, -- waiting, delivered, dead
  attempts        INTEGER NOT NULL DEFAULT 0,
  next_at         INTEGER NOT NULL,
  status          INTEGER NOT NULL DEFAULT 0, -- of the last answer; 0: none came
  trouble         TEXT NOT NULL DEFAULT '',   -- of the last attempt, as a code
  took_ms         INTEGER NOT NULL DEFAULT 0,
  created_at      INTEGER NOT NULL,
  attempted_at    INTEGER
) STRICT;

CREATE TABLE webhook_received (
  sender      TEXT NOT NULL, -- the tenancy, or the key of who has none
  id          TEXT NOT NULL, -- their webhook-id
  type        TEXT NOT NULL,
  digest      BLOB NOT NULL, -- keyed: the same id with another body is a conflict
  body        BLOB NOT NULL, -- sealed
  key_id      TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (sender, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook_subscription (
  id            TEXT PRIMARY KEY,
  name          TEXT NOT NULL,
  url           TEXT NOT NULL,
  events        TEXT NOT NULL,            -- JSON list of types; ["*"] for all
  may           TEXT NOT NULL,            -- JSON list of permissions: of whom it was made by, what it may hear
  operator_code TEXT NOT NULL DEFAULT '', -- hears only of this operator's numbers
  bank_code     TEXT NOT NULL DEFAULT '', -- hears only of this bank's linkages
  secret        BLOB NOT NULL,            -- sealed
  old_secret    BLOB,                     -- sealed; signs beside the new one until old_until
  old_until     INTEGER,
  state         TEXT NOT NULL,            -- active, paused, ended
  reason        TEXT NOT NULL DEFAULT '', -- why it is not active, where nobody chose it
  created_by    TEXT NOT NULL,
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

CREATE UNIQUE INDEX delink_attachment_once ON delink_attachment (request_id, digest);

CREATE UNIQUE INDEX delink_request_bvn ON delink_request (sim_id) WHERE bvn = 1 AND open = 1;

CREATE UNIQUE INDEX delink_request_nin ON delink_request (sim_id) WHERE nin = 1 AND open = 1;

CREATE UNIQUE INDEX feed_once ON feed (operator_code, digest) WHERE state IN ('receiving', 'applied', 'filed');

CREATE UNIQUE INDEX job_unique ON job (unique_key) WHERE unique_key IS NOT NULL AND state IN ('queued', 'running', 'paused');

CREATE UNIQUE INDEX legal_hold_number ON legal_hold (msisdn) WHERE lifted_at IS NULL;

CREATE UNIQUE INDEX recycled_sim_number ON recycled_sim (msisdn, generation);

CREATE UNIQUE INDEX sim_import_once ON sim_import (operator_code, digest);
