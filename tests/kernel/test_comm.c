/* SPDX-License-Identifier: Apache-2.0 */
/* Whose name a call is counted under. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "kernel.h"

/* ---- one process, many names and numbers ---- */

#define NAMES 40
#define ROUNDS 25

static void nth_comm(char comm[COMM_SIZE], const char *base, unsigned int n)
{
	(void)snprintf(comm, COMM_SIZE, "%.11s%u", base, n);
}

/* In each round i + 1 calls under name i. */
static void change_names(void *base)
{
	for (int round = 0; round < ROUNDS; round++) {
		for (unsigned int i = 0; i < NAMES; i++) {
			char comm[COMM_SIZE];

			nth_comm(comm, base, i);
			comm_set(comm);
			call(SYS_getppid, i + 1);
		}
	}
}

START_TEST(each_call_is_counted_under_the_name_of_its_time)
{
	struct trace trace;
	char base[COMM_SIZE];

	comm_make(base, "n");
	trace_join(&trace);
	child_run("ior-tests", change_names, base);
	trace_read(&trace);
	for (unsigned int i = 0; i < NAMES; i++) {
		char comm[COMM_SIZE];

		nth_comm(comm, base, i);
		ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), (uint64_t)ROUNDS * (i + 1));
		/* renaming itself returns under the new name */
		ck_assert_uint_eq(trace_calls(&trace, comm, "prctl"), ROUNDS);
	}
	trace_close(&trace);
}
END_TEST

/* More numbers than a thread's cache has places: each evicts others all the time. All fail at
 * once on a descriptor of -1, which is each one's first argument. */
static const struct {
	long nr;
	const char *name;
} numbers[] = {
	{ SYS_read, "read" },
	{ SYS_write, "write" },
	{ SYS_close, "close" },
	{ SYS_lseek, "lseek" },
	{ SYS_fsync, "fsync" },
	{ SYS_fdatasync, "fdatasync" },
	{ SYS_fstat, "fstat" },
	{ SYS_fchdir, "fchdir" },
	{ SYS_fchmod, "fchmod" },
	{ SYS_fchown, "fchown" },
	{ SYS_dup, "dup" },
	{ SYS_flock, "flock" },
	{ SYS_getdents64, "getdents64" },
	{ SYS_syncfs, "syncfs" },
	{ SYS_readahead, "readahead" },
	{ SYS_fstatfs, "fstatfs" },
	{ SYS_preadv, "preadv" },
	{ SYS_pwritev, "pwritev" },
	{ SYS_sendfile, "sendfile" },
	{ SYS_getpeername, "getpeername" },
	{ SYS_getsockname, "getsockname" },
	{ SYS_listen, "listen" },
	{ SYS_accept, "accept" },
	{ SYS_accept4, "accept4" },
	{ SYS_shutdown, "shutdown" },
	{ SYS_setsockopt, "setsockopt" },
	{ SYS_getsockopt, "getsockopt" },
	{ SYS_bind, "bind" },
	{ SYS_connect, "connect" },
	{ SYS_epoll_ctl, "epoll_ctl" },
	{ SYS_inotify_rm_watch, "inotify_rm_watch" },
	{ SYS_vmsplice, "vmsplice" },
	{ SYS_timerfd_gettime, "timerfd_gettime" },
	{ SYS_mq_notify, "mq_notify" },
};
#define NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

static void call_numbers(void *arg)
{
	(void)arg;
	for (int round = 0; round < 200; round++)
		for (size_t i = 0; i < NUMBERS; i++)
			must(syscall(numbers[i].nr, -1, 0, 0, 0, 0, 0) == -1);
}

START_TEST(more_numbers_than_the_cache_has_places_are_exact)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "nrs");
	trace_join(&trace);
	child_run(comm, call_numbers, NULL);
	trace_read(&trace);
	for (size_t i = 0; i < NUMBERS; i++) {
		ck_assert_msg(trace_calls(&trace, comm, numbers[i].name) == 200, "%s: %lu",
			      numbers[i].name, trace_calls(&trace, comm, numbers[i].name));
		ck_assert_uint_eq(trace_errors(&trace, comm, numbers[i].name), 200);
	}
	ck_assert_uint_eq(trace_rows(&trace, comm), NUMBERS + 2); /* and prctl, exit_group */
	trace_close(&trace);
}
END_TEST

/* ---- a leader that renames itself while its threads make calls ---- */

/* The two names differ in one byte: no reader can see a mixture of them, so the sum over both is
 * demanded exactly. */
struct renaming {
	char comm[2][COMM_SIZE];
	unsigned int calls;
	_Atomic bool done;
};

static void *call_while_renamed(void *arg)
{
	struct renaming *renaming = arg;

	call(SYS_getppid, renaming->calls);
	renaming->done = true;
	return NULL;
}

static void rename_in_a_loop(void *arg)
{
	struct renaming *renaming = arg;
	pthread_t thread[2];

	comm_set(renaming->comm[0]);
	for (int i = 0; i < 2; i++)
		must(pthread_create(&thread[i], NULL, call_while_renamed, renaming) == 0);
	for (unsigned int i = 0; !renaming->done; i++)
		comm_set(renaming->comm[i % 2]);
	for (int i = 0; i < 2; i++)
		must(pthread_join(thread[i], NULL) == 0);
}

START_TEST(a_leader_that_renames_itself_loses_no_call)
{
	struct renaming renaming = { .calls = scaled(200000) };
	struct trace trace;

	comm_make(renaming.comm[0], "rn0");
	comm_make(renaming.comm[1], "rn1");
	trace_open(&trace, &(struct trace_options){ .syscalls = "getppid" });
	child_run("ior-tests", rename_in_a_loop, &renaming);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, renaming.comm[0], "getppid") +
				  trace_calls(&trace, renaming.comm[1], "getppid"),
			  (uint64_t)2 * renaming.calls);
	trace_close(&trace);
}
END_TEST

/* ---- of the process or of the thread ---- */

struct names {
	char leader[COMM_SIZE], thread[COMM_SIZE];
};

static void *call_under_own_name(void *arg)
{
	comm_set(((const struct names *)arg)->thread);
	call(SYS_getppid, 300);
	return NULL;
}

static void call_under_two_names(void *arg)
{
	pthread_t thread;

	call(SYS_getppid, 20);
	must(pthread_create(&thread, NULL, call_under_own_name, arg) == 0);
	must(pthread_join(thread, NULL) == 0);
}

static void run_two_names(struct names *names, struct trace *trace, bool comm_of_thread)
{
	comm_make(names->leader, "lead");
	comm_make(names->thread, "thrd");
	trace_open(trace, &(struct trace_options){ .comm_of_thread = comm_of_thread });
	child_run(names->leader, call_under_two_names, names);
	trace_read(trace);
}

START_TEST(comm_of_the_process_is_its_leaders)
{
	struct names names;
	struct trace trace;

	run_two_names(&names, &trace, false);
	ck_assert_uint_eq(trace_calls(&trace, names.leader, "getppid"), 320);
	ck_assert_uint_eq(trace_rows(&trace, names.thread), 0);
	trace_close(&trace);
}
END_TEST

START_TEST(comm_of_the_thread_is_its_own)
{
	struct names names;
	struct trace trace;

	run_two_names(&names, &trace, true);
	ck_assert_uint_eq(trace_calls(&trace, names.leader, "getppid"), 20);
	ck_assert_uint_eq(trace_calls(&trace, names.thread, "getppid"), 300);
	trace_close(&trace);
}
END_TEST

/* ---- names as labels ---- */

static const struct {
	const char *comm, *label;
} hostile[] = {
	{ "iort \"quoted\"", "iort \"quoted\"" },
	{ "iort\\slash\\", "iort\\\\slash\\\\" },
	{ "iort\nline\n", "iort\\x0aline\\x0a" },
	{ "iort\xff\xc3(", "iort\\xff\\xc3(" },
	{ "iort-h\xc3\xa9llo", "iort-h\xc3\xa9llo" },
	{ "iort\xc2\x85\x7f\x01", "iort\\xc2\\x85\\x7f\\x01" },
	{ "iort-15-bytes-\xc3", "iort-15-bytes-\\xc3" }, /* cut within a character */
	{ "\\0", "\\\\0" },
	{ "", "\\0" },
	{ "__other__", "\\x5f_other__" },
	{ "__other__x", "__other__x" },
};
#define HOSTILE (sizeof(hostile) / sizeof(hostile[0]))

static void call_kcmp(void *arg)
{
	call(SYS_kcmp, *(const unsigned int *)arg);
}

/* Only a call that nobody else makes, since some of these names are not ours alone. */
START_TEST(hostile_names_become_labels)
{
	struct trace trace;

	trace_open(&trace, &(struct trace_options){ .syscalls = "kcmp" });
	for (unsigned int i = 0; i < HOSTILE; i++) {
		unsigned int n = i + 1;

		child_run(hostile[i].comm, call_kcmp, &n);
	}
	trace_read(&trace);
	ck_assert_uint_eq(trace.snapshot->series_n, HOSTILE);
	for (size_t i = 0; i < HOSTILE; i++)
		ck_assert_msg(trace_calls(&trace, hostile[i].label, "kcmp") == i + 1, "%s",
			      hostile[i].label);
	ck_assert_uint_eq(trace.snapshot->overflow, 0);
	trace_close(&trace);
}
END_TEST

TCase *comm_tests(void)
{
	TCase *tcase = tcase_create("comm");

	kernel_add(tcase, each_call_is_counted_under_the_name_of_its_time);
	kernel_add(tcase, more_numbers_than_the_cache_has_places_are_exact);
	kernel_add_unless(tcase, a_leader_that_renames_itself_loses_no_call, trace_lacks_leader());
	kernel_add_unless(tcase, comm_of_the_process_is_its_leaders, trace_lacks_leader());
	kernel_add(tcase, comm_of_the_thread_is_its_own);
	kernel_add(tcase, hostile_names_become_labels);
	return tcase;
}
