package delink

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/linkage"
	"reconexus/store/sqlite"
)

// noDeadline sorts behind every real one, so that a cursor can stand on it.
const noDeadline = 1<<53 - 1

const columns = `id, sim_id, msisdn, generation, operator_code, request_type, workflow_status, came_from, reason, problem, risk_score,
	submitted_by, submitted_name, submitted_role, submitted_person, round, due_at, escalated_at, certificate, created_at, updated_at, completed_at, version`

func scan(r sqlite.Row) (*Request, error) {
	var v Request
	var due, created, updated int64
	var escalated, completed *int64
	var certificate *string
	err := r.Scan(&v.ID, &v.SIM, &v.MSISDN, &v.Generation, &v.Operator, &v.Type, &v.State, &v.CameFrom, &v.Reason, &v.Problem, &v.Risk,
		&v.By.ID, &v.By.Name, &v.By.Role, &v.By.Person, &v.Round, &due, &escalated, &certificate, &created, &updated, &completed, &v.Version)
	v.stood, v.Created, v.Updated, v.Escalated, v.Completed = v.State, *instant(&created), *instant(&updated), or(escalated), or(completed)
	if due != noDeadline {
		v.Due = *instant(&due)
	}
	if certificate != nil {
		v.certificate = *certificate
	}
	return &v, err
}

func instant(ms *int64) *time.Time {
	if ms == nil {
		return nil
	}
	t := time.UnixMilli(*ms).UTC()
	return &t
}

func or(ms *int64) time.Time {
	if ms == nil {
		return time.Time{}
	}
	return *instant(ms)
}

func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

func due(t time.Time) int64 {
	if t.IsZero() {
		return noDeadline
	}
	return t.UnixMilli()
}

func number(d day.Day) any {
	if d == day.None {
		return nil
	}
	return int64(d)
}

func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// load is a request with its items.
func load(tx *sqlite.Tx, id string) (*Request, error) {
	r, err := sqlite.One(tx, scan, `SELECT `+columns+` FROM delink_request WHERE id = ?`, id)
	if err != nil {
		return nil, err
	}
	return r, fill(tx, []*Request{r})
}

const itemColumns = `request_id, place, kind, bank_code, token, mask, linked_day, basis, why, state, asked_at, decided_by, decided_at, decision, tries, problem, told, reference, done_at`

// fill reads the items of requests in one query.
func fill(tx *sqlite.Tx, requests []*Request) error {
	by := make(map[string]*Request, len(requests))
	ids := make([]string, len(requests))
	for i, r := range requests {
		by[r.ID], ids[i] = r, r.ID
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	err = sqlite.Each(tx, func(r sqlite.Row) error {
		var of string
		var i Item
		var asked, decided, done *int64
		err := r.Scan(&of, &i.Place, &i.Kind, &i.Bank, &i.Token, &i.Mask, &i.Linked, &i.Basis, &i.Why, &i.State, &asked,
			&i.DecidedBy, &decided, &i.Decision, &i.Tries, &i.Problem, &i.Told, &i.Reference, &done)
		i.Asked, i.Decided, i.At = or(asked), or(decided), or(done)
		by[of].Items = append(by[of].Items, i)
		return err
	}, `SELECT `+itemColumns+` FROM delink_item WHERE request_id IN (SELECT value FROM json_each(?)) ORDER BY request_id, place`, string(list))
	if err != nil {
		return fmt.Errorf("read the items of delink requests: %w", err)
	}
	return nil
}

func insert(tx *sqlite.Tx, r *Request) error {
	_, err := sqlite.Exec(tx, `INSERT INTO delink_request (id, sim_id, msisdn, generation, operator_code, request_type, nin, bvn, open, status, workflow_status, waits_for,
		reason, risk_score, submitted_by, submitted_name, submitted_role, submitted_person, due_at, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.ID, r.SIM, r.MSISDN, r.Generation, r.Operator, string(r.Type), r.Type.has(linkage.NIN), r.Type.has(linkage.BVN), r.State.Open(),
		r.State.Phase(), string(r.State), r.State.waits(), r.Reason, r.Risk, r.By.ID, r.By.Name, r.By.Role, r.By.Person, due(r.Due),
		r.Created.UnixMilli(), r.Updated.UnixMilli())
	if err != nil {
		return fmt.Errorf("write a delink request: %w", err)
	}
	for i := range r.Items {
		x := &r.Items[i]
		_, err := sqlite.Exec(tx, `INSERT INTO delink_item (request_id, place, kind, bank_code, token, mask, linked_day, basis, why, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.ID, x.Place, int64(x.Kind), x.Bank, blob(x.Token), x.Mask, number(x.Linked), x.Basis, x.Why, string(x.State))
		if err != nil {
			return fmt.Errorf("write an item of a delink request: %w", err)
		}
	}
	return nil
}

func update(tx *sqlite.Tx, r *Request) error {
	var certificate any
	if r.certificate != "" {
		certificate = r.certificate
	}
	_, err := sqlite.Exec(tx, `UPDATE delink_request SET open = ?, status = ?, workflow_status = ?, waits_for = ?, came_from = ?, problem = ?, round = ?,
		due_at = ?, escalated_at = ?, certificate = ?, updated_at = ?, completed_at = ?, version = version + 1 WHERE id = ?`,
		r.State.Open(), r.State.Phase(), string(r.State), r.State.waits(), string(r.CameFrom), r.Problem, r.Round,
		due(r.Due), millis(r.Escalated), certificate, r.Updated.UnixMilli(), millis(r.Completed), r.ID)
	if err != nil {
		return fmt.Errorf("change a delink request: %w", err)
	}
	r.Version++
	return nil
}

func updateItem(tx *sqlite.Tx, request string, i *Item) error {
	_, err := sqlite.Exec(tx, `UPDATE delink_item SET state = ?, asked_at = ?, decided_by = ?, decided_at = ?, decision = ?, tries = ?, problem = ?,
		told = ?, reference = ?, done_at = ?, evidence = coalesce(?, evidence) WHERE request_id = ? AND place = ?`,
		string(i.State), millis(i.Asked), i.DecidedBy, millis(i.Decided), i.Decision, i.Tries, i.Problem,
		i.Told, i.Reference, millis(i.At), i.evidence, request, i.Place)
	if err != nil {
		return fmt.Errorf("change an item of a delink request: %w", err)
	}
	return nil
}

// evidenceOf is the sealed evidence of a removal; nil when it was dropped.
func evidenceOf(tx *sqlite.Tx, request string, place int) ([]byte, error) {
	return sqlite.One(tx, sqlite.Bytes, `SELECT evidence FROM delink_item WHERE request_id = ? AND place = ?`, request, place)
}

func insertEvent(tx *sqlite.Tx, request string, e Event) error {
	var bank any
	if e.Bank != "" {
		bank = e.Bank
	}
	_, err := sqlite.Exec(tx, `INSERT INTO delink_event (request_id, seq, at, event, from_state, to_state, actor, name, role, bank_code, note)
		VALUES (?1, (SELECT coalesce(max(seq), 0) + 1 FROM delink_event WHERE request_id = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)`,
		request, e.At.UnixMilli(), e.Event, string(e.From), string(e.To), e.Actor, e.Name, e.Role, bank, e.Note)
	if err != nil {
		return fmt.Errorf("write the story of a delink request: %w", err)
	}
	return nil
}

// mostEvents bounds a story; a request has some ten.
const mostEvents = 1000

func eventsOf(tx *sqlite.Tx, request string) ([]Event, error) {
	return sqlite.All(tx, func(r sqlite.Row) (e Event, err error) {
		var at int64
		err = r.Scan(&at, &e.Event, &e.From, &e.To, &e.Actor, &e.Name, &e.Role, &e.Bank, &e.Note)
		e.At = time.UnixMilli(at).UTC()
		return e, err
	}, `SELECT at, event, from_state, to_state, actor, name, role, coalesce(bank_code, ''), note FROM delink_event WHERE request_id = ? ORDER BY seq LIMIT ?`, request, mostEvents)
}

func count(tx *sqlite.Tx, operator string, s State, by int) error {
	_, err := sqlite.Exec(tx, `INSERT INTO delink_tally (operator_code, workflow_status, requests) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET requests = requests + excluded.requests`, operator, string(s), by)
	if err != nil {
		return fmt.Errorf("count delink requests: %w", err)
	}
	return nil
}

// openOf finds which SIMs have an open request of a type, and its id.
func openOf(tx *sqlite.Tx, sims []string, t Type) (map[string]string, error) {
	list, err := json.Marshal(sims)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, k := range []struct {
		kind  linkage.Kind
		query string
	}{
		{linkage.NIN, `SELECT sim_id, id FROM delink_request INDEXED BY delink_request_nin WHERE nin = 1 AND open = 1 AND sim_id IN (SELECT value FROM json_each(?))`},
		{linkage.BVN, `SELECT sim_id, id FROM delink_request INDEXED BY delink_request_bvn WHERE bvn = 1 AND open = 1 AND sim_id IN (SELECT value FROM json_each(?))`},
	} {
		if !t.has(k.kind) {
			continue
		}
		if err := sqlite.Each(tx, func(r sqlite.Row) error {
			var sim, id string
			err := r.Scan(&sim, &id)
			out[sim] = id
			return err
		}, k.query, string(list)); err != nil {
			return nil, fmt.Errorf("find open delink requests: %w", err)
		}
	}
	return out, nil
}

// heldOf finds which numbers are under a legal hold.
func heldOf(tx *sqlite.Tx, numbers []int64) (map[int64]bool, error) {
	list, err := json.Marshal(numbers)
	if err != nil {
		return nil, err
	}
	found, err := sqlite.All(tx, sqlite.Int64, `SELECT msisdn FROM legal_hold INDEXED BY legal_hold_number
		WHERE lifted_at IS NULL AND msisdn IN (SELECT value FROM json_each(?))`, string(list))
	if err != nil {
		return nil, fmt.Errorf("find legal holds: %w", err)
	}
	out := make(map[int64]bool, len(found))
	for _, n := range found {
		out[n] = true
	}
	return out, nil
}

// person is who stands behind an id: the account itself, or who made the key.
func person(tx *sqlite.Tx, id string) (string, error) {
	for range 8 { // a key may be made with a key
		if !strings.HasPrefix(id, "key_") {
			return id, nil
		}
		maker, err := sqlite.One(tx, sqlite.Text, `SELECT created_by FROM api_key WHERE id = ?`, id)
		if errors.Is(err, sqlite.ErrNotFound) {
			return id, nil
		}
		if err != nil {
			return "", fmt.Errorf("find who made a key: %w", err)
		}
		id = maker
	}
	return id, nil
}

// missed lists requests whose deadline is over and that nobody was told of.
func missed(tx *sqlite.Tx, now time.Time, limit int) ([]string, error) {
	return sqlite.All(tx, sqlite.Text, `SELECT id FROM delink_request INDEXED BY delink_request_due
		WHERE due_at <= ? AND escalated_at IS NULL ORDER BY due_at LIMIT ?`, now.UnixMilli(), limit)
}

// Counts is how many requests there are in each phase.
type Counts struct {
	All     int
	By      map[string]int // status
	Overdue int
}

// Count counts what somebody bound to an operator or a bank sees; of both empty, all.
func Count(tx *sqlite.Tx, operator, bank string, now time.Time) (Counts, error) {
	out := Counts{By: map[string]int{}}
	query, args := `SELECT workflow_status, sum(requests) FROM delink_tally`, []any{}
	overdue, late := `SELECT count(*) FROM delink_request INDEXED BY delink_request_due WHERE due_at <= ?`, []any{now.UnixMilli()}
	if operator != "" {
		query, args = query+` WHERE operator_code = ?`, []any{operator}
		overdue, late = overdue+` AND operator_code = ?`, append(late, operator)
	}
	query += ` GROUP BY 1`
	if bank != "" {
		const mine = ` FROM (SELECT DISTINCT request_id FROM delink_item INDEXED BY delink_item_bank WHERE bank_code = ? AND asked_at IS NOT NULL) i
			CROSS JOIN delink_request r ON r.id = i.request_id WHERE (?2 = '' OR r.operator_code = ?2)`
		query, args = `SELECT r.workflow_status, count(*)`+mine+` GROUP BY 1`, []any{bank, operator}
		overdue, late = `SELECT count(*)`+mine+` AND r.due_at <= ?3`, []any{bank, operator, now.UnixMilli()}
	}
	err := sqlite.Each(tx, func(r sqlite.Row) error {
		var s State
		var n int
		err := r.Scan(&s, &n)
		out.All += n
		out.By[s.Phase()] += n
		return err
	}, query, args...)
	if err != nil {
		return out, fmt.Errorf("count delink requests: %w", err)
	}
	out.Overdue, err = sqlite.One(tx, sqlite.Int, overdue, late...)
	return out, err
}
