/* SPDX-License-Identifier: Apache-2.0 */
/* --config.file: the message for each mistake. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "suites.h"
#include "temp.h"

#define LINE_BYTES_MAX 8192
#define FILE_SIZE_MAX (1 << 20)

#define ONLY ": can be given on the command line only"

static const struct {
	const char *text, *err;
} mistakes[] = {
	{ "\n\nseris.max=1",
	  ":3: unknown flag 'seris.max=1', did you mean series.max? (see --help)" },
	{ "--maxage 1s", ":1: unknown flag '--maxage 1s', did you mean max-age? (see --help)" },
	{ "no-dumps", ":1: unknown flag 'no-dumps' (see --help)" },
	{ "no-series.max",
	  ":1: unknown flag 'no-series.max', did you mean series.max? (see --help)" },
	{ "no-collector.errno=true",
	  ":1: unknown flag 'no-collector.errno=true', did you mean collector.errno? (see --help)" },
	{ "--", ":1: unknown flag '--' (see --help)" },
	{ "=1", ":1: unknown flag '=1' (see --help)" },
	{ "[filter]", ":1: unknown flag '[filter]' (see --help)" },
	{ "series.max", ":1: --series.max: needs a value (N)" },
	{ "series.max=", ":1: --series.max: '' is not a number from 1 to 1048050" },
	{ "#\nseries.max=1 # one",
	  ":2: --series.max: '1 # one' is not a number from 1 to 1048050" },
	{ "collector.errno maybe", ":1: --collector.errno: 'maybe' is neither true nor false" },
	{ "max-age=1", ":1: --max-age: '1' is not a duration (write 100ms, 10s or 1h30m)" },
	{ "log.level=loud", ":1: --log.level: 'loud' is none of debug,info,warn,error" },
	{ "\nmax-age=1s\n\nmax-age=1s", ":4: --max-age: is given twice, here and in line 2" },
	{ "collector.errno\nno-collector.errno",
	  ":2: --collector.errno: is given twice, here and in line 1" },
	{ "config.file=x", ":1: --config.file" ONLY },
	{ "once", ":1: --once" ONLY },
	{ "dump", ":1: --dump" ONLY },
	{ "no-dump", ":1: --dump" ONLY },
	{ "replay=x", ":1: --replay" ONLY },
	{ "check", ":1: --check" ONLY },
	{ "probe", ":1: --probe" ONLY },
	{ "list", ":1: --list" ONLY },
	{ "version", ":1: --version" ONLY },
	{ "help", ":1: --help" ONLY },
	/* what only the whole shows */
	{ "filter.comm=a\nfilter.comm=[\nfilter.comm=b",
	  ":2: --filter.comm: '[' has a [ without its ]" },
	{ "comm.rewrite=a=>b\n\ncomm.rewrite = x", ":3: --comm.rewrite: 'x': is not REGEX=>TEXT" },
	{ "filter.uid=1\nfilter.uid=-1",
	  ":2: --filter.uid: '-1' is not a number from 0 to 4294967294" },
	{ "series.linger=2h", ":1: --series.idle: is below --series.linger" },
	{ "\nseries.idle=1s", ":2: --series.idle: is below --series.linger" },
	{ "trace-families=FS\n\ntrace-kinds=fdd",
	  ":3: --trace-kinds: unknown kind 'fdd', did you mean fd?" },
	{ "trace-syscalls=read\nno-trace-syscalls=read",
	  ":1: --trace-*, --no-trace-*: no system call is left to trace" },
	{ "web.listen-address=:1\nweb.listen-address=x",
	  ":2: --web.listen-address: 'x' is not HOST:PORT with a numeric host or localhost, such as "
	  "127.0.0.1:9435, [::1]:9435 or :9435" },
};

START_TEST(mistake_names_file_line_and_what_is_wrong)
{
	struct parse p;

	parse_text(&p, mistakes[_i].text);
	ck_assert_str_eq(parse_behind_path(p.err), mistakes[_i].err);
	ck_assert_msg(!strncmp(p.err, "/proc/self/fd/", 14), "%s", p.err);
	ck_assert_int_eq(p.r, -EINVAL);
	parse_free(&p);
}

START_TEST(mistake_of_the_command_line_is_not_blamed_on_the_file)
{
	const char *const args[] = { "--filter.comm=[", "--series.idle=1s", NULL };
	struct parse p;

	parse_file(&p, "filter.comm=[\n", 14, args, NULL);
	ck_assert_str_eq(p.err, "--series.idle: is below --series.linger");
	parse_free(&p);
	parse_file(&p, "filter.comm=[\n", 14, (const char *const[]){ args[0], NULL }, NULL);
	ck_assert_str_eq(p.err, "--filter.comm: '[' has a [ without its ]");
	parse_free(&p);
}

/* Lines and files of the largest size, and one byte more. */
static const struct {
	size_t line, rest; /* bytes of a comment, and of empty lines behind it */
	const char *err;
	int r;
} sizes[] = {
	{ LINE_BYTES_MAX, 0, "", 0 },
	{ LINE_BYTES_MAX + 1, 0, ":2: the line is longer than 8192 bytes", -EINVAL },
	{ LINE_BYTES_MAX, 2, "", 0 },
	{ LINE_BYTES_MAX + 1, 2, ":2: the line is longer than 8192 bytes", -EINVAL },
	{ 1, FILE_SIZE_MAX - 2, "", 0 },
	{ 1, FILE_SIZE_MAX - 1, " is larger than 1 MiB", -EFBIG },
};

START_TEST(lines_and_file_are_bounded)
{
	const size_t n = 1 + sizes[_i].line + sizes[_i].rest;
	char *text = malloc(n);
	struct parse p;

	memset(text, '\n', n);
	memset(text + 1, '#', sizes[_i].line);
	parse_file(&p, text, n, NULL, NULL);
	free(text);
	ck_assert_str_eq(strncmp(p.err, "--config.file: /proc/self/fd/", 29) ?
				 parse_behind_path(p.err) :
				 p.err + 29 + strspn(p.err + 29, "0123456789"),
			 sizes[_i].err);
	ck_assert_int_eq(p.r, sizes[_i].r);
	parse_free(&p);
}

START_TEST(nul_byte_is_an_error)
{
	struct parse p;

	parse_file(&p, "#\nseries.max=1\0\n", 16, NULL, NULL);
	ck_assert_str_eq(parse_behind_path(p.err), ":2: the line has a NUL byte");
	ck_assert_int_eq(p.r, -EINVAL);
	parse_free(&p);
}

static const struct {
	const char *path, *err;
	int r;
} unreadable[] = {
	{ "/nonexistent", "--config.file: read /nonexistent: No such file or directory", -ENOENT },
	{ "/", "--config.file: read /: Is a directory", -EISDIR },
	{ "/dev/null", "--config.file: /dev/null is not a regular file", -ESPIPE },
	{ "", "--config.file: read : No such file or directory", -ENOENT },
};

START_TEST(file_that_cannot_be_read_is_an_error)
{
	const char *const args[] = { "--config.file", unreadable[_i].path, NULL };
	size_t fds = temp_count_fds();
	struct parse p;

	parse(&p, args, NULL);
	ck_assert_str_eq(p.err, unreadable[_i].err);
	ck_assert_int_eq(p.r, unreadable[_i].r);
	parse_free(&p);
	ck_assert_uint_eq(temp_count_fds(), fds);
}

Suite *config_file_errors_suite(void)
{
	const struct test tests[] = {
		{ mistake_names_file_line_and_what_is_wrong, COUNT(mistakes) },
		{ mistake_of_the_command_line_is_not_blamed_on_the_file, 0 },
		{ lines_and_file_are_bounded, COUNT(sizes) },
		{ nul_byte_is_an_error, 0 },
		{ file_that_cannot_be_read_is_an_error, COUNT(unreadable) },
	};

	return suite_make("config_file_errors", tests, COUNT(tests));
}
