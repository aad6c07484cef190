/* SPDX-License-Identifier: Apache-2.0 */
/* Another filter while calls are made. */
#include <string.h>
#include <sys/uio.h>

#include "kernel.h"

/* Calls that nobody else makes, so that nothing else can be lost. */
#define CALLS "kcmp,preadv2"

#define NOBODY 54321 /* a user that no process has */

static void let_in(struct trace *trace, unsigned int kinds, uint32_t uid)
{
	struct ior_filter filter = { .kinds = kinds };

	for (size_t i = 0; i < IOR_FILTER_MAX; i++)
		filter.uid[i] = uid;
	ck_assert_int_eq(trace->source->ops->set_filter(trace->source, &filter), 0);
}

static const unsigned int rounds[] = { 7, 100, 1000, 30, 13 };
#define ROUNDS (sizeof(rounds) / sizeof(rounds[0]))

struct gates {
	struct gate go, done;
};

/* Before each round it waits inside a call. */
static void wait_and_call(void *arg)
{
	const struct gates *gates = arg;

	for (size_t i = 0; i < ROUNDS; i++) {
		char byte;
		const struct iovec to = { &byte, 1 };

		must(syscall(SYS_preadv2, gates->go.fd[0], &to, 1, -1l, -1l, 0) == 1);
		call(SYS_kcmp, rounds[i]);
		gate_pass(&gates->done);
	}
}

/* It is done, and waits for the one after. */
static void next_round(pid_t pid, const struct gates *gates)
{
	gate_pass(&gates->go);
	gate_wait(&gates->done);
	wait_blocked(pid, SYS_preadv2);
}

START_TEST(a_filter_may_change_while_a_call_waits)
{
	struct trace trace;
	struct gates gates;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "refilter");
	gate_open(&gates.go);
	gate_open(&gates.done);
	trace_open(&trace, &(struct trace_options){ .syscalls = CALLS });
	pid = child_start(comm, wait_and_call, &gates);
	wait_blocked(pid, SYS_preadv2);
	next_round(pid, &gates); /* 7: everybody */
	let_in(&trace, IOR_FILTER_UID, NOBODY);
	next_round(pid, &gates); /* 100: nobody; its wait began when everybody was counted */
	let_in(&trace, IOR_FILTER_UID, getuid());
	next_round(pid, &gates); /* 1000: it is; but its wait began when it was not */
	let_in(&trace, 0, 0);
	next_round(pid, &gates); /* 30: everybody, its wait as well */
	let_in(&trace, IOR_FILTER_UID, NOBODY);
	gate_pass(&gates.go); /* 13: nobody */
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "kcmp"), 7 + 1000 + 30);
	ck_assert_uint_eq(trace_calls(&trace, comm, "preadv2"), 2);
	for (size_t i = 0; i < IOR_LOST_REASONS; i++)
		ck_assert_uint_eq(trace.snapshot->status.lost[i], 0);
	trace_close(&trace);
	gate_close(&gates.go);
	gate_close(&gates.done);
}
END_TEST

static void call_often(void *arg)
{
	(void)arg;
	call(SYS_kcmp, scaled(100000));
}

START_TEST(no_call_is_missed_while_filters_that_let_it_in_take_turns)
{
	const unsigned int both = IOR_FILTER_UID | IOR_FILTER_COMM;
	struct trace trace;
	char comm[COMM_SIZE];
	pid_t pids[2];

	comm_make(comm, "turns");
	trace_open(&trace, &(struct trace_options){ .syscalls = CALLS });
	for (size_t i = 0; i < 2; i++)
		pids[i] = child_start(comm, call_often, NULL);
	for (unsigned int i = 0; i < 20; i++) {
		struct ior_filter filter = { .kinds = i % 2 ? both : IOR_FILTER_UID };

		/* any comm, or, where the comm is not asked, none */
		filter.comm.begin[0] = filter.comm.star[0] = filter.comm.end[0] = i % 2;
		for (size_t j = 0; j < IOR_FILTER_MAX; j++)
			filter.uid[j] = getuid();
		ck_assert_int_eq(trace.source->ops->set_filter(trace.source, &filter), 0);
	}
	for (size_t i = 0; i < 2; i++)
		child_wait(pids[i]);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "kcmp"), 2 * scaled(100000));
	trace_close(&trace);
}
END_TEST

TCase *filter_change_tests(void)
{
	TCase *tcase = tcase_create("filter change");

	kernel_add(tcase, a_filter_may_change_while_a_call_waits);
	kernel_add(tcase, no_call_is_missed_while_filters_that_let_it_in_take_turns);
	return tcase;
}
