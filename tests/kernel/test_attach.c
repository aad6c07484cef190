/* SPDX-License-Identifier: Apache-2.0 */
/* The ways to attach, and what the start-up test finds of them. */
#include <string.h>

#include "kernel.h"
#include "source_bpf.h"
#include "tracer.h"
#include "tracer_maps.h"

START_TEST(the_start_up_test_sees_each_of_its_calls)
{
	struct trace trace;

	trace_open(&trace, &(struct trace_options){ .self_test = true });
	ck_assert_uint_gt(trace.source->info.self_test_made, 0);
	ck_assert_uint_eq(trace.source->info.self_test_seen, trace.source->info.self_test_made);
	trace_close(&trace);
}
END_TEST

START_TEST(the_start_up_test_needs_no_call_to_be_selected)
{
	struct trace trace;

	trace_open(&trace, &(struct trace_options){ .syscalls = "quotactl", .self_test = true });
	ck_assert_uint_gt(trace.source->info.self_test_made, 0);
	ck_assert_uint_eq(trace.source->info.self_test_seen, trace.source->info.self_test_made);
	trace_read(&trace);
	ck_assert_uint_eq(trace_total(&trace, "getppid"), 0);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_ENTRY], 0);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_EXIT], 0);
	trace_close(&trace);
}
END_TEST

/* With the calls of this process traced, the test would show if it counted. */
START_TEST(the_start_up_test_leaves_no_trace)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "self");
	comm_set(comm);
	trace_open(&trace, &(struct trace_options){ .syscalls = "getppid",
						    .self_test = true,
						    .include_self = true });
	call(SYS_getppid, 7);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), 7);
	for (int i = 0; i < IOR_LOST_REASONS; i++)
		if (i != IOR_LOST_DIED) /* others' threads may be killed meanwhile */
			ck_assert_uint_eq(trace.snapshot->status.lost[i], 0);
	trace_close(&trace);
}
END_TEST

#define CALLS scaled(20000)
#define CALLERS trace_threads(4)

static void make_calls(void *arg)
{
	(void)arg;
	call(SYS_getppid, CALLS);
}

static void run_threads(void *arg)
{
	threads_run(CALLERS, 2, make_calls, arg);
}

static void check_way(const struct trace_options *options, const char *mode, unsigned int copies)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "way");
	trace_open(&trace, options);
	ck_assert_str_eq(trace.source->info.mode, mode);
	ck_assert_uint_eq(trace.source->info.copies, copies);
	child_run(comm, run_threads, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), CALLERS * CALLS);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_RECURSION], 0);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_ENTRY], 0);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_EXIT], 0);
	trace_close(&trace);
}

/* Several copies see each call, and one counts it: the most and the fewest here, for the whole
 * suite runs with four as well. No calls that others' seccomp filters deny, which are lost. */
static void check_copies(unsigned int copies)
{
	check_way(&(struct trace_options){ .syscalls = "getppid",
					   .attach = ATTACH_TP_BTF,
					   .copies = copies },
		  "tp_btf", copies);
}

START_TEST(the_most_copies_count_each_call_once)
{
	check_copies(IOR_COPIES_MAX);
}
END_TEST

static const char *lack_of_most(void)
{
	if (*trace_lacks_copies())
		return trace_lacks_copies();
	return scaled(10) < 10 ? "an emulated machine takes long to load 8 copies" : "";
}

START_TEST(two_copies_count_each_call_once)
{
	check_copies(2);
}
END_TEST

static const char *lack_of_two(void)
{
	if (*trace_lacks_copies())
		return trace_lacks_copies();
	return trace_is_preempted() ?
		       "this kernel keeps calls from 2 copies, now and then from both" :
		       "";
}

/* What the programs write when the kernel keeps the return of a call from all of them, as it does
 * from 7.2 on only: the return is run for but not claimed; and at its thread's next call it is
 * missed. */
START_TEST(a_return_that_was_kept_is_lost_once)
{
	const uint64_t *lost;
	struct ior_passes *passes;
	struct ior_control *control;
	struct source_bpf *bpf;
	struct trace trace;
	uint64_t before;
	size_t size;
	void *data;

	trace_open(&trace, &(struct trace_options){ .attach = ATTACH_TP_BTF, .copies = 2 });
	bpf = (struct source_bpf *)trace.source;
	ck_assert_int_eq(tracer_maps_mmap(bpf->tracer.object, ".data.passes", true, &data, &size),
			 0);
	passes = data;
	ck_assert_int_eq(tracer_maps_mmap(bpf->tracer.object, ".data.control", true, &data, &size),
			 0);
	control = data;
	trace_read(&trace);
	before = trace.snapshot->status.lost[IOR_LOST_RECURSION];
	__atomic_add_fetch(&passes->runs, 3, __ATOMIC_RELAXED);
	trace_read(&trace);
	lost = trace.snapshot->status.lost;
	ck_assert_uint_eq(lost[IOR_LOST_RECURSION], before + 3);
	ck_assert_uint_eq(lost[IOR_LOST_NO_EXIT], 0);
	/* two of the threads make another call, and a handler's call is interrupted as well */
	__atomic_add_fetch(&control->missed_exits, 2, __ATOMIC_RELAXED);
	__atomic_add_fetch(&control->lost[IOR_LOST_NO_EXIT], 2 + 1, __ATOMIC_RELAXED);
	trace_read(&trace);
	lost = trace.snapshot->status.lost;
	ck_assert_uint_eq(lost[IOR_LOST_RECURSION], before + 3);
	ck_assert_uint_eq(lost[IOR_LOST_NO_EXIT], 1);
	trace_close(&trace);
}
END_TEST

static const char *lack_of_kept(void)
{
	if (*trace_lacks_copies())
		return trace_lacks_copies();
	if (trace_is_preempted())
		return "the kernel itself keeps returns from copies";
	return scaled(10) < 10 ? "the same on any kernel, and loading takes long" : "";
}

TCase *attach_tests(void)
{
	TCase *tcase = tcase_create("attach");

	kernel_add(tcase, the_start_up_test_sees_each_of_its_calls);
	kernel_add(tcase, the_start_up_test_needs_no_call_to_be_selected);
	kernel_add(tcase, the_start_up_test_leaves_no_trace);
	kernel_add_unless(tcase, the_most_copies_count_each_call_once, lack_of_most());
	kernel_add_unless(tcase, two_copies_count_each_call_once, lack_of_two());
	kernel_add_unless(tcase, a_return_that_was_kept_is_lost_once, lack_of_kept());
	return tcase;
}
