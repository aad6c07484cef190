/* SPDX-License-Identifier: Apache-2.0 */
/* What this build is. */
#ifndef VERSION_H
#define VERSION_H

#include <stdbool.h>
#include <stdio.h>

struct build {
	char version[32], revision[48], arch[16], compiler[96], libbpf[32], libmicrohttpd[32];
	bool tls;
};

void version_describe(struct build *ret);

/* The text of --version. */
void version_print(FILE *out);

#endif
