package login

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/id"
	"reconexus/app/kit/seal"
	"reconexus/store/sqlite"
)

// What every access token says of itself (RFC 9068).
const (
	tokenType   = "at+jwt"
	issuer      = "reconexus"
	audience    = "reconexus-api"
	maxTokenLen = 4096
	sealedAs    = "signing key"
)

// claims of an access token: who it is for and until when, never what they may do.
type claims struct {
	jwt.RegisteredClaims
	Session string `json:"sid,omitempty"`   // of a user
	Epoch   int64  `json:"epoch,omitempty"` // of a user
	Scope   string `json:"scope,omitempty"` // of a machine, space-separated (RFC 6749)
}

// signing holds the installation's Ed25519 keys. One signs; those that were retired
// within the life of a token still verify.
type signing struct {
	db    *sqlite.DB
	ring  *seal.Ring
	audit *audit.Log
	clock func() time.Time
	log   *slog.Logger
	turn  sync.Mutex // one rotation at a time
	set   atomic.Pointer[keyset]
}

type keyset struct {
	kid     string
	private ed25519.PrivateKey
	since   time.Time
	public  map[string]verifier
}

type verifier struct {
	key     ed25519.PublicKey
	retired time.Time
}

func openSigning(ctx context.Context, o Options) (*signing, error) {
	k := &signing{db: o.DB, ring: o.Ring, audit: o.Audit, clock: o.Clock, log: o.Log}
	if err := k.load(ctx); err != nil {
		return nil, err
	}
	if k.set.Load().private == nil {
		return k, k.rotate(ctx)
	}
	return k, nil
}

// load reads the keys again.
func (k *signing) load(ctx context.Context) error {
	rows, err := sqlite.Read(ctx, k.db, readKeys)
	if err != nil {
		return fmt.Errorf("read the signing keys: %w", err)
	}
	set := &keyset{public: map[string]verifier{}}
	for _, row := range rows {
		seed, err := k.ring.Open(sealedAs, row.seed)
		if err != nil || len(seed) != ed25519.SeedSize {
			k.log.Warn("a signing key does not open and is left out; its tokens are refused, and their owners sign in again", "kid", row.kid, "error", err)
			continue
		}
		private := ed25519.NewKeyFromSeed(seed)
		set.public[row.kid] = verifier{private.Public().(ed25519.PublicKey), row.retired}
		if row.retired.IsZero() {
			set.kid, set.private, set.since = row.kid, private, row.created
		}
	}
	k.set.Store(set)
	return nil
}

// rotate makes a fresh key that signs from now on. The one before verifies until the
// last token that it signed has expired.
func (k *signing) rotate(ctx context.Context) error {
	k.turn.Lock()
	defer k.turn.Unlock()
	var seed [ed25519.SeedSize]byte
	_, _ = rand.Read(seed[:]) // never fails
	now := k.clock()
	row := keyRow{kid: id.New("kid", now), seed: k.ring.Seal(sealedAs, seed[:]), created: now}
	err := sqlite.Do(ctx, k.db, func(tx *sqlite.Tx) error {
		return errors.Join(retireKeys(tx, now), insertKey(tx, row), k.audit.Record(tx, access.System("sign-in"), "auth.key_rotate", row.kid))
	})
	if err != nil {
		return fmt.Errorf("make a signing key: %w", err)
	}
	return k.load(ctx)
}

// due tells whether the signing key is old enough to be replaced.
func (k *signing) due() bool { return k.clock().Sub(k.set.Load().since) >= keyLife }

// issue signs a token that lives until a moment.
func (k *signing) issue(subject string, c claims, until time.Time) (string, error) {
	now, set := k.clock(), k.set.Load()
	c.RegisteredClaims = jwt.RegisteredClaims{
		Issuer: issuer, Audience: jwt.ClaimStrings{audience}, Subject: subject, ID: id.Secret(10),
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(until),
	}
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	t.Header["typ"], t.Header["kid"] = tokenType, set.kid
	signed, err := t.SignedString(set.private)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return signed, nil
}

// verify takes a token that this installation signed, of the right kind, for this
// use and this moment; anything else is an error that nobody is told the reason of.
func (k *signing) verify(token string) (*claims, error) {
	if len(token) > maxTokenLen {
		return nil, errors.New("the token is too long")
	}
	var c claims
	_, err := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithExpirationRequired(), jwt.WithNotBeforeRequired(), jwt.WithIssuedAt(),
		jwt.WithIssuer(issuer), jwt.WithAudience(audience),
		jwt.WithStrictDecoding(), jwt.WithTimeFunc(k.clock),
	).ParseWithClaims(token, &c, k.keyFor)
	if err != nil {
		return nil, err
	}
	if c.Subject == "" {
		return nil, errors.New("the token names nobody")
	}
	return &c, nil
}

func (k *signing) keyFor(t *jwt.Token) (any, error) {
	if typ, _ := t.Header["typ"].(string); typ != tokenType {
		return nil, errors.New("this is no access token")
	}
	kid, _ := t.Header["kid"].(string)
	v, ok := k.set.Load().public[kid]
	if !ok || !v.retired.IsZero() && k.clock().Sub(v.retired) > shown {
		return nil, errors.New("the token's key is not known")
	}
	return v.key, nil
}
