// Package embed carries what the binary serves without a network: the built pages, the
// API reference and the user guide.
package embed

import (
	"embed"
	"io/fs"
)

// The folders hold more after a build: dist/pages the pages, docs the files of
// Swagger UI.
//
//go:embed all:dist docs guide
var files embed.FS

// Pages is the built SPA; before the first build of the pages, a note on how to get
// them.
func Pages() fs.FS {
	if _, err := fs.Stat(files, "dist/pages/index.html"); err != nil {
		return sub("dist")
	}
	return sub("dist/pages")
}

// Docs is what the API reference is drawn with.
func Docs() fs.FS { return sub("docs") }

// Guide is the Markdown of the user guide.
func Guide() fs.FS { return sub("guide") }

func sub(dir string) fs.FS {
	f, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // only for a name that is no path
	}
	return f
}
