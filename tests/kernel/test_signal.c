/* SPDX-License-Identifier: Apache-2.0 */
/* Signals return by a call of their own; seccomp denies calls before their entry is seen. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "kernel.h"

/* ---- rt_sigreturn ---- */

#define SIGNALS 500

static void ignore(int number)
{
	(void)number;
}

static void handle_usr1(int flags)
{
	struct sigaction action = { .sa_handler = ignore, .sa_flags = flags };

	must(sigaction(SIGUSR1, &action, NULL) == 0);
}

/* Each arrives at the end of its own tgkill, whose return value 0 is what gets restored. */
static void signal_itself(void *arg)
{
	long tid = syscall(SYS_gettid);

	(void)arg;
	handle_usr1(0);
	for (int i = 0; i < SIGNALS; i++)
		must(syscall(SYS_tgkill, getpid(), tid, SIGUSR1) == 0);
}

START_TEST(a_return_from_a_signal_is_one_call_without_error_or_bytes)
{
	const struct series *series;
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "sigr");
	trace_join(&trace);
	child_run(comm, signal_itself, NULL);
	trace_read(&trace);
	series = trace_find(&trace, comm, "rt_sigreturn");
	ck_assert_ptr_nonnull(series);
	ck_assert_uint_eq(series->calls, SIGNALS);
	ck_assert_uint_eq(series->counts.errors, 0);
	ck_assert_uint_eq(series->counts.bytes, 0);
	ck_assert_uint_eq(trace_calls(&trace, comm, "tgkill"), SIGNALS);
	ck_assert_uint_eq(trace_calls(&trace, comm, "unknown"), 0);
	trace_close(&trace);
}
END_TEST

START_TEST(a_return_from_a_signal_that_is_not_traced_loses_nothing)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "sigx");
	trace_open(&trace, &(struct trace_options){ .syscalls = "tgkill" });
	child_run(comm, signal_itself, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "tgkill"), SIGNALS);
	ck_assert_uint_eq(trace_rows(&trace, comm), 1);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_ENTRY], 0);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_EXIT], 0);
	trace_close(&trace);
}
END_TEST

/* Waits in a msgrcv until a signal breaks it off, which restores -EINTR. */
static void be_interrupted(void *queue)
{
	long message[2];

	handle_usr1(SA_RESTART); /* msgrcv is never restarted */
	for (int i = 0; i < 3; i++)
		must(syscall(SYS_msgrcv, *(int *)queue, message, sizeof(long), 0, 0) == -1 &&
		     errno == EINTR);
}

START_TEST(a_restored_error_is_none_of_the_return_from_a_signal)
{
	int queue = msgget(IPC_PRIVATE, 0600);
	struct trace trace;
	char comm[COMM_SIZE];
	pid_t pid;

	ck_assert_int_ge(queue, 0);
	comm_make(comm, "sige");
	trace_join(&trace);
	pid = child_start(comm, be_interrupted, &queue);
	for (unsigned int i = 0; i < 3; i++) {
		/* the handler has returned as often as it was called, and the next call waits */
		do
			trace_read(&trace);
		while (trace_calls(&trace, comm, "rt_sigreturn") < i);
		wait_blocked(pid, SYS_msgrcv);
		ck_assert_int_eq(kill(pid, SIGUSR1), 0);
	}
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "rt_sigreturn"), 3);
	ck_assert_uint_eq(trace_errors(&trace, comm, "rt_sigreturn"), 0);
	trace_close(&trace);
	(void)msgctl(queue, IPC_RMID, NULL);
}
END_TEST

/* ---- seccomp ---- */

/* What that does with kcmp; one at a time. */
static struct sock_fprog deny(uint32_t action)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kcmp, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	code[2].k = action;
	return (struct sock_fprog){ sizeof(code) / sizeof(code[0]), code };
}

static void deny_kcmp(uint32_t action)
{
	struct sock_fprog program = deny(action);

	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

/* Denied before the thread made any call that is traced, 5 times; then as a known thread. The
 * quotactl makes it known. */
static void be_denied(void *arg)
{
	(void)arg;
	deny_kcmp(SECCOMP_RET_ERRNO | EPERM);
	for (int i = 0; i < 5; i++)
		must(syscall(SYS_kcmp, 0, 0, 0, 0, 0) == -1 && errno == EPERM);
	call(SYS_quotactl, 3);
	for (int i = 0; i < 37; i++)
		must(syscall(SYS_kcmp, 0, 0, 0, 0, 0) == -1 && errno == EPERM);
	call(SYS_quotactl, 2);
}

/* Losses have no comm; but only these two calls are traced, which nobody else makes. */
START_TEST(calls_that_seccomp_denies_are_lost_without_entry)
{
	const struct series *series;
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "secc");
	trace_open(&trace, &(struct trace_options){ .syscalls = "kcmp,quotactl" });
	child_run(comm, be_denied, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "kcmp"), 0);
	series = trace_find(&trace, comm, "quotactl");
	ck_assert_ptr_nonnull(series);
	ck_assert_uint_eq(series->calls, 5);
	/* copies could miss a thread's first entry, so they know it from its birth on */
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_ENTRY],
			  trace.source->info.copies > 1 ? 5 + 37 : 37);
	for (int i = 0; i < IOR_LOST_REASONS; i++)
		if (i != IOR_LOST_NO_ENTRY)
			ck_assert_uint_eq(trace.snapshot->status.lost[i], 0);
	trace_close(&trace);
}
END_TEST

/* ---- seccomp that asks another thread ---- */

struct asked {
	pid_t asker;
	int listener;
	struct gate ready;
};

/* The first question is broken off by a signal; when it comes again, the call may be made. */
static void *answer(void *arg)
{
	const struct asked *asked = arg;
	struct seccomp_notif question = { .id = 0 };
	struct seccomp_notif_resp may = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	gate_wait(&asked->ready);
	must(ioctl(asked->listener, SECCOMP_IOCTL_NOTIF_RECV, &question) == 0);
	must(syscall(SYS_tgkill, getpid(), asked->asker, SIGUSR1) == 0);
	question = (struct seccomp_notif){ .id = 0 };
	must(ioctl(asked->listener, SECCOMP_IOCTL_NOTIF_RECV, &question) == 0);
	may.id = question.id;
	must(ioctl(asked->listener, SECCOMP_IOCTL_NOTIF_SEND, &may) == 0);
	return NULL;
}

static void ask(void *unused)
{
	struct asked asked = { .asker = (pid_t)syscall(SYS_gettid) };
	struct sock_fprog program = deny(SECCOMP_RET_USER_NOTIF);
	pthread_t thread;

	(void)unused;
	gate_open(&asked.ready);
	call(SYS_quotactl, 1); /* a known thread */
	handle_usr1(SA_RESTART);
	must(pthread_create(&thread, NULL, answer, &asked) == 0);
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	asked.listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				      SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	must(asked.listener >= 0);
	gate_pass(&asked.ready);
	call(SYS_kcmp, 1);
	must(pthread_join(thread, NULL) == 0);
}

START_TEST(a_call_that_seccomp_asks_for_again_is_counted_once)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "asks");
	trace_open(&trace, &(struct trace_options){ .syscalls = "kcmp,quotactl" });
	child_run(comm, ask, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "kcmp"), 1);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_ENTRY], 0);
	trace_close(&trace);
}
END_TEST

static void be_killed_by_seccomp(void *arg)
{
	(void)arg;
	call(SYS_quotactl, 3);
	deny_kcmp(SECCOMP_RET_KILL_PROCESS);
	call(SYS_kcmp, 1);
}

START_TEST(a_call_that_seccomp_kills_for_is_not_counted)
{
	struct trace trace;
	char comm[COMM_SIZE];
	int status;
	pid_t pid;

	comm_make(comm, "seck");
	trace_open(&trace, &(struct trace_options){ .syscalls = "kcmp,quotactl" });
	pid = child_start(comm, be_killed_by_seccomp, NULL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "kcmp"), 0);
	ck_assert_uint_eq(trace_calls(&trace, comm, "quotactl"), 3);
	/* it had not entered the call when it ended */
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_DIED], 0);
	trace_close(&trace);
}
END_TEST

TCase *signal_tests(void)
{
	TCase *tcase = tcase_create("signal");

	kernel_add(tcase, a_return_from_a_signal_is_one_call_without_error_or_bytes);
	kernel_add(tcase, a_return_from_a_signal_that_is_not_traced_loses_nothing);
	kernel_add(tcase, a_restored_error_is_none_of_the_return_from_a_signal);
	kernel_add(tcase, calls_that_seccomp_denies_are_lost_without_entry);
	kernel_add(tcase, a_call_that_seccomp_asks_for_again_is_counted_once);
	kernel_add(tcase, a_call_that_seccomp_kills_for_is_not_counted);
	return tcase;
}
