package delink

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/seal"
	"reconexus/app/reconix/operators"
	"reconexus/store/sqlite"
	"reconexus/store/storetest"
)

// No filter may scan the table, and a page of many must not be sorted first.
func TestEveryFilterAndOrderGoesThroughAnIndex(t *testing.T) {
	db := storetest.Open(t)
	ring, err := seal.Load(t.TempDir() + "/keys")
	if err != nil {
		t.Fatal(err)
	}
	names := operators.New(db, audit.New(db, ring, time.Now))
	if err := names.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := &Service{DB: db, Operators: names, Clock: time.Now}
	filters := map[string]Filter{
		"nothing": {}, "status": {Status: "pending"}, "workflow": {Workflow: "failed"}, "operator": {Operator: "MTN"}, "bank": {Bank: "044"},
		"me": {Waiting: "me"}, "targets": {Waiting: "target"}, "overdue": {Overdue: "true"}, "in time": {Overdue: "false"}, "number": {MSISDN: "08031234567"}, "sim": {SIM: "sim_x"}, "open": {Open: "true"}, "ended": {Open: "false"},
		"everything": {Status: "pending", Workflow: "submitted", Operator: "MTN", Bank: "044", Waiting: "me", Overdue: "true"},
	}
	all := access.All()
	for tenant, who := range map[string]access.Principal{"anybody": {May: all}, "operator": {Operator: "GLO", May: all}, "bank": {Bank: "057", May: all}, "number": {MSISDN: 2348031234567, May: all}} {
		for name, f := range filters {
			for _, sort := range []string{"-created_at", "due_at", "-risk_score"} {
				for _, size := range []int{1, few + 1} {
					explain(t, s, fmt.Sprintf("%s as %s by %s, %d rows", name, tenant, sort, size), who, f, sort, size)
				}
			}
		}
	}
}

func explain(t *testing.T, s *Service, name string, who access.Principal, f Filter, sort string, size int) {
	t.Helper()
	terms, err := s.terms(who, &f)
	if err != nil {
		t.Fatal(name, err)
	}
	for i := range terms {
		terms[i].size = size
	}
	p := planOf(orderOf(sort), terms)
	query, args := p.page(sqlite.Where{})
	lines, err := sqlite.Read(t.Context(), s.DB, func(tx *sqlite.Tx) ([]string, error) {
		return sqlite.All(tx, func(r sqlite.Row) (string, error) {
			var id, parent, unused int
			var detail string
			return detail, r.Scan(&id, &parent, &unused, &detail)
		}, "EXPLAIN QUERY PLAN "+query, append(args, 51, 0)...)
	})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	sorted := 0
	for _, line := range lines {
		if strings.HasPrefix(line, "SCAN delink_") && !strings.Contains(line, "INDEX") {
			t.Errorf("%s scans a table: %v", name, lines)
		}
		if strings.HasPrefix(line, "USE TEMP B-TREE FOR ORDER BY") {
			sorted++
		}
	}
	if size > few && sorted > 1 { // the one is for the page itself
		t.Errorf("%s sorts all that fits: %v\n%s", name, lines, query)
	}
}
