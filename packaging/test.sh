#!/usr/bin/env bash
# test.sh: the package's whole life on a Debian that really boots, in a
# container without a network: install, set up, restart, die, upgrade, remove,
# install again, purge. Needs root. The tree it boots is kept in .cache.
set -euo pipefail
cd "$(dirname "$0")/.."

if ((EUID != 0)); then
	echo "packaging/test.sh boots a container and needs root: sudo make check-deb" >&2
	exit 1
fi
scripts/need.sh go debootstrap systemd-nspawn nsenter pgrep

suite=bookworm
tree=$PWD/.cache/boot/$suite
root=$PWD/.cache/boot/run.$$
log=$PWD/.cache/boot/console.log
packages=$PWD/.cache/boot/packages
boot=""
leader=""

step() { printf '%s  %s\n' "$(date +%T)" "$*"; }

fail() {
	echo "packaging/test.sh: $*" >&2
	if [[ -n $leader ]]; then
		inside systemctl status reconexus.service --no-pager -l >&2 || true
		inside journalctl -u reconexus.service --no-pager -n 40 >&2 || true
	fi
	exit 1
}

inside() {
	nsenter -t "$leader" -m -u -i -n -p -C -- \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"
}

clean_up() {
	if [[ -n $leader ]]; then inside systemctl poweroff >/dev/null 2>&1 || true; fi
	if [[ -n $boot ]]; then
		for _ in $(seq 100); do
			kill -0 "$boot" 2>/dev/null || break
			sleep 0.1
		done
		kill "$boot" 2>/dev/null || true
		wait "$boot" 2>/dev/null || true
	fi
	rm -rf "$root"
}
trap clean_up EXIT

# The tree is complete once its name is the final one.
make_tree() {
	if [[ -d $tree ]]; then return; fi
	step "building a minimal Debian $suite (once)"
	rm -rf "$tree.part"
	mkdir -p "${tree%/*}"
	debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,adduser,procps,curl,ca-certificates \
		"$suite" "$tree.part" >"$log" 2>&1 || { tail -5 "$log" >&2 && fail "debootstrap failed, see $log"; }
	mv "$tree.part" "$tree"
}

# Two packages, the second one newer.
make_packages() {
	step "building two versions of the package"
	rm -rf "$packages"
	old_version=$(scripts/version.sh)
	new_version=$old_version+next
	old=$(RECONEXUS_VERSION=$old_version scripts/deb.sh "$packages/old")
	new=$(RECONEXUS_VERSION=$new_version scripts/deb.sh "$packages/new")
}

start_container() {
	step "booting"
	cp -a "$tree" "$root"
	mkdir -p "$root/packages"
	cp "$old" "$root/packages/old.deb"
	cp "$new" "$root/packages/new.deb"
	systemd-nspawn --register=no --keep-unit --quiet -b -D "$root" --machine=reconexus-test \
		--private-network --resolv-conf=off --timezone=off --console=pipe </dev/null >"$log" 2>&1 &
	boot=$!
	for _ in $(seq 150); do
		leader=$(pgrep -P "$boot" | head -1 || true)
		if [[ -n $leader ]] && inside systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'; then return; fi
		kill -0 "$boot" 2>/dev/null || break
		sleep 0.2
	done
	tail -20 "$log" >&2
	fail "the container did not boot, see $log"
}

# The appliance inside, at its default address.
call() { inside curl -sS --max-time 10 "$@"; }
site=http://127.0.0.1:8080

ready() {
	for _ in $(seq 300); do
		[[ $(call -o /dev/null -w '%{http_code}' "$site/health/ready" 2>/dev/null) == 200 ]] && return
		sleep 0.1
	done
	fail "not ready after 30 s: $1"
}

post() { # ROUTE JSON → the status, then the body
	call -w '\n%{http_code}\n' -H 'Content-Type: application/json' -d "$2" "$site/api/v1$1" | tac
}

account='"email":"ada@example.org","password":"correct horse battery"'

sign_in() {
	local answer
	answer=$(post /auth/login "{$account}")
	[[ ${answer%%$'\n'*} == 200 ]] || fail "the administrator cannot sign in $1: $answer"
}

main_pid() { inside systemctl show -P MainPID reconexus.service; }

install_and_set_up() {
	step "install"
	inside dpkg -i /packages/old.deb >>"$log" 2>&1 || { tail -5 "$log" >&2 && fail "dpkg -i failed"; }
	ready "after the installation"
	inside systemctl is-enabled --quiet reconexus.service || fail "the service does not start at boot"
	[[ $(inside stat -c %U "/proc/$(main_pid)") == reconexus ]] || fail "the service does not run as reconexus"
	[[ $(inside stat -c '%a %U' /var/lib/reconexus) == "700 reconexus" ]] || fail "the data folder is open to others"

	local link answer
	link=$(inside journalctl -u reconexus.service -o cat | grep -oE 'https?://[^ ]+/setup#[^ ]+' | tail -1 || true)
	[[ -n $link ]] || fail "the journal has no set-up link"
	link=$(inside reconexus setup-token | grep -oE 'https?://[^ ]+/setup#[^ ]+' || true)
	[[ -n $link ]] || fail "reconexus setup-token prints no link while the service runs"
	answer=$(post /auth/setup "{\"token\":\"${link##*#}\",\"full_name\":\"Ada\",$account}")
	[[ ${answer%%$'\n'*} == 20? ]] || fail "the set-up link makes no administrator: $answer"
	sign_in "after the set-up"
}

survives() {
	step "restart, reload, death"
	inside systemctl restart reconexus.service || fail "it does not restart"
	ready "after a restart"
	inside systemctl reload reconexus.service || fail "it does not reload"
	ready "after a reload"
	local before
	before=$(main_pid)
	inside kill -9 "$before"
	for _ in $(seq 100); do
		[[ $(main_pid) != 0 && $(main_pid) != "$before" ]] && break
		sleep 0.1
	done
	ready "after kill -9"
	sign_in "after kill -9"
}

upgrades() {
	step "upgrade"
	inside dpkg -i /packages/new.deb >>"$log" 2>&1 || fail "the upgrade failed, see $log"
	ready "after the upgrade"
	[[ $(inside readlink "/proc/$(main_pid)/exe") == /usr/bin/reconexus ]] || fail "the old program still runs"
	inside reconexus version | grep -qF "$new_version" || fail "the new version is not there"
	sign_in "after the upgrade"
}

removes() {
	step "remove, install again"
	inside dpkg -r reconexus >>"$log" 2>&1 || fail "the removal failed, see $log"
	grep -q 'Its data stay in /var/lib/reconexus' "$log" || fail "the removal does not say that data stay"
	if inside systemctl is-active --quiet reconexus.service; then fail "it still runs after the removal"; fi
	inside test -d /var/lib/reconexus || fail "the removal deleted the data"
	inside dpkg -i /packages/new.deb >>"$log" 2>&1 || fail "it cannot be installed again, see $log"
	ready "after the second installation"
	sign_in "after the second installation"
}

purges() {
	step "purge"
	inside dpkg -P reconexus >>"$log" 2>&1 || fail "the purge failed, see $log"
	grep -q 'The data in /var/lib/reconexus are deleted' "$log" || fail "the purge does not say that data are deleted"
	for gone in /var/lib/reconexus /etc/reconexus /usr/bin/reconexus; do
		if inside test -e "$gone"; then fail "the purge left $gone"; fi
	done
}

make_tree
make_packages
start_container
install_and_set_up
survives
upgrades
removes
purges
step "the package installs, upgrades, and leaves as it should"
