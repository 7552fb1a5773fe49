package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"slices"
	"strings"

	"reconexus/app/rest"
)

// reference is the readable form of the API's description: Swagger UI from the binary
// itself, or, in a build without it, a plain list.
type reference struct {
	files map[string]*document
}

// bundle is Swagger UI's main file. The build fetches it; the tree does not hold it.
const bundle = "swagger-ui-bundle.js"

func newReference(files fs.FS) (*reference, error) {
	ref := &reference{files: map[string]*document{}}
	if files == nil {
		return ref, nil
	}
	names, err := fs.Glob(files, "*")
	if err != nil {
		return nil, fmt.Errorf("list the files of the API reference: %w", err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read a file of the API reference: %w", err)
		}
		if plain, ok := strings.CutSuffix(name, ".gz"); ok {
			ref.files[plain] = &document{kind: kindOf(plain), gzip: raw, tag: tagOf(raw)}
		} else if strings.HasSuffix(name, ".js") || strings.HasSuffix(name, ".css") {
			ref.files[name] = newDocument(kindOf(name), raw)
		}
	}
	return ref, nil
}

func (ref *reference) file(name string) *document { return ref.files[name] }

// page is /docs.
func (ref *reference) page(api *rest.API) (*document, error) {
	if ref.files[bundle] != nil {
		return newDocument("text/html; charset=utf-8", []byte(swaggerPage)), nil
	}
	raw, err := api.OpenAPI()
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	return listing(raw)
}

const swaggerPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Reconexus API</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/reference.css">
<div id="reference"></div>
<noscript>The reference needs JavaScript. The same, for programmes: <a href="/openapi.json">openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/reference.js"></script>
</html>
`

const listingPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Reconexus API</title>
<link rel="stylesheet" href="/docs/reference.css">
<main>
<h1>Reconexus API</h1>
<p>This build came without the interactive reference: run <code>make build</code> where npm can be reached, and it will be here.
The complete description is <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1); any tool for it reads that.</p>
<table>
<caption>{{len .}} operations</caption>
<thead><tr><th scope="col">Operation</th><th scope="col">Needs</th><th scope="col">What it does</th></tr></thead>
<tbody>
{{range .}}<tr><td><code>{{.Method}} {{.Path}}</code></td><td>{{.Need}}</td><td>{{.Summary}}</td></tr>
{{end}}</tbody>
</table>
</main>
</html>
`

type operation struct{ Method, Path, Need, Summary string }

// listing draws the operations as a table from the description itself.
func listing(openapi []byte) (*document, error) {
	var described struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(openapi, &described); err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	var all []operation
	for path, methods := range described.Paths {
		for method, raw := range methods {
			var o struct {
				Summary string `json:"summary"`
				Need    string `json:"x-permission"`
			}
			if json.Unmarshal(raw, &o) == nil {
				all = append(all, operation{strings.ToUpper(method), path, o.Need, o.Summary})
			}
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	page, err := template.New("listing").Parse(listingPage)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := page.Execute(&out, all); err != nil {
		return nil, fmt.Errorf("draw the API reference: %w", err)
	}
	return newDocument("text/html; charset=utf-8", out.Bytes()), nil
}
