/* SPDX-License-Identifier: Apache-2.0 */
/* The tracer as the tests see it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "kernel_symbol.h"
#include "pool.h"
#include "tracer.h"

#define SERIES_MAX 1024
#define SERIES_MAX_SHARED 8192 /* the rows of all tests stay in it */
#define SERIES_MEMORY (64u << 20)
#define SEATS 64 /* few, so that threads find theirs taken */

/* The whole suite can be run on another way to attach than this kernel's own, by environment. */
static enum attach attach_wanted(void)
{
	const char *name = getenv("IOR_TEST_ATTACH");

	for (enum attach attach = ATTACH_AUTO; name && attach <= ATTACH_RAW_TP; attach++)
		if (!strcmp(attach_names[attach], name))
			return attach;
	return ATTACH_AUTO;
}

static unsigned int copies_wanted(void)
{
	const char *text = getenv("IOR_TEST_COPIES");

	return text ? (unsigned int)strtoul(text, NULL, 10) : 0;
}

static bool is_emulated(void)
{
	return scaled(10) < 10;
}

static struct source_bpf_options source_options(const struct trace_options *options)
{
	return (struct source_bpf_options){
		.filter = options->filter,
		.attach = options->attach ? options->attach : attach_wanted(),
		.copies = options->copies ? options->copies : copies_wanted(),
		.gaps = options->gaps,
		.no_self_test = !options->self_test,
		.include_self = options->include_self,
		.by = options->by == TRACE_BY_NONE ? BY_NONE :
		      options->by		   ?:
						     BY_COMM,
		.cgroup_root = options->cgroup_root,
		.comm_of_thread = options->comm_of_thread ||
				  (options->series_max == FEW_ROWS && is_emulated()),
		.in_flight = options->in_flight,
		.series_max = options->series_max ? options->series_max : SERIES_MAX,
		.threads_max = options->threads_max,
		.seats = options->series_max == FEW_ROWS ? 1 : SEATS,
		.series_memory = options->series_memory ? options->series_memory : SERIES_MEMORY,
	};
}

int trace_try_open(struct trace *trace, const struct trace_options *options,
		   struct source_error *err)
{
	const struct selection_lists lists = {
		.syscalls = options->syscalls,
		.families = options->families,
		.no_syscalls = options->no_syscalls,
	};
	struct source_bpf_options bpf = source_options(options);
	char text[512];
	int r;

	*trace = (struct trace){ 0 };
	r = selection_parse(&lists, &trace->selection, text, sizeof(text));
	if (r < 0)
		ck_abort_msg("%s", text);
	trace->fold = fold_new(&(struct fold_options){ .top = 0 }, NULL);
	if (!trace->fold)
		return -ENOMEM;
	bpf.selection = &trace->selection;
	pool_lend(!options->fresh);
	return source_bpf_open(&bpf, &trace->source, err);
}

static struct trace shared;
static struct source_info probed; /* its */

const char *trace_lacks_in_flight(void)
{
	return probed.no_in_flight;
}

const char *trace_lacks_copies(void)
{
	return strcmp(probed.mode, "raw_tp") ? "" : "mode raw_tp has no copies";
}

bool trace_has_seats(void)
{
	const bool copies = strcmp(probed.mode, "tp_btf") == 0 &&
			    (trace_is_preempted() || probed.copies > 1);

	return strcmp(probed.mode, "raw_tp") != 0 && !copies;
}

const char *trace_lacks_cgroups(void)
{
	return strcmp(probed.mode, "raw_tp") ? "" : "mode raw_tp knows a task's own cgroup only";
}

const char *trace_lacks_leader(void)
{
	return probed.no_leader;
}

const char *trace_lacks_thread_limit(void)
{
	return strcmp(probed.mode, "raw_tp") ? "only mode raw_tp has a limit" : "";
}

bool trace_is_preempted(void)
{
	static enum { UNKNOWN, NO, YES } known; /* the search takes a while */

	if (known == UNKNOWN)
		known = kernel_has_symbol("trace_call_bpf_faultable") ? YES : NO;
	return known == YES;
}

unsigned int trace_threads(unsigned int n)
{
	return trace_is_preempted() && n > 2 ? 2 : n;
}

/* What many tests open: as usual, by container, by each thread's own comm, and with few rows, which
 * are named by the one comm and by the other. An emulated machine takes seconds to load each: there
 * few rows are named by the thread's own comm only. */
static int fill_pool(struct source_error *err)
{
	static const struct trace_options kinds[] = {
		{ .series_max = 0 },	    { .by = BY_COMM | BY_CONTAINER },
		{ .comm_of_thread = true }, { .comm_of_thread = true, .series_max = FEW_ROWS },
		{ .series_max = FEW_ROWS },
	};
	const size_t n = sizeof(kinds) / sizeof(kinds[0]) - is_emulated();
	int r = 0;

	for (size_t i = 0; !r && i < n; i++) {
		const struct source_bpf_options bpf = source_options(&kinds[i]);

		r = pool_add(&bpf, IOR_HIERARCHY_V2, err);
	}
	return r;
}

int trace_share(struct source_error *err)
{
	const struct trace_options options = { .in_flight = true,
					       .fresh = true,
					       .series_max = SERIES_MAX_SHARED };
	int r = trace_try_open(&shared, &options, err);

	if (r < 0)
		return r;
	probed = shared.source->info;
	(void)trace_is_preempted(); /* before there are other processes */
	/* only then an iterator sees all threads; mode raw_tp needs none */
	if (*trace_lacks_in_flight() && !*trace_lacks_copies())
		return 0;
	r = fill_pool(err);
	if (r < 0)
		err->remedy[0] = '\0'; /* sources can be opened here */
	return r;
}

void trace_unshare(void)
{
	trace_close(&shared);
	pool_close();
}

void trace_join(struct trace *trace)
{
	ck_assert_ptr_nonnull(shared.source);
	*trace = shared;
	trace->joined = true;
}

void trace_open(struct trace *trace, const struct trace_options *options)
{
	struct source_error err = { .operation = "" };
	int r = trace_try_open(trace, options, &err);

	if (r < 0)
		ck_abort_msg("%s: %s (%s)", err.operation, strerror(-r), err.remedy);
}

void trace_read(struct trace *trace)
{
	snapshot_unref(trace->snapshot);
	ck_assert_int_eq(fold_take(trace->fold, trace->source, &clock_system, &trace->snapshot), 0);
	ck_assert(trace->snapshot->up);
}

void trace_close(struct trace *trace)
{
	snapshot_unref(trace->snapshot);
	if (!trace->joined) {
		fold_free(trace->fold);
		source_close(trace->source);
	}
	*trace = (struct trace){ 0 };
}

const struct series *trace_find(const struct trace *trace, const char *comm, const char *name)
{
	const struct syscall *wanted = syscall_by_name(name);
	const struct snapshot *snapshot = trace->snapshot;

	ck_assert_ptr_nonnull(wanted);
	for (size_t i = 0; i < snapshot->series_n; i++)
		if (snapshot->series[i].call == wanted &&
		    !strcmp(snapshot->series[i].tuple->comm, comm))
			return &snapshot->series[i];
	return NULL;
}

uint64_t trace_calls(const struct trace *trace, const char *comm, const char *name)
{
	const struct series *series = trace_find(trace, comm, name);

	return series ? series->calls : 0;
}

uint64_t trace_errors(const struct trace *trace, const char *comm, const char *name)
{
	const struct series *series = trace_find(trace, comm, name);

	return series ? series->counts.errors : 0;
}

uint64_t trace_bytes(const struct trace *trace, const char *comm, const char *name)
{
	const struct series *series = trace_find(trace, comm, name);

	return series ? series->counts.bytes : 0;
}

uint64_t trace_total(const struct trace *trace, const char *name)
{
	const struct syscall *wanted = syscall_by_name(name);
	const struct snapshot *snapshot = trace->snapshot;
	uint64_t sum = 0;

	for (size_t i = 0; i < snapshot->series_n; i++)
		if (snapshot->series[i].call == wanted)
			sum += snapshot->series[i].calls;
	return sum;
}

uint64_t trace_errno(const struct trace *trace, const char *name, int err)
{
	const struct syscall *wanted = syscall_by_name(name);
	const struct snapshot *snapshot = trace->snapshot;

	for (size_t i = 0; i < snapshot->errors_n; i++)
		if (snapshot->errors[i].call == wanted &&
		    snapshot->errors[i].slot == ior_errno_slot((uint32_t)err))
			return snapshot->errors[i].count;
	return 0;
}

unsigned int trace_rows(const struct trace *trace, const char *comm)
{
	const struct snapshot *snapshot = trace->snapshot;
	unsigned int n = 0;

	for (size_t i = 0; i < snapshot->series_n; i++)
		n += !strcmp(snapshot->series[i].tuple->comm, comm);
	return n;
}
