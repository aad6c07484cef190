#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every analyzer over every source; fails if one has a finding.
# usage: CPPFLAGS=... C_FILES=... tests/lint/analyzers.sh
set -u

# generated headers are not ours to judge
read -r -a flags <<<"${CPPFLAGS/-Ibuild\/gen/-isystem build/gen}"
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

# gcc 12 loses the owner of memory that is stored through a pointer into a struct: strings_add(),
# read_pem(), and what source_bpf_open() hands out by the address of a first member; and does not
# know that tsearch() keeps what it is given.
# shellcheck disable=SC2317 # called through step
analyze() {
	local bad=0
	for file in "${sources[@]}"; do
		local known=()
		case $file in
		exporter/config.c | exporter/source_bpf.c | exporter/source_file_names.c | exporter/web_config.c)
			known=(-Wno-analyzer-malloc-leak)
			;;
		esac
		gcc -std=gnu11 -O2 -fanalyzer -Werror "${known[@]}" "${flags[@]}" -c "$file" \
			-o /dev/null || bad=1
	done
	return "$bad"
}

# shellcheck disable=SC2317 # called through step
shells() {
	git ls-files -z '*.sh' .ci/run 'deploy/packages/deb.p*' deploy/packages/completion.bash.in | xargs -0 shellcheck
}

step clang-format clang-format --dry-run -Werror "${files[@]}"
# shellcheck disable=SC2317 # called through step
# The skeleton that bpftool makes gives up memory too late for the analyzer's taste
tidy() {
	local others=()
	for file in "${sources[@]}"; do
		[ "$file" = exporter/source_bpf.c ] || others+=("$file")
	done
	clang-tidy --quiet "${others[@]}" -- -std=gnu11 "${flags[@]}" &&
		clang-tidy --quiet --checks=-clang-analyzer-unix.Malloc exporter/source_bpf.c -- \
			-std=gnu11 "${flags[@]}"
}

step clang-tidy tidy
step cppcheck cppcheck -q --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
	--inline-suppr -D__x86_64__ '-DLIBBPF_OPTS(TYPE,NAME,...)=struct TYPE NAME' -j 2 "${flags[@]}" "${sources[@]}"
step fanalyzer analyze
step shellcheck shells
exit $status
