// Package app puts the appliance together and gives it a command line.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/julienschmidt/httprouter"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/config"
	"reconexus/app/jobs"
	"reconexus/app/kit/outbound"
	"reconexus/app/kit/seal"
	"reconexus/app/live"
	"reconexus/app/login"
	"reconexus/app/reconix"
	"reconexus/app/rest"
	"reconexus/app/server"
	"reconexus/app/users"
	"reconexus/store/kv"
	"reconexus/store/migrations"
	"reconexus/store/sqlite"
)

// Appliance is everything that runs on one data folder.
type Appliance struct {
	Config  *config.Config
	Log     *slog.Logger
	Clock   func() time.Time
	DB      *sqlite.DB
	Cache   *kv.Store
	Audit   *audit.Log
	Hub     *live.Hub
	Jobs    *jobs.Queue
	Login   *login.Service
	Reconix *reconix.Product
	API     *rest.API
	Server  *server.Server

	url   atomic.Value // string: where it listens
	level *slog.LevelVar
	lock  *os.File
	stop  context.CancelFunc
	tasks sync.WaitGroup

	opened time.Time
}

// Open puts an appliance together: where things are kept, what every feature shares,
// what the appliance offers. [Appliance.Start] sets it to work; close it in any case.
func Open(ctx context.Context, p *Program, c *config.Config, log *slog.Logger) (_ *Appliance, err error) {
	a := &Appliance{Config: c, Log: log, Clock: time.Now}
	a.opened = a.Clock()
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close(context.WithoutCancel(ctx)))
		}
	}()

	// Where things are kept.
	if a.lock, err = lockFolder(c.Data); err != nil {
		return nil, err
	}
	path := filepath.Join(c.Data, "reconexus.db")
	if err = sqlite.Migrate(ctx, path, migrations.Files); err != nil {
		return nil, err
	}
	if a.DB, err = sqlite.Open(ctx, path, sqlite.Options{}); err != nil {
		return nil, err
	}
	if a.Cache, err = kv.Open(filepath.Join(c.Data, "cache"), a.Clock, log); err != nil {
		return nil, err
	}
	ring, err := seal.Load(filepath.Join(c.Data, "keys.json"))
	if err != nil {
		return nil, err
	}

	// What every feature shares.
	a.Audit = audit.New(a.DB, ring, a.Clock)
	a.Hub = live.NewHub(a.Clock)
	a.Jobs = jobs.New(a.DB, filepath.Join(c.Data, "jobs"), a.Clock, a.Hub, log)
	guard, err := login.NewGuard(ctx, login.GuardOptions{DB: a.DB, KV: a.Cache, Ring: ring, Clock: a.Clock, Log: log, Cost: p.PasswordCost})
	if err != nil {
		return nil, err
	}
	guard.OnRevoked(a.Hub.End)
	accounts := users.New(users.Options{DB: a.DB, Audit: a.Audit, Clock: a.Clock, Hash: guard.Hash, End: guard.End, Changed: guard.Changed, Unlock: guard.Unlock})
	a.Login, err = login.New(ctx, login.Options{
		DB: a.DB, Ring: ring, Audit: a.Audit, Users: accounts, Guard: guard, Clock: a.Clock, Log: log,
		Address: server.Address, Origins: origins(c),
	})
	if err != nil {
		return nil, err
	}

	// What the appliance offers.
	router := httprouter.New()
	a.API = rest.New(router, rest.Options{Version: p.Version, Log: log})
	login.Register(a.API, a.Login)
	users.Register(a.API, accounts)
	a.Audit.Mount(a.API)
	a.Jobs.Mount(a.API, a.Audit)
	a.Hub.Mount(a.API)
	a.Reconix, err = reconix.New(reconix.Options{
		DB: a.DB, Dir: c.Data, Clock: a.Clock, Ring: ring, Audit: a.Audit, Jobs: a.Jobs, Hub: a.Hub, Log: log,
		Out: outbound.New(outbound.Options{Allow: c.Outbound.Allow}),
	})
	if err != nil {
		return nil, err
	}
	a.Reconix.Mount(a.API)
	a.mountLocal()
	a.mountOwn(p)
	router.Handler(http.MethodGet, "/ws/:channel", a.Hub.Handler(a.Login.Authenticate, log, origins(c)...))
	a.Server, err = server.New(a.serverOptions(p, c, router, ring))
	return a, err
}

func (a *Appliance) serverOptions(p *Program, c *config.Config, router *httprouter.Router, ring *seal.Ring) server.Options {
	return server.Options{
		Version: p.Version, Router: router, API: a.API,
		Extra:        []rest.Route{{Method: http.MethodGet, Path: "/ws/{channel}", Need: access.SignedIn}},
		Authenticate: a.Login.Authenticate, Audit: a.Audit, Ring: ring, Cache: a.Cache,
		Ready:     a.DB.Ping,
		Details:   a.details,
		PublicURL: c.PublicURL, HTTPSPort: port(c.HTTPS.Addr), TrustedProxies: c.HTTP.TrustedProxies, Origins: c.CORS.Origins,
		AuthPerMinute: c.Limits.AuthPerMinute, GeneralPerMinute: c.Limits.GeneralPerMinute,
		SentryDSN: c.Sentry.DSN.Reveal(), TraceEndpoint: c.OTel.Endpoint,
		Pages: p.Pages, Docs: p.Docs, Guide: p.Guide, Clock: a.Clock, Log: a.Log,
	}
}

// Start does what must be done before the first request, and sets the work in the
// background going. It ends with ctx or [Appliance.Close].
func (a *Appliance) Start(ctx context.Context) error {
	if err := a.Reconix.Start(ctx); err != nil {
		return err
	}
	ctx, a.stop = context.WithCancel(ctx)
	a.tasks.Go(func() { a.Login.Run(ctx) })
	a.tasks.Go(func() { a.Reconix.Run(ctx) })
	a.tasks.Go(func() { a.keepCheckpoints(ctx) })
	return a.Jobs.Start(ctx)
}

// checkpointEvery is how often the audit log's head is signed.
const checkpointEvery = 10 * time.Minute

func (a *Appliance) keepCheckpoints(ctx context.Context) {
	for tick := time.NewTicker(checkpointEvery); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
			if _, err := a.Audit.Checkpoint(ctx); err != nil && ctx.Err() == nil {
				a.Log.Error("the audit log could not be signed", "error", err)
			}
		}
	}
}

// closePatience is how long running jobs may take to let go; what does not is taken up
// at the next start.
const closePatience = 5 * time.Second

// Close ends the appliance. What was said to be saved is.
func (a *Appliance) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closePatience)
	defer cancel()
	var err error
	if a.Hub != nil {
		a.Hub.Close()
	}
	if a.stop != nil {
		err = a.Jobs.Close(ctx)
		a.stop()
		a.tasks.Wait()
	}
	if a.Server != nil {
		err = errors.Join(err, a.Server.Close(ctx))
	}
	if a.Cache != nil {
		err = errors.Join(err, a.Cache.Close())
	}
	if a.DB != nil {
		err = errors.Join(err, a.DB.Close())
	}
	if a.lock != nil {
		err = errors.Join(err, a.lock.Close())
	}
	return err
}

// serve runs the appliance until told to stop.
func serve(ctx context.Context, p *Program, s *settings) error {
	c, err := s.load(ctx, p)
	if err != nil {
		return err
	}
	log, level := logger(p, c)
	for _, w := range c.Warnings {
		log.Warn(w)
	}
	a, err := Open(ctx, p, c, log)
	if err != nil {
		return err
	}
	if err := a.Start(ctx); err != nil {
		return errors.Join(err, a.Close(context.WithoutCancel(ctx)))
	}
	a.level = level
	err = a.Server.Serve(ctx, server.Listen{
		HTTP: c.HTTP.Addr, HTTPS: c.HTTPS.Addr, Cert: c.HTTPS.Cert, Key: c.HTTPS.Key,
		Socket: filepath.Join(c.Data, socketName), Out: p.Stdout, Stop: a.Hub.Close,
		Ready:  func(url string) { a.greet(ctx, p, url) },
		Reload: func() { a.reload(ctx, p, s) },
	})
	return errors.Join(err, a.Close(context.WithoutCancel(ctx)))
}

// greet prints the set-up link of an appliance that has no administrator.
func (a *Appliance) greet(ctx context.Context, p *Program, url string) {
	a.public(url)
	needed, err := a.Login.SetupNeeded(ctx)
	if err != nil || !needed {
		return
	}
	link, err := a.Login.SetupLink(ctx, a.base())
	if err != nil {
		a.Log.Error("the set-up link could not be made; reconexus setup-token prints it", "error", err)
		return
	}
	fmt.Fprintf(p.Stdout, "Make the first administrator: %s\n", link)
}
