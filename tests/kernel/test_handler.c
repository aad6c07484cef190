/* SPDX-License-Identifier: Apache-2.0 */
/* Signal handlers that make the interrupted call themselves, and such that never return. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "kernel.h"

#define INTERRUPTIONS 10

static const struct gate *handled;

static void read_in_handler(int number)
{
	char byte;

	(void)number;
	must(syscall(SYS_read, -1, &byte, 1) == -1);
	gate_pass(handled);
}

static void read_with_reading_handler(void *arg)
{
	const struct gate *gate = arg;
	struct sigaction action = { .sa_handler = read_in_handler, .sa_flags = SA_RESTART };
	char byte;

	handled = &gate[1];
	must(sigaction(SIGUSR1, &action, NULL) == 0);
	must(syscall(SYS_read, gate[0].fd[0], &byte, 1) == 1);
}

START_TEST(the_same_call_within_a_handler_is_one_of_its_own)
{
	struct gate gate[2];
	struct trace trace;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "same");
	gate_open(&gate[0]);
	gate_open(&gate[1]);
	trace_join(&trace);
	pid = child_start(comm, read_with_reading_handler, gate);
	for (int i = 0; i < INTERRUPTIONS; i++) {
		wait_blocked(pid, SYS_read);
		ck_assert_int_eq(kill(pid, SIGUSR1), 0);
		gate_wait(&gate[1]);
	}
	gate_pass(&gate[0]);
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "read"), INTERRUPTIONS + 1);
	ck_assert_uint_eq(trace_errors(&trace, comm, "read"), INTERRUPTIONS);
	ck_assert_uint_eq(trace_bytes(&trace, comm, "read"), 1);
	trace_close(&trace);
	gate_close(&gate[0]);
	gate_close(&gate[1]);
}
END_TEST

static void call_in_handler(int number)
{
	(void)number;
	call(SYS_getppid, 1);
}

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1u << 31)
#endif

static int stack_flags; /* the thread has no alternate stack while a handler runs on one with
			   SS_AUTODISARM */

/* The alternate stack lies in the frame of the interrupted call's caller, so above its stack
 * pointer, where else only one that has jumped out of the handler would be. */
static void read_with_handler_above(void *arg)
{
	const struct gate *gate = arg;
	const struct sigaction action = { .sa_handler = call_in_handler,
					  .sa_flags = SA_RESTART | SA_ONSTACK };
	char alternate[64 << 10], byte;
	const stack_t stack = { .ss_sp = alternate,
				.ss_flags = stack_flags,
				.ss_size = sizeof(alternate) };

	must(sigaltstack(&stack, NULL) == 0);
	must(sigaction(SIGUSR1, &action, NULL) == 0);
	must(syscall(SYS_read, gate->fd[0], &byte, 1) == 1);
}

static void check_handler_above(int flags)
{
	struct trace trace;
	struct gate gate;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "abov");
	stack_flags = flags;
	gate_open(&gate);
	trace_join(&trace);
	pid = child_start(comm, read_with_handler_above, &gate);
	for (unsigned int i = 0; i < INTERRUPTIONS; i++) {
		do
			trace_read(&trace);
		while (trace_calls(&trace, comm, "rt_sigreturn") < i);
		wait_blocked(pid, SYS_read);
		ck_assert_int_eq(kill(pid, SIGUSR1), 0);
	}
	gate_pass(&gate);
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), INTERRUPTIONS);
	ck_assert_uint_eq(trace_calls(&trace, comm, "read"), 1);
	ck_assert_uint_eq(trace_errors(&trace, comm, "read"), 0);
	ck_assert_uint_eq(trace_bytes(&trace, comm, "read"), 1);
	trace_close(&trace);
	gate_close(&gate);
}

START_TEST(a_handler_on_a_stack_above_does_not_end_the_call)
{
	check_handler_above(0);
}
END_TEST

START_TEST(nor_does_one_that_has_no_such_stack_while_it_runs)
{
	check_handler_above((int)SS_AUTODISARM);
}
END_TEST

static sigjmp_buf out;

static void jump(int number)
{
	(void)number;
	siglongjmp(out, 1);
}

/* Nothing tells a thread that jumped from one that is still in its handler, but the stack: the
 * calls behind are made from the frame of the one that was broken off. */
static void read_and_jump_out(void *arg)
{
	struct sigaction action = { .sa_handler = jump, .sa_flags = SA_RESTART };
	char byte;

	must(sigaction(SIGUSR1, &action, NULL) == 0);
	if (!sigsetjmp(out, 1))
		(void)syscall(SYS_read, ((const struct gate *)arg)->fd[0], &byte, 1);
	for (volatile int i = 0; i < 4; i++)
		(void)syscall(SYS_getppid);
}

START_TEST(a_read_that_a_handler_jumps_out_of_is_an_error)
{
	struct trace trace;
	struct gate gate;
	char comm[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "jump");
	gate_open(&gate);
	trace_open(&trace, &(struct trace_options){ .syscalls = "read,getppid" });
	pid = child_start(comm, read_and_jump_out, &gate);
	wait_blocked(pid, SYS_read);
	ck_assert_int_eq(kill(pid, SIGUSR1), 0);
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), 4);
	ck_assert_uint_eq(trace_calls(&trace, comm, "read"), 1);
	ck_assert_uint_eq(trace_errors(&trace, comm, "read"), 1);
	trace_close(&trace);
	gate_close(&gate);
}
END_TEST

static void leave(int number)
{
	(void)number;
	(void)syscall(SYS_exit_group, 0);
}

static void receive_and_leave(void *queue)
{
	struct sigaction action = { .sa_handler = leave };
	long message[2];

	must(sigaction(SIGUSR1, &action, NULL) == 0);
	(void)syscall(SYS_msgrcv, *(int *)queue, message, sizeof(long), 0, 0);
}

/* Traced are calls that nobody else makes, so nobody else's loss is among ours. */
START_TEST(a_call_whose_handler_ends_the_process_is_lost_as_died)
{
	int queue = msgget(IPC_PRIVATE, 0600);
	struct trace trace;
	char comm[COMM_SIZE];
	pid_t pid;

	ck_assert_int_ge(queue, 0);
	comm_make(comm, "leav");
	trace_open(&trace, &(struct trace_options){ .syscalls = "msgrcv" });
	pid = child_start(comm, receive_and_leave, &queue);
	wait_blocked(pid, SYS_msgrcv);
	ck_assert_int_eq(kill(pid, SIGUSR1), 0);
	child_wait(pid);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "msgrcv"), 0);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_DIED], 1);
	trace_close(&trace);
	(void)msgctl(queue, IPC_RMID, NULL);
}
END_TEST

TCase *handler_tests(void)
{
	TCase *tcase = tcase_create("handler");

	kernel_add(tcase, the_same_call_within_a_handler_is_one_of_its_own);
	kernel_add_unless(tcase, a_handler_on_a_stack_above_does_not_end_the_call,
			  trace_lacks_leader());
	kernel_add_unless(tcase, nor_does_one_that_has_no_such_stack_while_it_runs,
			  trace_lacks_leader());
	kernel_add(tcase, a_read_that_a_handler_jumps_out_of_is_an_error);
	kernel_add(tcase, a_call_whose_handler_ends_the_process_is_lost_as_died);
	return tcase;
}
