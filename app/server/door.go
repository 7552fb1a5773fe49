package server

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
)

// door stands before idempotency, the first layer that needs to know the caller: who
// is it, does it come too often, and what does it bring. Metrics, outside it, count
// those that are turned away; everything cheaper was checked before.
func door(o Options, m *metrics, next Layer) Layer {
	d := &doorkeeper{
		o: o, metrics: m, policy: policyOf(o.GeneralPerMinute),
		general:  newLimiter(16<<10, o.Clock),
		address:  newLimiter(16<<10, o.Clock),
		accounts: newLimiter(16<<10, o.Clock),
	}
	return func(inner http.Handler) http.Handler {
		return chain(inner, d.authenticate, d.limit, d.read, next)
	}
}

// doorkeeper keeps the counts. Sign-in is counted apart, so that a flood of other
// requests cannot push its counts out of memory.
type doorkeeper struct {
	o                          Options
	metrics                    *metrics
	policy                     string // of the general limit
	general, address, accounts *limiter
}

// authenticate finds the principal of a request and puts it into the context. Wrong
// credentials are remembered, not answered: a public route does not care, and a
// protected one answers them. Nothing is asked of the store for pages and files.
func (d *doorkeeper) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := of(r)
		var refusal error
		switch {
		case x.local:
			x.who = access.System("local")
		case x.route.api && r.Method != http.MethodOptions:
			x.who, refusal = d.o.Authenticate(r)
		}
		if refusal != nil {
			x.who = access.Principal{}
		}
		x.who.Address, x.who.Request = x.address, x.request.ID
		x.may = x.who.Can(x.route.Need)
		ctx := access.With(r.Context(), x.who)
		if refusal != nil {
			ctx = access.WithRefusal(ctx, refusal)
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// limit counts the request against its limit: sign-in routes per address, everything
// else of the API per user, key or, for strangers, address.
func (d *doorkeeper) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := of(r)
		if x.local || !x.route.api || r.Method == http.MethodOptions {
			next.ServeHTTP(w, r)
			return
		}
		kind, l, caller, most := "general", d.general, x.who.ID, d.o.GeneralPerMinute
		switch {
		case x.route.signIn:
			kind, l, caller, most = "sign-in", d.address, x.network(), d.o.AuthPerMinute
		case caller == "":
			caller = x.network()
		case x.who.PerMin > 0 && most > 0:
			most = x.who.PerMin
		}
		if most > 0 {
			v := l.take(caller, most)
			d.tellLimit(x, most, v)
			if !v.ok {
				d.turnAway(x, r, kind, v)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// tellLimit sets the headers of the IETF draft "RateLimit header fields for HTTP".
func (d *doorkeeper) tellLimit(x *exchange, most int, v verdict) {
	policy := d.policy
	if most != d.o.GeneralPerMinute {
		policy = policyOf(most)
	}
	h := x.Header()
	x.rates = [4]string{strconv.Itoa(most), strconv.Itoa(v.left), strconv.Itoa(seconds(v.reset)), policy}
	for i, name := range [4]string{"Ratelimit-Limit", "Ratelimit-Remaining", "Ratelimit-Reset", "Ratelimit-Policy"} {
		h[name] = x.rates[i : i+1 : i+1]
	}
}

func policyOf(most int) string { return strconv.Itoa(most) + ";w=60" }

func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// turnAway answers 429. The first refusal within a minute is put down in the audit log
// when the caller is known and the deed would have changed something; a flood does not
// fill the log.
func (d *doorkeeper) turnAway(x *exchange, r *http.Request, kind string, v verdict) {
	d.metrics.refused.WithLabelValues(kind).Inc()
	if v.first && x.route.mutates && x.who.ID != "" {
		note(d.o, r, x, "denied", http.StatusTooManyRequests)
	}
	f := fault.New(fault.RateLimited, "Too many requests in a minute. Wait %d seconds, then go on more slowly.", seconds(v.reset))
	f.After = v.reset
	x.refuse(r, f)
}

// bodyPatience is how long a body that is read whole may take to arrive.
const bodyPatience = 30 * time.Second

// read takes in the whole body of a caller who may use the route, so that its
// fingerprint can be known and a refusal by the guard or the size limiter has one
// shape. Sign-in routes are then counted per account too.
func (d *doorkeeper) read(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := of(r)
		if r.ContentLength == 0 || x.route.Upload || !x.may || !x.route.api || x.route.Method == "" || r.Method == http.MethodGet {
			next.ServeHTTP(w, r)
			return
		}
		if err := x.takeIn(r); err != nil {
			if x.route.mutates && x.who.ID != "" {
				note(d.o, r, x, "failed", statusOf(err))
			}
			x.refuse(r, err)
			return
		}
		if x.route.signIn && d.o.AuthPerMinute > 0 && !x.local {
			if who := account(r, x.body); who != "" {
				if v := d.accounts.take(who, d.o.AuthPerMinute); !v.ok {
					d.tellLimit(x, d.o.AuthPerMinute, v)
					d.turnAway(x, r, "account", v)
					return
				}
			}
		}
		next.ServeHTTP(w, r)
	})
}

func statusOf(err error) int {
	if f, ok := fault.In(err); ok {
		return f.Kind.Status()
	}
	return http.StatusInternalServerError
}

// takeIn reads the body and puts it back for the handler.
func (x *exchange) takeIn(r *http.Request) error {
	x.hurry(bodyPatience)
	var whole bytes.Buffer
	if r.ContentLength > 0 {
		whole.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	_, err := whole.ReadFrom(r.Body)
	x.hurry(0)
	x.bodyRead = true
	var long *http.MaxBytesError
	var slow net.Error
	var f *fault.Fault
	switch {
	case err == nil:
	case errors.As(err, &f):
		return f
	case errors.As(err, &long):
		x.bodyRead = false
		x.drain(r)
		return tooLarge(long.Limit)
	case errors.As(err, &slow) && slow.Timeout():
		return fault.New(fault.Rejected, "The body did not arrive within %d seconds; send it again.", seconds(bodyPatience))
	default:
		return fault.New(fault.Rejected, "The body broke off before its end; send it again.")
	}
	x.body = whole.Bytes()
	r.Body = io.NopCloser(bytes.NewReader(x.body))
	r.ContentLength = int64(len(x.body))
	return nil
}

// account is whose secret a sign-in tries: the e-mail or the client id, however it was
// spelled.
func account(r *http.Request, body []byte) string {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		form, _ := url.ParseQuery(string(body)) // what is wrong with it the handler says
		if id := form.Get("client_id"); id != "" {
			return "client " + id
		}
		return basicUser(r.Header.Get("Authorization"))
	}
	var in struct {
		Email string `json:"email"`
	}
	_ = json.Unmarshal(body, &in)
	return strings.ToLower(strings.TrimSpace(in.Email))
}

func basicUser(header string) string {
	raw, ok := strings.CutPrefix(header, "Basic ")
	plain, err := base64.StdEncoding.DecodeString(raw)
	user, _, _ := strings.Cut(string(plain), ":")
	if !ok || err != nil || user == "" {
		return ""
	}
	return "client " + user
}
