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

// logger writes as the settings say; its level may be changed later.
func logger(p *Program, c *config.Config) (*slog.Logger, *slog.LevelVar) {
	level := &slog.LevelVar{}
	level.Set(c.Log.Level)
	o := &slog.HandlerOptions{Level: level}
	if c.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(p.Stderr, o)), level
	}
	return slog.New(slog.NewTextHandler(p.Stderr, o)), level
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

// details adds figures of the work to /health.
func (a *Appliance) details(ctx context.Context) map[string]any {
	jobs, err := a.Jobs.Counts(ctx)
	if err != nil {
		return map[string]any{"jobs": "cannot be counted at the moment"}
	}
	return map[string]any{"jobs": jobs, "sockets": a.Hub.Open()}
}

// reload reads the settings again. The log's level changes at once; what would need
// other listeners or a restart is named in the log.
func (a *Appliance) reload(ctx context.Context, p *Program, s *settings) {
	c, err := s.load(ctx, p)
	if err != nil {
		a.Log.Error("the settings could not be read again; the old ones stay", "error", err)
		return
	}
	a.level.Set(c.Log.Level)
	was, now := a.Config.Entries(), c.Entries()
	for i := range now {
		if i < len(was) && was[i] != now[i] && now[i].Key != "log.level" {
			a.Log.Warn("a changed setting takes effect at the next start", "key", now[i].Key)
		}
	}
	a.Log.Info("the settings were read again", "log.level", c.Log.Level.String())
}
