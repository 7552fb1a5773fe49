#!/usr/bin/env bash
# deb-check.sh: builds the package and lets Debian's own tools judge it.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/need.sh lintian systemd-analyze

package=$(scripts/deb.sh)
allow=()
if ((EUID == 0)); then allow=(--allow-root); fi
lintian "${allow[@]}" --fail-on error,warning "$package"

unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
dpkg-deb --extract "$package" "$unpacked"
unit=$unpacked/usr/lib/systemd/system/reconexus.service

# verify wants the program and its user where the unit says they are.
sed "s#^ExecStart=/usr#ExecStart=$unpacked/usr#; s#^\(User\|Group\)=reconexus#\1=daemon#" "$unit" >"$unpacked/reconexus.service"
systemd-analyze verify --man=no "$unpacked/reconexus.service"
# 15 of 100: nearly everything that the program does not need is taken away.
systemd-analyze security --offline=true --threshold=15 --no-pager "$unit" | tail -1
