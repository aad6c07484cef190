#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the suites and adds up what they say. Each suite's last line is
#   NAME: N passed, N failed, N skipped
# and a suite that ends without it, or with another exit status than its line means, has failed.
#
# usage: BUILD=build tests/run.sh [SUITE...]
set -u

BUILD=${BUILD:-build}
export BUILD

declare -A suites=(
	[unit]="$BUILD/tests/unit/unit"
	[kernel]="$BUILD/tests/kernel/kernel"
	# the same on each other way to attach
	[copies]="env IOR_TEST_SUITE=copies IOR_TEST_COPIES=4 $BUILD/tests/kernel/kernel"
	[tracepoint]="tests/kernel/tracepoint.sh $BUILD/tests/kernel/kernel"
	[raw_tp]="env IOR_TEST_SUITE=raw_tp IOR_TEST_ATTACH=raw_tp $BUILD/tests/kernel/kernel"
	[e2e]="/usr/bin/python3 tests/e2e/run.py"
	[lint]="tests/lint/run.sh"
)
order=(lint unit kernel copies tracepoint raw_tp e2e)
[ $# -gt 0 ] && order=("$@")

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

for name in "${order[@]}"; do
	if [ -z "${suites[$name]:-}" ]; then
		echo "run.sh: no suite '$name' (${!suites[*]})" >&2
		exit 2
	fi
	echo "== $name"
	${suites[$name]} </dev/null 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	if [[ $(tail -n 1 "$log") =~ ^$name:\ ([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
		skipped=$((skipped + BASH_REMATCH[3]))
		[ "$status" -eq 0 ] && [ "${BASH_REMATCH[2]}" -gt 0 ] && failed=$((failed + 1))
		[ "$status" -ne 0 ] && [ "${BASH_REMATCH[2]}" -eq 0 ] && failed=$((failed + 1)) &&
			echo "$name: exit status $status"
	else
		echo "$name: ended without its totals (exit status $status)"
		failed=$((failed + 1))
	fi
done

echo
echo "$passed passed, $failed failed, $skipped skipped"
if [ -n "${MAX_SKIPPED:-}" ] && [ "$skipped" -gt "$MAX_SKIPPED" ]; then
	echo "run.sh: more than $MAX_SKIPPED skipped" >&2
	exit 1
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
