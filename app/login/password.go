package login

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/bcrypt"

	"reconexus/app/kit/fault"
)

// A password has 12 to 72 bytes; bcrypt reads no more than 72.
const (
	minPassword = 12
	maxPassword = 72
)

// bcrypt takes a quarter of a second of one core, and the appliance has two: so many
// run at once, so many more may wait for so long, and the rest is asked to come back.
const (
	hashersAtOnce = 2
	hashersWait   = 32
	hashWait      = 5 * time.Second
)

// passwords makes and compares bcrypt hashes, a few at a time.
type passwords struct {
	cost    int
	compare func(hash, password []byte) error
	slots   chan struct{}
	here    atomic.Int32 // running and waiting
	dummy   []byte
}

func newPasswords(cost int, compare func(hash, password []byte) error) *passwords {
	return &passwords{
		cost: cost, compare: compare, slots: make(chan struct{}, hashersAtOnce),
		// As dear to compare with as any real hash, and nobody's password.
		dummy: fmt.Appendf(nil, "$2a$%02d$%s", cost, strings.Repeat(".", 53)),
	}
}

func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	if n := len(password); n < minPassword || n > maxPassword {
		return "", fault.Wrong("password", "LENGTH", "A password has 12 to 72 bytes; four or five words in a row make a good one.")
	}
	release, err := p.slot(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	h, err := bcrypt.GenerateFromPassword([]byte(password), p.cost)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return string(h), nil
}

// matches compares a password with a hash, or with the dummy when there is none: it
// takes as long for an account that does not exist.
func (p *passwords) matches(ctx context.Context, hash, password string) (bool, error) {
	against := []byte(hash)
	possible := hash != "" && len(password) <= maxPassword
	if !possible {
		against = p.dummy
		password = password[:min(len(password), maxPassword)]
	}
	release, err := p.slot(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	return p.compare(against, []byte(password)) == nil && possible, nil
}

func (p *passwords) slot(ctx context.Context) (release func(), err error) {
	busy := fault.New(fault.Unavailable, "Too many sign-ins at this moment; try again in a few seconds.")
	busy.After = hashWait
	if p.here.Add(1) > hashersAtOnce+hashersWait {
		p.here.Add(-1)
		return nil, busy
	}
	timer := time.NewTimer(hashWait)
	defer timer.Stop()
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots; p.here.Add(-1) }, nil
	case <-timer.C:
		err = busy
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	p.here.Add(-1)
	return nil, err
}
