/* SPDX-License-Identifier: Apache-2.0 */
/* The histogram of gaps, by comm and family. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include <stdio.h>

#include "kernel.h"

static const struct gap *find_gap(const struct trace *trace, const char *comm, const char *family)
{
	const struct snapshot *snapshot = trace->snapshot;

	for (size_t i = 0; i < snapshot->gaps_n; i++)
		if (!strcmp(snapshot->gaps[i].tuple->comm, comm) &&
		    !strcmp(snapshot->gaps[i].family, family))
			return &snapshot->gaps[i];
	return NULL;
}

static uint64_t gaps_in(const struct gap *gap)
{
	uint64_t sum = 0;

	for (size_t i = 0; gap && i < IOR_SLOTS; i++)
		sum += gap->counts.slot[i];
	return sum;
}

static void pause_once(void *arg)
{
	const struct timespec length = { .tv_nsec = 800000000 };

	(void)arg;
	call(SYS_getppid, 1);
	must(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &length, NULL) == 0);
	call(SYS_getppid, 1);
}

/* The sleep is not traced, so it is time outside of traced calls. */
START_TEST(a_pause_of_800_ms_is_one_gap)
{
	const struct gap *gap;
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "paus");
	trace_open(&trace, &(struct trace_options){ .syscalls = "getppid", .gaps = true });
	child_run(comm, pause_once, NULL);
	trace_read(&trace);
	gap = find_gap(&trace, comm, "Process");
	ck_assert_ptr_nonnull(gap);
	ck_assert_uint_eq(gaps_in(gap), 1);
	ck_assert_uint_eq(gap->counts.slot[24], 1); /* 0.5 s < gap <= 1 s */
	ck_assert_uint_ge(gap->counts.sum_ns, 800000000);
	ck_assert_uint_eq(gap->counts.sum_ns, trace_find(&trace, comm, "getppid")->counts.gap_ns);
	trace_close(&trace);
}
END_TEST

static void ignore(int number)
{
	(void)number;
}

/* Three reads, the second one of an empty pipe, until a signal ends it. */
static void be_interrupted(void *arg)
{
	const struct gate *gates = arg;
	/* again, should it be before the read */
	const struct itimerval timer = { { .tv_usec = 300000 }, { .tv_usec = 300000 } };
	struct sigaction action = { .sa_handler = ignore };
	char byte;

	must(sigaction(SIGALRM, &action, NULL) == 0);
	must(syscall(SYS_read, gates[0].fd[0], &byte, 1) == 1);
	must(setitimer(ITIMER_REAL, &timer, NULL) == 0);
	must(syscall(SYS_read, gates[1].fd[0], &byte, 1) == -1 && errno == EINTR);
	must(syscall(SYS_read, gates[0].fd[0], &byte, 1) == 1);
}

/* One thread's calls and gaps do not overlap, so they take no more than all the time there was. */
START_TEST(no_gap_reaches_into_a_call_that_a_handler_broke_off)
{
	const bool all_traced = _i;
	const struct series *series;
	const struct gap *gap;
	struct gate gates[2];
	struct trace trace;
	char comm[COMM_SIZE];
	uint64_t begin_ns, all_ns;

	comm_make(comm, "gapi");
	gate_open(&gates[0]);
	gate_open(&gates[1]);
	gate_pass(&gates[0]);
	gate_pass(&gates[0]);
	trace_open(&trace, &(struct trace_options){
				   .syscalls = all_traced ? "read,rt_sigreturn" : "read",
				   .gaps = true,
			   });
	begin_ns = clock_system.monotonic_ns(clock_system.arg);
	child_run(comm, be_interrupted, gates);
	all_ns = clock_system.monotonic_ns(clock_system.arg) - begin_ns;
	trace_read(&trace);
	series = trace_find(&trace, comm, "read");
	ck_assert_ptr_nonnull(series);
	ck_assert_uint_eq(series->calls, 3);
	ck_assert_uint_eq(series->counts.errors, 1);
	ck_assert_uint_le(series->counts.sum_ns + series->counts.gap_ns, all_ns);
	gap = find_gap(&trace, comm, "FS");
	ck_assert_ptr_nonnull(gap);
	ck_assert_uint_eq(gaps_in(gap), 2); /* before the broken one, and behind it */
	ck_assert_uint_eq(gap->counts.sum_ns, series->counts.gap_ns);
	trace_close(&trace);
	gate_close(&gates[0]);
	gate_close(&gates[1]);
}
END_TEST

static const struct gate *restarted;

static void let_it_end(int number)
{
	(void)number;
	call(SYS_getppid, 1);
	must(syscall(SYS_write, restarted->fd[1], "", 1) == 1);
}

/* Three reads, the second one of a pipe that a handler writes to, behind which it is restarted. */
static void be_restarted(void *arg)
{
	const struct gate *gates = arg;
	const struct itimerval timer = { .it_value = { .tv_usec = 10000 } };
	struct sigaction action = { .sa_handler = let_it_end, .sa_flags = SA_RESTART };
	char byte;

	restarted = &gates[1];
	must(sigaction(SIGALRM, &action, NULL) == 0);
	must(syscall(SYS_read, gates[0].fd[0], &byte, 1) == 1);
	must(setitimer(ITIMER_REAL, &timer, NULL) == 0);
	must(syscall(SYS_read, gates[1].fd[0], &byte, 1) == 1);
	must(syscall(SYS_read, gates[0].fd[0], &byte, 1) == 1);
}

START_TEST(a_handlers_call_takes_no_gap_from_the_call_that_is_restarted)
{
	struct gate gates[2];
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "gapr");
	gate_open(&gates[0]);
	gate_open(&gates[1]);
	gate_pass(&gates[0]);
	gate_pass(&gates[0]);
	trace_open(&trace, &(struct trace_options){ .syscalls = "read,getppid", .gaps = true });
	child_run(comm, be_restarted, gates);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "read"), 3);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), 1);
	ck_assert_uint_eq(gaps_in(find_gap(&trace, comm, "FS")), 2); /* not before the first */
	ck_assert_uint_eq(gaps_in(find_gap(&trace, comm, "Process")), 1);
	trace_close(&trace);
	gate_close(&gates[0]);
	gate_close(&gates[1]);
}
END_TEST

#define ROUNDS 1000
#define THREADS trace_threads(3)

/* kcmp is of family Process as getppid is, quotactl and close are of family FS. */
static void make_rounds(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		call(SYS_getppid, 1);
		call(SYS_kcmp, 1);
		call(SYS_quotactl, 1);
	}
}

static void run_threads(void *arg)
{
	threads_run(THREADS, 0, make_rounds, arg);
}

START_TEST(each_call_but_a_threads_first_has_a_gap_of_its_family)
{
	const struct gap *process, *fs;
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "gaps");
	trace_open(&trace,
		   &(struct trace_options){ .syscalls = "getppid,kcmp,quotactl", .gaps = true });
	child_run(comm, run_threads, NULL);
	trace_read(&trace);
	process = find_gap(&trace, comm, syscall_by_name("getppid")->family);
	fs = find_gap(&trace, comm, syscall_by_name("quotactl")->family);
	ck_assert(process && fs);
	ck_assert_uint_eq(gaps_in(process), THREADS * (2 * ROUNDS - 1));
	ck_assert_uint_eq(gaps_in(fs), THREADS * ROUNDS);
	ck_assert_uint_eq(process->counts.sum_ns,
			  trace_find(&trace, comm, "getppid")->counts.gap_ns +
				  trace_find(&trace, comm, "kcmp")->counts.gap_ns);
	ck_assert_uint_eq(fs->counts.sum_ns, trace_find(&trace, comm, "quotactl")->counts.gap_ns);
	trace_close(&trace);
}
END_TEST

static void call_once(void *arg)
{
	(void)arg;
	call(SYS_kcmp, 1);
}

START_TEST(past_the_last_row_gaps_are_everybodys)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "full");
	trace_open(&trace, &(struct trace_options){ .syscalls = "getppid,kcmp,quotactl",
						    .gaps = true,
						    .series_max = FEW_ROWS });
	for (unsigned int i = 0; i < FEW_ROWS; i++) {
		char other[COMM_SIZE];

		(void)snprintf(other, sizeof(other), "gap-%u", i);
		child_run(other, call_once, NULL);
	}
	child_run(comm, run_threads, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace.snapshot->status.rows, FEW_ROWS);
	ck_assert_uint_eq(gaps_in(find_gap(&trace, LABEL_OTHER, "Process")),
			  THREADS * (2 * ROUNDS - 1));
	ck_assert_ptr_null(find_gap(&trace, comm, "Process"));
	trace_close(&trace);
}
END_TEST

START_TEST(without_the_collector_there_are_no_gaps)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "none");
	trace_open(&trace, &(struct trace_options){ .syscalls = "getppid,kcmp,quotactl" });
	child_run(comm, run_threads, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace.snapshot->gaps_n, 0);
	trace_close(&trace);
}
END_TEST

TCase *gap_tests(void)
{
	TCase *tcase = tcase_create("gap");

	kernel_add(tcase, a_pause_of_800_ms_is_one_gap);
	kernel_add_loop(tcase, no_gap_reaches_into_a_call_that_a_handler_broke_off, 2);
	kernel_add(tcase, a_handlers_call_takes_no_gap_from_the_call_that_is_restarted);
	kernel_add(tcase, each_call_but_a_threads_first_has_a_gap_of_its_family);
	kernel_add(tcase, past_the_last_row_gaps_are_everybodys);
	kernel_add(tcase, without_the_collector_there_are_no_gaps);
	return tcase;
}
