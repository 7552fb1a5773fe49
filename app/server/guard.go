package server

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/corazawaf/libinjection-go"

	"reconexus/app/kit/fault"
)

// guardInput refuses what only an attack sends, in query values and in the strings of
// JSON bodies. It is a second fence: every statement binds its values, no shell is
// given data and the pages escape what they show. So it may be narrow, and must let
// people's names and sentences through.
//
// Bodies are inspected while they are read, in any size, and only if they are read:
// what is found ends the reading with a fault. Uploads are not guarded; their rows are
// parsed by strict rules and never interpreted.
func guardInput() Layer {
	f := newFence()
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery != "" {
				if err := f.query(r.URL.RawQuery); err != nil {
					of(r).refuse(r, err)
					return
				}
			}
			if r.ContentLength != 0 && !of(r).route.Upload {
				r.Body = &guarded{body: r.Body, scan: scanner{fence: f}}
			}
			next.ServeHTTP(w, r)
		})
	}
}

// fence is the compiled shapes of attack.
type fence struct{ shapes *regexp.Regexp }

func newFence() *fence {
	return &fence{regexp.MustCompile(`(?i)` + climbing + `|` + command + `|` + script + `|` + lookup)}
}

// query inspects each value, and refuses credentials, which would end in logs and
// histories.
func (f *fence) query(raw string) error {
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		name, value, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		switch {
		case err1 != nil || err2 != nil:
			return fault.New(fault.Rejected, "The query of the URL is not well formed; encode each value.")
		case isCredential(name):
			return fault.New(fault.Rejected, "Credentials do not belong into a URL, where logs and histories keep them. Send them in the Authorization or X-API-Key header.")
		case f.hostile(name) || f.hostile(value):
			return fault.New(fault.Rejected, "The query parameter %s holds what looks like an attack. Send the plain value, without markup, commands or parts of SQL.", safeName(name))
		}
	}
	return nil
}

func isCredential(name string) bool {
	switch strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name)) {
	case "token", "accesstoken", "refreshtoken", "idtoken", "authtoken", "bearer", "jwt", "apikey", "xapikey", "password", "passwd", "secret", "clientsecret", "authorization", "csrftoken":
		return true
	}
	return false
}

// safeName is a parameter's name if it is an ordinary one.
func safeName(name string) string {
	if len(name) > 40 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return "with the odd name"
	}
	return name
}

// Shapes of attack that libinjection does not look for: paths that climb, and commands
// behind a shell's separators. Each needs the separator, so that prose passes.
const (
	climbing = `(?:^|[/\\])\.\.(?:[/\\]|$)|%2e%2e|/etc/(?:passwd|shadow)|/proc/self/|[a-z]:\\windows\\`
	command  = "(?:[;|&`\n]|\\$\\(|\\|\\|)\\s*(?:/(?:usr/)?s?bin/)?(?:rm\\s+-|cat\\s+/|wget\\s|curl\\s|nc\\s+-|bash\\b|sh\\s+-|zsh\\b|powershell|cmd(?:\\.exe)?\\s*/c|chmod\\s|chown\\s|whoami\\b|id\\s*[;|`)]|uname\\b|sleep\\s+\\d|ping\\s+-)"
	script   = `^\s*(?:java|vb)script\s*:|^\s*data:text/html`
	lookup   = `\$\{\s*jndi\s*:`
)

// hostile tells whether a text looks like an attack.
func (f *fence) hostile(s string) bool {
	suspects := survey(s)
	if suspects == 0 {
		return false
	}
	if suspects&nul != 0 {
		return true
	}
	if suspects&sql != 0 && injects(s) {
		return true
	}
	if suspects&markup != 0 && libinjection.IsXSS(s) {
		return true
	}
	return suspects&shape != 0 && f.shapes.MatchString(s)
}

// What a text could be part of, by the characters it holds.
const (
	sql    = 1 << iota // blanks, quotes, operators
	markup             // angle brackets, quotes, equals
	shape              // climbing dots, separators, colons
	nul
)

// survey looks once at each byte, so that plain numbers, dates, codes and names cost
// next to nothing.
func survey[T string | []byte](s T) (found int) {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c >= 0x80:
		case c == ':', c == '%', c == '$', c == '\n':
			found |= shape
		case c == '.':
			if i+1 < len(s) && s[i+1] == '.' {
				found |= shape
			}
		case c == '<', c == '>', c == '=', c == '"', c == '\'':
			found |= sql | markup
		case c == '`', c == ';', c == '|', c == '&':
			found |= sql | shape | markup
		case c == '/', c == '\\':
			found |= sql | shape
		case c == ' ', c == '\t', c == '\r', c == '(', c == ')', c == '*', c == '#', c == '+', c == '@', c == '!', c == ',', c == '[', c == '{':
			found |= sql
		case c == 0:
			return nul
		}
	}
	return found
}

// injects asks libinjection, and lets go what it sees in prose: a number or a word
// before something like a comment ("50% off -- really") injects nothing.
func injects(s string) bool {
	yes, fingerprint := libinjection.IsSQLi(s)
	return yes && fingerprint != "1c" && fingerprint != "nc"
}

// guarded inspects the strings of a JSON body as it is read.
type guarded struct {
	body io.ReadCloser
	scan scanner
	err  error
}

func (g *guarded) Read(b []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	n, err := g.body.Read(b)
	place, bad := g.scan.feed(b[:n])
	if err == io.EOF && !bad {
		place, bad = g.scan.feed([]byte{','}) // a string that is the whole text has nothing behind it
	}
	if bad {
		f := fault.Wrong(place, "INPUT_REJECTED", "The text in %s looks like an attack. Send plain text, without markup, commands or parts of SQL.", place)
		f.Kind, g.err = fault.Rejected, f
		return 0, g.err
	}
	return n, err
}

func (g *guarded) Close() error { return g.body.Close() }
