/* SPDX-License-Identifier: Apache-2.0 */
/* Durations and gaps, within the times taken around and between the calls. */
#include <sys/mman.h>
#include <time.h>

#include "kernel.h"

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* What the child measures, in memory that it shares with the test. */
struct measured {
	uint64_t least_ns, most_ns;
};

static struct measured *share_measured(void)
{
	struct measured *measured = mmap(NULL, sizeof(*measured), PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(measured, MAP_FAILED);
	return measured;
}

/* ---- durations ---- */

#define NAP_NS 50000000

static void nap(void *arg)
{
	const struct timespec length = { .tv_nsec = NAP_NS };
	struct measured *measured = arg;
	uint64_t before = now_ns();

	must(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &length, NULL) == 0);
	measured->most_ns = now_ns() - before;
}

START_TEST(the_duration_of_a_sleep_is_its_length)
{
	struct measured *measured = share_measured();
	const struct series *series;
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "nap");
	trace_join(&trace);
	child_run(comm, nap, measured);
	trace_read(&trace);
	series = trace_find(&trace, comm, "clock_nanosleep");
	ck_assert_ptr_nonnull(series);
	ck_assert_uint_eq(series->calls, 1);
	ck_assert_uint_ge(series->counts.sum_ns, NAP_NS);
	ck_assert_uint_le(series->counts.sum_ns, measured->most_ns);
	ck_assert_uint_eq(series->counts.slot[ior_slot(series->counts.sum_ns)], 1);
	trace_close(&trace);
	(void)munmap(measured, sizeof(*measured));
}
END_TEST

static void call_quickly(void *arg)
{
	struct measured *measured = arg;
	uint64_t before = now_ns();

	call(SYS_getppid, 10000);
	measured->most_ns = now_ns() - before;
}

START_TEST(many_durations_add_up_to_less_than_the_time_around_them)
{
	struct measured *measured = share_measured();
	const struct series *series;
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "quic");
	trace_join(&trace);
	child_run(comm, call_quickly, measured);
	trace_read(&trace);
	series = trace_find(&trace, comm, "getppid");
	ck_assert_ptr_nonnull(series);
	ck_assert_uint_eq(series->calls, 10000);
	ck_assert_uint_gt(series->counts.sum_ns, 0);
	/* gaps and calls lie side by side; the first gap begins before the first call */
	ck_assert_uint_lt(series->counts.sum_ns, measured->most_ns);
	trace_close(&trace);
	(void)munmap(measured, sizeof(*measured));
}
END_TEST

/* ---- gaps ---- */

#define GAPS 20
#define SPIN_NS 2000000

/* getppid, time of our own, kcmp: the gap before each kcmp is at least what lies between the two
 * calls and at most what lies around them. Calls that are not traced are part of it. */
static void spin_between(void *arg)
{
	struct measured *measured = arg;

	for (int i = 0; i < GAPS; i++) {
		uint64_t before = now_ns(), begin, end;

		call(SYS_getppid, 1);
		begin = now_ns();
		call(SYS_getuid, 3);
		do
			end = now_ns();
		while (end - begin < SPIN_NS);
		call(SYS_kcmp, 1);
		measured->most_ns += now_ns() - before;
		measured->least_ns += end - begin;
	}
}

START_TEST(a_gap_is_the_time_between_two_traced_calls)
{
	struct measured *measured = share_measured();
	const struct series *series;
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "gap");
	trace_open(&trace, &(struct trace_options){ .syscalls = "getppid,kcmp" });
	child_run(comm, spin_between, measured);
	trace_read(&trace);
	series = trace_find(&trace, comm, "kcmp");
	ck_assert_ptr_nonnull(series);
	ck_assert_uint_eq(series->calls, GAPS);
	ck_assert_uint_ge(series->counts.gap_ns, measured->least_ns);
	ck_assert_uint_le(series->counts.gap_ns, measured->most_ns);
	trace_close(&trace);
	(void)munmap(measured, sizeof(*measured));
}
END_TEST

static void call_once(void *arg)
{
	(void)arg;
	call(SYS_kcmp, 1);
}

START_TEST(the_first_call_of_a_thread_has_no_gap)
{
	const struct series *series;
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "1st");
	trace_open(&trace, &(struct trace_options){ .syscalls = "kcmp" });
	for (int i = 0; i < 10; i++)
		child_run(comm, call_once, NULL);
	trace_read(&trace);
	series = trace_find(&trace, comm, "kcmp");
	ck_assert_ptr_nonnull(series);
	ck_assert_uint_eq(series->calls, 10);
	ck_assert_uint_eq(series->counts.gap_ns, 0);
	trace_close(&trace);
}
END_TEST

/* A thread's time is calls and gaps and nothing else: from the entry of its first call to the exit
 * of its last. */
static void measure_all(void *arg)
{
	struct measured *measured = arg;
	uint64_t before = now_ns(), begin, end;

	call(SYS_kcmp, 1);
	begin = now_ns();
	for (int i = 0; i < 2000; i++) {
		call(SYS_getppid, 1);
		call(SYS_kcmp, 2);
	}
	end = now_ns();
	call(SYS_kcmp, 1);
	measured->most_ns = now_ns() - before;
	measured->least_ns = end - begin;
}

START_TEST(calls_and_gaps_fill_a_threads_time)
{
	struct measured *measured = share_measured();
	const struct series *one, *other;
	uint64_t sum_ns;
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "fill");
	trace_open(&trace, &(struct trace_options){ .syscalls = "getppid,kcmp" });
	child_run(comm, measure_all, measured);
	trace_read(&trace);
	one = trace_find(&trace, comm, "kcmp");
	other = trace_find(&trace, comm, "getppid");
	ck_assert(one && other);
	ck_assert_uint_eq(one->calls, 4002);
	ck_assert_uint_eq(other->calls, 2000);
	sum_ns = one->counts.sum_ns + one->counts.gap_ns + other->counts.sum_ns +
		 other->counts.gap_ns;
	ck_assert_uint_ge(sum_ns, measured->least_ns);
	ck_assert_uint_le(sum_ns, measured->most_ns);
	trace_close(&trace);
	(void)munmap(measured, sizeof(*measured));
}
END_TEST

TCase *time_tests(void)
{
	TCase *tcase = tcase_create("time");

	kernel_add(tcase, the_duration_of_a_sleep_is_its_length);
	kernel_add(tcase, many_durations_add_up_to_less_than_the_time_around_them);
	kernel_add(tcase, a_gap_is_the_time_between_two_traced_calls);
	kernel_add(tcase, the_first_call_of_a_thread_has_no_gap);
	kernel_add(tcase, calls_and_gaps_fill_a_threads_time);
	return tcase;
}
