/* SPDX-License-Identifier: Apache-2.0 */
/* Known numbers of calls, from one thread to thousands of threads and processes. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "kernel.h"

#define BAD_FD (-1)

static void known_workload(void *arg)
{
	char bytes[10];
	int zero = open("/dev/zero", O_RDONLY);

	(void)arg;
	call(SYS_getppid, 12345);
	for (int i = 0; i < 777; i++)
		must(syscall(SYS_read, zero, bytes, sizeof(bytes)) == sizeof(bytes));
	for (int i = 0; i < 55; i++)
		must(syscall(SYS_close, BAD_FD) == -1);
}

START_TEST(calls_bytes_and_errors_of_a_known_workload_are_exact)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "work");
	trace_open(&trace, &(struct trace_options){ 0 });
	child_run(comm, known_workload, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), 12345);
	ck_assert_uint_eq(trace_errors(&trace, comm, "getppid"), 0);
	ck_assert_uint_eq(trace_calls(&trace, comm, "read"), 777);
	ck_assert_uint_eq(trace_bytes(&trace, comm, "read"), 7770);
	ck_assert_uint_eq(trace_errors(&trace, comm, "read"), 0);
	ck_assert_uint_eq(trace_calls(&trace, comm, "close"), 55);
	ck_assert_uint_eq(trace_errors(&trace, comm, "close"), 55);
	ck_assert_uint_eq(trace_bytes(&trace, comm, "close"), 0);
	trace_close(&trace);
}
END_TEST

START_TEST(a_second_read_adds_only_what_came_since)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "twic");
	trace_join(&trace);
	for (uint64_t round = 1; round <= 5; round++) {
		child_run(comm, known_workload, NULL);
		trace_read(&trace);
		ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), round * 12345);
		ck_assert_uint_eq(trace_bytes(&trace, comm, "read"), round * 7770);
		ck_assert_uint_eq(trace_errors(&trace, comm, "close"), round * 55);
	}
	trace_close(&trace);
}
END_TEST

/* ---- threads ---- */

struct load {
	unsigned int threads, cpus, calls;
};

static void call_getppid(void *arg)
{
	call(SYS_getppid, ((const struct load *)arg)->calls);
}

static void run_load(void *arg)
{
	const struct load *load = arg;

	threads_run(load->threads, load->cpus, call_getppid, arg);
}

static uint64_t lost_calls(const struct trace *trace)
{
	const uint64_t *lost = trace->snapshot->status.lost;

	return lost[IOR_LOST_RECURSION] + lost[IOR_LOST_NO_ENTRY] + lost[IOR_LOST_NO_EXIT];
}

/* So many calls of getppid were made since lost_calls(), and all are counted. Kernels that preempt
 * the programs keep a call from all copies now and then: it is enough that others are inside of the
 * first when the caller comes by, and inside of the next ones when it gets there. Then it is lost
 * instead, and nobody else's call is. */
static void check_calls(const struct trace *trace, const char *comm, uint64_t made, uint64_t before)
{
	const uint64_t lost = trace_is_preempted() ? lost_calls(trace) - before : 0;

	ck_assert_uint_eq(trace_calls(trace, comm, "getppid") + lost, made);
}

/* options: of a tracer of its own; none: the one that is there */
static void check_load(struct load load, const struct trace_options *options)
{
	struct trace trace;
	char comm[COMM_SIZE];
	uint64_t lost;

	comm_make(comm, "load");
	if (options)
		trace_open(&trace, options);
	else
		trace_join(&trace);
	trace_read(&trace);
	lost = lost_calls(&trace);
	child_run(comm, run_load, &load);
	trace_read(&trace);
	check_calls(&trace, comm, (uint64_t)load.threads * load.calls, lost);
	ck_assert_uint_eq(trace_calls(&trace, comm, "exit"), load.threads);
	trace_close(&trace);
}

START_TEST(two_threads_on_two_cpus_are_exact)
{
	check_load((struct load){ 2, 2, scaled(100000) }, NULL);
}
END_TEST

START_TEST(four_threads_on_one_cpu_are_exact)
{
	check_load((struct load){ 4, 1, scaled(50000) }, NULL);
}
END_TEST

START_TEST(eight_threads_on_two_cpus_are_exact)
{
	check_load((struct load){ 8, 2, scaled(25000) }, NULL);
}
END_TEST

START_TEST(eight_threads_on_any_cpu_are_exact)
{
	check_load((struct load){ 8, 0, scaled(25000) }, NULL);
}
END_TEST

/* Rows for one CPU only: (514 reserved + 1000) * 288 bytes is 436,032. */
START_TEST(cpus_that_share_a_shard_are_exact)
{
	check_load((struct load){ 2, 2, scaled(100000) },
		   &(struct trace_options){ .series_max = 1000, .series_memory = 500000 });
}
END_TEST

static void many_in_turn(void *arg)
{
	const unsigned int turns = scaled(2500);

	for (unsigned int i = 0; i < turns; i++)
		threads_run(1, 0, call_getppid, arg);
}

static void *start_many(void *arg)
{
	many_in_turn(arg);
	return NULL;
}

/* A thread for each turn of two that start them: 5,000 that live for two calls. */
static void churn(void *arg)
{
	pthread_t thread;

	must(pthread_create(&thread, NULL, start_many, arg) == 0);
	many_in_turn(arg);
	must(pthread_join(thread, NULL) == 0);
}

START_TEST(five_thousand_short_threads_are_exact)
{
	struct load load = { .calls = 2 };
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "chur");
	trace_join(&trace);
	child_run(comm, churn, &load);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), 4 * (uint64_t)scaled(2500));
	ck_assert_uint_eq(trace_calls(&trace, comm, "exit"), 2 * (uint64_t)scaled(2500) + 1);
	ck_assert_uint_eq(trace_calls(&trace, comm, "exit_group"), 1);
	trace_close(&trace);
}
END_TEST

/* ---- processes ---- */

#define AT_ONCE (int)trace_threads(8)

/* clone itself, for fork() may be any of three calls */
static void storm(void *arg)
{
	const unsigned int forks = *(const unsigned int *)arg;
	int running = 0;

	for (unsigned int i = 0; i < forks; i++) {
		long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

		must(pid >= 0);
		if (!pid) {
			call(SYS_getppid, 3);
			(void)syscall(SYS_exit_group, 0);
		}
		if (++running == AT_ONCE)
			for (; running; running--)
				must(waitpid(-1, NULL, 0) > 0);
	}
}

START_TEST(a_storm_of_forks_is_exact)
{
	unsigned int forks = scaled(2000);
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "fork");
	trace_join(&trace);
	child_run(comm, storm, &forks);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), 3 * forks);
	/* the child's first return is not one of its calls */
	ck_assert_uint_eq(trace_calls(&trace, comm, "clone"), forks);
	ck_assert_uint_eq(trace_errors(&trace, comm, "clone"), 0);
	ck_assert_uint_eq(trace_calls(&trace, comm, "wait4"), forks);
	ck_assert_uint_eq(trace_calls(&trace, comm, "exit_group"), forks + 1);
	trace_close(&trace);
}
END_TEST

START_TEST(processes_of_one_comm_add_up)
{
	struct load load = { 2, 0, scaled(20000) };
	struct trace trace;
	char comm[COMM_SIZE];
	uint64_t lost;
	pid_t pid[4];

	comm_make(comm, "many");
	trace_join(&trace);
	trace_read(&trace);
	lost = lost_calls(&trace);
	for (int i = 0; i < 4; i++)
		pid[i] = child_start(comm, run_load, &load);
	for (int i = 0; i < 4; i++)
		child_wait(pid[i]);
	trace_read(&trace);
	check_calls(&trace, comm, (uint64_t)2 * 4 * load.calls, lost);
	trace_close(&trace);
}
END_TEST

START_TEST(two_tracers_at_once_are_both_exact)
{
	struct load load = { 4, 2, scaled(20000) };
	const uint64_t made = (uint64_t)load.threads * load.calls;
	struct trace one, two;
	char comm[COMM_SIZE];

	comm_make(comm, "both");
	trace_open(&one, &(struct trace_options){ 0 });
	trace_open(&two, &(struct trace_options){ 0 });
	child_run(comm, run_load, &load);
	trace_read(&one);
	trace_read(&two);
	check_calls(&one, comm, made, 0);
	check_calls(&two, comm, made, 0);
	trace_close(&one);
	trace_close(&two);
}
END_TEST

TCase *exact_tests(void)
{
	TCase *tcase = tcase_create("exact");

	kernel_add(tcase, calls_bytes_and_errors_of_a_known_workload_are_exact);
	kernel_add(tcase, a_second_read_adds_only_what_came_since);
	kernel_add(tcase, two_threads_on_two_cpus_are_exact);
	kernel_add(tcase, four_threads_on_one_cpu_are_exact);
	kernel_add(tcase, eight_threads_on_two_cpus_are_exact);
	kernel_add(tcase, eight_threads_on_any_cpu_are_exact);
	kernel_add(tcase, cpus_that_share_a_shard_are_exact);
	kernel_add(tcase, five_thousand_short_threads_are_exact);
	kernel_add(tcase, a_storm_of_forks_is_exact);
	kernel_add(tcase, processes_of_one_comm_add_up);
	kernel_add(tcase, two_tracers_at_once_are_both_exact);
	return tcase;
}
