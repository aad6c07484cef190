#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The kernel suite on the classic tracepoints, with tracefs mounted for it alone where it is not.
#
# usage: tests/kernel/tracepoint.sh KERNEL-SUITE
export IOR_TEST_SUITE=tracepoint IOR_TEST_ATTACH=tracepoint

if [ -d /sys/kernel/tracing/events ] || [ "$(id -u)" != 0 ]; then
	exec "$1"
fi
# shellcheck disable=SC2016 # for the inner shell
exec unshare -m sh -c 'mount -t tracefs tracefs /sys/kernel/tracing; exec "$0"' "$1"
