// Package reconix is the product that finds recycled mobile numbers and the identities
// they still carry: one line per feature.
package reconix

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"reconexus/app/audit"
	"reconexus/app/jobs"
	"reconexus/app/kit/outbound"
	"reconexus/app/kit/seal"
	"reconexus/app/live"
	"reconexus/app/reconix/camara"
	"reconexus/app/reconix/check"
	"reconexus/app/reconix/dashboard"
	"reconexus/app/reconix/delink"
	"reconexus/app/reconix/demo"
	"reconexus/app/reconix/detect"
	"reconexus/app/reconix/identity"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/inventory"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/operators"
	"reconexus/app/reconix/sims"
	"reconexus/app/reconix/tenure"
	"reconexus/app/reconix/webhook"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
)

// Options are what the product stands on.
type Options struct {
	DB    *sqlite.DB
	Dir   string // the data folder
	Clock func() time.Time
	Ring  *seal.Ring
	Audit *audit.Log
	Jobs  *jobs.Queue
	Hub   *live.Hub
	Log   *slog.Logger
	Out   *outbound.Guard // what fetches on a user's behalf may reach
}

// Product is the features, put together.
type Product struct {
	db        *sqlite.DB
	dir       string
	operators *operators.Service
	sims      *sims.Service
	linkages  *linkage.Service
	inventory *inventory.Service
	detect    *detect.Service
	identity  *identity.Service
	check     *check.Service
	camara    *camara.Service
	delink    *delink.Service
	webhooks  *webhook.Service
	dashboard *dashboard.Service
	demo      *demo.Service
}

// New puts the features together.
func New(o Options) (*Product, error) {
	table, err := numbering.New()
	if err != nil {
		return nil, err
	}
	keys := tenure.NewKeys(o.Ring)
	p := &Product{db: o.DB, dir: o.Dir, operators: operators.New(o.DB, o.Audit)}
	p.webhooks, err = webhook.New(webhook.Service{DB: o.DB, Clock: o.Clock, Ring: o.Ring, Audit: o.Audit, Jobs: o.Jobs, Hub: o.Hub, Out: o.Out, Log: o.Log})
	if err != nil {
		return nil, err
	}
	p.sims, err = sims.New(sims.Service{DB: o.DB, Dir: o.Dir, Clock: o.Clock, Table: table, Ring: o.Ring, Audit: o.Audit, Jobs: o.Jobs, Hub: o.Hub, Operators: p.operators, Webhooks: p.webhooks, Log: o.Log})
	if err != nil {
		return nil, err
	}
	p.linkages = linkage.New(linkage.Service{DB: o.DB, Dir: o.Dir, Clock: o.Clock, Ring: o.Ring, Keys: &keys, Table: table, Audit: o.Audit, Jobs: o.Jobs, Log: o.Log})
	p.inventory, err = inventory.New(inventory.Service{DB: o.DB, Dir: o.Dir, Clock: o.Clock, Table: table, Keys: &keys, Audit: o.Audit, Jobs: o.Jobs, Operators: p.operators, Sims: p.sims, Webhooks: p.webhooks, Log: o.Log}, o.Ring)
	if err != nil {
		return nil, err
	}
	p.detect = detect.New(detect.Service{DB: o.DB, Clock: o.Clock, Audit: o.Audit, Jobs: o.Jobs, Hub: o.Hub, Sims: p.sims, Webhooks: p.webhooks})
	p.identity = identity.New(identity.Service{DB: o.DB, Clock: o.Clock, Table: table, Audit: o.Audit, Log: o.Log})
	p.check = check.New(check.Service{DB: o.DB, Dir: o.Dir, Clock: o.Clock, Table: table, Audit: o.Audit, Jobs: o.Jobs, Identity: p.identity, Log: o.Log})
	p.camara = camara.New(camara.Service{DB: o.DB, Clock: o.Clock, Table: table, Keys: &keys, Audit: o.Audit, Identity: p.identity})
	p.delink, err = delink.New(delink.Service{DB: o.DB, Dir: o.Dir, Clock: o.Clock, Table: table, Ring: o.Ring, Audit: o.Audit, Jobs: o.Jobs, Hub: o.Hub, Sims: p.sims, Linkages: p.linkages, Operators: p.operators, Webhooks: p.webhooks, Log: o.Log})
	if err != nil {
		return nil, err
	}
	p.dashboard = dashboard.New(dashboard.Service{DB: o.DB, Clock: o.Clock, Operators: p.operators})
	o.Jobs.OnEnded(p.dashboard.Anew)
	p.demo = demo.New(demo.Service{DB: o.DB, Clock: o.Clock, Audit: o.Audit, Jobs: o.Jobs, Inventory: p.inventory, Linkages: p.linkages, Detect: p.detect, Log: o.Log})
	return p, nil
}

// Mount declares every feature's routes.
func (p *Product) Mount(api *rest.API) {
	p.operators.Mount(api)
	p.sims.Mount(api)
	p.linkages.Mount(api)
	p.inventory.Mount(api)
	intake.Mount(api, append(inventory.Kinds(), linkage.FileKind(), sims.FileKind(), check.FileKind())...)
	p.detect.Mount(api)
	p.identity.Mount(api)
	p.check.Mount(api)
	p.camara.Mount(api)
	p.webhooks.Mount(api)
	p.delink.Mount(api)
	p.dashboard.Mount(api)
	p.demo.Mount(api)
}

// Start does what must be done before the first request.
func (p *Product) Start(ctx context.Context) error {
	return errors.Join(p.operators.Seed(ctx), intake.Sweep(ctx, p.db, p.dir), p.sims.Tidy(ctx), p.inventory.Tidy(ctx), p.delink.Tidy(ctx))
}

// Run works in the background until the context ends.
func (p *Product) Run(ctx context.Context) {
	var running sync.WaitGroup
	running.Go(func() { p.identity.Run(ctx) })
	running.Go(func() { p.webhooks.Run(ctx) })
	running.Wait()
}
