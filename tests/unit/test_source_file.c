/* SPDX-License-Identifier: Apache-2.0 */
/* Dumps that are fine; those that are not: test_source_file_errors.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "buf.h"
#include "failing.h"
#include "fake.h"
#include "golden.h"
#include "label.h"
#include "source.h"
#include "suites.h"
#include "temp.h"

static void open_dump(const char *path, const char *selected, struct source **ret)
{
	const struct selection_lists lists = { .syscalls = selected };
	struct source_error err = { .operation = "" };
	struct selection selection;
	char text[256];
	int r;

	ck_assert_int_eq(selection_parse(&lists, &selection, text, sizeof(text)), 0);
	r = source_file_open(path, &selection, ret, &err);
	ck_assert_msg(!r, "%s: %s", err.operation, err.remedy);
}

/* Replays a text and compares its dump. */
static void check_replay(const char *text, const char *selected, const char *expected)
{
	struct buf again = { 0 };
	char path[TEMP_PATH_SIZE];
	struct source *source;

	(void)temp_text(text, path);
	open_dump(path, selected, &source);
	ck_assert_int_eq(source_dump(source, &again), 0);
	buf_add(&again, "", 1);
	ck_assert_str_eq(again.data, expected);
	buf_free(&again);
	source_close(source);
}

static const char *const dumps[] = {
	"by_both.dump", "by_container.dump", "by_none.dump",	"buckets.dump", "bytes.dump",
	"empty.dump",	"errnos.dump",	     "folded.dump",	"gaps.dump",	"in_flight.dump",
	"labels.dump",	"noreturn.dump",     "one_series.dump", "pseudo.dump",	"sorted.dump",
};

START_TEST(dump_of_a_replayed_dump_is_the_same)
{
	struct buf text = { 0 };

	golden_read(dumps[_i], &text);
	buf_add(&text, "", 1);
	check_replay(text.data, NULL, text.data);
	buf_free(&text);
}

#define HEAD "ior_exporter dump 1\nkernel\t6.1.0\nmode\tfake\ncopies\t1\nexact\ttrue\n"
#define LOST                                                                            \
	"lost\trecursion\t0\nlost\tno_entry\t0\nlost\tno_exit\t0\nlost\tno_memory\t0\n" \
	"lost\tdied\t0\nlost\tclock\t0\n"
#define TAIL LOST "rows\t0\t0\nend\n"
#define MAX "18446744073709551615"

/* A source with everything at its largest. */
START_TEST(dump_has_a_line_for_each_thing)
{
	struct fake_row rows[] = { { "\\xff\\xff", "read", { .sum_ns = 0 } },
				   { "sh", "exit", { .slot = { 3 } } } };
	const struct fake_error errors[] = { { "read", 2, UINT64_MAX }, { "read", 41, 1 } };
	const struct fake_thread threads[] = { { "\\xff", "futex", UINT64_MAX },
					       { "sh", "read", 0 } };
	struct fake_source fake;
	struct buf dump = { 0 };

	memset(&rows[0].counts, 0xff, sizeof(rows[0].counts));
	memset(rows[0].counts.slot, 0, sizeof(rows[0].counts.slot));
	rows[0].counts.slot[31] = UINT64_MAX;
	fake_source_init(&fake, rows, COUNT(rows));
	fake.errors = errors;
	fake.errors_n = COUNT(errors);
	fake.threads = threads;
	fake.threads_n = COUNT(threads);
	fake.status = (struct source_status){ .lost = { 1, 2, 3, 4, 5, UINT64_MAX },
					      .rows = 7,
					      .rows_limit = 8 };
	ck_assert_int_eq(source_dump(&fake.source, &dump), 0);
	buf_add(&dump, "", 1);
	ck_assert_str_eq(dump.data, HEAD "row\t\\xff\\xff\tread\t" MAX "\t" MAX "\t" MAX "\t" MAX
					 "\t31:" MAX "\nrow\tsh\texit\t0\t0\t0\t0\t0:3\n"
					 "errno\tread\tENOENT\t" MAX "\nerrno\tread\tother\t1\n"
					 "inflight\t\\xff\tfutex\t" MAX "\ninflight\tsh\tread\t0\n"
					 "lost\trecursion\t1\nlost\tno_entry\t2\nlost\tno_exit\t3\n"
					 "lost\tno_memory\t4\nlost\tdied\t5\nlost\tclock\t" MAX
					 "\nrows\t7\t8\nend\n");
	check_replay(dump.data, NULL, dump.data);
	buf_free(&dump);
}

START_TEST(comm_of_any_bytes_survives_a_replay)
{
	uint64_t bytes[2] = { 0x0a5c09ff80c2ed07, 0x7f225f5f1be0c307 };
	char label[LABEL_SIZE];
	struct fake_row row = { label, "read", fake_call(1) };
	struct fake_source fake;
	struct buf dump = { 0 };

	(void)label_from_comm(label, (const char *)bytes, sizeof(bytes));
	fake_source_init(&fake, &row, 1);
	ck_assert_int_eq(source_dump(&fake.source, &dump), 0);
	buf_add(&dump, "", 1);
	check_replay(dump.data, NULL, dump.data);
	buf_free(&dump);
}

static const char *const releases[] = {
	"6.1.0-49-cloud-amd64", "5.15.167.4-microsoft-standard-WSL2",
	"0123456789012345678901234567890123456789012345678901234567890123", /* 64, the most */
	NULL,								    /* this machine's */
};

/* A release is up to 64 bytes long, more than a comm. */
START_TEST(release_of_any_kernel_survives_a_replay)
{
	struct fake_source fake;
	struct utsname name;
	struct buf dump = { 0 };

	ck_assert_int_eq(uname(&name), 0);
	fake_source_init(&fake, NULL, 0);
	(void)snprintf(fake.source.info.kernel, sizeof(fake.source.info.kernel), "%s",
		       releases[_i] ? releases[_i] : name.release);
	ck_assert_int_eq(source_dump(&fake.source, &dump), 0);
	buf_add(&dump, "", 1);
	check_replay(dump.data, NULL, dump.data);
	buf_free(&dump);
}

START_TEST(calls_that_are_not_selected_are_passed_over)
{
	check_replay(HEAD "row\tsh\tread\t1\t2\t3\t4\t1:1\nrow\tsh\twrite\t1\t2\t3\t4\t1:1\n"
			  "errno\tread\tEIO\t1\nerrno\twrite\tEIO\t1\n"
			  "inflight\tsh\tread\t5\ninflight\tsh\twrite\t6\n" TAIL,
		     "write",
		     HEAD "row\tsh\twrite\t1\t2\t3\t4\t1:1\nerrno\twrite\tEIO\t1\n"
			  "inflight\tsh\twrite\t6\n" TAIL);
}

START_TEST(line_without_its_newline_may_end_a_dump)
{
	check_replay(HEAD LOST "rows\t0\t0\nend", NULL, HEAD TAIL);
}

START_TEST(dump_is_read_from_standard_input)
{
	struct buf again = { 0 };
	char path[TEMP_PATH_SIZE];
	struct source *source;
	int fd = temp_text(HEAD TAIL, path);

	ck_assert_int_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	open_dump("-", NULL, &source);
	ck_assert_int_eq(source_dump(source, &again), 0);
	buf_add(&again, "", 1);
	ck_assert_str_eq(again.data, HEAD TAIL);
	buf_free(&again);
	source_close(source);
}

START_TEST(failed_read_is_the_result_of_a_dump)
{
	const struct fake_row row = { "sh", "read", fake_call(1) };
	struct fake_source fake;
	struct buf dump = { 0 };

	fake_source_init(&fake, &row, 1);
	fake.failure = -EIO;
	ck_assert_int_eq(source_dump(&fake.source, &dump), -EIO);
	buf_free(&dump);
}

START_TEST(lack_of_memory_is_the_result_of_a_dump)
{
	const struct fake_row row = { "sh", "read", fake_call(1) };
	struct fake_source fake;
	struct buf dump = { 0 };
	int r;

	fake_source_init(&fake, &row, 1);
	failing_arm(1);
	r = source_dump(&fake.source, &dump);
	ck_assert(failing_disarm());
	ck_assert_int_eq(r, -ENOMEM);
	buf_free(&dump);
}

static int pass_row(void *arg, const struct source_row *row)
{
	(void)arg;
	(void)row;
	return 0;
}

static int pass_error(void *arg, const struct syscall *call, unsigned int slot, uint64_t count)
{
	(void)arg;
	(void)call;
	(void)slot;
	(void)count;
	return 0;
}

static int stop_in_flight(void *arg, const char *comm, const struct container *container,
			  const struct syscall *call, uint64_t age_ns)
{
	(void)comm;
	(void)container;
	(void)call;
	(void)age_ns;
	return *(int *)arg;
}

START_TEST(calls_in_flight_end_a_read_or_are_not_wanted)
{
	struct source_status status;
	struct source *source;
	int r = -ECANCELED;
	const struct source_visitor wanted = { pass_row, pass_error, &r, stop_in_flight };
	const struct source_visitor unwanted = { pass_row, pass_error, &r, NULL };

	open_dump(GOLDEN_DIR "in_flight.dump", NULL, &source);
	ck_assert_int_eq(source_read(source, &wanted, &status), -ECANCELED);
	ck_assert_int_eq(source_read(source, &unwanted, &status), 0);
	source_close(source);
}

static int stop(void *arg, const struct source_row *row)
{
	(void)row;
	return *(int *)arg;
}

START_TEST(visitor_ends_the_read_of_a_dump)
{
	struct source_status status;
	struct source *source;
	int r = -ECANCELED;
	const struct source_visitor visitor = { stop, NULL, &r, NULL };

	open_dump(GOLDEN_DIR "one_series.dump", NULL, &source);
	ck_assert_int_eq(source_read(source, &visitor, &status), -ECANCELED);
	source_close(source);
}

Suite *source_file_suite(void)
{
	const struct test tests[] = {
		{ dump_of_a_replayed_dump_is_the_same, COUNT(dumps) },
		{ dump_has_a_line_for_each_thing, 0 },
		{ comm_of_any_bytes_survives_a_replay, 0 },
		{ release_of_any_kernel_survives_a_replay, COUNT(releases) },
		{ calls_that_are_not_selected_are_passed_over, 0 },
		{ line_without_its_newline_may_end_a_dump, 0 },
		{ dump_is_read_from_standard_input, 0 },
		{ failed_read_is_the_result_of_a_dump, 0 },
		{ lack_of_memory_is_the_result_of_a_dump, 0 },
		{ visitor_ends_the_read_of_a_dump, 0 },
		{ calls_in_flight_end_a_read_or_are_not_wanted, 0 },
	};

	return suite_make("source_file", tests, COUNT(tests));
}
