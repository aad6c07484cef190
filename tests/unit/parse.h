/* SPDX-License-Identifier: Apache-2.0 */
/* config_parse() for tests: arguments without the program's name. */
#ifndef PARSE_H
#define PARSE_H

#include "config.h"

#define PARSE_ARGS_MAX 48
#define PARSE_ERR_SIZE 1024

struct parse {
	struct config config;
	char err[PARSE_ERR_SIZE];
	int r;
};

/* Both lists end with NULL; env may be NULL. *ret is to be freed by parse_free() in any case. */
void parse(struct parse *ret, const char *const args[], const char *const env[]);

/* One argument that must be fine. */
void parse_one(struct parse *ret, const char *arg);

/* With --config.file of these n bytes before the arguments; the path is "/proc/self/fd/N". Both
 * lists may be NULL. */
void parse_file(struct parse *ret, const void *bytes, size_t n, const char *const args[],
		const char *const env[]);

/* The same of a string, and of nothing else. */
void parse_text(struct parse *ret, const char *text);

/* What a message says behind the path that it begins with: ":LINE: ..."; all of any other one. */
const char *parse_behind_path(const char *err);

void parse_free(struct parse *parse);

#endif
