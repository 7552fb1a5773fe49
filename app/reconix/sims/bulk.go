package sims

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/store/sqlite"
)

// mostAtOnce is how many records one request takes; more come as a file.
const mostAtOnce = 10_000

// Rows are records as they were sent, byte for byte: the checksum is over them, and
// each is judged on its own.
type Rows []byte

// UnmarshalJSON keeps the array unread.
func (r *Rows) UnmarshalJSON(raw []byte) error {
	*r = bytes.Clone(raw)
	return nil
}

// MarshalJSON writes what was kept.
func (r Rows) MarshalJSON() ([]byte, error) { return r, nil }

// Schema says in the served document what rows are like; huma calls it.
func (Rows) Schema(r huma.Registry) *huma.Schema {
	most := mostAtOnce
	return &huma.Schema{Type: huma.TypeArray, MaxItems: &most, Items: huma.SchemaFromType(r, entryType())}
}

// Batch is what a bulk request sends.
type Batch struct {
	SIMs     Rows   `json:"sims" doc:"Up to 10,000 records"`
	Checksum string `json:"checksum,omitempty" doc:"SHA-256, in hexadecimal, of the bytes of the array sims as they are sent; when it does not fit nothing is changed"`
}

// Outcome is what became of a bulk request.
type Outcome struct {
	Total      int        `json:"total_records"`
	Successful int        `json:"successful"`
	Failed     int        `json:"failed"`
	Errors     []RowError `json:"errors" nullable:"false" doc:"What is wrong, for each row that was not taken"`
}

// RowError is one part of one row that is not as it should be.
type RowError struct {
	Row     int    `json:"row" doc:"Place in sims, counted from 1"`
	MSISDN  string `json:"msisdn" doc:"The row's number; empty when it is none"`
	Field   string `json:"field" doc:"Empty when it is about the whole row"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Bulk takes many records in one transaction: good rows are kept, bad ones reported.
func (s *Service) Bulk(ctx context.Context, who access.Principal, b Batch) (*Outcome, error) {
	if err := mayWrite(who); err != nil {
		return nil, err
	}
	if err := b.intact(); err != nil {
		return nil, err
	}
	raw, err := b.split()
	if err != nil {
		return nil, err
	}
	out := &Outcome{Total: len(raw), Errors: []RowError{}}
	today := day.Of(s.Clock())
	good := make([]*row, len(raw))
	for i, text := range raw {
		good[i] = s.admitRaw(who, text, i+1, today, out)
	}
	err = sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		now, into := s.now(), sums{}
		for i, r := range good {
			if r == nil {
				continue
			}
			err := s.add(tx, r, now, into)
			switch f, ok := fault.In(err); {
			case err == nil:
				out.Successful++
			case ok:
				out.refuse(i+1, r.MSISDN.String(), wrong{{Code: "DUPLICATE", Message: f.Message}})
			default:
				return err
			}
		}
		return errors.Join(into.write(tx), s.Audit.Record(tx, who, "sim.bulk", "", "records", out.Total, "successful", out.Successful))
	})
	out.Failed = out.Total - out.Successful
	slices.SortStableFunc(out.Errors, func(a, b RowError) int { return a.Row - b.Row })
	return out, err
}

// intact compares the checksum with what came.
func (b Batch) intact() error {
	if b.Checksum == "" {
		return nil
	}
	sum := sha256.Sum256(b.SIMs)
	if !strings.EqualFold(b.Checksum, hex.EncodeToString(sum[:])) {
		return fault.Wrong("checksum", "CHECKSUM", "The checksum does not fit what came, so nothing was changed. It is the SHA-256, in hexadecimal, of the bytes of the array sims from [ to ], exactly as they are sent.")
	}
	return nil
}

func (b Batch) split() ([]json.RawMessage, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(b.SIMs, &raw); err != nil || len(raw) == 0 {
		return nil, fault.Wrong("sims", "REQUIRED", "sims is a list of 1 to 10,000 records.")
	}
	if len(raw) > mostAtOnce {
		return nil, fault.Wrong("sims", "TOO_MANY", "One request takes 10,000 records; send the rest in another, or a file of any size to /recycled-sims/imports.")
	}
	return raw, nil
}

// admitRaw reads one record; what is wrong with it goes to the outcome, and nil is
// answered.
func (s *Service) admitRaw(who access.Principal, text json.RawMessage, place int, today day.Day, out *Outcome) *row {
	var e Entry
	read := json.NewDecoder(bytes.NewReader(text))
	read.DisallowUnknownFields()
	if err := read.Decode(&e); err != nil {
		out.refuse(place, "", wrong{unread(err)})
		return nil
	}
	r, w := s.admit(who, &e, today)
	if len(w) > 0 {
		out.refuse(place, r.MSISDN.String(), w)
		return nil
	}
	return &r
}

// unread says why a record is not one, without repeating what is in it.
func unread(err error) fault.Field {
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		return fault.Field{Field: kind.Field, Code: "TYPE", Message: "The value is of the wrong type: numbers, days and names are strings."}
	case errors.As(err, &kind):
		return fault.Field{Code: "TYPE", Message: "A record is a JSON object."}
	case strings.Contains(err.Error(), "unknown field"):
		return fault.Field{Code: "UNKNOWN_PROPERTY", Message: "The record has a property that is not known here; /docs lists those that are."}
	}
	return fault.Field{Code: "INVALID", Message: "The record is not valid JSON."}
}

func (o *Outcome) refuse(place int, number string, w wrong) {
	for _, f := range w {
		o.Errors = append(o.Errors, RowError{place, number, f.Field, f.Code, f.Message})
	}
}
