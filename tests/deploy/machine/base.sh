#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Makes TAR, a small system with systemd and the libraries of the program, of the release of this
# machine and from where its apt has its packages. Kept for a week, or until the list of packages
# changes.
#
# usage: base.sh TAR PROGRAM
set -eu

tar=$1 program=$2

# The packages of the libraries that it is linked with.
libraries() {
	readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | while read -r name; do
		dpkg-query -S "*/lib/$(gcc -print-multiarch)/$name"
	done | cut -d : -f 1 | sort -u | paste -sd ,
}

packages=systemd,systemd-sysv,init-system-helpers,dbus,curl,rpm,iproute2,libcap2-bin,$(libraries)
# shellcheck disable=SC1091
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")

sources=()
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
	if [ -s "$file" ]; then
		sources+=("$file")
	fi
done
mkdir -p "${tar%/*}"
exec 9>"$tar.lock"
flock 9
if [ -n "$(find "$tar" -mtime -7 2>/dev/null)" ] && [ "$(cat "$tar.packages" 2>/dev/null)" = "$codename $packages" ]; then
	exit 0
fi
mmdebstrap --quiet --format=tar --variant=minbase --include="$packages" "$codename" "$tar.new" "${sources[@]}"
mv "$tar.new" "$tar"
echo "$codename $packages" >"$tar.packages"
