/* SPDX-License-Identifier: Apache-2.0 */
/* Threads as such: mode raw_tp has room for many, but not for all; and numbers are given anew. */
#include <fcntl.h>
#include <stdio.h>

#include "kernel.h"

/* ---- more than there is room for ---- */

#define ROOM 4
#define CHILDREN 10
#define CALLS 3ul

struct gates {
	struct gate called, end;
};

static void call_and_stay(void *arg)
{
	const struct gates *gates = arg;

	call(SYS_kcmp, CALLS);
	gate_pass(&gates->called);
	gate_wait(&gates->end);
}

static void call_and_end(void *arg)
{
	(void)arg;
	call(SYS_kcmp, CALLS);
}

START_TEST(calls_of_threads_past_the_limit_are_lost_as_no_memory)
{
	struct gates gates;
	struct trace trace;
	pid_t pids[CHILDREN];
	char comm[COMM_SIZE];

	comm_make(comm, "room");
	gate_open(&gates.called);
	gate_open(&gates.end);
	/* nobody else makes this call, so there is no state of others */
	trace_open(&trace, &(struct trace_options){ .syscalls = "kcmp", .threads_max = ROOM });
	for (int i = 0; i < CHILDREN; i++) {
		pids[i] = child_start(comm, call_and_stay, &gates);
		gate_wait(&gates.called);
	}
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "kcmp"), ROOM * CALLS);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_MEMORY],
			  (CHILDREN - ROOM) * CALLS);
	for (int i = 0; i < CHILDREN; i++)
		gate_pass(&gates.end);
	for (int i = 0; i < CHILDREN; i++)
		child_wait(pids[i]);
	/* there is room again */
	for (int i = 0; i < CHILDREN; i++)
		child_run(comm, call_and_end, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "kcmp"), (ROOM + CHILDREN) * CALLS);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_MEMORY],
			  (CHILDREN - ROOM) * CALLS);
	trace_close(&trace);
	gate_close(&gates.called);
	gate_close(&gates.end);
}
END_TEST

/* ---- numbers given anew ---- */

#define LAST_PID "/proc/sys/kernel/ns_last_pid"

/* Makes this number the next to be given, if nobody else takes it first. */
static void make_next(pid_t pid)
{
	FILE *file = fopen(LAST_PID, "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_gt(fprintf(file, "%d", (int)pid - 1), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void call_once(void *arg)
{
	(void)arg;
	call(SYS_kcmp, 1);
}

START_TEST(a_thread_with_the_number_of_another_one_is_new)
{
	unsigned int same = 0, made = 1;
	const struct series *series;
	struct trace trace;
	char comm[COMM_SIZE];
	pid_t pid, next;

	comm_make(comm, "anew");
	trace_open(&trace, &(struct trace_options){ .syscalls = "kcmp" });
	pid = child_start(comm, call_once, NULL);
	child_wait(pid);
	for (; same < 10; made++) {
		make_next(pid);
		next = child_start(comm, call_once, NULL);
		child_wait(next);
		same += next == pid;
		pid = next;
	}
	trace_read(&trace);
	series = trace_find(&trace, comm, "kcmp");
	ck_assert_ptr_nonnull(series);
	ck_assert_uint_eq(series->calls, made);
	ck_assert_uint_eq(series->counts.gap_ns, 0);
	for (unsigned int i = 0; i < IOR_LOST_REASONS; i++)
		ck_assert_uint_eq(trace.snapshot->status.lost[i], 0);
	trace_close(&trace);
}
END_TEST

TCase *thread_tests(void)
{
	TCase *tcase = tcase_create("thread");

	kernel_add_unless(tcase, calls_of_threads_past_the_limit_are_lost_as_no_memory,
			  trace_lacks_thread_limit());
	kernel_add_unless(tcase, a_thread_with_the_number_of_another_one_is_new,
			  access(LAST_PID, W_OK) ? "there is no " LAST_PID : "");
	return tcase;
}
