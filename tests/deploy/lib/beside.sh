# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The exporter with the unit's rights, but by no systemd; to be sourced. What is in $build is copied to
# $work, and run there.
# shellcheck disable=SC2154

one_sleeps() { # PORT
	curl -sf "http://127.0.0.1:$1/metrics" | grep -Fx \
		"ior_syscalls_in_flight{comm=\"ior-sleep$$\",family=\"Time\",syscall=\"clock_nanosleep\"} 1"
}

# In the machine's PID namespace, with the unit's capabilities and no other right.
shows_calls_in_flight() {
	local sets=-all,+bpf,+perfmon port pids=() status
	cp "$build/ior_exporter" "$work/ior_exporter"
	cp "$(command -v sleep)" "$work/ior-sleep$$"
	chmod 0755 "$work"
	setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --inh-caps=$sets \
		--ambient-caps=$sets --bounding-set=$sets "$work/ior_exporter" \
		--web.listen-address=127.0.0.1:0 "--filter.comm=ior-sleep$$" 2>"$work/said" &
	pids=($!)
	within grep -q msg=tracing "$work/said"
	port=$(sed -n 's/.*address=127\.0\.0\.1:\([0-9]*\).*/\1/p' "$work/said")
	"$work/ior-sleep$$" 1000 &
	pids+=($!)
	within one_sleeps "$port" && fails grep level=warn "$work/said"
	status=$?
	kill "${pids[@]}"
	wait "${pids[@]}" 2>/dev/null
	return $status
}
