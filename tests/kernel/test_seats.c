/* SPDX-License-Identifier: Apache-2.0 */
/* Where the state of threads is (bpf/seats.bpf.h). A source of few rows has one seat. */
#include <sys/ipc.h>
#include <sys/msg.h>

#include "kernel.h"
#include "pool.h"

#define CHILDREN 6
#define CALLS 3ul

/* Hardly anybody else makes these calls, so no other thread takes the seat. */
static void open_with_one_seat(struct trace *trace)
{
	trace_open(trace, &(struct trace_options){ .syscalls = "mq_getsetattr,msgrcv",
						   .series_max = FEW_ROWS });
}

static unsigned int one(void)
{
	return trace_has_seats() ? 1 : 0;
}

static void receive(int queue, long type)
{
	long message[2];

	must(syscall(SYS_msgrcv, queue, message, sizeof(long), type, 0) == sizeof(long));
}

static void let_go_on(int queue, long type)
{
	const long message[2] = { type };

	ck_assert_int_eq(msgsnd(queue, message, sizeof(long), 0), 0);
}

struct stay {
	struct gate called;
	int queue;
	long type; /* of the child's messages */
};

static void call_and_stay(void *arg)
{
	const struct stay *stay = arg;

	for (int i = 0; i < 2; i++) {
		call(SYS_mq_getsetattr, CALLS);
		gate_pass(&stay->called);
		receive(stay->queue, stay->type);
	}
}

/* Each is inside of a call while the others make theirs. Who found no seat takes none when there is
 * one. */
static void run_children(struct stay *stay, const char *comm)
{
	pid_t pids[CHILDREN];

	for (int i = 0; i < CHILDREN; i++) {
		stay->type = i + 1;
		pids[i] = child_start(comm, call_and_stay, stay);
		gate_wait(&stay->called);
		wait_blocked(pids[i], SYS_msgrcv);
		ck_assert_uint_eq(pool_seats_of(comm), one());
	}
	for (int i = 0; i < CHILDREN; i++) {
		let_go_on(stay->queue, i + 1);
		gate_wait(&stay->called);
		ck_assert_uint_eq(pool_seats_of(comm), i ? 0 : one());
		let_go_on(stay->queue, i + 1);
		child_wait(pids[i]);
		ck_assert_uint_eq(pool_seats_of(comm), 0);
	}
}

START_TEST(threads_without_a_seat_are_counted_as_well)
{
	struct stay stay = { .queue = msgget(IPC_PRIVATE, 0600) };
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "seat");
	gate_open(&stay.called);
	open_with_one_seat(&trace);
	for (unsigned long turn = 1; turn <= 2; turn++) {
		run_children(&stay, comm);
		trace_read(&trace);
		ck_assert_uint_eq(trace_calls(&trace, comm, "mq_getsetattr"),
				  turn * CHILDREN * 2 * CALLS);
		ck_assert_uint_eq(trace_calls(&trace, comm, "msgrcv"), turn * CHILDREN * 2);
		for (unsigned int i = 0; i < IOR_LOST_REASONS; i++)
			ck_assert_uint_eq(trace.snapshot->status.lost[i], 0);
	}
	trace_close(&trace);
	gate_close(&stay.called);
	(void)msgctl(stay.queue, IPC_RMID, NULL);
}
END_TEST

static void call_and_receive(void *queue)
{
	call(SYS_mq_getsetattr, CALLS);
	receive(*(int *)queue, 0);
}

static void call_once(void *arg)
{
	(void)arg;
	call(SYS_mq_getsetattr, 1);
}

/* One that is killed inside a call leaves the most behind. */
START_TEST(the_next_one_in_a_seat_is_new)
{
	int queue = msgget(IPC_PRIVATE, 0600);
	const struct series *series;
	struct trace trace;
	char comm[COMM_SIZE], next[COMM_SIZE];
	pid_t pid;

	comm_make(comm, "seat");
	comm_make(next, "next");
	open_with_one_seat(&trace);
	pid = child_start(comm, call_and_receive, &queue);
	wait_blocked(pid, SYS_msgrcv);
	ck_assert_uint_eq(pool_seats_of(comm), one());
	child_kill(pid);
	ck_assert_uint_eq(pool_seats_of(comm), 0);
	child_run(next, call_once, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "mq_getsetattr"), CALLS);
	series = trace_find(&trace, next, "mq_getsetattr");
	ck_assert_ptr_nonnull(series);
	ck_assert_uint_eq(series->calls, 1);
	ck_assert_uint_eq(series->counts.gap_ns, 0);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_DIED], 1);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_EXIT], 0);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_ENTRY], 0);
	trace_close(&trace);
	(void)msgctl(queue, IPC_RMID, NULL);
}
END_TEST

TCase *seats_tests(void)
{
	TCase *tcase = tcase_create("seats");
	/* without a list of threads there is no pool (trace_share()), which shows the seats */
	const char *reason = *trace_lacks_copies() ? "" : trace_lacks_in_flight();

	kernel_add_unless(tcase, threads_without_a_seat_are_counted_as_well, reason);
	kernel_add_unless(tcase, the_next_one_in_a_seat_is_new, reason);
	return tcase;
}
