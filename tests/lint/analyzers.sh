#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every analyzer over every source; fails if one has a finding.
# usage: CPPFLAGS=... C_FILES=... tests/lint/analyzers.sh
set -u

read -r -a flags <<<"$CPPFLAGS"
read -r -a files <<<"$C_FILES"
sources=() # ours for user space: clang-tidy and -fanalyzer do not know BPF
for file in "${files[@]}"; do
	case $file in
	exporter/*.c | tools/*.c) sources+=("$file") ;;
	esac
done
status=0

step() { # NAME COMMAND...
	local name=$1
	shift
	printf '  %-14s' "$name"
	if out=$("$@" 2>&1); then
		echo ok
	else
		echo FINDINGS
		printf '%s\n' "$out" | grep -v 'warnings generated' | head -n 60
		status=1
	fi
}

# gcc 12 loses the owner of what strings_add() stores through a pointer into a struct by offset.
# shellcheck disable=SC2317 # called through step
analyze() {
	local bad=0
	for file in "${sources[@]}"; do
		local known=()
		[ "$file" = exporter/config.c ] && known=(-Wno-analyzer-malloc-leak)
		gcc -std=gnu11 -O2 -fanalyzer -Werror "${known[@]}" "${flags[@]}" -c "$file" \
			-o /dev/null || bad=1
	done
	return $bad
}

# shellcheck disable=SC2317 # called through step
shells() {
	git ls-files -z '*.sh' .ci/run | xargs -0 shellcheck
}

step clang-format clang-format --dry-run -Werror "${files[@]}"
step clang-tidy clang-tidy --quiet "${sources[@]}" -- -std=gnu11 "${flags[@]}"
step cppcheck cppcheck -q --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
	--inline-suppr -D__x86_64__ -j 2 "${flags[@]}" "${sources[@]}"
step fanalyzer analyze
step shellcheck shells
exit $status
