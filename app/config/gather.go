package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// origin says where a value came from.
type origin string

// value is a setting's text and where it came from.
type value struct {
	text string
	from origin
}

// layer is one source of settings, read into flat keys.
type layer struct {
	from func(key string) origin
	k    *koanf.Koanf
}

// gather lays the sources over one another, lowest first: defaults, file, systemd
// credentials, environment, flags.
func gather(o Options, c *Config) (map[string]value, error) {
	known := settings(o)
	defaults := koanf.New(".")
	for _, s := range known {
		if err := defaults.Set(s.key, s.def); err != nil {
			return nil, err
		}
	}
	fromFile, err := readFile(o, known)
	if err != nil {
		return nil, err
	}
	env, err := readEnvironment(o, known, c)
	if err != nil {
		return nil, err
	}
	flags := koanf.New(".")
	if err := flags.Load(confmap.Provider(anyValues(o.Flags), "."), nil); err != nil {
		return nil, fmt.Errorf("read the flags: %w", err)
	}
	layers := []layer{
		{func(string) origin { return "default" }, defaults},
		{func(string) origin { return origin(o.File) }, fromFile},
		{func(key string) origin { return origin("credential " + key) }, readCredentials(o, known)},
		{func(key string) origin { return origin(named(known, key).env()) }, env},
		{func(key string) origin { return origin("--" + strings.ReplaceAll(key, ".", "-")) }, flags},
	}
	return merge(known, layers)
}

func merge(known []setting, layers []layer) (map[string]value, error) {
	out := map[string]value{}
	var errs []error
	for _, s := range known {
		for _, l := range layers {
			direct, inFile := l.k.Exists(s.key), s.secret && l.k.Exists(s.key+"_file")
			if direct && inFile {
				errs = append(errs, fmt.Errorf("%s is given both directly and by a file (%s); keep one of them", s.key, l.from(s.key)))
				continue
			}
			if direct {
				out[s.key] = value{text(l.k.Get(s.key)), l.from(s.key)}
			}
			if inFile {
				v, err := secretFile(s.key, text(l.k.Get(s.key+"_file")))
				errs = append(errs, err)
				out[s.key] = v
			}
		}
	}
	return out, errors.Join(errs...)
}

func secretFile(key, path string) (value, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return value{}, fmt.Errorf("the file for %s cannot be read: %w", key, err)
	}
	return value{strings.TrimRight(string(raw), "\r\n"), origin(path)}, nil
}

// text is how a TOML value would be written by hand; lists are joined by commas.
func text(v any) string {
	if list, ok := v.([]any); ok {
		parts := make([]string, len(list))
		for i, item := range list {
			parts[i] = fmt.Sprint(item)
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(v)
}

func readFile(o Options, known []setting) (*koanf.Koanf, error) {
	k := koanf.New(".")
	if o.File == "" {
		return k, nil
	}
	err := k.Load(file.Provider(o.File), toml.Parser())
	if errors.Is(err, fs.ErrNotExist) && !o.Required {
		return k, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the settings file %s cannot be read; it should be TOML: %w", o.File, err)
	}
	var errs []error
	for _, key := range k.Keys() {
		if section, empty := k.Get(key).(map[string]any); empty && len(section) == 0 {
			k.Delete(key) // a heading with nothing under it, or only comments
			continue
		}
		if !isKnown(known, key) {
			errs = append(errs, fmt.Errorf("%s: %q is no setting; did you mean %q? reconexus config print lists them all", o.File, key, nearest(known, key)))
		}
	}
	return k, errors.Join(errs...)
}

// readEnvironment takes RECONEXUS_* as settings. A variable that is none is not
// refused, since other programs may share the prefix, but it is warned of.
func readEnvironment(o Options, known []setting, c *Config) (*koanf.Koanf, error) {
	found := map[string]any{}
	for _, pair := range o.Environ {
		name, v, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		if key, ok := keyOf(known, name); ok {
			found[key] = v
			continue
		}
		key := nearest(known, strings.ToLower(strings.TrimPrefix(name, prefix)))
		c.Warnings = append(c.Warnings, fmt.Sprintf("%s in the environment is no setting and has no effect; did you mean %s?", name, named(known, key).env()))
	}
	k := koanf.New(".")
	return k, k.Load(confmap.Provider(found, "."), nil)
}

func keyOf(known []setting, name string) (string, bool) {
	for _, s := range known {
		if name == s.env() {
			return s.key, true
		}
		if s.secret && name == s.env()+"_FILE" {
			return s.key + "_file", true
		}
	}
	return "", false
}

// readCredentials takes secrets from systemd's credentials folder, by the key's name.
func readCredentials(o Options, known []setting) *koanf.Koanf {
	k := koanf.New(".")
	dir := lookup(o.Environ, "CREDENTIALS_DIRECTORY")
	if dir == "" {
		return k
	}
	for _, s := range known {
		if !s.secret {
			continue
		}
		if raw, err := os.ReadFile(filepath.Join(dir, s.key)); err == nil {
			_ = k.Set(s.key, strings.TrimRight(string(raw), "\r\n")) // a flat key always fits
		}
	}
	return k
}

func lookup(environ []string, name string) string {
	for _, pair := range environ {
		if v, ok := strings.CutPrefix(pair, name+"="); ok {
			return v
		}
	}
	return ""
}

func anyValues(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range maps.All(m) {
		out[k] = v
	}
	return out
}

func named(known []setting, key string) setting {
	i := slices.IndexFunc(known, func(s setting) bool { return s.key == key })
	if i < 0 {
		return setting{key: key}
	}
	return known[i]
}

func isKnown(known []setting, key string) bool {
	return slices.ContainsFunc(known, func(s setting) bool { return s.key == key || (s.secret && s.key+"_file" == key) })
}

// nearest is the known key with the fewest edits away.
func nearest(known []setting, key string) string {
	best, least := "", 1<<30
	for _, s := range known {
		if d := edits(strings.NewReplacer(".", "", "_", "").Replace(s.key), strings.NewReplacer(".", "", "_", "").Replace(strings.ToLower(key))); d < least {
			best, least = s.key, d
		}
	}
	return best
}

// edits is Levenshtein's distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = min(diagonal, row[j], row[j+1]) + 1
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
