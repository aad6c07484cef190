/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that are idle are given to others: no count is lost, none gets under another name. */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "kernel.h"
#include "reclaim.h"

/* Only calls of our own are traced, so only our names take rows. */
#define RARE "kcmp,preadv2"
#define ROWS 16 /* more than half, and nearly all of them fit twice */

static void nth_comm(char comm[COMM_SIZE], const char *base, unsigned int n)
{
	(void)snprintf(comm, COMM_SIZE, "%.11s%u", base, n);
}

/* A read, and a step at that time. */
static void step(struct trace *trace, uint64_t seconds)
{
	trace_read(trace);
	ck_assert_int_eq(trace->source->ops->reclaim(trace->source, seconds * 1000000000), 0);
}

/* All that is idle at `seconds` is free behind it. */
static void give_back_all(struct trace *trace, uint64_t seconds)
{
	step(trace, seconds);
	step(trace, seconds + RECLAIM_IDLE_SECONDS);
	step(trace, seconds + RECLAIM_IDLE_SECONDS + 1);
	trace_read(trace);
	ck_assert_uint_eq(trace->snapshot->status.rows, 0);
}

static void call_rare(void *arg)
{
	call(SYS_kcmp, *(const unsigned int *)arg);
}

static void fill_rows(const char *base, unsigned int first, unsigned int rows)
{
	for (unsigned int i = first; i < first + rows; i++) {
		unsigned int n = 100 + i;
		char comm[COMM_SIZE];

		nth_comm(comm, base, i);
		child_run(comm, call_rare, &n);
	}
}

/* `n` of them from `first` on. */
static void check_filled(const struct trace *trace, const char *base, unsigned int first,
			 unsigned int n, unsigned int times)
{
	for (unsigned int i = first; i < first + n; i++) {
		char comm[COMM_SIZE];

		nth_comm(comm, base, i);
		ck_assert_uint_eq(trace_calls(trace, comm, "kcmp"), times * (100 + i));
	}
}

START_TEST(idle_rows_are_given_to_other_names)
{
	struct trace trace;
	char base[COMM_SIZE];

	comm_make(base, "i");
	trace_open(&trace, &(struct trace_options){ .syscalls = RARE, .series_max = FEW_ROWS });
	for (unsigned int round = 0; round < 4; round++) {
		fill_rows(base, round * ROWS, ROWS);
		trace_read(&trace);
		ck_assert_uint_eq(trace.snapshot->status.rows, ROWS);
		give_back_all(&trace, 1000 * (round + 1));
	}
	fill_rows(base, 0, ROWS); /* the first ones come back */
	trace_read(&trace);
	check_filled(&trace, base, 0, ROWS, 2);
	for (unsigned int round = 1; round < 4; round++)
		check_filled(&trace, base, round * ROWS, ROWS, 1);
	ck_assert_uint_eq(trace.snapshot->overflow, 0);
	trace_close(&trace);
}
END_TEST

/* Knows its rows, sleeps within a call, and goes on. */
static void sleep_and_call(void *arg)
{
	const struct gate *gate = arg;
	char byte;
	const struct iovec to = { &byte, 1 };

	call(SYS_kcmp, 5);
	must(syscall(SYS_preadv2, gate->fd[0], &to, 1, -1l, -1l, 0) == 1);
	call(SYS_kcmp, 7);
}

START_TEST(a_thread_that_sleeps_meanwhile_counts_under_its_own_name)
{
	struct trace trace;
	struct gate gate;
	char base[COMM_SIZE], comm[COMM_SIZE];
	pid_t pid;

	comm_make(base, "s");
	comm_make(comm, "sleeper");
	gate_open(&gate);
	trace_open(&trace, &(struct trace_options){ .syscalls = RARE, .series_max = FEW_ROWS });
	pid = child_start(comm, sleep_and_call, &gate);
	wait_blocked(pid, SYS_preadv2);
	fill_rows(base, 0, ROWS);
	give_back_all(&trace, 1000);
	fill_rows(base, ROWS, FEW_ROWS); /* the sleeper's row has another name now */
	give_back_all(&trace, 2000);
	gate_pass(&gate);
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "kcmp"), 12);
	ck_assert_uint_eq(trace_calls(&trace, comm, "preadv2"), 1);
	check_filled(&trace, base, 0, ROWS, 1);
	check_filled(&trace, base, ROWS, FEW_ROWS, 1);
	ck_assert_uint_eq(trace.snapshot->overflow, 0);
	trace_close(&trace);
	gate_close(&gate);
}
END_TEST

/* A row that is retired and not yet given back belongs to nobody: who comes back gets another. */
START_TEST(who_comes_back_while_its_row_is_retired_gets_another)
{
	struct trace trace;
	char base[COMM_SIZE];

	comm_make(base, "b");
	trace_open(&trace, &(struct trace_options){ .syscalls = RARE, .series_max = FEW_ROWS });
	fill_rows(base, 0, ROWS);
	step(&trace, 1000);
	step(&trace, 1000 + RECLAIM_IDLE_SECONDS);
	fill_rows(base, 0, ROWS); /* one too many */
	trace_read(&trace);
	ck_assert_uint_eq(trace.snapshot->status.rows, FEW_ROWS);
	ck_assert_uint_eq(trace.snapshot->overflow, 100 + ROWS - 1);
	step(&trace, 1001 + RECLAIM_IDLE_SECONDS);
	fill_rows(base, 0, ROWS);
	trace_read(&trace);
	check_filled(&trace, base, 0, ROWS - 1, 3);
	check_filled(&trace, base, ROWS - 1, 1, 2); /* once it found no row */
	ck_assert_uint_eq(trace.snapshot->overflow, 100 + ROWS - 1);
	trace_close(&trace);
}
END_TEST

/* Who found no row, and counts under LABEL_OTHER since, looks again when there are some. */
static void call_twice(void *arg)
{
	const struct gate *gate = arg;

	call(SYS_kcmp, 5);
	gate_wait(gate);
	call(SYS_kcmp, 7);
}

START_TEST(who_found_no_row_gets_one_when_there_is_one)
{
	struct trace trace;
	struct gate gate;
	char base[COMM_SIZE], comm[COMM_SIZE];
	pid_t pid;

	comm_make(base, "o");
	comm_make(comm, "late");
	gate_open(&gate);
	trace_open(&trace, &(struct trace_options){ .syscalls = RARE, .series_max = FEW_ROWS });
	fill_rows(base, 0, FEW_ROWS);
	pid = child_start(comm, call_twice, &gate);
	wait_blocked(pid, SYS_read);
	give_back_all(&trace, 1000);
	gate_pass(&gate);
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "kcmp"), 7);
	ck_assert_uint_eq(trace_calls(&trace, LABEL_OTHER, "kcmp"), 5);
	ck_assert_uint_eq(trace.snapshot->overflow, 5);
	trace_close(&trace);
	gate_close(&gate);
}
END_TEST

/* ---- under load ---- */

#define NAMES ROWS
#define THREADS trace_threads(8)
#define CALLS_A_TURN scaled(500)
#define STEPS_MAX 20000
#define FEWER (2 + scaled(30)) /* times that rows were given back */

/* Shared with the load. */
struct load {
	char base[COMM_SIZE];
	unsigned int threads; /* that have begun */
	unsigned int turns;   /* of all threads, through all names */
	bool enough;
};

/* Each thread goes through all names, each from another one on. */
static void take_turns(void *arg)
{
	struct load *load = arg;
	const unsigned int first =
		NAMES / THREADS * __atomic_fetch_add(&load->threads, 1, __ATOMIC_RELAXED);

	do {
		for (unsigned int i = 0; i < NAMES; i++) {
			char comm[COMM_SIZE];

			nth_comm(comm, load->base, (first + i) % NAMES);
			comm_set(comm);
			call(SYS_kcmp, CALLS_A_TURN);
		}
		__atomic_fetch_add(&load->turns, 1, __ATOMIC_RELAXED);
	} while (!__atomic_load_n(&load->enough, __ATOMIC_RELAXED));
}

static void run_turns(void *load)
{
	threads_run(THREADS, 2, take_turns, load);
}

/* Steps, each a minute after the one before, until rows were given back that often. */
static void step_until_fewer(struct trace *trace, unsigned int times)
{
	uint64_t seconds = 1000, rows = 0;

	for (unsigned int steps = 0; times; steps++) {
		ck_assert_uint_lt(steps, STEPS_MAX);
		step(trace, seconds += RECLAIM_IDLE_SECONDS);
		times -= trace->snapshot->status.rows < rows;
		rows = trace->snapshot->status.rows;
	}
}

/* Rows that are retired and those that their names get instead fit just so: a name that comes at a
 * bad moment finds none, and is counted for a turn under LABEL_OTHER. So no name has more than its
 * calls, and what they lack all together is there. */
static void check_names(const struct trace *trace, const struct load *load)
{
	const uint64_t calls_a_name = (uint64_t)load->turns * CALLS_A_TURN;
	uint64_t lacking = 0;

	for (unsigned int i = 0; i < NAMES; i++) {
		char comm[COMM_SIZE];
		uint64_t calls;

		nth_comm(comm, load->base, i);
		calls = trace_calls(trace, comm, "kcmp");
		if (calls > calls_a_name)
			ck_abort_msg("%s: %llu", comm, (unsigned long long)calls);
		lacking += calls_a_name - calls;
	}
	ck_assert_uint_eq(lacking, trace_calls(trace, LABEL_OTHER, "kcmp"));
	ck_assert_uint_eq(lacking, trace->snapshot->overflow);
	ck_assert_uint_eq(trace_total(trace, "kcmp"), NAMES * calls_a_name);
	ck_assert_uint_lt(lacking, NAMES * calls_a_name / 10);
}

START_TEST(under_load_each_name_has_its_calls)
{
	struct load *load = mmap(NULL, sizeof(*load), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct trace trace;
	pid_t pid;

	ck_assert_ptr_ne(load, MAP_FAILED);
	comm_make(load->base, "l");
	trace_open(&trace, &(struct trace_options){ .syscalls = "kcmp",
						    .series_max = FEW_ROWS,
						    .comm_of_thread = true });
	pid = child_start("ior-tests", run_turns, load);
	step_until_fewer(&trace, FEWER);
	__atomic_store_n(&load->enough, true, __ATOMIC_RELAXED);
	child_wait(pid);
	trace_read(&trace);
	check_names(&trace, load);
	trace_close(&trace);
	ck_assert_int_eq(munmap(load, sizeof(*load)), 0);
}
END_TEST

TCase *reclaim_tests(void)
{
	TCase *tcase = tcase_create("reclaim");

	kernel_add(tcase, idle_rows_are_given_to_other_names);
	kernel_add(tcase, a_thread_that_sleeps_meanwhile_counts_under_its_own_name);
	kernel_add(tcase, who_comes_back_while_its_row_is_retired_gets_another);
	kernel_add(tcase, who_found_no_row_gets_one_when_there_is_one);
	kernel_add(tcase, under_load_each_name_has_its_calls);
	return tcase;
}
