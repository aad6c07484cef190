#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The demo without containers: the exporter, a Prometheus with the shipped configuration and rules,
# and a sample workload (tools/demo_load.py). Ends at Ctrl-C. Installs nothing (Prometheus is
# unpacked under build/), starts no service, leaves nothing behind. `make demo` builds the exporter
# before.
#
# usage: tools/demo.sh [FLAG-OF-THE-EXPORTER]...
# variables: BUILD, EXPORTER_PORT (9435), PROMETHEUS_PORT (9090)
set -eu
cd "$(dirname "$0")/.."

build=${BUILD:-build}
exporter_port=${EXPORTER_PORT:-9435}
prometheus_port=${PROMETHEUS_PORT:-9090}
pids=()
pages=()
folder=$(mktemp -d)

# shellcheck disable=SC2317 # the traps call it
stop() { # STATUS
	trap '' INT TERM HUP
	trap - EXIT
	for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
		kill "${pids[i]}" 2>/dev/null || :
		wait "${pids[i]}" || :
	done
	rm -rf "$folder"
	exit "$1"
}
trap 'stop $?' EXIT
trap 'echo; stop 0' INT TERM HUP

start() { # NAME READY COMMAND...: waits until its log has a line with READY
	local name=$1 ready=$2 log=$folder/$1.log
	shift 2
	: >"$log"
	"$@" >>"$log" 2>&1 &
	pids+=($!)
	until grep -q "$ready" "$log"; do
		if ! kill -0 $! 2>/dev/null; then
			echo "demo: the $name ended:" >&2
			tail -n 5 "$log" >&2
			return 1
		fi
		sleep 0.1
	done
}

# Debian's program has its pages in files; others carry them
find_prometheus() {
	tools/judges.sh
	tools/prometheus-pages.sh
	PATH=$PWD/build/judges/usr/bin:$PATH
	prometheus=$(command -v prometheus)
	if [ "$prometheus" = "$PWD/build/judges/usr/bin/prometheus" ] &&
		[ -d build/judges/usr/share/prometheus/web ]; then
		pages=(--web.local-assets="$PWD/build/judges/usr/share/prometheus/web/")
	fi
}

# the shipped configuration, at another port if that was asked for
configure() {
	sed "s/localhost:9435/localhost:$exporter_port/" deploy/prometheus/prometheus.yml \
		>"$folder/prometheus.yml"
	cp -rL deploy/prometheus/rules "$folder/rules"
}

# http://localhost:9090/graph, .../classic/graph or .../query, by version and distribution
find_graph() {
	graph=$(curl -s -o /dev/null -w '%{redirect_url}' "http://localhost:$prometheus_port/")
}

query() { # TITLE EXPRESSION
	printf '  %-26s %s?g0.tab=0&g0.range_input=15m&g0.expr=%s\n' "$1" "$graph" \
		"$(python3 -c 'import sys, urllib.parse
print(urllib.parse.quote(sys.argv[1]))' "$2")"
}

say_where() {
	cat <<-END

		  exporter                   http://localhost:$exporter_port/
		  its metrics                http://localhost:$exporter_port/metrics
		  Prometheus                 ${graph%/*}/targets
		  recording and alert rules  ${graph%/*}/rules

		Queries (figures after half a minute):

	END
	query 'time in calls by program' \
		'topk(8, sum by (comm) (rate(ior_syscall_duration_seconds_sum{comm=~"demo[- ].*"}[1m]) and on (syscall) ior_syscall_info{wait="false"}))'
	query 'slowest 1 % of each call' \
		'topk(8, histogram_quantile(0.99, sum by (syscall, le) (rate(ior_syscall_duration_seconds_bucket{comm=~"demo[- ].*"}[1m]))))'
	query 'errors by name' \
		'topk(8, sum by (syscall, errno) (rate(ior_syscall_errors_by_errno_total[1m])))'
	query 'bytes written by program' \
		'topk(8, sum by (comm) (rate(ior_syscall_written_bytes_total{comm=~"demo[- ].*"}[1m])))'
	printf '\ndemo: running; Ctrl-C ends it\n'
}

find_prometheus
configure
# the workload first, and many places, so that its programs have series of their own
start workload begun python3 tools/demo_load.py
start exporter msg=tracing "$build/ior_exporter" --collector.gap --comm.top=64 \
	--web.listen-address="localhost:$exporter_port" "$@"
start prometheus 'Server is ready' "$prometheus" --config.file="$folder/prometheus.yml" \
	--storage.tsdb.path="$folder/data" --web.listen-address="127.0.0.1:$prometheus_port" "${pages[@]}"
find_graph
say_where

# whoever ends first ends the demo
wait -n || :
echo "demo: something ended by itself:" >&2
tail -n 3 "$folder"/*.log >&2
exit 1
