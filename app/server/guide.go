package server

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
)

// guide is the user guide: one page for each Markdown file, in the order of their
// names (01-first-run.md is /guide/first-run), and the first one at /guide.
type guide struct {
	pages map[string]*document
	first string
}

type chapter struct {
	Name, Title string
	Text        template.HTML
}

const guidePage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{.This.Title}} · Reconexus guide</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/guide/guide.css">
</head>
<body>
<header><a href="/">Reconexus</a><span>User guide</span></header>
<nav aria-label="Chapters"><ol>
{{range .All}}<li><a href="/guide/{{.Name}}"{{if eq .Name $.This.Name}} aria-current="page"{{end}}>{{.Title}}</a></li>
{{end}}</ol></nav>
<main>
{{.This.Text}}
{{with .Next}}<p class="next"><a href="/guide/{{.Name}}">Next: {{.Title}}</a></p>{{end}}
</main>
</body>
</html>
`

func newGuide(files fs.FS) (*guide, error) {
	g := &guide{pages: map[string]*document{}}
	if files == nil {
		return g, nil
	}
	all, err := chapters(files)
	if err != nil {
		return nil, err
	}
	frame, err := template.New("guide").Parse(guidePage)
	if err != nil {
		return nil, err
	}
	for i := range all {
		view := struct {
			All  []chapter
			This chapter
			Next *chapter
		}{All: all, This: all[i]}
		if i+1 < len(all) {
			view.Next = &all[i+1]
		}
		var out bytes.Buffer
		if err := frame.Execute(&out, view); err != nil {
			return nil, fmt.Errorf("draw the guide's page %s: %w", all[i].Name, err)
		}
		g.pages[all[i].Name] = newDocument("text/html; charset=utf-8", out.Bytes())
	}
	if len(all) > 0 {
		g.first = all[0].Name
	}
	style, err := fs.ReadFile(files, "guide.css")
	if err == nil {
		g.pages["guide.css"] = newDocument(kindOf("guide.css"), style)
	}
	return g, nil
}

func chapters(files fs.FS) ([]chapter, error) {
	names, err := fs.Glob(files, "*.md")
	if err != nil {
		return nil, fmt.Errorf("list the guide's chapters: %w", err)
	}
	markdown := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	var all []chapter
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read the guide's chapter %s: %w", name, err)
		}
		title, ok := strings.CutPrefix(strings.SplitN(string(raw), "\n", 2)[0], "# ")
		if !ok {
			return nil, errors.New("the guide's chapter " + name + " should begin with its title, as in \"# Title\"")
		}
		var text bytes.Buffer
		if err := markdown.Convert(raw, &text); err != nil {
			return nil, fmt.Errorf("render the guide's chapter %s: %w", name, err)
		}
		_, short, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".md"), "-")
		all = append(all, chapter{short, title, template.HTML(text.String())}) //nolint:gosec // our own text
	}
	return all, nil
}

// find is a page by its name; none is the first.
func (g *guide) find(name string) *document {
	if name == "" {
		name = g.first
	}
	return g.pages[name]
}
