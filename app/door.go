package app

import (
	"context"
	"log/slog"
	"net"

	"reconexus/app/access"
	"reconexus/app/config"
	"reconexus/app/rest"
)

// socketName is the appliance's own door in its data folder, for its owner only.
const socketName = "reconexus.sock"

// logger writes as the settings say.
func logger(p *Program, c *config.Config) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.Log.Level}
	if c.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(p.Stderr, o))
	}
	return slog.New(slog.NewTextHandler(p.Stderr, o))
}

func origins(c *config.Config) []string {
	if c.PublicURL == "" {
		return nil
	}
	return []string{c.PublicURL}
}

func port(addr string) string {
	_, p, _ := net.SplitHostPort(addr) // config has checked it
	return p
}

// public remembers where the appliance is reached when the settings do not say.
func (a *Appliance) public(url string) { a.url.Store(url) }

// base is how browsers reach the appliance.
func (a *Appliance) base() string {
	if a.Config.PublicURL != "" {
		return a.Config.PublicURL
	}
	url, _ := a.url.Load().(string)
	if url == "" {
		return "http://" + a.Config.HTTP.Addr
	}
	return url
}

// mountLocal declares what only the command line on this machine may ask. The
// principal of the local socket is the appliance itself.
func (a *Appliance) mountLocal() {
	rest.Post(a.API, "/local/setup-token", access.UserManage, a.setupToken,
		rest.Doc("Issue the set-up link", "It makes the first administrator; answered as long as there is none."))
}

type setupLink struct {
	Link string `json:"link"`
}

func (a *Appliance) setupToken(ctx context.Context, _ *struct{}) (*setupLink, error) {
	link, err := a.Login.SetupLink(ctx, a.base())
	return &setupLink{link}, err
}
