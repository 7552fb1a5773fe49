// Package migrations holds the store's shape as forward-only steps, frozen once
// landed. schema.sql beside them is their sum, checked by a test.
package migrations

import "embed"

// Files are the steps, in the order of their numbers.
//
//go:embed [0-9]*.sql
var Files embed.FS
