package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// setting is one key: what it is for, its default, and how it is read and shown.
type setting struct {
	key    string
	help   string
	def    string
	secret bool
	read   func(*Config, string) error
	show   func(*Config) string
}

// env is the setting's environment variable.
func (s setting) env() string {
	return prefix + strings.ToUpper(strings.ReplaceAll(s.key, ".", "_"))
}

const prefix = "RECONEXUS_"

// settings lists every key, in the order in which they are printed.
func settings(o Options) []setting {
	return []setting{
		path("data", "folder where everything lives", dataFolder(o), func(c *Config) *string { return &c.Data }),
		address("http.addr", "plain HTTP, for loopback or a proxy; off switches it off", "127.0.0.1:8080", func(c *Config) *string { return &c.HTTP.Addr }),
		networks("http.trusted_proxies", "whose X-Forwarded-* counts", func(c *Config) *[]netip.Prefix { return &c.HTTP.TrustedProxies }),
		address("https.addr", "HTTPS with https.cert and https.key", "", func(c *Config) *string { return &c.HTTPS.Addr }),
		path("https.cert", "file of the certificate chain, PEM", "", func(c *Config) *string { return &c.HTTPS.Cert }),
		path("https.key", "file of the certificate's key, PEM", "", func(c *Config) *string { return &c.HTTPS.Key }),
		link("public_url", "how browsers reach the appliance", func(c *Config) *string { return &c.PublicURL }),
		count("limits.auth_per_minute", "on sign-in routes, per address and account; 0 is off", "5", func(c *Config) *int { return &c.Limits.AuthPerMinute }),
		count("limits.general_per_minute", "elsewhere, per user or address; 0 is off", "100", func(c *Config) *int { return &c.Limits.GeneralPerMinute }),
		origins("cors.origins", "other origins whose pages may call the API", func(c *Config) *[]string { return &c.CORS.Origins }),
		networks("outbound.allow", "networks, beyond public ones, that webhooks and the like may reach", func(c *Config) *[]netip.Prefix { return &c.Outbound.Allow }),
		{
			key: "log.level", help: "debug, info, warn or error", def: "info",
			read: func(c *Config, v string) error {
				if err := c.Log.Level.UnmarshalText([]byte(v)); err != nil {
					return fmt.Errorf("should be debug, info, warn or error")
				}
				return nil
			},
			show: func(c *Config) string { return strings.ToLower(c.Log.Level.String()) },
		},
		{
			key: "log.format", help: "text or json", def: logFormat(o),
			read: func(c *Config, v string) error {
				if v != "text" && v != "json" {
					return fmt.Errorf("should be text or json")
				}
				c.Log.Format = v
				return nil
			},
			show: func(c *Config) string { return c.Log.Format },
		},
		hidden("sentry.dsn", "where errors are reported to", readDSN, func(c *Config) *Secret { return &c.Sentry.DSN }),
		link("otel.endpoint", "where traces are sent to, such as http://127.0.0.1:4318", func(c *Config) *string { return &c.OTel.Endpoint }),
		link("vault.addr", "where vault:path#key is read", func(c *Config) *string { return &c.Vault.Addr }),
		hidden("vault.token", "token for Vault", nil, func(c *Config) *Secret { return &c.Vault.Token }),
	}
}

func dataFolder(o Options) string {
	if dir := lookup(o.Environ, "STATE_DIRECTORY"); dir != "" {
		return strings.Split(dir, ":")[0] // systemd joins several with colons
	}
	return "data"
}

func logFormat(o Options) string {
	if o.Terminal {
		return "text"
	}
	return "json"
}

func path(key, help, def string, at func(*Config) *string) setting {
	return setting{
		key: key, help: help, def: def,
		read: func(c *Config, v string) error {
			if v == "" {
				return nil
			}
			abs, err := filepath.Abs(v)
			*at(c) = abs
			return err
		},
		show: func(c *Config) string { return *at(c) },
	}
}

func address(key, help, def string, at func(*Config) *string) setting {
	return setting{
		key: key, help: help, def: def,
		read: func(c *Config, v string) error {
			if v == "" || v == "off" {
				return nil
			}
			host, port, err := net.SplitHostPort(v)
			if err != nil {
				return fmt.Errorf("should be host:port, such as 127.0.0.1:8080")
			}
			if n, err := strconv.ParseUint(port, 10, 16); err != nil {
				return fmt.Errorf("should end in a port between 0 and 65535")
			} else if _, err := netip.ParseAddr(host); err != nil && host != "" && host != "localhost" {
				return fmt.Errorf("should begin with an IP address of this machine, such as 127.0.0.1:%d", n)
			}
			*at(c) = v
			return nil
		},
		show: func(c *Config) string { return *at(c) },
	}
}

func networks(key, help string, at func(*Config) *[]netip.Prefix) setting {
	return setting{
		key: key, help: help,
		read: func(c *Config, v string) error {
			for _, part := range list(v) {
				p, err := network(part)
				if err != nil {
					return fmt.Errorf("should be networks or addresses, such as 10.0.0.0/8, 192.168.1.7")
				}
				*at(c) = append(*at(c), p)
			}
			return nil
		},
		show: func(c *Config) string {
			parts := make([]string, len(*at(c)))
			for i, p := range *at(c) {
				parts[i] = p.String()
			}
			return strings.Join(parts, ", ")
		},
	}
}

func network(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return a.Unmap().Prefix(a.Unmap().BitLen())
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}

func link(key, help string, at func(*Config) *string) setting {
	return setting{
		key: key, help: help,
		read: func(c *Config, v string) error {
			if v == "" {
				return nil
			}
			u, err := url.Parse(v)
			if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
				return fmt.Errorf("should be a URL that begins with https:// or http://")
			}
			if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
				return fmt.Errorf("should be a plain URL, without a password, a query or a fragment")
			}
			*at(c) = strings.TrimRight(v, "/")
			return nil
		},
		show: func(c *Config) string { return *at(c) },
	}
}

func count(key, help, def string, at func(*Config) *int) setting {
	return setting{
		key: key, help: help, def: def,
		read: func(c *Config, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < 0 || n > 1_000_000 {
				return fmt.Errorf("should be a whole number between 0 and 1000000")
			}
			*at(c) = n
			return nil
		},
		show: func(c *Config) string { return strconv.Itoa(*at(c)) },
	}
}

func origins(key, help string, at func(*Config) *[]string) setting {
	return setting{
		key: key, help: help,
		read: func(c *Config, v string) error {
			for _, part := range list(v) {
				u, err := url.Parse(part)
				if err != nil || u.Host == "" || part != u.Scheme+"://"+u.Host {
					return fmt.Errorf("should be origins without a path, such as https://desk.example.ng")
				}
				if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
					return fmt.Errorf("should begin with https://; plain http:// is for loopback only")
				}
				*at(c) = append(*at(c), part)
			}
			return nil
		},
		show: func(c *Config) string { return strings.Join(*at(c), ", ") },
	}
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && a.IsLoopback())
}

func hidden(key, help string, valid func(string) error, at func(*Config) *Secret) setting {
	return setting{
		key: key, help: help, secret: true,
		read: func(c *Config, v string) error {
			*at(c) = NewSecret(v)
			if v == "" || valid == nil {
				return nil
			}
			return valid(v)
		},
		show: func(c *Config) string { return at(c).String() },
	}
}

// readDSN takes a DSN as Sentry and its kin give it: https://KEY@HOST/PROJECT.
func readDSN(v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.User == nil || strings.Trim(u.Path, "/") == "" {
		return fmt.Errorf("should be a DSN such as https://KEY@HOST/PROJECT")
	}
	return nil
}

// list splits a list that is written with commas or blanks.
func list(v string) []string {
	return strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
}

// check looks at what only makes sense together.
func (c *Config) check() error {
	switch {
	case c.HTTPS.Addr != "" && (c.HTTPS.Cert == "" || c.HTTPS.Key == ""):
		return fmt.Errorf("https.addr is set, so https.cert and https.key must name the certificate and its key; or remove https.addr")
	case c.HTTP.Addr == "" && c.HTTPS.Addr == "":
		return fmt.Errorf("http.addr is off and https.addr is not set; give one of them an address to listen on")
	}
	if c.HTTPS.Addr == "" && c.HTTPS.Cert != "" {
		c.Warnings = append(c.Warnings, "https.cert has no effect without https.addr.")
	}
	return nil
}
