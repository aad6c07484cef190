/* SPDX-License-Identifier: Apache-2.0 */
#include "parse.h"

#include <assert.h>
#include <check.h>
#include <string.h>
#include <unistd.h>

#include "temp.h"

/* argv and environ are not const, though nobody writes to them. */
static int to_argv(char **argv, const char *const list[])
{
	int n = 0;

	for (; list && list[n]; n++) {
		assert(n < PARSE_ARGS_MAX);
		argv[n] = (char *)list[n];
	}
	argv[n] = NULL;
	return n;
}

void parse(struct parse *ret, const char *const args[], const char *const env[])
{
	static char program[] = "ior_exporter";
	char *argv[PARSE_ARGS_MAX + 2] = { program }, *environment[PARSE_ARGS_MAX + 1];
	int argc = 1 + to_argv(argv + 1, args);

	(void)to_argv(environment, env);
	ret->err[0] = '\0';
	ret->r = config_parse(argc, argv, environment, &ret->config, ret->err, sizeof(ret->err));
}

void parse_one(struct parse *ret, const char *arg)
{
	const char *const args[] = { arg, NULL };

	parse(ret, args, NULL);
	ck_assert_str_eq(ret->err, "");
	ck_assert_int_eq(ret->r, 0);
}

void parse_file(struct parse *ret, const void *bytes, size_t n, const char *const args[],
		const char *const env[])
{
	char path[TEMP_PATH_SIZE];
	const char *all[PARSE_ARGS_MAX] = { "--config.file", path };
	int fd = temp_file(bytes, n, path);

	for (size_t i = 0; args && args[i]; i++) {
		assert(i + 3 < PARSE_ARGS_MAX);
		all[i + 2] = args[i];
	}
	parse(ret, all, env);
	(void)close(fd);
}

void parse_text(struct parse *ret, const char *text)
{
	parse_file(ret, text, strlen(text), NULL, NULL);
}

const char *parse_behind_path(const char *err)
{
	return strncmp(err, "/proc/", 6) ? err : err + strcspn(err, ":");
}

void parse_free(struct parse *parse)
{
	config_free(&parse->config);
}
