#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints a template; in place of a line @NAME@ is what TABLES NAME prints, and @VERSION@ anywhere is
# the version.
#
# usage: tools/fill.sh TABLES VERSION <TEMPLATE
set -eu

tables=$1 version=$2
while IFS= read -r line; do
	if [[ $line =~ ^@([a-z]+)@$ ]]; then
		"$tables" "${BASH_REMATCH[1]}"
	else
		printf '%s\n' "${line//@VERSION@/$version}"
	fi
done
