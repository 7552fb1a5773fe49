#!/usr/bin/env bash
# need.sh COMMAND…: makes sure that each command is there. As root on Debian it
# installs what is missing; otherwise it says in one sentence what to install.
set -euo pipefail

# The Debian package that brings a command, where the names differ.
package_of() {
	case $1 in
	gcc) echo "gcc libc6-dev" ;;
	systemd-nspawn) echo systemd-container ;;
	systemd-analyze) echo systemd ;;
	nsenter) echo util-linux ;;
	pgrep) echo procps ;;
	initdb) echo postgresql ;;
	runuser) echo util-linux ;;
	*) echo "$1" ;;
	esac
}

# Debian 12 carries a Go and a Node that are too old, so these two are asked
# for by version and never installed from here.
need_go() {
	local wanted
	wanted=$(awk '$1 == "go" {print $2; exit}' go.mod)
	if ! command -v go >/dev/null; then
		echo "Go $wanted or later is needed and was not found: install it from https://go.dev/dl and put it on the PATH." >&2
		exit 1
	fi
}

need_node() {
	local found major
	found=$(node --version 2>/dev/null || echo none)
	major=${found#v}
	major=${major%%.*}
	if [[ $found == none ]] || ((major < 20)) || ! command -v npm >/dev/null; then
		echo "Node.js 20 or later with npm is needed to build the pages (found: $found): install it from https://nodejs.org." >&2
		exit 1
	fi
}

install() {
	local packages=()
	read -ra packages <<<"$(package_of "$1")"
	if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
		echo "$1 is needed and was not found: install it, on Debian with: sudo apt-get install ${packages[*]}" >&2
		exit 1
	fi
	echo "installing ${packages[*]}" >&2
	export DEBIAN_FRONTEND=noninteractive
	apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null 2>&1 ||
		{ apt-get update -qq && apt-get install -qq -y --no-install-recommends "${packages[@]}"; } >&2
}

cd "$(dirname "$0")/.."
for name in "$@"; do
	case $name in
	go) need_go ;;
	node | npm) need_node ;;
	initdb) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || install initdb ;;
	*) command -v "$name" >/dev/null || install "$name" ;;
	esac
done
