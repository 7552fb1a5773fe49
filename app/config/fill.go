package config

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// fill reads every value into the struct. Vault's own settings come before the secrets
// that are read from it.
func fill(ctx context.Context, c *Config, values map[string]value) error {
	known := settings(Options{})
	var errs []error
	for _, ofVault := range []bool{true, false} {
		for _, s := range known {
			if strings.HasPrefix(s.key, "vault.") != ofVault {
				continue
			}
			v := values[s.key]
			if s.secret && strings.HasPrefix(v.text, vaultScheme) {
				var err error
				if v, err = fromVault(ctx, c.Vault, s.key, v); err != nil {
					errs = append(errs, err)
					continue
				}
			}
			if err := s.read(c, strings.TrimSpace(v.text)); err != nil {
				errs = append(errs, fmt.Errorf("%s (from %s) %w", s.key, v.from, err))
				continue
			}
			c.origins[s.key] = v.from
		}
	}
	return errors.Join(errs...)
}

// Print writes each setting with its value and where that came from, secrets masked.
func (c *Config) Print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, s := range settings(Options{}) {
		fmt.Fprintf(table, "%s\t%s\t%s\t# %s\n", s.key, shown(s.show(c)), c.origins[s.key], s.help)
	}
	return table.Flush()
}

func shown(v string) string {
	if v == "" {
		return "-"
	}
	return v
}

// Entry is one setting as [Config.Entries] tells it.
type Entry struct {
	Key    string `json:"key"`
	Value  string `json:"value" doc:"As it counts now; of a secret only a mask"`
	Source string `json:"source" doc:"Where the value came from, by name"`
	Kind   string `json:"kind" enum:"default,file,credential,environment,flag,vault" doc:"Where the value came from, by kind"`
	Help   string `json:"help"`
	Env    string `json:"env" doc:"Its variable in the environment"`
	Secret bool   `json:"secret" doc:"Whether its value is told to nobody"`
	Set    bool   `json:"set" doc:"Whether it has a value"`
}

// Entries lists what [Config.Print] prints, for --json and for the settings page.
func (c *Config) Entries() []Entry {
	var out []Entry
	for _, s := range settings(Options{}) {
		v, from := s.show(c), c.origins[s.key]
		out = append(out, Entry{s.key, v, string(from), from.kind(s), s.help, s.env(), s.secret, v != ""})
	}
	return out
}

// kind is what sort of place a setting's value came from.
func (o origin) kind(s setting) string {
	text := string(o)
	switch {
	case text == "default":
		return "default"
	case text == s.env():
		return "environment"
	case strings.HasPrefix(text, "--"):
		return "flag"
	case strings.HasPrefix(text, "credential "):
		return "credential"
	case strings.HasPrefix(text, vaultScheme):
		return "vault"
	}
	return "file"
}
