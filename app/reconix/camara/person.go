package camara

import (
	"context"
	"net/http"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/reconix/numbering"
)

// Person is what is sent to be compared with a number's holder. Whatever is absent is
// not asked about.
type Person struct {
	_                    struct{} `json:"-" additionalProperties:"true"`
	Phone                string   `json:"phoneNumber,omitempty" pattern:"^\\+[1-9][0-9]{4,14}$" doc:"With a three-legged token it may be left out"`
	IDDocument           *string  `json:"idDocument,omitempty" doc:"A NIN is compared"`
	IDDocumentType       *string  `json:"idDocumentType,omitempty" enum:"passport,national_id_card,residence_permit,diplomatic_id,driver_licence,social_security_id,other"`
	IDDocumentExpiryDate *string  `json:"idDocumentExpiryDate,omitempty" format:"date"`
	Name                 *string  `json:"name,omitempty" doc:"Compared, whatever its order"`
	GivenName            *string  `json:"givenName,omitempty"`
	FamilyName           *string  `json:"familyName,omitempty"`
	NameKanaHankaku      *string  `json:"nameKanaHankaku,omitempty"`
	NameKanaZenkaku      *string  `json:"nameKanaZenkaku,omitempty"`
	MiddleNames          *string  `json:"middleNames,omitempty"`
	FamilyNameAtBirth    *string  `json:"familyNameAtBirth,omitempty"`
	Address              *string  `json:"address,omitempty"`
	StreetName           *string  `json:"streetName,omitempty"`
	StreetNumber         *string  `json:"streetNumber,omitempty"`
	PostalCode           *string  `json:"postalCode,omitempty"`
	Region               *string  `json:"region,omitempty"`
	Locality             *string  `json:"locality,omitempty"`
	Country              *string  `json:"country,omitempty"`
	HouseNumberExtension *string  `json:"houseNumberExtension,omitempty"`
	Birthdate            *string  `json:"birthdate,omitempty" format:"date"`
	Email                *string  `json:"email,omitempty" format:"email"`
	Gender               *string  `json:"gender,omitempty" enum:"MALE,FEMALE,OTHER"`
	CityOfBirth          *string  `json:"cityOfBirth,omitempty"`
	CountryOfBirth       *string  `json:"countryOfBirth,omitempty"`
	Nationality          *string  `json:"nationality,omitempty"`
}

// Matches says of each thing that was sent whether it is the holder's.
type Matches struct {
	IDDocument           *Match `json:"idDocumentMatch,omitempty" enum:"true,false,not_available"`
	IDDocumentType       *Match `json:"idDocumentTypeMatch,omitempty" enum:"true,false,not_available"`
	IDDocumentExpiryDate *Match `json:"idDocumentExpiryDateMatch,omitempty" enum:"true,false,not_available"`
	Name                 *Match `json:"nameMatch,omitempty" enum:"true,false,not_available"`
	GivenName            *Match `json:"givenNameMatch,omitempty" enum:"true,false,not_available"`
	FamilyName           *Match `json:"familyNameMatch,omitempty" enum:"true,false,not_available"`
	NameKanaHankaku      *Match `json:"nameKanaHankakuMatch,omitempty" enum:"true,false,not_available"`
	NameKanaZenkaku      *Match `json:"nameKanaZenkakuMatch,omitempty" enum:"true,false,not_available"`
	MiddleNames          *Match `json:"middleNamesMatch,omitempty" enum:"true,false,not_available"`
	FamilyNameAtBirth    *Match `json:"familyNameAtBirthMatch,omitempty" enum:"true,false,not_available"`
	Address              *Match `json:"addressMatch,omitempty" enum:"true,false,not_available"`
	StreetName           *Match `json:"streetNameMatch,omitempty" enum:"true,false,not_available"`
	StreetNumber         *Match `json:"streetNumberMatch,omitempty" enum:"true,false,not_available"`
	PostalCode           *Match `json:"postalCodeMatch,omitempty" enum:"true,false,not_available"`
	Region               *Match `json:"regionMatch,omitempty" enum:"true,false,not_available"`
	Locality             *Match `json:"localityMatch,omitempty" enum:"true,false,not_available"`
	Country              *Match `json:"countryMatch,omitempty" enum:"true,false,not_available"`
	HouseNumberExtension *Match `json:"houseNumberExtensionMatch,omitempty" enum:"true,false,not_available"`
	Birthdate            *Match `json:"birthdateMatch,omitempty" enum:"true,false,not_available"`
	Email                *Match `json:"emailMatch,omitempty" enum:"true,false,not_available"`
	Gender               *Match `json:"genderMatch,omitempty" enum:"true,false,not_available"`
	CityOfBirth          *Match `json:"cityOfBirthMatch,omitempty" enum:"true,false,not_available"`
	CountryOfBirth       *Match `json:"countryOfBirthMatch,omitempty" enum:"true,false,not_available"`
	Nationality          *Match `json:"nationalityMatch,omitempty" enum:"true,false,not_available"`
}

// silence says not_available of everything that was sent, and how much that is.
func (p *Person) silence() (out Matches, sent int) {
	for _, x := range []struct {
		given *string
		said  **Match
	}{
		{p.IDDocument, &out.IDDocument}, {p.IDDocumentType, &out.IDDocumentType}, {p.IDDocumentExpiryDate, &out.IDDocumentExpiryDate},
		{p.Name, &out.Name}, {p.GivenName, &out.GivenName}, {p.FamilyName, &out.FamilyName}, {p.NameKanaHankaku, &out.NameKanaHankaku},
		{p.NameKanaZenkaku, &out.NameKanaZenkaku}, {p.MiddleNames, &out.MiddleNames}, {p.FamilyNameAtBirth, &out.FamilyNameAtBirth},
		{p.Address, &out.Address}, {p.StreetName, &out.StreetName}, {p.StreetNumber, &out.StreetNumber}, {p.PostalCode, &out.PostalCode},
		{p.Region, &out.Region}, {p.Locality, &out.Locality}, {p.Country, &out.Country}, {p.HouseNumberExtension, &out.HouseNumberExtension},
		{p.Birthdate, &out.Birthdate}, {p.Email, &out.Email}, {p.Gender, &out.Gender}, {p.CityOfBirth, &out.CityOfBirth},
		{p.CountryOfBirth, &out.CountryOfBirth}, {p.Nationality, &out.Nationality},
	} {
		if x.given != nil {
			sent++
			*x.said = silent()
		}
	}
	return out, sent
}

type matchInput struct {
	Sent
	Body Person
}

func (s *Service) match(ctx context.Context, in *matchInput) (*reply[Matches], error) {
	out, err := s.Match(ctx, access.From(ctx), &in.Body)
	if err != nil {
		return nil, err
	}
	return answer(ctx, out), nil
}

// Match compares a person with a number's holder.
func (s *Service) Match(ctx context.Context, who access.Principal, p *Person) (Matches, error) {
	out, sent := p.silence()
	if sent == 0 {
		return out, &Error{Status: http.StatusBadRequest, Code: "KNOW_YOUR_CUSTOMER.INVALID_PARAM_COMBINATION",
			Message: "Send something to compare beside the phone number, such as name or idDocument."}
	}
	number, err := s.matched(who, p.Phone)
	if err != nil {
		return out, err
	}
	a, err := s.known(ctx, who, number, "CAMARA KYC match")
	if err != nil {
		return out, err
	}
	if !a.History.Present().Open() {
		return out, unknown()
	}
	now := s.Clock()
	ok, last := s.guesses.take(who.ID, int64(number), now)
	if !ok {
		return out, nil
	}
	if p.Name != nil {
		out.Name = nameMatch(s.Keys, a.History, *p.Name)
	}
	if p.IDDocument != nil {
		out.IDDocument = documentMatch(s.Keys, a, p.IDDocumentType, *p.IDDocument)
	}
	if p.IDDocumentType != nil && *p.IDDocumentType == nationalID && len(nins(a)) > 0 {
		out.IDDocumentType = matched(true)
	}
	switch {
	case !wrong(out.Name) && !wrong(out.IDDocument):
		s.guesses.giveBack(who.ID, int64(number), now)
	case last:
		return out, s.Audit.Note(ctx, who, "camara.match_limit", "", audit.Denied)
	}
	return out, nil
}

func wrong(m *Match) bool { return m != nil && *m == differs }

// matched is the number whose holder is meant. Here, unlike elsewhere, a three-legged
// token's number may be named as well, if it is the same.
func (s *Service) matched(who access.Principal, named string) (numbering.MSISDN, error) {
	if who.MSISDN == 0 || named == "" {
		return s.subject(who, named)
	}
	if named != numbering.MSISDN(who.MSISDN).String() {
		return 0, &Error{Status: http.StatusForbidden, Code: "INVALID_TOKEN_CONTEXT", Message: "phoneNumber is not the one that the access token was given for."}
	}
	return s.subject(who, "")
}
