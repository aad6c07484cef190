#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the stages of `make check-deploy`: each tests/deploy/NAME.sh, which prints a line for each
# thing it checked, "passed TEXT", "failed TEXT" or "skipped TEXT: REASON"; all else that it prints
# is a remark. The last line is: deploy: N passed, N failed, N skipped.
#
# usage: [MAX_SKIPPED=N] tests/deploy/run.sh [NAME]...
set -u

here=${0%/*}
all=()
begin=$EPOCHSECONDS
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT

stages() {
	for stage in "$here"/*.sh; do
		stage=${stage##*/}
		[ "$stage" = run.sh ] || echo "${stage%.sh}"
	done
}

# How many lines say one of these words.
said() { # WORDS
	grep -cE "^($1) " "$lines"
}

# A stage that ends with an error although none of its checks failed, or that checked nothing, has
# failed as a whole.
run() { # NAME
	local status=0 failed checked
	echo "--- $1"
	SECONDS=0
	failed=$(said failed) checked=$(said 'passed|failed|skipped')
	"$here/$1.sh" 2>&1 | tee -a "$lines"
	status=${PIPESTATUS[0]}
	if [ "$status" -ne 0 ] && [ "$(said failed)" -eq "$failed" ]; then
		echo "failed $1: ended with exit status $status" | tee -a "$lines"
	elif [ "$(said 'passed|failed|skipped')" -eq "$checked" ]; then
		echo "failed $1: checked nothing" | tee -a "$lines"
	fi
	echo "--- $1: $SECONDS s"
}

[ $# -gt 0 ] || mapfile -t all < <(stages)
for stage in "$@" "${all[@]}"; do
	run "$stage"
done
echo "--- all: $((EPOCHSECONDS - begin)) s"
skipped=$(said skipped)
if [ "$skipped" -gt "${MAX_SKIPPED:-$skipped}" ]; then
	echo "failed deploy: more than $MAX_SKIPPED skipped" | tee -a "$lines"
fi
echo "deploy: $(said passed) passed, $(said failed) failed, $skipped skipped"
[ "$(said failed)" -eq 0 ]
