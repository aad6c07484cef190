#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Downloads the kernels of cases.tsv without installing them, and keeps of each its image only:
# DIR/kernels/PACKAGE. Appends to DIR/kernels.list a line for each of them as soon as it is there, in
# the order in which they are booted:
#   MACHINE VERSION FLAVOUR PACKAGE        or, where it cannot be had,
#   MACHINE VERSION FLAVOUR - REASON       separated by tabs
# What was downloaded before is not downloaded again; what could not be had is asked for again
# after a day, as is the archive's index.
#
# usage: tests/vm/fetch.sh DIR
set -u

here=${0%/*}
suites=(bullseye bullseye-security bookworm bookworm-security trixie trixie-security trixie-backports)
declare -A debian_arch=([x86_64]=amd64 [aarch64]=arm64)

wanted() { # MACHINE: version and flavour of its kernels, the last case's first
	{
		tac "$here/cases.tsv" | grep VM_SUITE
		tac "$here/cases.tsv" | grep -v VM_SUITE
	} | awk -F '\t' -v machine="$1" '
		!/^#/ && $2 == machine && !seen[$3, $4]++ { print $3 "\t" $4 }'
}

# All kernel packages of an architecture, newest first, as version-flavour and kind; of one version
# the package with the image (linux-binary-, from 6.17 on) before that which only depends on it.
packages() { # ARCH
	apt-cache -c "$dir/apt-$1/apt.conf" pkgnames linux- 2>/dev/null |
		sed -n 's/^linux-\(binary\|image\)-\([0-9].*\)/\2 \1/p' | sort -k 1,1Vr -k 2,2
}

# The newest packages whose version begins so: the archive's index may name one that it has no more.
# Versions are more than two numbers, which leaves meta packages out, and builds for an older release
# (".deb11.") are not the series' own.
choose() { # VERSION FLAVOUR, packages() on standard input
	awk -v series="${1#-}" -v end="-$2" '
		$1 !~ /^[0-9]+\.[0-9]+\.[0-9.]+[-+]/ || $1 ~ /\.deb[0-9]+\.[0-9]+-/ { next }
		substr($1, length($1) - length(end) + 1) == end && index($1, series) == 1 {
			print "linux-" $2 "-" $1
		}'
}

update() { # ARCH
	local root=$dir/apt-$1
	[ -n "$(find "$root/update.log" -mmin -1440 -newer "$0" 2>/dev/null)" ] && return
	tools/apt.sh "$root" "$1" "${suites[@]}"
}

# The image out of the package: boot/vmlinuz-V, or usr/lib/modules/V/vmlinuz. Nothing behind it is
# unpacked; dpkg-deb complains that nobody reads it.
unpack() { # FILE.deb IMAGE
	dpkg-deb --fsys-tarfile "$1" | tar -x -O --occurrence=1 --wildcards '*/vmlinuz*' >"$2.new"
	[ -s "$2.new" ] && mv "$2.new" "$2"
	rm -f "$2.new"
}

download() { # ARCH PACKAGE
	local debs=$dir/debs-$1/$2 missing=$dir/missing/$2
	[ -z "$(find "$missing" -mmin -1440 2>/dev/null)" ] || return 1
	mkdir -p "$debs"
	(cd "$debs" && apt-get -c "$dir/apt-$1/apt.conf" -q download "$2") &&
		unpack "$debs/$2"_*.deb "$dir/kernels/$2"
	rm -rf "$debs"
	[ -s "$dir/kernels/$2" ] || { touch "$missing"; return 1; }
}

fetch() { # MACHINE
	local arch=${debian_arch[$1]} log=$dir/fetch-$1.log
	local names package candidate version flavour
	: >"$log"
	update "$arch" >>"$log" 2>&1
	names=$(packages "$arch")
	while IFS=$'\t' read -r version flavour; do
		package=$'-\tthe archive has none'
		while read -r candidate; do
			if [ -s "$dir/kernels/$candidate" ] ||
				download "$arch" "$candidate" >>"$log" 2>&1; then
				package=$candidate
				break
			fi
			package=$'-\t'"$candidate cannot be downloaded"
		done < <(choose "$version" "$flavour" <<<"$names")
		# nothing of it: the index itself may be what is missing
		case $package in -*) rm -f "$dir/apt-$arch/update.log" ;; esac
		printf '%s\t%s\t%s\t%s\n' "$1" "$version" "$flavour" "$package" >>"$dir/kernels.list"
	done < <(wanted "$1")
}

mkdir -p "$1/kernels" "$1/missing"
dir=$(cd "$1" && pwd -P)
for machine in "${!debian_arch[@]}"; do
	fetch "$machine" &
done
wait
