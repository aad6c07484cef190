#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the stages of `make check-deploy`: each tests/deploy/NAME.sh, which prints a line for each
# thing it checked, "passed TEXT", "failed TEXT" or "skipped TEXT: REASON"; all else that it prints
# is a remark. The last line is: deploy: N passed, N failed, N skipped.
#
# usage: tests/deploy/run.sh [NAME]...
set -u

here=${0%/*}
all=()
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT

stages() {
	for stage in "$here"/*.sh; do
		stage=${stage##*/}
		[ "$stage" = run.sh ] || echo "${stage%.sh}"
	done
}

# A stage that ends with an error although none of its checks failed has failed as a whole.
run() { # NAME
	local status=0 before after
	echo "--- $1"
	SECONDS=0
	before=$(grep -c '^failed ' "$lines")
	"$here/$1.sh" 2>&1 | tee -a "$lines"
	status=${PIPESTATUS[0]}
	after=$(grep -c '^failed ' "$lines")
	if [ "$status" -ne 0 ] && [ "$before" -eq "$after" ]; then
		echo "failed $1: ended with exit status $status" | tee -a "$lines"
	fi
	echo "--- $1: $SECONDS s"
}

[ $# -gt 0 ] || mapfile -t all < <(stages)
for stage in "$@" "${all[@]}"; do
	run "$stage"
done
failed=$(grep -c '^failed ' "$lines")
echo "deploy: $(grep -c '^passed ' "$lines") passed, $failed failed, $(grep -c '^skipped ' "$lines") skipped"
[ "$failed" -eq 0 ]
