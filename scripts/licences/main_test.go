package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const mit = "Permission is hereby granted, free of\ncharge, to any person obtaining a copy"

func TestAWorkThatCannotBeShippedIsNamed(t *testing.T) {
	for _, c := range []struct {
		name string
		work work
		says string
	}{
		{"permissive", work{Name: "a", Texts: []text{{"LICENSE", mit}}}, ""},
		{"MPL names the GPL inside", work{Name: "a", Texts: []text{{"LICENSE", "Mozilla Public License, version 2.0 … or the GNU General Public License"}}}, ""},
		{"declared with a choice", work{Name: "a", SPDX: "(MIT OR GPL-2.0-only)"}, ""},
		{"copyleft", work{Name: "a", Texts: []text{{"LICENSE", mit}, {"COPYING", "GNU GENERAL\n PUBLIC LICENSE Version 3"}}}, "COPYING is GPL"},
		{"network copyleft", work{Name: "a", Texts: []text{{"LICENSE", "GNU AFFERO GENERAL PUBLIC LICENSE"}}}, "is AGPL"},
		{"source available", work{Name: "a", Texts: []text{{"LICENSE", "Business Source License 1.1"}}}, "is BUSL-1.1"},
		{"unknown", work{Name: "a", Texts: []text{{"LICENSE", "All rights reserved."}}}, "none that this check knows"},
		{"none", work{Name: "a"}, "has no licence file"},
		{"declared copyleft", work{Name: "a", SPDX: "MIT AND GPL-3.0-only"}, "says of itself"},
	} {
		t.Run(c.name, func(t *testing.T) {
			says := c.work.fault()
			if (c.says == "") != (says == "") || !strings.Contains(says, c.says) {
				t.Errorf("want %q, got %q", c.says, says)
			}
		})
	}
}

const lock = `{"packages": {
	"": {"dependencies": {"svelte": "1"}},
	"node_modules/svelte": {"version": "5.0.0", "license": "MIT"},
	"node_modules/svelte/node_modules/@deep/one": {"version": "1.0.0", "license": "GPL-3.0"},
	"node_modules/vite": {"version": "8.0.0", "license": "GPL-3.0", "dev": true}
}}`

func TestOnlyShippedPackagesCount(t *testing.T) {
	ui := lay(t, map[string]string{
		"package-lock.json":           lock,
		"src/main.ts":                 "import { mount } from 'svelte';\nimport './a.css';\nimport type { X } from 'svelte/store'",
		"node_modules/svelte/LICENSE": mit,
		"node_modules/svelte/node_modules/@deep/one/package.json": "{}",
	})
	works, err := packages(ui)
	if err != nil {
		t.Fatal(err)
	}
	if len(works) != 2 || works[0].Name != "npm @deep/one" || works[1].Name != "npm svelte" {
		t.Fatalf("want the two shipped packages, got %v", works)
	}
	if works[0].fault() == "" || works[1].fault() != "" {
		t.Errorf("want a fault of the first only, got %q and %q", works[0].fault(), works[1].fault())
	}
}

func TestAnImportForDevelopmentOnlyIsNamed(t *testing.T) {
	ui := lay(t, map[string]string{
		"package-lock.json":           lock,
		"src/page.svelte":             "<script>\n\timport Plot from \"uplot/dist/x\";\n</script>",
		"node_modules/svelte/LICENSE": mit,
	})
	if _, err := packages(ui); err == nil || !strings.Contains(err.Error(), "imports uplot") {
		t.Errorf("want a sentence about uplot, got %v", err)
	}
}

func TestTheNoticeHoldsEachTextOnce(t *testing.T) {
	body := string(write([]work{
		{Name: "a", Version: "v1", Texts: []text{{"LICENSE", mit}}},
		{Name: "b", Version: "v2", Texts: []text{{"LICENSE", mit}}},
		{Name: "c", Version: "v3", Texts: []text{{"LICENSE", "Apache License, Version 2.0 and its long text"}}, Notices: []text{{"NOTICE", "Made by C."}}},
		{Name: "d", Version: "v4", Texts: []text{{"LICENSE", "Apache License, Version 2.0. Parts: " + mit + " of D"}}},
	}))
	for part, times := range map[string]int{mit + "\n": 1, "  a v1: MIT\n": 1, "  c v3: Apache-2.0\n": 1, "a\nb\n": 1, "long text": 0, " of D": 1, "Made by C.": 1} {
		if strings.Count(body, part) != times {
			t.Errorf("want %q %d times in:\n%s", part, times, body)
		}
	}
}

func lay(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, body := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}
