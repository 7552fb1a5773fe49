package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/julienschmidt/httprouter"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/rest"
)

// documents puts on the router what explains the appliance: its health and figures,
// the API's description and reference, the user guide. None of it needs the Internet.
func (s *Server) documents() ([]rest.Route, error) {
	s.health()
	var own []rest.Route
	add := func(pattern string, need access.Permission, h http.Handler) {
		s.o.Router.Handler(http.MethodGet, colons(pattern), h)
		own = append(own, rest.Route{Method: http.MethodGet, Path: pattern, Need: need})
	}
	add("/metrics", access.MetricsRead, s.showMetrics())
	openapi := sync.OnceValues(s.openapi)
	add("/openapi.json", access.Public, s.once(openapi))
	reference, err := newReference(s.o.Docs)
	if err != nil {
		return nil, err
	}
	add("/docs", access.Public, s.once(func() (*document, error) { return reference.page(s.o.API) }))
	add("/docs/{file}", access.Public, http.HandlerFunc(s.named(reference.file)))
	guide := sync.OnceValues(func() (*guide, error) { return newGuide(s.o.Guide) })
	add("/guide", access.Public, http.HandlerFunc(s.chapter(guide)))
	add("/guide/{file}", access.Public, http.HandlerFunc(s.chapter(guide)))
	return own, nil
}

// document is bytes that are served whole, with a copy that is compressed once.
type document struct {
	kind  string // media type
	plain []byte // nil when only the compressed form is at hand
	gzip  []byte
	tag   string
}

func newDocument(kind string, plain []byte) *document {
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level is a valid one
	_, _ = z.Write(plain)                                      // a buffer takes everything
	_ = z.Close()
	return &document{kind: kind, plain: plain, gzip: packed.Bytes(), tag: tagOf(plain)}
}

func tagOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:10])
}

func (d *document) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", d.kind)
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Accept-Encoding")
	body, tag := d.plain, d.tag
	if d.gzip != nil && accepts(r, "gzip") && r.Header.Get("Range") == "" {
		h.Set("Content-Encoding", "gzip")
		body, tag = d.gzip, d.tag+"-gzip"
	} else if body == nil {
		body = unpack(d.gzip)
	}
	h.Set("Etag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func unpack(packed []byte) []byte {
	var out bytes.Buffer
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err == nil {
		_, _ = out.ReadFrom(z) //nolint:gosec // our own embedded file
	}
	return out.Bytes()
}

// accepts tells whether the client takes a content coding.
func accepts(r *http.Request, coding string) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			return strings.ReplaceAll(params, " ", "") != "q=0"
		}
	}
	return false
}

// once serves a document that is made at first need.
func (s *Server) once(make func() (*document, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d, err := make()
		if err != nil {
			of(r).refuse(r, err)
			return
		}
		d.serve(w, r)
	})
}

// named serves one of several documents by the name in the path.
func (s *Server) named(find func(name string) *document) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d := find(httprouter.ParamsFromContext(r.Context()).ByName("file"))
		if d == nil {
			of(r).refuse(r, errNoPage())
			return
		}
		d.serve(w, r)
	}
}

func (s *Server) chapter(load func() (*guide, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		g, err := load()
		if err != nil {
			of(r).refuse(r, err)
			return
		}
		s.named(g.find)(w, r)
	}
}

func errNoPage() error {
	return fault.New(fault.NotFound, "There is nothing under this address.")
}

func (s *Server) openapi() (*document, error) {
	raw, err := s.o.API.OpenAPI()
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	return newDocument("application/json", raw), nil
}

// kindOf is the media type of a file's name, the same on every machine.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}
