// Package config reads the settings once, into a plain struct that is passed around.
//
// Each setting has a default, which the settings file overrides, which the environment
// overrides, which flags override. A secret may also lie in a file of its own
// (RECONEXUS_SENTRY_DSN_FILE, or dsn_file in the settings file), in a systemd
// credential that bears the key's name, or in Vault ("vault:secret/reconexus#dsn").
//
// What is wrong is refused with a sentence that names the key, where it came from and
// what would be right. A secret's value is in no sentence, no log line and no print.
package config

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
)

// Config is every setting, read and checked.
type Config struct {
	Data      string // folder where everything lives
	PublicURL string // how browsers reach the appliance, without a slash at the end; empty: derived
	HTTP      HTTP
	HTTPS     HTTPS
	Limits    Limits
	CORS      CORS
	Outbound  Outbound
	Log       Log
	Sentry    Sentry
	OTel      OTel
	Vault     Vault

	// File is where the settings file is looked for, whether it is there or not.
	File string
	// Warnings are sentences about settings that have no effect.
	Warnings []string

	origins map[string]origin
}

// HTTP is the plain listener: for loopback, or for a proxy in front.
type HTTP struct {
	Addr           string         // host:port; port 0 takes a free one; empty when off
	TrustedProxies []netip.Prefix // whose X-Forwarded-* counts
}

// HTTPS is the listener with a certificate of one's own.
type HTTPS struct {
	Addr string // host:port, or empty when off
	Cert string // path of the certificate chain, PEM
	Key  string // path of its key, PEM
}

// Limits are requests per minute; 0 switches a limit off.
type Limits struct {
	AuthPerMinute    int // on sign-in routes, per address and per account
	GeneralPerMinute int // elsewhere, per user or address
}

// CORS names the other origins whose pages may call the API.
type CORS struct{ Origins []string }

// Outbound names the networks, beyond public addresses, that fetches on a user's
// behalf may reach.
type Outbound struct{ Allow []netip.Prefix }

// Log says what is logged and how.
type Log struct {
	Level  slog.Level
	Format string // text or json
}

// Sentry is where errors are reported to; off when empty.
type Sentry struct{ DSN Secret }

// OTel is where traces are sent to (OTLP over HTTP); off when empty.
type OTel struct{ Endpoint string }

// Vault is where secrets of the form vault:path#key are read.
type Vault struct {
	Addr  string
	Token Secret
}

// Options say where settings are looked for. The zero value of a field leaves that
// source out.
type Options struct {
	// File is the settings file. A missing one is an error when Required.
	File     string
	Required bool
	// Environ is the environment as os.Environ gives it. STATE_DIRECTORY and
	// CREDENTIALS_DIRECTORY, which systemd sets, are read from it too.
	Environ []string
	// Flags are the settings given on the command line, by key.
	Flags map[string]string
	// Terminal says that the log goes to a terminal, which decides its default format.
	Terminal bool
}

// Load reads the settings. Everything that is wrong is reported at once, joined.
func Load(ctx context.Context, o Options) (*Config, error) {
	c := &Config{File: o.File, origins: map[string]origin{}}
	values, err := gather(o, c)
	if err != nil {
		return nil, err
	}
	return c, errors.Join(fill(ctx, c, values), c.check())
}
