#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds one flavour of the exporter for ARCH (Debian's name of it) and lays its image out in OUT:
#
#   ior_exporter                     the program
#   lib/TUPLE/*.so.*, lib64/ld-*     the shared libraries that it loads, and the loader
#   usr/share/doc/ior_exporter/      NOTICE, the licences, what Debian says of each library's
#                                    copyright, and a bill of materials (sbom.cdx.json)
#
# Run by the Dockerfile, after `tools/deps.sh -a ARCH build static`; for the static flavour what
# tools/libmicrohttpd-static.sh makes is in /libmicrohttpd.
# usage: deploy/image/stage.sh dynamic|static ARCH OUT      environment: REVISION, SOURCE_DATE_EPOCH
set -eu -o pipefail

flavour=$1 arch=$2 out=$3
here=${0%/*}
build=build/image-$flavour
tuple=$(dpkg-architecture -f -a "$arch" -q DEB_HOST_MULTIARCH 2>/dev/null)
libraries=/lib/$tuple

# Named, for a cross compiler brings a C library of its own, which is older than the distribution's.
export PKG_CONFIG_LIBDIR=/usr/lib/$tuple/pkgconfig:/usr/share/pkgconfig
export LDFLAGS="-L/libmicrohttpd/lib -L/usr/lib/$tuple -Wl,-Map=$build/map"
flags=(BUILD="$build" CC="$tuple-gcc" REVISION="${REVISION:-unknown}")
[ "$flavour" = dynamic ] || flags+=(STATIC=1 MHD=/libmicrohttpd)
make -j"$(nproc)" "${flags[@]}" all

rm -rf "$out"
install -d "$out" "$out/usr/share/doc/ior_exporter/copyright"
"$tuple-strip" -o "$out/ior_exporter" "$build/ior_exporter"

linked=$build/linked
"$here/linked.sh" "$build/ior_exporter" "$build/map" "$libraries" >"$linked"
loader=$(readelf -l "$build/ior_exporter" | sed -n 's/.*interpreter: \(.*\)\]/\1/p')
while IFS=$'\t' read -r kind file; do
	[ "$kind" = shared ] || continue
	case $loader in
	*/"${file##*/}") install -D -m 0755 "$file" "$out$loader" ;;
	*) install -D -m 0644 "$file" "$out$file" ;;
	esac
done <"$linked"

doc=$out/usr/share/doc/ior_exporter
version=$(sed -n 's/^VERSION *:= *//p' Makefile)
"$here/sbom.sh" "$out/ior_exporter" "$version" <"$linked" >"$doc/sbom.cdx.json"
install -m 0644 NOTICE LICENSES/*.txt "$doc"
sed -n 's/^      "purl": "pkg:deb.*\/\([^@]*\)@.*upstream=\(.*\)",$/\1 \2/p' "$doc/sbom.cdx.json" |
	while read -r package source; do
		# built from the same source
		[ "$package" != libmicrohttpd ] || package=libmicrohttpd-dev
		install -m 0644 "/usr/share/doc/$package/copyright" "$doc/copyright/$source"
	done
find "$out" -exec touch -h -d "@${SOURCE_DATE_EPOCH:-0}" {} +
