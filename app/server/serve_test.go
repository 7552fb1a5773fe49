package server

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"reconexus/app/access"
	"reconexus/app/rest"
)

// running starts Serve and gives its URL and a way to end it.
func running(t *testing.T, h *house, l Listen) (line, url string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	l.Out = in
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(ctx, l) }()
	got := make(chan string, 1)
	go func() {
		s, _ := bufio.NewReader(out).ReadString('\n')
		got <- strings.TrimSuffix(s, "\n")
		_, _ = io.Copy(io.Discard, out)
	}()
	select {
	case line = <-got:
	case err := <-ended:
		t.Fatalf("Serve ended: %v", err)
	}
	_, url, _ = strings.Cut(line, " ready on ")
	stop = func() error {
		cancel()
		return <-ended
	}
	t.Cleanup(cancel)
	return line, url, stop
}

func TestServeIsReadyAndDrains(t *testing.T) {
	h := build(t)
	told := make(chan string, 1)
	stopped := make(chan bool, 1)
	line, url, stop := running(t, h, Listen{HTTP: "127.0.0.1:0", Socket: filepath.Join(t.TempDir(), "r.sock"), Ready: func(u string) { told <- u }, Stop: func() { stopped <- true }})
	if !regexp.MustCompile(`^reconexus 1\.0\.0 ready on http://127\.0\.0\.1:\d+$`).MatchString(line) || <-told != url {
		t.Errorf("the line is %q", line)
	}
	answer := make(chan int, 1)
	go func() {
		r, _ := http.NewRequestWithContext(context.WithoutCancel(t.Context()), "POST", url+api+"/slow", strings.NewReader(`{"name":"x"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer admin")
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			answer <- 0
			return
		}
		a.Body.Close()
		answer <- a.StatusCode
	}()
	<-h.began
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	<-stopped
	close(h.hold)
	if got := <-answer; got != 200 {
		t.Errorf("a request under way ends with %d", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("Serve ends with %v", err)
	}
	if _, err := http.Get(url); err == nil {
		t.Error("it still answers")
	}
}

func TestServeRefusesATakenAddress(t *testing.T) {
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer at.Close()
	err = build(t).Serve(t.Context(), Listen{HTTP: at.Addr().String(), Out: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "is another program there") {
		t.Errorf("the error is %v", err)
	}
}

func TestServeTellsSystemd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	at, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer at.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "2000000")
	next := func() string {
		b := make([]byte, 200)
		_ = at.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, err := at.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	h := build(t)
	reloaded := make(chan bool, 1)
	_, _, stop := running(t, h, Listen{HTTP: "127.0.0.1:0", Reload: func() { reloaded <- true }})
	for _, want := range []string{"READY=1", "WATCHDOG=1"} {
		if got := next(); got != want {
			t.Errorf("systemd hears %q, want %q", got, want)
		}
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	<-reloaded
	go func() { _ = stop() }()
	for heard := ""; heard != "STOPPING=1"; heard = next() {
	}
}

func TestHTTPSWithOwnCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certify(t, cert, key, "one.example.ng")
	h := build(t, func(o *Options) { o.HTTPSPort = "8443" })
	reloaded := make(chan bool, 1)
	_, url, _ := running(t, h, Listen{HTTPS: "127.0.0.1:0", Cert: cert, Key: key, Reload: func() { reloaded <- true }})
	seen := func() (string, http.Header) {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // a test's own certificate
		a, err := client.Get(url + "/health/live")
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		return a.TLS.PeerCertificates[0].Subject.CommonName, a.Header
	}
	name, header := seen()
	if name != "one.example.ng" || header.Get("Strict-Transport-Security") != "max-age=63072000" {
		t.Errorf("served by %s with %q", name, header.Get("Strict-Transport-Security"))
	}
	certify(t, cert, key, "two.example.ng")
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	<-reloaded
	if name, _ := seen(); name != "two.example.ng" {
		t.Errorf("after SIGHUP served by %s", name)
	}
	if err := build(t).Serve(t.Context(), Listen{HTTPS: "127.0.0.1:0", Cert: key, Key: key, Out: io.Discard}); err == nil || !strings.Contains(err.Error(), "in PEM") {
		t.Errorf("a wrong certificate: %v", err)
	}
}

func certify(t *testing.T, cert, key, name string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A WebSocket passes all layers, and stays open beyond the times that bound requests.
func TestWebSocketThroughThePipeline(t *testing.T) {
	h := open(t, func(o *Options) {
		o.Extra = []rest.Route{{Method: "GET", Path: "/ws/{channel}", Need: access.SignedIn}}
		upgrade := websocket.Upgrader{}
		o.Router.Handler("GET", "/ws/:channel", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if access.From(r.Context()).ID == "" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			conn, err := upgrade.Upgrade(w, r, nil)
			if err != nil {
				return
			}
			defer conn.Close()
			kind, text, err := conn.ReadMessage()
			if err == nil {
				_ = conn.WriteMessage(kind, append([]byte("heard "), text...))
			}
		}))
	})
	conn, a, err := websocket.DefaultDialer.Dial(strings.Replace(h.url, "http", "ws", 1)+"/ws/jobs", http.Header{"Authorization": {"Bearer admin"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	a.Body.Close()
	if err := conn.WriteMessage(websocket.TextMessage, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, text, err := conn.ReadMessage(); err != nil || string(text) != "heard x" {
		t.Errorf("heard %q (%v)", text, err)
	}
}
