# SPDX-License-Identifier: Apache-2.0
# Turns syscalls.tsv into the C initialisers of exporter/syscalls.c, for one architecture
# (-v arch=x86_64 or arm64). Rows come out in the order of the page: by family, then by name.
BEGIN {
	FS = "\t"
	bytes["none"] = "BYTES_NONE"
	bytes["read"] = "BYTES_READ"
	bytes["write"] = "BYTES_WRITTEN"
	bytes["transfer"] = "BYTES_TRANSFERRED"
	sort = "LC_ALL=C sort"
}
function has(flags, flag) {
	return index("," flags ",", "," flag ",") ? "true" : "false"
}
function row(name, tracepoint, family, kind, class, nr, flags, compat) {
	if (!(class in bytes)) {
		printf "syscalls.tsv: %s: unknown byte class '%s'\n", name, class > "/dev/stderr"
		exit failed = 1
	}
	# family and name lead the line, so that sorting lines sorts rows
	printf "/* %s %s */ { .name = \"%s\", .tracepoint = \"%s\", .family = \"%s\", .kind = \"%s\"," \
	       " .bytes = %s, .nr = %s, .noreturn = %s, .wait = %s, .compat = { %s } },\n",
	       family, name, name, tracepoint, family, kind, bytes[class], nr,
	       has(flags, "noreturn"), has(flags, "wait"),
	       compat == "-" ? -1 : compat ",-1" | sort
}
/^#/ || $1 == "name" { next }
{
	nr = arch == "arm64" ? $7 : $6
	row($1, $2, $3, $4, $5, nr == "-" ? -1 : nr, $10, arch == "arm64" ? $9 : $8)
}
END {
	if (failed)
		exit 1
	row("unknown", "unknown", "Misc", "null", "none", "IOR_NR_UNKNOWN", "-", "-")
	row("compat", "compat", "Misc", "null", "none", "IOR_NR_COMPAT", "-", "-")
}
