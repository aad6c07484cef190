/* SPDX-License-Identifier: Apache-2.0 */
/* What is traced, and who. */
#include <errno.h>

#include "kernel.h"

/* One call of three families: Process, Time, IPC... and what any child makes besides. */
static void call_some(void *arg)
{
	(void)arg;
	for (int i = 0; i < 100; i++) {
		call(SYS_getppid, 1);
		call(SYS_times, 1);
		call(SYS_getcwd, 1);
	}
}

static void run_some(struct trace *trace, char comm[COMM_SIZE], const struct trace_options *options)
{
	comm_make(comm, "sele");
	trace_open(trace, options);
	child_run(comm, call_some, NULL);
	trace_read(trace);
}

START_TEST(only_the_selected_calls_are_counted)
{
	struct trace trace;
	char comm[COMM_SIZE];

	run_some(&trace, comm, &(struct trace_options){ .syscalls = "times,getcwd" });
	ck_assert_uint_eq(trace_calls(&trace, comm, "times"), 100);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getcwd"), 100);
	ck_assert_ptr_null(trace_find(&trace, comm, "getppid"));
	ck_assert_uint_eq(trace_rows(&trace, comm), 2);
	trace_close(&trace);
}
END_TEST

START_TEST(excluded_calls_are_not_counted)
{
	struct trace trace;
	char comm[COMM_SIZE];

	run_some(&trace, comm, &(struct trace_options){ .no_syscalls = "getppid,exit_group" });
	ck_assert_uint_eq(trace_calls(&trace, comm, "times"), 100);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getcwd"), 100);
	ck_assert_uint_eq(trace_calls(&trace, comm, "prctl"), 1);
	ck_assert_uint_eq(trace_rows(&trace, comm), 3);
	trace_close(&trace);
}
END_TEST

START_TEST(a_selected_family_is_all_that_the_page_has)
{
	struct trace trace;
	char comm[COMM_SIZE];

	run_some(&trace, comm, &(struct trace_options){ .families = "Time" });
	ck_assert_uint_eq(trace_calls(&trace, comm, "times"), 100);
	ck_assert_uint_eq(trace_rows(&trace, comm), 1);
	for (size_t i = 0; i < trace.snapshot->series_n; i++)
		ck_assert_str_eq(trace.snapshot->series[i].call->family, "Time");
	for (size_t i = 0; i < trace.snapshot->errors_n; i++)
		ck_assert_str_eq(trace.snapshot->errors[i].call->family, "Time");
	trace_close(&trace);
}
END_TEST

START_TEST(calls_between_the_selected_ones_lose_nothing)
{
	struct trace trace;
	char comm[COMM_SIZE];

	run_some(&trace, comm, &(struct trace_options){ .syscalls = "kcmp,times" });
	ck_assert_uint_eq(trace_calls(&trace, comm, "times"), 100);
	for (int i = 0; i < IOR_LOST_REASONS; i++)
		ck_assert_uint_eq(trace.snapshot->status.lost[i], 0);
	trace_close(&trace);
}
END_TEST

/* ---- the exporter itself ---- */

static void check_self(bool include_self, uint64_t calls)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "self");
	comm_set(comm);
	trace_open(&trace, &(struct trace_options){ .include_self = include_self });
	call(SYS_getppid, 1234);
	threads_run(2, 0, call_some, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), calls);
	if (!calls)
		ck_assert_uint_eq(trace_rows(&trace, comm), 0);
	trace_close(&trace);
}

START_TEST(the_process_that_traces_is_not_traced)
{
	check_self(false, 0);
}
END_TEST

START_TEST(the_process_that_traces_is_traced_if_asked)
{
	check_self(true, 1234 + 2 * 100);
}
END_TEST

START_TEST(children_of_the_process_that_traces_are_traced)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "same");
	comm_set(comm);
	trace_open(&trace, &(struct trace_options){ 0 });
	call(SYS_getppid, 1000);
	child_run(comm, call_some, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), 100);
	trace_close(&trace);
}
END_TEST

TCase *select_tests(void)
{
	TCase *tcase = tcase_create("select");

	kernel_add(tcase, only_the_selected_calls_are_counted);
	kernel_add(tcase, excluded_calls_are_not_counted);
	kernel_add(tcase, a_selected_family_is_all_that_the_page_has);
	kernel_add(tcase, calls_between_the_selected_ones_lose_nothing);
	kernel_add(tcase, the_process_that_traces_is_not_traced);
	kernel_add(tcase, the_process_that_traces_is_traced_if_asked);
	kernel_add(tcase, children_of_the_process_that_traces_are_traced);
	return tcase;
}
