/* SPDX-License-Identifier: Apache-2.0 */
/* A dump may come from anybody: whatever --dump does not write is refused, with its line. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "failing.h"
#include "golden.h"
#include "ior.h"
#include "source.h"
#include "suites.h"
#include "temp.h"

#define HEAD "ior_exporter dump 1\nkernel\t6.1.0\nmode\ttp_btf\ncopies\t1\nexact\ttrue\n"
#define TAIL "rows\t1\t8192\nend\n"

/* Opens a text as a dump. When it fails nothing but the result and the message must come. */
static int open_bad(const char *text, size_t n, struct source_error *err)
{
	struct source *source = NULL;
	struct selection selection;
	char path[TEMP_PATH_SIZE];
	int r, fd = temp_file(text, n, path);

	selection_all(&selection);
	r = source_file_open(path, &selection, &source, err);
	(void)close(fd);
	ck_assert_int_eq(source == NULL, r < 0);
	source_close(source);
	return r;
}

static void check_refused(const char *text, size_t n, size_t line)
{
	struct source_error err;
	char remedy[256];

	(void)snprintf(remedy, sizeof(remedy),
		       "line %zu is not what --dump writes, or the file is cut short", line);
	ck_assert_int_eq(open_bad(text, n, &err), -EINVAL);
	ck_assert_str_eq(err.remedy, remedy);
}

/* Each is line 6. */
static const char *const bad_lines[] = {
	"",
	"nonsense",
	"nonsense\t1",
	" row\tsh\tread\t1\t2\t3\t4\t1:1",
	"ROW\tsh\tread\t1\t2\t3\t4\t1:1",
	/* rows: how many fields */
	"row",
	"row\tsh",
	"row\tsh\tread\t1\t2\t3",
	"row\tsh\tread\t1\t2\t3\t4\t1:1\t",
	"row\tsh\tread\t1\t2\t3\t4\t1:1\tmore",
	/* comms that are no label */
	"row\t\tread\t1\t2\t3\t4\t1:1",
	"row\t\\\tread\t1\t2\t3\t4\t1:1",
	"row\t\\x41\tread\t1\t2\t3\t4\t1:1",
	"row\t\xff\tread\t1\t2\t3\t4\t1:1",
	"row\ta\x7f\tread\t1\t2\t3\t4\t1:1",
	"row\t0123456789abcdefg\tread\t1\t2\t3\t4\t1:1",
	/* system calls */
	"row\tsh\t\t1\t2\t3\t4\t1:1",
	"row\tsh\tsys_read\t1\t2\t3\t4\t1:1",
	/* numbers */
	"row\tsh\tread\t\t2\t3\t4\t1:1",
	"row\tsh\tread\t-1\t2\t3\t4\t1:1",
	"row\tsh\tread\t1\t+2\t3\t4\t1:1",
	"row\tsh\tread\t1\t2\t 3\t4\t1:1",
	"row\tsh\tread\t1\t2\t3\t4 \t1:1",
	"row\tsh\tread\t1.5\t2\t3\t4\t1:1",
	"row\tsh\tread\t0x1\t2\t3\t4\t1:1",
	"row\tsh\tread\t18446744073709551616\t2\t3\t4\t1:1",
	/* slots */
	"row\tsh\tread\t1\t2\t3\t4\t",
	"row\tsh\tread\t1\t2\t3\t4\t1",
	"row\tsh\tread\t1\t2\t3\t4\t1:",
	"row\tsh\tread\t1\t2\t3\t4\t:1",
	"row\tsh\tread\t1\t2\t3\t4\t1:1:1",
	"row\tsh\tread\t1\t2\t3\t4\t32:1",
	"row\tsh\tread\t1\t2\t3\t4\t-1:1",
	"row\tsh\tread\t1\t2\t3\t4\t1:-1",
	"row\tsh\tread\t1\t2\t3\t4\t1:18446744073709551616",
	"row\tsh\tread\t1\t2\t3\t4\t1:1, 2:1",
	"row\tsh\tread\t1\t2\t3\t4\t1:18446744073709551615,2:1", /* too many calls */
	"row\tsh\tread\t1\t2\t3\t4\t1:1,",
	"row\tsh\tread\t1\t2\t3\t4\t,1:1",
	"row\tsh\tread\t1\t2\t3\t4\t1:1,,2:1",
	"row\tsh\tread\t1\t2\t3\t4\t1:1,1:2", /* counts would be lost */
	/* errors */
	"errno",
	"errno\tread\tEIO",
	"errno\tread\tEIO\t1\t",
	"errno\tsys_read\tEIO\t1",
	"errno\tread\tE600\t1",
	"errno\tread\t5\t1",
	"errno\tread\tEIO\tx",
	"errno\tread\tEIO\t0", /* a count is above 0 */
	/* calls in flight */
	"inflight",
	"inflight\tsh",
	"inflight\tsh\tread",
	"inflight\tsh\tread\t1\t",
	"inflight\tsh\tread\t1\t2",
	"inflight\t\tread\t1",
	"inflight\t\xff\tread\t1",
	"inflight\tsh\tsys_read\t1",
	"inflight\tsh\tread\t",
	"inflight\tsh\tread\t-1",
	"inflight\tsh\tread\t18446744073709551616",
	"in_flight\tsh\tread\t1",
	/* gaps */
	"gap",
	"gap\tsh",
	"gap\tsh\tFS",
	"gap\tsh\tFS\t",
	"gap\tsh\tFS\t-1",
	"gap\tsh\tFS\t18446744073709551616",
	"gap\tsh\tFS\t1\t",
	"gap\tsh\tFS\t1\t32:1",
	"gap\tsh\tFS\t1\t1:1,1:1",
	"gap\tsh\tFS\t1\t1:1\t",
	"gap\tsh\tFS\t1\t1:1\t2",
	"gap\tsh\tfs\t1\t1:1",
	"gap\tsh\t\t1\t1:1",
	"gap\tsh\tread\t1\t1:1",
	"gap\t\tFS\t1\t1:1",
	"gap\t\xff\tFS\t1\t1:1",
	"gaps\tsh\tFS\t1\t1:1",
	/* losses */
	"lost",
	"lost\tdied",
	"lost\tdied\t1\t2",
	"lost\tbored\t1",
	"lost\tdied\tx",
	/* rows in use */
	"rows",
	"rows\t1",
	"rows\t1\t2\t3",
	"rows\tx\t2",
	"rows\t1\tx",
	/* what is known of the source */
	"kernel",
	"kernel\t",
	"kernel\t6.1\t7",
	"kernel\t6.1\x01",
	"mode\t",
	"mode\t0123456789abcdef", /* would be cut */
	"copies\t",
	"copies\tx",
	"copies\t100",
	"exact\t",
	"exact\tmaybe",
	"end\t",
	"end\tnow",
};

START_TEST(line_that_no_dump_has_is_refused)
{
	struct source_error err;
	struct buf text = { 0 };

	buf_add_fmt(&text, HEAD "%s\n" TAIL, bad_lines[_i]);
	ck_assert_msg(open_bad(text.data, text.len, &err) < 0, "accepted: '%s'", bad_lines[_i]);
	check_refused(text.data, text.len, 6);
	buf_free(&text);
}

#define TEXT(text) (text), sizeof(text) - 1

static const struct {
	const char *text;
	size_t n, line;
} bad_dumps[] = {
	{ TEXT(""), 1 },
	{ TEXT("\n"), 1 },
	{ TEXT("ior_exporter dump 2\nend\n"), 1 },
	{ TEXT("ior_exporter dump 1 \nend\n"), 1 },
	{ TEXT("ior_exporter dump 1\r\nend\r\n"), 1 },
	{ TEXT("\xef\xbb\xbfior_exporter dump 1\nend\n"), 1 },
	{ TEXT("rows\t1\t2\nend\n"), 1 },
	{ TEXT("ior_exporter dump 1\nior_exporter dump 1\nend\n"), 2 },
	{ TEXT("ior_exporter dump 1\nkernel\t6.1\0.0\nend\n"), 2 },
	{ TEXT("ior_exporter dump 1\nend\0\n"), 2 },
	{ TEXT(HEAD TAIL "end\n"), 8 },
	{ TEXT(HEAD TAIL "\n"), 8 },
	{ TEXT(HEAD TAIL HEAD TAIL), 8 },
	{ TEXT(HEAD), 6 },
};

START_TEST(text_that_is_no_dump_is_refused)
{
	check_refused(bad_dumps[_i].text, bad_dumps[_i].n, bad_dumps[_i].line);
}

/* At every byte; only the last newline may be missing. */
START_TEST(dump_that_is_cut_short_is_refused)
{
	struct buf text = { 0 };

	golden_read("one_series.dump", &text);
	for (size_t n = 0; n < text.len - 1; n++) {
		struct source_error err;

		ck_assert_int_eq(open_bad(text.data, n, &err), -EINVAL);
	}
	buf_free(&text);
}

START_TEST(more_errors_than_there_are_names_are_refused)
{
	struct buf text = { 0 };
	const size_t most = (size_t)SYSCALLS * IOR_ERRNOS;

	buf_add_str(&text, HEAD);
	for (size_t i = 0; i <= most; i++)
		buf_add_str(&text, "errno\tread\tEIO\t1\n");
	buf_add_str(&text, TAIL);
	check_refused(text.data, text.len, 5 + most + 1);
	buf_free(&text);
}

START_TEST(missing_dump_is_the_systems_error)
{
	struct selection selection;
	struct source *source = NULL;
	struct source_error err;

	selection_all(&selection);
	ck_assert_int_eq(source_file_open("/nonexistent/x", &selection, &source, &err), -ENOENT);
	ck_assert_str_eq(err.operation, "read the dump '/nonexistent/x'");
	ck_assert_str_eq(err.remedy, "");
	ck_assert_ptr_null(source);
}

/* Enough lines that the arrays grow. */
static void many_lines(struct buf *text)
{
	buf_add_str(text, HEAD);
	for (int i = 0; i < 200; i++)
		buf_add_str(text, "row\tsh\tread\t1\t2\t3\t4\t1:1\nerrno\tread\tEIO\t1\n"
				  "inflight\tsh\tread\t1\ngap\tsh\tFS\t1\t1:1\n");
	buf_add_str(text, TAIL);
}

START_TEST(lack_of_memory_for_a_dump_is_an_error_and_leaks_nothing)
{
	struct source *source = NULL;
	struct selection selection;
	struct buf text = { 0 };
	struct source_error err;
	char path[TEMP_PATH_SIZE];
	size_t n = 1;

	many_lines(&text);
	(void)temp_file(text.data, text.len, path);
	selection_all(&selection);
	for (;; n++) {
		int r;

		failing_arm(n);
		r = source_file_open(path, &selection, &source, &err);
		if (!failing_disarm())
			break;
		ck_assert_int_eq(r, -ENOMEM);
		ck_assert_ptr_null(source);
		ck_assert_str_eq(err.remedy, "");
	}
	ck_assert_ptr_nonnull(source);
	ck_assert_uint_ne(n, 1);
	source_close(source);
	buf_free(&text);
}

Suite *source_file_errors_suite(void)
{
	const struct test tests[] = {
		{ line_that_no_dump_has_is_refused, COUNT(bad_lines) },
		{ text_that_is_no_dump_is_refused, COUNT(bad_dumps) },
		{ dump_that_is_cut_short_is_refused, 0 },
		{ more_errors_than_there_are_names_are_refused, 0 },
		{ missing_dump_is_the_systems_error, 0 },
		{ lack_of_memory_for_a_dump_is_an_error_and_leaks_nothing, 0 },
	};

	return suite_make("source_file_errors", tests, COUNT(tests));
}
