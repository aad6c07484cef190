# shellcheck shell=bash disable=SC2034,SC2154 # variables of two files
# SPDX-License-Identifier: Apache-2.0
# What the stages about images share: containers of runc made of an image, and checks. To be sourced;
# $work is a folder that is gone at the end.

export BUILDAH_ISOLATION=chroot
READY_SECONDS=30

native=$(dpkg --print-architecture)
tag=localhost/ior-exporter-test
lib=${BASH_SOURCE[0]%/*}
# shellcheck source=tests/deploy/lib/check.sh
. "$lib/check.sh"
work=$(mktemp -d)
mounted=()

# Containers that a failed check left, and mounts. A check runs in a shell of its own, so what it
# started is known to runc alone.
cleanup() {
	for id in $(runc --root "$work/runc" list --quiet 2>/dev/null); do
		runc --root "$work/runc" delete --force "$id" >/dev/null 2>&1
	done
	for container in "${mounted[@]}"; do
		buildah rm "$container" >/dev/null
	done
	rm -rf "$work"
}
trap cleanup EXIT

# What was built before is not built again.
build() { # FLAVOUR ARCH [OPTION]...: the image $tag:FLAVOUR-ARCH
	local flavour=$1 arch=$2
	shift 2
	deploy/image/base.sh build/deploy &&
		deploy/image/build.sh "$flavour" "$arch" "$tag:$flavour-$arch" --pull-never "$@"
}

# Sets $root to the image's files.
open_image() { # FLAVOUR ARCH
	local container
	container=$(buildah from --pull-never --arch "$2" "$tag:$1-$2") || return
	mounted+=("$container")
	root=$(buildah mount "$container")
}

bundle() { # ID [OPTION]... [-- ARG...]: see bundle.py
	local id=$1 options=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	/usr/bin/python3 "$lib/bundle.py" "${options[@]}" "$work/$id" "$root" "$@"
}

# Runs the image's program to its end.
run() { # ID [OPTION]... [-- ARG...]
	bundle "$@" && timeout "$READY_SECONDS" runc --root "$work/runc" run --bundle "$work/$1" "$1"
}

# Leaves it running; what it says is in $work/ID.log.
start() { # ID [OPTION]... [-- ARG...]
	bundle "$@" || return
	runc --root "$work/runc" run --detach --pid-file "$work/$1.pid" --bundle "$work/$1" "$1" \
		>"$work/$1.log" 2>&1 </dev/null
}

inside() { # ID COMMAND...: of this machine, in the container's network
	local pid
	pid=$(cat "$work/$1.pid")
	shift
	nsenter --net --target "$pid" "$@"
}

is_ready() { # ID [CURL OPTION]...
	local id=$1 end=$((SECONDS + READY_SECONDS))
	shift
	until inside "$id" curl -sf -o /dev/null "$@" http://127.0.0.1:9435/-/ready; do
		if [ "$SECONDS" -gt "$end" ] || [ ! -e "/proc/$(cat "$work/$id.pid")" ]; then
			cat "$work/$id.log"
			return 1
		fi
		sleep 0.05 # only paces the asking
	done
}

# Ends it as a runtime does; fails if it does not end, or leaves anything.
stop() { # ID
	local pid end=$((SECONDS + READY_SECONDS))
	pid=$(cat "$work/$1.pid")
	runc --root "$work/runc" kill "$1" TERM || return
	while [ "$(runc --root "$work/runc" state "$1" | sed -n 's/.*"status": "\(.*\)",/\1/p')" != stopped ]; do
		[ "$SECONDS" -le "$end" ] || return
		sleep 0.05
	done
	runc --root "$work/runc" delete "$1"
}
