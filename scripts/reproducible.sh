#!/usr/bin/env bash
# reproducible.sh: builds the pages and the binary a second time, in another
# folder and from an empty build cache, and compares.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/need.sh go node

second=$PWD/.cache/second
rm -rf "$second"
mkdir -p "$second/tree"
trap 'rm -rf "$second"' EXIT

git ls-files -z --cached --others --exclude-standard |
	xargs -0 cp --parents --target-directory="$second/tree"
cp -a ui/node_modules "$second/tree/ui/node_modules"

(cd "$second/tree" && scripts/ui.sh)
if ! diff -r embed/dist "$second/tree/embed/dist" >&2; then
	echo "two builds of the pages differ" >&2
	exit 1
fi

version=$(scripts/version.sh)
(cd "$second/tree" && GOCACHE=$second/cache RECONEXUS_VERSION=$version scripts/build.sh "$second/reconexus")
if ! cmp bin/reconexus "$second/reconexus" >&2; then
	echo "two builds of the binary differ: look for a path, a time or a build id in it" >&2
	exit 1
fi
sha256sum bin/reconexus
