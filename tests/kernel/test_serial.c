/* SPDX-License-Identifier: Apache-2.0 */
/* Is each duration one of a call, from its own entry to its own return? The oracle: calls with a
 * serial number as their first argument, and the programs with a clock that shows it. So a call
 * takes no time at all, and what is put together of two calls takes at least a step. */
#include <bpf/libbpf.h>

#include "kernel.h"
#include "noise.h"
#include "serial.skel.h"
#include "serial_raw.skel.h"

#define THREADS 4u
#define CPUS 2u
#define CALLS scaled(50000)
#define STEP (1ul << 20)
#define NOISE 2u /* processes */

static bool serial;

/* The linker has the exporter call __wrap_bpf_object__open_mem() for bpf_object__open_mem(). */
struct bpf_object *__real_bpf_object__open_mem(const void *bytes, size_t size,
					       const struct bpf_object_open_opts *opts);
struct bpf_object *__wrap_bpf_object__open_mem(const void *bytes, size_t size,
					       const struct bpf_object_open_opts *opts);

struct bpf_object *__wrap_bpf_object__open_mem(const void *bytes, size_t size,
					       const struct bpf_object_open_opts *opts)
{
	struct bpf_object *object = __real_bpf_object__open_mem(bytes, size, opts);
	bool raw;

	if (!serial || !object)
		return object;
	raw = !bpf_object__find_program_by_name(object, "tp_enter");
	bpf_object__close(object);
	bytes = raw ? serial_raw_bpf__elf_bytes(&size) : serial_bpf__elf_bytes(&size);
	return __real_bpf_object__open_mem(bytes, size, opts);
}

static void call_in_order(void *arg)
{
	const unsigned long calls = *(const unsigned int *)arg;

	for (unsigned long i = 1; i <= calls; i++)
		(void)syscall(SYS_getppid, i * STEP);
}

static void run_threads(void *arg)
{
	threads_run(THREADS, CPUS, call_in_order, arg);
}

static void check_beside(struct trace *trace, const char *tag, unsigned int processes)
{
	const struct series *series;
	unsigned int calls = CALLS;
	struct noise noise;
	char comm[COMM_SIZE];

	comm_make(comm, tag);
	noise_start(&noise, processes);
	child_run(comm, run_threads, &calls);
	noise_stop(&noise);
	trace_read(trace);
	series = trace_find(trace, comm, "getppid");
	ck_assert_ptr_nonnull(series);
	ck_assert_uint_eq(series->counts.slot[0], series->calls);
	ck_assert_uint_eq(series->counts.sum_ns, 0);
	if (trace_is_preempted())
		return; /* a call may be lost, and with a selection it is not known */
	ck_assert_uint_eq(series->calls, (uint64_t)THREADS * calls);
	ck_assert_uint_eq(series->counts.gap_ns, (uint64_t)THREADS * (calls - 1) * STEP);
}

START_TEST(no_duration_is_of_two_calls)
{
	struct trace trace;

	serial = true;
	trace_open(&trace, &(struct trace_options){ .syscalls = "getppid", .fresh = true });
	check_beside(&trace, "quie", 0);
	check_beside(&trace, "loud", NOISE);
	trace_close(&trace);
}
END_TEST

TCase *serial_tests(void)
{
	TCase *tcase = tcase_create("serial");

	kernel_add(tcase, no_duration_is_of_two_calls);
	return tcase;
}
