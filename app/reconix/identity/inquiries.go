package identity

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"reconexus/app/access"
	"reconexus/store/sqlite"
)

// packSize is how many numbers of a file are kept in one row: few enough to look
// through, so many that a file of a million takes some hundred rows.
const packSize = 4096

// RecordFile records, in the caller's write, that somebody asks about numbers of a
// file, ascending. They are packed: a row and a place in an index for each would take
// longer than the answers.
func RecordFile(tx *sqlite.Tx, who access.Principal, jobID string, numbers []int64, at time.Time, purpose string) error {
	var packed []byte
	for part := range slices.Chunk(numbers, packSize) {
		packed = pack(packed[:0], part)
		_, err := sqlite.Exec(tx, `INSERT INTO lookup_file (job_id, actor, at, purpose, first, last, numbers) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			jobID, actorOf(who), at.UnixMilli(), Purpose(purpose), part[0], part[len(part)-1], packed)
		if err != nil {
			return fmt.Errorf("record who asked by a file: %w", err)
		}
	}
	return nil
}

// pack writes ascending numbers as varints: how far each is from the one before it,
// and the first from itself.
func pack(dst []byte, numbers []int64) []byte {
	for i, n := range numbers {
		dst = binary.AppendUvarint(dst, uint64(n-numbers[max(i-1, 0)]))
	}
	return dst
}

// packed counts how often a number stands in a pack.
func packed(pack []byte, first, msisdn int64) (times int, err error) {
	for n := first; len(pack) > 0; {
		step, size := binary.Uvarint(pack)
		if size <= 0 {
			return 0, errors.New("the record of who asked by files is damaged; restore a backup of the store")
		}
		if n += int64(step); n > msisdn {
			break
		}
		if n == msisdn {
			times++
		}
		pack = pack[size:]
	}
	return times, nil
}

// Inquiry is that somebody asked about a number.
type Inquiry struct {
	At      time.Time `json:"at"`
	Actor   string    `json:"actor" doc:"Id of who asked"`
	Name    string    `json:"actor_name,omitempty" doc:"What the account or key is called; absent when it is gone"`
	Purpose string    `json:"purpose" doc:"Why, as they said; or the door that they used"`
	JobID   string    `json:"job_id,omitempty" doc:"The file that asked; absent when one asked directly"`
}

// errEnough ends the reading of inquiries.
var errEnough = errors.New("enough inquiries were read")

// Inquiries lists who asked about a number, directly or by a file, the newest first,
// at most limit.
func Inquiries(tx *sqlite.Tx, msisdn int64, limit int) ([]Inquiry, error) {
	out := []Inquiry{}
	err := sqlite.Each(tx, func(r sqlite.Row) error {
		var q Inquiry
		var at, first int64
		var numbers []byte
		if err := r.Scan(&at, &q.Actor, &q.Name, &q.Purpose, &q.JobID, &first, &numbers); err != nil {
			return err
		}
		q.At = time.UnixMilli(at).UTC()
		times := 1
		if q.JobID != "" {
			var err error
			if times, err = packed(numbers, first, msisdn); err != nil {
				return err
			}
		}
		for range times {
			if len(out) == limit {
				return errEnough
			}
			out = append(out, q)
		}
		return nil
	}, `SELECT at, actor, coalesce((SELECT full_name FROM user WHERE id = actor), (SELECT name FROM api_key WHERE id = actor), ''), purpose, job_id, first, numbers FROM (
		SELECT at, actor, purpose, '' AS job_id, msisdn AS first, NULL AS numbers FROM lookup WHERE msisdn = ?1
		UNION ALL SELECT at, actor, purpose, job_id, first, numbers FROM lookup_file WHERE first <= ?1 AND last >= ?1)
		ORDER BY at DESC`, msisdn)
	if err != nil && !errors.Is(err, errEnough) {
		return nil, fmt.Errorf("read who asked: %w", err)
	}
	return out, nil
}
