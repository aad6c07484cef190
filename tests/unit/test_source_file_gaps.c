/* SPDX-License-Identifier: Apache-2.0 */
/* Gaps in dumps; lines that no dump has: test_source_file_errors.c. */
#include <errno.h>
#include <string.h>

#include "buf.h"
#include "fake.h"
#include "golden.h"
#include "source.h"
#include "suites.h"
#include "temp.h"

#define HEAD "ior_exporter dump 1\nkernel\t6.1.0\nmode\tfake\ncopies\t1\nexact\ttrue\n"
#define TAIL                                                                            \
	"lost\trecursion\t0\nlost\tno_entry\t0\nlost\tno_exit\t0\nlost\tno_memory\t0\n" \
	"lost\tdied\t0\nlost\tclock\t0\nrows\t0\t0\nend\n"
#define MAX "18446744073709551615"

static struct source *open_dump(const char *path, const struct selection_lists *lists)
{
	struct source_error err = { .operation = "" };
	struct source *source;
	struct selection selection;
	char text[256];
	int r;

	ck_assert_int_eq(selection_parse(lists, &selection, text, sizeof(text)), 0);
	r = source_file_open(path, &selection, &source, &err);
	ck_assert_msg(!r, "%s: %s", err.operation, err.remedy);
	return source;
}

/* Replays a text and compares its dump. */
static void check_replay(const char *text, const struct selection_lists *lists,
			 const char *expected)
{
	struct buf again = { 0 };
	char path[TEMP_PATH_SIZE];
	struct source *source;

	(void)temp_text(text, path);
	source = open_dump(path, lists);
	ck_assert_int_eq(source_dump(source, &again), 0);
	buf_add(&again, "", 1);
	ck_assert_str_eq(again.data, expected);
	buf_free(&again);
	source_close(source);
}

START_TEST(gaps_at_their_largest_survive_a_replay)
{
	const struct selection_lists all = { .syscalls = NULL };
	struct fake_gap gaps[] = {
		{ "\\xff\\xff",
		  "FS",
		  { .slot = { 1, [31] = UINT64_MAX - 1 }, .sum_ns = UINT64_MAX } },
		{ "__other__", "AIO", { .slot = { [7] = 8 }, .sum_ns = 9 } },
		{ "sh", "Time", { .sum_ns = 0 } },
	};
	struct fake_source fake;
	struct buf dump = { 0 };

	fake_source_init(&fake, NULL, 0);
	fake.gaps = gaps;
	fake.gaps_n = COUNT(gaps);
	ck_assert_int_eq(source_dump(&fake.source, &dump), 0);
	buf_add(&dump, "", 1);
	ck_assert_str_eq(dump.data, HEAD "gap\t\\xff\\xff\tFS\t" MAX "\t0:1,31:18446744073709551614"
					 "\ngap\t__other__\tAIO\t9\t7:8\ngap\tsh\tTime\t0\n" TAIL);
	check_replay(dump.data, &all, dump.data);
	buf_free(&dump);
}

#define FS_LINES "gap\tsh\tFS\t1\t1:1\ngap\tzsh\tFS\t2\t1:2\n"
#define TIME_LINE "gap\tsh\tTime\t3\t1:3\n"

static const struct {
	struct selection_lists lists;
	const char *expected;
} selections[] = {
	{ { .families = "FS" }, HEAD FS_LINES TAIL },
	{ { .families = "Time,FS" }, HEAD FS_LINES TIME_LINE TAIL },
	{ { .no_families = "FS" }, HEAD TIME_LINE TAIL },
	/* one call of the family is enough */
	{ { .syscalls = "read" }, HEAD FS_LINES TAIL },
	{ { .families = "Polling" }, HEAD TAIL },
};

START_TEST(gaps_of_families_that_are_not_selected_are_passed_over)
{
	check_replay(HEAD FS_LINES TIME_LINE TAIL, &selections[_i].lists, selections[_i].expected);
}

static int stop_gap(void *arg, const struct source_row *row)
{
	return row->call ? 0 : *(int *)arg;
}

START_TEST(gaps_end_a_read)
{
	const struct selection_lists all = { .syscalls = NULL };
	struct source *source = open_dump(GOLDEN_DIR "gaps.dump", &all);
	struct source_status status;
	int r = -ECANCELED;
	const struct source_visitor visitor = { stop_gap, NULL, &r, NULL };

	ck_assert_int_eq(source_read(source, &visitor, &status), -ECANCELED);
	source_close(source);
}

Suite *source_file_gaps_suite(void)
{
	const struct test tests[] = {
		{ gaps_at_their_largest_survive_a_replay, 0 },
		{ gaps_of_families_that_are_not_selected_are_passed_over, COUNT(selections) },
		{ gaps_end_a_read, 0 },
	};

	return suite_make("source_file_gaps", tests, COUNT(tests));
}
