# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A machine with systemd for the tests of the deploy stages; to be sourced, beside lib/check.sh. It runs on this kernel,
# in namespaces of its own, and is gone when the shell ends.
# shellcheck disable=SC2034 # machine_why, why it could not be started, is for who sources this

machine_here=${BASH_SOURCE[0]%/*}
machine_work=
machine_boot=
machine_init=
machine_why=

machine_end() {
	[ -z "$machine_init" ] || kill -KILL "$machine_init" 2>/dev/null
	[ -z "$machine_boot" ] || wait "$machine_boot" 2>/dev/null
	[ -z "$machine_work" ] || rm -rf "$machine_work"
	machine_init='' machine_boot='' machine_work=''
}

# Runs a command in the machine. PATH and no other variable is taken along.
machine() { # COMMAND...
	nsenter -t "$machine_init" -m -p -n -C -i -u env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		DEBIAN_FRONTEND=noninteractive "$@"
}

# Its root as this shell sees it.
machine_root() {
	echo "/proc/$machine_init/root"
}

# Makes the machine and waits until it runs. Returns 1, with $machine_why, when it cannot.
machine_start() { # TAR PROGRAM
	machine_why="needs root"
	[ "$(id -u)" -eq 0 ] || return 1
	machine_why="the base could not be made"
	"$machine_here/base.sh" "$1" "$2" || return 1
	machine_work=$(mktemp -d)
	mkdir "$machine_work/root"
	tar -C "$machine_work/root" -xf "$1" || return 1
	"$machine_here/boot.sh" "$machine_work/root" </dev/null >"$machine_work/log" 2>&1 &
	machine_boot=$!
	for _ in {1..600}; do
		kill -0 "$machine_boot" 2>/dev/null || break
		machine_init=$(machine_find_init)
		case $([ -z "$machine_init" ] || machine systemctl is-system-running 2>/dev/null) in
		running | degraded) return 0 ;;
		esac
		sleep 0.1
	done
	machine_why="systemd did not start: $(tail -n 1 "$machine_work/log")"
	return 1
}

# Said in place of the checks on a machine that machine_start could not make: root must be able to,
# so a machine that does not come up is a failure and no skip.
no_machine() { # WHAT
	if [ "$(id -u)" -ne 0 ]; then
		echo "skipped $1: $machine_why"
	else
		check "$1: $machine_why" false
	fi
}

# The process that unshare made, once it is systemd.
machine_find_init() {
	local unshare init
	unshare=$(pgrep -x -P "$machine_boot" unshare) || return 0
	init=$(pgrep -x -P "$unshare" systemd) || return 0
	echo "$init"
}
