// Sink receives webhooks of recycled SIMs and looks at them: it prints its address, then,
// when so many have come, how many a second they were, how many were out of order and how
// many came twice. Each path is a subscriber; numbers are told in rising order.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

func main() {
	want := flag.Int("want", 10_000, "messages to wait for")
	flag.Parse()
	if err := run(*want); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type sink struct {
	mu              sync.Mutex
	last            map[string]string
	seen            map[string]bool
	got, wild, more int
	first           time.Time
}

func run(want int) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("sink on http://%s\n", l.Addr())
	s, done := &sink{last: map[string]string{}, seen: map[string]bool{}}, make(chan time.Time, 1)
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Data struct{ MSISDN string } }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if s.take(r.URL.Path, r.Header.Get("webhook-id"), in.Data.MSISDN) == want {
			done <- time.Now()
		}
	})}
	go func() { _ = server.Serve(l) }()
	end := <-done
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Printf("%.0f %d %d\n", float64(want)/end.Sub(s.first).Seconds(), s.wild, s.more)
	return server.Close()
}

// take notes a message and tells how many different ones there were.
func (s *sink) take(path, id, number string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first.IsZero() {
		s.first = time.Now()
	}
	if key := path + id; s.seen[key] {
		s.more++
		return 0
	} else {
		s.seen[key] = true
	}
	if number <= s.last[path] {
		s.wild++
	}
	s.last[path] = number
	s.got++
	return s.got
}
