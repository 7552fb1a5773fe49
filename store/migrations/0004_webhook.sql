-- +goose Up

-- Who is told of what, and where.
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

-- What is to be told, and what came of it: written with the change that it tells of,
-- sent in the order of seq for each subscription.
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
CREATE INDEX webhook_delivery_log ON webhook_delivery (subscription_id, state, seq);

-- What stakeholders told us: each once.
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
CREATE INDEX webhook_received_at ON webhook_received (received_at);
