package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"reconexus/app/kit/fault"
)

// pages serves the built SPA. Files below assets/ have a hash in their name and are
// kept for ever; everything else is asked for again. An address that is no file is one
// of the SPA's own and gets the shell.
type pages struct {
	files fs.FS
	known map[string]*asset
}

// asset is one file, with the compressed siblings that the build made.
type asset struct {
	name   string
	kind   string
	tag    string
	frozen bool
	coded  map[string]string // content coding to file name
}

const shell = "index.html"

// codings are offered in this order.
func codings() []struct{ name, suffix string } {
	return []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}
}

func newPages(files fs.FS, log *slog.Logger) (*pages, error) {
	p := &pages{files: files, known: map[string]*asset{}}
	if files == nil {
		return p, nil
	}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz") {
			return err
		}
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		a := &asset{name: name, kind: kindOf(name), tag: tagOf(raw), frozen: strings.HasPrefix(name, "assets/"), coded: map[string]string{}}
		for _, c := range codings() {
			if _, err := fs.Stat(files, name+c.suffix); err == nil {
				a.coded[c.name] = name + c.suffix
			}
		}
		p.known[name] = a
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the pages: %w", err)
	}
	if p.known[shell] == nil {
		log.Warn("this binary came without its pages; run make build to put them in")
	}
	return p, nil
}

// ServeHTTP is what the router does with everything that is no route.
func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || of(r).route.api {
		of(r).refuse(r, fault.New(fault.NotFound, "There is nothing under this address. The routes are listed in /openapi.json and at /docs."))
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	a := p.known[name]
	if a == nil && path.Ext(name) == "" && wantsPage(r) {
		a = p.known[shell]
	}
	if a == nil {
		of(r).refuse(r, errNoPage())
		return
	}
	if err := p.serve(w, r, a); err != nil {
		of(r).refuse(r, err)
	}
}

// wantsPage tells a browser that goes somewhere from a programme that wants data.
func wantsPage(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return accept == "" || strings.Contains(accept, "text/html") || strings.Contains(accept, "*/*")
}

func (p *pages) serve(w http.ResponseWriter, r *http.Request, a *asset) error {
	name, tag, coding := a.name, a.tag, ""
	if r.Header.Get("Range") == "" {
		for _, c := range codings() {
			if a.coded[c.name] != "" && accepts(r, c.name) {
				name, tag, coding = a.coded[c.name], a.tag+"-"+c.name, c.name
				break
			}
		}
	}
	file, err := p.files.Open(name)
	if err != nil {
		return fmt.Errorf("open a page: %w", err)
	}
	defer file.Close()
	content, err := seekable(file)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Etag", `"`+tag+`"`)
	if coding != "" {
		h.Set("Content-Encoding", coding)
	}
	if len(a.coded) > 0 {
		h.Add("Vary", "Accept-Encoding")
	}
	h.Set("Cache-Control", "no-cache")
	if a.frozen {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, "", time.Time{}, content)
	return nil
}

// seekable reads a file in place where it can be, as embedded files can.
func seekable(f fs.File) (io.ReadSeeker, error) {
	if s, ok := f.(io.ReadSeeker); ok {
		return s, nil
	}
	raw, err := io.ReadAll(f)
	return bytes.NewReader(raw), errors.Join(err)
}

// finishRouter gives the router its answers for what is no route.
func (s *Server) finishRouter(p *pages) {
	router := s.o.Router
	router.RedirectTrailingSlash, router.RedirectFixedPath = false, false
	router.HandleMethodNotAllowed, router.HandleOPTIONS = true, true
	router.NotFound = p
	router.MethodNotAllowed = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		of(r).refuse(r, fault.New(fault.Method, "This address does not take %s; it takes %s.", common(r.Method), w.Header().Get("Allow")))
	})
}
