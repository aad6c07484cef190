#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Writes the generated tables into a document, between <!-- begin NAME --> and <!-- end NAME -->.
#
# usage: tools/docs.sh TABLES FILE [-n]     -n: only compare; fails if the document is old
set -eu

tables=$1 file=$2 dry=${3:-}

new=$(mktemp)
trap 'rm -f "$new"' EXIT
while IFS= read -r line; do
	case ${skip:-} in
	'') printf '%s\n' "$line" ;;
	*) [ "$line" = "<!-- end $skip -->" ] || continue && printf '%s\n' "$line" && skip= ;;
	esac
	if [[ $line =~ ^\<!--\ begin\ ([a-z]+)\ --\>$ ]]; then
		skip=${BASH_REMATCH[1]}
		"$tables" "$skip"
	fi
done <"$file" >"$new"

if [ "$dry" = -n ]; then
	diff -u "$file" "$new"
elif ! cmp -s "$file" "$new"; then
	cp "$new" "$file"
fi
