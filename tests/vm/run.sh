#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Boots the cases of cases.tsv, each as soon as its kernel is fetched and one more at a time than this
# machine has CPUs, since tests spend some of their time waiting; prints the table. The last line is:
# kernels: N passed, N failed, N skipped.
# In CI fewer than 8 kernels are a failure of their own, unless cases are picked.
#
# usage: tests/vm/run.sh DIR       DIR: kernels/, kernels.list and initrd-MACHINE, as vm.mk makes them
#        CASES=REGEX picks cases by "NAME MACHINE", without it those of capabilities are left out;
#        JOBS=N machines run at a time
set -u

MIN_IN_CI=8
FETCH_SECONDS=300 # for a kernel to come, before it is named as not run

here=${0%/*}
dir=$1
jobs=${JOBS:-$(($(nproc) + 1))}
results=$dir/results${CASES:+-picked}
rm -rf "$results"
mkdir -p "$results"

cases() { # numbered lines: N NAME MACHINE VERSION FLAVOUR CPUS WORDS
	awk -F '\t' -v only="${CASES:-}" '!/^#/ && NF == 6 && \
		(only == "" ? $6 !~ /VM_CAPABILITIES/ : ($1 " " $2) ~ only) {
			print ++n "\t" $0 }' "$here/cases.tsv"
}

package_of() { # MACHINE VERSION FLAVOUR: waits for its line of kernels.list
	local package='' until=$((SECONDS + FETCH_SECONDS))
	while [ -z "$package" ] && [ "$SECONDS" -lt "$until" ]; do
		package=$(awk -F '\t' -v key="$1 $2 $3" '
			$1 " " $2 " " $3 == key { print $4 (NF > 4 ? "\t" $5 : "") }' "$dir/kernels.list")
		[ -n "$package" ] || sleep 0.2
	done
	echo "${package:-$'-\tnot fetched in '"$FETCH_SECONDS s"}"
}

# Those with the suite first, the slowest of them at the bottom: short ones fill what is left.
in_order() {
	cases | tac | grep VM_SUITE
	cases | tac | grep -v VM_SUITE
}

# One case: its row in $results/N.
run() { # N NAME MACHINE VERSION FLAVOUR CPUS WORDS
	local n=$1 name=$2 machine=$3 version=$4 flavour=$5 cpus=$6 words package verdict
	read -r -a words <<<"$7"
	package=$(package_of "$machine" "$version" "$flavour")
	if [[ $package = -* ]]; then
		verdict=$(printf -- '-\t-\t-\t-\t-\t-\tnot run: %s' "${package#*$'\t'}")
		package=-
	else
		"$here/boot.sh" "$results/$n.log" "$machine" "$dir/kernels/$package" \
			"$dir/initrd-$machine" "$cpus" "${words[@]}"
		verdict=$(awk -v words="$7" -f "$here/judge.awk" "$results/$n.log")
	fi
	package=${package#linux-*-}
	printf '%s\t%s\t%s\t%s\n' "$name" "$machine" "${package%-*-*}" "$verdict" >"$results/$n"
	printf '  VM       %-24s %-8s %s\n' "$name" "$machine" "${verdict##*$'\t'}"
}

while IFS=$'\t' read -r -a fields; do
	while [ "$(jobs -pr | wc -l)" -ge "$jobs" ]; do
		wait -n
	done
	run "${fields[@]}" &
done < <(in_order)
wait

total=$(cases | wc -l)
{
	printf 'case\tmachine\tkernel\trung\tmade\tcounted\tlost\ttests\tseconds\tresult\n'
	for ((n = 1; n <= total; n++)); do
		cat "$results/$n"
	done
} >"$results/table"

echo
awk -F '\t' '
	{ for (i = 1; i < NF; i++) if (length($i) > width[i]) width[i] = length($i)
	  for (i = 1; i <= NF; i++) cell[NR, i] = $i }
	END { for (r = 1; r <= NR; r++) {
		line = ""
		for (i = 1; i < NF; i++)
			line = line sprintf(i >= 5 && i <= 9 ? "%*s  " : "%-*s  ", \
				width[i], cell[r, i])
		print line cell[r, NF]
	} }' "$results/table"

# What other numbers of copies than the exporter attaches count.
for ((n = 1; n <= total; n++)); do
	if grep -aq '^vm: copies' "$results/$n.log" 2>/dev/null; then
		printf '\n%s, other numbers of copies than 4:\n' "$(cut -f 1,2 "$results/$n" | tr '\t' ' ')"
		sed -n 's/^vm: copies/  copies/p' "$results/$n.log"
	fi
done

# What works with which capabilities.
for ((n = 1; n <= total; n++)); do
	if grep -aq '^vm: capabilities' "$results/$n.log" 2>/dev/null; then
		printf '\n%s, capabilities:\n' "$(cut -f 1,2 "$results/$n" | tr '\t' ' ')"
		sed -n '/^kernel.perf_event/,/^vm: capabilities/{/^vm:/!s/^/  /p}' "$results/$n.log"
	fi
done

# What failed, in Check's words; the consoles are kept.
for ((n = 1; n <= total; n++)); do
	if grep -q $'\tFAILED' "$results/$n"; then
		printf '\n%s, console in %s:\n' "$(cut -f 1-2 "$results/$n" | tr '\t' ' ')" "$results/$n.log"
		grep -E ':[FE]:|^kernel: .*:|^FAILED|panic|Oops' "$results/$n.log" | head -n 12
	fi
done

passed=$(grep -c $'\tpassed$' "$results/table")
failed=$(grep -c $'\tFAILED' "$results/table")
skipped=$(grep -c $'\tnot run' "$results/table")
few=false
kernels=$(grep -E $'\t(passed|FAILED.*)$' "$results/table" | cut -f 2,3 | sort -u | wc -l)
if [ -n "${CI:-}" ] && [ -z "${CASES:-}" ] && [ "$kernels" -lt "$MIN_IN_CI" ]; then
	few=true
	echo "run.sh: only $kernels kernels were run, at least $MIN_IN_CI are wanted"
fi
echo
echo "kernels: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ] && ! $few
