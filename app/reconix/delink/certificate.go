package delink

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/fault"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/numbering"
	"reconexus/store/sqlite"
)

// certified is the key under which the audit entry of a completion keeps the SHA-256 of
// what was certified: the log's signed head then vouches for every letter of it.
const certified = "certificate_sha256"

// Statement is what a certificate says. Its JSON is kept to the letter.
type Statement struct {
	Request   string           `json:"delink_request_id"`
	SIM       string           `json:"recycled_sim_id"`
	MSISDN    numbering.MSISDN `json:"msisdn"`
	Operator  string           `json:"operator_code"`
	Type      Type             `json:"request_type"`
	Submitted time.Time        `json:"submitted_at"`
	Completed time.Time        `json:"completed_at"`
	Submitter string           `json:"submitted_by"`
	Removed   []RemovedItem    `json:"removed"`
	Left      []string         `json:"active_linkages_left"` // of the number, masked, whoever's they are
}

// RemovedItem is one thing that was removed.
type RemovedItem struct {
	Kind      string    `json:"kind"`
	Target    string    `json:"target"`
	Number    string    `json:"number"` // masked
	State     ItemState `json:"state"`
	Told      string    `json:"told"`
	Reference string    `json:"reference,omitempty"`
	At        time.Time `json:"at"`
}

// certify writes down what was achieved, as it stands in the write that completes it.
func (s *Service) certify(tx *sqlite.Tx, r *Request) (statement, digest string, err error) {
	out := Statement{
		Request: r.ID, SIM: r.SIM, MSISDN: numbering.MSISDN(r.MSISDN), Operator: r.Operator, Type: r.Type,
		Submitted: r.Created, Completed: r.Completed, Submitter: r.By.ID, Removed: []RemovedItem{}, Left: []string{},
	}
	for i := range r.Items {
		x := r.Items[i].view(r.ID)
		out.Removed = append(out.Removed, RemovedItem{x.Kind, x.Target, x.Number, x.State, x.Told, x.Reference, r.Items[i].At})
	}
	all, err := linkage.Of(tx, r.MSISDN)
	if err != nil {
		return "", "", err
	}
	for _, l := range all {
		if l.Active() {
			out.Left = append(out.Left, fmt.Sprintf("%s %s, %s", l.Kind, l.Mask, l.Verdict))
		}
	}
	raw, err := json.Marshal(out)
	sum := sha256.Sum256(raw)
	return string(raw), hex.EncodeToString(sum[:]), err
}

// Certificate proves that a request was completed: what was achieved, to the letter,
// and the audit log's proof of the entry that holds its SHA-256. [Verify] checks it
// without this appliance.
type Certificate struct {
	Statement string      `json:"statement" doc:"JSON, to the letter; its SHA-256 stands in the audit entry"`
	SHA256    string      `json:"sha256"`
	Proof     audit.Proof `json:"proof" doc:"That the entry is in the audit log under a signed head"`
}

// Certificate proves a completed request.
func (s *Service) Certificate(ctx context.Context, who access.Principal, request string) (*Certificate, error) {
	var seq int64
	statement, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (string, error) {
		r, err := find(tx, who, request)
		if err != nil {
			return "", err
		}
		if who.Bank != "" {
			return "", fault.New(fault.Forbidden, "The certificate names what other institutions removed; ask the operator for it.")
		}
		if r.State != Completed || r.certificate == "" {
			return "", fault.New(fault.Conflict, "This request is %s; only a completed one has a certificate.", r.State)
		}
		seq, err = s.completion(tx, r.ID)
		return r.certificate, err
	})
	if err != nil {
		return nil, err
	}
	proof, err := s.Audit.Prove(ctx, seq)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(statement))
	return &Certificate{statement, hex.EncodeToString(sum[:]), proof}, nil
}

// completion is the number of the audit entry that completed a request.
func (s *Service) completion(tx *sqlite.Tx, request string) (int64, error) {
	const enough = 1000
	entries, err := s.Audit.Of(tx, request, enough)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if _, ok := e.Detail[certified]; ok {
			return e.Seq, nil
		}
	}
	return 0, fault.New(fault.NotFound, "The audit entry of this request's completion was dropped by retention; it can no longer be proved.")
}

// Verify checks a certificate against the key of the appliance that signed it: the
// statement is the one that the entry certifies, the entry is the leaf, the leaf is in
// the tree, and the tree's head is signed. It needs nothing but its arguments.
func Verify(c Certificate, key string) error {
	sum := sha256.Sum256([]byte(c.Statement))
	if said, _ := c.Proof.Entry.Detail[certified].(string); said != hex.EncodeToString(sum[:]) {
		return fault.New(fault.Invalid, "The statement is not the one that was certified.")
	}
	leaf, err := json.Marshal(c.Proof.Entry)
	if err != nil {
		return err
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return fault.New(fault.Invalid, "This is no key of an audit log.")
	}
	head, err := note.Open([]byte(c.Proof.Checkpoint.Note), note.VerifierList(verifier))
	if err != nil {
		return fault.New(fault.Invalid, "The head of the audit log is not signed with this key.")
	}
	tree, err := tlog.ParseTree([]byte(head.Text))
	if err != nil {
		return fault.New(fault.Invalid, "The head of the audit log is not readable.")
	}
	if err := tlog.CheckRecord(c.Proof.Hashes, tree.N, tree.Hash, c.Proof.Entry.Seq, tlog.RecordHash(leaf)); err != nil {
		return fault.New(fault.Invalid, "The entry is not in the audit log that the head is of.")
	}
	return nil
}
