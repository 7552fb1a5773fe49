package camara

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/day"
	"reconexus/app/reconix/identity"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// Service answers in the industry's words. Make it with [New].
type Service struct {
	DB       *sqlite.DB
	Clock    func() time.Time
	Table    *numbering.Table
	Keys     *tenure.Keys
	Audit    *audit.Log
	Identity *identity.Service

	guesses *guesses
}

// New completes a service.
func New(s Service) *Service {
	s.guesses = newGuesses()
	return &s
}

// subject is the number that a request is about: the token's, or the one that is named.
func (s *Service) subject(who access.Principal, named string) (numbering.MSISDN, error) {
	if who.MSISDN != 0 {
		if named != "" {
			return 0, unprocessable("UNNECESSARY_IDENTIFIER", "The phone number is already identified by the access token; send none.")
		}
		return s.parse(numbering.MSISDN(who.MSISDN).String())
	}
	if named == "" {
		return 0, unprocessable("MISSING_IDENTIFIER", "The phone number cannot be identified from the access token; send phoneNumber.")
	}
	return s.parse(named)
}

func (s *Service) parse(number string) (numbering.MSISDN, error) {
	n, err := s.Table.Parse([]byte(number))
	if err != nil {
		return 0, unprocessable("SERVICE_NOT_APPLICABLE", "This is no Nigerian mobile number; only those are served here.")
	}
	return n, nil
}

func unprocessable(code, message string) error {
	return &Error{Status: http.StatusUnprocessableEntity, Code: code, Message: message}
}

// known reads what may be known about a number, and records that it was asked.
func (s *Service) known(ctx context.Context, who access.Principal, number numbering.MSISDN, purpose string) (*identity.Answer, error) {
	if err := s.Identity.Lookups().Note(who, int64(number), purpose); err != nil {
		return nil, err
	}
	a, err := s.Identity.Brief(ctx, who, number)
	if err == nil && len(a.History) == 0 {
		err = unknown()
	}
	return a, err
}

// Recycled tells whether a number's subscriber changed after a day.
func (s *Service) Recycled(ctx context.Context, who access.Principal, number numbering.MSISDN, since day.Day) (bool, error) {
	a, err := s.known(ctx, who, number, "CAMARA number recycling")
	if err != nil {
		return false, err
	}
	elsewhere, err := s.elsewhere(ctx, a, number, since)
	if err != nil {
		return false, err
	}
	return recycled(a.History, a.Coverage, elsewhere, since, day.Of(s.Clock()))
}

// elsewhere tells whether a number may have been in the network of its block on a day,
// for all that is known: it is in another one now, and that network's feeds do not tell
// of the day.
func (s *Service) elsewhere(ctx context.Context, a *identity.Answer, number numbering.MSISDN, on day.Day) (bool, error) {
	first := s.Table.BlockOwner(number)
	if first == "" || first == a.History[0].Operator {
		return false, nil
	}
	covered, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (tenure.Coverage, error) { return s.Identity.Coverage(tx, first) })
	return !covered.Covers(on), err
}

// HeldSince tells whether a number's holder has had it without a pause since a day.
func (s *Service) HeldSince(ctx context.Context, who access.Principal, number numbering.MSISDN, since day.Day) (bool, error) {
	a, err := s.known(ctx, who, number, "CAMARA KYC tenure")
	if err != nil {
		return false, err
	}
	return heldSince(a.History, a.Coverage, since, day.Of(s.Clock()))
}

// Swapped tells whether a number's card was changed in the last hours.
func (s *Service) Swapped(ctx context.Context, who access.Principal, number numbering.MSISDN, hours int) (bool, error) {
	c, covered, err := s.change(ctx, who, number)
	if err != nil {
		return false, err
	}
	return c.within(hours, covered, s.Clock())
}

// SwapDate tells when a number's card was last changed; or, when that is not known, for
// how many days it is known not to have been.
func (s *Service) SwapDate(ctx context.Context, who access.Principal, number numbering.MSISDN) (*time.Time, int, error) {
	c, covered, err := s.change(ctx, who, number)
	if err != nil {
		return nil, 0, err
	}
	at, monitored := c.latest(covered, day.Of(s.Clock()))
	return at, monitored, nil
}

func (s *Service) change(ctx context.Context, who access.Principal, number numbering.MSISDN) (change, tenure.Coverage, error) {
	a, err := s.known(ctx, who, number, "CAMARA SIM swap")
	if err != nil {
		return change{}, tenure.Coverage{}, err
	}
	if !a.History.Present().Open() {
		return change{}, tenure.Coverage{}, unknown() // nobody's number is in no card
	}
	c, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (change, error) {
		h, err := tenure.Of(tx, int64(number)) // with the days of activation, which the brief answer leaves out
		if err != nil || len(h) == 0 {
			return change{day: day.None}, err
		}
		events, err := tenure.Events(tx, int64(number))
		return lastChange(h, events), err
	})
	return c, a.Coverage, err
}

// Verified tells whether a number, or the SHA-256 of it as +234…, is the one that the
// caller's token was given for. Another token was not given over a mobile network.
func (s *Service) Verified(who access.Principal, number, digest string) (bool, error) {
	own, err := s.own(who, "CAMARA number verification")
	if err != nil {
		return false, err
	}
	if digest == "" {
		return own == number, nil
	}
	sum := sha256.Sum256([]byte(own))
	return strings.EqualFold(hex.EncodeToString(sum[:]), digest), nil
}

// own is the number that the caller's token was given for.
func (s *Service) own(who access.Principal, purpose string) (string, error) {
	if who.MSISDN == 0 {
		return "", &Error{Status: http.StatusForbidden, Code: "NUMBER_VERIFICATION.USER_NOT_AUTHENTICATED_BY_MOBILE_NETWORK",
			Message: "The access token was not given for one phone number; use a key that is bound to the number."}
	}
	return numbering.MSISDN(who.MSISDN).String(), s.Identity.Lookups().Note(who, who.MSISDN, purpose)
}
