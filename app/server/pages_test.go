package server

import (
	"strings"
	"testing"

	"reconexus/app/kit/fault"
	"reconexus/embed"
)

func TestPages(t *testing.T) {
	h := open(t)
	get := func(path string, headers ...string) answered { return h.send("GET", path, "", "", headers...) }
	for _, path := range []string{"/", "/index.html", "/setup", "/sims/sim_01jd", "/dashboard/"} {
		a := h.want(get(path, "Accept", "text/html,*/*;q=0.8"), 200)
		if !strings.Contains(a.text, "<title>Reconexus") || a.Header.Get("Cache-Control") != "no-cache" || a.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s is no shell: %v %s", path, a.Header, a.text)
		}
	}
	h.want(get("/setup", "Accept", "application/json"), 404, fault.NotFound)
	for _, path := range []string{"/assets/none-1.js", "/none.png", "/.env", "/wp-login.php", "/api/v1/none", "/api", "/ws/none", "/assets/../../embed.go", "/..%2f..%2fetc%2fpasswd.x"} {
		h.want(get(path, "Accept", "text/html"), 404, fault.NotFound)
	}
	h.want(h.send("POST", "/setup", "", `{}`), 404, fault.NotFound)

	a := h.want(get("/assets/index-3f2a.js"), 200)
	if a.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || a.Header.Get("Content-Type") != "text/javascript; charset=utf-8" || a.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("an asset comes with %v", a.Header)
	}
	plain, tag := a.text, a.Header.Get("Etag")
	h.want(get("/assets/index-3f2a.js", "If-None-Match", tag), 304)
	if part := h.want(get("/assets/index-3f2a.js", "Range", "bytes=0-5"), 206); part.text != plain[:6] {
		t.Errorf("a range is %q", part.text)
	}
	if a := h.want(h.send("HEAD", "/assets/index-3f2a.js", "", ""), 200); a.text != "" || a.ContentLength != int64(len(plain)) {
		t.Errorf("HEAD answers %d bytes of %d", len(a.text), a.ContentLength)
	}
	a = h.want(get("/assets/index-3f2a.js", "Accept-Encoding", "gzip, br;q=0"), 200)
	if a.Header.Get("Content-Encoding") != "gzip" || string(unpack([]byte(a.text))) != plain || a.Header.Get("Etag") == tag {
		t.Errorf("the gzipped asset comes with %v", a.Header)
	}
	if a := h.want(get("/assets/index-3f2a.js", "Accept-Encoding", "gzip, deflate, br"), 200); a.Header.Get("Content-Encoding") != "br" || a.text != "brotli" {
		t.Errorf("the brotli asset comes with %v", a.Header)
	}
	// The worker's name never changes, so what stands under it is asked for each time.
	a = h.want(get("/service-worker.js"), 200)
	if a.Header.Get("Cache-Control") != "no-cache" || a.Header.Get("Content-Type") != "text/javascript; charset=utf-8" || a.Header.Get("Content-Security-Policy") != pagesPolicy {
		t.Errorf("the service worker comes with %v", a.Header)
	}
	h.want(get("/service-worker.js", "If-None-Match", a.Header.Get("Etag")), 304)
	if a := h.want(get("/manifest.webmanifest"), 200); a.Header.Get("Content-Type") != "application/manifest+json" {
		t.Errorf("the manifest comes as %s", a.Header.Get("Content-Type"))
	}
}

func TestPagesAskTheStoreNothing(t *testing.T) {
	h := open(t)
	for _, path := range []string{"/", "/sims/sim_1", "/assets/index-3f2a.js", "/none.js", "/docs", "/guide", "/openapi.json", "/health/live"} {
		h.send("GET", path, "admin", "")
	}
	if h.asked.Load() != 0 {
		t.Error("pages look at credentials")
	}
}

func TestServedDocuments(t *testing.T) {
	h := open(t)
	a := h.want(h.send("GET", "/openapi.json", "", ""), 200)
	for _, want := range []string{`"openapi":"3.1.0"`, `/api/v1/things/{id}`, `"x-permission":"sim:write"`, `/health/ready`} {
		if !strings.Contains(a.text, want) {
			t.Errorf("the description lacks %s", want)
		}
	}
	h.want(h.send("GET", "/openapi.json", "", "", "If-None-Match", a.Header.Get("Etag")), 304)
	docs := h.want(h.send("GET", "/docs", "", ""), 200).text
	for _, want := range []string{"make build", "<code>POST /api/v1/things</code></td><td>sim:write</td>", "List things"} {
		if !strings.Contains(docs, want) {
			t.Errorf("the plain reference lacks %q", want)
		}
	}
	guide := h.want(h.send("GET", "/guide", "", ""), 200).text
	if !strings.Contains(guide, "<strong>the link</strong>") || h.send("GET", "/guide/first-run", "", "").text != guide {
		t.Errorf("the guide is %s", guide)
	}
	h.want(h.send("GET", "/guide/none", "", ""), 404, fault.NotFound)
	h.want(h.send("GET", "/docs/none.js", "", ""), 404, fault.NotFound)
	// Nothing that is served asks another host.
	for _, text := range []string{docs, guide, swaggerPage} {
		for _, attribute := range []string{`src="http`, `href="http`, `src="//`, `href="//`, "<style", "style=", "<script>"} {
			if strings.Contains(text, attribute) {
				t.Errorf("a page holds %s", attribute)
			}
		}
	}
}

// The embedded files make a whole: every chapter renders, and the reference is drawn
// with or without the files that the build fetches.
func TestEmbeddedDocuments(t *testing.T) {
	h := open(t, func(o *Options) { o.Pages, o.Docs, o.Guide = embed.Pages(), embed.Docs(), embed.Guide() })
	h.want(h.send("GET", "/", "", ""), 200)
	h.want(h.send("GET", "/docs", "", ""), 200)
	h.want(h.send("GET", "/docs/reference.js", "", ""), 200)
	h.want(h.send("GET", "/docs/reference.css", "", ""), 200)
	h.want(h.send("GET", "/guide/guide.css", "", ""), 200)
	g, err := newGuide(embed.Guide())
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range g.pages {
		for _, link := range strings.Split(string(page.plain), `href="`)[1:] {
			to, _, _ := strings.Cut(link, `"`)
			to, _, _ = strings.Cut(to, "#")
			chapter, inGuide := strings.CutPrefix(to, "/guide/")
			if inGuide && g.pages[chapter] == nil {
				t.Errorf("%s links to %s, which is not there", name, to)
			}
			if strings.HasPrefix(to, "http") {
				t.Errorf("%s links to %s, which needs a network", name, to)
			}
		}
	}
}

func TestHealth(t *testing.T) {
	h := open(t)
	h.want(h.send("GET", "/health/live", "", ""), 200)
	h.want(h.send("GET", "/health/ready", "", ""), 200)
	if a := h.want(h.send("GET", "/health", "", ""), 200); !strings.Contains(a.text, `"status":"ok"`) || !strings.Contains(a.text, `"version":"1.0.0"`) {
		t.Errorf("health says %s", a.text)
	}
	h.broken.Store(true)
	h.want(h.send("GET", "/health/live", "", ""), 200)
	h.want(h.send("GET", "/health/ready", "", ""), 503, fault.Unavailable)
	if a := h.want(h.send("GET", "/health", "", ""), 200); !strings.Contains(a.text, `"store":"unavailable"`) {
		t.Errorf("health says %s", a.text)
	}
	h.draining.Store(true)
	h.broken.Store(false)
	h.want(h.send("GET", "/health/ready", "", ""), 503, fault.Unavailable)
}
