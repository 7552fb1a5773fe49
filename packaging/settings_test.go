package packaging_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"reconexus/app/config"
)

var commented = regexp.MustCompile(`(?m)^# ([a-z_.]+ = .*)$`)

// The program must take the packaged settings as they are, and each line that
// someone uncomments.
func TestThePackagedSettingsAreRead(t *testing.T) {
	packaged, err := os.ReadFile("reconexus.toml")
	if err != nil {
		t.Fatal(err)
	}
	for name, settings := range map[string][]byte{
		"as packaged":     packaged,
		"all uncommented": regexp.MustCompile(`sentry.dsn_file = .*`).ReplaceAll(commented.ReplaceAll(packaged, []byte("$1")), nil),
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "reconexus.toml")
			if err := os.WriteFile(file, settings, 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := config.Load(t.Context(), config.Options{File: file, Required: true})
			if err != nil {
				t.Fatal(err)
			}
			if c.Data != "/var/lib/reconexus" {
				t.Errorf("the data folder is %s, not the package's", c.Data)
			}
			if len(c.Warnings) > 0 {
				t.Errorf("settings without effect: %v", c.Warnings)
			}
		})
	}
}
