/* SPDX-License-Identifier: Apache-2.0 */
/* Errors by number, and bytes. Neither table of errors knows a comm, so these calls are ones that
 * nobody else makes, and no other call is traced. */
#include <errno.h>
#include <fcntl.h>
#include <linux/quota.h>
#include <linux/random.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "kernel.h"

/* QCMD(Q_GETFMT, USRQUOTA), without the overflow of its macro. */
#define GETFMT ((unsigned int)Q_GETFMT << SUBCMDSHIFT | USRQUOTA)

/* quotactl of a character device and sched_rr_get_interval of no process: hardly anybody makes
 * these calls at all, and none makes them fail so. */
static void fail_in_two_ways(void *arg)
{
	(void)arg;
	for (int i = 0; i < 29; i++)
		must(syscall(SYS_quotactl, GETFMT, "/dev/null", 0, NULL) == -1 && errno == ENOTBLK);
	for (int i = 0; i < 55; i++)
		must(syscall(SYS_sched_rr_get_interval, -1, NULL) == -1 && errno == EINVAL);
	call(SYS_kcmp, 3);
}

START_TEST(errors_by_number_are_exact)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "errn");
	trace_open(&trace, &(struct trace_options){
				   .syscalls = "quotactl,sched_rr_get_interval,kcmp,getppid" });
	child_run(comm, fail_in_two_ways, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_errno(&trace, "quotactl", ENOTBLK), 29);
	ck_assert_uint_eq(trace_errno(&trace, "sched_rr_get_interval", EINVAL), 55);
	ck_assert_uint_eq(trace_errno(&trace, "kcmp", ESRCH), 3); /* no process 0 */
	ck_assert_uint_eq(trace.snapshot->errors_n, 3);
	ck_assert_uint_eq(trace_errors(&trace, comm, "quotactl"), 29);
	ck_assert_uint_eq(trace_errors(&trace, comm, "sched_rr_get_interval"), 55);
	trace_close(&trace);
}
END_TEST

#define THREADS trace_threads(8)

static void fail_in_threads(void *arg)
{
	threads_run(THREADS, 2, fail_in_two_ways, arg);
}

START_TEST(errors_by_number_of_many_threads_are_exact)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "errt");
	trace_open(&trace,
		   &(struct trace_options){ .syscalls = "quotactl,sched_rr_get_interval,kcmp" });
	for (int i = 0; i < 20; i++)
		child_run(comm, fail_in_threads, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_errno(&trace, "quotactl", ENOTBLK), 20ul * THREADS * 29);
	ck_assert_uint_eq(trace_errno(&trace, "sched_rr_get_interval", EINVAL),
			  20ul * THREADS * 55);
	ck_assert_uint_eq(trace_errors(&trace, comm, "quotactl"), 20ul * THREADS * 29);
	trace_close(&trace);
}
END_TEST

/* ---- bytes ---- */

static void move_bytes(void *arg)
{
	static char data[4096];
	const struct iovec parts[2] = { { data, 10 }, { data, 33 } };
	int pipes[2], zero = open("/dev/zero", O_RDONLY), null = open("/dev/null", O_WRONLY);

	(void)arg;
	must(pipe(pipes) == 0);
	for (int i = 0; i < 11; i++) {
		must(syscall(SYS_pread64, zero, data, 4096, 0) == 4096);
		must(syscall(SYS_write, null, data, 100) == 100);
		must(syscall(SYS_writev, pipes[1], parts, 2) == 43);
		/* of the pipe's 43 bytes 40 go on, 3 stay */
		must(syscall(SYS_splice, pipes[0], NULL, null, NULL, 40, 0) == 40);
		must(syscall(SYS_read, pipes[0], data, 4096) == 3);
		must(syscall(SYS_lseek, zero, 12345, SEEK_CUR) >= 0);
		must(syscall(SYS_write, -1, data, 100) == -1);
		must(syscall(SYS_getrandom, data, 16, GRND_INSECURE) == 16); /* at once */
	}
}

START_TEST(bytes_are_counted_for_calls_that_move_some)
{
	static const struct {
		const char *call;
		uint64_t bytes;
	} expected[] = {
		{ "pread64", 11ul * 4096 }, { "write", 11ul * 100 }, { "writev", 11ul * 43 },
		{ "splice", 11ul * 40 },    { "read", 11ul * 3 },    { "lseek", 0 },
	};
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "byte");
	trace_join(&trace);
	child_run(comm, move_bytes, NULL);
	trace_read(&trace);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		ck_assert_msg(trace_bytes(&trace, comm, expected[i].call) == expected[i].bytes,
			      "%s", expected[i].call);
	ck_assert_uint_eq(trace_calls(&trace, comm, "write"), 22);
	ck_assert_uint_eq(trace_errors(&trace, comm, "write"), 11);
	trace_close(&trace);
}
END_TEST

TCase *errors_tests(void)
{
	TCase *tcase = tcase_create("errors");

	kernel_add(tcase, errors_by_number_are_exact);
	kernel_add(tcase, errors_by_number_of_many_threads_are_exact);
	kernel_add(tcase, bytes_are_counted_for_calls_that_move_some);
	return tcase;
}
