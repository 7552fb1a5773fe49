package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Time limits of the listeners. There is none for a whole request: bodies have their
// own (see door), uploads move theirs on, and an answer takes what it takes.
const (
	headPatience  = 10 * time.Second // for a request's head
	idlePatience  = 2 * time.Minute  // between requests
	drainPatience = 10 * time.Second // for requests under way when stopping
	maxHead       = 64 << 10         // bytes of a request's head
)

// Listen says where to serve and whom to tell.
type Listen struct {
	HTTP      string // host:port; port 0 takes a free one; empty is off
	HTTPS     string // host:port; empty is off
	Cert, Key string // files for HTTPS, read again on SIGHUP
	Socket    string // path of the Unix socket; empty is off
	Out       io.Writer
	// Ready is called once, after the line on Out, with the URL in that line.
	Ready func(url string)
	// Reload is called on SIGHUP.
	Reload func()
	// Stop is called when the drain begins, to end what holds connections open.
	Stop func()
}

// Serve answers requests until the context ends, then finishes those under way within
// 10 s. It tells systemd when it is ready and that it is well.
func (s *Server) Serve(ctx context.Context, l Listen) error {
	web := s.webServer(ctx)
	listeners, url, err := s.open(l)
	if err != nil {
		return err
	}
	done := make(chan error, len(listeners))
	for _, at := range listeners {
		go func() { done <- web.Serve(at) }()
	}
	stopWatching := s.watch(ctx, l, listeners)
	defer stopWatching()
	fmt.Fprintf(l.Out, "reconexus %s ready on %s\n", s.o.Version, url)
	if l.Ready != nil {
		l.Ready(url)
	}
	s.notify(daemon.SdNotifyReady)
	select {
	case <-ctx.Done():
		return s.drain(ctx, web, l)
	case err := <-done:
		return errors.Join(fmt.Errorf("listen: %w", err), web.Close())
	}
}

func (s *Server) webServer(ctx context.Context) *http.Server {
	return &http.Server{
		Handler: s, ReadHeaderTimeout: headPatience, IdleTimeout: idlePatience, MaxHeaderBytes: maxHead,
		ErrorLog:    slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }, // the drain ends requests, not the signal
		ConnContext: markSocket,
	}
}

// open listens everywhere before anything is served. The URL is that of plain HTTP if
// there is one.
func (s *Server) open(l Listen) (all []net.Listener, url string, err error) {
	defer func() {
		if err != nil {
			for _, at := range all {
				_ = at.Close()
			}
		}
	}()
	if l.Socket != "" {
		at, err := listenSocket(l.Socket)
		if err != nil {
			return all, "", err
		}
		all = append(all, at)
	}
	if l.HTTPS != "" {
		at, err := s.listenTLS(l)
		if err != nil {
			return all, "", err
		}
		all, url = append(all, at), "https://"+reachable(at.Addr())
	}
	if l.HTTP != "" {
		at, err := net.Listen("tcp", l.HTTP)
		if err != nil {
			return all, "", fmt.Errorf("listen on http.addr; is another program there, or an appliance running already? %w", err)
		}
		all, url = append(all, at), "http://"+reachable(at.Addr())
	}
	return all, url, nil
}

// reachable is the address as this machine reaches it.
func reachable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return a.String()
	}
	if tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return tcp.String()
}

// listenSocket opens the appliance's own door for the command line: owner only. A
// socket that a killed process left behind is replaced, one that answers is not.
func listenSocket(path string) (net.Listener, error) {
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		_ = c.Close()
		return nil, fmt.Errorf("an appliance is running on this data folder already (%s answers); stop it first", filepath.Base(path))
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the socket that was left behind: %w", err)
	}
	at, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the local socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("keep the local socket to its owner: %w", err), at.Close())
	}
	return at, nil
}

// certified is a listener whose certificate can be read again.
type certified struct {
	net.Listener
	pair atomic.Pointer[tls.Certificate]
}

func (s *Server) listenTLS(l Listen) (net.Listener, error) {
	c := &certified{}
	if err := c.load(l); err != nil {
		return nil, err
	}
	plain, err := net.Listen("tcp", l.HTTPS)
	if err != nil {
		return nil, fmt.Errorf("listen on https.addr: %w", err)
	}
	c.Listener = tls.NewListener(plain, &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, // WebSockets need it
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.pair.Load(), nil },
	})
	return c, nil
}

func (c *certified) load(l Listen) error {
	pair, err := tls.LoadX509KeyPair(l.Cert, l.Key)
	if err != nil {
		return fmt.Errorf("https.cert and https.key should be a certificate and its key in PEM: %w", err)
	}
	c.pair.Store(&pair)
	return nil
}

// watch serves SIGHUP and systemd's watchdog until it is stopped.
func (s *Server) watch(ctx context.Context, l Listen, listeners []net.Listener) (stop func()) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		s.o.Log.Warn("systemd's watchdog setting cannot be read", "error", err)
	}
	beat := time.NewTicker(max(every/2, time.Second))
	ended := make(chan struct{})
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		for {
			select {
			case <-ended:
				return
			case <-hup:
				s.reload(l, listeners)
			case <-beat.C:
				if every > 0 && s.storeAnswers(context.WithoutCancel(ctx)) == nil {
					s.notify(daemon.SdNotifyWatchdog)
				}
			}
		}
	}()
	return func() {
		signal.Stop(hup)
		beat.Stop()
		close(ended)
		<-finished
	}
}

func (s *Server) reload(l Listen, listeners []net.Listener) {
	s.notify(daemon.SdNotifyReloading + "\nMONOTONIC_USEC=" + daemon.SdNotifyMonotonicUsec())
	for _, at := range listeners {
		if c, ok := at.(*certified); ok {
			if err := c.load(l); err != nil {
				s.o.Log.Error("the certificate could not be read again; the old one stays", "error", err)
			}
		}
	}
	if l.Reload != nil {
		l.Reload()
	}
	s.notify(daemon.SdNotifyReady)
}

// notify tells systemd, where there is one.
func (s *Server) notify(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		s.o.Log.Warn("systemd could not be told", "state", state, "error", err)
	}
}

// drain lets requests under way end, then cuts the rest.
func (s *Server) drain(ctx context.Context, web *http.Server, l Listen) error {
	s.draining.Store(true)
	s.notify(daemon.SdNotifyStopping)
	if l.Stop != nil {
		l.Stop()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainPatience)
	defer cancel()
	err := web.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.o.Log.Warn("some requests did not end in time and were cut")
		return web.Close()
	}
	return err
}
