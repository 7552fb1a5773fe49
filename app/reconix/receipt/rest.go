package receipt

import (
	"context"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/rest"
)

// Mount declares where the public key is had.
func Mount(api *rest.API, log *audit.Log) {
	rest.Get(api, "/receipts/key", access.Public, func(context.Context, *struct{}) (*publicKey, error) {
		return &publicKey{log.Key()}, nil
	}, rest.Doc("Give the public key that verifies receipts",
		"Take it once, over a way that you trust, and keep it: reconexus receipt verify FILE --key KEY needs no network after that."))
}

type publicKey struct {
	Key string `json:"key" doc:"As golang.org/x/mod/sumdb/note writes it"`
}
