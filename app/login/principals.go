package login

import (
	"context"
	"errors"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"reconexus/app/access"
	"reconexus/app/users"
	"reconexus/store/sqlite"
)

// principals remembers who users and keys are and what they may do. A change is
// forgotten with its commit; beyond that nothing is believed for longer than
// believed, so that a change made by another process on the same store counts too.
type principals struct {
	db    *sqlite.DB
	clock func() time.Time
	mu    sync.Mutex
	round uint64 // rises with every forget: what was read before it is not kept
	cache *lru.Cache[string, *holder]
}

const (
	believed       = 5 * time.Second
	principalsSize = 4096
)

// holder is a user or a key as it was read. It is never changed.
type holder struct {
	principal access.Principal
	epoch     int64
	disabled  bool
	key       users.Key // of a key
	read      time.Time
}

func newPrincipals(db *sqlite.DB, clock func() time.Time) (*principals, error) {
	cache, err := lru.New[string, *holder](principalsSize)
	return &principals{db: db, clock: clock, cache: cache}, err
}

func (p *principals) forget(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.round++
	p.cache.Remove(id)
}

// user is an account; sqlite.ErrNotFound when there is none.
func (p *principals) user(ctx context.Context, id string) (*holder, error) {
	return p.get(ctx, id, func(tx *sqlite.Tx) (*holder, error) {
		u, err := users.ByID(tx, id)
		return &holder{
			principal: access.Principal{ID: u.ID, Name: u.Email, Role: u.Role, May: u.May(), Operator: u.Operator, Bank: u.Bank},
			epoch:     u.Epoch, disabled: u.Disabled,
		}, err
	})
}

// key is an API key, also one that ended; sqlite.ErrNotFound when there is none.
func (p *principals) key(ctx context.Context, id string) (*holder, error) {
	return p.get(ctx, id, func(tx *sqlite.Tx) (*holder, error) {
		k, err := users.KeyByID(tx, id)
		may, others := users.Split(k.Scopes)
		return &holder{
			principal: access.Principal{ID: k.ID, Name: k.Name, Role: access.APIClient, May: may, Scopes: others,
				Operator: k.Operator, Bank: k.Bank, MSISDN: k.MSISDN, PerMin: k.PerMinute},
			key: k,
		}, err
	})
}

func (p *principals) get(ctx context.Context, id string, read func(*sqlite.Tx) (*holder, error)) (*holder, error) {
	now := p.clock()
	if h, ok := p.cache.Get(id); ok {
		if age := now.Sub(h.read); age >= 0 && age < believed {
			return h, nil
		}
	}
	p.mu.Lock()
	round := p.round
	p.mu.Unlock()
	h, err := sqlite.Read(ctx, p.db, read)
	if err != nil {
		if errors.Is(err, sqlite.ErrNotFound) {
			p.cache.Remove(id)
		}
		return nil, err
	}
	h.read = now
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.round == round {
		p.cache.Add(id, h)
	}
	return h, nil
}
