package delink

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
	"reconexus/app/kit/page"
	"reconexus/store/sqlite"
)

// Filter is what a list shows, and in which order.
type Filter struct {
	page.Query
	Status   string `query:"status" enum:"pending,processing,completed,rejected,cancelled,failed"`
	Workflow string `query:"workflow_status" enum:"submitted,operator_approved,awaiting_bank_approval,bank_approved,awaiting_nimc_notification,execution_in_progress,completed,rejected,cancelled,failed,disputed,rolled_back"`
	Open     string `query:"open" enum:"true,false" doc:"true: something is still to come; false: it has ended"`
	Operator string `query:"operator_code" maxLength:"64" doc:"Code or any name of an operator"`
	Bank     string `query:"bank_code" maxLength:"32" doc:"Only requests of which this bank was asked something"`
	Waiting  string `query:"waiting_for" enum:"me,operator,bank,target" doc:"me: what you may decide now, and did not submit yourself"`
	Overdue  string `query:"overdue" enum:"true,false" doc:"true: only those whose deadline is over"`
	MSISDN   string `query:"msisdn" maxLength:"64" doc:"One number, in any usual form"`
	SIM      string `query:"recycled_sim_id" maxLength:"64"`
	Sort     string `query:"sort" enum:"-created_at,created_at,due_at,-due_at,-risk_score,risk_score" doc:"Order; newest first when left out. By due_at, requests without a deadline come last"`
}

// List is a page of requests.
type List struct {
	page.Of[View]
	Estimated bool `json:"total_estimated" doc:"True when more than 5,000 fit a filter that is not counted further; total is then 5,000"`
}

// order is one way to sort: its column and the index that has it with the id.
type order struct {
	name, column, index string
	down                bool
}

func orderOf(sort string) order {
	name, down := strings.CutPrefix(cmp.Or(sort, "-created_at"), "-")
	o := order{name: name, column: name, down: down}
	switch name {
	case "due_at":
		o.index = "delink_request_due"
	case "risk_score":
		o.index = "delink_request_risk"
	default: // ids sort by age
		o.column, o.index = "id", "sqlite_autoindex_delink_request_1"
	}
	return o
}

func (o order) sql() string {
	way := ""
	if o.down {
		way = " DESC"
	}
	if o.column == "id" {
		return " ORDER BY id" + way
	}
	return " ORDER BY " + o.column + way + ", id" + way
}

func (o order) text() string {
	if o.down {
		return "-" + o.name
	}
	return o.name
}

// cursor is where a page ended; it fits its own order only.
func (o order) cursor(r *Request) string {
	key := r.ID
	switch o.name {
	case "due_at":
		key = strconv.FormatInt(due(r.Due), 10)
	case "risk_score":
		key = strconv.FormatFloat(r.Risk, 'g', -1, 64)
	}
	return page.Cursor(o.text(), key, r.ID)
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
	if o.column == "id" {
		w.And("id "+sign+" ?", end)
		return nil
	}
	key, err := strconv.ParseFloat(last, 64) // whole numbers of up to 2⁵³ stay exact
	if err != nil {
		return page.BadCursor()
	}
	w.And("("+o.column+", id) "+sign+" (?, ?)", key, end)
	return nil
}

// term is one condition and the index that finds what fits it.
type term struct {
	sql   string
	args  []any
	index string
	walks bool   // the index is also in the order of created_at
	from  string // of a bank: where its requests are found, in place of the index
	size  int    // how many fit, counted up to few+1
}

// few is up to how many rows are found by the narrowest condition and then sorted, and
// up to how many are counted.
const few = 5000

// terms reads a filter within what the caller may see.
func (s *Service) terms(who access.Principal, f *Filter) ([]term, error) {
	var out []term
	add := func(index string, walks bool, sql string, args ...any) {
		out = append(out, term{sql: sql, args: args, index: index, walks: walks})
	}
	operator := func(code string) { add("delink_request_operator", false, "operator_code = ?", code) }
	if who.Operator != "" {
		operator(who.Operator)
	}
	if who.MSISDN != 0 {
		add("delink_request_number", true, "msisdn = ?", who.MSISDN)
	}
	if who.Bank != "" && f.Waiting != "me" { // which asks the same, and more
		out = append(out, ofBank(who.Bank, ""))
	}
	if f.Operator != "" {
		code, ok := s.Operators.Resolve(f.Operator, day.None)
		if !ok {
			return nil, fault.Wrong("operator_code", "UNKNOWN", "There is no operator with this code or name; /operators lists them.")
		}
		operator(code)
	}
	if f.Bank != "" && f.Bank != who.Bank {
		if !s.Operators.KnownBank(f.Bank) {
			return nil, fault.Wrong("bank_code", "UNKNOWN", "There is no bank with this code; /banks lists them.")
		}
		if who.Bank != "" { // another bank's part is not for this one to know
			add("delink_request_number", true, "msisdn = -1")
		} else {
			out = append(out, ofBank(f.Bank, ""))
		}
	}
	if f.Status != "" {
		add("delink_request_status", true, "status = ?", f.Status)
	}
	if f.Workflow != "" {
		add("delink_request_workflow", true, "workflow_status = ?", f.Workflow)
	}
	switch f.Open {
	case "true":
		add("delink_request_status", false, "status IN ('pending', 'processing', 'failed')")
	case "false":
		add("delink_request_status", false, "status IN ('completed', 'rejected', 'cancelled')")
	}
	out = append(out, waiting(who, f.Waiting)...)
	if f.Overdue == "true" {
		add("delink_request_due", false, "due_at <= ?", s.now().UnixMilli())
	}
	if f.Overdue == "false" {
		add("delink_request_due", false, "due_at > ?", s.now().UnixMilli())
	}
	if f.MSISDN != "" {
		number, err := s.msisdn("msisdn", f.MSISDN)
		if err != nil {
			return nil, err
		}
		add("delink_request_number", true, "msisdn = ?", number)
	}
	if f.SIM != "" {
		add("delink_request_sim", true, "sim_id = ?", f.SIM)
	}
	return out, nil
}

// ofBank is what a bank was asked; with a state, of which something is in it.
func ofBank(bank, state string) term {
	t := term{args: []any{bank}, walks: true}
	also := ""
	if state != "" {
		also, t.args = " AND i.state = ?", append(t.args, state)
	}
	t.sql = `EXISTS (SELECT 1 FROM delink_item i INDEXED BY delink_item_bank WHERE i.bank_code = ? AND i.request_id = delink_request.id AND i.asked_at IS NOT NULL` + also + `)`
	t.from = `SELECT DISTINCT i.request_id FROM delink_item i INDEXED BY delink_item_bank WHERE i.bank_code = ? AND i.asked_at IS NOT NULL` + also
	return t
}

// waiting is what waits for somebody. What is for a person to decide does not wait for
// who submitted it, except that everybody may try again.
func waiting(who access.Principal, what string) []term {
	of := func(side string) term {
		return term{sql: "waits_for = ?", args: []any{side}, index: "delink_request_waits", walks: true}
	}
	switch {
	case what == "":
		return nil
	case what != "me":
		return []term{of(what)}
	case who.Bank != "" && who.Can(access.DelinkApprove):
		return []term{of("bank"), ofBank(who.Bank, string(Waiting))}
	case who.Bank != "":
		return []term{ofBank(who.Bank, "none")}
	}
	mine := of("operator")
	switch approves, cancels := who.Can(access.DelinkApprove), who.Can(access.DelinkCancel); {
	case approves && cancels:
		mine.sql += " AND (workflow_status = 'failed' OR submitted_person <> ?)"
		mine.args = append(mine.args, who.ID)
	case approves:
		mine.sql += " AND workflow_status <> 'failed' AND submitted_person <> ?"
		mine.args = append(mine.args, who.ID)
	case cancels:
		mine.sql += " AND workflow_status = 'failed'"
	default:
		mine.sql += " AND 0"
	}
	return []term{mine}
}

// plan is how a page is found: through one index, with the other conditions beside it.
type plan struct {
	order
	terms []term
	index string
	lead  int // the term that leads, or -1
}

// source is where a term's requests are looked for. A bank's are found by its items; an
// index that another condition shares then spares the look at each request.
func (t *term) source(beside []term) string {
	if t.from == "" {
		return `delink_request INDEXED BY ` + t.index + ` WHERE ` + t.sql
	}
	index := "sqlite_autoindex_delink_request_1"
	for _, b := range beside {
		if b.walks && b.from == "" {
			index = b.index
		}
	}
	return `(` + t.from + `) i CROSS JOIN delink_request INDEXED BY ` + index + ` ON id = i.request_id WHERE 1`
}

// planned measures the conditions, each through its own index, and chooses.
func planned(tx *sqlite.Tx, o order, terms []term) (plan, error) {
	for i := range terms {
		t := &terms[i]
		query := `SELECT count(*) FROM (SELECT 1 FROM ` + t.source(nil) + ` LIMIT ?)`
		if t.from != "" {
			query = `SELECT count(*) FROM (` + t.from + ` LIMIT ?)`
		}
		var err error
		if t.size, err = sqlite.One(tx, sqlite.Int, query, append(slices.Clone(t.args), few+1)...); err != nil {
			return plan{}, err
		}
	}
	return planOf(o, terms), nil
}

// planOf chooses: the narrowest condition when few rows fit it; else what is in the
// wanted order, so that the page's rows come first.
func planOf(o order, terms []term) plan {
	p := plan{order: o, terms: terms, index: o.index, lead: -1}
	if len(terms) == 0 {
		return p
	}
	least := 0
	for i := range terms {
		if terms[i].size < terms[least].size {
			least = i
		}
	}
	switch {
	case terms[least].size <= few:
		p.lead = least
	case o.column == "id":
		p.lead = slices.IndexFunc(terms, func(t term) bool { return t.walks && t.from == "" })
	}
	return p
}

// sql is the query of some columns of what fits, in order, behind a cursor's condition.
func (p plan) sql(what string, after sqlite.Where) (string, []any) {
	query, args := `SELECT `+what+` FROM delink_request INDEXED BY `+p.index, []any{}
	var w sqlite.Where
	if p.lead >= 0 {
		lead := &p.terms[p.lead]
		query, args = `SELECT `+what+` FROM `+lead.source(p.terms), slices.Clone(lead.args)
	}
	for i, t := range p.terms {
		if i != p.lead {
			w.And(t.sql, t.args...)
		}
	}
	clause := w.SQL()
	if more := after.SQL(); more != "" {
		w.And(strings.TrimPrefix(more, " WHERE "), after.Args...)
		clause = w.SQL()
	}
	if p.lead >= 0 {
		clause = strings.Replace(clause, " WHERE ", " AND ", 1)
	}
	return query + clause, append(args, w.Args...)
}

// total counts what fits: from the sums that are kept, or by looking, up to few.
func (p plan) total(tx *sqlite.Tx, who access.Principal, f *Filter) (int, bool, error) {
	if who.Bank == "" && who.MSISDN == 0 && f.Bank == "" && f.Waiting == "" && f.Overdue == "" && f.MSISDN == "" && f.SIM == "" {
		n, err := p.tallied(tx, f)
		return n, false, err
	}
	q := p // counting needs no order: go through the narrowest
	for i, t := range p.terms {
		if q.lead < 0 || t.size < p.terms[q.lead].size || (t.size == p.terms[q.lead].size && t.from != "") {
			q.lead = i
		}
	}
	query, args := q.sql("1", sqlite.Where{})
	n, err := sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM (`+query+` LIMIT ?)`, append(args, few+1)...)
	return min(n, few), n > few, err
}

// tallied adds up the sums that fit a filter of operators and states.
func (p plan) tallied(tx *sqlite.Tx, f *Filter) (n int, err error) {
	codes := map[string]bool{}
	for _, t := range p.terms {
		if t.index == "delink_request_operator" {
			codes[t.args[0].(string)] = true
		}
	}
	err = sqlite.Each(tx, func(r sqlite.Row) error {
		var operator string
		var state State
		var some int
		err := r.Scan(&operator, &state, &some)
		if (len(codes) == 0 || (len(codes) == 1 && codes[operator])) && (f.Status == "" || state.Phase() == f.Status) && (f.Workflow == "" || string(state) == f.Workflow) && (f.Open == "" || state.Open() == (f.Open == "true")) {
			n += some
		}
		return err
	}, `SELECT operator_code, workflow_status, requests FROM delink_tally`)
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
			return nil, fmt.Errorf("plan a list of delink requests: %w", err)
		}
		out := &List{Of: page.Of[View]{Items: []View{}, Skip: f.Skip, Limit: f.Limit, Total: -1}}
		var after sqlite.Where
		if f.After == "" {
			out.Total, out.Estimated, err = p.total(tx, who, f)
		} else {
			out.Skip, err = 0, p.behind(&after, f.After)
		}
		if err != nil {
			return nil, err
		}
		found, err := p.rows(tx, after, f.Limit+1, out.Skip)
		if err != nil {
			return nil, fmt.Errorf("list delink requests: %w", err)
		}
		if len(found) > f.Limit {
			found = found[:f.Limit]
			out.Next = p.cursor(found[f.Limit-1])
		}
		if err := fill(tx, found); err != nil {
			return nil, err
		}
		for _, r := range found {
			out.Items = append(out.Items, s.view(who, r))
		}
		return out, nil
	})
}

// rows reads a page: places along the index first, whole requests for those only.
func (p plan) rows(tx *sqlite.Tx, after sqlite.Where, limit, skip int) ([]*Request, error) {
	query, args := p.page(after)
	return sqlite.All(tx, scan, query, append(args, limit, skip)...)
}

func (p plan) page(after sqlite.Where) (string, []any) {
	query, args := p.sql("delink_request.rowid AS place", after)
	whole := "r." + strings.ReplaceAll(strings.ReplaceAll(columns, "\n\t", " "), ", ", ", r.")
	return `SELECT ` + whole + ` FROM (` + query + p.order.sql() + ` LIMIT ? OFFSET ?) p CROSS JOIN delink_request r ON r.rowid = p.place` +
		strings.ReplaceAll(strings.Replace(p.order.sql(), "BY ", "BY r.", 1), ", id", ", r.id"), args
}
