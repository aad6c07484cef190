/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that no table knows, and numbers of another table. */
#include "kernel.h"

/* Any call below bit 30 is x32's; 39 is getpid of x86-64. */
#define X32_GETPID (0x40000000 | 39)

static void call_strange(void *arg)
{
	(void)arg;
	call(511, 13); /* the last number that has a place of its own */
	call(512, 17); /* the first that has none */
	call(999, 19);
	call(1023, 23);
	call(1024, 29);
	call(0x3fffffff, 31);
	call(X32_GETPID, 37);
	call(0x40000000 | 511, 41);
}

START_TEST(an_unknown_number_has_no_wrong_name)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "unkn");
	trace_join(&trace);
	child_run(comm, call_strange, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "unknown"), 13 + 17 + 19 + 23 + 29 + 31);
	ck_assert_uint_eq(trace_errors(&trace, comm, "unknown"), 13 + 17 + 19 + 23 + 29 + 31);
	ck_assert_uint_eq(trace_calls(&trace, comm, "compat"), 37 + 41);
	ck_assert_uint_eq(trace_rows(&trace, comm), 4); /* and prctl, exit_group */
	ck_assert_str_eq(trace_find(&trace, comm, "unknown")->call->family, "Misc");
	ck_assert_str_eq(trace_find(&trace, comm, "compat")->call->family, "Misc");
	trace_close(&trace);
}
END_TEST

static void call_with_more_bits(void *arg)
{
	(void)arg;
	call((1l << 32) | SYS_getppid, 43);
	call((3l << 62) | SYS_getppid, 47);
	call((1l << 32) | 999, 53);
}

/* The kernel takes the lower half of the register. */
START_TEST(a_number_is_of_32_bits)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "bits");
	trace_join(&trace);
	child_run(comm, call_with_more_bits, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), 43 + 47);
	ck_assert_uint_eq(trace_calls(&trace, comm, "unknown"), 53);
	trace_close(&trace);
}
END_TEST

START_TEST(unknown_numbers_are_selected_by_their_collective_name)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "only");
	trace_open(&trace, &(struct trace_options){ .syscalls = "unknown" });
	child_run(comm, call_strange, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "unknown"), 13 + 17 + 19 + 23 + 29 + 31);
	ck_assert_uint_eq(trace_rows(&trace, comm), 1);
	trace_close(&trace);
}
END_TEST

START_TEST(unknown_numbers_can_be_excluded)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "none");
	trace_open(&trace, &(struct trace_options){ .no_syscalls = "unknown,compat" });
	child_run(comm, call_strange, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_rows(&trace, comm), 2); /* prctl, exit_group */
	trace_close(&trace);
}
END_TEST

static void call_minus_one(void *arg)
{
	(void)arg;
	for (int i = 0; i < 13; i++)
		must(syscall(-1) == -1);
	call(-2, 17);
}

/* The exit of rt_sigreturn carries the number -1, which a program can also ask for. */
START_TEST(the_call_minus_one_is_an_error_and_no_return_from_a_signal)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "minu");
	trace_join(&trace);
	child_run(comm, call_minus_one, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "unknown"), 13 + 17);
	ck_assert_uint_eq(trace_errors(&trace, comm, "unknown"), 13 + 17);
	ck_assert_uint_eq(trace_calls(&trace, comm, "rt_sigreturn"), 0);
	trace_close(&trace);
}
END_TEST

TCase *number_tests(void)
{
	TCase *tcase = tcase_create("number");

	kernel_add(tcase, an_unknown_number_has_no_wrong_name);
	kernel_add(tcase, a_number_is_of_32_bits);
	kernel_add(tcase, unknown_numbers_are_selected_by_their_collective_name);
	kernel_add(tcase, unknown_numbers_can_be_excluded);
	kernel_add(tcase, the_call_minus_one_is_an_error_and_no_return_from_a_signal);
	return tcase;
}
