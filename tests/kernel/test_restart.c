/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that a signal interrupts. The kernel's restart codes leave a call pending: it ends with the
 * return of the restart, as one call, or as the error EINTR, or with its thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "kernel.h"

#define INTERRUPTIONS 10

/* Reads ten bytes from a pipe while signals arrive. */
struct reader {
	struct gate gate, handled;
	int sa_flags;
};

static const struct gate *handled;

static void report(int number)
{
	(void)number;
	gate_pass(handled);
}

static void read_ten(void *arg)
{
	const struct reader *reader = arg;
	struct sigaction action = { .sa_handler = report, .sa_flags = reader->sa_flags };
	char bytes[10];

	handled = &reader->handled;
	must(sigaction(SIGUSR1, &action, NULL) == 0);
	for (;;) {
		long n = syscall(SYS_read, reader->gate.fd[0], bytes, sizeof(bytes));

		if (n == sizeof(bytes))
			return;
		must(n == -1 && errno == EINTR && !(reader->sa_flags & SA_RESTART));
	}
}

static void stop_and_continue(pid_t pid)
{
	int status;

	ck_assert_int_eq(kill(pid, SIGSTOP), 0);
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert(WIFSTOPPED(status));
	ck_assert_int_eq(kill(pid, SIGCONT), 0);
	ck_assert_int_eq(waitpid(pid, &status, WCONTINUED), pid);
	ck_assert(WIFCONTINUED(status));
}

static void run_reader(struct trace *trace, const char *comm, int sa_flags, bool by_handler)
{
	struct reader reader = { .sa_flags = sa_flags };
	pid_t pid;

	gate_open(&reader.gate);
	gate_open(&reader.handled);
	trace_join(trace);
	pid = child_start(comm, read_ten, &reader);
	for (int i = 0; i < INTERRUPTIONS; i++) {
		wait_blocked(pid, SYS_read);
		if (by_handler) {
			ck_assert_int_eq(kill(pid, SIGUSR1), 0);
			gate_wait(&reader.handled);
		} else {
			stop_and_continue(pid);
		}
	}
	wait_blocked(pid, SYS_read);
	ck_assert_int_eq(write(reader.gate.fd[1], "0123456789", 10), 10);
	child_wait(pid);
	trace_read(trace);
	gate_close(&reader.gate);
	gate_close(&reader.handled);
}

START_TEST(a_read_that_is_stopped_and_continued_is_one_call)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "cont");
	run_reader(&trace, comm, SA_RESTART, false);
	ck_assert_uint_eq(trace_errors(&trace, comm, "read"), 0);
	ck_assert_uint_eq(trace_bytes(&trace, comm, "read"), 10);
	ck_assert_uint_eq(trace_calls(&trace, comm, "read"), 1);
	trace_close(&trace);
}
END_TEST

START_TEST(a_read_that_is_restarted_behind_a_handler_is_one_call)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "rest");
	run_reader(&trace, comm, SA_RESTART, true);
	ck_assert_uint_eq(trace_errors(&trace, comm, "read"), 0);
	ck_assert_uint_eq(trace_bytes(&trace, comm, "read"), 10);
	ck_assert_uint_eq(trace_calls(&trace, comm, "rt_sigreturn"), INTERRUPTIONS);
	ck_assert_uint_eq(trace_errors(&trace, comm, "rt_sigreturn"), 0);
	ck_assert_uint_eq(trace_calls(&trace, comm, "write"), INTERRUPTIONS);
	ck_assert_uint_eq(trace_calls(&trace, comm, "read"), 1);
	trace_close(&trace);
}
END_TEST

START_TEST(a_read_that_a_handler_breaks_off_is_an_error)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "eint");
	run_reader(&trace, comm, 0, true);
	ck_assert_uint_eq(trace_bytes(&trace, comm, "read"), 10);
	ck_assert_uint_eq(trace_calls(&trace, comm, "read"), INTERRUPTIONS + 1);
	ck_assert_uint_eq(trace_errors(&trace, comm, "read"), INTERRUPTIONS);
	ck_assert_uint_eq(trace_errors(&trace, comm, "rt_sigreturn"), 0);
	trace_close(&trace);
}
END_TEST

/* ---- restart_syscall ---- */

/* What remains of a sleep is done by restart_syscall, which is no call of the program's. */
static void sleep_long_enough(void *arg)
{
	const struct timespec length = { .tv_sec = 1 };

	(void)arg;
	must(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &length, NULL) == 0);
}

static void check_sleep(const char *selection)
{
	const struct series *series;
	struct trace trace;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "slee");
	trace_open(&trace, &(struct trace_options){ .syscalls = selection });
	pid = child_start(comm, sleep_long_enough, NULL);
	wait_blocked(pid, SYS_clock_nanosleep);
	stop_and_continue(pid);
	child_wait(pid);
	trace_read(&trace);
	series = trace_find(&trace, comm, "clock_nanosleep");
	ck_assert_ptr_nonnull(series);
	ck_assert_uint_eq(series->counts.errors, 0);
	ck_assert_uint_eq(series->calls, 1);
	ck_assert_uint_ge(series->counts.sum_ns, 1000000000);
	ck_assert_uint_eq(trace_calls(&trace, comm, "restart_syscall"), 0);
	trace_close(&trace);
}

START_TEST(a_sleep_that_is_stopped_and_continued_is_one_call)
{
	check_sleep(NULL);
}
END_TEST

START_TEST(a_sleep_is_one_call_where_its_restart_is_not_selected)
{
	check_sleep("clock_nanosleep");
}
END_TEST

/* ---- the kernel's restart codes where nothing is interrupted ---- */

/* Any offset is fine there, so lseek returns it: errors that no other call has. */
static void seek_to_codes(void *arg)
{
	static const long codes[] = { 512, 513, 514, 516 };
	const int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

	(void)arg;
	must(fd >= 0);
	for (int i = 0; i < 4 * INTERRUPTIONS; i++)
		must(syscall(SYS_lseek, fd, -codes[i % 4], SEEK_SET) == -1 &&
		     errno == codes[i % 4]);
}

START_TEST(such_a_code_without_a_signal_is_an_error)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "code");
	trace_open(&trace, &(struct trace_options){ .syscalls = "lseek" });
	child_run(comm, seek_to_codes, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "lseek"), 4 * INTERRUPTIONS);
	ck_assert_uint_eq(trace_errors(&trace, comm, "lseek"), 4 * INTERRUPTIONS);
	trace_close(&trace);
}
END_TEST

TCase *restart_tests(void)
{
	TCase *tcase = tcase_create("restart");

	kernel_add(tcase, a_read_that_is_stopped_and_continued_is_one_call);
	kernel_add(tcase, a_read_that_is_restarted_behind_a_handler_is_one_call);
	kernel_add(tcase, a_read_that_a_handler_breaks_off_is_an_error);
	kernel_add(tcase, a_sleep_that_is_stopped_and_continued_is_one_call);
	kernel_add(tcase, a_sleep_is_one_call_where_its_restart_is_not_selected);
	kernel_add(tcase, such_a_code_without_a_signal_is_an_error);
	return tcase;
}
