-- +goose Up

-- A request to remove what a former holder left on a recycled number (reconix.md §5).
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
-- One open request for each SIM and kind.
CREATE UNIQUE INDEX delink_request_nin ON delink_request (sim_id) WHERE nin = 1 AND open = 1;
CREATE UNIQUE INDEX delink_request_bvn ON delink_request (sim_id) WHERE bvn = 1 AND open = 1;
CREATE INDEX delink_request_sim ON delink_request (sim_id, id);
CREATE INDEX delink_request_number ON delink_request (msisdn, id);
-- Ids sort by age, so an index that ends in the id is in the order of created_at.
CREATE INDEX delink_request_status ON delink_request (status, id);
CREATE INDEX delink_request_workflow ON delink_request (workflow_status, id);
CREATE INDEX delink_request_waits ON delink_request (waits_for, id);
CREATE INDEX delink_request_operator ON delink_request (operator_code, waits_for, id);
CREATE INDEX delink_request_due ON delink_request (due_at, id, waits_for, operator_code, workflow_status, status, escalated_at);
CREATE INDEX delink_request_risk ON delink_request (risk_score, id, waits_for, operator_code, workflow_status, status);

-- What a request removes: one NIN at NIMC, or one BVN at one bank.
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
-- It has asked_at, so that counting along it needs no look at the table.
CREATE INDEX delink_item_bank ON delink_item (bank_code, request_id, state, asked_at) WHERE asked_at IS NOT NULL;

-- What happened to a request, in order.
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

-- How many there are of each sort: kept in step by each write.
CREATE TABLE delink_tally (
  operator_code   TEXT NOT NULL,
  workflow_status TEXT NOT NULL,
  requests        INTEGER NOT NULL,
  PRIMARY KEY (operator_code, workflow_status)
) STRICT, WITHOUT ROWID;

-- Papers that prove something; their sealed bytes lie under DATA/evidence.
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
CREATE UNIQUE INDEX delink_attachment_once ON delink_attachment (request_id, digest);

-- A court or the police wants a number left as it is: nothing is removed from it.
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
CREATE UNIQUE INDEX legal_hold_number ON legal_hold (msisdn) WHERE lifted_at IS NULL;
