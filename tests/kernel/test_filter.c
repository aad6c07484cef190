/* SPDX-License-Identifier: Apache-2.0 */
/* Whose calls are counted. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "filter.h"
#include "kernel.h"

/* Calls that nobody else makes, so that nothing else can be lost, and those that change a name. */
#define CALLS "kcmp,times,prctl"

/* One flag, of which each may be left out. */
struct flags {
	const char *pid, *tid, *uid, *comm, *cgroup;
};

static void add(struct strings *list, const char *text)
{
	if (text)
		ck_assert_int_eq(strings_add(list, text, strlen(text)), 0);
}

static void open_filtered(struct trace *trace, const struct flags *flags)
{
	struct strings list[5] = { { NULL, 0 } };
	const struct filter_lists lists = { &list[0], &list[1], &list[2], &list[3], &list[4] };
	struct ior_filter filter;
	char err[256] = "";

	add(&list[0], flags->pid);
	add(&list[1], flags->tid);
	add(&list[2], flags->uid);
	add(&list[3], flags->comm);
	add(&list[4], flags->cgroup);
	ck_assert_msg(filter_parse(&lists, &filter, err, sizeof(err)) == 0, "%s", err);
	trace_open(trace, &(struct trace_options){ .syscalls = CALLS, .filter = &filter });
	for (size_t i = 0; i < 5; i++)
		strings_free(&list[i]);
}

static void check_lost_none(const struct trace *trace)
{
	for (size_t i = 0; i < IOR_LOST_REASONS; i++)
		ck_assert_uint_eq(trace->snapshot->status.lost[i], 0);
}

/* ---- process and thread ---- */

/* Waits at its gate, and then makes calls, some of them in a second thread. */
static void call_kcmp(void *arg)
{
	(void)arg;
	call(SYS_kcmp, 300);
}

static void wait_and_call(void *arg)
{
	char byte;

	must(syscall(SYS_read, ((const struct gate *)arg)->fd[0], &byte, 1) == 1);
	call(SYS_kcmp, 1000);
	threads_run(2, 0, call_kcmp, NULL);
}

static void check_two(bool tid, uint64_t calls)
{
	char in[COMM_SIZE], out[COMM_SIZE], number[16];
	struct gate gate;
	struct trace trace;
	pid_t pids[2];

	comm_make(in, "in");
	comm_make(out, "out");
	gate_open(&gate);
	pids[0] = child_start(in, wait_and_call, &gate);
	pids[1] = child_start(out, wait_and_call, &gate);
	(void)snprintf(number, sizeof(number), "%d", pids[0]);
	open_filtered(&trace,
		      tid ? &(struct flags){ .tid = number } : &(struct flags){ .pid = number });
	gate_pass(&gate);
	gate_pass(&gate);
	child_wait(pids[0]);
	child_wait(pids[1]);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, in, "kcmp"), calls);
	ck_assert_ptr_null(trace_find(&trace, out, "kcmp"));
	check_lost_none(&trace);
	trace_close(&trace);
	gate_close(&gate);
}

START_TEST(a_process_is_counted_with_its_threads)
{
	check_two(false, 1000 + 2 * 300);
}
END_TEST

START_TEST(a_thread_is_counted_alone)
{
	check_two(true, 1000);
}
END_TEST

/* ---- what a thread may change ---- */

static char names[2][COMM_SIZE];

/* Goes from one name to the other and back. */
static void change_names(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < 10; i++) {
		comm_set(names[i % 2]);
		call(SYS_kcmp, 10 + i);
		call(SYS_times, 1);
	}
}

START_TEST(a_comm_is_decided_again_when_it_changes)
{
	struct trace trace;

	comm_make(names[0], "aaaa");
	comm_make(names[1], "bbbb");
	open_filtered(&trace, &(struct flags){ .comm = "*aa[!b]?" });
	child_run(names[0], change_names, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, names[0], "kcmp"), 10 + 12 + 14 + 16 + 18);
	ck_assert_uint_eq(trace_calls(&trace, names[0], "times"), 5);
	/* those that change it begin or end under the name that is not counted, but the first,
	 * which leaves the name as it is */
	ck_assert_uint_eq(trace_calls(&trace, names[0], "prctl"), 1);
	ck_assert_uint_eq(trace_rows(&trace, names[1]), 0);
	check_lost_none(&trace);
	trace_close(&trace);
}
END_TEST

static void change_user(void *arg)
{
	(void)arg;
	call(SYS_kcmp, 7);
	must(syscall(SYS_setresuid, 54321, 0, 0) == 0);
	call(SYS_kcmp, 100);
	must(syscall(SYS_setresuid, 0, 0, 0) == 0);
	call(SYS_kcmp, 11);
}

START_TEST(a_user_is_decided_again_when_it_changes)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "user");
	open_filtered(&trace, &(struct flags){ .uid = "54321" });
	child_run(comm, change_user, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "kcmp"), 100);
	check_lost_none(&trace);
	trace_close(&trace);
}
END_TEST

START_TEST(all_kinds_of_filter_must_hold)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "both");
	open_filtered(&trace, &(struct flags){ .uid = "54321", .comm = "nobody-has-this" });
	child_run(comm, change_user, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_rows(&trace, comm), 0);
	trace_close(&trace);
}
END_TEST

/* ---- calls at the edges ---- */

static void end_at_once(void *arg)
{
	(void)arg;
}

static void check_end(uint32_t uid, uint64_t calls)
{
	struct ior_filter filter = { .kinds = IOR_FILTER_UID };
	struct trace trace;
	char comm[COMM_SIZE];

	for (size_t i = 0; i < IOR_FILTER_MAX; i++)
		filter.uid[i] = uid;
	comm_make(comm, "end");
	trace_open(&trace,
		   &(struct trace_options){ .syscalls = "exit,exit_group", .filter = &filter });
	child_run(comm, end_at_once, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "exit_group"), calls);
	ck_assert_uint_eq(trace_rows(&trace, comm), calls);
	trace_close(&trace);
}

START_TEST(the_end_of_who_is_not_counted_is_not_either)
{
	check_end(54321, 0);
}
END_TEST

START_TEST(the_end_of_who_is_counted_is_too)
{
	check_end(getuid(), 1);
}
END_TEST

/* ---- cgroups ---- */

/* Where a cgroup2 file system is mounted by the test that needs one. */
static char mounted[] = "/tmp/ior-cgroup.XXXXXX";

/* The deepest that may be an entry, one below it, and one beside. */
static char in[128], below[160], out[64];

static void join_cgroup(const char *path)
{
	char file[300];
	int fd;

	(void)snprintf(file, sizeof(file), "%s/cgroup.procs", path);
	fd = open(file, O_WRONLY);
	must(fd >= 0);
	must(write(fd, "0", 1) == 1);
	must(close(fd) == 0);
}

static void change_cgroup(void *arg)
{
	(void)arg;
	call(SYS_kcmp, 7);
	join_cgroup(in);
	call(SYS_kcmp, 100);
	join_cgroup(below);
	call(SYS_kcmp, 1000);
	join_cgroup(out);
	call(SYS_kcmp, 11);
	join_cgroup(mounted);
}

/* Outside of the tests' processes, so that they are removed whatever becomes of the test. */
static void cgroups_make(void)
{
	size_t n;

	ck_assert_ptr_nonnull(mkdtemp(mounted));
	ck_assert_int_eq(mount("none", mounted, "cgroup2", 0, NULL), 0);
	n = (size_t)snprintf(in, sizeof(in), "%s/ior-in", mounted);
	for (int level = 1;; level++) {
		ck_assert_int_eq(mkdir(in, 0755), 0);
		if (level == IOR_CGROUP_LEVELS - 1)
			break;
		(void)strcpy(in + n, "/x");
		n += 2;
	}
	(void)snprintf(below, sizeof(below), "%s/b", in);
	(void)snprintf(out, sizeof(out), "%s/ior-out", mounted);
	ck_assert_int_eq(mkdir(below, 0755), 0);
	ck_assert_int_eq(mkdir(out, 0755), 0);
}

static void cgroups_remove(void)
{
	(void)rmdir(out);
	(void)rmdir(below);
	for (char *end = in + strlen(in); end; end = strrchr(in, '/')) {
		*end = '\0';
		if (!strcmp(in, mounted))
			break;
		(void)rmdir(in);
	}
	(void)umount(mounted);
	(void)rmdir(mounted);
}

START_TEST(a_cgroup_is_counted_with_those_below)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "cgrp");
	open_filtered(&trace, &(struct flags){ .cgroup = in });
	child_run(comm, change_cgroup, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "kcmp"), 1100);
	check_lost_none(&trace);
	trace_close(&trace);
}
END_TEST

TCase *filter_tests(void)
{
	TCase *tcase = tcase_create("filter");

	tcase_add_unchecked_fixture(tcase, cgroups_make, cgroups_remove);
	kernel_add(tcase, a_process_is_counted_with_its_threads);
	kernel_add(tcase, a_thread_is_counted_alone);
	kernel_add(tcase, a_comm_is_decided_again_when_it_changes);
	kernel_add(tcase, a_user_is_decided_again_when_it_changes);
	kernel_add(tcase, all_kinds_of_filter_must_hold);
	kernel_add(tcase, the_end_of_who_is_not_counted_is_not_either);
	kernel_add(tcase, the_end_of_who_is_counted_is_too);
	kernel_add_unless(tcase, a_cgroup_is_counted_with_those_below, trace_lacks_cgroups());
	return tcase;
}
