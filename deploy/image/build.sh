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

case $(uname -m) in
aarch64) here=arm64 ;;
*) here=amd64 ;;
esac

# docker's format, for OCI's has no health check; buildah before 1.29 does not know by itself what it
# runs on
exec buildah build --format docker --layers --timestamp "$time" --platform "linux/$arch" \
	--target "$flavour" --tag "$tag" --build-arg BUILDPLATFORM="linux/$here" \
	--build-arg VERSION="$version" --build-arg REVISION="$revision" \
	--build-arg SOURCE_DATE_EPOCH="$time" "$@" .
