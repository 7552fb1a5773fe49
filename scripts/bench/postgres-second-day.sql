-- The measured day: take the file in, compare, keep what changed, and find the
-- linkages that are older than the present holder.
\set ON_ERROR_STOP on
COPY staging FROM :'second' (FORMAT csv, HEADER);
ANALYZE staging;

BEGIN;
CREATE TEMP TABLE diff ON COMMIT DROP AS
SELECT msisdn,
	CASE
		WHEN h.msisdn IS NULL THEN 'new'
		WHEN s.msisdn IS NULL THEN 'gone'
		WHEN h.activated <> s.activated THEN 'recycled'
		ELSE 'swap'
	END AS kind,
	s.sim_serial, s.imsi, s.activated, s.name, s.status
FROM holding h FULL JOIN staging s USING (msisdn)
WHERE (h.sim_serial, h.imsi, h.activated, h.name, h.status)
	IS DISTINCT FROM (s.sim_serial, s.imsi, s.activated, s.name, s.status);
ANALYZE diff;

INSERT INTO tenure
SELECT msisdn, coalesce(activated, current_date), current_date, kind, sim_serial, imsi, name FROM diff;

INSERT INTO holding
SELECT msisdn, sim_serial, imsi, activated, name, status FROM diff WHERE kind <> 'gone'
ON CONFLICT (msisdn) DO UPDATE SET (sim_serial, imsi, activated, name, status) =
	(excluded.sim_serial, excluded.imsi, excluded.activated, excluded.name, excluded.status);
DELETE FROM holding USING diff WHERE holding.msisdn = diff.msisdn AND diff.kind = 'gone';
COMMIT;

SELECT count(*) AS stale_linkages
FROM linkage JOIN holding USING (msisdn)
WHERE linkage.linked < holding.activated;
