package main

import (
	"bytes"
	"fmt"
	"strings"
)

// write makes the copyright file of the package: what is ours, what it
// carries, and each licence text once. Debian keeps Apache-2.0 and MPL-2.0 on
// every machine, so those two are pointed at.
func write(works []work) []byte {
	var b bytes.Buffer
	b.WriteString("Reconexus is under the Apache License, version 2.0:\n/usr/share/common-licenses/Apache-2.0\n\n")
	b.WriteString("The program and its pages carry the following works, each under its own licence.\n\n")
	for _, w := range works {
		fmt.Fprintf(&b, "  %s %s: %s\n", w.Name, w.Version, w.licence())
	}
	b.WriteString("\nOn Debian the Mozilla Public License 2.0 is /usr/share/common-licenses/MPL-2.0.\nTheir sources are published under the names above.\n")
	for _, group := range grouped(works) {
		rule := strings.Repeat("-", 72)
		fmt.Fprintf(&b, "\n%s\n%s\n\n%s\n", rule, strings.Join(group.names, "\n"), strings.TrimSpace(group.body))
	}
	return b.Bytes()
}

type group struct {
	names []string
	body  string
}

// grouped gathers the works that share a text, in the order of first use.
func grouped(works []work) []group {
	var groups []group
	at := map[string]int{}
	add := func(name, body string) {
		body = strings.ReplaceAll(body, "\r\n", "\n")
		if i, seen := at[body]; seen {
			groups[i].names = append(groups[i].names, name)
			return
		}
		at[body] = len(groups)
		groups = append(groups, group{[]string{name}, body})
	}
	for _, w := range works {
		for _, t := range w.Texts {
			if !onEveryDebian(t.Body) {
				add(w.Name, t.Body)
			}
		}
		for _, t := range w.Notices {
			add(w.Name+" ("+t.File+")", t.Body)
		}
	}
	return groups
}

// onEveryDebian says whether a text is Apache-2.0 or MPL-2.0 and nothing more:
// some works keep the texts of several licences in one file.
func onEveryDebian(body string) bool {
	k, _ := classify(body)
	alone := true
	for _, mark := range []string{"redistribution and use in source", "permission is hereby granted"} {
		alone = alone && !containsAll(plain(body), []string{mark})
	}
	return alone && (k.name == "Apache-2.0" || k.name == "MPL-2.0")
}
