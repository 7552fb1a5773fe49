package dashboard

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"reconexus/app/access"
	"reconexus/app/jobs"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/reconix/delink"
	"reconexus/app/reconix/operators"
	"reconexus/app/reconix/sims"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// Service counts. Fill the fields and hand it to [New].
type Service struct {
	DB        *sqlite.DB
	Clock     func() time.Time
	Operators *operators.Service

	stats  *kept[Stats]
	trends *kept[Trends]
}

// New makes a service with nothing kept yet.
func New(s Service) *Service {
	s.stats, s.trends = newKept[Stats](s.Clock), newKept[Trends](s.Clock)
	return &s
}

// keepFor is how old an answer may be.
const keepFor = 5 * time.Second

// kept holds the last answer for each tenant.
type kept[T any] struct {
	clock func() time.Time
	mu    sync.Mutex
	by    map[string]*answer[T]
}

type answer[T any] struct {
	mu    sync.Mutex // held while it is worked out: others wait for the same answer
	value *T
	at    time.Time
}

func newKept[T any](clock func() time.Time) *kept[T] {
	return &kept[T]{clock: clock, by: map[string]*answer[T]{}}
}

// mostKept bounds the answers: tenants times the spans of days that they ask for.
const mostKept = 1000

func (k *kept[T]) get(key string, work func() (T, error)) (T, error) {
	k.mu.Lock()
	a, ok := k.by[key]
	if !ok {
		if len(k.by) >= mostKept {
			clear(k.by)
		}
		a = &answer[T]{}
		k.by[key] = a
	}
	k.mu.Unlock()
	a.mu.Lock()
	defer a.mu.Unlock()
	now := k.clock()
	if age := now.Sub(a.at); a.value != nil && age >= 0 && age < keepFor {
		return *a.value, nil
	}
	v, err := work()
	if err == nil {
		a.value, a.at = &v, now
	}
	return v, err
}

// forget makes the next question be worked out, also while an older one still is.
func (k *kept[T]) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.by)
}

// Anew counts anew from the end of a job on, which moves most of the figures: whoever
// hears of the end looks at once.
func (s *Service) Anew(tx *sqlite.Tx, _ jobs.Job) error {
	tx.After(func() {
		s.stats.forget()
		s.trends.forget()
	})
	return nil
}

// tenant is whose figures somebody sees.
type tenant struct{ operator, bank string }

func tenantOf(who access.Principal) (tenant, error) {
	if who.MSISDN != 0 {
		return tenant{}, fault.New(fault.Forbidden, "Your token is bound to one number; there is nothing to count for it.")
	}
	return tenant{who.Operator, who.Bank}, nil
}

func (t tenant) key() string { return t.operator + "|" + t.bank }

// Stats counts what is now, at most five seconds ago.
func (s *Service) Stats(ctx context.Context, who access.Principal) (*Stats, error) {
	t, err := tenantOf(who)
	if err != nil {
		return nil, err
	}
	out, err := s.stats.get(t.key(), func() (Stats, error) {
		return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (Stats, error) { return s.count(tx, t) })
	})
	if err != nil {
		return nil, err
	}
	out.Running, err = sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (int, error) { return runningJobs(tx, who) })
	return &out, err
}

func (s *Service) count(tx *sqlite.Tx, t tenant) (Stats, error) {
	out := Stats{ByOperator: []OperatorStats{}, Coverage: []tenure.Coverage{}}
	tallies, err := tallies(tx, t)
	if err != nil {
		return out, err
	}
	by := map[string]*OperatorStats{}
	of := func(code string) *OperatorStats {
		if by[code] == nil {
			by[code] = &OperatorStats{Code: code, Name: s.Operators.NameOf(code)}
		}
		return by[code]
	}
	for _, sort := range tallies {
		out.add(sort)
		o := of(sort.Operator)
		o.Recycled += sort.SIMs
		if sort.NINLinked || sort.BVNLinked {
			o.Stale += sort.SIMs
		}
	}
	if t.bank == "" {
		if err := eachInventory(tx, t.operator, func(code string, rows int) { of(code).Numbers = rows; out.Numbers += rows }); err != nil {
			return out, err
		}
	}
	for _, code := range slices.Sorted(maps.Keys(by)) {
		out.ByOperator = append(out.ByOperator, *by[code])
	}
	slices.SortStableFunc(out.ByOperator, func(a, b OperatorStats) int { return cmp.Compare(b.Recycled, a.Recycled) })
	if err := out.linkages(tx, t); err != nil {
		return out, err
	}
	if err := out.delinks(tx, t, s.Clock()); err != nil {
		return out, err
	}
	if out.LastImport, err = lastImport(tx, t.operator); err != nil {
		return out, err
	}
	all, err := tenure.Coverages(tx)
	for _, c := range all {
		if t.operator == "" || c.Operator == t.operator {
			out.Coverage = append(out.Coverage, c)
		}
	}
	return out, err
}

// delinks counts delink requests by their phase.
func (s *Stats) delinks(tx *sqlite.Tx, t tenant, now time.Time) error {
	c, err := delink.Count(tx, t.operator, t.bank, now)
	s.Delinks = Delinks{c.All, c.By["pending"], c.By["processing"], c.By["completed"], c.By["rejected"], c.By["cancelled"], c.By["failed"], c.Overdue}
	return err
}

// linkages counts linkages in the way that a tenant may.
func (s *Stats) linkages(tx *sqlite.Tx, t tenant) (err error) {
	if t.operator != "" {
		s.ActiveNIN, s.ActiveBVN, s.Stale = s.StaleNIN, s.StaleBVN, s.StaleNIN+s.StaleBVN
		s.Review, err = reviewOfOperator(tx, t.operator)
		return err
	}
	if s.ActiveNIN, s.ActiveBVN, err = activeLinkages(tx, t.bank); err != nil {
		return err
	}
	if t.bank != "" {
		s.Numbers = s.ActiveBVN
	}
	s.Stale, s.Review, err = flagged(tx, t.bank)
	return err
}

func tallies(tx *sqlite.Tx, t tenant) ([]sims.Tally, error) {
	if t.bank != "" {
		return talliesOfBank(tx, t)
	}
	return sims.Tallies(tx, t.operator)
}

// Trends tells what happened on each of the last days, today included.
func (s *Service) Trends(ctx context.Context, who access.Principal, days int) (*Trends, error) {
	t, err := tenantOf(who)
	if err != nil {
		return nil, err
	}
	out, err := s.trends.get(t.key()+"|"+strconv.Itoa(days), func() (Trends, error) {
		return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (Trends, error) { return s.series(tx, t, days) })
	})
	return &out, err
}

func (s *Service) series(tx *sqlite.Tx, t tenant, days int) (Trends, error) {
	last := day.Of(s.Clock())
	first := last - day.Day(days) + 1
	out := Trends{Days: days, Series: make([]DayStats, days)}
	for i := range out.Series {
		out.Series[i].Day = first + day.Day(i)
	}
	return out, eachDay(tx, t, first, last, func(kind string, on day.Day, n int) {
		if on >= first && on <= last {
			out.Series[on-first].count(kind, n)
		}
	})
}
