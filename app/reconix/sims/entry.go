package sims

import (
	"errors"
	"strings"
	"unicode/utf8"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/reconix/numbering"
)

// Entry is a recycled SIM as it is reported: text, so that each part that is not as it
// should be can be named.
type Entry struct {
	MSISDN       string `json:"msisdn" maxLength:"64" doc:"The number, in any usual form" example:"+2348031234567"`
	SIMSerial    string `json:"sim_serial" maxLength:"200" doc:"ICCID of the new card, 1 to 50 characters" example:"89234010000000000013"`
	IMSI         string `json:"imsi,omitempty" maxLength:"64" doc:"15 digits"`
	Operator     string `json:"operator_code,omitempty" maxLength:"64" doc:"Code or any name of the operator; your own when left out"`
	Recycled     string `json:"date_recycled,omitempty" maxLength:"32" doc:"First day of the new holder, YYYY-MM-DD"`
	Deactivated  string `json:"date_deactivated,omitempty" maxLength:"32" doc:"First day on which the former holder had it no more, YYYY-MM-DD"`
	NIN          string `json:"previous_owner_nin,omitempty" maxLength:"64" doc:"The former holder's NIN, 11 digits; kept sealed"`
	Name         string `json:"previous_owner_name,omitempty" maxLength:"200" doc:"The former holder's name; kept sealed"`
	BVN          string `json:"previous_owner_bvn,omitempty" maxLength:"64" doc:"The former holder's BVN, 11 digits; kept sealed"`
	NINLinked    *bool  `json:"previous_nin_linked,omitempty" doc:"Whether the NIN is still linked to the number; yes when a NIN is given and this is left out"`
	BVNLinked    *bool  `json:"previous_bvn_linked,omitempty" doc:"Whether the BVN is still linked to the number; yes when a BVN is given and this is left out"`
	Registration string `json:"new_registration_status,omitempty" enum:"unknown,pending,verified,unverified" doc:"What is known of the new holder's registration"`
	Method       string `json:"detection_method,omitempty" enum:"reconciliation,api_query,operator_report" doc:"How it became known; operator_report when left out"`
}

const longestName = 200 // characters

// wrong gathers what is not as it should be in one entry.
type wrong []fault.Field

func (w *wrong) add(field, code, message string) {
	*w = append(*w, fault.Field{Field: field, Code: code, Message: message})
}

// rule notes a broken rule of numbering.
func (w *wrong) rule(field string, err error) {
	var r *numbering.Rejection
	if errors.As(err, &r) {
		w.add(field, r.Code, sentence(r.Message))
	} else if err != nil {
		w.add(field, "INVALID", sentence(err.Error()))
	}
}

// sentence gives numbering's words, which stand inside others there, a beginning and an end.
func sentence(words string) string {
	first, size := utf8.DecodeRuneInString(words)
	return strings.ToUpper(string(first)) + words[size:] + "."
}

// admit reads an entry for somebody: the record, with its secrets sealed, or what is
// wrong with it.
func (s *Service) admit(who access.Principal, e *Entry, today day.Day) (row, wrong) {
	var w wrong
	r := row{Record: Record{Method: OperatorReport, Registration: RegistrationUnknown, Cleanup: Pending}}
	number, err := s.Table.Parse([]byte(e.MSISDN))
	w.rule("msisdn", err)
	r.MSISDN = number
	serial, _, err := numbering.ICCID([]byte(e.SIMSerial))
	w.rule("sim_serial", err)
	r.SIMSerial = string(serial)
	if e.IMSI != "" {
		imsi, _, err := numbering.ParseIMSI(e.IMSI)
		w.rule("imsi", err)
		r.IMSI = imsi.String()
	}
	r.Recycled = readDay(&w, "date_recycled", e.Recycled, today)
	r.Deactivated = readDay(&w, "date_deactivated", e.Deactivated, today)
	if r.Recycled.Known() && r.Deactivated.Known() && r.Recycled < r.Deactivated {
		w.add("date_recycled", "ORDER", "The number was recycled before it was deactivated; one of the two days is wrong.")
	}
	s.admitOperator(who, e, &r, &w)
	s.admitPerson(e, &r, &w)
	choose(&w, "new_registration_status", e.Registration, &r.Registration, RegistrationUnknown, RegistrationPending, RegistrationVerified, RegistrationUnverified)
	choose(&w, "detection_method", e.Method, &r.Method, Reconciliation, APIQuery, OperatorReport)
	r.Linkage = Orphaned.linked(r.NINLinked, r.BVNLinked, false)
	r.quick = quick(r.Deactivated, r.Recycled)
	r.rate(r.quick)
	return r, w
}

func readDay(w *wrong, field, text string, today day.Day) day.Day {
	if text == "" {
		return day.None
	}
	d, err := day.Parse(text)
	switch {
	case err != nil:
		w.add(field, "DATE", "This is not a day: write it as YYYY-MM-DD, for example 2026-11-20.")
		return day.None
	case d > today:
		w.add(field, "FUTURE", "The day lies in the future; report what has happened already.")
	}
	return d
}

// admitOperator settles whose SIM it is. Who is bound to an operator reports for that
// one only.
func (s *Service) admitOperator(who access.Principal, e *Entry, r *row, w *wrong) {
	name := e.Operator
	if name == "" {
		name = who.Operator
	}
	on := r.Recycled
	if name == "" {
		w.add("operator_code", "REQUIRED", "The operator is missing; give its code, such as MTN.")
		return
	}
	code, ok := s.Operators.Resolve(name, on)
	switch {
	case !ok:
		w.add("operator_code", "UNKNOWN", "There is no operator with this code or name; /operators lists them.")
	case who.Operator != "" && who.Operator != code:
		w.add("operator_code", "NOT_YOURS", "Your account reports for "+who.Operator+" only.")
	}
	r.Operator = code
}

// admitPerson reads what is said of the former holder and seals it.
func (s *Service) admitPerson(e *Entry, r *row, w *wrong) {
	if e.NIN != "" {
		nin, _, err := numbering.ParseNIN(e.NIN)
		w.rule("previous_owner_nin", err)
		if err == nil {
			r.sealedNIN, r.NIN = s.seal(nin.Reveal()), mask(nin.String())
		}
	}
	if e.BVN != "" {
		bvn, _, err := numbering.ParseBVN(e.BVN)
		w.rule("previous_owner_bvn", err)
		if err == nil {
			r.sealedBVN, r.BVN = s.seal(bvn.Reveal()), mask(bvn.String())
		}
	}
	if name := strings.Join(strings.Fields(e.Name), " "); name != "" {
		if utf8.RuneCountInString(name) > longestName || !utf8.ValidString(name) {
			w.add("previous_owner_name", "LENGTH", "The name is longer than 200 characters, or is no text; give the person's name only.")
		}
		r.sealedName, r.Name = s.seal(name), mask(numbering.MaskName(name))
	}
	r.NINLinked, r.BVNLinked = e.NIN != "", e.BVN != ""
	if e.NINLinked != nil {
		r.NINLinked = *e.NINLinked
	}
	if e.BVNLinked != nil {
		r.BVNLinked = *e.BVNLinked
	}
}

func choose(w *wrong, field, text string, to *string, from ...string) {
	if text == "" {
		return
	}
	for _, known := range from {
		if text == known {
			*to = known
			return
		}
	}
	w.add(field, "NOT_ALLOWED", "The value is not one of "+strings.Join(from, ", ")+".")
}

func mask(text string) *string { return &text }
