/* SPDX-License-Identifier: Apache-2.0 */
/* Start and end of tracing: calls in flight across them, and what is left behind. */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

/* Reads once from the first gate, then once from the second, then makes calls. */
static void read_twice(void *arg)
{
	const struct gate *gate = arg;

	gate_wait(&gate[0]);
	gate_wait(&gate[1]);
	call(SYS_getppid, 21);
}

START_TEST(a_call_in_flight_at_the_start_is_not_counted)
{
	struct gate gate[2];
	struct trace trace;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "star");
	gate_open(&gate[0]);
	gate_open(&gate[1]);
	pid = child_start(comm, read_twice, gate);
	wait_blocked(pid, SYS_read);
	trace_open(&trace, &(struct trace_options){ 0 });
	gate_pass(&gate[0]);
	gate_pass(&gate[1]);
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "read"), 1);
	ck_assert_uint_eq(trace_bytes(&trace, comm, "read"), 1);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), 21);
	trace_close(&trace);
	gate_close(&gate[0]);
	gate_close(&gate[1]);
}
END_TEST

START_TEST(a_call_in_flight_at_the_end_does_no_harm)
{
	struct gate gate[2];
	struct trace trace;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "stop");
	gate_open(&gate[0]);
	gate_open(&gate[1]);
	trace_open(&trace, &(struct trace_options){ 0 });
	pid = child_start(comm, read_twice, gate);
	gate_pass(&gate[0]);
	do /* both reads look the same from outside, until the first is counted */
		trace_read(&trace);
	while (!trace_calls(&trace, comm, "read"));
	wait_blocked(pid, SYS_read);
	trace_close(&trace);
	/* others, for the pool lends each kind once */
	trace_open(&trace, &(struct trace_options){ .comm_of_thread = true });
	gate_pass(&gate[1]);
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "read"), 0);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), 21);
	ck_assert_uint_eq(trace_calls(&trace, comm, "exit_group"), 1);
	trace_close(&trace);
	gate_close(&gate[0]);
	gate_close(&gate[1]);
}
END_TEST

static void call_for_a_while(void *arg)
{
	(void)arg;
	for (;;)
		call(SYS_getppid, 1000);
}

START_TEST(starting_and_stopping_under_load_does_no_harm)
{
	struct trace trace;
	char comm[COMM_SIZE];
	const unsigned int callers = trace_threads(scaled(3));
	pid_t pid[3];

	comm_make(comm, "cycl");
	for (unsigned int i = 0; i < callers; i++)
		pid[i] = child_start(comm, call_for_a_while, NULL);
	for (unsigned int i = 0; i < scaled(10); i++) {
		uint64_t before;

		trace_open(&trace, &(struct trace_options){ .syscalls = "getppid" });
		trace_read(&trace);
		before = trace_calls(&trace, comm, "getppid");
		do
			trace_read(&trace);
		while (trace_calls(&trace, comm, "getppid") == before);
		/* a call that was inside before the start has no entry, and no state either */
		ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_ENTRY], 0);
		ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_EXIT], 0);
		trace_close(&trace);
	}
	for (unsigned int i = 0; i < callers; i++)
		child_kill(pid[i]);
}
END_TEST

/* ---- what is left ---- */

#define IDS_MAX 32

/* The number behind `kind` in the description of a file descriptor, 0 if it has none. */
static uint32_t id_of(const char *fd, const char *kind)
{
	char path[300], line[256];
	uint32_t id = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%s", fd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, kind, strlen(kind)))
			id = (uint32_t)strtoul(line + strlen(kind), NULL, 10);
	if (file)
		(void)fclose(file);
	return id;
}

/* Numbers of the objects of one kind ("prog_id:", "map_id:", "link_id:") that we hold open. */
static unsigned int own_ids(const char *kind, uint32_t ids[IDS_MAX])
{
	DIR *dir = opendir("/proc/self/fdinfo");
	struct dirent *entry;
	unsigned int n = 0;

	ck_assert_ptr_nonnull(dir);
	while (n < IDS_MAX && (entry = readdir(dir))) {
		ids[n] = id_of(entry->d_name, kind);
		n += ids[n] != 0;
	}
	(void)closedir(dir);
	return n;
}

/* The kernel frees them after a grace period, so this waits until each is gone; the test's time
 * limit ends it if one stays. */
static void wait_gone(int (*open_by_id)(uint32_t), const uint32_t *ids, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		for (;;) {
			int fd = open_by_id(ids[i]);

			if (fd < 0) {
				ck_assert_int_eq(errno, ENOENT);
				break;
			}
			(void)close(fd);
			(void)sched_yield();
		}
	}
}

START_TEST(nothing_stays_loaded_after_the_end)
{
	uint32_t progs[IDS_MAX], maps[IDS_MAX], links[IDS_MAX];
	unsigned int progs_n, maps_n, links_n;
	struct trace trace;

	trace_unshare(); /* which stays loaded, and open in the other processes */
	/* one copy on an emulated machine, which takes long to load more; in mode raw_tp there are
	 * none to ask for */
	trace_open(&trace, &(struct trace_options){
				   .fresh = true,
				   .copies = scaled(10) == 10 || *trace_lacks_copies() ? 0 : 1 });
	progs_n = own_ids("prog_id:", progs);
	maps_n = own_ids("map_id:", maps);
	links_n = own_ids("link_id:", links);
	ck_assert(progs_n && maps_n && links_n);
	trace_close(&trace);
	wait_gone(bpf_link_get_fd_by_id, links, links_n);
	wait_gone(bpf_prog_get_fd_by_id, progs, progs_n);
	wait_gone(bpf_map_get_fd_by_id, maps, maps_n);
}
END_TEST

TCase *stop_tests(void)
{
	TCase *tcase = tcase_create("stop");

	kernel_add(tcase, a_call_in_flight_at_the_start_is_not_counted);
	kernel_add(tcase, a_call_in_flight_at_the_end_does_no_harm);
	kernel_add(tcase, starting_and_stopping_under_load_does_no_harm);
	kernel_add(tcase, nothing_stays_loaded_after_the_end);
	return tcase;
}
