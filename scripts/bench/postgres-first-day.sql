-- What stands in PostgreSQL before the day that is measured: the inventory of
-- the day before, its tenures, and the linkages. Not part of the figure.
CREATE UNLOGGED TABLE staging (
	msisdn bigint, sim_serial text, imsi bigint, activated date, name text, status text);
CREATE TABLE holding (
	msisdn bigint PRIMARY KEY, sim_serial text, imsi bigint, activated date, name text, status text);
CREATE TABLE tenure (
	msisdn bigint NOT NULL, began date NOT NULL, learnt date NOT NULL, kind text NOT NULL,
	sim_serial text, imsi bigint, name text);
CREATE TABLE linkage (
	msisdn bigint NOT NULL, kind text NOT NULL, number text NOT NULL, linked date, source text, bank text);

COPY holding FROM :'first' (FORMAT csv, HEADER);
COPY linkage FROM :'linkages' (FORMAT csv, HEADER);
INSERT INTO tenure SELECT msisdn, activated, activated, 'first', sim_serial, imsi, name FROM holding;
CREATE INDEX ON tenure (msisdn, began);
CREATE INDEX ON linkage (msisdn);
VACUUM ANALYZE;
CHECKPOINT;
