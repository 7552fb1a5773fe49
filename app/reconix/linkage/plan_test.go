package linkage

import (
	"strings"
	"testing"

	"reconexus/app/access"
	"reconexus/store/sqlite"
	"reconexus/store/storetest"
)

// The list of recycled SIMs asks what former holders left for each page, and the list
// of what a person must look at is short among millions: neither may go over all
// linkages, and the latter may not sort what it finds.
func TestWhatIsFlaggedIsFoundThroughItsIndex(t *testing.T) {
	db := storetest.Open(t)
	tenants := map[string]access.Principal{"anybody": {}, "operator": {Operator: "GLO"}, "bank": {Bank: "057"}, "number": {MSISDN: 2348031234567}}
	for tenant, who := range tenants {
		w := strangersOf(who)
		w.And("msisdn IN (SELECT value FROM json_each(?))", "[2348031234567]")
		plan := explain(t, db, `SELECT msisdn, kind, mask`+strangers+w.SQL()+strangersOrder, w.Args)
		if !strings.Contains(plan, "SEARCH linkage USING INDEX linkage_flagged (verdict=? AND msisdn=?") {
			t.Errorf("former holders' identities for %s: %s", tenant, plan)
		}
		for _, v := range []Verdict{Unchecked, Stale, Review} {
			f := Filter{Kind: NIN, Verdict: &v}
			w := within(who)
			if err := f.narrow(&w); err != nil {
				t.Fatal(err)
			}
			plan := explain(t, db, f.page(w), append(w.Args, 26, 0))
			if !strings.Contains(plan, "USING INDEX linkage_") || strings.Contains(plan, "TEMP B-TREE FOR ORDER BY") { // sorting the few of one number is no matter
				t.Errorf("%s for %s: %s", v, tenant, plan)
			}
		}
	}
}

func explain(t *testing.T, db *sqlite.DB, query string, args []any) string {
	t.Helper()
	lines, err := sqlite.Read(t.Context(), db, func(tx *sqlite.Tx) ([]string, error) {
		return sqlite.All(tx, func(r sqlite.Row) (string, error) {
			var id, parent, unused int
			var detail string
			return detail, r.Scan(&id, &parent, &unused, &detail)
		}, "EXPLAIN QUERY PLAN "+query, args...)
	})
	if err != nil {
		t.Fatal(query, err)
	}
	return strings.Join(lines, "; ")
}
