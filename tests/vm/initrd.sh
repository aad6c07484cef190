#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Packs the initramfs of the VMs: busybox, the programs, and init.sh as /init.
#
# usage: tests/vm/initrd.sh OUT BUSYBOX PROGRAM...
set -eu

out=$1 busybox=$2
shift 2
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 0755 "$root" # other users are in the tests
mkdir "$root"/{bin,dev,proc,sys,tmp,etc}
cp "$busybox" "$root/bin/busybox"
cp "$@" "$root/bin"
install -m 0755 "${0%/*}/init.sh" "$root/init"
echo 'root:x:0:0::/:/bin/sh' >"$root/etc/passwd"
(cd "$root" && find . | cpio -o -H newc --quiet) >"$out.new"
mv "$out.new" "$out"
