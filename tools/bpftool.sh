#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a bpftool that works. Ubuntu's /usr/sbin/bpftool is a wrapper that wants the tools of the
# very kernel that runs; any version can make a skeleton, so take what linux-tools has.
# TOOLS_ROOT=FOLDER stands for / in the tests.
set -eu

usr=${TOOLS_ROOT:-}/usr
for tool in "${BPFTOOL:-bpftool}" "$usr/sbin/bpftool" "$usr"/lib/linux-tools/*/bpftool \
	"$usr"/lib/linux-tools-*/bpftool; do
	if "$tool" version >/dev/null 2>&1; then
		exec "$tool" "$@"
	fi
done
echo "bpftool.sh: no working bpftool: run 'make deps', or set BPFTOOL" >&2
exit 1
