#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The first process of new namespaces: goes into the cgroups, of which it sees no more from then on,
# mounts what a container has, and becomes the systemd of ROOT. Started by boot.sh.
#
# usage: init.sh ROOT CGROUP...
set -eu

root=$1
shift
if [ $# -gt 0 ]; then
	for cgroup in "$@"; do
		echo 0 >"$cgroup/cgroup.procs"
	done
	exec unshare --cgroup "$0" "$root"
fi

mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"

mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
	touch "$root/dev/$device"
	mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t tmpfs tmpfs "$root/dev/shm"

cgroup=$root/sys/fs/cgroup
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	mount -t cgroup2 cgroup "$cgroup"
else
	mount -t tmpfs -o mode=755 tmpfs "$cgroup"
	mkdir "$cgroup"/{systemd,memory,pids,unified}
	mount -t cgroup -o none,name=systemd cgroup "$cgroup/systemd"
	mount -t cgroup -o memory cgroup "$cgroup/memory"
	mount -t cgroup -o pids cgroup "$cgroup/pids"
	mount -t cgroup2 cgroup "$cgroup/unified"
fi

ip link set lo up
cd "$root"
pivot_root . mnt
umount -l /mnt
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	/lib/systemd/systemd --log-target=journal --show-status=no
