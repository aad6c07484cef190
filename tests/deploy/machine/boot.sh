#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Boots the systemd of the tree ROOT as the first process of namespaces of its own, on this kernel,
# and stays until that ends. Its cgroups are below our own ones. Needs root.
#
# usage: boot.sh ROOT
set -eu

root=$1 name=ior-deploy-$$ cgroups=()
here=$(cd "${0%/*}" && pwd)

# One of each hierarchy that systemd uses, in version 1, 2, or both.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	cgroups=("/sys/fs/cgroup/$name")
else
	for hierarchy in systemd memory pids unified; do
		[ ! -d "/sys/fs/cgroup/$hierarchy" ] || cgroups+=("/sys/fs/cgroup/$hierarchy/$name")
	done
fi

leave() {
	for cgroup in "${cgroups[@]}"; do
		# the last of its processes may still be on their way out
		for _ in {1..100}; do
			find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null && break
			sleep 0.05
		done
	done
}
trap leave EXIT
mkdir "${cgroups[@]}"
unshare --mount --pid --ipc --uts --net --fork --kill-child "$here/init.sh" "$root" "${cgroups[@]}"
