package config

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/vault/api"
)

const vaultScheme = "vault:"

// vaultPatience bounds a start-up that waits for Vault.
const vaultPatience = 10 * time.Second

// fromVault reads a secret of the form vault:MOUNT/PATH#KEY from Vault's KV version 2
// engine (GET /v1/MOUNT/data/PATH).
func fromVault(ctx context.Context, v Vault, key string, ref value) (value, error) {
	place, name, ok := strings.Cut(strings.TrimPrefix(ref.text, vaultScheme), "#")
	mount, path, deep := strings.Cut(strings.Trim(place, "/"), "/")
	if !ok || !deep || name == "" {
		return value{}, fmt.Errorf("%s (from %s) should be vault:MOUNT/PATH#KEY, such as vault:secret/reconexus#dsn", key, ref.from)
	}
	if v.Addr == "" || !v.Token.Set() {
		return value{}, fmt.Errorf("%s (from %s) points into Vault; set vault.addr and vault.token too", key, ref.from)
	}
	settings := api.DefaultConfig()
	if settings.Error != nil {
		return value{}, fmt.Errorf("prepare the client of Vault: %w", settings.Error)
	}
	settings.Address, settings.Timeout, settings.MaxRetries = v.Addr, vaultPatience, 1
	client, err := api.NewClient(settings)
	if err != nil {
		return value{}, fmt.Errorf("prepare the client of Vault: %w", err)
	}
	client.SetToken(v.Token.Reveal())
	secret, err := client.KVv2(mount).Get(ctx, strings.TrimPrefix(path, "data/"))
	if err != nil {
		return value{}, fmt.Errorf("read %s for %s from Vault at %s: %w", place, key, v.Addr, err)
	}
	found, ok := secret.Data[name].(string)
	if !ok {
		return value{}, fmt.Errorf("%s in Vault has no text under %q, which %s asks for", place, name, key)
	}
	return value{found, origin(vaultScheme + place + "#" + name)}, nil
}
