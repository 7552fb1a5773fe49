package sims

import (
	"fmt"
	"strings"
	"testing"

	"reconexus/app/access"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/operators"
	"reconexus/store/sqlite"
	"reconexus/store/storetest"
)

// No filter may scan the table, and a page of many must not be sorted first: with a
// million rows either would take seconds.
func TestEveryFilterAndOrderGoesThroughAnIndex(t *testing.T) {
	db := storetest.Open(t)
	table, err := numbering.New()
	if err != nil {
		t.Fatal(err)
	}
	s := &Service{DB: db, Table: table, Operators: known(t, db)}
	filters := map[string]Filter{
		"nothing": {}, "operator": {Operator: "MTN"}, "cleanup": {Cleanup: "failed"}, "linkage": {Linkage: "active"}, "risk": {RiskMin: 0.7},
		"number": {MSISDN: "08031234567"}, "days": {From: "2026-01-01", To: "2026-02-01"}, "since": {From: "2026-01-01"},
		"digits": {Q: "0803"}, "serial": {Q: "8923401"}, "id": {Q: "sim_" + strings.Repeat("0", 26)},
		"everything": {Operator: "MTN", Cleanup: "failed", Linkage: "active", RiskMin: 0.4, From: "2026-01-01", Q: "0803"},
	}
	tenants := map[string]access.Principal{"anybody": {}, "operator": {Operator: "GLO"}, "bank": {Bank: "057"}, "number": {MSISDN: 2348031234567}}
	for tenant, who := range tenants {
		for name, f := range filters {
			for _, sort := range []string{"-created_at", "created_at", "-date_recycled", "-risk_score", "msisdn"} {
				for _, size := range []int{1, few + 1} {
					s.explain(t, fmt.Sprintf("%s as %s by %s, %d rows", name, tenant, sort, size), who, f, sort, size)
				}
			}
		}
	}
}

func known(t *testing.T, db *sqlite.DB) *operators.Service {
	t.Helper()
	err := sqlite.Do(t.Context(), db, func(tx *sqlite.Tx) error {
		_, err := sqlite.Exec(tx, `INSERT INTO operator (code, name) VALUES ('MTN', 'MTN'), ('GLO', 'Glo')`)
		if err == nil {
			_, err = sqlite.Exec(tx, `INSERT INTO bank (code, name) VALUES ('057', 'Zenith')`)
		}
		return err
	})
	names := operators.New(db, nil)
	if err == nil {
		err = names.Seed(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// explain plans a page as if each condition fitted so many rows.
func (s *Service) explain(t *testing.T, name string, who access.Principal, f Filter, sort string, size int) {
	t.Helper()
	terms, err := s.terms(who, &f)
	if err != nil {
		t.Fatal(name, err)
	}
	for i := range terms {
		terms[i].size = size
	}
	p := planOf(orderOf(sort), terms)
	w := p.where()
	lines, err := sqlite.Read(t.Context(), s.DB, func(tx *sqlite.Tx) ([]string, error) {
		return sqlite.All(tx, func(r sqlite.Row) (string, error) {
			var id, parent, unused int
			var detail string
			return detail, r.Scan(&id, &parent, &unused, &detail)
		}, "EXPLAIN QUERY PLAN "+p.sql(w), append(w.Args, 51, 0)...)
	})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	sorted := 0
	for _, line := range lines {
		if strings.HasPrefix(line, "SCAN recycled_sim") && !strings.Contains(line, "INDEX") {
			t.Errorf("%s scans the table: %v", name, lines)
		}
		if strings.HasPrefix(line, "USE TEMP B-TREE FOR ORDER BY") {
			sorted++
		}
	}
	if !p.small && sorted > 1 { // the one is for the page itself
		t.Errorf("%s sorts all that fits: %v", name, lines)
	}
}
