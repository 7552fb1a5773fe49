#!/usr/bin/env bash
# version.sh: prints the version of this source: that of the file VERSION on
# its tag, else with the commit behind it, as in 0.1.0+42.g1a2b3c4d5e6f.
# It holds no time, so that two builds of one commit are the same.
# RECONEXUS_VERSION in the environment wins.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ -n ${RECONEXUS_VERSION:-} ]]; then
	echo "$RECONEXUS_VERSION"
	exit
fi
version=$(<VERSION)
if commit=$(git rev-parse --short=12 HEAD 2>/dev/null); then
	changed=
	git diff --quiet HEAD || changed=.dirty
	tag=$(git describe --tags --exact-match 2>/dev/null || true)
	if [[ $tag != "v$version" || -n $changed ]]; then
		version+="+$(git rev-list --count HEAD).g$commit$changed"
	fi
fi
echo "$version"
