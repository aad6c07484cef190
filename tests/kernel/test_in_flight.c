/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that have not returned, as the task iterator sees them. */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "kernel.h"
#include "log.h"

static uint64_t now_ns(void)
{
	return clock_system.monotonic_ns(NULL);
}

/* The entry of (comm, call) in the last snapshot; must not be there twice. */
static const struct in_flight *find(const struct trace *trace, const char *comm, const char *name)
{
	const struct snapshot *snapshot = trace->snapshot;
	const struct in_flight *found = NULL;

	for (size_t i = 0; i < snapshot->in_flight_n; i++) {
		const struct in_flight *entry = &snapshot->in_flight[i];

		if (strcmp(entry->tuple->comm, comm) != 0 || strcmp(entry->call->name, name) != 0)
			continue;
		ck_assert_ptr_null(found);
		found = entry;
	}
	return found;
}

static void read_for_ever(void *arg)
{
	char byte;

	(void)syscall(SYS_read, ((const struct gate *)arg)->fd[0], &byte, 1);
}

START_TEST(a_read_that_hangs_is_seen_with_its_age)
{
	const struct timespec while_it_hangs = { .tv_sec = 3 };
	uint64_t before, entered, asked, after;
	const struct in_flight *entry;
	struct trace trace;
	struct gate gate;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "hang");
	gate_open(&gate);
	trace_join(&trace);
	before = now_ns();
	pid = child_start(comm, read_for_ever, &gate);
	wait_blocked(pid, SYS_read);
	entered = now_ns();
	(void)nanosleep(&while_it_hangs, NULL); /* an age to measure, not an event to wait for */
	asked = now_ns();
	trace_read(&trace);
	after = now_ns();
	entry = find(&trace, comm, "read");
	ck_assert_ptr_nonnull(entry);
	ck_assert_uint_eq(entry->count, 1);
	ck_assert_uint_ge(entry->oldest_ns, asked - entered);
	ck_assert_uint_le(entry->oldest_ns, after - before);
	ck_assert_uint_eq(trace_calls(&trace, comm, "read"), 0);

	gate_pass(&gate);
	child_wait(pid);
	trace_read(&trace);
	ck_assert_ptr_null(find(&trace, comm, "read"));
	ck_assert_uint_eq(trace_calls(&trace, comm, "read"), 1);
	trace_close(&trace);
	gate_close(&gate);
}
END_TEST

static void *read_in_thread(void *arg)
{
	read_for_ever(arg);
	return NULL;
}

static void read_in_two_threads(void *arg)
{
	pthread_t thread;

	must(pthread_create(&thread, NULL, read_in_thread, arg) == 0);
	read_for_ever(arg);
}

/* Waits until the process has two threads and both sleep in a read, by /proc. Returns how many. */
static unsigned int wait_both_read(pid_t pid)
{
	pid_t tid[2];
	unsigned int n;
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	do {
		DIR *dir = opendir(path);
		struct dirent *entry;

		ck_assert_ptr_nonnull(dir);
		for (n = 0; n < 2 && (entry = readdir(dir));)
			if (entry->d_name[0] != '.')
				tid[n++] = (pid_t)strtol(entry->d_name, NULL, 10);
		(void)closedir(dir);
	} while (n < 2);
	for (unsigned int i = 0; i < n; i++)
		wait_blocked(tid[i], SYS_read);
	return n;
}

#define CHILDREN 23

START_TEST(every_thread_in_a_call_is_seen)
{
	unsigned int reading = 0;
	pid_t pids[CHILDREN];
	struct trace trace;
	struct gate gate;
	char comm[COMM_SIZE];

	comm_make(comm, "many");
	gate_open(&gate);
	trace_join(&trace);
	for (int i = 0; i < CHILDREN; i++)
		pids[i] = child_start(comm, read_in_two_threads, &gate);
	for (int i = 0; i < CHILDREN; i++)
		reading += wait_both_read(pids[i]);
	trace_read(&trace);
	ck_assert_ptr_nonnull(find(&trace, comm, "read"));
	ck_assert_uint_eq(find(&trace, comm, "read")->count, reading);
	for (int i = 0; i < CHILDREN; i++)
		child_kill(pids[i]);
	trace_read(&trace);
	ck_assert_ptr_null(find(&trace, comm, "read"));
	trace_close(&trace);
	gate_close(&gate);
}
END_TEST

static void sleep_long(void *arg)
{
	const struct timespec minute = { .tv_sec = 60 };

	(void)arg;
	(void)syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &minute, NULL);
}

START_TEST(a_stopped_sleep_is_in_flight_since_its_first_entry)
{
	const struct in_flight *entry;
	struct trace trace;
	uint64_t entered, asked;
	char comm[COMM_SIZE];
	int status;
	pid_t pid;

	comm_make(comm, "stop");
	trace_join(&trace);
	pid = child_start(comm, sleep_long, NULL);
	wait_blocked(pid, SYS_clock_nanosleep);
	entered = now_ns();
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(kill(pid, SIGSTOP), 0);
		ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
		ck_assert(WIFSTOPPED(status));
		asked = now_ns();
		trace_read(&trace);
		entry = find(&trace, comm, "clock_nanosleep");
		ck_assert_ptr_nonnull(entry);
		ck_assert_uint_eq(entry->count, 1);
		ck_assert_uint_ge(entry->oldest_ns, asked - entered);
		ck_assert_int_eq(kill(pid, SIGCONT), 0);
		ck_assert_int_eq(waitpid(pid, &status, WCONTINUED), pid);
		wait_blocked(pid, SYS_restart_syscall);
	}
	child_kill(pid);
	trace_close(&trace);
}
END_TEST

START_TEST(a_call_from_before_the_start_is_not_listed)
{
	struct trace trace;
	struct gate gate;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "early");
	gate_open(&gate);
	pid = child_start(comm, read_for_ever, &gate);
	wait_blocked(pid, SYS_read);
	trace_open(&trace, &(struct trace_options){ .in_flight = true });
	trace_read(&trace);
	ck_assert_ptr_null(find(&trace, comm, "read"));
	child_kill(pid);
	trace_close(&trace);
	gate_close(&gate);
}
END_TEST

/* Clients may have taken the last descriptor. */
START_TEST(without_a_descriptor_the_counters_are_read_all_the_same)
{
	const struct rlimit none = { 3, 3 };
	struct trace trace;
	struct gate gate;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "nofd");
	gate_open(&gate);
	trace_open(&trace, &(struct trace_options){ .in_flight = true });
	pid = child_start(comm, read_for_ever, &gate);
	wait_blocked(pid, SYS_read);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	log_setup(LOG_ERROR, LOG_LOGFMT);
	gate_pass(&gate);
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace.snapshot->in_flight_n, 0);
	ck_assert_uint_eq(trace_bytes(&trace, comm, "read"), 1);
	trace_close(&trace);
	gate_close(&gate);
}
END_TEST

START_TEST(without_the_collector_nothing_is_listed)
{
	struct trace trace;
	struct gate gate;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "nofl");
	gate_open(&gate);
	trace_open(&trace, &(struct trace_options){ 0 });
	pid = child_start(comm, read_for_ever, &gate);
	wait_blocked(pid, SYS_read);
	trace_read(&trace);
	ck_assert_uint_eq(trace.snapshot->in_flight_n, 0);
	ck_assert_str_eq(trace.source->info.no_in_flight, "");
	child_kill(pid);
	trace_close(&trace);
	gate_close(&gate);
}
END_TEST

/* The exit status of the first process of a new PID namespace, which traces: 0 if all is well. */
static int trace_in_namespace(void)
{
	struct trace trace;
	int status;
	bool good;
	pid_t pid;

	must(unshare(CLONE_NEWPID) == 0);
	pid = fork();
	must(pid >= 0);
	if (pid) {
		must(waitpid(pid, &status, 0) == pid);
		return status;
	}
	trace_open(&trace, &(struct trace_options){ .in_flight = true });
	trace_read(&trace);
	good = !trace.snapshot->in_flight_n &&
	       !strcmp(trace.source->info.no_in_flight,
		       "this is not the initial PID namespace (run with the host's)");
	trace_close(&trace);
	_exit(!good);
}

/* In a child, for LeakSanitizer fails at the end of a process that has unshared itself. */
START_TEST(another_pid_namespace_lists_nothing_and_says_why)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(trace_in_namespace() != 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

TCase *in_flight_tests(void)
{
	TCase *tcase = tcase_create("in_flight");
	const char *lack = trace_lacks_in_flight();

	kernel_add_unless(tcase, a_read_that_hangs_is_seen_with_its_age, lack);
	kernel_add_unless(tcase, every_thread_in_a_call_is_seen, lack);
	kernel_add_unless(tcase, a_stopped_sleep_is_in_flight_since_its_first_entry, lack);
	kernel_add_unless(tcase, a_call_from_before_the_start_is_not_listed, lack);
	kernel_add_unless(tcase, without_a_descriptor_the_counters_are_read_all_the_same, lack);
	kernel_add(tcase, without_the_collector_nothing_is_listed);
	kernel_add(tcase, another_pid_namespace_lists_nothing_and_says_why);
	return tcase;
}
