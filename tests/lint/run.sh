#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What can be wrong with the sources themselves. Quick; the analyzers are `make lint`.
set -u

BUILD=${BUILD:-build}
passed=0 failed=0

check() { # NAME COMMAND...
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED %s\n%s\n' "$name" "$out"
	fi
}

header_compiles_alone() {
	${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Iexporter -Ibpf -Ibuild/gen \
		-fsyntax-only -x c "$1"
}

no_long_file() {
	local long
	long=$(git ls-files '*.c' '*.h' '*.sh' '*.py' 2>/dev/null | xargs -r wc -l |
		awk '$2 != "total" && $1 > 350 { print $2 ": " $1 " lines" }')
	[ -z "$long" ] || { echo "$long"; return 1; }
}

every_file_has_a_licence() {
	local none
	none=$(git ls-files '*.c' '*.h' '*.sh' '*.py' '*.awk' Makefile 2>/dev/null |
		xargs -r grep -L 'SPDX-License-Identifier:')
	[ -z "$none" ] || { echo "$none"; return 1; }
}

table_is_complete() { # 371 calls, no name or number twice
	awk -F '\t' '/^#/ || $1 == "name" { next }
		{ n++ }
		NF != 10 { print "line " FNR ": " NF " fields"; bad = 1 }
		seen[$1]++ { print $1 " twice"; bad = 1 }
		nr[$6]++ { print $1 ": number " $6 " twice"; bad = 1 }
		END { if (n != 371) { print n " calls"; bad = 1 } exit bad }' bpf/syscalls.tsv
}

# An atomic without a result orders nothing there; clang drops one that nobody uses.
order_on_arm64_has_a_result() {
	local text
	text=$(make --no-print-directory -s "$BUILD/gen/ior.arm64.s" && cat "$BUILD/gen/ior.arm64.s") || return 1
	grep -Eq '^\s*r[0-9] = atomic_fetch_or\(' <<<"$text" && ! grep -E '^\s*lock .* [|&^]= ' <<<"$text"
}

for header in exporter/*.h bpf/ior.h; do
	check "$header compiles alone" header_compiles_alone "$header"
done
check "files are short" no_long_file
check "every file names its licence" every_file_has_a_licence
check "the table of system calls is complete" table_is_complete
check "what orders memory on arm64 has a result" order_on_arm64_has_a_result
check "tools/deps.sh and tools/bpftool.sh know Ubuntu" tests/lint/ubuntu.sh
check "README.md has the program's tables" tools/docs.sh "$BUILD/tools/tables" README.md -n

echo "lint: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
