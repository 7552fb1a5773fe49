#!/usr/bin/env bash
# deb.sh [FOLDER]: builds reconexus_VERSION_ARCH.deb in the folder (dist).
# GOARCH=arm64 cross-builds.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/need.sh go

ARCH=${GOARCH:-$(go env GOARCH)}
VERSION=$(scripts/version.sh)
TARGET=${1:-dist}
WORK=$TARGET/parts-$ARCH
# The age of the files inside, so that two builds of one commit are the same.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y VERSION)}
export ARCH VERSION WORK SOURCE_DATE_EPOCH

# What Debian reads as the changelog: this version and where the story is.
changelog() {
	printf 'reconexus (%s) unstable; urgency=medium\n\n' "$VERSION"
	printf '  * What changed is told in CHANGELOG.md of the source.\n\n'
	printf ' -- Reconexus maintainers <maintainers@reconexus.invalid>  %s\n' \
		"$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")"
}

rm -rf "$WORK"
mkdir -p "$WORK"
GOARCH=$ARCH scripts/build.sh "$WORK/reconexus"
go run ./scripts/licences -notice "$WORK/copyright"
changelog | gzip -9n >"$WORK/changelog.gz"
gzip -9nc packaging/reconexus.1 >"$WORK/reconexus.1.gz"
rm -f "$TARGET"/reconexus_*_"$ARCH".deb
"$(scripts/tool.sh nfpm)" package --config packaging/nfpm.yaml --packager deb --target "$TARGET/" >/dev/null
rm -rf "$WORK"
ls "$TARGET"/reconexus_*_"$ARCH".deb
