// Package camara speaks the telecom industry's own interface (the CAMARA project): the
// questions that a bank or a shop asks any operator in any country, in the industry's
// words, answered from the record of tenures.
//
//	number recycling     has the number changed hands since a day?
//	SIM swap             was its card changed lately, and when last?
//	KYC tenure           has one holder had it since a day?
//	KYC match            are this name and this NIN the holder's?
//	number verification  is it the number that the token was given for?
//
// The answers of these specifications are yes or no. Where the record does not tell,
// the answer is an error that says so, 400 OUT_OF_RANGE, and never a guess; a match
// says not_available. What a caller may not see is answered as what nobody knows.
//
// A key that is bound to one number gets three-legged tokens: they speak for that
// number, and no request names another. Other tokens are two-legged: each request
// names its number.
package camara

import (
	"crypto/rand"
	"net/http"
	"strings"

	"reconexus/app/kit/fault"
	"reconexus/app/rest"
)

// Error is an error answer as the specifications shape it.
type Error struct {
	Status  int    `json:"status" doc:"HTTP response status code"`
	Code    string `json:"code" doc:"What kind of error it is, such as INVALID_ARGUMENT"`
	Message string `json:"message" doc:"What is wrong and what would be right"`
	header  http.Header
}

func (e *Error) Error() string             { return e.Message }
func (e *Error) GetStatus() int            { return e.Status }
func (e *Error) ContentType(string) string { return "application/json" }
func (e *Error) GetHeaders() http.Header   { return e.header }

func outOfRange(message string) error {
	return &Error{Status: http.StatusBadRequest, Code: "OUT_OF_RANGE", Message: message}
}

func invalid(message string) error {
	return &Error{Status: http.StatusBadRequest, Code: "INVALID_ARGUMENT", Message: message}
}

func unknown() error {
	return &Error{Status: http.StatusNotFound, Code: "IDENTIFIER_NOT_FOUND", Message: "Nobody is known to hold this phone number."}
}

// dialect is how these routes greet and how they say errors.
func dialect() *rest.Dialect { return &rest.Dialect{Greet: greet, Say: say} }

const correlatorHeader = "X-Correlator"

// greet echoes the caller's x-correlator, or makes one up when there is none that the
// specifications allow.
func greet(asked, answer http.Header) string {
	c := asked.Get(correlatorHeader)
	if c == "" || !correlates(c) {
		c = rand.Text()
	}
	answer[correlatorHeader] = []string{c}
	return c
}

// correlates tells whether a text has the shape of an x-correlator.
func correlates(c string) bool {
	return len(c) <= 256 && strings.Trim(c, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:;./<>{}") == ""
}

// say tells a problem, be it of the pipeline or of a request's shape, in the codes that
// all CAMARA specifications share.
func say(p *rest.Problem) rest.Said {
	e := &Error{Status: p.Status, Code: string(p.Code), Message: p.Detail, header: p.GetHeaders()}
	switch p.Code {
	case fault.Invalid:
		e.Status, e.Code = http.StatusBadRequest, "INVALID_ARGUMENT"
		parts := []string{}
		for _, f := range p.Errors {
			parts = append(parts, strings.Trim(f.Field+": "+f.Message, ": "))
			if f.Code == "RANGE" {
				e.Code = "OUT_OF_RANGE"
			}
		}
		if len(parts) > 0 {
			e.Message = strings.Join(parts, "; ")
		}
	case fault.Rejected:
		e.Code = "INVALID_ARGUMENT"
	case fault.Forbidden:
		e.Code = "PERMISSION_DENIED"
	case fault.RateLimited:
		e.Code = "TOO_MANY_REQUESTS"
	}
	return e
}
