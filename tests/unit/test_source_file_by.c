/* SPDX-License-Identifier: Apache-2.0 */
/* Dumps by other labels than comm: what they keep, and what is refused. By comm: test_source_file.c
 * and test_source_file_errors.c; golden ones are replayed there. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "failing.h"
#include "fake.h"
#include "source.h"
#include "suites.h"
#include "temp.h"

#define HEAD "ior_exporter dump 1\nkernel\t6.1.0\nmode\tfake\ncopies\t1\nexact\ttrue\n"
#define TAIL                                                                            \
	"lost\trecursion\t0\nlost\tno_entry\t0\nlost\tno_exit\t0\nlost\tno_memory\t0\n" \
	"lost\tdied\t0\nlost\tclock\t0\nrows\t0\t0\nend\n"
#define BOTH "by\tcomm,container\n"
#define COUNTS "\tread\t1\t2\t3\t4\t1:1\n"
#define OTHER "__other__"

/* 127 and 39 characters, the longest that fit. */
#define C39 "0123456789abcdef0123456789abcdef0123456"
#define C127 C39 C39 C39 "0123456789"

static int open_text(const char *text, struct source **ret, struct source_error *err)
{
	struct selection selection;
	char path[TEMP_PATH_SIZE];

	(void)temp_text(text, path);
	selection_all(&selection);
	return source_file_open(path, &selection, ret, err);
}

static void check_dump(struct source *source, const char *expected)
{
	struct buf dump = { 0 };

	ck_assert_int_eq(source_dump(source, &dump), 0);
	buf_add(&dump, "", 1);
	ck_assert_str_eq(dump.data, expected);
	buf_free(&dump);
}

/* One thing of each kind, and what has no names. */
static const struct {
	unsigned int by;
	const char *dump;
} dumps[] = {
	{ BY_NONE, HEAD "by\tnone\nrow" COUNTS "row" COUNTS "gap\tFS\t0\t0:1\n"
			"inflight\tfutex\t9\n" TAIL },
	{ BY_COMM, HEAD "row\tsh" COUNTS "row\t" OTHER COUNTS "gap\tsh\tFS\t0\t0:1\n"
			"inflight\tsh\tfutex\t9\n" TAIL },
	{ BY_CONTAINER, HEAD "by\tcontainer\nrow\tx\tpod-x" COUNTS "row\t" OTHER "\t" OTHER COUNTS
			     "gap\tx\tpod-x\tFS\t0\t0:1\ninflight\ty\tpod-y\tfutex\t9\n" TAIL },
	{ BY_ALL,
	  HEAD BOTH "row\tsh\tx\tpod-x" COUNTS "row\t" OTHER "\t" OTHER "\t" OTHER COUNTS
		    "gap\tsh\tx\tpod-x\tFS\t0\t0:1\ninflight\tsh\ty\tpod-y\tfutex\t9\n" TAIL },
};

START_TEST(dump_names_what_it_is_by_and_survives_a_replay)
{
	const struct ior_row counts = {
		.slot = { [1] = 1 }, .sum_ns = 1, .bytes = 2, .errors = 3, .gap_ns = 4
	};
	const bool container = dumps[_i].by & BY_CONTAINER;
	const struct fake_row rows[] = { { container ? "sh@x" : "sh", "read", counts },
					 { OTHER, "read", counts } };
	const struct fake_gap gap = { container ? "sh@x" : "sh", "FS", { .slot = { 1 } } };
	const struct fake_thread thread = { container ? "sh@y" : "sh", "futex", 9 };
	struct source_error err;
	struct source *source;
	struct fake_source fake;

	fake_source_init(&fake, rows, COUNT(rows));
	fake.source.info.by = dumps[_i].by;
	fake.gaps = &gap;
	fake.threads = &thread;
	fake.gaps_n = fake.threads_n = 1;
	check_dump(&fake.source, dumps[_i].dump);
	ck_assert_int_eq(open_text(dumps[_i].dump, &source, &err), 0);
	ck_assert_uint_eq(source->info.by, dumps[_i].by);
	check_dump(source, dumps[_i].dump);
	source_close(source);
}

static const char *const fine[] = {
	HEAD "by\tcomm\nrow\tsh" COUNTS TAIL,
	HEAD "errno\tread\tEIO\t1\nrows\t0\t0\n" BOTH "row\tsh\tx\tp" COUNTS TAIL,
	HEAD "by\tcontainer\nrow\t" C127 "\t" C39 COUNTS TAIL,
	HEAD "by\tcontainer\nrow\tgrößer \\;\"\tnone" COUNTS TAIL,
	HEAD BOTH "row\t\\x5f_other__\tx\tnone" COUNTS TAIL,
};

START_TEST(dump_may_have_any_labels)
{
	struct source_error err;
	struct source *source = NULL;

	ck_assert_int_eq(open_text(fine[_i], &source, &err), 0);
	source_close(source);
}

static const struct {
	const char *text;
	size_t line;
} bad[] = {
	/* the line itself */
	{ HEAD "by\n" TAIL, 6 },
	{ HEAD "by\t\n" TAIL, 6 },
	{ HEAD "by\tcomm\t\n" TAIL, 6 },
	{ HEAD "by\tpod\n" TAIL, 6 },
	{ HEAD "by\tcontainer,comm\n" TAIL, 6 }, /* is not how --dump writes it */
	{ HEAD "by\tcomm,comm\n" TAIL, 6 },
	{ HEAD "by\tcomm,none\n" TAIL, 6 },
	{ HEAD BOTH BOTH TAIL, 7 },
	{ HEAD "by\tcomm\n" BOTH TAIL, 7 },
	/* what was read before it would be by something else */
	{ HEAD "row\tsh" COUNTS BOTH TAIL, 7 },
	{ HEAD "gap\tsh\tFS\t1\t1:1\n" BOTH TAIL, 7 },
	{ HEAD "inflight\tsh\tread\t1\n" BOTH TAIL, 7 },
	/* how many fields */
	{ HEAD BOTH "row\n" TAIL, 7 },
	{ HEAD BOTH "row\tsh\n" TAIL, 7 },
	{ HEAD BOTH "row\tsh\tx\n" TAIL, 7 },
	{ HEAD BOTH "row\tsh\tx\tp\n" TAIL, 7 },
	{ HEAD BOTH "row\tsh\tx\tp\tread\t1\t2\t3\n" TAIL, 7 },
	{ HEAD BOTH "row\tsh\tx\tp\tread\t1\t2\t3\t4\t1:1\t\n" TAIL, 7 },
	{ HEAD BOTH "row\tsh\tx\tp\tread\t1\t2\t3\t4\t1:1\t\t\t\n" TAIL, 7 },
	{ HEAD BOTH "row\tsh" COUNTS TAIL, 7 },
	{ HEAD "by\tcontainer\nrow\tsh\tx\tp" COUNTS TAIL, 7 },
	{ HEAD "by\tnone\nrow\tsh" COUNTS TAIL, 7 },
	{ HEAD "row\tsh\tx\tp" COUNTS TAIL, 6 },
	{ HEAD BOTH "inflight\tsh\tx\tp\tread\n" TAIL, 7 },
	{ HEAD BOTH "inflight\tsh\tx\tp\tread\t1\t2\n" TAIL, 7 },
	{ HEAD BOTH "gap\tsh\tx\tp\tFS\n" TAIL, 7 },
	{ HEAD BOTH "gap\tsh\tx\tp\tFS\t1\t1:1\t\n" TAIL, 7 },
	{ HEAD BOTH "errno\tsh\tx\tp\tread\tEIO\t1\n" TAIL, 7 },
	/* what is no label */
	{ HEAD BOTH "row\t\tx\tp" COUNTS TAIL, 7 },
	{ HEAD BOTH "row\t\\x41\tx\tp" COUNTS TAIL, 7 },
	{ HEAD BOTH "row\tsh\t\tp" COUNTS TAIL, 7 },
	{ HEAD BOTH "row\tsh\tx\t" COUNTS TAIL, 7 },
	{ HEAD BOTH "row\tsh\tx\x01\tp" COUNTS TAIL, 7 },
	{ HEAD BOTH "row\tsh\tx\xff\tp" COUNTS TAIL, 7 },
	{ HEAD BOTH "row\tsh\tx\tp\x7f" COUNTS TAIL, 7 },
	{ HEAD BOTH "row\tsh\tx\tp\xc3" COUNTS TAIL, 7 },
	{ HEAD BOTH "row\tsh\t" C127 "x\tp" COUNTS TAIL, 7 },
	{ HEAD BOTH "row\tsh\tx\t" C39 "x" COUNTS TAIL, 7 },
	/* names that were half kept */
	{ HEAD BOTH "row\t" OTHER "\tx\tp" COUNTS TAIL, 7 },
	{ HEAD BOTH "row\tsh\t" OTHER "\t" OTHER COUNTS TAIL, 7 },
	{ HEAD BOTH "row\tsh\t" OTHER "\tp" COUNTS TAIL, 7 },
	{ HEAD BOTH "gap\t" OTHER "\t" OTHER "\tp\tFS\t1\t1:1\n" TAIL, 7 },
	{ HEAD BOTH "inflight\t" OTHER "\tx\tp\tread\t1\n" TAIL, 7 },
	{ HEAD "by\tcontainer\nrow\t" OTHER "\tp" COUNTS TAIL, 7 },
	{ HEAD "by\tcontainer\nrow\tx\t" OTHER COUNTS TAIL, 7 },
};

static void check_refused(const char *text, size_t line)
{
	struct source *source = NULL;
	struct source_error err;
	char remedy[128];

	(void)snprintf(remedy, sizeof(remedy),
		       "line %zu is not what --dump writes, or the file is cut short", line);
	ck_assert_msg(open_text(text, &source, &err) == -EINVAL, "accepted: %.300s", text);
	ck_assert_str_eq(err.remedy, remedy);
	ck_assert_ptr_null(source);
}

START_TEST(names_that_no_dump_has_are_refused)
{
	check_refused(bad[_i].text, bad[_i].line);
}

/* Calls that are not selected have containers as well. */
START_TEST(more_containers_than_the_kernel_has_rows_are_refused)
{
	struct buf text = { 0 };

	buf_add_str(&text, HEAD "by\tcontainer\n");
	for (size_t i = 0; i <= IOR_ROWS_MAX; i++)
		buf_add_fmt(&text, "inflight\t%zu\tnone\tread\t1\n", i);
	buf_add_str(&text, TAIL);
	buf_add(&text, "", 1);
	check_refused(text.data, 6 + IOR_ROWS_MAX + 1);
	buf_free(&text);
}

START_TEST(lack_of_memory_for_containers_is_an_error_and_leaks_nothing)
{
	struct source *source = NULL;
	struct selection selection;
	struct buf text = { 0 };
	struct source_error err;
	char path[TEMP_PATH_SIZE];
	size_t n = 1;

	buf_add_str(&text, HEAD BOTH);
	for (int i = 0; i < 20; i++)
		buf_add_fmt(&text, "row\tsh\t%d\tnone" COUNTS, i % 10);
	buf_add_str(&text, TAIL);
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
	}
	ck_assert_uint_ge(n, 10); /* each container once */
	ck_assert_uint_le(n, 10 + 10);
	source_close(source);
	buf_free(&text);
}

Suite *source_file_by_suite(void)
{
	const struct test tests[] = {
		{ dump_names_what_it_is_by_and_survives_a_replay, COUNT(dumps) },
		{ dump_may_have_any_labels, COUNT(fine) },
		{ names_that_no_dump_has_are_refused, COUNT(bad) },
		{ more_containers_than_the_kernel_has_rows_are_refused, 0 },
		{ lack_of_memory_for_containers_is_an_error_and_leaks_nothing, 0 },
	};

	return suite_make("source_file_by", tests, COUNT(tests));
}
