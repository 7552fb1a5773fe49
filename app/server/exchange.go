package server

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"reconexus/app/access"
	"reconexus/app/rest"
)

// exchange is what the layers know of one request and its answer. It is the response
// writer of the layers inside it.
type exchange struct {
	http.ResponseWriter
	request rest.Request
	route   *route
	started time.Time
	clock   func() time.Time
	log     *slog.Logger

	client   // where the request comes from
	who      access.Principal
	may      bool   // the caller may use the route
	body     []byte // read whole, unless the route is an upload
	bodyRead bool
	raw      io.ReadCloser // the body as it comes, without layers around it
	print    [32]byte      // fingerprint of the deed, when printed
	printed  bool

	status   int // 0 until the answer begins
	written  int64
	wardrobe *wardrobe
	dressed  bool // security headers were set
	record   *recording
	names    [3]string // values of the id headers, kept here to spare allocations
	rates    [4]string // values of the rate headers, likewise
}

type exchangeKey struct{}

// of is the exchange of a request that came through the pipeline.
func of(r *http.Request) *exchange {
	x, _ := r.Context().Value(exchangeKey{}).(*exchange)
	return x
}

// WriteHeader notes the status; informational ones are passed on.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 && status >= 200 {
		x.status = status
		if x.record != nil {
			x.record.begin(status, x.Header())
		}
	}
	x.ResponseWriter.WriteHeader(status)
}

func (x *exchange) Write(b []byte) (int, error) {
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	if x.record != nil {
		x.record.add(b)
	}
	n, err := x.ResponseWriter.Write(b)
	x.written += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// Flush sends what was written.
func (x *exchange) Flush() { _ = http.NewResponseController(x.ResponseWriter).Flush() } // http.Flusher has no error

// Hijack hands the connection to a WebSocket.
func (x *exchange) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(x.ResponseWriter).Hijack()
	if err == nil {
		x.status = http.StatusSwitchingProtocols
	}
	return conn, rw, err
}

// SetReadDeadline is for bodies that are still to be read. One that was read whole has
// none left: a deadline would only end the wait for an answer that takes long.
func (x *exchange) SetReadDeadline(t time.Time) error {
	if x.bodyRead {
		return nil
	}
	return http.NewResponseController(x.ResponseWriter).SetReadDeadline(t)
}

// hurry gives the sender so long to send what is read next; 0 gives it all the time.
// Sockets go by the machine's own clock, whatever clock the program was given.
func (x *exchange) hurry(within time.Duration) {
	if within == 0 {
		_ = x.SetReadDeadline(time.Time{}) // a connection in a test may have none
		return
	}
	_ = x.SetReadDeadline(time.Now().Add(within))
}

// refuse answers a request that a layer does not let through. Layers outside those
// that set the id and the headers refuse as well, so both are made sure of here.
func (x *exchange) refuse(r *http.Request, err error) {
	x.identify()
	x.dress()
	rest.WriteError(x, r, x.log, err)
}

// gone tells whether the error is that the client went away, which is nobody's fault.
func gone(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, net.ErrClosed)
}
