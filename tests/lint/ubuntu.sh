#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tools/deps.sh and tools/bpftool.sh on machines that are made up: a root folder, and a PATH whose
# dpkg-query knows every package but those of $ABSENT.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root bin=$work/bin
mkdir -p "$bin"
for tool in sh cat grep id; do
	ln -s "$(command -v "$tool")" "$bin/$tool"
done
script() { # FILE LINE...: an executable
	mkdir -p "$(dirname "$1")"
	printf '%s\n' '#!/bin/sh' "${@:2}" >"$1"
	chmod +x "$1"
}
script "$bin/apt-get" 'exit 1'
# shellcheck disable=SC2016 # for the script to expand
script "$bin/dpkg-query" 'for name; do :; done' \
	'case " $ABSENT " in *" $name "*) exit 1 ;; *) echo installed ;; esac'

machine() { # OS-RELEASE-LINE...: a new root
	rm -rf "$root"
	mkdir -p "$root/etc"
	printf '%s\n' "$@" >"$root/etc/os-release"
}

# Ubuntu's, when linux-tools of the running kernel are not there
wrapper() {
	script "$root/usr/sbin/bpftool" 'echo "WARNING: bpftool not found for kernel" >&2' 'exit 2'
}

on() { # COMMAND...: its output and exit status on the machine
	local out status=0
	out=$(env -u BPFTOOL PATH="$bin" TOOLS_ROOT="$root" ABSENT="${ABSENT:-}" "$@" 2>&1) || status=$?
	echo "$out ($status)"
}

same() { # WHAT GOT EXPECTED
	[ "$2" = "$3" ] && return
	printf '%s: got      %s\n%*s expected %s\n' "$1" "$2" "$((${#1} + 1))" '' "$3"
	failed=1
}
failed=0
none='bpftool.sh: no working bpftool: run '\''make deps'\'', or set BPFTOOL (1)'

machine 'NAME="Ubuntu"' 'ID=ubuntu' 'ID_LIKE=debian'
wrapper
ABSENT='bpftool linux-tools-generic'
same "a fresh Ubuntu" "$(on tools/deps.sh -n build)" "deps: missing: linux-tools-generic (1)"
same "a fresh Ubuntu's bpftool" "$(on tools/bpftool.sh version)" "$none"

script "$root/usr/lib/linux-tools/6.8.0-31-generic/bpftool" 'echo "bpftool v7.4.0 $*"'
same "Ubuntu with linux-tools" "$(on tools/deps.sh -n build)" " (0)"
same "its bpftool" "$(on tools/bpftool.sh version)" "bpftool v7.4.0 version (0)"
same "its bpftool with arguments" "$(on tools/bpftool.sh gen skeleton 'a b')" \
	"bpftool v7.4.0 gen skeleton a b (0)"

machine 'ID=ubuntu'
script "$root/usr/lib/linux-tools-6.8.0-31/bpftool" 'echo "bpftool v7.4.0 $*"'
same "linux-tools by the other path" "$(on tools/bpftool.sh version)" "bpftool v7.4.0 version (0)"

ABSENT=bpftool
machine 'ID=ubuntu'
same "linux-tools without bpftool" "$(on tools/deps.sh -n build)" "deps: missing: bpftool (1)"

ABSENT='bpftool linux-tools-generic'
machine 'ID=linuxmint' 'ID_LIKE="ubuntu debian"'
same "a child of Ubuntu" "$(on tools/deps.sh -n build)" "deps: missing: linux-tools-generic (1)"

ABSENT=bpftool
machine 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"' 'ID=debian'
same "a fresh Debian" "$(on tools/deps.sh -n build)" "deps: missing: bpftool (1)"
script "$root/usr/sbin/bpftool" 'echo "bpftool v7.1.0 $*"'
same "Debian with its bpftool" "$(on tools/deps.sh -n build)" " (0)"
ABSENT=libgnutls28-dev
same "Debian without GnuTLS" "$(on tools/deps.sh -n build)" "deps: missing: libgnutls28-dev (1)"
ABSENT=
same "Debian with all" "$(on tools/deps.sh -n build check lint static bench)" " (0)"

script "$bin/dpkg" 'echo amd64'
ABSENT='gcc-aarch64-linux-gnu libbpf-dev:arm64 libelf-dev'
same "libraries of another architecture" "$(on tools/deps.sh -n -a arm64 build)" \
	"deps: missing: gcc-aarch64-linux-gnu libbpf-dev:arm64 (1)"
same "libraries of this one, by name" "$(on tools/deps.sh -n -a amd64 build)" \
	"deps: missing: libelf-dev (1)"

exit "$failed"
