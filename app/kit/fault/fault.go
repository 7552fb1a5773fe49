// Package fault says what went wrong in words that a caller can act on.
//
// A fault has a kind (which decides the HTTP status and the GraphQL code) and a
// sentence for people. Any other error is a defect of the program or of the machine:
// it is logged at the edge and answered as INTERNAL without its text.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind is the stable upper-snake code of an error answer.
type Kind string

// The kinds of the REST contract.
const (
	Invalid         Kind = "VALIDATION_FAILED"
	Unauthenticated Kind = "UNAUTHENTICATED"
	Forbidden       Kind = "FORBIDDEN"
	NotFound        Kind = "NOT_FOUND"
	Conflict        Kind = "CONFLICT"
	Stale           Kind = "PRECONDITION_FAILED"
	Locked          Kind = "LOCKED"
	RateLimited     Kind = "RATE_LIMITED"
	TooLarge        Kind = "PAYLOAD_TOO_LARGE"
	Rejected        Kind = "INPUT_REJECTED"
	Method          Kind = "METHOD_NOT_ALLOWED"
	Unsupported     Kind = "UNSUPPORTED_MEDIA_TYPE"
	Unavailable     Kind = "UNAVAILABLE"
	Internal        Kind = "INTERNAL"
)

// Status is the HTTP status of a kind.
func (k Kind) Status() int {
	switch k {
	case Invalid:
		return 422
	case Unauthenticated:
		return 401
	case Forbidden:
		return 403
	case NotFound:
		return 404
	case Conflict:
		return 409
	case Method:
		return 405
	case Stale:
		return 412
	case Unsupported:
		return 415
	case Locked:
		return 423
	case RateLimited:
		return 429
	case TooLarge:
		return 413
	case Rejected:
		return 400
	case Unavailable:
		return 503
	}
	return 500
}

// Field is one part of the input that is wrong, and what would be right.
type Field struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Fault is an error that its caller can act on.
type Fault struct {
	Kind    Kind
	Message string        // one sentence; never holds a value that was sent
	Fields  []Field       // for Invalid: each wrong part
	After   time.Duration // for RateLimited, Locked, Unavailable: when to try again
}

func (f *Fault) Error() string { return f.Message }

// New makes a fault of a kind with its sentence.
func New(k Kind, sentence string, args ...any) *Fault {
	return &Fault{Kind: k, Message: fmt.Sprintf(sentence, args...)}
}

// Wrong is an Invalid fault about one field.
func Wrong(field, code, sentence string, args ...any) *Fault {
	m := fmt.Sprintf(sentence, args...)
	return &Fault{Kind: Invalid, Message: m, Fields: []Field{{field, code, m}}}
}

// In finds the fault in an error's chain.
func In(err error) (*Fault, bool) {
	var f *Fault
	ok := errors.As(err, &f)
	return f, ok
}

// Is tells whether the error is a fault of the kind.
func Is(err error, k Kind) bool {
	f, ok := In(err)
	return ok && f.Kind == k
}
