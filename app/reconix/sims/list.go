package sims

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/app/kit/page"
	"reconexus/app/reconix/linkage"
	"reconexus/store/sqlite"
)

// Filter is what a list shows, and in which order.
type Filter struct {
	page.Query
	Cleanup  string  `query:"cleanup_status" enum:"pending,in_progress,completed,failed"`
	Linkage  string  `query:"linkage_status" enum:"active,orphaned,resolved,disputed"`
	Operator string  `query:"operator_code" maxLength:"64" doc:"Code or any name of an operator"`
	MSISDN   string  `query:"msisdn" maxLength:"64" doc:"One number, in any usual form"`
	RiskMin  float64 `query:"risk_min" minimum:"0" maximum:"1" doc:"At least this risk"`
	From     string  `query:"from" format:"date" doc:"Recycled on this day or later"`
	To       string  `query:"to" format:"date" doc:"Recycled on this day or earlier"`
	Q        string  `query:"q" maxLength:"64" doc:"The beginning of a number or of a SIM serial, or an id"`
	Sort     string  `query:"sort" enum:"-created_at,created_at,-date_recycled,date_recycled,-risk_score,risk_score,-msisdn,msisdn" doc:"Order; newest first when left out"`
}

// List is a page of records.
type List struct {
	page.Of[Record]
	Estimated bool `json:"total_estimated" doc:"True when total is an estimate: more than 5,000 fit a filter that is not counted exactly"`
}

// dayKey is how an unknown day is indexed: before every known one.
const dayKey = "coalesce(date_recycled, -2147483648)"

// order is one way to sort: a key, a tie-breaker, and the index that has both.
type order struct {
	name, key, tie, index string
	down                  bool
}

func orderOf(sort string) order {
	name, down := strings.CutPrefix(cmp.Or(sort, "-created_at"), "-")
	o := order{name: name, key: name, tie: ", id", down: down}
	switch name {
	case "date_recycled":
		o.key, o.index = dayKey, "recycled_sim_day"
	case "risk_score":
		o.index = "recycled_sim_risk"
	case "msisdn":
		o.tie, o.index = ", generation", "recycled_sim_number"
	default: // ids sort by age
		o.key, o.tie, o.index = "id", "", "recycled_sim_age"
	}
	return o
}

func (o order) sql(prefix string) string {
	way := ""
	if o.down {
		way = " DESC"
	}
	out := " ORDER BY " + strings.Replace(prefix+o.key, prefix+"coalesce(", "coalesce("+prefix, 1) + way
	if o.tie != "" {
		out += ", " + prefix + o.tie[len(", "):] + way
	}
	return out
}

// cursor is where a page ended: order, key and tie-breaker, so that it fits its own
// order only.
func (o order) cursor(r Record) string {
	key, tie := r.ID, r.ID
	switch o.name {
	case "date_recycled":
		key = strconv.FormatInt(int64(r.Recycled), 10)
	case "risk_score":
		key = strconv.FormatFloat(r.Risk, 'g', -1, 64)
	case "msisdn":
		key, tie = strconv.FormatInt(int64(r.MSISDN), 10), strconv.Itoa(r.Generation)
	}
	return page.Cursor(o.text(), key, tie)
}

func (o order) text() string {
	if o.down {
		return "-" + o.name
	}
	return o.name
}

// behind is the condition of what comes after a cursor.
func (o order) behind(w *sqlite.Where, after string) error {
	last, end, err := page.Behind(after, o.text())
	if err != nil {
		return err
	}
	sign := ">"
	if o.down {
		sign = "<"
	}
	if o.tie == "" {
		w.And(o.key+" "+sign+" ?", last)
		return nil
	}
	key, err := strconv.ParseFloat(last, 64) // whole numbers of up to 2⁵³ stay exact
	if err != nil {
		return page.BadCursor()
	}
	var tie any = end
	if o.name == "msisdn" {
		if tie, err = strconv.Atoi(end); err != nil {
			return page.BadCursor()
		}
	}
	w.And("("+o.key+o.tie+") "+sign+" (?, ?)", key, tie)
	return nil
}

// term is one condition and the index that finds what fits it.
type term struct {
	sql   string
	args  []any
	index string
	size  int  // how many fit, counted up to few+1
	walks bool // the index is also in the order of created_at
	tally bool // the sums that are kept can count it
}

// few is up to how many rows are found by the narrowest condition and then sorted, and
// how many are looked at to count what fits. Either takes some 20 ms.
const few = 5000

// terms reads a filter within what the caller may see.
func (s *Service) terms(who access.Principal, f *Filter) ([]term, error) {
	var out []term
	add := func(t term) { out = append(out, t) }
	if who.Operator != "" {
		add(byOperator(who.Operator))
	}
	if who.MSISDN != 0 {
		add(term{sql: "msisdn = ?", args: []any{who.MSISDN}, index: "recycled_sim_number"})
	}
	if who.Bank != "" {
		add(term{sql: "msisdn IN (SELECT msisdn FROM linkage INDEXED BY linkage_bank WHERE bank_code = ? AND bank_code <> '')", args: []any{who.Bank}, index: "recycled_sim_number"})
	}
	if f.Operator != "" {
		code, ok := s.Operators.Resolve(f.Operator, day.None)
		if !ok {
			return nil, fault.Wrong("operator_code", "UNKNOWN", "There is no operator with this code or name; /operators lists them.")
		}
		add(byOperator(code))
	}
	if f.Cleanup != "" {
		add(term{sql: "cleanup_status = ?", args: []any{f.Cleanup}, index: "recycled_sim_status", walks: true, tally: true})
	}
	if f.Linkage != "" {
		add(term{sql: "linkage_status = ?", args: []any{f.Linkage}, index: "recycled_sim_linkage", walks: true, tally: true})
	}
	if f.RiskMin > 0 {
		add(term{sql: "risk_score >= ?", args: []any{f.RiskMin}, index: "recycled_sim_risk", tally: true})
	}
	if f.MSISDN != "" {
		number, err := s.Table.Parse([]byte(f.MSISDN))
		var w wrong
		if w.rule("msisdn", err); w != nil {
			return nil, w.fault()
		}
		add(term{sql: "msisdn = ?", args: []any{int64(number)}, index: "recycled_sim_number"})
	}
	days, err := dayTerm(f.From, f.To)
	if err != nil {
		return nil, err
	}
	out = append(out, days...)
	words, err := wordTerm(f.Q)
	return append(out, words...), err
}

func byOperator(code string) term {
	return term{sql: "operator_code = ?", args: []any{code}, index: "recycled_sim_operator", walks: true, tally: true}
}

func dayTerm(from, to string) ([]term, error) {
	if from == "" && to == "" {
		return nil, nil
	}
	var w wrong
	first, last := day.None+1, day.Day(1<<31-1)
	for _, c := range []struct {
		field, text string
		to          *day.Day
	}{{"from", from, &first}, {"to", to, &last}} {
		if c.text == "" {
			continue
		}
		d, err := day.Parse(c.text)
		if err != nil {
			w.add(c.field, "DATE", "This is not a day: write it as YYYY-MM-DD, for example 2026-11-20.")
		}
		*c.to = d
	}
	if first > last {
		w.add("to", "ORDER", "The days are the wrong way round: from is the earlier one.")
	}
	return []term{{sql: dayKey + " BETWEEN ? AND ?", args: []any{int64(first), int64(last)}, index: "recycled_sim_day"}}, w.fault()
}

// wordTerm tells what somebody typed: an id, the beginning of a number, or of a serial.
// ICCIDs begin with 89, and no Nigerian mobile number does.
func wordTerm(q string) ([]term, error) {
	q = strings.TrimSpace(q)
	digits := strings.Map(func(c rune) rune {
		if strings.ContainsRune(" +-()", c) {
			return -1
		}
		return c
	}, q)
	_, err := strconv.ParseUint(digits, 10, 64)
	switch {
	case q == "":
		return nil, nil
	case id.Is("sim", q):
		return []term{{sql: "id = ?", args: []any{q}, index: "sqlite_autoindex_recycled_sim_1"}}, nil
	case err == nil && !strings.HasPrefix(digits, "89"):
		return numberTerm(digits)
	case len(digits) < 3:
		return nil, fault.Wrong("q", "LENGTH", "Give at least three characters: the beginning of a number or of a SIM serial, or an id.")
	}
	end := []byte(digits)
	end[len(end)-1]++
	return []term{{sql: "sim_serial >= ? AND sim_serial < ? AND sim_serial <> ''", args: []any{digits, string(end)}, index: "recycled_sim_serial"}}, nil
}

// numberTerm is the range of numbers that begin with some digits.
func numberTerm(digits string) ([]term, error) {
	const national, length = 10, 13
	digits = strings.TrimLeft(digits, "0")
	if !strings.HasPrefix(digits, "234") {
		digits = "234" + digits
	}
	if len(digits) > length || len(digits) < length-national+2 {
		return nil, fault.Wrong("q", "LENGTH", "Give the first digits of a number, at least two behind the 0 or the +234, and at most ten.")
	}
	first, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return nil, err
	}
	width := int64(1)
	for range length - len(digits) {
		first, width = first*10, width*10
	}
	return []term{{sql: "msisdn BETWEEN ? AND ?", args: []any{first, first + width - 1}, index: "recycled_sim_number"}}, nil
}

// plan is how a page is found: through one index, with the other conditions beside it.
type plan struct {
	order
	terms []term
	index string
	small bool // the index's own condition is so narrow that sorting is cheap
}

// measure counts what fits each condition, up to few, through its own index.
func measure(tx *sqlite.Tx, t *term) (err error) {
	query := `SELECT count(*) FROM (SELECT 1 FROM recycled_sim INDEXED BY ` + t.index + ` WHERE ` + t.sql + ` AND deleted_at IS NULL LIMIT ?)`
	if t.index == "recycled_sim_number" { // not only of live records: spare the look at each
		query = `SELECT count(*) FROM (SELECT 1 FROM recycled_sim INDEXED BY ` + t.index + ` WHERE ` + t.sql + ` LIMIT ?)`
	}
	t.size, err = sqlite.One(tx, sqlite.Int, query, append(slices.Clone(t.args), few+1)...)
	return err
}

// planned measures the conditions and chooses.
func planned(tx *sqlite.Tx, o order, terms []term) (plan, error) {
	for i := range terms {
		if err := measure(tx, &terms[i]); err != nil {
			return plan{}, err
		}
	}
	return planOf(o, terms), nil
}

// planOf chooses the index: the narrowest condition's when few rows fit it; else the
// one that is in the wanted order, so that the page's rows come first.
func planOf(o order, terms []term) plan {
	p := plan{order: o, terms: terms, index: o.index}
	if len(terms) == 0 {
		return p
	}
	if least := slices.MinFunc(terms, func(a, b term) int { return cmp.Compare(a.size, b.size) }); least.size <= few {
		p.index, p.small = least.index, true
		return p
	}
	if o.name == "created_at" {
		for _, t := range terms {
			if t.walks {
				p.index = t.index
				break
			}
		}
	}
	return p
}

func (p plan) where() sqlite.Where {
	var w sqlite.Where
	w.And("deleted_at IS NULL")
	for _, t := range p.terms {
		w.And(t.sql, t.args...)
	}
	return w
}

// rows reads a page: places along the index first, whole records for those only.
func (p plan) rows(tx *sqlite.Tx, w sqlite.Where, limit, skip int) ([]Record, error) {
	return sqlite.All(tx, scan, p.sql(w), append(slices.Clone(w.Args), limit, skip)...)
}

func (p plan) sql(w sqlite.Where) string {
	return `SELECT s.` + strings.ReplaceAll(columns, ", ", ", s.") +
		` FROM (SELECT rowid AS place FROM recycled_sim INDEXED BY ` + p.index + w.SQL() + p.order.sql("") + ` LIMIT ? OFFSET ?) p
		CROSS JOIN recycled_sim s ON s.rowid = p.place` + p.order.sql("s.")
}

// total counts what fits: exactly from the sums that are kept, or exactly by looking
// at no more than few rows, or as an estimate from the few first ones along the index.
func (p plan) total(tx *sqlite.Tx, who access.Principal, f *Filter, s *Service) (int, bool, error) {
	if !slices.ContainsFunc(p.terms, func(t term) bool { return !t.tally }) {
		n, err := s.tallied(tx, who, f)
		return n, false, err
	}
	seen, fit, err := p.sample(tx)
	if err != nil || seen <= few {
		return fit, false, err
	}
	all, err := sqlite.One(tx, sqlite.Int, `SELECT coalesce(sum(sims), 0) FROM recycled_sim_tally`)
	estimate := int(float64(all) * float64(fit) / float64(seen))
	if len(p.terms) == 1 {
		estimate = max(estimate, p.terms[0].size)
	}
	return max(estimate, fit), true, err
}

// sample looks at the first few rows along the index and answers how many it saw and
// how many of them fit.
func (p plan) sample(tx *sqlite.Tx) (seen, fit int, err error) {
	var all, along sqlite.Where
	along.And("deleted_at IS NULL")
	for _, t := range p.terms {
		if t.index == p.index && p.small {
			along.And(t.sql, t.args...)
		} else {
			all.And(t.sql, t.args...)
		}
	}
	fits := "1"
	if len(all.Args) > 0 {
		fits = "(" + strings.TrimPrefix(all.SQL(), " WHERE ") + ")"
	}
	_, err = sqlite.One(tx, func(r sqlite.Row) (struct{}, error) { return struct{}{}, r.Scan(&seen, &fit) },
		`SELECT count(*), coalesce(sum(fits), 0) FROM (SELECT `+fits+` AS fits FROM recycled_sim INDEXED BY `+p.index+along.SQL()+` LIMIT ?)`,
		append(append(slices.Clone(all.Args), along.Args...), few+1)...)
	return seen, fit, err
}

// tallied adds up the sums that fit a filter of nothing but statuses, operator and risk.
func (s *Service) tallied(tx *sqlite.Tx, who access.Principal, f *Filter) (int, error) {
	all, err := Tallies(tx, who.Operator)
	code := ""
	if f.Operator != "" {
		code, _ = s.Operators.Resolve(f.Operator, day.None) // the terms were made of it
	}
	n := 0
	for _, t := range all {
		risk, _ := Risk(t.Parts)
		if (code == "" || t.Operator == code) && (f.Cleanup == "" || string(t.Cleanup) == f.Cleanup) &&
			(f.Linkage == "" || string(t.Linkage) == f.Linkage) && risk >= f.RiskMin {
			n += t.SIMs
		}
	}
	return n, err
}

// List answers a page of what the caller may see.
func (s *Service) List(ctx context.Context, who access.Principal, f *Filter) (*List, error) {
	terms, err := s.terms(who, f)
	if err != nil {
		return nil, err
	}
	return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (*List, error) {
		p, err := planned(tx, orderOf(f.Sort), terms)
		if err != nil {
			return nil, err
		}
		out := &List{Of: page.Of[Record]{Skip: f.Skip, Limit: f.Limit, Total: -1}}
		w := p.where()
		if f.After == "" {
			out.Total, out.Estimated, err = p.total(tx, who, f, s)
		} else {
			out.Skip, err = 0, p.behind(&w, f.After)
		}
		if err != nil {
			return nil, err
		}
		if out.Items, err = p.rows(tx, w, f.Limit+1, out.Skip); err != nil {
			return nil, fmt.Errorf("list recycled SIMs: %w", err)
		}
		if len(out.Items) > f.Limit {
			out.Items = out.Items[:f.Limit]
			out.Next = p.cursor(out.Items[f.Limit-1])
		}
		return out, recognize(tx, who, out.Items)
	})
}

// recognize fills in the masks of identities that nobody reported with the record but
// that the number still carries: a scan found them. One query serves the whole page.
func recognize(tx *sqlite.Tx, who access.Principal, page []Record) error {
	var numbers []int64
	for i := range page {
		if r := &page[i]; (r.NIN == nil && r.NINLinked) || (r.BVN == nil && r.BVNLinked) {
			numbers = append(numbers, int64(r.MSISDN))
		}
	}
	masks, err := linkage.Strangers(tx, who, numbers)
	if err != nil {
		return err
	}
	for i := range page {
		r := &page[i]
		known := func(k linkage.Kind, told *string, linked bool) *string {
			if m := masks[linkage.Stranger{MSISDN: int64(r.MSISDN), Kind: k}]; told == nil && linked && m != "" {
				return &m
			}
			return told
		}
		r.NIN, r.BVN = known(linkage.NIN, r.NIN, r.NINLinked), known(linkage.BVN, r.BVN, r.BVNLinked)
	}
	return nil
}
