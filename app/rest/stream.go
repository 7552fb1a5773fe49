package rest

import (
	"context"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humahttprouter"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
)

// Upload is embedded in the input of a route that takes a file of any size. The body
// is left unread: call [Upload.Open] and read on.
type Upload struct {
	request *http.Request
	writer  http.ResponseWriter
}

// Resolve takes hold of the request; huma calls it.
func (u *Upload) Resolve(ctx huma.Context) []error {
	u.request, u.writer, _ = humahttprouter.Unwrap(ctx)
	return nil
}

// uploadIdle is how long an upload may send nothing.
const uploadIdle = time.Minute

// Open gives the file's bytes, from the body itself or from the first file part of a
// multipart form, and the file's name when the form has one. A sender that falls
// silent for a minute ends the upload.
func (u *Upload) Open() (io.Reader, string, error) {
	body := &patient{u.request.Body, http.NewResponseController(u.writer)}
	kind, params, _ := mime.ParseMediaType(u.request.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		return body, "", nil
	}
	for form := multipart.NewReader(body, params["boundary"]); ; {
		part, err := form.NextPart()
		if err == io.EOF {
			return nil, "", fault.Wrong("body", "FILE_MISSING", "The form has no file; send one part with a file name.")
		}
		if err != nil {
			return nil, "", fault.New(fault.Rejected, "The form could not be read; send the file as the body, or as multipart/form-data with a boundary.")
		}
		if part.FileName() != "" {
			return part, part.FileName(), nil
		}
	}
}

// patient moves the read deadline on with every read, so that a slow line is served
// and a dead one is let go.
type patient struct {
	io.Reader
	conn *http.ResponseController
}

func (p *patient) Read(b []byte) (int, error) {
	_ = p.conn.SetReadDeadline(time.Now().Add(uploadIdle)) // not every connection has one
	return p.Reader.Read(b)
}

// File is an answer that is downloaded, streamed as it is read.
type File struct {
	Name string // offered to the browser
	Type string // media type
	Body io.ReadCloser
}

// Download declares a read that answers a file.
func Download[I any](a *API, path string, need access.Permission, do func(context.Context, *I) (*File, error), options ...Option) {
	op := a.declare(http.MethodGet, path, need, options)
	op.Responses = map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{
		"text/csv": {Schema: &huma.Schema{Type: "string"}},
	}}}
	huma.Register(a.huma, op.Operation, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		f, err := do(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return &huma.StreamResponse{Body: func(c huma.Context) {
			defer f.Body.Close()
			c.SetHeader("Content-Type", f.Type)
			c.SetHeader("Content-Disposition", fmt.Sprintf("attachment; filename=%q", f.Name))
			c.SetStatus(http.StatusOK)
			if _, err := io.Copy(c.BodyWriter(), f.Body); err != nil {
				a.log.Warn("a download broke off", "file", f.Name, "error", err)
			}
		}}, nil
	})
}
