#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# /init of the VMs: sets the machine up, runs the tests and powers off. What it says on the console
# is read by boot.sh: lines "vm: ...". Unknown words NAME=VALUE of the kernel's command line come as
# environment variables:
#
#   VM_SUITE=N    run the kernel suite (N: see cases.tsv)
#   VM_CAPABILITIES=1  also try what works with which capabilities
#   VM_LOAD=...   arguments of the load, with commas between them
#   VM_COMPARE=1  also run the load with one copy and with eight, on kernels that need four; and with
#                 one, which loses calls, the tests that hold what is lost against what was made
#   VM_TRACEPOINT=1  also run the load, without noise, on the classic tracepoints
#   VM_RUNG, VM_COPIES  the way to attach that is to come out, for judge.awk
#   VM_HOTPLUG=1  take CPUs 1.. offline and online all the time that the load runs
#
# shellcheck shell=dash
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
echo "vm: init $($b uname -r) up $($b cut -d' ' -f1 /proc/uptime)"

$b mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
$b mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
$b mount -t tmpfs tmpfs /tmp
# a controller of version 1: newer kernels may come without that of memory
$b mount -t tmpfs tmpfs /sys/fs/cgroup
for controller in memory pids; do
	$b mkdir /sys/fs/cgroup/$controller
	$b mount -t cgroup -o $controller none /sys/fs/cgroup/$controller 2>/dev/null && break
	$b rmdir /sys/fs/cgroup/$controller
done
$b ip link set lo up
$b --install -s /bin
export PATH=/bin IOR_TEST_DIVISOR=20
ulimit -l unlimited
# few numbers, so that the suite's many short threads get those of others
echo 1000 >/proc/sys/kernel/pid_max
read -r lockdown </sys/kernel/security/lockdown 2>/dev/null
echo "vm: cpus possible $(cat /sys/devices/system/cpu/possible)" \
	"online $(cat /sys/devices/system/cpu/online) lockdown $lockdown"

hotplug() {
	rounds=0
	while [ ! -e /tmp/loaded ]; do
		for state in 0 1; do
			for online in /sys/devices/system/cpu/cpu[1-9]*/online; do
				echo $state >"$online" || echo "vm: hotplug failed"
			done
		done
		rounds=$((rounds + 1))
	done
	echo "vm: hotplug rounds $rounds"
}

# what the exporter itself says; where the suite runs, that takes long enough
if [ -z "$VM_SUITE" ]; then
	ior_exporter --check
	echo "vm: check exit $?"
fi
ior_exporter --once --duration=0s --trace-families=Time >/tmp/page
echo "vm: once exit $?"
grep -E '^ior_(up|attach_info)' /tmp/page

[ -z "$VM_HOTPLUG" ] || hotplug &
# shellcheck disable=SC2046 # a list of words
load $(echo "$VM_LOAD" | tr , ' ')
echo "vm: load exit $?"
: >/tmp/loaded
wait
if [ -n "$VM_TRACEPOINT" ]; then
	IOR_TEST_ATTACH=tracepoint load -n 0
	echo "vm: load exit $?"
	grep 'field:long id' /sys/kernel/tracing/events/raw_syscalls/sys_enter/format
fi
if [ -n "$VM_COMPARE" ]; then
	for copies in 1 8; do
		load -C "$copies" >/tmp/compared
		echo "vm: compare exit $?"
		grep '^vm:' /tmp/compared
	done
	IOR_TEST_COPIES=1 CK_RUN_CASE=window kernel >/tmp/window
	echo "vm: window exit $?"
	cat /tmp/window
fi

if [ -n "$VM_CAPABILITIES" ]; then
	for level in "$(cat /proc/sys/kernel/perf_event_paranoid)" 2; do
		echo "$level" >/proc/sys/kernel/perf_event_paranoid
		capabilities.sh /bin/with_caps /bin/ior_exporter
		echo "vm: capabilities exit $?"
	done
fi
if [ -n "$VM_SUITE" ]; then
	kernel
	echo "vm: suite exit $?"
fi
echo "vm: end up $(cut -d' ' -f1 /proc/uptime)"
poweroff -f
