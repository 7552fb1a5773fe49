package config

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

const mask = "********"

// Secret is a value that is masked however it is printed, logged or marshalled. Only
// [Secret.Reveal] tells it.
type Secret struct{ value string }

// NewSecret hides a value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal is the value itself, for the one place that needs it.
func (s Secret) Reveal() string { return s.value }

// Set tells whether there is a value.
func (s Secret) Set() bool { return s.value != "" }

// String is the mask, or nothing when there is no value.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return mask
}

// Format masks under every verb of fmt, %#v and %x included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue masks in log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON masks in JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// MarshalText masks in TOML, YAML and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
