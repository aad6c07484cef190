#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a program is linked with, as the linker and the program itself say: a line each,
#   static FILE     an archive or a start file of which parts are in the program (the linker's map)
#   shared FILE     a library that it loads, or that one of these loads, or the loader
# separated by a tab. Files are those of this machine.
#
# usage: deploy/image/linked.sh PROGRAM MAP LIBRARIES     LIBRARIES: the folder of shared libraries
set -eu

program=$1 map=$2 libraries=$3

needed() { # FILE
	readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p'
}

declare -A seen=()
shared() { # FILE: what it loads, and what that loads
	local name
	for name in $(needed "$1"); do
		[ -z "${seen[$name]:-}" ] || continue
		seen[$name]=yes
		if [ ! -e "$libraries/$name" ]; then
			echo "linked.sh: $1 needs $name, which is not in $libraries" >&2
			return 1
		fi
		printf 'shared\t%s\n' "$libraries/$name"
		shared "$libraries/$name"
	done
}

{
	sed -n -E 's/^([^ ]+\.a)\(.*/\1/p; s/^LOAD ([^ ]*\/[A-Za-z]*crt[A-Za-z0-9]*\.o)$/\1/p' "$map" |
		sort -u | xargs -r realpath | sort -u | sed 's/^/static\t/'
	shared "$program"
} | sort -u
