/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what the documents, the manual and the completion have of the program's own tables:
 * tables flags|metrics|calls|man|completion. */
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "families.h"
#include "sandbox_calls.h"
#include "tables.h"

static const struct {
	const char *name;
	void (*print)(FILE *out);
} tables[] = {
	{ "flags", config_help_markdown },   { "metrics", families_markdown },
	{ "calls", sandbox_calls_markdown }, { "man", man_flags },
	{ "completion", completion_flags },
};

int main(int argc, char *argv[])
{
	for (size_t i = 0; argc == 2 && i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (strcmp(argv[1], tables[i].name) != 0)
			continue;
		tables[i].print(stdout);
		return fflush(stdout) == EOF;
	}
	return 2;
}
