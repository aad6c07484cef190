/* SPDX-License-Identifier: Apache-2.0 */
/* Another filter while calls are made. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

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

static void lose_nothing(const struct trace *trace)
{
	for (size_t i = 0; i < IOR_LOST_REASONS; i++)
		ck_assert_uint_eq(trace->snapshot->status.lost[i], 0);
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
	lose_nothing(&trace);
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

/* ---- calls that are on their way when the filter changes ---- */

static long wait_at(const struct gate *gate)
{
	char byte;
	const struct iovec to = { &byte, 1 };

	return syscall(SYS_preadv2, gate->fd[0], &to, 1, -1l, -1l, 0);
}

static void wait_once(void *gate)
{
	must(wait_at(gate) == 1);
}

/* Threads of that comm in preadv2. */
static uint64_t in_flight(struct trace *trace, const char *comm)
{
	uint64_t n = 0;

	trace_read(trace);
	for (size_t i = 0; i < trace->snapshot->in_flight_n; i++) {
		const struct in_flight *entry = &trace->snapshot->in_flight[i];

		if (!strcmp(entry->call->name, "preadv2") && !strcmp(entry->tuple->comm, comm))
			n += entry->count;
	}
	return n;
}

START_TEST(a_call_that_waits_is_in_flight_while_the_filter_lets_it_in)
{
	const struct ior_filter everybody = { .kinds = 0 };
	struct ior_filter filter = { .kinds = 0 };
	struct trace trace;
	struct gate gate;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "flies");
	gate_open(&gate);
	trace_open(&trace, &(struct trace_options){ .syscalls = CALLS, .in_flight = true });
	pid = child_start(comm, wait_once, &gate);
	wait_blocked(pid, SYS_preadv2);
	ck_assert_uint_eq(in_flight(&trace, comm), 1);
	let_in(&trace, IOR_FILTER_UID, NOBODY);
	ck_assert_uint_eq(in_flight(&trace, comm), 0);
	let_in(&trace, IOR_FILTER_UID, getuid());
	ck_assert_uint_eq(in_flight(&trace, comm), 1);
	for (int mine = 0; mine < 4; mine++) {
		const uint32_t id = (uint32_t)pid + (mine % 2 ? 0 : 1);

		filter = (struct ior_filter){ .kinds = mine < 2 ? IOR_FILTER_PID : IOR_FILTER_TID };
		(mine < 2 ? filter.pid : filter.tid)[0] = id;
		ck_assert_int_eq(trace.source->ops->set_filter(trace.source, &filter), 0);
		ck_assert_uint_eq(in_flight(&trace, comm), mine % 2);
	}
	/* no comm, any comm */
	filter = (struct ior_filter){ .kinds = IOR_FILTER_COMM };
	ck_assert_int_eq(trace.source->ops->set_filter(trace.source, &filter), 0);
	ck_assert_uint_eq(in_flight(&trace, comm), 0);
	filter.comm.begin[0] = filter.comm.star[0] = filter.comm.end[0] = 1;
	ck_assert_int_eq(trace.source->ops->set_filter(trace.source, &filter), 0);
	ck_assert_uint_eq(in_flight(&trace, comm), 1);
	ck_assert_int_eq(trace.source->ops->set_filter(trace.source, &everybody), 0);
	gate_pass(&gate);
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "preadv2"), 1);
	lose_nothing(&trace);
	trace_close(&trace);
	gate_close(&gate);
}
END_TEST

START_TEST(a_thread_that_is_filtered_out_dies_unseen)
{
	struct trace trace;
	struct gate gate;
	char comm[COMM_SIZE];

	comm_make(comm, "unseen");
	gate_open(&gate);
	trace_open(&trace, &(struct trace_options){ .syscalls = CALLS });
	for (uint64_t in = 0; in < 2; in++) {
		pid_t pid;

		let_in(&trace, 0, 0);
		pid = child_start(comm, wait_once, &gate);
		wait_blocked(pid, SYS_preadv2);
		let_in(&trace, IOR_FILTER_UID, in ? getuid() : NOBODY);
		child_kill(pid);
		trace_read(&trace);
		ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_DIED], in);
	}
	trace_close(&trace);
	gate_close(&gate);
}
END_TEST

static struct gate handlers, calls; /* what each waits at */

static void wait_in_handler(int number)
{
	(void)number;
	gate_wait(&handlers);
}

/* Waits twice in the same place: the first is broken off by a signal. */
static void wait_twice(void *unused)
{
	const struct sigaction action = { .sa_handler = wait_in_handler };
	long got[2];

	(void)unused;
	must(sigaction(SIGUSR1, &action, NULL) == 0);
	for (int i = 0; i < 2; i++)
		got[i] = wait_at(&calls);
	must(got[0] == -1 && got[1] == 1);
}

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* The user that is let in when the call is broken off, and while its handler runs. */
static void break_off(uint32_t first, uint32_t second, uint64_t calls_counted, uint64_t errors)
{
	const struct series *series;
	struct trace trace;
	char comm[COMM_SIZE];
	uint64_t begin_ns;
	pid_t pid;

	comm_make(comm, "breakoff");
	gate_open(&handlers);
	gate_open(&calls);
	trace_open(&trace, &(struct trace_options){ .syscalls = CALLS });
	pid = child_start(comm, wait_twice, NULL);
	wait_blocked(pid, SYS_preadv2);
	let_in(&trace, IOR_FILTER_UID, first);
	ck_assert_int_eq(kill(pid, SIGUSR1), 0);
	wait_blocked(pid, SYS_read);
	let_in(&trace, IOR_FILTER_UID, second);
	begin_ns = monotonic_ns();
	gate_pass(&handlers);
	wait_blocked(pid, SYS_preadv2);
	let_in(&trace, 0, 0);
	gate_pass(&calls);
	child_wait(pid);
	trace_read(&trace);
	series = trace_find(&trace, comm, "preadv2");
	ck_assert_uint_eq(series ? series->calls : 0, calls_counted);
	ck_assert_uint_eq(series ? series->counts.errors : 0, errors);
	if (series && !errors)
		ck_assert_uint_lt(series->counts.sum_ns, monotonic_ns() - begin_ns);
	lose_nothing(&trace);
	trace_close(&trace);
	gate_close(&handlers);
	gate_close(&calls);
}

START_TEST(a_call_that_is_broken_off_counts_by_the_filter_of_both_its_ends)
{
	const struct {
		uint32_t first, second;
		uint64_t calls, errors;
	} cases[] = {
		{ getuid(), getuid(), 2, 1 },
		{ getuid(), NOBODY, 0, 0 }, /* the second call begins when nobody is counted */
		{ NOBODY, getuid(), 1, 0 }, /* the second alone */
		{ NOBODY, NOBODY, 0, 0 },
	};

	break_off(cases[_i].first, cases[_i].second, cases[_i].calls, cases[_i].errors);
}
END_TEST

START_TEST(a_call_that_is_broken_off_dies_by_the_filter_of_both_its_ends)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "breakdie");
	gate_open(&handlers);
	gate_open(&calls);
	trace_open(&trace, &(struct trace_options){ .syscalls = CALLS });
	for (uint64_t in = 0; in < 2; in++) {
		pid_t pid;

		let_in(&trace, IOR_FILTER_UID, getuid());
		pid = child_start(comm, wait_twice, NULL);
		wait_blocked(pid, SYS_preadv2);
		ck_assert_int_eq(kill(pid, SIGUSR1), 0);
		wait_blocked(pid, SYS_read);
		let_in(&trace, IOR_FILTER_UID, in ? getuid() : NOBODY);
		child_kill(pid);
		trace_read(&trace);
		ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_DIED], in);
	}
	trace_close(&trace);
	gate_close(&handlers);
	gate_close(&calls);
}
END_TEST

TCase *filter_change_tests(void)
{
	TCase *tcase = tcase_create("filter change");

	kernel_add(tcase, a_filter_may_change_while_a_call_waits);
	kernel_add(tcase, no_call_is_missed_while_filters_that_let_it_in_take_turns);
	kernel_add_unless(tcase, a_call_that_waits_is_in_flight_while_the_filter_lets_it_in,
			  trace_lacks_in_flight());
	kernel_add(tcase, a_thread_that_is_filtered_out_dies_unseen);
	kernel_add_loop(tcase, a_call_that_is_broken_off_counts_by_the_filter_of_both_its_ends, 4);
	kernel_add(tcase, a_call_that_is_broken_off_dies_by_the_filter_of_both_its_ends);
	return tcase;
}
