// Package rest declares the REST operations: a table of contents for each feature,
// with the right that each route needs as an argument that cannot be forgotten.
//
//	rest.Get(api, "/recycled-sims", access.SIMRead, s.list)
//	rest.Post(api, "/recycled-sims", access.SIMWrite, s.create, rest.Created(location))
//
// The right is checked before anything of the request is read or validated. Faults
// become one error shape (RFC 9457), which never repeats a value that was sent: it
// may be a NIN. The OpenAPI 3.1 document is made from the same declarations.
package rest

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humahttprouter"
	"github.com/julienschmidt/httprouter"

	"reconexus/app/access"
)

// Base is the path that every contract route lies under.
const Base = "/api/v1"

// maxBody bounds a body that is read whole, in bytes. Uploads are streamed.
const maxBody = 10 << 20

// API is where features declare their routes.
type API struct {
	huma   huma.API
	log    *slog.Logger
	routes []Route
}

// Route is one declared operation and the right it needs.
type Route struct {
	Method, Path string
	Need         access.Permission
	Upload       bool // takes a file of any size as its body
	Repeatable   bool // the same body may be sent again at once
	Dialect      *Dialect
}

// Options of an API.
type Options struct {
	Version string
	Log     *slog.Logger
}

// New makes the API on a router.
func New(router *httprouter.Router, o Options) *API {
	shapeErrors()
	registry := huma.NewMapRegistry("#/components/schemas/", schemaName)
	c := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Reconexus", Version: o.Version,
				Description: "Recycled mobile numbers and the identities they still carry. Every answer about a number says what it is based on, and as of when.",
				License:     &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Components: &huma.Components{Schemas: registry, SecuritySchemes: map[string]*huma.SecurityScheme{
				"bearer": {Type: "http", Scheme: "bearer", BearerFormat: "JWT"},
				"cookie": {Type: "apiKey", In: "cookie", Name: "reconexus_access"},
				"key":    {Type: "apiKey", In: "header", Name: "X-API-Key"},
				"oauth2": machines(),
			}},
		},
		Formats:                      map[string]huma.Format{"application/json": plainJSON, "json": plainJSON},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
	return &API{huma: humahttprouter.New(router, c), log: o.Log}
}

// machines is the sign-in of machines, with the scopes of the industry's own interface.
func machines() *huma.SecurityScheme {
	scopes := map[string]string{}
	for _, p := range access.Industry() {
		scopes[string(p)] = p.What()
	}
	return &huma.SecurityScheme{Type: "oauth2", Flows: &huma.OAuthFlows{
		ClientCredentials: &huma.OAuthFlow{TokenURL: Base + "/oauth2/token", Scopes: scopes},
	}}
}

// schemaName tells types of one name in two features apart by their feature: sims.Entry
// is SimsEntry, and a page of them SimsOfEntry.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	feature := t.PkgPath()
	if _, inner, generic := strings.Cut(strings.TrimSuffix(t.Name(), "]"), "["); generic {
		feature, _, _ = strings.Cut(strings.TrimLeft(inner, "*[]"), ".")
	}
	feature = path.Base(feature)
	if t.Name() == "" || feature == "." || feature == "rest" {
		return name
	}
	return strings.ToUpper(feature[:1]) + feature[1:] + name
}

// plainJSON writes without escaping < and >, and reads as encoding/json does.
var plainJSON = huma.DefaultJSONFormat

// Routes lists what was declared, in order of declaration.
func (a *API) Routes() []Route { return a.routes }

// OpenAPI is the served document.
func (a *API) OpenAPI() ([]byte, error) { return json.Marshal(a.huma.OpenAPI()) }

// Option changes an operation's declaration.
type Option func(*operation)

// Repeatable tells the pipeline that the same body may come again at once: the
// operation changes nothing that a second time would double.
func Repeatable() Option { return func(o *operation) { o.repeatable = true } }

type operation struct {
	huma.Operation
	location   func(any) string
	etag       func(any) string
	upload     bool
	repeatable bool
	dialect    *Dialect
}

// takes notes whether the input I is an upload.
func takes[I any](o *operation) {
	_, o.upload = any(new(I)).(interface {
		Open() (io.Reader, string, error)
	})
}

// Doc gives an operation its summary and, if it needs one, a longer description.
func Doc(summary string, description ...string) Option {
	return func(o *operation) { o.Summary, o.Description = summary, strings.Join(description, "\n\n") }
}

// Status sets the status of success.
func Status(code int) Option { return func(o *operation) { o.DefaultStatus = code } }

// Accepted answers 202: the work goes on as a job.
func Accepted() Option { return Status(http.StatusAccepted) }

// Created answers 201 with the place of what was made.
func Created[O any](place func(*O) string) Option {
	return func(o *operation) {
		o.DefaultStatus = http.StatusCreated
		o.location = func(v any) string { return Base + place(v.(*O)) }
	}
}

// ETag answers with the version of what is shown, for If-Match on updates.
func ETag[O any](tag func(*O) string) Option {
	return func(o *operation) { o.etag = func(v any) string { return `"` + tag(v.(*O)) + `"` } }
}

// Unchecked leaves the body's validation to the handler, which reports bad rows one
// by one instead of refusing them all.
func Unchecked() Option { return func(o *operation) { o.SkipValidateBody = true } }

type reply[O any] struct {
	Location string `header:"Location" doc:"Where the new thing is"`
	ETag     string `header:"ETag" doc:"Version of what is shown"`
	Body     *O
}

// Get declares a read.
func Get[I, O any](a *API, path string, need access.Permission, do func(context.Context, *I) (*O, error), options ...Option) {
	handle(a, http.MethodGet, path, need, do, options)
}

// Post declares a deed.
func Post[I, O any](a *API, path string, need access.Permission, do func(context.Context, *I) (*O, error), options ...Option) {
	handle(a, http.MethodPost, path, need, do, options)
}

// Put declares a replacement.
func Put[I, O any](a *API, path string, need access.Permission, do func(context.Context, *I) (*O, error), options ...Option) {
	handle(a, http.MethodPut, path, need, do, options)
}

// Patch declares an update.
func Patch[I, O any](a *API, path string, need access.Permission, do func(context.Context, *I) (*O, error), options ...Option) {
	handle(a, http.MethodPatch, path, need, do, options)
}

// Delete declares a removal, answered with 204.
func Delete[I any](a *API, path string, need access.Permission, do func(context.Context, *I) error, options ...Option) {
	op := a.declare(http.MethodDelete, path, need, append([]Option{Status(http.StatusNoContent)}, options...))
	huma.Register(a.huma, op.Operation, func(ctx context.Context, in *I) (*struct{}, error) {
		return nil, a.problem(ctx, do(ctx, in))
	})
}

func handle[I, O any](a *API, method, path string, need access.Permission, do func(context.Context, *I) (*O, error), options []Option) {
	op := a.declare(method, path, need, append(options, takes[I]))
	huma.Register(a.huma, op.Operation, func(ctx context.Context, in *I) (*reply[O], error) {
		v, err := do(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		r := &reply[O]{Body: v}
		if op.location != nil {
			r.Location = op.location(v)
		}
		if op.etag != nil {
			r.ETag = op.etag(v)
		}
		return r, nil
	})
}

// Raw declares an operation whose output says its own status, headers and cookies:
// O is a huma output (fields Status, Body, and such with header tags).
func Raw[I, O any](a *API, method, path string, need access.Permission, do func(context.Context, *I) (*O, error), options ...Option) {
	op := a.declare(method, path, need, append(options, takes[I]))
	huma.Register(a.huma, op.Operation, func(ctx context.Context, in *I) (*O, error) {
		v, err := do(ctx, in)
		return v, a.problem(ctx, err)
	})
}

func (a *API) declare(method, path string, need access.Permission, options []Option) *operation {
	if strings.HasPrefix(path, "//") {
		path = path[1:] // outside the contract's base: "//health"
	} else {
		path = Base + path
	}
	o := &operation{Operation: huma.Operation{
		Method: method, Path: path, OperationID: operationID(method, path),
		MaxBodyBytes: maxBody,
		Tags:         []string{tag(path)},
	}}
	for _, f := range options {
		f(o)
	}
	switch {
	case need == access.Public:
	case need.Industry():
		o.Security = []map[string][]string{{"oauth2": {string(need)}}, {"key": {}}}
	default:
		o.Security = []map[string][]string{{"bearer": {}}, {"cookie": {}}, {"key": {}}}
	}
	o.describe(a.huma.OpenAPI().Components.Schemas)
	o.Extensions = map[string]any{"x-permission": string(need)}
	o.Middlewares = append(o.Middlewares, a.guard(need))
	a.routes = append(a.routes, Route{method, path, need, o.upload, o.repeatable, o.dialect})
	return o
}

// guard refuses a caller without the right, before the request is read.
func (a *API) guard(need access.Permission) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		err := access.From(ctx.Context()).Allow(need)
		if refusal := access.Refusal(ctx.Context()); err != nil && refusal != nil {
			err = refusal
		}
		if err == nil {
			next(ctx)
			return
		}
		Report(ctx.Context(), err)
		r, w, _ := humahttprouter.Unwrap(ctx)
		WriteError(w, r, a.log, err)
	}
}

func operationID(method, path string) string {
	name := strings.NewReplacer(Base, "", "/", "-", "{", "", "}", "", ".", "-").Replace(path)
	return strings.ToLower(method) + name
}

func tag(path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(path, Base), "/"), "/")
	return name
}
