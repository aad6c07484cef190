#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Provides promtool and prometheus, which judge the exporter's pages: those on PATH if they are
# there, else Debian's, unpacked under build/judges/ but not installed (the package would start a
# service). `newer` provides those of the newest suite of Debian as well, under build/judges-newer/.
# Silent when there is nothing to do.
#
# usage: tools/judges.sh [newer]     then they are on PATH or in build/judges[-newer]/usr/bin
set -eu

newer=${1:+-newer}
folder=build/judges$newer

if [ -z "$newer" ] && command -v promtool >/dev/null && command -v prometheus >/dev/null; then
	exit 0
fi
if [ -x "$folder/usr/bin/promtool" ] && [ -x "$folder/usr/bin/prometheus" ]; then
	exit 0
fi
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
	echo "judges: no promtool and prometheus on PATH, and no apt-get to get them with" >&2
	exit 1
fi

echo "judges: apt-get download prometheus, unpacked under $folder (not installed)"
mkdir -p build
work=$(mktemp -d "$PWD/build/judges.XXXXXX")
trap 'rm -rf "$work"' EXIT

if [ -n "$newer" ]; then
	tools/apt.sh "$work/apt" "$(dpkg --print-architecture)" sid
	APT_CONFIG=$work/apt/apt.conf
	export APT_CONFIG
fi

# apt-get as root would download as user _apt, who can't write here, and warn about it
download() (
	cd "$work"
	apt-get -q -o APT::Sandbox::User=root download "$@"
)

# from 3.x on, Debian's promtool is a package of its own
get() {
	download prometheus && {
		! apt-cache show promtool >/dev/null 2>&1 || download promtool
	}
}

if ! get >"$work/log" 2>&1; then
	# perhaps nobody has read the package lists yet
	if ! { [ "$(id -u)" = 0 ] && apt-get -q update && get; } >>"$work/log" 2>&1; then
		tail -n 5 "$work/log" >&2
		echo "judges: apt-get download failed" >&2
		exit 1
	fi
fi
for package in "$work"/*.deb; do
	dpkg-deb -x "$package" "$work/unpacked"
done
rm -rf "$folder"
mkdir -p "$folder/usr"
mv "$work/unpacked/usr/bin" "$folder/usr/bin"
