#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs what the manifest lists. A file of the administrator's that is there is kept.
#
# usage: deploy/packages/install.sh DESTDIR PREFIX BUILD     from the root of the project
set -eu

destdir=$1 prefix=$2 build=$3
# shellcheck source=deploy/packages/manifest.sh
. deploy/packages/manifest.sh

while read -r kind mode path source; do
	if [ "$kind" = conf ] && [ -e "$destdir$path" ]; then
		echo "kept $destdir$path"
		continue
	fi
	install -D -m "$mode" "$source" "$destdir$path"
	case $path in
	*.service) sed -i "s|^ExecStart=/usr/bin/|ExecStart=$prefix/bin/|" "$destdir$path" ;;
	esac
done < <(files "$prefix" "$build")
