#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Makes the base image of the Dockerfile from the distribution's packages, where no registry is: by
# mmdebstrap, from the mirrors that this machine's apt has, with signatures checked. What it made is
# kept in DIR for a week.
#
# usage: deploy/image/base.sh DIR [IMAGE]
set -eu

here=${0%/*}
image=${2:-localhost/debian:bookworm-slim}
suite=${image##*:}
suite=${suite%-slim}
mkdir -p "$1"
dir=$(cd "$1" && pwd -P)
tar=$dir/$suite.tar
arch=$(dpkg --print-architecture)

if [ -z "$(find "$tar" -mtime -7 -newer "$0" 2>/dev/null)" ]; then
	"$here/../../tests/vm/apt.sh" "$dir/apt" "$arch" "$suite" "$suite-security"
	# without the architecture, for a cross build takes the libraries of another
	sed 's/arch=[^ ]* //' "$dir/apt/sources.list.d/kernels.list" >"$dir/sources.list"
	mmdebstrap --quiet --variant=minbase --format=tar "$suite" "$tar.new" "$dir/sources.list"
	mv "$tar.new" "$tar"
	# what is in the storage is older
	buildah rmi "$image" >/dev/null 2>&1 || true
fi
buildah inspect --type image "$image" >/dev/null 2>&1 && exit
container=$(buildah from scratch)
trap 'buildah rm "$container" >/dev/null' EXIT
buildah add --quiet "$container" "$tar" / >/dev/null
buildah commit --quiet "$container" "$image" >/dev/null
