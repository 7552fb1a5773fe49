// Package receipt writes down an answer about a number so that the asker can prove
// later what was answered, to anybody and without this appliance.
//
// A receipt is a short text, one fact a line, signed with the key that signs the audit
// log's heads (golang.org/x/mod/sumdb/note):
//
//	reconexus receipt v1
//	question recycled-since
//	msisdn +2348031234567
//	date 2024-01-31
//	answer yes
//	as_of 2026-11-20T09:00:00Z
//	asked_by key_06h…
//	correlator b4333c46-49c0-4f62-80d7-f0ef930f1c46
//
//	— reconexus-audit kHSF…
//
// It says what this installation answered, not that it is so. Who has the public key
// beforehand needs nothing else to verify it; a key that comes along with a receipt
// proves nothing.
package receipt

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"reconexus/app/audit"
)

// title is the first line: nothing else that the key signs begins so.
const title = "reconexus receipt v1"

// The questions that have receipts.
const (
	RecycledSince = "recycled-since" // has the holder changed after the date?
	BothRules     = "recycled-and-reassigned-since"
	SwappedSince  = "sim-swapped-since"
	HeldSince     = "held-since"
	File          = "file-of-recycling-checks"
)

// Fact is one line of a receipt.
type Fact struct{ Name, Value string }

// Receipt is an answer written down. Facts keep their order.
type Receipt struct{ Facts []Fact }

// Of begins a receipt about an answer.
func Of(question string) *Receipt { return (&Receipt{}).And("question", question) }

// And adds a fact. What is empty is left out; a line break would make two facts of one.
func (r *Receipt) And(name, value string) *Receipt {
	if value = strings.Join(strings.Fields(value), " "); value != "" {
		r.Facts = append(r.Facts, Fact{name, value})
	}
	return r
}

// At adds the instant whose knowledge the answer is.
func (r *Receipt) At(t time.Time) *Receipt { return r.And("as_of", t.UTC().Format(time.RFC3339)) }

// Sign signs the receipt for the asker to keep.
func (r *Receipt) Sign(log *audit.Log) (string, error) {
	var text strings.Builder
	text.WriteString(title + "\n")
	for _, f := range r.Facts {
		text.WriteString(f.Name + " " + f.Value + "\n")
	}
	return log.Sign(text.String())
}

// Pack makes one line of a signed receipt, for a header.
func Pack(signed string) string { return base64.StdEncoding.EncodeToString([]byte(signed)) }

// Verify reads a receipt that somebody kept and says what it tells, if the key signed
// it. It takes the text itself, its one-line form from a header, or a JSON answer with
// a field receipt.
func Verify(kept []byte, key string) (*Receipt, error) {
	signed, err := find(kept)
	if err != nil {
		return nil, err
	}
	text, err := audit.Opened(signed, key)
	if err != nil {
		return nil, fmt.Errorf("the receipt is not genuine: %w", err)
	}
	first, rest, _ := strings.Cut(text, "\n")
	if first != title {
		return nil, errors.New("the signature is good, but this is no receipt of an answer")
	}
	r := &Receipt{}
	for line := range strings.Lines(rest) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		r.Facts = append(r.Facts, Fact{name, value})
	}
	return r, nil
}

// find takes the signed text out of what was kept.
func find(kept []byte) ([]byte, error) {
	kept = bytes.TrimPrefix(bytes.TrimSpace(kept), []byte("\xef\xbb\xbf"))
	switch {
	case bytes.HasPrefix(kept, []byte(title)):
	case bytes.HasPrefix(kept, []byte("{")):
		var in struct {
			Receipt string `json:"receipt"`
		}
		if err := json.Unmarshal(kept, &in); err != nil || in.Receipt == "" {
			return nil, errors.New("the file is JSON without a field receipt; keep the answer whole, or the receipt alone")
		}
		kept = []byte(strings.TrimSpace(in.Receipt))
	default:
		plain, err := base64.StdEncoding.DecodeString(string(kept))
		if err != nil {
			return nil, errors.New("the file holds no receipt: one begins with the words " + title + ", or is the one line of the header X-Receipt")
		}
		kept = bytes.TrimSpace(plain)
	}
	// Mail and editors change how lines end; a note has plain ends and one at its end.
	return append(bytes.ReplaceAll(kept, []byte("\r\n"), []byte("\n")), '\n'), nil
}
