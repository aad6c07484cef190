#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Makes TAR, a small Debian with systemd and the libraries of the program, of the release of this
# machine and from where its apt has its packages. Kept until the list of packages changes.
#
# usage: base.sh TAR
set -eu

tar=$1
packages=systemd,systemd-sysv,init-system-helpers,dbus,curl,rpm,iproute2,libcap2-bin
packages+=,libbpf1,libmicrohttpd12,libyaml-0-2,libzstd1,libgnutls30,libcrypt1
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
if [ -s "$tar" ] && [ "$(cat "$tar.packages" 2>/dev/null)" = "$codename $packages" ]; then
	exit 0
fi
mmdebstrap --quiet --format=tar --variant=minbase --include="$packages" "$codename" "$tar.new" "${sources[@]}"
mv "$tar.new" "$tar"
echo "$codename $packages" >"$tar.packages"
