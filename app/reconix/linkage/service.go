package linkage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/page"
	"reconexus/app/kit/seal"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// Service keeps linkages. Make it with [New].
type Service struct {
	DB    *sqlite.DB
	Dir   string // the data folder: spooled uploads lie under it
	Clock func() time.Time
	Ring  *seal.Ring
	Keys  *tenure.Keys
	Table *numbering.Table
	Audit *audit.Log
	Jobs  *jobs.Queue
	Log   *slog.Logger

	seals  sealer
	ids    seal.Index
	totals *totals
}

// New completes a service and tells the queue what it can do.
func New(s Service) *Service {
	s.seals = sealer{ring: s.Ring, keys: s.Keys, nin: s.Ring.Index("linkage nin"), bvn: s.Ring.Index("linkage bvn")}
	s.ids = s.Ring.Index("linkage id")
	s.totals = &totals{clock: s.Clock, kept: map[string]total{}}
	s.Jobs.Handle(jobs.Kind{Name: importKind, Permission: access.LinkageWrite, Run: s.run, Ended: s.ended})
	return &s
}

// sealer makes what is kept of a NIN or BVN.
type sealer struct {
	ring     *seal.Ring
	keys     *tenure.Keys
	nin, bvn seal.Index
}

// sealedAs is the context of sealed digits.
const sealedAs = "linkage"

// ofNIN fills in what is kept of a NIN.
func (s *sealer) ofNIN(l *Linkage, n numbering.NIN) {
	digits := n.Reveal()
	holder := s.keys.NIN([]byte(digits)).Token
	l.Kind, l.Holder, l.Mask = NIN, &holder, n.String()
	l.token, l.sealed = s.nin.Of(digits), s.ring.Seal(sealedAs, []byte(digits))
}

// ofBVN fills in what is kept of a BVN.
func (s *sealer) ofBVN(l *Linkage, b numbering.BVN) {
	digits := b.Reveal()
	l.Kind, l.Holder, l.Mask = BVN, nil, b.String()
	l.token, l.sealed = s.bvn.Of(digits), s.ring.Seal(sealedAs, []byte(digits))
}

// Report is what somebody says of one linkage.
type Report struct {
	MSISDN string
	Kind   Kind
	Number string  // the NIN or BVN
	Bank   string  // of a BVN: the CBN code, or the bank's name
	From   day.Day // linked since; day.None: not known
	Source string  // who says so
}

// Report keeps a linkage. The same report again changes nothing; a removed linkage
// that is reported is active again.
func (s *Service) Report(ctx context.Context, who access.Principal, report Report) (Linkage, error) {
	l, err := s.read(report)
	if err != nil {
		return l, err
	}
	return sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (Linkage, error) {
		if l.Kind == BVN {
			known, err := readBanks(tx)
			if err != nil {
				return l, err
			}
			if l.Bank, err = known.code([]byte(report.Bank)); err != nil {
				return l, intake.Wrong("bank_code", err)
			}
		}
		if err := mayReport(tx, who, l); err != nil {
			return l, err
		}
		if _, _, err := insert(tx, []*Linkage{&l}, nil); err != nil {
			return l, err
		}
		tx.After(s.totals.forget)
		kept, err := find(tx, l)
		if err != nil {
			return l, err
		}
		return kept, s.Audit.Record(tx, who, "linkage.report", s.id(kept), "kind", l.Kind.String(), "source", l.Source, "bank", l.Bank)
	})
}

// read judges the parts of a report.
func (s *Service) read(r Report) (Linkage, error) {
	l := Linkage{From: r.From, To: day.None, Learnt: s.Clock().UTC().Truncate(time.Millisecond)}
	number, err := numbering.ParseMSISDN(r.MSISDN)
	if err != nil {
		return l, intake.Wrong("msisdn", err)
	}
	l.MSISDN = int64(number)
	if r.Kind == NIN {
		nin, _, err := numbering.ParseNIN(r.Number)
		if err != nil {
			return l, intake.Wrong("nin", err)
		}
		s.seals.ofNIN(&l, nin)
	} else {
		bvn, _, err := numbering.ParseBVN(r.Number)
		if err != nil {
			return l, intake.Wrong("bvn", err)
		}
		s.seals.ofBVN(&l, bvn)
	}
	if l.Source, err = sourceOf([]byte(r.Source)); err != nil {
		return l, intake.Wrong("source", err)
	}
	if l.From.Known() && l.From > day.Of(s.Clock()) {
		return l, fault.Wrong("linked_date", "FUTURE", "The day lies in the future; give the day since which the linkage stands, or leave it out when nobody knows.")
	}
	return l, nil
}

// mayReport keeps who is bound to an operator, a bank or a number inside that.
func mayReport(tx *sqlite.Tx, who access.Principal, l Linkage) error {
	if who.Bank != "" && (l.Kind != BVN || l.Bank != who.Bank) {
		return fault.New(fault.Forbidden, "Your account speaks for one bank only: it reports BVN linkages of that bank.")
	}
	if who.MSISDN != 0 && who.MSISDN != l.MSISDN {
		return errNotYours()
	}
	if who.Operator == "" {
		return nil
	}
	mine, err := owned(tx, []int64{l.MSISDN}, who.Operator)
	if err == nil && !mine[l.MSISDN] {
		err = errNotYours()
	}
	return err
}

func errNotYours() error {
	return fault.New(fault.NotFound, "There is no such number among those that you may see; an operator reports linkages of the numbers on its own network.")
}

// longestSource bounds the name of a source, in characters.
const longestSource = 40

// sourceOf reads who says so: a name, and never somebody's number.
func sourceOf(cell []byte) (string, error) {
	name := strings.TrimSpace(string(cell))
	digits := 0
	for _, c := range name {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', strings.ContainsRune(" ._/&()-", c):
		default:
			return "", &numbering.Rejection{Code: numbering.BadCharacter, Message: "the source has characters that are no part of a name: give who says so, such as NIMC or MTN"}
		}
	}
	switch {
	case name == "":
		return "", &numbering.Rejection{Code: numbering.Empty, Message: "the source is missing: give who says so, such as NIMC or MTN"}
	case len(name) > longestSource:
		return "", &numbering.Rejection{Code: numbering.WrongLength, Message: "the source is too long: give a name of at most 40 characters, such as NIMC or MTN"}
	case digits > 6:
		return "", &numbering.Rejection{Code: numbering.BadCharacter, Message: "the source looks like a number: give who says so, such as NIMC or MTN"}
	}
	return name, nil
}

// Filter narrows a list.
type Filter struct {
	Kind    Kind
	MSISDN  string   // empty: all
	Active  *bool    // nil: both
	Verdict *Verdict // nil: all; Unchecked, Stale or Review: active linkages only
}

// active is the condition of active linkages with this verdict, in the words of the
// partial index that holds them: the planner takes it only where it meets these.
func (v Verdict) active() string {
	switch v {
	case Stale, Review:
		return fmt.Sprintf("verdict = %d AND verdict IN (2, 3) AND to_day IS NULL", v)
	}
	return fmt.Sprintf("verdict = %d AND to_day IS NULL", v)
}

// index is the one that has what a verdict asks for in the order of the list; without
// it, a few linkages would be looked for among all.
func (f Filter) index() string {
	switch {
	case f.Verdict == nil:
		return ""
	case *f.Verdict == Unchecked:
		return " INDEXED BY linkage_unchecked"
	}
	return " INDEXED BY linkage_flagged"
}

// narrow adds the filter's conditions.
func (f Filter) narrow(w *sqlite.Where) error {
	w.And("kind = ?", int64(f.Kind))
	if f.MSISDN != "" {
		number, err := numbering.ParseMSISDN(f.MSISDN)
		if err != nil {
			return intake.Wrong("msisdn", err)
		}
		w.And("msisdn = ?", int64(number))
	}
	switch {
	case f.Verdict != nil && f.Active != nil && !*f.Active:
		return fault.Wrong("verdict", "NOT_ALLOWED", "Only active linkages are judged; leave is_active out, or leave verdict out.")
	case f.Verdict != nil:
		w.And(f.Verdict.active())
	case f.Active != nil && *f.Active:
		w.And("to_day IS NULL")
	case f.Active != nil:
		w.And("to_day IS NOT NULL")
	}
	return nil
}

// page reads a page by number; it takes a limit and how many to skip.
func (f Filter) page(w sqlite.Where) string {
	return `SELECT ` + columns + ` FROM linkage` + f.index() + w.SQL() + ` ORDER BY msisdn, kind, bank_code, token LIMIT ? OFFSET ?`
}

// List is one page of linkages by number, as far as the caller may see.
func (s *Service) List(ctx context.Context, who access.Principal, f Filter, q page.Query) (page.Of[Linkage], error) {
	out := page.Of[Linkage]{Total: -1, Skip: q.Skip, Limit: q.Limit}
	w := within(who)
	if err := f.narrow(&w); err != nil {
		return out, err
	}
	return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (page.Of[Linkage], error) {
		var err error
		if q.After == "" {
			if out.Total, err = s.totals.count(tx, w); err != nil {
				return out, err
			}
		} else {
			last, err := s.place(tx, f.Kind, q.After)
			if err != nil {
				return out, err
			}
			w.And("(msisdn, kind, bank_code, token) > (?, ?, ?, ?)", last.MSISDN, int64(last.Kind), last.Bank, last.token)
			q.Skip, out.Skip = 0, 0
		}
		out.Items, err = sqlite.All(tx, scan, f.page(w),
			append(w.Args, q.Limit+1, q.Skip)...)
		if err == nil && len(out.Items) > q.Limit {
			out.Items = out.Items[:q.Limit]
			out.Next = s.id(out.Items[q.Limit-1])
		}
		return out, err
	})
}

// Find is one linkage by its id, if the caller may see it.
func (s *Service) Find(ctx context.Context, who access.Principal, kind Kind, id string) (Linkage, error) {
	msisdn, ok := numberIn(id)
	if !ok {
		return Linkage{}, errNoLinkage()
	}
	w := within(who)
	w.And("msisdn = ?", msisdn)
	w.And("kind = ?", int64(kind))
	all, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) ([]Linkage, error) {
		return sqlite.All(tx, scan, `SELECT `+columns+` FROM linkage`+w.SQL()+` LIMIT 1000`, w.Args...)
	})
	if err != nil {
		return Linkage{}, err
	}
	for _, l := range all {
		if s.id(l) == id {
			return l, nil
		}
	}
	return Linkage{}, errNoLinkage()
}

func errNoLinkage() error {
	return fault.New(fault.NotFound, "There is no such linkage among those that you may see.")
}

// mostChecked is how many numbers one bulk check takes.
const mostChecked = 1000

// Check finds the active linkage of a kind of each number, as far as the caller may
// see, in one query. Numbers without one are absent; verdicts are those of the last scan.
func (s *Service) Check(ctx context.Context, who access.Principal, kind Kind, numbers []numbering.MSISDN) (map[numbering.MSISDN]Linkage, error) {
	list := make([]int64, len(numbers))
	for i, n := range numbers {
		list[i] = int64(n)
	}
	found, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) ([]Linkage, error) { return activeOf(tx, who, kind, list) })
	if err != nil {
		return nil, err
	}
	best := make(map[numbering.MSISDN]Linkage, len(found))
	for _, l := range found {
		n := numbering.MSISDN(l.MSISDN)
		if b, ok := best[n]; !ok || l.Better(b) {
			best[n] = l
		}
	}
	return best, nil
}

// Verify finds the active linkage of a kind of one number, judged on what is known now.
func (s *Service) Verify(ctx context.Context, who access.Principal, kind Kind, number numbering.MSISDN) (*Linkage, error) {
	return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (*Linkage, error) {
		found, err := activeOf(tx, who, kind, []int64{int64(number)})
		if err != nil {
			return nil, err
		}
		h, err := tenure.Of(tx, int64(number))
		if err != nil {
			return nil, err
		}
		var best *Linkage
		for i := range found {
			l := &found[i]
			l.Verdict, l.Reason = Judge(h, *l)
			if best == nil || l.Better(*best) {
				best = l
			}
		}
		return best, nil
	})
}

// Better tells whether l says more about the present holder than o: the present
// holder's own before an unchecked one, and that before a stranger's; of equals the
// newer.
func (l Linkage) Better(o Linkage) bool {
	rank := func(v Verdict) int {
		switch v {
		case Clean:
			return 0
		case Unchecked, NoData:
			return 1
		case Review:
			return 2
		}
		return 3
	}
	if a, b := rank(l.Verdict), rank(o.Verdict); a != b {
		return a < b
	}
	return l.From > o.From
}

// ended gives back the upload of an import that has ended.
func (s *Service) ended(tx *sqlite.Tx, j jobs.Job) error {
	t, err := taskOf(tx, j.ID)
	if err != nil {
		return err
	}
	tx.After(func() {
		if err := os.Remove(t.Upload.Path(s.Dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.Log.Warn("an upload could not be removed", "job", j.ID, "error", err)
		}
	})
	return nil
}
