package linkage

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/seal"
	"reconexus/store/sqlite"
)

// presentOperator is the network of a number's present tenure.
const presentOperator = `(SELECT t.operator FROM tenure t WHERE t.msisdn = linkage.msisdn AND t.retracted_at IS NULL ORDER BY t.generation DESC LIMIT 1)`

// within is the condition of what a caller may see: an operator the linkages of
// numbers that are on its network now, a bank its own BVN linkages.
func within(who access.Principal) sqlite.Where {
	var w sqlite.Where
	if who.MSISDN != 0 {
		w.And("msisdn = ?", who.MSISDN)
	}
	if who.Bank != "" {
		w.And("kind = 2 AND bank_code = ?", who.Bank)
	}
	if who.Operator != "" {
		w.And(presentOperator+" = ?", who.Operator)
	}
	return w
}

// owned tells which of the numbers are on a network now.
func owned(tx *sqlite.Tx, numbers []int64, operator string) (map[int64]bool, error) {
	list, err := json.Marshal(numbers)
	if err != nil {
		return nil, err
	}
	found, err := sqlite.All(tx, sqlite.Int64, `SELECT linkage.msisdn FROM (SELECT value AS msisdn FROM json_each(?)) AS linkage WHERE `+presentOperator+` = ?`, string(list), operator)
	if err != nil {
		return nil, fmt.Errorf("find whose numbers these are: %w", err)
	}
	mine := make(map[int64]bool, len(found))
	for _, n := range found {
		mine[n] = true
	}
	return mine, nil
}

// activeOf lists the active linkages of a kind of many numbers in one query, as far as
// the caller may see.
func activeOf(tx *sqlite.Tx, who access.Principal, kind Kind, numbers []int64) ([]Linkage, error) {
	list, err := json.Marshal(numbers)
	if err != nil {
		return nil, err
	}
	w := within(who)
	w.And("kind = ? AND to_day IS NULL", int64(kind))
	w.And("msisdn IN (SELECT value FROM json_each(?))", string(list))
	return sqlite.All(tx, scan, `SELECT `+columns+` FROM linkage`+w.SQL(), w.Args...)
}

// strangers begins what looks for identities of former holders: through the index that
// holds these alone, in an order that puts the last one of them first.
const (
	strangers      = ` FROM linkage INDEXED BY linkage_flagged`
	strangersOrder = ` ORDER BY from_day DESC, bank_code, token`
)

// Stranger is the mask of the NIN or BVN that a former holder left on a number.
type Stranger struct {
	MSISDN int64
	Kind   Kind
}

// Strangers answers, in one query, what may be shown of the former holders' identities
// on many numbers, as far as the caller may see; of several the one linked last.
func Strangers(tx *sqlite.Tx, who access.Principal, numbers []int64) (map[Stranger]string, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(numbers)
	if err != nil {
		return nil, err
	}
	w := strangersOf(who)
	w.And("msisdn IN (SELECT value FROM json_each(?))", string(list))
	masks := map[Stranger]string{}
	err = sqlite.Each(tx, func(r sqlite.Row) error {
		var of Stranger
		var mask string
		if err := r.Scan(&of.MSISDN, &of.Kind, &mask); err != nil {
			return err
		}
		if masks[of] == "" {
			masks[of] = mask
		}
		return nil
	}, `SELECT msisdn, kind, mask`+strangers+w.SQL()+strangersOrder, w.Args...)
	if err != nil {
		return nil, fmt.Errorf("find what former holders left: %w", err)
	}
	return masks, nil
}

func strangersOf(who access.Principal) sqlite.Where {
	w := within(who)
	w.And(Stale.active())
	return w
}

// OpenStranger answers in clear the identity whose mask [Strangers] shows, and
// [sqlite.ErrNotFound] when there is none. Whether somebody may see it is for the
// caller to ask.
func OpenStranger(tx *sqlite.Tx, ring *seal.Ring, who access.Principal, of Stranger) (string, error) {
	w := strangersOf(who)
	w.And("msisdn = ? AND kind = ?", of.MSISDN, int64(of.Kind))
	sealed, err := sqlite.One(tx, sqlite.Bytes, `SELECT sealed`+strangers+w.SQL()+strangersOrder+` LIMIT 1`, w.Args...)
	if err != nil {
		return "", err
	}
	plain, err := ring.Open(sealedAs, sealed)
	return string(plain), err
}

// EachOf hands out every linkage of many distinct numbers, removed ones too, number by
// number in the order asked, in one query.
func EachOf(tx *sqlite.Tx, numbers []int64, visit func(Linkage) error) error {
	if len(numbers) == 0 {
		return nil
	}
	with, args := sqlite.Asked(numbers)
	return sqlite.Each(tx, func(r sqlite.Row) error {
		l, err := scan(r)
		if err != nil {
			return err
		}
		return visit(l)
	}, with+`SELECT `+columns+` FROM asked CROSS JOIN linkage ON msisdn = n`, args...)
}

// totals remembers how long lists are: counting a million linkages for each page of
// them would cost more than the page. What is reported makes it forget.
type totals struct {
	clock func() time.Time
	mu    sync.Mutex
	kept  map[string]total
	news  int // how often something was reported
}

type total struct {
	n     int
	until time.Time
}

// totalFor is how long a count may be shown; mostTotals how many are remembered.
const (
	totalFor   = 30 * time.Second
	mostTotals = 256
)

func (t *totals) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.kept)
	t.news++
}

func (t *totals) count(tx *sqlite.Tx, w sqlite.Where) (int, error) {
	query := `SELECT count(*) FROM linkage` + w.SQL()
	if strings.Contains(query, "msisdn = ?") {
		return sqlite.One(tx, sqlite.Int, query, w.Args...) // few rows
	}
	key, now := fmt.Sprint(query, w.Args), t.clock()
	t.mu.Lock()
	kept, ok := t.kept[key]
	news := t.news
	t.mu.Unlock()
	if ok && now.Before(kept.until) {
		return kept.n, nil
	}
	n, err := sqlite.One(tx, sqlite.Int, query, w.Args...)
	if err != nil {
		return 0, fmt.Errorf("count linkages: %w", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.kept) >= mostTotals {
		clear(t.kept)
	}
	if news == t.news { // else the count may be of before
		t.kept[key] = total{n, now.Add(totalFor)}
	}
	return n, nil
}
