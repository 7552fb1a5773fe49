package main

import (
	"regexp"
	"strings"
)

// kind is a licence by its SPDX name, told by sentences of its text.
type kind struct {
	name  string
	ours  bool // permissive, or MPL-2.0: may be part of the binary
	marks []string
}

// kinds are tried from the top: MPL-2.0 names the GNU licences inside its own
// text, and the three-clause BSD licence holds the two-clause one.
var kinds = []kind{
	{"MPL-2.0", true, []string{"mozilla public license", "2.0"}},
	{"Apache-2.0", true, []string{"apache license", "version 2.0"}},
	{"OFL-1.1", true, []string{"sil open font license", "version 1.1"}},
	{"AGPL", false, []string{"gnu affero general public license"}},
	{"LGPL", false, []string{"gnu lesser general public license"}},
	{"GPL", false, []string{"gnu general public license"}},
	{"SSPL", false, []string{"server side public license"}},
	{"BUSL-1.1", false, []string{"business source license"}},
	{"BSD-3-Clause", true, []string{"redistribution and use in source and binary forms", "endorse or promote"}},
	{"BSD-2-Clause", true, []string{"redistribution and use in source and binary forms"}},
	{"MIT", true, []string{"permission is hereby granted, free of charge"}},
	{"ISC", true, []string{"permission to use, copy, modify", "above copyright notice"}},
	{"0BSD", true, []string{"permission to use, copy, modify"}},
	{"Unlicense", true, []string{"free and unencumbered software released into the public domain"}},
	{"CC0-1.0", true, []string{"cc0 1.0 universal"}},
	{"Zlib", true, []string{"provided 'as-is', without any express or implied warranty"}},
	{"BSL-1.0", true, []string{"boost software license"}},
	{"public domain", true, []string{"the author disclaims copyright to this source code"}},
	{"public domain", true, []string{"dedicated to the public domain by the authors"}},
}

var blank = regexp.MustCompile(`\s+`)

// classify tells the licence by its text; ok is false for an unknown one.
func classify(text string) (k kind, ok bool) {
	words := plain(text)
	for _, k := range kinds {
		if containsAll(words, k.marks) {
			return k, true
		}
	}
	return kind{}, false
}

// plain is a text without its line breaks and capitals.
func plain(text string) string { return blank.ReplaceAllString(strings.ToLower(text), " ") }

func containsAll(text string, marks []string) bool {
	for _, mark := range marks {
		if !strings.Contains(text, mark) {
			return false
		}
	}
	return true
}

// declared judges an SPDX expression, as package.json holds it: every part
// that AND joins must be one of ours, one of those that OR joins is enough.
func declared(expression string) bool {
	expression = strings.Trim(strings.TrimSpace(expression), "()")
	for part := range strings.SplitSeq(expression, " AND ") {
		allowed := false
		for choice := range strings.SplitSeq(part, " OR ") {
			allowed = allowed || isOurs(strings.Trim(choice, "() "))
		}
		if !allowed {
			return false
		}
	}
	return true
}

func isOurs(name string) bool {
	for _, k := range kinds {
		if k.ours && k.name == name {
			return true
		}
	}
	return false
}
