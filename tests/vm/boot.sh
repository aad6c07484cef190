#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Boots a machine under qemu's emulation and keeps its console. Init prints "vm: init" first; a
# machine that never gets there is booted again, for old emulators lose a race when a new kernel
# patches its own code. From there on nothing is tried twice.
#
# usage: tests/vm/boot.sh LOG MACHINE KERNEL INITRD CPUS [WORD...]
set -u

TRIES=3
BOOT_SECONDS=90 # to init
LIMIT_SECONDS=400
LEFT_OUT="mitigations=off cryptomgr.notests tsc=reliable clearcpuid=112 rcupdate.rcu_expedited=1"

log=$1 machine=$2 kernel=$3 initrd=$4 cpus=$5
shift 5

# Plain processors: emulation is half as fast again on those with every feature. One thread for all CPUs of
# an x86_64 machine, which take turns: with a thread each, qemu 7.2 loses a race when a kernel patches its own
# code, as it does when a tracepoint is attached to ("Oops: int3"). On aarch64 nothing is lost, and calls are
# made at the same time, which no other machine shows of that architecture.
# What changes nothing of what is counted is left out: code against faults of processors (retpolines and
# the like: a tenth of the time here; on arm64 kpti, on for any processor, as long as all else together),
# the kernel's tests of its own ciphers, its doubts about the processor's clock, without which each look at
# the time is one at an emulated device, copies by string instructions (feature 112), which are emulated a
# word at a time, and the patience of RCU.
case $machine in
x86_64) qemu=(qemu-system-x86_64 -M q35 -cpu qemu64 -accel "tcg,thread=single") console=ttyS0 ;;
aarch64)
	qemu=(qemu-system-aarch64 -M "virt,gic-version=3" -cpu cortex-a72 -accel "tcg,thread=multi")
	console="ttyAMA0 kpti=off"
	;;
*) exit 2 ;;
esac
qemu+=(-m 768 -smp "$cpus" -nodefaults -nographic -no-reboot -serial stdio
	-kernel "$kernel" -initrd "$initrd"
	-append "console=$console panic=-1 quiet loglevel=3 $LEFT_OUT rdinit=/init $*")

# Copies the console to the log until it ends; fails if init was not reached.
watch() {
	local line seconds=$BOOT_SECONDS reached=1 pid
	exec {out}< <(exec timeout -k 5 "$LIMIT_SECONDS" "${qemu[@]}" </dev/null 2>&1)
	pid=$!
	while IFS= read -r -t "$seconds" -u "$out" line; do
		line=${line//$'\r'/}
		printf '%s\n' "$line"
		[[ $line = *"vm: init "* ]] && reached=0 seconds=$LIMIT_SECONDS
	done
	kill "$pid" 2>/dev/null
	exec {out}<&-
	wait "$pid" 2>/dev/null
	return "$reached"
}

for ((try = 1; try <= TRIES; try++)); do
	watch >"$log" && break
	cp "$log" "$log.try$try"
done
# Processor time, unlike that of the clock, does not depend on what else the machine does.
times >"$log.cpu"
cpu=$(awk 'NR == 2 { gsub(/[ms]/, " "); print int($1 * 60 + $2 + $3 * 60 + $4) }' "$log.cpu")
rm -f "$log.cpu"
echo "boot: tries $((try > TRIES ? TRIES : try)) seconds $SECONDS cpu $cpu" >>"$log"
