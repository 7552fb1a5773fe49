package id_test

import (
	"testing"
	"time"

	"reconexus/app/kit/id"
)

func TestIDsSortByAgeAndSayTheirKind(t *testing.T) {
	at := time.UnixMilli(1_795_000_000_000)
	before, seen := "", map[string]bool{}
	for i := range 1000 {
		x := id.New("job", at.Add(time.Duration(i)*time.Millisecond))
		if x <= before || seen[x] || !id.Is("job", x) || id.Is("usr", x) {
			t.Fatalf("%s after %s", x, before)
		}
		before, seen[x] = x, true
	}
	for _, bad := range []string{"", "job_", "job_x", before + "x", "job_" + "UPPERCASE0000000000000000U"} {
		if id.Is("job", bad) {
			t.Errorf("%q passes for an id", bad)
		}
	}
	if a, b := id.Secret(20), id.Secret(20); len(a) != 32 || a == b {
		t.Error("a secret is not 160 fresh bits")
	}
}
