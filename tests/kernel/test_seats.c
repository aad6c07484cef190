/* SPDX-License-Identifier: Apache-2.0 */
/* Where the state of threads is (bpf/seats.bpf.h). A source of few rows has one seat. */
#include <sys/ipc.h>
#include <sys/msg.h>

#include "kernel.h"
#include "pool.h"

#define CHILDREN 6
#define CALLS 3ul

/* Nobody else makes these calls, so no other thread takes the seat. */
static void open_with_one_seat(struct trace *trace)
{
	trace_open(trace,
		   &(struct trace_options){ .syscalls = "kcmp,msgrcv", .series_max = FEW_ROWS });
}

static unsigned int one(void)
{
	return trace_has_seats() ? 1 : 0;
}

struct stay {
	struct gate called;
	int queue;
};

static void receive(int queue)
{
	long message[2];

	must(syscall(SYS_msgrcv, queue, message, sizeof(long), 0, 0) == sizeof(long));
}

static void call_and_stay(void *arg)
{
	const struct stay *stay = arg;

	call(SYS_kcmp, CALLS);
	gate_pass(&stay->called);
	receive(stay->queue);
	call(SYS_kcmp, CALLS);
}

/* Each is inside of a call while the others make theirs. */
static void run_children(const struct stay *stay, const char *comm)
{
	const long message[2] = { 1 };
	pid_t pids[CHILDREN];

	for (int i = 0; i < CHILDREN; i++) {
		pids[i] = child_start(comm, call_and_stay, (void *)stay);
		gate_wait(&stay->called);
		wait_blocked(pids[i], SYS_msgrcv);
		ck_assert_uint_eq(pool_seats_taken(), one());
	}
	for (int i = 0; i < CHILDREN; i++)
		ck_assert_int_eq(msgsnd(stay->queue, message, sizeof(long), 0), 0);
	for (int i = 0; i < CHILDREN; i++)
		child_wait(pids[i]);
	ck_assert_uint_eq(pool_seats_taken(), 0);
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
		ck_assert_uint_eq(trace_calls(&trace, comm, "kcmp"), turn * CHILDREN * 2 * CALLS);
		ck_assert_uint_eq(trace_calls(&trace, comm, "msgrcv"), turn * CHILDREN);
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
	call(SYS_kcmp, CALLS);
	receive(*(int *)queue);
}

static void call_once(void *arg)
{
	(void)arg;
	call(SYS_kcmp, 1);
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
	ck_assert_uint_eq(pool_seats_taken(), one());
	child_kill(pid);
	ck_assert_uint_eq(pool_seats_taken(), 0);
	child_run(next, call_once, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "kcmp"), CALLS);
	series = trace_find(&trace, next, "kcmp");
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
	/* the pool is empty then, by which seats are seen */
	const char *reason = *trace_lacks_copies() ? "" : trace_lacks_in_flight();

	kernel_add_unless(tcase, threads_without_a_seat_are_counted_as_well, reason);
	kernel_add_unless(tcase, the_next_one_in_a_seat_is_new, reason);
	return tcase;
}
