#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What works with which capabilities: the exporter is started in each mode, as user 0 and as another,
# with each set, and without a way to get more (no_new_privs); prints the table. Fails if it is not as
# it is to be, and shows what is not. Runs on this machine and in the VMs (busybox).
#
# One copy of the programs, for it takes the same rights as four.
#
# Debian's kernels take more than PERFMON for perf events, which mode tracepoint opens, while the sysctl
# kernel.perf_event_paranoid is above 2.
#
# usage: tests/vm/capabilities.sh WITH_CAPS EXPORTER      tracefs must be mounted
set -u

with_caps=$1 exporter=$2

numbers() { # SET
	case $1 in
	none) echo - ;;
	*) echo "$1" | sed 's/DAC_READ_SEARCH/2/; s/SYS_ADMIN/21/; s/PERFMON/38/; s/BPF/39/' ;;
	esac
}

result() { # MODE USER SET: "works", or what the exporter says
	if said=$("$with_caps" "$2" "$(numbers "$3")" "$exporter" --attach="$1" --copies=1 --once \
		--duration=0s --trace-families=Time 2>&1); then
		case $said in
		*"mode=\"$1\""*"ior_up 1"*) echo works ;;
		*) echo "an unexpected page" ;;
		esac
	else
		echo "$said" | sed 's/^ior_exporter: //'
	fi
}

# Messages, as the table has them.
load='load the BPF programs: Operation not permitted'
remedy='run as root, or: setcap cap_bpf,cap_perfmon=ep ior_exporter'
no_bpf="$load (missing: CAP_BPF; $remedy)"
no_perfmon="$load (missing: CAP_PERFMON; $remedy)"
neither="$load (missing: CAP_BPF and CAP_PERFMON; $remedy)"
no_tracefs='attach the BPF programs: Permission denied (mode tracepoint needs tracefs: run as root, or add CAP_DAC_READ_SEARCH)'

read -r level </proc/sys/kernel/perf_event_paranoid
perf=works
[ "$level" -le 2 ] || perf="attach the BPF programs: Permission denied (mode tracepoint needs \
CAP_SYS_ADMIN while the sysctl kernel.perf_event_paranoid is $level: add it, or set that to 2)"

# The modes that need no file and no perf event differ in nothing.
expected() {
	for mode in tp_btf raw_tp tracepoint; do
		works=works
		[ $mode != tracepoint ] || works=$perf
		cat <<-END
			$mode|0|BPF,PERFMON|$works
			$mode|0|BPF|$no_perfmon
			$mode|0|PERFMON|$no_bpf
			$mode|0|none|$neither
			$mode|0|SYS_ADMIN|works
		END
		[ $mode = tracepoint ] || echo "$mode|65534|BPF,PERFMON|works"
	done
	cat <<-END
		tracepoint|65534|BPF,PERFMON|$no_tracefs
		tracepoint|65534|BPF,PERFMON,DAC_READ_SEARCH|$perf
	END
}

status=0
echo "kernel.perf_event_paranoid $level"
printf '%-11s %-6s %-28s %s\n' mode user capabilities result
expected >/tmp/capabilities.$$
while IFS='|' read -r mode user set wanted; do
	got=$(result "$mode" "$user" "$set")
	printf '%-11s %-6s %-28s %s\n' "$mode" "$user" "$set" "$got"
	if [ "$got" != "$wanted" ]; then
		echo "capabilities: expected: $wanted"
		status=1
	fi
done </tmp/capabilities.$$
rm -f /tmp/capabilities.$$
exit $status
