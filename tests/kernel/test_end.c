/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that end with their thread. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "kernel.h"

/* ---- calls that never return ---- */

static void end_by_exit(void *arg)
{
	(void)arg;
	(void)syscall(SYS_exit, 0);
}

START_TEST(exit_and_exit_group_are_counted_at_entry)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "exit");
	trace_join(&trace);
	for (int i = 0; i < 7; i++)
		child_run(comm, end_by_exit, NULL);
	for (int i = 0; i < 5; i++)
		child_run(comm, call_nothing, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "exit"), 7);
	ck_assert_uint_eq(trace_calls(&trace, comm, "exit_group"), 5);
	ck_assert_uint_eq(trace_find(&trace, comm, "exit")->counts.sum_ns, 0);
	ck_assert_uint_eq(trace_find(&trace, comm, "exit")->counts.slot[0], 7);
	ck_assert_uint_eq(trace_errors(&trace, comm, "exit_group"), 0);
	trace_close(&trace);
}
END_TEST

/* A thread whose only call is the one that ends it has no state yet. */
START_TEST(exit_is_counted_where_it_is_all_that_is_traced)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "only");
	trace_open(&trace, &(struct trace_options){ .syscalls = "exit,exit_group" });
	child_run(comm, end_by_exit, NULL);
	child_run(comm, end_by_exit, NULL);
	child_run(comm, call_nothing, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "exit"), 2);
	ck_assert_uint_eq(trace_calls(&trace, comm, "exit_group"), 1);
	ck_assert_uint_eq(trace_rows(&trace, comm), 2);
	trace_close(&trace);
}
END_TEST

/* ---- threads that are ended inside a call ---- */

#define VICTIMS 12ul

static void read_for_ever(void *arg)
{
	char byte;

	call(SYS_getppid, 3);
	(void)syscall(SYS_read, ((const struct gate *)arg)->fd[0], &byte, 1);
}

START_TEST(a_read_in_which_its_process_is_killed_is_not_counted)
{
	struct trace trace;
	struct gate gate;
	char comm[COMM_SIZE];

	comm_make(comm, "kill");
	gate_open(&gate);
	trace_join(&trace);
	for (unsigned int i = 0; i < VICTIMS; i++) {
		pid_t pid = child_start(comm, read_for_ever, &gate);

		wait_blocked(pid, SYS_read);
		child_kill(pid);
	}
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), VICTIMS * 3);
	ck_assert_uint_eq(trace_calls(&trace, comm, "read"), 0);
	ck_assert_uint_eq(trace_calls(&trace, comm, "exit_group"), 0);
	trace_close(&trace);
	gate_close(&gate);
}
END_TEST

/* Losses have no comm. Traced is msgrcv alone, and nobody but our children waits in one, so nobody
 * else can die in a traced call. */
struct queue {
	int id;
	unsigned int threads;
};

static void receive(void *arg)
{
	struct {
		long type;
		char text[8];
	} message;

	(void)syscall(SYS_msgrcv, ((const struct queue *)arg)->id, &message, sizeof(message.text),
		      0, 0);
}

static void queue_make(struct queue *queue)
{
	queue->id = msgget(IPC_PRIVATE, 0600);
	ck_assert_int_ge(queue->id, 0);
}

START_TEST(a_call_in_which_its_process_is_killed_is_lost_as_died)
{
	struct queue queue = { 0 };
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "died");
	queue_make(&queue);
	trace_open(&trace, &(struct trace_options){ .syscalls = "msgrcv" });
	for (unsigned int i = 0; i < VICTIMS; i++) {
		pid_t pid = child_start(comm, receive, &queue);

		wait_blocked(pid, SYS_msgrcv);
		child_kill(pid);
	}
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "msgrcv"), 0);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_DIED], VICTIMS);
	trace_close(&trace);
	(void)msgctl(queue.id, IPC_RMID, NULL);
}
END_TEST

static void *receive_in_thread(void *arg)
{
	*(_Atomic pid_t *)((void **)arg)[1] = (pid_t)syscall(SYS_gettid);
	receive(((void **)arg)[0]);
	return NULL;
}

/* They end all at once, so that on kernels that preempt programs some do in the middle of one. */
#define DYING 16
#define ROUNDS 10

/* Ends the process when all its threads wait in a msgrcv. */
static void exit_while_threads_receive(void *arg)
{
	struct queue *queue = arg;
	_Atomic pid_t tid[DYING] = { 0 };
	void *args[DYING][2];
	pthread_t thread;

	for (unsigned int i = 0; i < DYING; i++) {
		args[i][0] = queue;
		args[i][1] = (void *)&tid[i];
		must(pthread_create(&thread, NULL, receive_in_thread, args[i]) == 0);
		while (!tid[i])
			(void)sched_yield();
		wait_blocked(tid[i], SYS_msgrcv);
	}
	(void)syscall(SYS_exit_group, 0);
}

START_TEST(calls_of_the_other_threads_at_exit_group_are_lost_as_died)
{
	struct queue queue = { 0 };
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "grou");
	queue_make(&queue);
	trace_open(&trace, &(struct trace_options){ .syscalls = "msgrcv,exit,exit_group" });
	for (int i = 0; i < ROUNDS; i++)
		child_run(comm, exit_while_threads_receive, &queue);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "exit_group"), ROUNDS);
	ck_assert_uint_eq(trace_calls(&trace, comm, "exit"), 0);
	ck_assert_uint_eq(trace_calls(&trace, comm, "msgrcv"), 0);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_DIED], DYING * ROUNDS);
	trace_close(&trace);
	(void)msgctl(queue.id, IPC_RMID, NULL);
}
END_TEST

TCase *end_tests(void)
{
	TCase *tcase = tcase_create("end");

	kernel_add(tcase, exit_and_exit_group_are_counted_at_entry);
	kernel_add(tcase, exit_is_counted_where_it_is_all_that_is_traced);
	kernel_add(tcase, a_read_in_which_its_process_is_killed_is_not_counted);
	kernel_add(tcase, a_call_in_which_its_process_is_killed_is_lost_as_died);
	kernel_add(tcase, calls_of_the_other_threads_at_exit_group_are_lost_as_died);
	return tcase;
}
