#!/usr/bin/env bash
# tool.sh NAME: prints the path of a pinned development tool, and builds it
# into .cache/tools first when it is not there yet.
set -euo pipefail
cd "$(dirname "$0")/.."

case $1 in
staticcheck) module=honnef.co/go/tools/cmd/staticcheck version=v0.8.2 ;;
nfpm) module=github.com/goreleaser/nfpm/v2/cmd/nfpm version=v2.44.0 ;;
*)
	echo "tool.sh knows staticcheck and nfpm, not $1" >&2
	exit 2
	;;
esac

# A linter understands only the language of the Go that built it.
dir=$PWD/.cache/tools/$1-$version-$(go env GOVERSION)
if [[ ! -x $dir/$1 ]]; then
	echo "building $1 $version (once)" >&2
	GOBIN=$dir CGO_ENABLED=0 go install "$module@$version" >&2
fi
echo "$dir/$1"
