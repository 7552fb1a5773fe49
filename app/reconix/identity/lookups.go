package identity

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/store/sqlite"
)

// Lookups records who asked about which number, when and why. Asking is too frequent
// for a write each: what was asked is gathered and written every second. When it
// cannot be written, asking ends too, rather than going on unrecorded.
type Lookups struct {
	db    *sqlite.DB
	clock func() time.Time
	log   *slog.Logger

	mu      sync.Mutex
	asked   []lookup
	failing bool
	urge    chan struct{}
}

type lookup struct {
	msisdn  int64
	at      int64 // unix milliseconds
	actor   string
	purpose string
}

const (
	flushEvery  = time.Second
	mostLookups = 64 << 10 // gathered before they are written at once
	pieceSize   = 2000     // rows in one write
	longPurpose = 100
)

func newLookups(db *sqlite.DB, clock func() time.Time, log *slog.Logger) *Lookups {
	return &Lookups{db: db, clock: clock, log: log, urge: make(chan struct{}, 1)}
}

// Note records that somebody asks about a number.
func (l *Lookups) Note(who access.Principal, msisdn int64, purpose string) error {
	entry := lookup{msisdn, l.clock().UnixMilli(), actorOf(who), Purpose(purpose)}
	l.mu.Lock()
	n, failing := len(l.asked), l.failing
	if n < mostLookups || !failing {
		l.asked = append(l.asked, entry)
	}
	l.mu.Unlock()
	if n >= mostLookups/2 {
		select {
		case l.urge <- struct{}{}:
		default:
		}
	}
	if n >= mostLookups && failing {
		f := fault.New(fault.Unavailable, "Who asks about numbers cannot be recorded at the moment, so nothing is answered. Try again soon; the appliance's disk may be full.")
		f.After = 5 * time.Second
		return f
	}
	return nil
}

func actorOf(who access.Principal) string {
	if who.ID == "" {
		return "unknown"
	}
	return who.ID
}

// Purpose is why somebody asks, as it is kept: short, and without anything that may be
// somebody's number.
func Purpose(text string) string {
	out := make([]byte, 0, min(len(text), longPurpose))
	digits := 0
	for _, c := range strings.ToValidUTF8(text, "") {
		switch {
		case c < ' ' || c == 0x7f:
			continue
		case c >= '0' && c <= '9':
			if digits++; digits > 6 {
				c = '*'
			}
		default:
			digits = 0
		}
		if len(out)+len(string(c)) > longPurpose {
			break
		}
		out = append(out, string(c)...)
	}
	return string(out)
}

// Run writes what was gathered every second, and once more when the context ends.
func (l *Lookups) Run(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-l.urge:
		case <-ctx.Done():
			l.flush(context.WithoutCancel(ctx))
			return
		}
		l.flush(ctx)
	}
}

func (l *Lookups) flush(ctx context.Context) {
	if err := l.Flush(ctx); err != nil && ctx.Err() == nil {
		l.log.Error("who asked about numbers could not be recorded; it is tried again", "error", err)
	}
}

// Flush writes what was gathered so far. What cannot be written stays gathered.
func (l *Lookups) Flush(ctx context.Context) error {
	l.mu.Lock()
	rest := l.asked
	l.asked = nil
	l.mu.Unlock()
	for len(rest) > 0 {
		part := rest[:min(pieceSize, len(rest))]
		_, err := sqlite.Bulk(ctx, l.db, func(tx *sqlite.Tx) (struct{}, error) { return struct{}{}, writeLookups(tx, part) })
		if err != nil {
			l.mu.Lock()
			l.asked, l.failing = append(rest, l.asked...), true
			l.mu.Unlock()
			return err
		}
		rest = rest[len(part):]
	}
	l.mu.Lock()
	l.failing = false
	l.mu.Unlock()
	return nil
}
