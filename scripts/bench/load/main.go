// Command load posts JSON from many clients for a while and prints how fast it
// went: answers a second, the median, the 99th percentile and the slowest in
// milliseconds, and how many answers were not a success.
//
// Each {n} in the body becomes a number that no other request has. It ends after
// -for, or earlier at an interrupt; requests under way are waited for.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run() error {
	var l load
	flag.StringVar(&l.url, "url", "", "where to post")
	flag.StringVar(&l.body, "body", "", "JSON to post; {n} becomes a number")
	flag.Int64Var(&l.from, "from", 0, "the first number")
	flag.IntVar(&l.clients, "clients", 64, "how many post at the same time")
	flag.DurationVar(&l.lasts, "for", 10*time.Second, "how long")
	tokens := flag.String("tokens", "", "file of bearer tokens, one a line; clients take them in turn")
	flag.Parse()
	list, err := os.ReadFile(*tokens)
	if err != nil {
		return err
	}
	l.tokens = strings.Fields(string(list))
	if l.url == "" || len(l.tokens) == 0 {
		return errors.New("give -url and -tokens with at least one token")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return l.run(ctx)
}

// load is what to do.
type load struct {
	url, body string
	tokens    []string
	clients   int
	lasts     time.Duration
	from      int64
	sent      atomic.Int64
	client    http.Client
}

// tally is what one client saw.
type tally struct {
	took   []time.Duration
	failed int
	reason string
}

func (l *load) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.lasts)
	defer cancel()
	l.client.Transport = &http.Transport{MaxIdleConnsPerHost: l.clients, DisableCompression: true}
	seen := make([]tally, l.clients)
	start := time.Now()
	var all sync.WaitGroup
	for i := range seen {
		token := l.tokens[i%len(l.tokens)]
		all.Go(func() { l.post(ctx, token, &seen[i]) })
	}
	all.Wait()
	return report(seen, time.Since(start))
}

// post sends one request after another until the time is over.
func (l *load) post(ctx context.Context, token string, t *tally) {
	for ctx.Err() == nil {
		n := strconv.FormatInt(l.from+l.sent.Add(1)-1, 10)
		start := time.Now()
		err := l.once(token, strings.ReplaceAll(l.body, "{n}", n))
		t.took = append(t.took, time.Since(start))
		if err != nil {
			t.failed++
			t.reason = err.Error()
		}
	}
}

func (l *load) once(token, body string) error {
	r, err := http.NewRequest(http.MethodPost, l.url, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := l.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err == nil && (answer.StatusCode < 200 || answer.StatusCode > 299) {
		err = fmt.Errorf("%s: %.300s", answer.Status, said)
	}
	return err
}

func report(seen []tally, lasted time.Duration) error {
	var took []time.Duration
	failed, reason := 0, ""
	for _, t := range seen {
		took = append(took, t.took...)
		failed += t.failed
		if t.reason != "" {
			reason = t.reason
		}
	}
	if len(took) == 0 {
		return errors.New("nothing was sent before the end")
	}
	if reason != "" {
		fmt.Fprintln(os.Stderr, "load: a failure:", reason)
	}
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[min(len(took)-1, int(share*float64(len(took))))].Microseconds()) / 1000
	}
	fmt.Printf("%.0f %.1f %.1f %.1f %d\n", float64(len(took)-failed)/lasted.Seconds(), at(.5), at(.99), at(1), failed)
	return nil
}
