// Package users keeps the accounts of people and the API keys of machines: who they
// are, what they may do, and in whose tenancy.
//
// An account has a role and may be granted single permissions beyond it, inside its
// tenancy: an operator's user sees that operator's SIMs and nothing else, whatever it
// was granted. Nobody gives away, or changes an account that holds, a right that they
// do not hold themselves. One administrator who can sign in always remains.
//
// How an account proves itself is the business of package login; this package tells
// it when rights change ([Options]), in the same write as the change.
package users

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
)

// User is one account. Its password is not part of it.
type User struct {
	ID        string
	Email     string // lower case
	FullName  string
	Role      access.Role
	Operator  string // operator code, for the role operator
	Bank      string // CBN code, for the role bank
	Grants    []access.Permission
	Epoch     int64 // rises when rights change; tokens of an older one are void
	Disabled  bool
	LastLogin time.Time
	CreatedAt time.Time
	UpdatedAt time.Time
	Version   int
}

// May is everything that the account is allowed to do: its role's permissions and
// the granted ones.
func (u User) May() []access.Permission {
	may := append(slices.Clone(u.Role.Permissions()), u.Grants...)
	slices.Sort(may)
	return slices.Clip(slices.Compact(may)) // shared by requests: an append must copy
}

// Draft is what an account is made of.
type Draft struct {
	Email    string
	FullName string
	Role     access.Role
	Operator string
	Bank     string
	Grants   []access.Permission
	Password string // empty: one is made up and answered
}

// Change is what is to be different about an account; nil leaves a part as it is.
type Change struct {
	Email    *string
	FullName *string
	Role     *access.Role
	Operator *string
	Bank     *string
	Grants   *[]access.Permission
	Disabled *bool
	Password *string
}

// apply makes the change and tells whether rights or the way to sign in changed, so
// that open sessions must end.
func (c Change) apply(u User) (after User, ends bool) {
	after = u
	set(&after.Email, c.Email)
	set(&after.FullName, c.FullName)
	set(&after.Role, c.Role)
	set(&after.Operator, c.Operator)
	set(&after.Bank, c.Bank)
	set(&after.Grants, c.Grants)
	set(&after.Disabled, c.Disabled)
	after = after.tidy()
	ends = c.Password != nil || after.Email != u.Email || after.Role != u.Role || after.Operator != u.Operator ||
		after.Bank != u.Bank || after.Disabled != u.Disabled || !slices.Equal(after.Grants, u.Grants)
	return after, ends
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// tidy writes every part in its one spelling.
func (u User) tidy() User {
	u.Email = strings.ToLower(strings.TrimSpace(u.Email))
	u.FullName = strings.Join(strings.Fields(u.FullName), " ")
	u.Operator = strings.ToUpper(strings.TrimSpace(u.Operator))
	u.Bank = strings.ToUpper(strings.TrimSpace(u.Bank))
	u.Grants = slices.Clone(u.Grants)
	slices.Sort(u.Grants)
	u.Grants = slices.Compact(u.Grants)
	return u
}

var code = regexp.MustCompile(`^[A-Z0-9]{2,12}$`)

// check holds the rules between the parts of an account.
func (u User) check() error {
	var w wrong
	if a, err := mail.ParseAddress(u.Email); err != nil || a.Address != u.Email || len(u.Email) > 254 {
		w.add("email", "FORMAT", "This is no e-mail address; send one such as ada@example.ng.")
	}
	if u.FullName == "" || len(u.FullName) > 200 {
		w.add("full_name", "LENGTH", "A name has 1 to 200 characters.")
	}
	if !slices.Contains(access.Roles(), u.Role) {
		w.add("role", "NOT_ALLOWED", "There is no such role; take admin, operator, bank, auditor or api_client.")
	}
	checkTenancy(&w, u.Role, u.Operator, u.Bank)
	for _, p := range u.Grants {
		switch {
		case !access.Known(p):
			w.add("grants", "NOT_ALLOWED", "One of the grants is no permission; take one that GET /openapi.json lists, such as sim:bulk_upload.")
		case (u.Operator != "" || u.Bank != "") && p.Wide():
			w.add("grants", "TENANCY", "%s reaches beyond one operator or bank; grant it to an account without a tenancy.", p)
		}
	}
	return w.fault()
}

func checkTenancy(w *wrong, role access.Role, operator, bank string) {
	switch {
	case role == access.Operator && operator == "":
		w.add("operator_code", "REQUIRED", "An operator's user needs its operator's code, such as MTN.")
	case role == access.Bank && bank == "":
		w.add("bank_code", "REQUIRED", "A bank's user needs its bank's CBN code, such as 058.")
	case operator != "" && (role == access.Admin || role == access.Auditor || role == access.Bank):
		w.add("operator_code", "NOT_ALLOWED", "Only the roles operator and api_client belong to an operator; leave the code out.")
	case bank != "" && (role == access.Admin || role == access.Auditor || role == access.Operator || operator != ""):
		w.add("bank_code", "NOT_ALLOWED", "Only the roles bank and api_client belong to a bank, and nobody to both; leave the code out.")
	}
	if operator != "" && !code.MatchString(operator) {
		w.add("operator_code", "FORMAT", "A code has 2 to 12 letters and digits, such as MTN.")
	}
	if bank != "" && !code.MatchString(bank) {
		w.add("bank_code", "FORMAT", "A code has 2 to 12 letters and digits, such as 058.")
	}
}

// covers refuses to touch rights that the doer does not hold.
func covers(who access.Principal, may []access.Permission) error {
	for _, p := range may {
		if !who.Can(p) {
			return fault.New(fault.Forbidden, "You do not hold the permission %s yourself, so you cannot manage an account or key that does. Ask an administrator.", p)
		}
	}
	return nil
}

// wrong gathers everything that is wrong with an input.
type wrong []fault.Field

func (w *wrong) add(field, code, sentence string, args ...any) {
	*w = append(*w, fault.Wrong(field, code, sentence, args...).Fields...)
}

func (w wrong) fault() error {
	if len(w) == 0 {
		return nil
	}
	return &fault.Fault{Kind: fault.Invalid, Message: w[0].Message, Fields: w}
}
