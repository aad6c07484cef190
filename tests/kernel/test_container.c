/* SPDX-License-Identifier: Apache-2.0 */
/* Calls by container: cgroups that are made, worked in and removed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "kernel.h"

/* Calls that nobody else makes. */
#define CALLS "kcmp,preadv2"

#define HEX(digit) digit digit digit digit digit digit digit digit
#define ID(digit) HEX(HEX(digit))
#define POD_UID "0b5a3ac1-1f3b-4c5e-8a57-9a2f5c3f0001"

/* A hierarchy, and the cgroups of the test in it, outermost first. */
struct hierarchy {
	const char *root;  /* as --path.cgroup has it */
	const char *below; /* of that, where the tree is */
};

static const char *const dirs[] = {
	"ior-test.slice",
	"ior-test.slice/kubepods-pod0b5a3ac1_1f3b_4c5e_8a57_9a2f5c3f0001.slice",
	"ior-test.slice/kubepods-pod0b5a3ac1_1f3b_4c5e_8a57_9a2f5c3f0001.slice/"
	"cri-containerd-" ID("a") ".scope",
	"ior-test.slice/docker-" ID("b") ".scope",
	"ior-test.slice/ior-test.service",
};
#define DIRS (sizeof(dirs) / sizeof(dirs[0]))
enum { SLICE, POD, KUBE, DOCKER, UNIT };

static char mounted[] = "/tmp/ior-by.XXXXXX";

/* The whole path of one of them; `ret` has room for 512 bytes. */
static const char *path_of(const struct hierarchy *in, size_t dir, char ret[512])
{
	(void)snprintf(ret, 512, "%s%s/%s", in->root, in->below, dirs[dir]);
	return ret;
}

static void cgroups_remove(const struct hierarchy *in)
{
	char path[512];

	for (size_t i = DIRS; i-- > 0;)
		(void)rmdir(path_of(in, i, path));
}

static void cgroups_make(const struct hierarchy *in)
{
	char path[512];

	for (size_t i = 0; i < DIRS; i++)
		ck_assert_msg(mkdir(path_of(in, i, path), 0755) == 0 || errno == EEXIST, "%s: %s",
			      path, strerror(errno));
}

/* The second is what is there on machines with version 1. */
static struct hierarchy version_2 = { mounted, "" };
static struct hierarchy version_1 = { "/sys/fs/cgroup", "/memory" };

/* Outside of the tests' processes, so that they are removed whatever becomes of the test. */
static void mount_version_2(void)
{
	ck_assert_ptr_nonnull(mkdtemp(mounted));
	ck_assert_int_eq(mount("none", mounted, "cgroup2", 0, NULL), 0);
}

static void unmount_version_2(void)
{
	cgroups_remove(&version_2);
	cgroups_remove(&version_1);
	(void)umount(mounted);
	(void)rmdir(mounted);
}

static void join(const struct hierarchy *in, const char *below)
{
	char path[600];
	int fd;

	(void)snprintf(path, sizeof(path), "%s%s/%s/cgroup.procs", in->root, in->below, below);
	fd = open(path, O_WRONLY);
	must(fd >= 0);
	must(write(fd, "0", 1) == 1);
	must(close(fd) == 0);
}

/* One process moves through the cgroups, and back to the root. */
static void move_and_call(void *arg)
{
	const struct hierarchy *in = arg;

	join(in, dirs[KUBE]);
	call(SYS_kcmp, 100);
	join(in, dirs[DOCKER]);
	call(SYS_kcmp, 1000);
	join(in, dirs[UNIT]);
	call(SYS_kcmp, 30);
	join(in, dirs[POD]);
	call(SYS_kcmp, 5);
	join(in, dirs[KUBE]);
	call(SYS_kcmp, 100);
	join(in, "");
	call(SYS_kcmp, 7);
}

static uint64_t calls_of(const struct trace *trace, const char *comm, const char *id,
			 const char *pod_uid, const char *name)
{
	const struct syscall *wanted = syscall_by_name(name);
	uint64_t sum = 0;

	for (size_t i = 0; i < trace->snapshot->series_n; i++) {
		const struct series *series = &trace->snapshot->series[i];

		if (series->call == wanted && !strcmp(series->tuple->comm, comm) &&
		    !strcmp(series->tuple->container->id, id) &&
		    !strcmp(series->tuple->container->pod_uid, pod_uid))
			sum += series->calls;
	}
	return sum;
}

static void check_moves(const struct hierarchy *in)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "moves");
	cgroups_make(in);
	trace_open(&trace, &(struct trace_options){ .syscalls = CALLS,
						    .by = BY_COMM | BY_CONTAINER,
						    .cgroup_root = in->root });
	child_run(comm, move_and_call, (void *)in);
	trace_read(&trace);
	ck_assert_uint_eq(calls_of(&trace, comm, ID("a"), POD_UID, "kcmp"), 200);
	ck_assert_uint_eq(calls_of(&trace, comm, ID("b"), "none", "kcmp"), 1000);
	ck_assert_uint_eq(calls_of(&trace, comm, "ior-test.service", "none", "kcmp"), 30);
	ck_assert_uint_eq(calls_of(&trace, comm, "host", POD_UID, "kcmp"), 5);
	ck_assert_uint_eq(calls_of(&trace, comm, "host", "none", "kcmp"), 7);
	ck_assert_uint_eq(trace_total(&trace, "kcmp"), 1242);
	trace_close(&trace);
	cgroups_remove(in);
}

START_TEST(a_process_that_moves_is_counted_where_it_is)
{
	check_moves(&version_2);
}
END_TEST

START_TEST(in_version_1_too)
{
	check_moves(&version_1);
}
END_TEST

static void work_in_docker(void *arg)
{
	join(arg, dirs[DOCKER]);
	call(SYS_kcmp, 40);
	join(arg, "");
}

START_TEST(a_container_that_is_gone_keeps_its_calls)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "gone");
	cgroups_make(&version_2);
	trace_open(&trace, &(struct trace_options){ .syscalls = CALLS,
						    .by = BY_COMM | BY_CONTAINER,
						    .cgroup_root = mounted });
	child_run(comm, work_in_docker, &version_2);
	cgroups_remove(&version_2); /* before it was read for the first time */
	trace_read(&trace);
	ck_assert_uint_eq(calls_of(&trace, comm, "unknown", "none", "kcmp"), 40);
	cgroups_make(&version_2); /* the same name, another cgroup */
	child_run(comm, work_in_docker, &version_2);
	trace_read(&trace);
	cgroups_remove(&version_2); /* behind it */
	trace_read(&trace);
	ck_assert_uint_eq(calls_of(&trace, comm, "unknown", "none", "kcmp"), 40);
	ck_assert_uint_eq(calls_of(&trace, comm, ID("b"), "none", "kcmp"), 40);
	ck_assert_uint_eq(trace_total(&trace, "kcmp"), 80);
	trace_close(&trace);
}
END_TEST

START_TEST(without_comm_a_container_is_one)
{
	struct trace trace;
	char comm[2][COMM_SIZE];

	cgroups_make(&version_2);
	trace_open(&trace, &(struct trace_options){
				   .syscalls = CALLS, .by = BY_CONTAINER, .cgroup_root = mounted });
	for (size_t i = 0; i < 2; i++) {
		comm_make(comm[i], "one");
		child_run(comm[i], work_in_docker, &version_2);
	}
	trace_read(&trace);
	ck_assert_uint_eq(calls_of(&trace, "", ID("b"), "none", "kcmp"), 80);
	ck_assert_uint_eq(trace_total(&trace, "kcmp"), 80);
	ck_assert_uint_eq(trace.snapshot->status.rows, 1);
	trace_close(&trace);
	cgroups_remove(&version_2);
}
END_TEST

static void call_kcmp(void *arg)
{
	call(SYS_kcmp, *(const unsigned int *)arg);
}

START_TEST(by_nothing_all_calls_are_one)
{
	struct trace trace;

	trace_open(&trace, &(struct trace_options){ .syscalls = CALLS, .by = TRACE_BY_NONE });
	for (unsigned int n = 100; n < 103; n++) {
		char comm[COMM_SIZE];

		comm_make(comm, "any");
		child_run(comm, call_kcmp, &n);
	}
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, "", "kcmp"), 303);
	ck_assert_uint_eq(trace.snapshot->series_n, 1);
	ck_assert_uint_eq(trace.snapshot->status.rows, 0);
	ck_assert_uint_eq(trace.snapshot->overflow, 0);
	trace_close(&trace);
}
END_TEST

/* ---- in flight ---- */

static void wait_in_docker(void *arg)
{
	const struct gate *gate = arg;
	char byte;
	const struct iovec to = { &byte, 1 };

	join(&version_2, dirs[DOCKER]);
	must(syscall(SYS_preadv2, gate->fd[0], &to, 1, -1l, -1l, 0) == 1);
	join(&version_2, "");
}

START_TEST(a_call_in_flight_has_its_container)
{
	struct trace trace;
	struct gate gate;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "flight");
	gate_open(&gate);
	trace_open(&trace, &(struct trace_options){ .syscalls = CALLS,
						    .by = BY_COMM | BY_CONTAINER,
						    .cgroup_root = mounted,
						    .in_flight = true });
	trace_read(&trace);
	cgroups_make(&version_2);
	pid = child_start(comm, wait_in_docker, &gate);
	wait_blocked(pid, SYS_preadv2);
	trace_read(&trace);
	ck_assert_uint_eq(trace.snapshot->in_flight_n, 1);
	ck_assert_str_eq(trace.snapshot->in_flight[0].tuple->comm, comm);
	ck_assert_str_eq(trace.snapshot->in_flight[0].tuple->container->id, ID("b"));
	gate_pass(&gate);
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace.snapshot->in_flight_n, 0);
	ck_assert_uint_eq(calls_of(&trace, comm, ID("b"), "none", "preadv2"), 1);
	trace_close(&trace);
	gate_close(&gate);
	cgroups_remove(&version_2);
}
END_TEST

static const char *lacks_version_1(void)
{
	const char *lack = trace_lacks_cgroups();

	if (*lack)
		return lack;
	if (access("/sys/fs/cgroup/memory/cgroup.procs", F_OK) == 0)
		return "";
	version_1.below = "/pids";
	return access("/sys/fs/cgroup/pids/cgroup.procs", F_OK) == 0 ?
		       "" :
		       "no controller of version 1 below /sys/fs/cgroup";
}

TCase *container_tests(void)
{
	TCase *tcase = tcase_create("container");
	const char *takes_long = trace_is_preempted() && scaled(10) < 10 ?
					 "the same on any kernel, and copies take long to load" :
					 "";

	tcase_add_unchecked_fixture(tcase, mount_version_2, unmount_version_2);
	kernel_add(tcase, a_process_that_moves_is_counted_where_it_is);
	kernel_add_unless(tcase, in_version_1_too, lacks_version_1());
	kernel_add(tcase, a_container_that_is_gone_keeps_its_calls);
	kernel_add_unless(tcase, without_comm_a_container_is_one, takes_long);
	kernel_add_unless(tcase, by_nothing_all_calls_are_one, takes_long);
	kernel_add_unless(tcase, a_call_in_flight_has_its_container, trace_lacks_in_flight());
	return tcase;
}
