#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds an image by buildah, reproducibly: times are those of the commit, and labels name it.
#
# usage: deploy/image/build.sh dynamic|static ARCH TAG [OPTION]...      OPTION: buildah's
set -eu
cd "${0%/*}/../.."

flavour=$1 arch=$2 tag=$3
shift 3
version=$(sed -n 's/^VERSION *:= *//p' Makefile)
revision=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
time=$(git log -1 --format=%ct 2>/dev/null || echo 0)

# docker's format, for OCI's has no health check
exec buildah build --format docker --layers --timestamp "$time" --platform "linux/$arch" \
	--target "$flavour" --build-arg VERSION="$version" --build-arg REVISION="$revision" \
	--build-arg SOURCE_DATE_EPOCH="$time" --tag "$tag" "$@" .
