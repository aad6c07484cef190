/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the tables of the documents from the program's own: tables flags|metrics|calls. */
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "families.h"
#include "sandbox_calls.h"

int main(int argc, char *argv[])
{
	if (argc == 2 && !strcmp(argv[1], "flags"))
		config_help_markdown(stdout);
	else if (argc == 2 && !strcmp(argv[1], "metrics"))
		families_markdown(stdout);
	else if (argc == 2 && !strcmp(argv[1], "calls"))
		sandbox_calls_markdown(stdout);
	else
		return 2;
	return fflush(stdout) == EOF;
}
