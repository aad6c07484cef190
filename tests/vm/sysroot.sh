#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Unpacks the libraries that a cross build links, and busybox for its initramfs, into DIR/sysroot-
# ARCH: the packages of the distribution that this machine runs, for ARCH, without installing them.
#
# usage: tests/vm/sysroot.sh DIR ARCH
set -eu

mkdir -p "$1"
dir=$(cd "$1" && pwd -P)
arch=$2
root=$dir/sysroot-$arch
packages=(libbpf-dev libelf-dev zlib1g-dev libyaml-dev libcrypt-dev check libsubunit-dev busybox-static)
# shellcheck disable=SC1091
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")

[ -z "$(find "$root.done" -newer "$0" 2>/dev/null)" ] || exit 0
tools/apt.sh "$dir/apt-sysroot-$arch" "$arch" "$codename"
rm -rf "$root" "$dir/debs-sysroot-$arch"
mkdir -p "$root" "$dir/debs-sysroot-$arch"
cd "$dir/debs-sysroot-$arch"
apt-get -c "$dir/apt-sysroot-$arch/apt.conf" -q download "${packages[@]}" >"$root.log" 2>&1 || {
	tail -n 5 "$root.log" >&2
	exit 1
}
for deb in ./*.deb; do
	dpkg-deb -x "$deb" "$root"
done
cd /
rm -rf "$dir/debs-sysroot-$arch"
touch "$root.done"
