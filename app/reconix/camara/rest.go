package camara

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/receipt"
	"reconexus/app/rest"
)

// Mount declares the routes, with the specifications' paths and scopes.
func (s *Service) Mount(api *rest.API) {
	d := rest.Speaks(dialect())
	rest.Raw(api, http.MethodPost, "/number-recycling/v0.2/check", access.NumberRecyclingCheck, whole(s.checkRecycling), d, rest.Repeatable(),
		rest.Doc("CAMARA: has the subscriber of a phone number changed since a day?"))
	rest.Raw(api, http.MethodPost, "/sim-swap/v2/check", access.SIMSwapCheck, whole(s.checkSwap), d, rest.Repeatable(),
		rest.Doc("CAMARA: was the SIM of a phone number swapped in the last hours?"))
	rest.Raw(api, http.MethodPost, "/sim-swap/v2/retrieve-date", access.SIMSwapDate, whole(s.retrieveDate), d, rest.Repeatable(),
		rest.Doc("CAMARA: when was the SIM of a phone number last swapped?"))
	rest.Raw(api, http.MethodPost, "/kyc-tenure/v0.2/check-tenure", access.KYCTenureCheck, whole(s.checkTenure), d, rest.Repeatable(),
		rest.Doc("CAMARA: has its holder had a phone number since a day?"))
	rest.Raw(api, http.MethodPost, "/kyc-match/v0.4/match", access.KYCMatch, whole(s.match), d, rest.Repeatable(),
		rest.Doc("CAMARA: is this the holder of a phone number?", "A name and a NIN are compared; everything else is not_available. There are no scores. After a few that did not match nothing is available for a day."))
	rest.Raw(api, http.MethodPost, "/number-verification/v2/verify", access.NumberVerify, whole(s.verify), d, rest.Repeatable(),
		rest.Doc("CAMARA: is this the phone number that the token was given for?"))
	rest.Raw(api, http.MethodGet, "/number-verification/v2/device-phone-number", access.DeviceNumberRead, s.deviceNumber, d,
		rest.Doc("CAMARA: which phone number was the token given for?"))
}

// Asking is what comes with every question.
type Asking struct {
	Correlator string `header:"x-correlator" pattern:"^[a-zA-Z0-9_:;./<>{}-]{0,256}$" doc:"Your id of the exchange; it comes back"`
}

// Sent is what comes with every question that has a body.
type Sent struct {
	Asking
	RawBody []byte
}

func (s *Sent) raw() []byte { return s.RawBody }

// Keeping is what comes with a question whose answer can be kept.
type Keeping struct {
	Sent
	Receipt bool `header:"X-Receipt" doc:"true: answer a signed receipt too, in the header X-Receipt"`
}

// whole refuses what the declared shapes let through: a property that is there and
// null. Nothing in these specifications may be.
func whole[I, O any](do func(context.Context, *I) (*O, error)) func(context.Context, *I) (*O, error) {
	return func(ctx context.Context, in *I) (*O, error) {
		var sent map[string]any
		if err := json.Unmarshal(any(in).(interface{ raw() []byte }).raw(), &sent); err != nil {
			return nil, invalid("The body is no JSON object; send one.")
		}
		for name, value := range sent {
			if value == nil && declared[I](name) {
				return nil, invalid(name + " is null; send a value, or leave it out.")
			}
		}
		return do(ctx, in)
	}
}

// declared tells whether the body of an input has a property.
func declared[I any](name string) bool {
	body, _ := reflect.TypeFor[I]().FieldByName("Body")
	for i := range body.Type.NumField() {
		if tag, _, _ := strings.Cut(body.Type.Field(i).Tag.Get("json"), ","); tag == name {
			return true
		}
	}
	return false
}

type reply[T any] struct {
	Correlator string `header:"x-correlator" doc:"Id of the exchange: yours, or one that was made up"`
	Receipt    string `header:"X-Receipt" doc:"The signed receipt, when it was asked for: reconexus receipt verify reads it"`
	Body       T
}

func answer[T any](ctx context.Context, body T) *reply[T] {
	return &reply[T]{Correlator: rest.Correlator(ctx), Body: body}
}

// kept answers with a receipt if the caller wants one.
func kept[T any](ctx context.Context, s *Service, in Keeping, body T, r *receipt.Receipt) (*reply[T], error) {
	out := answer(ctx, body)
	if !in.Receipt {
		return out, nil
	}
	signed, err := r.At(s.Clock()).And("asked_by", access.From(ctx).ID).And("correlator", out.Correlator).Sign(s.Audit)
	out.Receipt = receipt.Pack(signed)
	return out, err
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

type recyclingInput struct {
	Keeping
	Body recyclingQuestion
}

type recyclingQuestion struct {
	_     struct{} `json:"-" additionalProperties:"true"`
	Phone string   `json:"phoneNumber,omitempty" pattern:"^\\+[1-9][0-9]{4,14}$" doc:"With a two-legged token only"`
	Since string   `json:"specifiedDate" format:"date" doc:"The day to look back to"`
}

// Recycling is the answer about a recycling.
type Recycling struct {
	Recycled bool `json:"phoneNumberRecycled" doc:"The subscriber changed after specifiedDate"`
}

func (s *Service) checkRecycling(ctx context.Context, in *recyclingInput) (*reply[Recycling], error) {
	who := access.From(ctx)
	number, since, err := s.subjectAndDay(who, in.Body.Phone, "specifiedDate", in.Body.Since)
	if err != nil {
		return nil, err
	}
	yes, err := s.Recycled(ctx, who, number, since)
	if err != nil {
		return nil, err
	}
	return kept(ctx, s, in.Keeping, Recycling{yes},
		receipt.Of(receipt.RecycledSince).And("msisdn", number.String()).And("date", since.String()).And("answer", yesNo(yes)))
}

func (s *Service) subjectAndDay(who access.Principal, named, field, date string) (numbering.MSISDN, day.Day, error) {
	d, err := day.Parse(date)
	if err != nil {
		return 0, d, invalid(field + " is no day of the calendar; send one as YYYY-MM-DD.")
	}
	number, err := s.subject(who, named)
	return number, d, err
}

type swapInput struct {
	Keeping
	Body swapQuestion
}

type swapQuestion struct {
	_      struct{} `json:"-" additionalProperties:"true"`
	Phone  string   `json:"phoneNumber,omitempty" pattern:"^\\+[1-9][0-9]{4,14}$" doc:"With a two-legged token only"`
	MaxAge int32    `json:"maxAge,omitempty" minimum:"1" maximum:"2400" default:"240" doc:"Hours to look back"`
}

// Swapped is the answer about a swap.
type Swapped struct {
	Swapped bool `json:"swapped" doc:"The SIM was swapped within maxAge"`
}

func (s *Service) checkSwap(ctx context.Context, in *swapInput) (*reply[Swapped], error) {
	who, hours := access.From(ctx), int(in.Body.MaxAge)
	number, err := s.subject(who, in.Body.Phone)
	if err != nil {
		return nil, err
	}
	yes, err := s.Swapped(ctx, who, number, hours)
	if err != nil {
		return nil, err
	}
	return kept(ctx, s, in.Keeping, Swapped{yes},
		receipt.Of(receipt.SwappedSince).And("msisdn", number.String()).And("hours", strconv.Itoa(hours)).And("answer", yesNo(yes)))
}

type phoneInput struct {
	Sent
	Body phoneQuestion
}

type phoneQuestion struct {
	_     struct{} `json:"-" additionalProperties:"true"`
	Phone string   `json:"phoneNumber,omitempty" pattern:"^\\+[1-9][0-9]{4,14}$" doc:"With a two-legged token only"`
}

// SwapDate is when a card was last changed.
type SwapDate struct {
	Latest    *time.Time `json:"latestSimChange" nullable:"true" doc:"The beginning of the day, in Lagos; null: not known, or before what is monitored"`
	Monitored int        `json:"monitoredPeriod,omitempty" doc:"Days in which there was no change"`
}

func (s *Service) retrieveDate(ctx context.Context, in *phoneInput) (*reply[SwapDate], error) {
	who := access.From(ctx)
	number, err := s.subject(who, in.Body.Phone)
	if err != nil {
		return nil, err
	}
	at, monitored, err := s.SwapDate(ctx, who, number)
	if err != nil {
		return nil, err
	}
	return answer(ctx, SwapDate{at, monitored}), nil
}

type tenureInput struct {
	Keeping
	Body tenureQuestion
}

type tenureQuestion struct {
	_     struct{} `json:"-" additionalProperties:"true"`
	Phone string   `json:"phoneNumber,omitempty" pattern:"^\\+[1-9][0-9]{4,14}$" doc:"With a two-legged token only"`
	Since string   `json:"tenureDate" format:"date" doc:"The day since which the holder should have had it"`
}

// Tenure is the answer about a tenure. What kind of contract it is the record does not
// hold, so contractType is left out.
type Tenure struct {
	Held bool `json:"tenureDateCheck" doc:"One holder has had it without a pause since tenureDate"`
}

func (s *Service) checkTenure(ctx context.Context, in *tenureInput) (*reply[Tenure], error) {
	who := access.From(ctx)
	number, since, err := s.subjectAndDay(who, in.Body.Phone, "tenureDate", in.Body.Since)
	if err != nil {
		return nil, err
	}
	yes, err := s.HeldSince(ctx, who, number, since)
	if err != nil {
		return nil, err
	}
	return kept(ctx, s, in.Keeping, Tenure{yes},
		receipt.Of(receipt.HeldSince).And("msisdn", number.String()).And("date", since.String()).And("answer", yesNo(yes)))
}

type verifyInput struct {
	Sent
	Body deviceQuestion
}

type deviceQuestion struct {
	_      struct{} `json:"-" additionalProperties:"true"`
	Phone  string   `json:"phoneNumber,omitempty" pattern:"^\\+[1-9][0-9]{4,14}$"`
	Digest string   `json:"hashedPhoneNumber,omitempty" pattern:"^[a-fA-F0-9]{64}$" doc:"SHA-256 of the number as +234…, in hexadecimal"`
}

// Verified is the answer about the token's number.
type Verified struct {
	Verified bool `json:"devicePhoneNumberVerified" doc:"It is the number that the token was given for"`
}

func (s *Service) verify(ctx context.Context, in *verifyInput) (*reply[Verified], error) {
	var sent map[string]json.RawMessage
	if err := json.Unmarshal(in.RawBody, &sent); err != nil || len(sent) != 1 || in.Body.Phone == "" && in.Body.Digest == "" {
		return nil, invalid("Send either phoneNumber or hashedPhoneNumber, and nothing beside it.")
	}
	yes, err := s.Verified(access.From(ctx), in.Body.Phone, in.Body.Digest)
	if err != nil {
		return nil, err
	}
	return answer(ctx, Verified{yes}), nil
}

// DeviceNumber is the token's number.
type DeviceNumber struct {
	Number string `json:"devicePhoneNumber"`
}

func (s *Service) deviceNumber(ctx context.Context, _ *Asking) (*reply[DeviceNumber], error) {
	own, err := s.own(access.From(ctx), "CAMARA device number")
	if err != nil {
		return nil, err
	}
	return answer(ctx, DeviceNumber{own}), nil
}
