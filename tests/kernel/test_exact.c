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
	struct window *window;
};

static void call_getppid(void *arg)
{
	call(SYS_getppid, ((const struct load *)arg)->calls);
}

static void run_load(void *arg)
{
	const struct load *load = arg;

	threads_run_in(load->window, load->threads, load->cpus, call_getppid, arg);
}

static uint64_t lost_calls(const struct trace *trace)
{
	const uint64_t *lost = trace->snapshot->status.lost;

	return lost[IOR_LOST_RECURSION] + lost[IOR_LOST_NO_ENTRY] + lost[IOR_LOST_NO_EXIT];
}

/* Reads the trace before and after the load in the children's window, and so many calls of getppid
 * are counted in there. Kernels that preempt the programs keep a call from all copies now and then:
 * it is enough that others are inside of the first when the caller comes by, and inside of the next
 * ones when it gets there. Then it is lost instead; elsewhere none is. */
static void check_window(struct trace *trace[], int traces, const char *comm,
			 const struct load *load, const pid_t *pids, unsigned int processes)
{
	const unsigned int threads = load->threads * processes;
	uint64_t before[2] = { 0 }, lost;

	window_await(load->window, pids, processes, threads);
	for (int i = 0; i < traces; i++) {
		trace_read(trace[i]);
		before[i] = lost_calls(trace[i]);
		ck_assert_uint_eq(trace_calls(trace[i], comm, "getppid"), 0);
	}
	window_run(load->window, threads);
	for (int i = 0; i < traces; i++) {
		trace_read(trace[i]);
		lost = trace_is_preempted() ? lost_calls(trace[i]) - before[i] : 0;
		ck_assert_uint_eq(trace_calls(trace[i], comm, "getppid") + lost,
				  (uint64_t)threads * load->calls);
	}
	window_close(load->window);
}

/* options: of a tracer of its own; none: the one that is there */
static void check_load(struct load load, const struct trace_options *options)
{
	struct trace trace;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "load");
	load.window = window_new();
	if (options)
		trace_open(&trace, options);
	else
		trace_join(&trace);
	pid = child_start(comm, run_load, &load);
	check_window((struct trace *[]){ &trace }, 1, comm, &load, &pid, 1);
	child_wait(pid);
	trace_read(&trace);
	if (trace.source->info.exact) /* else one may be lost, behind the window */
		ck_assert_uint_eq(trace_calls(&trace, comm, "exit"), load.threads);
	trace_close(&trace);
}

START_TEST(two_threads_on_two_cpus_are_exact)
{
	check_load((struct load){ .threads = 2, .cpus = 2, .calls = scaled(100000) }, NULL);
}
END_TEST

START_TEST(four_threads_on_one_cpu_are_exact)
{
	check_load((struct load){ .threads = 4, .cpus = 1, .calls = scaled(50000) }, NULL);
}
END_TEST

START_TEST(eight_threads_on_two_cpus_are_exact)
{
	check_load((struct load){ .threads = 8, .cpus = 2, .calls = scaled(25000) }, NULL);
}
END_TEST

START_TEST(eight_threads_on_any_cpu_are_exact)
{
	check_load((struct load){ .threads = 8, .cpus = 0, .calls = scaled(25000) }, NULL);
}
END_TEST

/* Rows for one CPU only: (514 reserved + 1000) * 288 bytes is 436,032. */
START_TEST(cpus_that_share_a_shard_are_exact)
{
	check_load((struct load){ .threads = 2, .cpus = 2, .calls = scaled(100000) },
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
		if (++running == AT_ONCE || i == forks - 1)
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
	struct load load = { 2, 0, scaled(20000), window_new() };
	struct trace trace;
	char comm[COMM_SIZE];
	pid_t pid[4];

	comm_make(comm, "many");
	trace_join(&trace);
	for (int i = 0; i < 4; i++)
		pid[i] = child_start(comm, run_load, &load);
	check_window((struct trace *[]){ &trace }, 1, comm, &load, pid, 4);
	for (int i = 0; i < 4; i++)
		child_wait(pid[i]);
	trace_close(&trace);
}
END_TEST

START_TEST(two_tracers_at_once_are_both_exact)
{
	struct load load = { 4, 2, scaled(20000), window_new() };
	struct trace one, two;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "both");
	trace_open(&one, &(struct trace_options){ 0 });
	trace_open(&two, &(struct trace_options){ .comm_of_thread =
							  true }); /* which is their process's */
	pid = child_start(comm, run_load, &load);
	check_window((struct trace *[]){ &one, &two }, 2, comm, &load, &pid, 1);
	child_wait(pid);
	trace_close(&one);
	trace_close(&two);
}
END_TEST

/* Those of the tracer that all share: to be run where calls are lost, too. */
TCase *window_tests(void)
{
	TCase *tcase = tcase_create("window");

	kernel_add(tcase, two_threads_on_two_cpus_are_exact);
	kernel_add(tcase, four_threads_on_one_cpu_are_exact);
	kernel_add(tcase, eight_threads_on_two_cpus_are_exact);
	kernel_add(tcase, eight_threads_on_any_cpu_are_exact);
	kernel_add(tcase, processes_of_one_comm_add_up);
	return tcase;
}

TCase *exact_tests(void)
{
	TCase *tcase = tcase_create("exact");

	kernel_add(tcase, calls_bytes_and_errors_of_a_known_workload_are_exact);
	kernel_add(tcase, a_second_read_adds_only_what_came_since);
	kernel_add(tcase, cpus_that_share_a_shard_are_exact);
	kernel_add(tcase, five_thousand_short_threads_are_exact);
	kernel_add(tcase, a_storm_of_forks_is_exact);
	kernel_add(tcase, two_tracers_at_once_are_both_exact);
	return tcase;
}
