#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Provides the pages of the Prometheus that tools/judges.sh unpacked: Debian's program takes them
# from files, and these use libraries from other packages. All are unpacked under
# build/judges/usr/share, not installed. Silent when there is nothing to do.
#
# usage: tools/prometheus-pages.sh
set -eu

folder=build/judges
[ -x "$folder/usr/bin/prometheus" ] || exit 0
[ ! -d "$folder/usr/share/prometheus/web" ] || exit 0

echo "prometheus-pages: apt-get download, unpacked under $folder (not installed)"
work=$(mktemp -d "$PWD/build/judges.XXXXXX")
trap 'rm -rf "$work"' EXIT

packages() {
	echo prometheus
	apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
		--no-replaces --no-enhances prometheus | grep -E '^(libjs|fonts)-' | sort -u
}

# as root it would download as user _apt, who can't write here, and warn about it
(
	cd "$work"
	# shellcheck disable=SC2046 # a list of words
	if ! apt-get -q -o APT::Sandbox::User=root download $(packages) >log 2>&1; then
		tail -n 5 log >&2
		exit 1
	fi
)
for package in "$work"/*.deb; do
	dpkg-deb -x "$package" "$work/unpacked"
done
rm -rf build/judges/usr/share
mv "$work/unpacked/usr/share" "$folder/usr"
