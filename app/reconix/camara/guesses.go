package camara

import (
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// How often something that is not the holder's may be sent for a match within a day,
// before nothing is matched any more: somebody who guesses would come to a NIN in the
// end, by trying. Who knows what to send is not held up.
const (
	guessesOfOne = 5  // of one caller about one number
	guessesOfAll = 20 // of all callers about one number
	guessesLast  = 24 * time.Hour
	guessesKept  = 64 << 10
)

// guesses counts what did not match.
type guesses struct {
	mu   sync.Mutex
	seen *simplelru.LRU[string, tally]
}

type tally struct {
	n     int
	since time.Time
}

func newGuesses() *guesses {
	seen, err := simplelru.NewLRU[string, tally](guessesKept, nil)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &guesses{seen: seen}
}

// take counts what is sent as a guess before it is looked at, so that many sent at once
// are no more than many sent in turn; false: no more is answered. Last tells that this
// is the caller's last one.
func (g *guesses) take(caller string, number int64, now time.Time) (ok, last bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	mine, total := g.of(one(caller, number), now), g.of(all(number), now)
	if mine.n >= guessesOfOne || total.n >= guessesOfAll {
		return false, false
	}
	g.count(one(caller, number), mine, 1, now)
	g.count(all(number), total, 1, now)
	return true, mine.n+1 == guessesOfOne
}

// giveBack takes off the count what was no guess.
func (g *guesses) giveBack(caller string, number int64, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, key := range []string{one(caller, number), all(number)} {
		if t := g.of(key, now); t.n > 0 {
			g.count(key, t, -1, now)
		}
	}
}

func (g *guesses) count(key string, t tally, by int, now time.Time) {
	if t.n == 0 {
		t.since = now
	}
	t.n += by
	g.seen.Add(key, t)
}

func (g *guesses) of(key string, now time.Time) tally {
	t, _ := g.seen.Get(key)
	if now.Sub(t.since) >= guessesLast {
		return tally{}
	}
	return t
}

func one(caller string, number int64) string { return caller + " " + strconv.FormatInt(number, 10) }
func all(number int64) string                { return strconv.FormatInt(number, 10) }
