package users

import (
	"crypto/sha256"
	"crypto/subtle"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/id"
)

// Key is one machine's API key. Its secret is shown once, when it is made; only a
// SHA-256 stays, which is enough for 160 random bits.
type Key struct {
	ID        string
	Name      string
	Scopes    []string // permissions, and scopes of the industry's own interface
	Operator  string
	Bank      string
	MSISDN    int64 // when set, the key speaks for this one number
	PerMinute int   // own limit of requests; 0 means the default
	CreatedBy string
	CreatedAt time.Time
	ExpiresAt time.Time
	RevokedAt time.Time
	LastUsed  time.Time
	Version   int
	hash      []byte
}

// May is the part of the scopes that are permissions.
func (k Key) May() []access.Permission {
	may, _ := Split(k.Scopes)
	return may
}

// Live tells whether the key works at a moment.
func (k Key) Live(now time.Time) bool { return k.RevokedAt.IsZero() && now.Before(k.ExpiresAt) }

// Matches compares a secret that came with the key's, in constant time.
func (k Key) Matches(secret string) bool {
	sum := sha256.Sum256([]byte(secret))
	return subtle.ConstantTimeCompare(sum[:], k.hash) == 1
}

// A secret is rxk_<id part>_<160 random bits>: the id part is that of key_<id part>.
const secretPrefix = "rxk_"

func newSecret(keyID string) string {
	return secretPrefix + strings.TrimPrefix(keyID, "key_") + "_" + id.Secret(20)
}

// KeyOf is the id of the key whose secret this looks like.
func KeyOf(secret string) (string, bool) {
	rest, ok := strings.CutPrefix(secret, secretPrefix)
	part, _, cut := strings.Cut(rest, "_")
	name := "key_" + part
	return name, ok && cut && len(secret) < 100 && id.Is("key", name)
}

// Split parts scopes into permissions and the industry's.
func Split(scopes []string) (may []access.Permission, others []string) {
	for _, s := range scopes {
		if p := access.Permission(s); access.Known(p) {
			may = append(may, p)
		} else {
			others = append(others, s)
		}
	}
	return slices.Clip(may), slices.Clip(others) // shared by requests: an append must copy
}

// KeyDraft is what a key is made of.
type KeyDraft struct {
	Name      string
	Scopes    []string
	Operator  string
	Bank      string
	MSISDN    string // +2348031234567, or empty
	PerMinute int
	ExpiresAt time.Time // zero means in 90 days
}

// KeyChange is what is to be different about a key; nil leaves a part as it is.
type KeyChange struct {
	Name      *string
	Scopes    *[]string
	PerMinute *int
	ExpiresAt *time.Time
}

// A key lives 90 days unless it is told otherwise, and two years at most.
const (
	keyLife    = 90 * 24 * time.Hour
	maxKeyLife = 730 * 24 * time.Hour
)

func (k Key) tidy() Key {
	k.Name = strings.Join(strings.Fields(k.Name), " ")
	k.Operator = strings.ToUpper(strings.TrimSpace(k.Operator))
	k.Bank = strings.ToUpper(strings.TrimSpace(k.Bank))
	k.Scopes = slices.Clone(k.Scopes)
	slices.Sort(k.Scopes)
	k.Scopes = slices.Compact(k.Scopes)
	return k
}

func (k Key) check(now time.Time) error {
	var w wrong
	if k.Name == "" || len(k.Name) > 100 {
		w.add("name", "LENGTH", "A key's name has 1 to 100 characters and says what uses it.")
	}
	if len(k.Scopes) == 0 {
		w.add("scopes", "REQUIRED", "A key needs at least one scope, such as sim:read.")
	}
	for _, s := range k.Scopes {
		p := access.Permission(s)
		switch {
		case !access.Known(p) && !p.Industry():
			w.add("scopes", "NOT_ALLOWED", "One of the scopes is not known; take permissions such as sim:read, or the industry's such as number-recycling:check.")
		case (k.Operator != "" || k.Bank != "") && p.Wide():
			w.add("scopes", "TENANCY", "%s reaches beyond one operator or bank; give it to a key without a tenancy.", p)
		}
	}
	checkTenancy(&w, access.APIClient, k.Operator, k.Bank)
	if k.PerMinute < 0 || k.PerMinute > 1_000_000 {
		w.add("per_minute", "RANGE", "A limit is 0 (the default) to 1,000,000 requests a minute.")
	}
	if !k.ExpiresAt.After(now) || k.ExpiresAt.After(now.Add(maxKeyLife)) {
		w.add("expires_at", "RANGE", "A key expires in the future, within two years.")
	}
	return w.fault()
}

// needs are the permissions that a key's maker must hold: the key's own, and reading
// SIMs for the industry's scopes, which answer from the same record.
func (k Key) needs() []access.Permission {
	may, others := Split(k.Scopes)
	if len(others) > 0 {
		may = append(may, access.SIMRead)
	}
	return may
}

// mobile is the shape of a Nigerian mobile number in E.164.
var mobile = regexp.MustCompile(`^\+?(234[789][01]\d{8})$`)

func parseNumber(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	m := mobile.FindStringSubmatch(s)
	if m == nil {
		var w wrong
		w.add("msisdn", "FORMAT", "This is no Nigerian mobile number in full; send one such as +2348031234567.")
		return 0, w.fault()
	}
	return strconv.ParseInt(m[1], 10, 64)
}
