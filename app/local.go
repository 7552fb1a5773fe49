package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"reconexus/app/config"
	"reconexus/app/jobs"
	"reconexus/app/rest"
	"reconexus/app/server"
)

// local is how a command talks to the appliance: through its socket when it runs, or
// else with an appliance of its own in this process, on the same data folder. Both
// ways go through the same routes, so a command and the API never differ.
type local struct {
	client *http.Client
	alone  bool // the appliance is this process: it ends with the command
	close  func() error
}

// connect finds the appliance of a data folder, or opens it.
func connect(ctx context.Context, p *Program, s *settings) (*local, error) {
	c, err := s.load(ctx, p)
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(c.Data, socketName)
	if conn, err := net.DialTimeout("unix", socket, time.Second); err == nil {
		_ = conn.Close()
		return &local{client: through(socket), close: func() error { return nil }}, nil
	}
	return openLocal(ctx, p, c, socket)
}

// through talks HTTP over a Unix socket.
func through(socket string) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}}
}

// openLocal runs an appliance that listens on nothing but its socket, until closed.
func openLocal(ctx context.Context, p *Program, c *config.Config, socket string) (*local, error) {
	log, _ := logger(p, c)
	a, err := Open(ctx, p, c, log)
	if err != nil {
		return nil, err
	}
	if err := a.Start(ctx); err != nil {
		return nil, errors.Join(err, a.Close(context.WithoutCancel(ctx)))
	}
	serving, stop := context.WithCancel(ctx)
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- a.Server.Serve(serving, server.Listen{Socket: socket, Out: io.Discard, Stop: a.Hub.Close, Ready: func(string) { close(ready) }})
	}()
	done := func() error {
		stop()
		return errors.Join(<-ended, a.Close(context.WithoutCancel(ctx)))
	}
	select {
	case <-ready:
		return &local{client: through(socket), alone: true, close: done}, nil
	case err := <-ended:
		ended <- nil
		return nil, errors.Join(err, done())
	}
}

// failure is a problem answer as a command's error: its sentences.
type failure struct{ rest.Problem }

func (f *failure) Error() string {
	text := f.Detail
	for _, e := range f.Errors {
		if e.Message != f.Detail {
			text += fmt.Sprintf(" (%s: %s)", e.Field, e.Message)
		}
	}
	return text
}

// call does one request; in and out are JSON, or a file as io.Reader.
func (l *local) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	kind := "application/json"
	switch v := in.(type) {
	case nil:
	case io.Reader:
		body, kind = v, "application/octet-stream"
	default:
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://local"+rest.Base+path, body)
	if err != nil {
		return err
	}
	if body != nil {
		r.Header.Set("Content-Type", kind)
	}
	answer, err := l.client.Do(r)
	if err != nil {
		return fmt.Errorf("ask the running appliance: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 400 {
		var f failure
		if err := json.NewDecoder(answer.Body).Decode(&f.Problem); err != nil {
			return fmt.Errorf("the appliance answered %s", answer.Status)
		}
		return &f
	}
	if w, ok := out.(io.Writer); ok {
		_, err := io.Copy(w, answer.Body)
		return err
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(out)
}

// follow waits for a job and tells its progress: a bar on a terminal, a line every
// five seconds elsewhere.
func (l *local) follow(ctx context.Context, w io.Writer, id string) (jobs.Job, error) {
	tty := terminal(w)
	every := "5s"
	if tty {
		every = "1s"
	}
	for {
		var j jobs.Job
		if err := l.call(ctx, http.MethodGet, "/jobs/"+id+"?wait="+every, nil, &j); err != nil {
			return j, err
		}
		if tty {
			fmt.Fprintf(w, "\r\033[K%s", progressLine(j))
		} else if !j.State.Ended() {
			fmt.Fprintln(w, progressLine(j))
		}
		if !j.State.Ended() && j.State != jobs.Paused {
			continue
		}
		if tty {
			fmt.Fprintln(w)
		}
		if j.State == jobs.Succeeded {
			return j, nil
		}
		why := "it was cancelled"
		if j.Error != nil {
			why = *j.Error
		}
		return j, fmt.Errorf("%s: %s", j.Title, why)
	}
}

func progressLine(j jobs.Job) string {
	p := j.Progress
	line := j.Stage
	if p.Total > 0 {
		const width = 24
		full := int(min(p.Done, p.Total) * width / p.Total)
		line += fmt.Sprintf("  [%-*s] %d of %d %s", width, string(bytes.Repeat([]byte("="), full)), p.Done, p.Total, p.Unit)
	}
	if p.PerSecond > 0 && p.Done < p.Total {
		left := time.Duration(float64(p.Total-p.Done) / p.PerSecond * float64(time.Second)).Round(time.Second)
		line += fmt.Sprintf(", %.0f a second, %s left", p.PerSecond, left)
	}
	return line
}

// lockFolder makes the data folder this process's own.
func lockFolder(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("the data folder %s belongs to another user: run this as that user, or name another folder with --data", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("another reconexus uses the data folder %s: stop it first, or name another folder with --data", dir)
	}
	return f, nil
}
