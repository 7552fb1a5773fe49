package outbound_test

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"reconexus/app/kit/outbound"
)

func allow(networks ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, n := range networks {
		out = append(out, netip.MustParsePrefix(n))
	}
	return out
}

// Class 20: what is not the open Internet's is refused by any spelling.
func TestClass20NoAddressInsideIsReached(t *testing.T) {
	strict := outbound.New(outbound.Options{})
	for _, host := range []string{
		"127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.254", "192.168.1.1", "100.64.0.1", "169.254.169.254",
		"224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "localhost", "LOCALHOST.", "x.localhost",
		"[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]", "[fe80::1]", "[fe80::1%25eth0]", "[fc00::1]", "[fd00:ec2::254]",
		"[ff02::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[2001:db8::1]", "[fec0::1]",
	} {
		if err := strict.Look("https://" + host + "/hook"); err == nil {
			t.Errorf("https://%s/ would be kept", host)
		}
	}
	for _, address := range []string{
		"http://example.ng/", "http://8.8.8.8/", "https://8.8.8.8:25/", "https://8.8.8.8:6379/", "https://example.ng:22/", "https://example.ng:0/", "https://example.ng:99999/",
		"ftp://example.ng/", "file:///etc/passwd", "gopher://example.ng/", "https://", "https:///x", "//example.ng/", "example.ng", "https://me:pw@example.ng/", "https://example.ng/#x",
		"https://example.ng/" + strings.Repeat("x", 2000), "https://exa mple.ng/", "",
	} {
		if err := strict.Look(address); err == nil {
			t.Errorf("%q would be kept", address)
		} else if len(address) > 12 && len(address) < 100 && strings.Contains(err.Error(), address) {
			t.Errorf("the sentence about %q repeats it", address)
		}
	}
	for _, address := range []string{"https://example.ng/hook", "https://8.8.8.8/", "https://[2606:4700::1111]/", "https://example.ng:8443/a?b=c", "https://1.1.1.1:9000/"} {
		if err := strict.Look(address); err != nil {
			t.Errorf("%s is refused: %v", address, err)
		}
	}
	lab := outbound.New(outbound.Options{Allow: allow("10.0.0.0/8", "fd00::/8")})
	for address, good := range map[string]bool{
		"http://10.1.2.3:80/": true, "http://10.1.2.3:6379/": true, "http://[::ffff:10.0.0.1]/": true, "http://[fd00::1]/": true, "http://hooks.lan/": true,
		"http://192.168.1.1/": false, "https://127.0.0.1/": false, "http://8.8.8.8/": false,
	} {
		if err := lab.Look(address); (err == nil) != good {
			t.Errorf("with 10.0.0.0/8 allowed, %s: %v", address, err)
		}
	}
}

// server counts who reaches it on an address of this machine.
type server struct {
	*httptest.Server
	reached atomic.Int32
}

func listen(t *testing.T, address string, h http.HandlerFunc) *server {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Skipf("this machine has no %s: %v", address, err)
	}
	s := &server{}
	s.Server = &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.reached.Add(1)
		h(w, r)
	}), ConnState: func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.reached.Add(1)
		}
	}}}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// names answers each question for an address with the next of a list, the last for ever.
func names(t *testing.T, answers ...string) *net.Resolver {
	t.Helper()
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for i := 0; ; {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			end := 12
			for end < n && buf[end] != 0 {
				end += int(buf[end]) + 1
			}
			question := buf[12 : end+5]
			out := append([]byte{buf[0], buf[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, question...)
			if binary.BigEndian.Uint16(question[len(question)-4:]) == 1 {
				a := netip.MustParseAddr(answers[min(i, len(answers)-1)]).As4()
				i++
				out[7] = 1
				out = append(append(out, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4), a[:]...)
			}
			_, _ = conn.WriteTo(out, from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// Class 20: a name that turns to an address inside after it was looked at is not
// followed there. The connection is judged, not the name.
func TestClass20DNSRebinding(t *testing.T) {
	good := listen(t, "127.0.0.1:0", func(http.ResponseWriter, *http.Request) {})
	_, port, _ := net.SplitHostPort(good.Listener.Addr().String())
	secret := listen(t, "127.0.0.2:"+port, func(http.ResponseWriter, *http.Request) {})
	g := outbound.New(outbound.Options{Allow: allow("127.0.0.1/32"), Resolver: names(t, "127.0.0.1", "127.0.0.2")})
	address := "http://hooks.example.ng:" + port + "/"
	if err := g.Look(address); err != nil {
		t.Fatal(err)
	}
	client := g.Client(5 * time.Second)
	answer, err := client.Get(address)
	if err != nil {
		t.Fatalf("the first answer of the name is not reached: %v", err)
	}
	_ = answer.Body.Close()
	client.CloseIdleConnections()
	answer, err = client.Get(address)
	if err == nil {
		_ = answer.Body.Close()
	}
	if code, _ := outbound.Trouble(err); code != "blocked" {
		t.Errorf("the second answer of the name: %v", err)
	}
	if n := secret.reached.Load(); n != 0 {
		t.Errorf("what is inside was reached %d times", n)
	}
}

// Class 20: an answer that leads elsewhere is an answer, and nothing else.
func TestClass20NoRedirectIsFollowed(t *testing.T) {
	secret := listen(t, "127.0.0.1:0", func(http.ResponseWriter, *http.Request) {})
	good := listen(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, secret.URL, http.StatusTemporaryRedirect)
	})
	answer, err := outbound.New(outbound.Options{Allow: allow("127.0.0.0/8")}).Client(5*time.Second).Post(good.URL, "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusTemporaryRedirect || secret.reached.Load() != 0 {
		t.Errorf("it ended with %d, and the other was reached %d times", answer.StatusCode, secret.reached.Load())
	}
}

// Class 20: the environment's proxy would connect where this may not.
func TestClass20NoProxyOfTheEnvironment(t *testing.T) {
	proxy := listen(t, "127.0.0.1:0", func(http.ResponseWriter, *http.Request) {})
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	g := outbound.New(outbound.Options{Allow: allow("127.0.0.1/32"), Resolver: names(t, "10.9.9.9")})
	for _, address := range []string{"http://inside.example.ng/", "https://inside.example.ng/"} {
		answer, err := g.Client(5 * time.Second).Get(address)
		if err == nil {
			_ = answer.Body.Close()
		}
		var blocked *outbound.Blocked
		if !errors.As(err, &blocked) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if proxy.reached.Load() != 0 {
		t.Error("the proxy was asked")
	}
}

// What went wrong is told without addresses, ports and what a server said.
func TestTroubleNamesNoAddress(t *testing.T) {
	slow := make(chan struct{})
	silent := listen(t, "127.0.0.1:0", func(_ http.ResponseWriter, r *http.Request) { <-slow })
	defer close(slow)
	rude := listen(t, "127.0.0.1:0", func(w http.ResponseWriter, _ *http.Request) {
		c, _, _ := http.NewResponseController(w).Hijack()
		_ = c.Close()
	})
	closed := listen(t, "127.0.0.1:0", func(http.ResponseWriter, *http.Request) {})
	closed.Close()
	g := outbound.New(outbound.Options{Allow: allow("127.0.0.1/32"), Resolver: names(t, "127.0.0.9")})
	for address, want := range map[string]string{
		silent.URL: "timeout", rude.URL: "broken", closed.URL: "connect", strings.Replace(rude.URL, "http:", "https:", 1): "tls",
		"http://inside.example.ng/": "blocked",
	} {
		answer, err := g.Client(300 * time.Millisecond).Get(address)
		if err == nil {
			_ = answer.Body.Close()
		}
		code, sentence := outbound.Trouble(err)
		if code != want && !(want == "tls" && code == "broken") {
			t.Errorf("%s: %s, not %s (%v)", address, code, want, err)
		}
		if strings.Contains(sentence, "127.") || sentence == "" {
			t.Errorf("the sentence of %s is %q", code, sentence)
		}
	}
}
