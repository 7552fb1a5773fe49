package server

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
)

// fingerprint tells one deed from another: method, path, query and body. Whose deed it
// is does not go into it.
func (x *exchange) fingerprint(r *http.Request) [32]byte {
	if !x.printed {
		h := sha256.New()
		for _, part := range []string{r.Method, r.URL.Path, r.URL.RawQuery} {
			h.Write([]byte(part))
			h.Write([]byte{0})
		}
		h.Write(x.body)
		h.Sum(x.print[:0])
		x.printed = true
	}
	return x.print
}

// recording keeps a copy of an answer while it is written.
type recording struct {
	most   int // bytes; a longer answer is cut
	status int
	header http.Header
	body   []byte
	cut    bool
}

// kept are the headers that belong to the answer itself and not to one request.
func kept() []string {
	return []string{"Content-Type", "Location", "Etag", "Content-Disposition", "Cache-Control"}
}

func (c *recording) begin(status int, h http.Header) {
	c.status, c.header = status, http.Header{}
	for _, name := range kept() {
		if v := h[name]; v != nil {
			c.header[name] = append([]string{}, v...)
		}
	}
}

func (c *recording) add(b []byte) {
	if room := c.most - len(c.body); len(b) > room {
		b, c.cut = b[:max(room, 0)], true
	}
	c.body = append(c.body, b...)
}

// result is the id of what the answer tells of.
func (c *recording) result() string {
	var out struct {
		ID      string `json:"id"`
		Job     string `json:"job_id"`
		Request string `json:"request_id"`
	}
	_ = json.Unmarshal(c.body, &out) // an answer without an id has none
	for _, id := range []string{out.ID, out.Job, out.Request} {
		if id != "" {
			return id
		}
	}
	return ""
}
