package sims

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/app/kit/seal"
	"reconexus/app/live"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/operators"
	"reconexus/app/reconix/webhook"
	"reconexus/store/sqlite"
)

// Service keeps recycled SIMs. Fill the fields and hand it to [New].
type Service struct {
	DB        *sqlite.DB
	Dir       string // the data folder: spooled uploads lie under it
	Clock     func() time.Time
	Table     *numbering.Table
	Ring      *seal.Ring
	Audit     *audit.Log
	Jobs      *jobs.Queue
	Hub       *live.Hub
	Operators *operators.Service
	Webhooks  *webhook.Service // nil tells nobody outside
	Log       *slog.Logger
}

// New makes the folder that uploads wait in and tells the queue what the service can do.
func New(s Service) (*Service, error) {
	if err := os.MkdirAll(s.spool(), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder %s: %w", s.spool(), err)
	}
	s.Jobs.Handle(jobs.Kind{Name: kind, Permission: access.SIMBulkUpload, Run: s.run, Ended: s.ended})
	return &s, nil
}

func (s *Service) spool() string { return filepath.Join(s.Dir, "spool") }

// now is the instant as it is kept.
func (s *Service) now() time.Time { return s.Clock().UTC().Truncate(time.Millisecond) }

// sealContext ties sealed fields to this table.
const sealContext = "recycled_sim"

func (s *Service) seal(plain string) []byte { return s.Ring.Seal(sealContext, []byte(plain)) }

// Recycling is what another feature found out.
type Recycling struct {
	MSISDN      int64
	Generation  int // the one that began
	SIMSerial   string
	IMSI        string
	Operator    string
	Recycled    day.Day
	Deactivated day.Day
	Method      string // Reconciliation, APIQuery or OperatorReport
	QuickReuse  bool   // back in use within 7 days, where the days do not say so themselves
}

// Recycled makes the record of a recycling inside the caller's write, once for each
// generation of a number, and answers its id. A record that a person deleted stays so.
func (s *Service) Recycled(tx *sqlite.Tx, r Recycling) (string, error) {
	now := s.now()
	v := row{Record: Record{
		ID: id.New("sim", now), MSISDN: numbering.MSISDN(r.MSISDN), Generation: r.Generation, SIMSerial: r.SIMSerial, IMSI: r.IMSI,
		Operator: r.Operator, Recycled: r.Recycled, Deactivated: r.Deactivated, Registration: RegistrationUnknown,
		Linkage: Orphaned, Cleanup: Pending, Method: r.Method, Created: now, Updated: now,
	}, quick: r.QuickReuse || quick(r.Deactivated, r.Recycled)}
	v.rate(v.quick)
	added, err := insert(tx, &v)
	if err != nil {
		return "", err
	}
	if !added {
		return idOf(tx, &v)
	}
	return v.ID, errors.Join(count(tx, &v.Record, 1), s.tell(tx, &v.Record))
}

// Linked tells a record what its number still carries of a former holder: a stale NIN,
// a stale BVN. It writes only what is new.
func (s *Service) Linked(tx *sqlite.Tx, msisdn int64, generation int, nin, bvn bool, at time.Time) error {
	r, err := ofGeneration(tx, msisdn, generation)
	if errors.Is(err, sqlite.ErrNotFound) {
		return nil // nothing was recycled, or a person deleted it
	}
	if err != nil {
		return err
	}
	status := r.Linkage.linked(nin, bvn, r.NINLinked || r.BVNLinked)
	if status == r.Linkage && nin == r.NINLinked && bvn == r.BVNLinked {
		return nil
	}
	before := r
	r.Linkage, r.NINLinked, r.BVNLinked, r.Updated = status, nin, bvn, at
	r.rate(r.parts&QuickReuse != 0)
	return update(tx, before, r)
}

// Waiting lists the records of a closed range of numbers whose linkages have something
// that was not judged yet.
func (s *Service) Waiting(tx *sqlite.Tx, first, last int64) ([]Known, error) {
	return waiting(tx, first, last)
}

// alert is what is told to open browsers and programs.
type alert struct {
	ID         string           `json:"id"`
	MSISDN     numbering.MSISDN `json:"msisdn"`
	Generation int              `json:"generation"`
	Operator   string           `json:"operator_code"`
	Recycled   day.Day          `json:"date_recycled"`
	Method     string           `json:"detection_method"`
	Risk       float64          `json:"risk_score"`
}

// tell publishes a new record to who may see it. Banks hear nothing here: whether one
// of theirs is linked shows only when linkages were compared.
func (s *Service) tell(tx *sqlite.Tx, r *Record) error {
	operator, number := r.Operator, int64(r.MSISDN)
	data := alert{r.ID, r.MSISDN, r.Generation, operator, r.Recycled, r.Method, r.Risk}
	see := func(p access.Principal) bool {
		return p.Can(access.SIMRead) && p.Bank == "" && (p.Operator == "" || p.Operator == operator) && (p.MSISDN == 0 || p.MSISDN == number)
	}
	return errors.Join(
		s.Hub.Publish(tx, live.Event{Channel: live.SIMAlerts, Type: webhook.SIMRecycled, Data: data, See: see}),
		s.Webhooks.Publish(tx, webhook.Event{Type: webhook.SIMRecycled, Data: data, See: see}),
	)
}

// add writes an admitted entry as a new generation of its number. A duplicate is a
// conflict that names the first. The caller writes the sums.
func (s *Service) add(tx *sqlite.Tx, r *row, now time.Time, into sums) error {
	same, generation, err := place(tx, r)
	if err != nil {
		return err
	}
	if same != "" {
		return fault.New(fault.Conflict, "This SIM serial, number and day was reported before, as %s; a later recycling has a later day.", same)
	}
	r.ID, r.Generation, r.Created, r.Updated = id.New("sim", now), generation, now, now
	added, err := insert(tx, r)
	if err == nil && !added {
		err = fmt.Errorf("generation %d of a number was counted wrongly", r.Generation)
	}
	if err != nil {
		return err
	}
	into.add(&r.Record, 1)
	return s.tell(tx, &r.Record)
}

// mayWrite refuses who is bound to something that owns no SIMs.
func mayWrite(who access.Principal) error {
	if who.Bank != "" || who.MSISDN != 0 {
		return fault.New(fault.Forbidden, "SIMs are reported by operators; your account is bound to a bank or to one number.")
	}
	return nil
}

// Report adds one record.
func (s *Service) Report(ctx context.Context, who access.Principal, e Entry) (Record, error) {
	if err := mayWrite(who); err != nil {
		return Record{}, err
	}
	r, w := s.admit(who, &e, day.Of(s.Clock()))
	if err := w.fault(); err != nil {
		return Record{}, err
	}
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (Record, error) {
		into := sums{}
		if err := s.add(tx, &r, s.now(), into); err != nil {
			return r.Record, err
		}
		r.version = 1
		return r.Record, errors.Join(into.write(tx), s.Audit.Record(tx, who, "sim.create", r.ID, "operator", r.Operator))
	})
}

func (w wrong) fault() error {
	if len(w) == 0 {
		return nil
	}
	message := "Some parts of the record are not as they should be; see errors."
	for _, f := range w {
		if f.Code == "NOT_YOURS" {
			return &fault.Fault{Kind: fault.Forbidden, Message: f.Message, Fields: w}
		}
	}
	if len(w) == 1 {
		message = w[0].Message
	}
	return &fault.Fault{Kind: fault.Invalid, Message: message, Fields: w}
}

// visible finds a record that somebody may see. Anything else is the same not found as
// an id that never was.
func visible(tx *sqlite.Tx, who access.Principal, sim string) (Record, error) {
	r, err := find(tx, sim)
	if err == nil && who.Bank != "" {
		var has bool
		if has, err = ofBank(tx, r.MSISDN, who.Bank); err == nil && !has {
			err = sqlite.ErrNotFound
		}
	}
	if err == nil && ((who.Operator != "" && who.Operator != r.Operator) || (who.MSISDN != 0 && who.MSISDN != int64(r.MSISDN))) {
		err = sqlite.ErrNotFound
	}
	if errors.Is(err, sqlite.ErrNotFound) {
		return Record{}, fault.New(fault.NotFound, "There is no recycled SIM with this id among those that you may see.")
	}
	return r, err
}

// Change is what a person may change; nil leaves it.
type Change struct {
	Linkage      *LinkageStatus `json:"linkage_status,omitempty" enum:"active,orphaned,resolved,disputed"`
	Cleanup      *CleanupStatus `json:"cleanup_status,omitempty" enum:"pending,in_progress,completed,failed"`
	Registration *string        `json:"new_registration_status,omitempty" enum:"unknown,pending,verified,unverified"`
}

// Change changes a record; match is asked with its version first.
func (s *Service) Change(ctx context.Context, who access.Principal, sim string, match func(version int) error, c Change) (Record, error) {
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (Record, error) {
		r, err := visible(tx, who, sim)
		if err != nil {
			return r, err
		}
		if err := match(r.version); err != nil {
			return r, err
		}
		if c == (Change{}) {
			return r, fault.New(fault.Invalid, "Nothing is to be changed: give linkage_status, cleanup_status or new_registration_status.")
		}
		before, detail := r, []any{}
		if c.Linkage != nil {
			detail = append(detail, "linkage_status", *c.Linkage, "linkage_status_before", r.Linkage)
			r.Linkage = *c.Linkage
		}
		if c.Cleanup != nil {
			detail = append(detail, "cleanup_status", *c.Cleanup, "cleanup_status_before", r.Cleanup)
			r.Cleanup = *c.Cleanup
		}
		if c.Registration != nil {
			detail = append(detail, "new_registration_status", *c.Registration, "new_registration_status_before", r.Registration)
			r.Registration = *c.Registration
		}
		r.rate(r.parts&QuickReuse != 0)
		r.Updated = s.now()
		if err := update(tx, before, r); err != nil {
			return r, err
		}
		r.version++
		return r, s.Audit.Record(tx, who, "sim.update", r.ID, detail...)
	})
}

// Remove deletes a record softly: it is no longer shown, and its number and days stay
// as evidence.
func (s *Service) Remove(ctx context.Context, who access.Principal, sim string, match func(version int) error) error {
	return sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		r, err := visible(tx, who, sim)
		if err != nil {
			return err
		}
		if err := match(r.version); err != nil {
			return err
		}
		return errors.Join(bury(tx, r, s.now()), s.Audit.Record(tx, who, "sim.delete", r.ID))
	})
}

// secret names a sealed field.
type secret string

const (
	secretNIN  secret = "nin"
	secretBVN  secret = "bvn"
	secretName secret = "name"
)

// shortestReason makes people write down why, in words.
const shortestReason = 10 // characters

// Reveal answers one sealed field in clear. The audit line, with the reason, is on disk
// before the answer is given.
func (s *Service) Reveal(ctx context.Context, who access.Principal, sim string, field secret, reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	if len([]rune(reason)) < shortestReason {
		return "", fault.Wrong("reason", "LENGTH", "The reason is too short: say in at least 10 characters why you need to see this; it goes on the audit log.")
	}
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (string, error) {
		r, err := visible(tx, who, sim)
		if err != nil {
			return "", err
		}
		plain, err := s.disclose(tx, who, &r, field)
		if err != nil {
			return "", err
		}
		return plain, s.Audit.Record(tx, who, "pii.reveal", r.ID, "field", string(field), "reason", Scrub(reason))
	})
}

// disclose answers a field in clear: what was reported with the record, or else what its
// number still carries of the former holder.
func (s *Service) disclose(tx *sqlite.Tx, who access.Principal, r *Record, field secret) (string, error) {
	sealed, err := sealedField(tx, r.ID, field)
	if err != nil {
		return "", err
	}
	if sealed != nil {
		plain, err := s.Ring.Open(sealContext, sealed)
		return string(plain), err
	}
	plain, err := "", sqlite.ErrNotFound
	switch {
	case field == secretNIN && r.NINLinked:
		plain, err = linkage.OpenStranger(tx, s.Ring, who, linkage.Stranger{MSISDN: int64(r.MSISDN), Kind: linkage.NIN})
	case field == secretBVN && r.BVNLinked:
		plain, err = linkage.OpenStranger(tx, s.Ring, who, linkage.Stranger{MSISDN: int64(r.MSISDN), Kind: linkage.BVN})
	}
	if errors.Is(err, sqlite.ErrNotFound) {
		return "", fault.New(fault.NotFound, "This was never told for this SIM; there is nothing to reveal.")
	}
	return plain, err
}

// Scrub keeps long runs of digits out of the audit log: somebody may write the very
// number into the reason.
func Scrub(text string) string {
	digits := 0
	out := []rune(text)
	for i, c := range out {
		if c < '0' || c > '9' {
			digits = 0
			continue
		}
		if digits++; digits > 4 {
			out[i] = '*'
		}
	}
	return string(out)
}
