#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the exporter may do in a container: it runs as the DaemonSet has it (user 0, everything dropped
# but BPF and PERFMON, no_new_privs, an empty read-only root, the runtime's seccomp profile, the
# memory limit), under runc, and with one capability less it says what is missing. And the
# table of what works with which set, on this machine.
set -u
cd "${0%/*}/../.." || exit
stage=capabilities
# shellcheck source=tests/deploy/lib/container.sh
. tests/deploy/lib/container.sh

pod=(--manifest deploy/kubernetes/base/daemonset.yaml)
workload=ior-caps-$$ # a comm that nobody else has
calls=777

# What the kernel says of a process.
rights() { # PID
	sed -n -E 's/^(Uid|CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):\t([^\t]*).*/\1 \2/p' \
		"/proc/$1/status" | paste -s -d ' '
}

kept() { # ID EXPECTED
	equal "$(rights "$(cat "$work/$1.pid")")" "$2"
}

root_is_read_only() { # ID
	awk '$5 == "/" { print $6 }' "/proc/$(cat "$work/$1.pid")/mountinfo" | grep -Eq '^ro(,|$)'
}

# A program makes calls, which are counted in a series of its own, exactly, and then one that does
# not return, which is seen while it lasts.
counts() { # ID
	local end=$((SECONDS + READY_SECONDS))
	coproc /usr/bin/python3 -c "import ctypes, os
ctypes.CDLL(None).prctl(15, b'$workload')
for i in range($calls):
    os.getsid(0)
os.read(0, 1)"
	until inside "$1" curl -sf http://127.0.0.1:9435/metrics >"$work/page" &&
		grep -q "^ior_syscalls_in_flight{comm=\"$workload\"" "$work/page"; do
		[ "$SECONDS" -le "$end" ] || break
		sleep 0.05 # only paces the asking
	done
	echo >&"${COPROC[1]}"
	equal "$(grep -E '^ior_(up|attach_info|syscalls_in_flight)|_count.*"getsid"' "$work/page" |
		sed 's/kernel="[^"]*"/kernel=""/')" \
		'ior_attach_info{copies="'"$(copies)"'",exact="true",kernel="",mode="tp_btf"} 1
ior_syscall_duration_seconds_count{comm="'"$workload"'",family="Process",syscall="getsid"} '"$calls"'
ior_syscalls_in_flight{comm="'"$workload"'",family="FS",syscall="read"} 1
ior_up 1'
}

copies() { # as many as this kernel needs: from 7.2 on it has this function
	if grep -q ' trace_call_bpf_faultable$' /proc/kallsyms; then echo 4; else echo 1; fi
}

says() { # LINE [OPTION]...: it ends with exit status 1 and this line
	local line=$1 said status
	shift
	said=$(run "says$RANDOM" "$@" -- --once --duration=0s 2>&1)
	status=$?
	equal "$status: $said" "1: ior_exporter: $line"
}

table() {
	local with_caps=build/tests/vm/with_caps
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m sh -c '[ -d /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing
		exec tests/vm/capabilities.sh "$0" "$1"' "$with_caps" build/ior_exporter >"$work/table"
}

check "the image builds" build dynamic "$native"
open_image dynamic "$native" || exit
# the other suites that trace the machine take turns
exec {lock}</sys/kernel && flock "$lock"

load='load the BPF programs: Operation not permitted'
remedy='run as root, or: setcap cap_bpf,cap_perfmon=ep ior_exporter'
none=0000000000000000
both=000000c000000000

# 1 filter is the runtime's; the exporter's own are further ones
started_with="Uid 0 CapInh $none CapPrm $both CapEff $both CapBnd $both CapAmb $none NoNewPrivs 1 Seccomp 2"
goes_on_with="Uid 0 CapInh $none CapPrm $none CapEff $none CapBnd $both CapAmb $none NoNewPrivs 1 Seccomp 2"

check "it starts" start one "${pod[@]}" -- "--filter.comm=$workload"
check "it gets ready" is_ready one
check "its root is read-only" root_is_read_only one
check "it counts exactly, and sees a call in flight" counts one
check "it goes on without a capability" kept one "$goes_on_with"
check "it ends at SIGTERM" stop one

check "it starts with --sandbox=none" start two "${pod[@]}" -- --sandbox=none
check "it is ready with --sandbox=none" is_ready two
check "BPF and PERFMON are all it was given" kept two "$started_with"
check "that one ends at SIGTERM" stop two

check "without PERFMON it says so" says "$load (missing: CAP_PERFMON; $remedy)" "${pod[@]}" --caps BPF
check "without BPF it says so" says "$load (missing: CAP_BPF; $remedy)" "${pod[@]}" --caps PERFMON
check "without both it says so" says "$load (missing: CAP_BPF and CAP_PERFMON; $remedy)" "${pod[@]}" --caps ''
check "a seccomp profile from before 2022 is named" says "$load (a seccomp filter may deny bpf(2): \
container runtimes allow it with CAP_BPF from 2022 on)" "${pod[@]}" --seccomp before-2022

check "what works with which capabilities is as it is to be" table
cat "$work/table"
[ "$check_failed" -eq 0 ]
