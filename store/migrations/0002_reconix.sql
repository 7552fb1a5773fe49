-- +goose Up

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
CREATE TABLE bank (
  code       TEXT PRIMARY KEY, -- CBN code
  name       TEXT NOT NULL,
  valid_from INTEGER,
  valid_to   INTEGER,
  version    INTEGER NOT NULL DEFAULT 1
) STRICT;

-- What operators told, and when: the coverage of each feed.
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
CREATE INDEX feed_operator ON feed (operator_code, day);
CREATE UNIQUE INDEX feed_once ON feed (operator_code, digest) WHERE state IN ('receiving', 'applied', 'filed');

-- Who held a number when: statements, never overwritten. A later statement about the
-- same generation retracts the one before and both stay.
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
-- +goose StatementBegin
CREATE TRIGGER tenure_fixed BEFORE UPDATE OF msisdn, generation, learnt_at, from_day, activated, to_day, last_day, holder, holder_kind, names, operator, source ON tenure
BEGIN SELECT raise(ABORT, 'a statement about a tenure is retracted, never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tenure_kept BEFORE DELETE ON tenure
BEGIN SELECT raise(ABORT, 'a statement about a tenure is retracted, never deleted'); END;
-- +goose StatementEnd

-- What happened to numbers, as it was learnt.
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
CREATE INDEX tenure_event_number ON tenure_event (msisdn, seq);
CREATE INDEX tenure_event_day ON tenure_event (kind, day, operator);
CREATE INDEX tenure_event_source ON tenure_event (source);

-- A recycling that somebody must look at: one for each generation of a number.
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
CREATE UNIQUE INDEX recycled_sim_number ON recycled_sim (msisdn, generation);
-- Ids sort by age, so an index that ends in the id is in the order of created_at. Each
-- has deleted_at, so that counting along it needs no look at the table.
CREATE INDEX recycled_sim_operator ON recycled_sim (operator_code, id, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX recycled_sim_status ON recycled_sim (cleanup_status, id, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX recycled_sim_linkage ON recycled_sim (linkage_status, id, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX recycled_sim_risk ON recycled_sim (risk_score, id, deleted_at) WHERE deleted_at IS NULL;
-- An unknown day sorts before every known one, so that a cursor can stand on it.
CREATE INDEX recycled_sim_day ON recycled_sim (coalesce(date_recycled, -2147483648), id, operator_code, date_recycled, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX recycled_sim_serial ON recycled_sim (sim_serial, deleted_at) WHERE deleted_at IS NULL AND sim_serial <> '';
CREATE INDEX recycled_sim_resolved ON recycled_sim (resolved_at, operator_code, deleted_at) WHERE resolved_at IS NOT NULL AND deleted_at IS NULL;

-- How many there are of each sort: kept in step by each write, so that a list's total and
-- the dashboard need no scan. Not by a trigger: a statement with one needs a journal of
-- its own, which takes longer the more a transaction has written.
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

-- Files of recycled SIMs that were taken, each once for whom it was taken.
CREATE TABLE sim_import (
  id            TEXT PRIMARY KEY, -- also the file's name under DATA/spool
  operator_code TEXT NOT NULL,    -- empty: of somebody who is bound to no operator
  digest        TEXT NOT NULL,
  job_id        TEXT NOT NULL,
  received_at   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX sim_import_once ON sim_import (operator_code, digest);
CREATE INDEX sim_import_job ON sim_import (job_id);

-- A NIN or BVN that somebody says belongs to a number.
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
CREATE INDEX linkage_unchecked ON linkage (msisdn) WHERE verdict = 0 AND to_day IS NULL;
-- It has to_day, so that counting along it needs no look at the table.
CREATE INDEX linkage_flagged ON linkage (verdict, msisdn, to_day) WHERE verdict IN (2, 3) AND to_day IS NULL;
CREATE INDEX linkage_bank ON linkage (bank_code, msisdn) WHERE bank_code <> '';

-- How many linkages are active, by kind and bank: kept in step by triggers.
CREATE TABLE linkage_tally (
  kind      INTEGER NOT NULL,
  bank_code TEXT NOT NULL,
  active    INTEGER NOT NULL,
  PRIMARY KEY (kind, bank_code)
) STRICT, WITHOUT ROWID;
-- +goose StatementBegin
CREATE TRIGGER linkage_added AFTER INSERT ON linkage WHEN new.to_day IS NULL
BEGIN
  INSERT INTO linkage_tally VALUES (new.kind, new.bank_code, 1) ON CONFLICT DO UPDATE SET active = active + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER linkage_ended AFTER UPDATE OF to_day ON linkage WHEN (old.to_day IS NULL) <> (new.to_day IS NULL)
BEGIN
  INSERT INTO linkage_tally VALUES (new.kind, new.bank_code, iif(new.to_day IS NULL, 1, -1))
  ON CONFLICT DO UPDATE SET active = active + excluded.active;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER linkage_removed AFTER DELETE ON linkage WHEN old.to_day IS NULL
BEGIN
  UPDATE linkage_tally SET active = active - 1 WHERE kind = old.kind AND bank_code = old.bank_code;
END;
-- +goose StatementEnd

-- Who asked about a number, when and why (reconix.md §8): shown to whom it is about.
CREATE TABLE lookup (
  seq     INTEGER PRIMARY KEY,
  msisdn  INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL, -- usr_… or key_…
  purpose TEXT NOT NULL
) STRICT;
CREATE INDEX lookup_number ON lookup (msisdn, at);

-- The same of files, which ask about numbers by the million: some thousand to a row.
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
CREATE INDEX lookup_file_range ON lookup_file (first, last);
