package page_test

import (
	"testing"

	"reconexus/app/kit/page"
)

func TestACursorFitsItsOwnOrderOnly(t *testing.T) {
	c := page.Cursor("-risk_score", "0.3", "sim_1")
	if key, tie, err := page.Behind(c, "-risk_score"); err != nil || key != "0.3" || tie != "sim_1" {
		t.Errorf("%q %q %v", key, tie, err)
	}
	for cursor, order := range map[string]string{c: "risk_score", "": "id", "%%": "id", "YQ": "a", page.Cursor("id", "a|b", "c"): "id"} {
		if _, _, err := page.Behind(cursor, order); err == nil {
			t.Errorf("%q is taken for a cursor of %s", cursor, order)
		}
	}
}
