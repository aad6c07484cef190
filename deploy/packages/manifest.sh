# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Reads deploy/packages/manifest. To be sourced, from the root of the project.

manifest=deploy/packages/manifest

field() { # NAME
	sed -n "s/^$1  *//p" "$manifest"
}

# kind, mode, absolute path and source of each file
files() { # PREFIX BUILD
	awk -v prefix="$1" -v build="$2" '$1 == "file" || $1 == "conf" {
		sub(/@BUILD@/, build, $4)
		print $1, $2, $3 ~ /^\// ? $3 : prefix "/" $3, $4
	}' "$manifest"
}
