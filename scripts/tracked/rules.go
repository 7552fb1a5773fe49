package main

import (
	"path"
	"regexp"
	"strings"
)

// rule is one thing that no tracked file may hold.
type rule struct {
	pattern *regexp.Regexp
	says    string
	where   func(name string) bool    // nil means every file
	unless  func(parts []string) bool // true lets a match pass
}

var rules = []rule{
	{
		pattern: regexp.MustCompile(`-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/]`),
		says:    "a private key: keep keys outside the tree, tests make theirs when they run",
	},
	{
		pattern: regexp.MustCompile(`AGE-SECRET-KEY-1[0-9A-Z]{20,}`),
		says:    "a secret age key: keep keys outside the tree",
	},
	{
		pattern: regexp.MustCompile(`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`),
		says:    "an AWS access key: revoke it, then remove it",
	},
	{
		pattern: regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50,}|glpat-[A-Za-z0-9_-]{20}|xox[abprs]-[A-Za-z0-9-]{20,}|npm_[A-Za-z0-9]{36}|sk_live_[A-Za-z0-9]{20,}|hvs\.[A-Za-z0-9_-]{24,}|AIza[A-Za-z0-9_-]{35})`),
		says:    "a service's access token: revoke it, then remove it",
	},
	{
		pattern: regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}`),
		says:    "a signed JSON Web Token: tests sign theirs when they run",
	},
	{
		// scheme://user:password@host
		pattern: regexp.MustCompile(`\b[a-z][a-z0-9+.-]*://[^\s/:@"'<>]+:([^\s/@"'<>]{3,})@`),
		says:    "a password inside a URL: name the setting or the file that holds it instead",
		unless:  func(parts []string) bool { return isPlaceholder(parts[1]) },
	},
	{
		// key = "value", "key": "value", KEY=value in the files that configure
		pattern: regexp.MustCompile(`(?im)^\s*"?[a-z0-9_.-]*(?:password|passwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token)"?\s*[:=]\s*["']?([^\s"'#,]{8,})`),
		says:    "a secret as a setting's value: give it by …_FILE or as a credential",
		where:   configures,
		unless:  func(parts []string) bool { return isPlaceholder(parts[1]) },
	},
	{
		pattern: regexp.MustCompile(`(?m)(?:^|[\s"'=:(,])(?:/home/[a-z][^\s/"']*|/Users/[^\s/"']+|/root|/work)/[A-Za-z0-9_.]|\bC:\\Users\\`),
		says:    "a path of one machine: say where the file is from the root of the tree",
	},
	{
		pattern: regexp.MustCompile(`"resolved":\s*"`),
		says:    "a registry's host in a lock file: keep omit-lockfile-registry-resolved=true in ui/.npmrc and lock again",
		where:   func(name string) bool { return path.Base(name) == "package-lock.json" },
	},
	{
		pattern: regexp.MustCompile(`(?m)^\s*(?:registry\s*=|//[^\s]+/:_auth|always-auth)|\bGOPROXY=h|\bindex-url\s*=`),
		says:    "a registry's address: leave it to each machine's own settings",
	},
}

// configures says whether a file is read as settings rather than as a program. Of the
// catalogues of words some are the word for password.
func configures(name string) bool {
	if strings.HasPrefix(name, "ui/src/i18n/messages/") {
		return false
	}
	switch path.Ext(name) {
	case ".toml", ".yaml", ".yml", ".ini", ".conf", ".env", ".json", ".service", ".properties":
		return path.Base(name) != "package-lock.json"
	}
	return strings.HasPrefix(path.Base(name), ".env")
}

// isPlaceholder tells a word that stands for a secret from a secret.
func isPlaceholder(value string) bool {
	if strings.ContainsAny(value, "$<>{}…%*") || strings.HasPrefix(value, "vault:") || strings.HasPrefix(value, "/") {
		return true
	}
	switch strings.ToLower(value) {
	case "password", "secret", "pass", "token", "xxxxxxxx", "changeme", "redacted":
		return true
	}
	return false
}
