#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The software bill of materials of a program, CycloneDX 1.5: each package of the distribution that
# the program is linked with, with its version (dpkg-query), its licence (the table of NOTICE) and the
# hashes of the files that were linked. Of the same files it is the same, byte for byte.
#
# A library that no package owns is one that was built here, out of the distribution's source: beside
# its folder is a file "version".
#
# usage: deploy/image/linked.sh ... | deploy/image/sbom.sh PROGRAM VERSION
set -eu -o pipefail

program=$1 version=$2
notice=${0%/*}/../../NOTICE
# shellcheck disable=SC1091
distro=$(. /etc/os-release && echo "$ID-$VERSION_ID")

die() {
	echo "sbom.sh: $*" >&2
	exit 1
}

# Lists of packages have /lib/... or /usr/lib/..., whichever was true when they were made.
owner() { # FILE: package, version, source package and architecture, or nothing
	local package
	package=$(dpkg-query -S "*${1#/usr}" 2>/dev/null | sed -n '1s/: .*//p')
	[ -n "$package" ] || return 0
	dpkg-query -W -f '${Package}\t${Version}\t${source:Package}\t${Architecture}\n' "$package"
}

licence() { # SOURCE PACKAGE
	awk -F ' *[|] *' -v source="$(sed -E 's/^gcc-[0-9]+(-cross)?$/gcc/' <<<"$1")" '$2 == source { print $3; found = 1 }
		END { exit !found }' "$notice" || die "NOTICE has no licence of $1"
}

# A file a line: its package, version, source, architecture, licence; how it is linked, name, hash.
while IFS=$'\t' read -r kind file; do
	found=$(owner "$file")
	if [ -z "$found" ]; then
		built=$(cat "${file%/*}/../version") || die "$file is nobody's"
		name=${file##*/}
		found=$(printf '%s\t%s\t%s\tsource' "${name%.a}" "$built" "${name%.a}")
	fi
	source=$(cut -f 3 <<<"$found")
	licence=$(licence "$source")
	printf '%s\t%s\t%s\t%s\t%s\n' "$found" "$licence" "$kind" "${file##*/}" \
		"$(sha256sum <"$file" | cut -d' ' -f1)"
done | LC_ALL=C sort | awk -F '\t' -v version="$version" -v distro="$distro" \
	-v hash="$(sha256sum <"$program" | cut -d' ' -f1)" '
function quoted(text) { gsub(/[\\"]/, "\\\\&", text); return "\"" text "\"" }
function purl(name, version, source, arch,    vendor)
{
	vendor = distro
	sub(/-.*/, "", vendor)
	gsub(/\+/, "%2B", name)
	gsub(/\+/, "%2B", version)
	gsub(/\+/, "%2B", source)
	return "pkg:deb/" vendor "/" name "@" version "?arch=" arch "&distro=" distro \
		"&upstream=" source
}
BEGIN {
	print "{\n  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"1.5\",\n  \"version\": 1,"
	print "  \"metadata\": {\n    \"component\": {"
	print "      \"type\": \"application\",\n      \"bom-ref\": \"ior_exporter\","
	print "      \"name\": \"ior_exporter\",\n      \"version\": " quoted(version) ","
	print "      \"hashes\": [{ \"alg\": \"SHA-256\", \"content\": " quoted(hash) " }],"
	print "      \"licenses\": [{ \"expression\": \"Apache-2.0 AND GPL-2.0-or-later\" }]"
	printf "    }\n  },\n  \"components\": ["
}
$1 != package {
	if (package != "")
		printf "\n      ]\n    },"
	package = $1
	ref = purl($1, $2, $3, $4)
	refs[++n] = ref
	printf "\n    {\n      \"type\": \"library\",\n      \"bom-ref\": %s,\n", quoted(ref)
	printf "      \"name\": %s,\n      \"version\": %s,\n", quoted($1), quoted($2)
	printf "      \"licenses\": [{ \"expression\": %s }],\n", quoted($5)
	printf "      \"purl\": %s,\n", quoted(ref)
	printf "      \"properties\": [{ \"name\": \"ior_exporter:linked\", \"value\": %s }],\n", quoted($6)
	printf "      \"components\": ["
	files = 0
}
{
	printf "%s\n        { \"type\": \"file\", \"name\": %s, \"hashes\": ", (files++ ? "," : ""), quoted($7)
	printf "[{ \"alg\": \"SHA-256\", \"content\": %s }] }", quoted($8)
}
END {
	if (!n)
		exit 1
	printf "\n      ]\n    }\n  ],\n  \"dependencies\": [\n    {\n"
	printf "      \"ref\": \"ior_exporter\",\n      \"dependsOn\": ["
	for (i = 1; i <= n; i++)
		printf "%s\n        %s", (i > 1 ? "," : ""), quoted(refs[i])
	print "\n      ]\n    }\n  ]\n}"
}'
