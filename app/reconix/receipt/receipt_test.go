package receipt_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reconexus/app/audit"
	"reconexus/app/kit/seal"
	"reconexus/app/reconix/receipt"
	"reconexus/store/storetest"
)

func house(t *testing.T) *audit.Log {
	t.Helper()
	ring, err := seal.Load(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	log := audit.New(storetest.Open(t), ring, time.Now)
	if audit.KeyOf(ring) != log.Key() {
		t.Fatal("the ring alone gives another key than the log")
	}
	return log
}

func signed(t *testing.T, log *audit.Log) string {
	t.Helper()
	out, err := receipt.Of(receipt.RecycledSince).And("msisdn", "+2348031234567").And("note", "").
		And("correlator", "a\nb").At(time.Date(2026, 11, 20, 10, 0, 0, 0, time.FixedZone("WAT", 3600))).Sign(log)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAReceiptIsReadInEveryFormThatPeopleKeep(t *testing.T) {
	log := house(t)
	text := signed(t, log)
	answer, err := json.Marshal(map[string]any{"recycled": "yes", "receipt": text})
	if err != nil {
		t.Fatal(err)
	}
	for name, kept := range map[string]string{
		"as it is":            text,
		"the header's line":   receipt.Pack(text),
		"with a line's end":   receipt.Pack(text) + "\r\n",
		"the whole answer":    string(answer),
		"after an editor":     "\xef\xbb\xbf" + strings.ReplaceAll(text, "\n", "\r\n") + "\r\n\r\n",
		"without its last NL": strings.TrimSpace(text),
	} {
		r, err := receipt.Verify([]byte(kept), log.Key())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var told []string
		for _, f := range r.Facts {
			told = append(told, f.Name+" "+f.Value)
		}
		if got := strings.Join(told, ", "); got != "question recycled-since, msisdn +2348031234567, correlator a b, as_of 2026-11-20T09:00:00Z" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestWhatIsNoReceiptIsRefused(t *testing.T) {
	log := house(t)
	text := signed(t, log)
	head, err := log.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other, err := log.Sign("something else\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, kept := range map[string]string{
		"another number":       strings.Replace(text, "4567", "4568", 1),
		"another answer":       strings.Replace(text, "recycled-since", "recycled-since\nanswer yes", 1),
		"no signature":         strings.Split(text, "\n\n")[0] + "\n",
		"another house's":      signed(t, house(t)),
		"a head of the log":    head.Note,
		"a head, packed":       receipt.Pack(head.Note),
		"another text, packed": receipt.Pack(other),
		"nothing":              "",
		"JSON without one":     `{"recycled":"yes"}`,
		"half of JSON":         `{"receipt":"`,
		"prose":                "The number has changed hands.",
	} {
		if r, err := receipt.Verify([]byte(kept), log.Key()); err == nil {
			t.Errorf("%s is taken for a receipt: %v", name, r)
		}
	}
	for _, key := range []string{"", "nonsense", "reconexus-audit+00000000+AAAA", log.Key()[:40]} {
		if _, err := receipt.Verify([]byte(text), key); err == nil {
			t.Errorf("the key %q verifies", key)
		}
	}
}
