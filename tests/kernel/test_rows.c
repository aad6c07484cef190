/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the kernel: what fits, and what happens when they are full. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "kernel.h"

#define ROWS FEW_ROWS
#define NAMES 40ul

/* Only calls of our own are traced, so only our names take rows. */
#define RARE "kcmp,quotactl"

static void nth_comm(char comm[COMM_SIZE], const char *base, unsigned int n)
{
	(void)snprintf(comm, COMM_SIZE, "%.11s%u", base, n);
}

static void call_rare(void *arg)
{
	call(SYS_kcmp, *(const unsigned int *)arg);
}

START_TEST(past_the_last_row_only_the_name_is_lost)
{
	struct trace trace;
	uint64_t own = 0, other = 0;
	char base[COMM_SIZE];

	comm_make(base, "f");
	trace_open(&trace, &(struct trace_options){ .syscalls = RARE, .series_max = ROWS });
	for (unsigned int i = 0; i < NAMES; i++) {
		unsigned int n = 100 + i;
		char comm[COMM_SIZE];

		nth_comm(comm, base, i);
		child_run(comm, call_rare, &n);
		*(i < ROWS ? &own : &other) += n;
	}
	trace_read(&trace);
	for (unsigned int i = 0; i < NAMES; i++) {
		char comm[COMM_SIZE];

		nth_comm(comm, base, i);
		ck_assert_uint_eq(trace_calls(&trace, comm, "kcmp"), i < ROWS ? 100 + i : 0);
	}
	ck_assert_uint_eq(trace_calls(&trace, LABEL_OTHER, "kcmp"), other);
	ck_assert_uint_eq(trace.snapshot->overflow, other);
	ck_assert_uint_eq(trace.snapshot->observations, own + other);
	ck_assert_uint_eq(trace.snapshot->status.rows, ROWS);
	ck_assert_uint_eq(trace.snapshot->status.rows_limit, ROWS);
	trace_close(&trace);
}
END_TEST

#define RACERS trace_threads(8)

/* Threads race for the last rows under ever new names: wherever a call lands, it is there once. */
static void race_for_rows(void *arg)
{
	for (unsigned int i = 0; i < NAMES; i++) {
		char comm[COMM_SIZE];

		nth_comm(comm, arg, i);
		comm_set(comm);
		call(SYS_kcmp, 7);
		call(SYS_quotactl, 5);
	}
}

static void race(void *arg)
{
	threads_run(RACERS, 2, race_for_rows, arg);
}

START_TEST(a_race_for_the_last_rows_loses_no_call)
{
	struct trace trace;
	char base[COMM_SIZE];

	comm_make(base, "r");
	trace_open(&trace, &(struct trace_options){
				   .syscalls = RARE, .series_max = ROWS, .comm_of_thread = true });
	child_run("ior-tests", race, base);
	trace_read(&trace);
	ck_assert_uint_eq(trace_total(&trace, "kcmp"), RACERS * NAMES * 7);
	ck_assert_uint_eq(trace_total(&trace, "quotactl"), RACERS * NAMES * 5);
	ck_assert_uint_eq(trace.snapshot->status.rows, ROWS);
	trace_close(&trace);
}
END_TEST

static int count_row(void *arg, const struct source_row *row)
{
	(void)row;
	++*(unsigned int *)arg;
	return 0;
}

static int ignore_error(void *arg, const struct syscall *call, unsigned int slot, uint64_t count)
{
	(void)arg, (void)call, (void)slot, (void)count;
	return 0;
}

/* Rows that have counted something. */
static unsigned int rows_counting(const struct trace *trace)
{
	unsigned int rows = 0;
	const struct source_visitor visitor = { .row = count_row,
						.error = ignore_error,
						.arg = &rows };
	struct source_status status = { .rows = 0 };

	ck_assert_int_eq(source_read(trace->source, &visitor, &status), 0);
	return rows;
}

START_TEST(a_race_for_the_same_new_rows_is_exact)
{
	struct trace trace;
	char base[COMM_SIZE];

	comm_make(base, "s");
	trace_open(&trace, &(struct trace_options){ .syscalls = RARE, .comm_of_thread = true });
	child_run("ior-tests", race, base);
	trace_read(&trace);
	for (unsigned int i = 0; i < NAMES; i++) {
		char comm[COMM_SIZE];

		nth_comm(comm, base, i);
		ck_assert_uint_eq(trace_calls(&trace, comm, "kcmp"), 7ul * RACERS);
		ck_assert_uint_eq(trace_calls(&trace, comm, "quotactl"), 5ul * RACERS);
	}
	ck_assert_uint_eq(trace.snapshot->overflow, 0);
	/* a row that its taker found superfluous is in use, but never counts */
	ck_assert_uint_eq(rows_counting(&trace), 2 * NAMES);
	ck_assert_uint_ge(trace.snapshot->status.rows, 2 * NAMES);
	trace_close(&trace);
}
END_TEST

START_TEST(rows_in_use_are_counted)
{
	struct trace trace;
	unsigned int n = 1;
	char base[COMM_SIZE];

	comm_make(base, "u");
	trace_open(&trace, &(struct trace_options){ .syscalls = RARE, .series_max = ROWS });
	trace_read(&trace);
	ck_assert_uint_eq(trace.snapshot->status.rows, 0);
	ck_assert_uint_eq(trace.snapshot->status.rows_limit, ROWS);
	for (unsigned int i = 0; i < 10; i++) {
		char comm[COMM_SIZE];

		nth_comm(comm, base, i % 5);
		child_run(comm, call_rare, &n);
	}
	trace_read(&trace);
	ck_assert_uint_eq(trace.snapshot->status.rows, 5);
	ck_assert_uint_eq(trace.snapshot->series_n, 5);
	trace_close(&trace);
}
END_TEST

START_TEST(memory_for_not_even_one_shard_is_an_error)
{
	struct source_error err = { .operation = "" };
	struct trace trace;
	int r = trace_try_open(
		&trace, &(struct trace_options){ .series_max = 8192, .series_memory = 2 << 20 },
		&err);

	ck_assert_int_eq(r, -EOVERFLOW);
	ck_assert_str_eq(err.operation, "size the BPF maps");
	ck_assert_int_ne(err.remedy[0], '\0');
}
END_TEST

TCase *rows_tests(void)
{
	TCase *tcase = tcase_create("rows");

	kernel_add(tcase, past_the_last_row_only_the_name_is_lost);
	kernel_add(tcase, a_race_for_the_last_rows_loses_no_call);
	kernel_add(tcase, a_race_for_the_same_new_rows_is_exact);
	kernel_add(tcase, rows_in_use_are_counted);
	kernel_add(tcase, memory_for_not_even_one_shard_is_an_error);
	return tcase;
}
