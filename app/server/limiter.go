package server

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// span is what limits are counted over.
const span = time.Minute

// limiter lets at most so many requests of one caller through in any minute. It keeps
// the times of the last ones, so the bound is exact wherever the minute is laid.
// Callers that were seen longest ago are forgotten when there are too many.
type limiter struct {
	clock func() time.Time
	mu    sync.Mutex
	seen  *simplelru.LRU[string, *ring]
}

// ring is the times of a caller's last requests, in unix milliseconds.
type ring struct {
	times []int64
	next  int // where the oldest is once times is full
	limit int
	told  int64 // when a refusal was last pointed out
}

func newLimiter(callers int, clock func() time.Time) *limiter {
	seen, err := simplelru.NewLRU[string, *ring](callers, nil)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &limiter{clock: clock, seen: seen}
}

// verdict is what became of a request under a limit.
type verdict struct {
	ok    bool
	left  int           // how many more may come at once
	reset time.Duration // until the oldest counted request leaves the minute
	first bool          // the first refusal within a minute
}

// take counts a request of the caller if it is within the limit.
func (l *limiter) take(caller string, limit int) verdict {
	now := l.clock().UnixMilli()
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.seen.Get(caller)
	if !ok || r.limit != limit {
		r = &ring{limit: limit}
		l.seen.Add(caller, r)
	}
	return r.take(now)
}

func (r *ring) take(now int64) verdict {
	minute := span.Milliseconds()
	if len(r.times) == r.limit && now-r.times[r.next] < minute {
		v := verdict{reset: time.Duration(minute-(now-r.times[r.next])) * time.Millisecond, first: now-r.told >= minute}
		if v.first {
			r.told = now
		}
		return v
	}
	if len(r.times) < r.limit {
		r.times = append(r.times, now)
	} else {
		r.times[r.next] = now
		r.next = (r.next + 1) % r.limit
	}
	used, oldest := r.within(now - minute)
	return verdict{ok: true, left: r.limit - used, reset: time.Duration(minute-(now-oldest)) * time.Millisecond}
}

// within counts the times after since. They are in order, so a binary search does.
func (r *ring) within(since int64) (n int, oldest int64) {
	at := func(i int) int64 {
		if len(r.times) < r.limit {
			return r.times[i]
		}
		return r.times[(r.next+i)%r.limit]
	}
	low, high := 0, len(r.times)
	for low < high {
		if mid := (low + high) / 2; at(mid) <= since {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return len(r.times) - low, at(low)
}
