/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "config.h"
#include "syscalls.h"
#include "tables.h"

/* A minus is one, and no hyphen; a line that begins with a dot or a quote is no request. */
static void print_roff(FILE *out, const char *text, size_t n)
{
	if (n && (*text == '.' || *text == '\''))
		fprintf(out, "\\&");
	for (size_t i = 0; i < n; i++)
		if (text[i] == '\\')
			fprintf(out, "\\e");
		else if (text[i] == '-')
			fprintf(out, "\\-");
		else
			fputc(text[i], out);
}

/* "--series.max=N": the name bold, the value's name in italics. */
static void print_flag(FILE *out, const struct flag *flag)
{
	char spelling[64], text[640];
	size_t name;

	config_flag_spell(flag, spelling, sizeof(spelling));
	config_flag_text(flag, text, sizeof(text));
	name = flag->metavar ? strcspn(spelling, "=") : strlen(spelling);
	if (flag->implied)
		name--; /* the bracket */
	fprintf(out, ".TP\n\\fB");
	print_roff(out, spelling, name);
	fprintf(out, "\\fR");
	if (flag->metavar)
		fprintf(out, "%s=\\fI%s\\fR%s", flag->implied ? "[" : "", flag->metavar,
			flag->implied ? "]" : "");
	fputc('\n', out);
	print_roff(out, text, strlen(text));
	fputc('\n', out);
}

static void print_groups(FILE *out, const char *title, enum syscall_group by)
{
	const char *names[SYSCALLS_GROUPS];
	size_t n = syscall_groups(by, names);

	fprintf(out, ".SS %s\n", title);
	for (size_t i = 0; i < n; i++) {
		print_roff(out, names[i], strlen(names[i]));
		fprintf(out, "%s\n", i + 1 < n ? "," : ".");
	}
}

void man_flags(FILE *out)
{
	for (size_t i = 0; i < config_flags_n; i++) {
		if (config_flags[i].group)
			fprintf(out, ".SS %s\n", config_flags[i].group);
		print_flag(out, &config_flags[i]);
	}
	print_groups(out, "Families", GROUP_FAMILY);
	print_groups(out, "Kinds", GROUP_KIND);
}
