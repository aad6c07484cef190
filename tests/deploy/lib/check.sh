# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What a stage says of its checks, in the words of tests/deploy/run.sh; to be sourced. A check is a
# command; what it printed is shown when it fails, indented, for it may begin with such a word. The
# name of the stage stands before each if it is in $stage.

check_failed=0

check() { # TEXT COMMAND...
	local text=${stage:+$stage: }$1 out
	shift
	if out=$("$@" 2>&1); then
		echo "passed $text"
	else
		check_failed=$((check_failed + 1))
		echo "failed $text"
		tail -n 30 <<<"$out" | sed 's/^/    /'
	fi
}

equal() { # GOT EXPECTED
	[ "$1" = "$2" ] && return
	diff <(echo "$2") <(echo "$1") || true
	return 1
}

# Runs a command until it succeeds, for half a minute at most; it is shown what it said last.
within() { # COMMAND...
	local out
	for _ in {1..300}; do
		out=$("$@" 2>&1) && return
		sleep 0.1 # only paces the asking
	done
	echo "$out"
	return 1
}

fails() { # COMMAND...
	! "$@"
}
