/* SPDX-License-Identifier: Apache-2.0 */
#include "golden.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syscalls.h"
#include "version.h"

struct value {
	const char *placeholder, *text;
};

#define VALUES 6
#define NR "@nr:"

static void describe(struct build *build, struct value ret[VALUES])
{
	version_describe(build);
	ret[0] = (struct value){ "@arch@", build->arch };
	ret[1] = (struct value){ "@compiler@", build->compiler };
	ret[2] = (struct value){ "@libbpf@", build->libbpf };
	ret[3] = (struct value){ "@libmicrohttpd@", build->libmicrohttpd };
	ret[4] = (struct value){ "@revision@", build->revision };
	ret[5] = (struct value){ "@version@", build->version };
}

/* Appends the number that "@nr:NAME@" stands for, and returns the end of it. */
static const char *fill_in_nr(const char *text, struct buf *out)
{
	const struct syscall *call;
	char name[32];
	size_t n;

	text += strlen(NR);
	n = strcspn(text, "@");
	(void)snprintf(name, sizeof(name), "%.*s", (int)n, text);
	call = syscall_by_name(name);
	ck_assert_msg(call, "no system call '%s'", name);
	buf_add_fmt(out, "%d", call->nr);
	return text + n + 1;
}

/* Appends text with the values in place of their placeholders. */
static void fill_in(const char *text, struct buf *out)
{
	struct value values[VALUES];
	struct build build;

	describe(&build, values);
	while (*text) {
		size_t at = 0;

		while (at < VALUES &&
		       strncmp(text, values[at].placeholder, strlen(values[at].placeholder)))
			at++;
		if (at < VALUES) {
			buf_add_str(out, values[at].text);
			text += strlen(values[at].placeholder);
		} else if (!strncmp(text, NR, strlen(NR))) {
			text = fill_in_nr(text, out);
		} else {
			buf_add(out, text++, 1);
		}
	}
}

#define BUILD "ior_build_info{"
#define BUILD_LINE                                                           \
	BUILD "arch=\"@arch@\",compiler=\"@compiler@\",libbpf=\"@libbpf@\"," \
	      "libmicrohttpd=\"@libmicrohttpd@\",revision=\"@revision@\",version=\"@version@\"} 1\n"
#define INFO "ior_syscall_info{"

/* Writes a line with the placeholders of the two families that have some. */
static void write_line(FILE *file, const char *line)
{
	const char *nr = strstr(line, ",nr=\""), *name = strstr(line, ",syscall=\"");
	size_t n = strcspn(line, "\n") + 1;

	if (!strncmp(line, BUILD, strlen(BUILD))) {
		(void)fputs(BUILD_LINE, file);
	} else if (!strncmp(line, INFO, strlen(INFO))) {
		name += strlen(",syscall=\"");
		nr += strlen(",nr=\"");
		(void)fprintf(file, "%.*s" NR "%.*s@", (int)(nr - line), line,
			      (int)strcspn(name, "\""), name);
		nr += strspn(nr, "0123456789");
		(void)fprintf(file, "%.*s", (int)(n - (size_t)(nr - line)), nr);
	} else {
		(void)fprintf(file, "%.*s", (int)n, line);
	}
}

static void update(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	ck_assert_msg(file, "cannot write %s", path);
	for (; *text; text += strcspn(text, "\n") + 1)
		write_line(file, text);
	ck_assert_int_eq(fclose(file), 0);
	ck_abort_msg("wrote %s: review it with git diff", path);
}

/* Fails with the first line that differs. */
static void compare(const char *path, const char *actual, const char *expected)
{
	for (size_t line = 1; *actual || *expected; line++) {
		size_t n = strcspn(actual, "\n"), m = strcspn(expected, "\n");

		n += actual[n] == '\n';
		m += expected[m] == '\n';
		if (n != m || memcmp(actual, expected, n))
			ck_abort_msg("%s:%zu:\nexpected %.*sis       %.*s", path, line, (int)m,
				     expected, (int)n, actual);
		actual += n;
		expected += m;
	}
}

void golden_read(const char *name, struct buf *ret)
{
	char path[128], *line = NULL;
	size_t cap = 0;
	ssize_t n;
	FILE *file;

	(void)snprintf(path, sizeof(path), GOLDEN_DIR "%s", name);
	file = fopen(path, "re");
	ck_assert_msg(file, "no %s here (run from the root; UPDATE_GOLDEN=1 makes new ones)", path);
	while ((n = getline(&line, &cap, file)) >= 0)
		buf_add(ret, line, (size_t)n);
	free(line);
	(void)fclose(file);
	ck_assert_int_eq(ret->err, 0);
}

void golden_check(const char *name, const struct buf *actual)
{
	struct buf file = { 0 }, expected = { 0 }, text = { 0 };
	const char *wanted = getenv("UPDATE_GOLDEN");
	char path[128];

	ck_assert_int_eq(actual->err, 0);
	(void)snprintf(path, sizeof(path), GOLDEN_DIR "%s", name);
	buf_add(&text, actual->data, actual->len);
	buf_add(&text, "", 1);
	if (wanted && !strcmp(wanted, "1"))
		update(path, text.data);
	golden_read(name, &file);
	buf_add(&file, "", 1);
	fill_in(file.data, &expected);
	buf_add(&expected, "", 1);
	compare(path, text.data, expected.data);
	ck_assert_uint_eq(text.len, expected.len);
	buf_free(&file);
	buf_free(&expected);
	buf_free(&text);
}
