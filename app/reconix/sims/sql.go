package sims

import (
	"errors"
	"fmt"
	"time"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/numbering"
	"reconexus/store/sqlite"
)

// row is a record with what is never shown.
type row struct {
	Record
	quick                            bool
	sealedNIN, sealedName, sealedBVN []byte
}

const columns = `id, msisdn, generation, sim_serial, imsi, operator_code, date_recycled, date_deactivated,
	previous_nin_mask, previous_name_mask, previous_bvn_mask, previous_nin_linked, previous_bvn_linked,
	new_registration, linkage_status, cleanup_status, detection_method, risk_score, risk_parts, created_at, updated_at, version`

func scan(r sqlite.Row) (Record, error) {
	var v Record
	var created, updated int64
	err := r.Scan(&v.ID, &v.MSISDN, &v.Generation, &v.SIMSerial, &v.IMSI, &v.Operator, &v.Recycled, &v.Deactivated,
		&v.NIN, &v.Name, &v.BVN, &v.NINLinked, &v.BVNLinked,
		&v.Registration, &v.Linkage, &v.Cleanup, &v.Method, &v.Risk, &v.parts, &created, &updated, &v.version)
	v.Created, v.Updated = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return v, err
}

// insert adds a record; it answers false when the same generation of the number is
// there already.
func insert(tx *sqlite.Tx, r *row) (bool, error) {
	n, err := sqlite.Exec(tx, `INSERT INTO recycled_sim (id, msisdn, generation, sim_serial, imsi, operator_code, date_recycled, date_deactivated,
		previous_nin, previous_nin_mask, previous_name, previous_name_mask, previous_bvn, previous_bvn_mask, previous_nin_linked, previous_bvn_linked,
		new_registration, linkage_status, detection_method, risk_score, risk_parts, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		r.ID, int64(r.MSISDN), r.Generation, r.SIMSerial, r.IMSI, r.Operator, number(r.Recycled), number(r.Deactivated),
		blob(r.sealedNIN), text(r.NIN), blob(r.sealedName), text(r.Name), blob(r.sealedBVN), text(r.BVN), r.NINLinked, r.BVNLinked,
		r.Registration, string(r.Linkage), r.Method, r.Risk, int64(r.parts), r.Created.UnixMilli(), r.Updated.UnixMilli())
	if err != nil {
		return false, fmt.Errorf("write a recycled SIM: %w", err)
	}
	return n == 1, nil
}

// sums gathers what a write of many records adds, so that each sort is counted once.
type sums map[sort]int

// sort is what the sums tell apart.
type sort struct {
	operator string
	cleanup  CleanupStatus
	linkage  LinkageStatus
	nin, bvn bool
	parts    Parts
}

func (s sums) add(r *Record, by int) {
	s[sort{r.Operator, r.Cleanup, r.Linkage, r.NINLinked, r.BVNLinked, r.parts}] += by
}

// write brings the sums up to date.
func (s sums) write(tx *sqlite.Tx) error {
	for k, by := range s {
		r := Record{Operator: k.operator, Cleanup: k.cleanup, Linkage: k.linkage, NINLinked: k.nin, BVNLinked: k.bvn, parts: k.parts}
		if err := count(tx, &r, by); err != nil {
			return err
		}
	}
	return nil
}

// count keeps the sums in step: by is 1 for a record that became what it is, −1 for
// what it was before.
func count(tx *sqlite.Tx, r *Record, by int) error {
	_, err := sqlite.Exec(tx, `INSERT INTO recycled_sim_tally (operator_code, cleanup_status, linkage_status, nin_linked, bvn_linked, risk_parts, sims)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET sims = sims + excluded.sims`,
		r.Operator, string(r.Cleanup), string(r.Linkage), r.NINLinked, r.BVNLinked, int64(r.parts), by)
	if err != nil {
		return fmt.Errorf("count recycled SIMs: %w", err)
	}
	return nil
}

func number(d day.Day) any {
	if d == day.None {
		return nil
	}
	return int64(d)
}

func blob(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

func text(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}

// place tells where a report belongs: the live record with the same serial, number and
// day, if there is one (two days that are not known are the same here), and else the
// generation that it begins. That counts on from what is on record; what was recycled
// had a holder before, so it is never the first.
func place(tx *sqlite.Tx, r *row) (same string, generation int, err error) {
	_, err = sqlite.One(tx, func(r sqlite.Row) (struct{}, error) { return struct{}{}, r.Scan(&same, &generation) }, `SELECT
		coalesce((SELECT id FROM recycled_sim INDEXED BY recycled_sim_number WHERE msisdn = ?1 AND deleted_at IS NULL AND sim_serial = ?2 AND date_recycled IS ?3 LIMIT 1), ''),
		1 + max(1, coalesce((SELECT max(generation) FROM recycled_sim WHERE msisdn = ?1), 0), coalesce((SELECT max(generation) FROM tenure WHERE msisdn = ?1), 0))`,
		int64(r.MSISDN), r.SIMSerial, number(r.Recycled))
	return same, generation, err
}

// find is a live record.
func find(tx *sqlite.Tx, id string) (Record, error) {
	return sqlite.One(tx, scan, `SELECT `+columns+` FROM recycled_sim WHERE id = ? AND deleted_at IS NULL`, id)
}

// idOf finds the record of a generation, also a deleted one: what a person took away
// does not come back by itself.
func idOf(tx *sqlite.Tx, r *row) (string, error) {
	return sqlite.One(tx, sqlite.Text, `SELECT id FROM recycled_sim WHERE msisdn = ? AND generation = ?`, int64(r.MSISDN), r.Generation)
}

// ofGeneration is the live record of a generation.
func ofGeneration(tx *sqlite.Tx, msisdn int64, generation int) (Record, error) {
	return sqlite.One(tx, scan, `SELECT `+columns+` FROM recycled_sim INDEXED BY recycled_sim_number
		WHERE msisdn = ? AND generation = ? AND deleted_at IS NULL`, msisdn, generation)
}

// update writes what may change, and what follows from it.
func update(tx *sqlite.Tx, before, r Record) error {
	_, err := sqlite.Exec(tx, `UPDATE recycled_sim SET previous_nin_linked = ?, previous_bvn_linked = ?, new_registration = ?, linkage_status = ?,
		cleanup_status = ?, risk_score = ?, risk_parts = ?,
		resolved_at = CASE WHEN ?4 <> 'resolved' THEN NULL WHEN linkage_status = 'resolved' THEN resolved_at ELSE ?8 END,
		updated_at = ?8, version = version + 1 WHERE id = ?9`,
		r.NINLinked, r.BVNLinked, r.Registration, string(r.Linkage), string(r.Cleanup), r.Risk, int64(r.parts), r.Updated.UnixMilli(), r.ID)
	if err != nil {
		return fmt.Errorf("change a recycled SIM: %w", err)
	}
	return errors.Join(count(tx, &before, -1), count(tx, &r, 1))
}

// bury deletes softly.
func bury(tx *sqlite.Tx, r Record, at time.Time) error {
	_, err := sqlite.Exec(tx, `UPDATE recycled_sim SET deleted_at = ?1, updated_at = ?1, version = version + 1 WHERE id = ?2`, at.UnixMilli(), r.ID)
	return errors.Join(err, count(tx, &r, -1))
}

// sealedField is one sealed field of a record; nil when it was never told.
func sealedField(tx *sqlite.Tx, id string, f secret) ([]byte, error) {
	column := map[secret]string{secretNIN: "previous_nin", secretBVN: "previous_bvn", secretName: "previous_name"}[f]
	return sqlite.One(tx, sqlite.Bytes, `SELECT `+column+` FROM recycled_sim WHERE id = ? AND deleted_at IS NULL`, id)
}

// ofBank tells whether a bank has a linkage of the number, active or removed.
func ofBank(tx *sqlite.Tx, msisdn numbering.MSISDN, bank string) (bool, error) {
	return sqlite.One(tx, sqlite.Bool, `SELECT EXISTS (SELECT 1 FROM linkage WHERE msisdn = ? AND kind = 2 AND bank_code = ?)`, int64(msisdn), bank)
}

// Known names the record of one generation of a number.
type Known struct {
	MSISDN     int64
	Generation int
}

// waiting lists the live records of numbers of a closed range that have an active
// linkage without a verdict. The range may be wide and such numbers few, so the search
// begins with these.
func waiting(tx *sqlite.Tx, first, last int64) ([]Known, error) {
	return sqlite.All(tx, func(r sqlite.Row) (k Known, err error) {
		err = r.Scan(&k.MSISDN, &k.Generation)
		return k, err
	}, `SELECT msisdn, generation FROM recycled_sim INDEXED BY recycled_sim_number WHERE deleted_at IS NULL AND msisdn IN (
		SELECT msisdn FROM linkage INDEXED BY linkage_unchecked WHERE verdict = 0 AND to_day IS NULL AND msisdn BETWEEN ? AND ?)`, first, last)
}

// Tally is how many live records there are of one sort.
type Tally struct {
	Operator  string
	Cleanup   CleanupStatus
	Linkage   LinkageStatus
	NINLinked bool
	BVNLinked bool
	Parts     Parts
	SIMs      int
}

// Tallies counts the live records by sort, of one operator or, with "", of all. It
// reads the sums that each write keeps: some hundred rows, whatever the table holds.
func Tallies(tx *sqlite.Tx, operator string) ([]Tally, error) {
	var w sqlite.Where
	if operator != "" {
		w.And("operator_code = ?", operator)
	}
	w.And("sims > 0")
	return sqlite.All(tx, func(r sqlite.Row) (t Tally, err error) {
		err = r.Scan(&t.Operator, &t.Cleanup, &t.Linkage, &t.NINLinked, &t.BVNLinked, &t.Parts, &t.SIMs)
		return t, err
	}, `SELECT operator_code, cleanup_status, linkage_status, nin_linked, bvn_linked, risk_parts, sims FROM recycled_sim_tally`+w.SQL(), w.Args...)
}
