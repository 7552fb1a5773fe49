package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/app/reconix/identity"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/receipt"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// Service answers. Make it with [New].
type Service struct {
	DB       *sqlite.DB
	Dir      string // the data folder: spooled uploads lie under it
	Clock    func() time.Time
	Table    *numbering.Table
	Audit    *audit.Log
	Jobs     *jobs.Queue
	Identity *identity.Service
	Log      *slog.Logger

	// Together is how many good rows of a file are answered together, 256 Ki (some 60 MB)
	// when not set: the more, the closer their numbers lie in the store.
	Together int
}

// New tells the queue what the service can do.
func New(s Service) *Service {
	if s.Together == 0 {
		s.Together = 256 << 10
	}
	s.Jobs.Handle(jobs.Kind{Name: kind, Permission: access.SIMRead, Run: s.run, Ended: s.ended})
	return &s
}

// Answer is the answer about one number, with its evidence.
type Answer struct {
	MSISDN     numbering.MSISDN `json:"msisdn"`
	Since      day.Day          `json:"since"`
	Recycled   tenure.Answer    `json:"recycled" enum:"yes,no,no_data" doc:"The industry's rule: the holder changed after the day"`
	Reassigned tenure.Answer    `json:"reassigned" enum:"yes,no,no_data" doc:"The database's rule: the number was given up on or after the day"`
	Status     identity.Status  `json:"status" enum:"ACTIVE,RECYCLED,CONFLICTED,BLOCKED,AVAILABLE,UNKNOWN"`
	Evidence   []string         `json:"evidence" nullable:"false" doc:"What the answer is based on, as sentences; empty when nothing is known"`
	Operator   string           `json:"operator_code,omitempty"`
	Coverage   *tenure.Coverage `json:"coverage,omitempty" doc:"The days for which the operator has told everything"`
	AsOf       time.Time        `json:"as_of"`
	Receipt    string           `json:"receipt,omitempty" doc:"The answer, signed, for you to keep: reconexus receipt verify reads it"`
}

// written is the answer as a receipt tells it.
func (a *Answer) written(who access.Principal) *receipt.Receipt {
	return receipt.Of(receipt.BothRules).And("msisdn", a.MSISDN.String()).And("date", a.Since.String()).
		And("recycled", string(a.Recycled)).And("reassigned", string(a.Reassigned)).And("status", string(a.Status)).
		At(a.AsOf).And("asked_by", who.ID).And("correlator", who.Request)
}

// Ask answers about one number, and records that it was asked.
func (s *Service) Ask(ctx context.Context, who access.Principal, number numbering.MSISDN, since day.Day, purpose string) (*Answer, error) {
	now := s.Clock().UTC()
	if since > day.Of(now) {
		return nil, fault.Wrong("since", "FUTURE", "The day lies in the future; give today or a day before.")
	}
	if err := s.Identity.Lookups().Note(who, int64(number), purpose); err != nil {
		return nil, err
	}
	a, err := s.Identity.Brief(ctx, who, number)
	if err != nil {
		return nil, err
	}
	block, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (tenure.Coverage, error) {
		return s.Identity.Coverage(tx, s.Table.BlockOwner(number))
	})
	if err != nil {
		return nil, err
	}
	f := Ask(a.History, since, a.Coverage, block)
	out := &Answer{MSISDN: number, Since: since, Recycled: f.Recycled, Reassigned: f.Reassigned, Status: a.Status,
		Evidence: sentences(a.History, a.Stale, block.Operator, f), Operator: a.Operator, AsOf: now}
	if a.Coverage.From.Known() {
		out.Coverage = &a.Coverage
	}
	return out, nil
}

// sentences tells the evidence of one answer.
func sentences(h tenure.History, stale int, block string, f Finding) []string {
	out := []string{}
	if f.Elsewhere {
		out = append(out, fmt.Sprintf("On that day the number may have been in the network of its block (%s), which has not told who held it.", block))
	}
	for i, s := range h {
		text := fmt.Sprintf("Tenure %d (%s) began on %s", i+1, s.Operator, words(s.From))
		if !s.Open() {
			text += fmt.Sprintf(" and was over by %s", s.To)
		}
		if i > 0 {
			text += map[tenure.Answer]string{
				tenure.Yes: "; the same holder came back", tenure.No: "; another holder", tenure.NoData: "; whether to another holder is not known",
			}[tenure.Same(h[i-1].Holder, s.Holder)]
		}
		out = append(out, text+".")
	}
	switch {
	case stale == 1:
		out = append(out, "1 linkage of a former holder is still active.")
	case stale > 1:
		out = append(out, fmt.Sprintf("%d linkages of former holders are still active.", stale))
	}
	return out
}

func words(d day.Day) string {
	if !d.Known() {
		return "an unknown day"
	}
	return d.String()
}

// task is what a scrub is added with.
type task struct {
	Upload  intake.Upload `json:"upload"`
	Purpose string        `json:"purpose"`
	intake.As
}

// Scrub keeps a file of numbers and days and adds the job that answers it. The same
// content of the same user on the same day is answered once: the answers would be the
// same, and each is a look-up that counts.
func (s *Service) Scrub(ctx context.Context, who access.Principal, purpose string, body io.Reader, as intake.As) (jobs.Job, error) {
	if _, err := as.Of(spec()); err != nil {
		return jobs.Job{}, err
	}
	upload, err := intake.Keep(s.Dir, id.New("check", s.Clock()), body)
	if err != nil {
		return jobs.Job{}, err
	}
	if err := as.Fit(upload.Path(s.Dir), spec()); err != nil {
		return jobs.Job{}, errors.Join(err, os.Remove(upload.Path(s.Dir)))
	}
	job, err := sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (jobs.Job, error) {
		before, err := answered(tx, upload.Digest, who.ID, day.Of(s.Clock()).Start())
		if err != nil {
			return jobs.Job{}, err
		}
		if before != "" {
			return jobs.Job{}, fault.New(fault.Conflict, "You had this very file checked today; see job %s.", before)
		}
		job, err := s.Jobs.Add(tx, who, jobs.Spec{
			Kind: kind, Title: "Recycling check of a file", Operator: who.Operator, Bank: who.Bank,
			Args: task{upload, identity.Purpose(purpose), as},
		})
		if err != nil {
			return job, err
		}
		return job, s.Audit.Record(tx, who, "check.scrub", job.ID, "digest", upload.Digest, "bytes", upload.Size)
	})
	if err != nil {
		return job, errors.Join(err, os.Remove(upload.Path(s.Dir)))
	}
	return job, nil
}
