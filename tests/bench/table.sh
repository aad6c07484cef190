#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs benchmark programs and prints their rows as one table. Exit status 1 if a row fails.
#
# usage: tests/bench/table.sh 'PROGRAM [ARGUMENT]...'...
# A program prints lines "requirement<TAB>measured<TAB>limit<TAB>PASS|FAIL|SKIP|INFO", and remarks
# as "# text"; progress goes to standard error.
set -eu

if [ "$(id -u)" != 0 ]; then
	echo "bench: loading BPF programs needs root" >&2
	exit 1
fi

rows=$(mktemp)
trap 'rm -f "$rows"' EXIT

for program in "$@"; do
	# shellcheck disable=SC2086 # a command line
	if ! $program >>"$rows"; then
		printf '%s\tended with an error\t\tFAIL\n' "${program%% *}" >>"$rows"
	fi
done

# shellcheck disable=SC1091
system=$(. /etc/os-release 2>/dev/null && echo "${PRETTY_NAME:-}") || system=
model=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
clang=$("${CLANG:-clang}" --version 2>/dev/null | sed -n '1s/.*version \([0-9.]*\).*/\1/p')
printf '# Machine: Linux %s, %s CPUs%s%s, BPF by clang %s.\n' "$(uname -rm)" "$(nproc)" \
	"${model:+ ($model)}" "${system:+, $system}" "${clang:-?}" >>"$rows"

awk -F '\t' '
/^# / { remark[++remarks] = substr($0, 3); next }
{
	row[++rows] = $0
	for (i = 1; i < 4; i++)
		if (length($i) > width[i])
			width[i] = length($i)
	count[$4]++
}
function line(a, b, c, d) {
	printf "%-*s  %-*s  %-*s  %s\n", width[1], a, width[2], b, width[3], c, d
}
END {
	line("requirement", "measured", "limit", "")
	for (i = 1; i <= rows; i++) {
		split(row[i], field, "\t")
		line(field[1], field[2], field[3], field[4])
	}
	print ""
	for (i = 1; i <= remarks; i++)
		print remark[i]
	printf "%d passed, %d failed, %d skipped.\n", count["PASS"], count["FAIL"], count["SKIP"]
	exit count["FAIL"] > 0
}' "$rows"
