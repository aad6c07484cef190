/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "config.h"
#include "syscalls.h"
#include "tables.h"

/* Prints the names with a space before each. */
static void print_groups(FILE *out, enum syscall_group by)
{
	const char *names[SYSCALLS_GROUPS];
	size_t n = syscall_groups(by, names);

	for (size_t i = 0; i < n; i++)
		fprintf(out, " %s", names[i]);
}

static void print_calls(FILE *out)
{
	for (size_t i = 0; i < SYSCALLS; i++)
		if (syscalls[i].nr >= 0)
			fprintf(out, " %s", syscalls[i].name);
}

static void print_flag_list(FILE *out)
{
	fprintf(out, "_ior_exporter_flags='");
	for (size_t i = 0; i < config_flags_n; i++) {
		const struct flag *flag = &config_flags[i];

		fprintf(out, "%s--%s%s", i ? "\n" : "", flag->name,
			flag->metavar && !flag->implied ? "=" : "");
		if (flag->implied)
			fprintf(out, "\n--%s=", flag->name);
		if (!flag->metavar && flag->def)
			fprintf(out, "\n--no-%s", flag->name);
	}
	fprintf(out, "'\n");
}

/* What the value of each flag is taken from, beside choices: a word for the template, and a list.
 */
static const struct {
	const char *metavar, *name; /* NULL: any */
	const char *from;
} sources[] = {
	{ "FILE", NULL, "FILE" },
	{ "DIR", NULL, "DIR" },
	{ "PATH", "filter.cgroup", "DIR" },
	{ "LIST", "trace-families", "LIST$_ior_exporter_families" },
	{ "LIST", "no-trace-families", "LIST$_ior_exporter_families" },
	{ "LIST", "trace-kinds", "LIST$_ior_exporter_kinds" },
	{ "LIST", "no-trace-kinds", "LIST$_ior_exporter_kinds" },
	{ "LIST", "trace-syscalls", "LIST$_ior_exporter_syscalls" },
	{ "LIST", "no-trace-syscalls", "LIST$_ior_exporter_syscalls" },
	{ "LABELS", "by", "LIST comm container none" },
};

static void print_values(FILE *out, const struct flag *flag)
{
	for (size_t i = 0; flag->metavar && i < sizeof(sources) / sizeof(sources[0]); i++)
		if (!strcmp(flag->metavar, sources[i].metavar) &&
		    (!sources[i].name || !strcmp(flag->name, sources[i].name)))
			fprintf(out, "\t%s) echo \"%s\" ;;\n", flag->name, sources[i].from);
	if (!flag->choices)
		return;
	fprintf(out, "\t%s) echo '", flag->name);
	for (const char *at = flag->choices; *at; at++)
		fputc(*at == ',' ? ' ' : *at, out);
	fprintf(out, "' ;;\n");
}

void completion_flags(FILE *out)
{
	print_flag_list(out);
	fprintf(out, "_ior_exporter_families='");
	print_groups(out, GROUP_FAMILY);
	fprintf(out, "'\n_ior_exporter_kinds='");
	print_groups(out, GROUP_KIND);
	fprintf(out, "'\n_ior_exporter_syscalls='");
	print_calls(out);
	fprintf(out, "'\n\n_ior_exporter_values() { # FLAG\n\tcase $1 in\n");
	for (size_t i = 0; i < config_flags_n; i++)
		print_values(out, &config_flags[i]);
	fprintf(out, "\tesac\n}\n");
}
