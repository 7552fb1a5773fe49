package check_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"reconexus/app/reconix/receipt"
)

// told are the facts of a receipt that verifies.
func (d *desk) told(t *testing.T, signed string) string {
	t.Helper()
	r, err := receipt.Verify([]byte(signed), d.Audit.Key())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range r.Facts {
		all = append(all, f.Name+" "+f.Value)
	}
	return strings.Join(all, ", ")
}

func TestAnAnswerCanBeKept(t *testing.T) {
	d := open(t)
	d.known()
	for _, c := range truths() {
		a := d.Ask(http.MethodGet, "/recycling-checks/"+c.number+"?receipt=true&since="+c.since, "")
		signed, _ := a.Body["receipt"].(string)
		want := "question recycled-and-reassigned-since, msisdn " + c.number + ", date " + c.since + ", recycled " + c.recycled + ", reassigned " + c.reassigned +
			", status " + c.status + ", as_of 2026-11-20T09:00:00Z, asked_by usr_admin"
		if got := d.told(t, signed); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if a := d.Ask(http.MethodGet, "/recycling-checks/"+c.number+"?since="+c.since, ""); a.Body["receipt"] != nil {
			t.Errorf("a receipt that nobody asked for: %s", a.Text)
		}
	}
}

// One receipt speaks for every line of a file's answers.
func TestAFileOfAnswersCanBeKept(t *testing.T) {
	d := open(t)
	d.Start(d.Jobs)
	d.known()
	for _, content := range []string{"08031234567,2020-06-01\n08031234570,2020-06-01\n", "msisdn,date\n12,2020-01-01\n"} {
		job, r, answers, _ := d.scrubbed(t, content)
		sum := sha256.Sum256([]byte(answers))
		got := d.told(t, r.Receipt)
		for _, part := range []string{"question file-of-recycling-checks, asked_blake2b ", ", result_sha256 " + hex.EncodeToString(sum[:]) + ", rows ", "asked_by usr_admin, correlator " + job.ID} {
			if !strings.Contains(got, part) {
				t.Errorf("%q does not tell %q", got, part)
			}
		}
	}
}
