/* SPDX-License-Identifier: Apache-2.0 */
/* What a handler returns to, where that is not the kernel's choice alone. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/uio.h>
#include <ucontext.h>

#include "kernel.h"

#define INTERRUPTIONS 10

static const struct gate *handled;

static void nothing(int number)
{
	(void)number;
}

static void wait_for_events(int number)
{
	struct epoll_event event;

	(void)number;
	(void)syscall(SYS_epoll_pwait, epoll_create1(EPOLL_CLOEXEC), &event, 1, -1, NULL, 0);
}

static long read_slowly(const struct gate *gate)
{
	char byte;
	const struct iovec to = { &byte, 1 };

	return syscall(SYS_preadv2, gate->fd[0], &to, 1, -1l, -1l, 0);
}

static void read_once(void *gate)
{
	struct sigaction action = { .sa_handler = wait_for_events, .sa_flags = SA_RESTART };

	must(sigaction(SIGUSR1, &action, NULL) == 0);
	action.sa_handler = nothing;
	must(sigaction(SIGUSR2, &action, NULL) == 0);
	must(read_slowly(gate) == 1);
}

/* epoll_pwait() is never restarted: it returns EINTR itself, to within the handler. */
START_TEST(eintr_of_a_handlers_own_call_does_not_end_the_call)
{
	struct trace trace;
	struct gate gate;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "inner");
	gate_open(&gate);
	trace_open(&trace, &(struct trace_options){ .syscalls = "preadv2" });
	pid = child_start(comm, read_once, &gate);
	wait_blocked(pid, SYS_preadv2);
	ck_assert_int_eq(kill(pid, SIGUSR1), 0);
	wait_blocked(pid, SYS_epoll_pwait);
	ck_assert_int_eq(kill(pid, SIGUSR2), 0);
	wait_blocked(pid, SYS_preadv2);
	gate_pass(&gate);
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "preadv2"), 1);
	ck_assert_uint_eq(trace_errors(&trace, comm, "preadv2"), 0);
	ck_assert_uint_eq(trace_bytes(&trace, comm, "preadv2"), 1);
	trace_close(&trace);
	gate_close(&gate);
}
END_TEST

#define CHANGED 42

static void change_result(int number, siginfo_t *info, void *context)
{
	ucontext_t *user = context;

	(void)number;
	(void)info;
#ifdef __x86_64__
	user->uc_mcontext.gregs[REG_RAX] = CHANGED;
#else
	user->uc_mcontext.regs[0] = CHANGED;
#endif
}

/* The same call from the same place each time. */
static void receive_until_one_came(void *queue)
{
	struct sigaction action = { .sa_sigaction = change_result, .sa_flags = SA_SIGINFO };
	long message[2], got;

	must(sigaction(SIGUSR1, &action, NULL) == 0);
	do
		got = syscall(SYS_msgrcv, *(int *)queue, message, sizeof(long), 0, 0);
	while (got == CHANGED);
	must(got == sizeof(long));
}

START_TEST(a_call_whose_handler_changes_the_result_is_an_error)
{
	int queue = msgget(IPC_PRIVATE, 0600);
	const long message[2] = { 1, 2 };
	struct trace trace;
	char comm[COMM_SIZE];
	pid_t pid;

	ck_assert_int_ge(queue, 0);
	comm_make(comm, "chan");
	trace_open(&trace, &(struct trace_options){ .syscalls = "msgrcv,rt_sigreturn" });
	pid = child_start(comm, receive_until_one_came, &queue);
	for (uint64_t i = 1; i <= INTERRUPTIONS; i++) {
		wait_blocked(pid, SYS_msgrcv);
		ck_assert_int_eq(kill(pid, SIGUSR1), 0);
		do
			trace_read(&trace);
		while (trace_calls(&trace, comm, "rt_sigreturn") < i);
	}
	wait_blocked(pid, SYS_msgrcv);
	ck_assert_int_eq(msgsnd(queue, message, sizeof(long), 0), 0);
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "msgrcv"), INTERRUPTIONS + 1);
	ck_assert_uint_eq(trace_errors(&trace, comm, "msgrcv"), INTERRUPTIONS);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_DIED], 0);
	trace_close(&trace);
	(void)msgctl(queue, IPC_RMID, NULL);
}
END_TEST

static void read_on(int number)
{
	(void)number;
	(void)read_slowly(handled);
}

static void receive_and_read_on(void *queue)
{
	struct sigaction action = { .sa_handler = read_on };
	long message[2];

	must(sigaction(SIGUSR1, &action, NULL) == 0);
	(void)syscall(SYS_msgrcv, *(int *)queue, message, sizeof(long), 0, 0);
}

START_TEST(a_handlers_call_dies_and_the_one_that_it_broke_off)
{
	int queue = msgget(IPC_PRIVATE, 0600);
	struct trace trace;
	struct gate gate;
	char comm[COMM_SIZE];
	pid_t pid;

	ck_assert_int_ge(queue, 0);
	comm_make(comm, "both");
	gate_open(&gate);
	handled = &gate;
	trace_open(&trace, &(struct trace_options){ .syscalls = "msgrcv,preadv2" });
	pid = child_start(comm, receive_and_read_on, &queue);
	wait_blocked(pid, SYS_msgrcv);
	ck_assert_int_eq(kill(pid, SIGUSR1), 0);
	wait_blocked(pid, SYS_preadv2);
	child_kill(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "msgrcv"), 0);
	ck_assert_uint_eq(trace_calls(&trace, comm, "preadv2"), 0);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_DIED], 2);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_EXIT], 0);
	trace_close(&trace);
	gate_close(&gate);
	(void)msgctl(queue, IPC_RMID, NULL);
}
END_TEST

/* ---- calls that are restarted within calls that are restarted ---- */

#define KEPT 4 /* of a thread's interrupted calls */
#define DEEPEST (KEPT + 1)

static struct gate deep[DEEPEST + 1];

/* Of the signals from SIGRTMIN on; each is handled in a call of its own. */
static void read_deeper(int number)
{
	must(read_slowly(&deep[number - SIGRTMIN + 1]) == 1);
}

static void read_deep(void *unused)
{
	struct sigaction action = { .sa_handler = read_deeper, .sa_flags = SA_RESTART };

	(void)unused;
	for (int i = 0; i < DEEPEST; i++)
		must(sigaction(SIGRTMIN + i, &action, NULL) == 0);
	must(read_slowly(&deep[0]) == 1);
}

/* Until the thread is in a preadv2 of that gate. */
static void wait_reading(pid_t tid, const struct gate *gate)
{
	unsigned long nr, fd;

	do {
		char path[64], text[64] = "";
		FILE *file;

		(void)snprintf(path, sizeof(path), "/proc/%d/syscall", (int)tid);
		file = fopen(path, "re");
		must(file != NULL);
		must(fgets(text, sizeof(text), file) != NULL);
		(void)fclose(file);
		if (sscanf(text, "%lu %lx", &nr, &fd) != 2)
			nr = 0;
	} while (nr != SYS_preadv2 || (int)fd != gate->fd[0]);
}

/* One more call than are interrupted, each restarted in the end. */
static void check_deep(int interrupted, unsigned int lost)
{
	struct trace trace;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "deep");
	for (int i = 0; i <= DEEPEST; i++)
		gate_open(&deep[i]);
	trace_open(&trace, &(struct trace_options){ .syscalls = "preadv2" });
	pid = child_start(comm, read_deep, NULL);
	for (int i = 0; i < interrupted; i++) {
		wait_reading(pid, &deep[i]);
		ck_assert_int_eq(kill(pid, SIGRTMIN + i), 0);
	}
	wait_reading(pid, &deep[interrupted]);
	for (int i = interrupted; i >= 0; i--)
		gate_pass(&deep[i]);
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "preadv2"), (unsigned int)interrupted + 1);
	ck_assert_uint_eq(trace_errors(&trace, comm, "preadv2"), 0);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_EXIT], lost);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_DIED], 0);
	trace_close(&trace);
	for (int i = 0; i <= DEEPEST; i++)
		gate_close(&deep[i]);
}

START_TEST(each_of_the_calls_that_interrupt_each_other_is_counted_once)
{
	check_deep(KEPT, 0);
}
END_TEST

START_TEST(of_one_too_many_one_is_lost)
{
	check_deep(KEPT + 1, 1);
}
END_TEST

/* ---- handlers that jump out to where the call is made again ---- */

static sigjmp_buf out;
static volatile int jumps;

static void jump(int number)
{
	(void)number;
	jumps++;
	siglongjmp(out, 1);
}

/* Neither the jump nor the loop makes another call. */
static void read_and_jump_back(void *gate)
{
	struct sigaction action = { .sa_handler = jump, .sa_flags = SA_RESTART | SA_NODEFER };

	must(sigaction(SIGUSR1, &action, NULL) == 0);
	(void)sigsetjmp(out, 0);
	must(read_slowly(gate) == 1);
	must(jumps == INTERRUPTIONS);
}

START_TEST(a_call_that_is_made_again_after_a_jump_is_another_one)
{
	struct trace trace;
	struct gate gate;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "again");
	gate_open(&gate);
	trace_open(&trace, &(struct trace_options){ .syscalls = "preadv2" });
	pid = child_start(comm, read_and_jump_back, &gate);
	for (uint64_t i = 0; i < INTERRUPTIONS; i++) {
		do
			trace_read(&trace);
		while (trace_calls(&trace, comm, "preadv2") < i);
		wait_blocked(pid, SYS_preadv2);
		ck_assert_int_eq(kill(pid, SIGUSR1), 0);
	}
	do
		trace_read(&trace);
	while (trace_calls(&trace, comm, "preadv2") < INTERRUPTIONS);
	gate_pass(&gate);
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "preadv2"), INTERRUPTIONS + 1);
	ck_assert_uint_eq(trace_errors(&trace, comm, "preadv2"), INTERRUPTIONS);
	trace_close(&trace);
	gate_close(&gate);
}
END_TEST

TCase *handler_return_tests(void)
{
	TCase *tcase = tcase_create("handler return");

	kernel_add(tcase, eintr_of_a_handlers_own_call_does_not_end_the_call);
	kernel_add(tcase, a_call_whose_handler_changes_the_result_is_an_error);
	kernel_add(tcase, a_handlers_call_dies_and_the_one_that_it_broke_off);
	kernel_add(tcase, each_of_the_calls_that_interrupt_each_other_is_counted_once);
	kernel_add(tcase, of_one_too_many_one_is_lost);
	kernel_add(tcase, a_call_that_is_made_again_after_a_jump_is_another_one);
	return tcase;
}
