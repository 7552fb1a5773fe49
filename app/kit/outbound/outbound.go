// Package outbound makes HTTP clients for fetches on a user's behalf: a person names an
// address, and this box calls it. Such a client reaches public addresses only, and the
// networks that the settings name.
//
// What counts is the address that is connected to, looked at between its resolution and
// the connection: a name that answers differently the second time gains nothing. No
// redirect is followed, no proxy of the environment is asked, and plain http goes to
// allowed networks alone. [Guard.Look] refuses beforehand what can be seen to be wrong.
package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Options of a guard.
type Options struct {
	Allow    []netip.Prefix // networks that may be reached beyond public addresses
	Resolver *net.Resolver  // nil: the system's
	Roots    *x509.CertPool // nil: the system's
}

// Guard decides what may be reached.
type Guard struct{ o Options }

// New makes a guard.
func New(o Options) *Guard { return &Guard{o} }

// Blocked is why an address is not reached, as a sentence.
type Blocked struct{ Sentence string }

func (b *Blocked) Error() string { return b.Sentence }

const (
	sentenceInside = "The address lies in a network that may not be reached from here; an administrator can allow the network with outbound.allow."
	sentencePlain  = "Plain http is for networks that outbound.allow names; use https."
	sentencePort   = "This port belongs to another kind of service; use 443, or a port from 1024 on that is no database's."
)

// longest is how long an address may be, in characters.
const longest = 2000

// Look refuses an address that cannot be right, before it is kept. It asks no name
// server: what a name stands for is looked at when it is called.
func (g *Guard) Look(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "" || len(address) > longest:
		return &Blocked{"This is no web address; write it in full, such as https://bank.example.ng/reconexus."}
	case u.Scheme != "https" && u.Scheme != "http":
		return &Blocked{"The address must begin with https://."}
	case u.User != nil || u.Fragment != "":
		return &Blocked{"Leave the name, the password and what follows a # out of the address: they would be kept in the clear."}
	}
	port, err := portOf(u)
	if err != nil {
		return &Blocked{sentencePort}
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil {
		return g.judge(a, port, u.Scheme == "https")
	}
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return g.judge(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port, u.Scheme == "https")
	}
	if u.Scheme == "http" && len(g.o.Allow) == 0 {
		return &Blocked{sentencePlain}
	}
	if !usual(port) && len(g.o.Allow) == 0 {
		return &Blocked{sentencePort}
	}
	return nil
}

func portOf(u *url.URL) (uint16, error) {
	text := u.Port()
	switch {
	case text != "":
	case u.Scheme == "https":
		text = "443"
	default:
		text = "80"
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err == nil && n == 0 {
		err = errors.New("port 0")
	}
	return uint16(n), err
}

// judge tells why an address is not reached; nil when it is.
func (g *Guard) judge(a netip.Addr, port uint16, secure bool) error {
	a = a.WithZone("").Unmap()
	for _, p := range g.o.Allow {
		if p.Contains(a) {
			return nil
		}
	}
	switch {
	case !public(a):
		return &Blocked{sentenceInside}
	case !secure:
		return &Blocked{sentencePlain}
	case !usual(port):
		return &Blocked{sentencePort}
	}
	return nil
}

// usual tells whether a port may be a web server's: a fetch must not speak to a mail
// server or a database that happens to have a public address.
func usual(port uint16) bool {
	others := []uint16{1433, 1521, 2049, 2375, 2376, 2379, 3306, 3389, 5432, 5900, 6000, 6379, 6667, 9042, 9200, 9300, 11211, 27017}
	return port == 80 || port == 443 || (port >= 1024 && !slices.Contains(others, port))
}

// public tells whether an address is one of the open Internet's. IPv6 is read the other
// way round, since most of it is not given out: global unicast, less what embeds an
// IPv4 address or serves a purpose of its own (IANA's special-purpose registries).
func public(a netip.Addr) bool {
	if a.Is6() && !netip.MustParsePrefix("2000::/3").Contains(a) {
		return false
	}
	for _, p := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
		"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
	} {
		if netip.MustParsePrefix(p).Contains(a) {
			return false
		}
	}
	return a.IsValid()
}

// Client makes a client that gives up after a while. Keep it: it holds connections.
func (g *Guard) Client(patience time.Duration) *http.Client {
	return &http.Client{
		Timeout:       patience,
		Transport:     &transport{plain: g.transport(false), secure: g.transport(true)},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// transport has one way for each scheme, so that what was judged for https is never
// used for http.
type transport struct{ plain, secure *http.Transport }

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == "https" {
		return t.secure.RoundTrip(r)
	}
	return t.plain.RoundTrip(r)
}

// CloseIdleConnections is for [http.Client.CloseIdleConnections].
func (t *transport) CloseIdleConnections() {
	t.plain.CloseIdleConnections()
	t.secure.CloseIdleConnections()
}

func (g *Guard) transport(secure bool) *http.Transport {
	d := &net.Dialer{
		Timeout: 10 * time.Second, Resolver: g.o.Resolver,
		Control: func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil {
				return &Blocked{sentenceInside}
			}
			return g.judge(at.Addr(), at.Port(), secure)
		},
	}
	return &http.Transport{
		Proxy: nil, // the environment's proxy would connect where this may not
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return d.DialContext(ctx, "tcp", address)
		},
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: g.o.Roots},
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 16 << 10,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        90 * time.Second,
		DisableCompression:     true, // what comes back is bounded as it is, not as it unpacks
	}
}

// Trouble is what kept a call from an answer, for people who may not see addresses and
// open ports of a network: a code and a sentence.
func Trouble(err error) (code, sentence string) {
	var blocked *Blocked
	var name *net.DNSError
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var wait interface{ Timeout() bool }
	switch {
	case errors.As(err, &blocked):
		return "blocked", blocked.Sentence
	case errors.As(err, &name):
		return "dns", "The name in the address is not known to the name server."
	case errors.As(err, &certificate) || errors.As(err, &record):
		return "tls", "The certificate could not be trusted, or the port does not speak TLS."
	case errors.As(err, &wait) && wait.Timeout():
		return "timeout", "No answer came in time."
	case errors.As(err, &op) && op.Op == "dial":
		return "connect", "No connection could be made: nothing listens there, or a firewall is in between."
	case strings.Contains(fmt.Sprint(err), "tls:"):
		return "tls", "The certificate could not be trusted, or the port does not speak TLS."
	}
	return "broken", "The connection broke off before an answer came."
}
