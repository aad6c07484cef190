#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The service: its unit judged by systemd-analyze, and run by a systemd on this kernel, in namespaces
# of its own (tests/deploy/machine). What needs the machine's own PID namespace, the calls in flight,
# is run beside it with the unit's user and capabilities.
set -u
cd "${0%/*}/../.." || exit 1
# shellcheck source=tests/deploy/machine/machine.sh
. tests/deploy/machine/machine.sh
# shellcheck source=tests/deploy/lib/check.sh
. tests/deploy/lib/check.sh
# shellcheck source=tests/deploy/lib/beside.sh
. tests/deploy/lib/beside.sh

build=${BUILD:-build}
work=$(mktemp -d)
unit=ior_exporter.service
trap 'machine_end; rm -rf "$work"' EXIT

# ---- judged

# Silent is what verify is when it finds nothing.
verify() { # FOLDER WITH UNITS
	local said
	said=$(SYSTEMD_UNIT_PATH=$1: MANPATH=$work/tree/usr/share/man \
		systemd-analyze verify --man=yes "$1/$unit" "$1/ior_exporter.socket" 2>&1)
	equal "$said" ""
}

judge() {
	make --no-print-directory install DESTDIR="$work/tree" PREFIX=/usr >/dev/null
	mkdir "$work/units" "$work/wrong"
	cp "$work"/tree/usr/lib/systemd/system/* "$work/units"
	sed -i "s|^ExecStart=|&$work/tree|" "$work/units/$unit"
	sed 's/^DynamicUser=/DynamicUsers=/' "$work/units/$unit" >"$work/wrong/$unit"
	cp "$work/units/ior_exporter.socket" "$work/wrong"
	check "systemd-analyze verify finds nothing" verify "$work/units"
	check "it finds a mistake that was made on purpose" fails verify "$work/wrong"
	check "systemd-analyze security: $(score) of 10, 0 is best; at most 2.0" \
		systemd-analyze security --offline=true --threshold=20 --no-pager "$work/units/$unit"
}

score() {
	systemd-analyze security --offline=true --no-pager "$work/units/$unit" |
		sed -n 's/.*Overall exposure level for [^ ]*: \([0-9.]*\) .*/\1/p'
}

# ---- run

shown() { # PROPERTY
	machine systemctl show -P "$1" "$unit"
}

fetch() { # PATH, below the exporter
	machine curl -sf -m 10 "http://localhost:9435$1"
}

# The log since the last start.
log() {
	machine journalctl -q --no-pager -o cat -u "$unit" \
		"_SYSTEMD_INVOCATION_ID=$(shown InvocationID)"
}

# What the administrator adds: lines of a drop-in, and variables in the file.
configure() { # LINES VARIABLES
	local etc
	etc=$(machine_root)/etc
	mkdir -p "$etc/systemd/system/$unit.d"
	printf '[Service]\n%b' "$1" >"$etc/systemd/system/$unit.d/test.conf"
	printf '%b' "$2" >"$etc/default/ior_exporter"
	machine systemctl stop ior_exporter.socket "$unit" 2>/dev/null
	machine systemctl daemon-reload
	machine systemctl reset-failed
}

# An empty one, and a start.
start() { # [LINES [VARIABLES]]
	configure "${1:-}" "${2:-}"
	machine systemctl start "$unit"
}

is_ready() {
	equal "$(shown ActiveState) $(shown SubState) $(shown Type)" "active running notify" &&
		shown StatusText | grep -Ex 'Tracing by [a-z_]+ \(copies: [0-9]+, kernel [^ ]+\)\.'
}

# Of all its threads and of the process that reads files for it.
has_no_rights() {
	local pid
	pid=$(shown MainPID)
	# CapBnd is what no_new_privs makes of no use
	machine sh -c "cat /proc/$pid/task/*/status" >"$work/status"
	sed -n '/^Uid/p; /^Cap[EIPA]/p; /^NoNewPrivs/p; /^Seccomp:/p' "$work/status" | sort -u >"$work/rights"
	awk '$1 == "Uid:" && $2 < 61184 { print "user " $2 " is not a dynamic one"; bad = 1 }
		/^Cap/ && $2 !~ /^0+$/ || $1 == "NoNewPrivs:" && $2 != 1 || $1 == "Seccomp:" && $2 != 2 {
			print; bad = 1 }
		END { exit bad || NR < 7 }' "$work/rights"
}

# In namespaces of its own there are no calls in flight to be seen, and nothing else may be amiss.
warns_of_nothing_else() {
	equal "$(log | sed -n 's/.* level=\(warn\|error\) msg="\([^"]*\)".*/\2/p')" \
		"calls in flight are not shown"
}

serves() {
	fetch /metrics >"$work/page"
	grep -qx 'ior_up 1' "$work/page" && grep '^ior_attach_info{.*exact="true"' "$work/page"
}

counts_exactly() {
	start '' 'IOR_FILTER_COMM=ior-dd\nIOR_MAX_AGE=0ms\n' && serves || return 1
	machine cp /bin/dd /srv/ior-dd
	machine /srv/ior-dd if=/dev/zero of=/dev/null bs=10 count=777 status=none
	equal "$(fetch /metrics | grep '^ior_syscall_written_bytes_total{comm="ior-dd"')" \
		'ior_syscall_written_bytes_total{comm="ior-dd",family="FS",syscall="write"} 7770'
}

tells_units_apart() {
	start '' 'IOR_BY=container\n'
	machine systemd-run -q --unit=ior-load /srv/ior-dd if=/dev/zero of=/dev/null bs=10 status=none
	within eval 'fetch /metrics | grep -q "written_bytes_total{container_id=\"ior-load.service\""' &&
		machine systemctl stop ior-load.service
}

is_limited() {
	equal "$(shown MemoryMax) $(shown TasksMax) $(shown WatchdogUSec)" "201326592 1100 30s"
}

# What --check says of memory, as on a machine with 512 CPUs, under this limit.
check_memory() { # LIMIT
	echo 0-511 >"$(machine_root)/tmp/cpus"
	machine systemd-run -q --wait --pipe -p MemoryMax="$1" \
		-p BindReadOnlyPaths=/tmp/cpus:/sys/devices/system/cpu/possible \
		-p BindReadOnlyPaths=/tmp/cpus:/sys/devices/system/cpu/online \
		/usr/bin/ior_exporter --check --by=comm,container | grep memory
}

memory_is_enough() {
	equal "$(check_memory "$(shown MemoryMax)")" "ok       memory" &&
		check_memory 80M | grep '^missing  memory: start tracing: the memory limit is 80 MiB'
}

limits_memory() {
	[ -d "$(machine_root)/sys/fs/cgroup/memory" ] ||
		grep -qw memory "$(machine_root)/sys/fs/cgroup/cgroup.controllers"
}

check_memory_limits() {
	if ! limits_memory; then
		echo "skipped limits of memory: no controller of memory in this machine's cgroups"
		return
	fi
	check "the memory limit is enough for 512 CPUs" memory_is_enough
	check "with too little memory it names what it needs" says \
		'start tracing: the memory limit is 20 MiB' 'MemoryMax=20M\n'
}

takes_variables() {
	start '' 'IOR_WEB_TELEMETRY_PATH=/other\n# IOR_WEB_TELEMETRY_PATH=/third\n'
	fetch /other | grep -qx 'ior_up 1'
}

# Every variable of the file that is shipped, as it would be without its comment sign.
shipped_variables_are_flags() {
	local set
	mapfile -t set < <(sed -n 's/^#\(IOR_[A-Z_]*=.*\)/\1/p' deploy/packages/default)
	set=("${set[@]/#IOR_CONFIG_FILE=*/IOR_CONFIG_FILE=$work/flags}")
	: >"$work/flags"
	[ "${#set[@]}" -gt 5 ] || return 1
	env "${set[@]}" IOR_LOG_LEVEL=debug "$build/ior_exporter" --list >/dev/null 2>"$work/said" &&
		equal "$(cat "$work/said")" ""
}

reloaded() { # how the last reload went, and when one last succeeded
	fetch /metrics | sed -n 's/^ior_config_last_reload_//p'
}

# shellcheck disable=SC2016,SC2034 # for eval
reloads() {
	local file before
	file=$(machine_root)/etc/ior_exporter.flags
	echo comm.top=8 >"$file"
	start '' 'IOR_CONFIG_FILE=/etc/ior_exporter.flags\n'
	before=$(reloaded)
	echo comm.top=9 >"$file"
	machine systemctl reload "$unit"
	within eval 'reloaded | grep -x "successful 1" && fails equal "$(reloaded)" "$before"' || return 1
	echo comm.top=many >"$file"
	machine systemctl reload "$unit"
	within eval 'reloaded | grep -x "successful 0"' && equal "$(shown NRestarts)" 0
}

runs_again() {
	equal "$(shown NRestarts)" 1 && is_ready
}

watchdog_is_named() {
	machine journalctl -q --no-pager -o cat -u "$unit" | grep "$unit: Watchdog timeout (limit 1s)"
}

watchdog_restarts_it() {
	start 'WatchdogSec=1s\nRestartSec=100ms\n'
	machine systemctl kill -s STOP "$unit"
	within runs_again && within watchdog_is_named
}

# A certificate and its key, which a group may read.
renew() {
	local etc
	etc=$(machine_root)/etc/ior_exporter
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost -keyout "$etc/key" -out "$etc/cert" 2>/dev/null
	machine chgrp ior-tls /etc/ior_exporter/key
	machine chmod 0640 /etc/ior_exporter/key
}

up_by_tls() {
	machine curl -s --cacert /etc/ior_exporter/cert https://localhost:9435/metrics | grep -x 'ior_up 1'
}

speaks_tls() {
	machine groupadd -f ior-tls
	mkdir -p "$(machine_root)/etc/ior_exporter"
	printf 'tls_server_config:\n  cert_file: cert\n  key_file: key\n' \
		>"$(machine_root)/etc/ior_exporter/web.yml"
	renew
	start 'SupplementaryGroups=ior-tls\n' 'IOR_WEB_CONFIG_FILE=/etc/ior_exporter/web.yml\n'
	up_by_tls && renew && within up_by_tls
}

starts_at_the_first_scrape() {
	configure '' 'IOR_WEB_SYSTEMD_SOCKET=true\n'
	machine systemctl start ior_exporter.socket
	equal "$(shown ActiveState)" inactive && fetch /metrics | grep -qx 'ior_up [01]' && within is_ready ||
		return 1
	# the port stays open without it
	machine systemctl kill -s KILL "$unit"
	fetch /-/healthy
}

# What docs/systemd.md gives for it: tracefs is for root, as is what is below it.
takes_a_right_more() {
	local right='AmbientCapabilities=CAP_DAC_READ_SEARCH\nCapabilityBoundingSet=CAP_DAC_READ_SEARCH\n'
	machine mountpoint -q /sys/kernel/tracing || machine mount -t tracefs tracefs /sys/kernel/tracing
	start "$right" 'IOR_ATTACH=tracepoint\n'
	shown StatusText | grep '^Tracing by tracepoint ' && has_no_rights
}

# What docs/security.md gives for who may scrape.
serves_a_unix_socket() {
	local folder
	folder=$(machine_root)/etc/systemd/system/ior_exporter.socket.d
	mkdir "$folder"
	printf '[Socket]\nListenStream=\nListenStream=/run/ior_exporter.sock\nSocketMode=0660\n' \
		>"$folder/test.conf"
	configure '' 'IOR_WEB_SYSTEMD_SOCKET=true\n'
	machine systemctl start ior_exporter.socket
	machine systemctl start "$unit"
	machine curl -sf --unix-socket /run/ior_exporter.sock http://localhost/metrics | grep -x 'ior_up 1'
	local status=$?
	rm -r "$folder"
	return $status
}

keeps_addresses_out() {
	start 'IPAddressDeny=any\nIPAddressAllow=127.0.0.1\n' 'IOR_WEB_LISTEN_ADDRESS=:9435\n'
	machine curl -sf -m 10 http://127.0.0.1:9435/-/healthy &&
		fails machine curl -s -m 1 --interface 127.0.0.2 http://127.0.0.1:9435/-/healthy &&
		fails machine curl -s -m 1 'http://[::1]:9435/-/healthy'
}

# ---- what fails, and what it says

# Of the log, where a line comes by the journal, maybe after what it is about.
logged() { # LINE
	log | grep -F -e "$1"
}

# The start fails with this line in the log.
says() { # LINE LINES [VARIABLES]
	start "$2" "${3:-}" 2>/dev/null && { echo "it started"; return 1; }
	within logged "$1" || { log; return 1; }
}

ends_for_good() {
	says "IOR_COMM_TOP: 'many' is not a number from 0" 'RestartSec=1ms\n' 'IOR_COMM_TOP=many\n' || return 1
	equal "$(shown ActiveState) $(shown ExecMainStatus) $(shown NRestarts)" "failed 2 0"
}

says_port_taken() {
	configure '' ''
	machine systemctl start ior_exporter.socket
	machine systemctl start "$unit" 2>/dev/null && { echo "it started"; return 1; }
	within logged 'listen on 127.0.0.1:9435: Address already in use (does another exporter run?'
}

run_it() {
	make --no-print-directory install DESTDIR="$(machine_root)" PREFIX=/usr >/dev/null
	check "it starts, and tells that it is ready" eval 'start && is_ready'
	check "it runs as a dynamic user, without capabilities, under seccomp" has_no_rights
	check "no right that it asked for was refused" warns_of_nothing_else
	check "it serves exact counts" counts_exactly
	check "limits of memory, tasks and the watchdog hold" is_limited
	check_memory_limits
	check "units are told apart as containers" tells_units_apart
	check "variables of /etc/default/ior_exporter are its flags" takes_variables
	check "what the shipped file names are flags" shipped_variables_are_flags
	check "a reload reads its file anew, and refuses a wrong one" reloads
	check "the watchdog starts it again when it hangs" watchdog_restarts_it
	check "it speaks TLS with a key that a group may read, and takes a new one" speaks_tls
	check "with the socket it starts at the first scrape, and the port stays open" \
		starts_at_the_first_scrape
	check "with a right more it traces by tracefs, and gives that up, too" takes_a_right_more
	check "it serves a Unix socket of systemd's" serves_a_unix_socket
	check "systemd keeps addresses out" keeps_addresses_out
	check "without CAP_PERFMON it names it" says 'missing: CAP_PERFMON;' \
		'AmbientCapabilities=\nAmbientCapabilities=CAP_BPF\n'
	check "without CAP_BPF it names it" says 'missing: CAP_BPF;' \
		'AmbientCapabilities=\nAmbientCapabilities=CAP_PERFMON\n'
	check "a wrong flag is not tried again" ends_for_good
	check "a port that is taken is named" says_port_taken
}

judge
check "with the unit's capabilities alone, calls in flight are shown" shows_calls_in_flight
if machine_start build/deploy/base.tar "$build/ior_exporter"; then
	run_it
else
	no_machine "the unit run by systemd"
fi
[ "$check_failed" -eq 0 ]
