/* SPDX-License-Identifier: Apache-2.0 */
#include "families.h"

#include <stdio.h>

#include "encode.h"
#include "families_labels.h"
#include "families_self.h"

const char *const family_type_names[] = {
	[TYPE_COUNTER] = "counter",
	[TYPE_GAUGE] = "gauge",
	[TYPE_HISTOGRAM] = "histogram",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- how many items ---- */

static size_t each_series(const struct view *view)
{
	return view->snapshot->series_n;
}

static size_t each_error(const struct view *view)
{
	return view->facts->collect_errno ? view->snapshot->errors_n : 0;
}

static size_t each_in_flight(const struct view *view)
{
	return view->snapshot->in_flight_n;
}

static size_t each_gap(const struct view *view)
{
	return view->snapshot->gaps_n;
}

static size_t each_syscall(const struct view *view)
{
	(void)view;
	return SYSCALLS;
}

/* ---- samples of a series ---- */

static size_t label_series(struct label ret[LABELS_MAX], const struct series *series)
{
	return labels_of(ret, series->tuple, series->call->family, series->call);
}

static void emit_series(struct encoder *encoder, const struct series *series, uint64_t value)
{
	struct label labels[LABELS_MAX];

	encode_u64(encoder, labels, label_series(labels, series), value);
}

static void emit_duration(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct series *series = &view->snapshot->series[item];
	struct label labels[LABELS_MAX];

	if (!series->call->noreturn)
		encode_histogram(encoder, labels, label_series(labels, series), &series->counts);
}

static void emit_errors(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct series *series = &view->snapshot->series[item];

	if (!series->call->noreturn)
		emit_series(encoder, series, series->counts.errors);
}

static void emit_gap(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct series *series = &view->snapshot->series[item];
	struct label labels[LABELS_MAX];

	if (!series->call->noreturn)
		encode_seconds(encoder, labels, label_series(labels, series),
			       series->counts.gap_ns);
}

static void emit_gap_histogram(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct gap *gap = &view->snapshot->gaps[item];
	struct label labels[LABELS_MAX];

	encode_histogram(encoder, labels, labels_of(labels, gap->tuple, gap->family, NULL),
			 &gap->counts);
}

static void emit_noreturn(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct series *series = &view->snapshot->series[item];

	if (series->call->noreturn)
		emit_series(encoder, series, series->calls);
}

static void emit_bytes(struct encoder *encoder, const struct view *view, size_t item,
		       enum bytes_class class)
{
	const struct series *series = &view->snapshot->series[item];

	if (series->call->bytes == class)
		emit_series(encoder, series, series->counts.bytes);
}

static void emit_read_bytes(struct encoder *encoder, const struct view *view, size_t item)
{
	emit_bytes(encoder, view, item, BYTES_READ);
}

static void emit_written_bytes(struct encoder *encoder, const struct view *view, size_t item)
{
	emit_bytes(encoder, view, item, BYTES_WRITTEN);
}

static void emit_transferred_bytes(struct encoder *encoder, const struct view *view, size_t item)
{
	emit_bytes(encoder, view, item, BYTES_TRANSFERRED);
}

static void emit_errno(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct error_count *error = &view->snapshot->errors[item];
	const struct label labels[] = {
		{ "errno", errno_slot_name(error->slot) },
		{ "family", error->call->family },
		{ "syscall", error->call->name },
	};

	encode_u64(encoder, labels, COUNT(labels), error->count);
}

static void emit_in_flight(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct in_flight *entry = &view->snapshot->in_flight[item];
	struct label labels[LABELS_MAX];

	encode_u64(encoder, labels,
		   labels_of(labels, entry->tuple, entry->call->family, entry->call), entry->count);
}

/* One sample a call: at its first entry, the oldest of all its entries. */
static void emit_oldest(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct in_flight *all = view->snapshot->in_flight;
	const struct syscall *call = all[item].call;
	const struct label labels[] = { { "family", call->family }, { "syscall", call->name } };
	uint64_t oldest_ns = 0;

	if (item && all[item - 1].call == call)
		return;
	for (; item < view->snapshot->in_flight_n && all[item].call == call; item++)
		if (all[item].oldest_ns > oldest_ns)
			oldest_ns = all[item].oldest_ns;
	encode_seconds(encoder, labels, COUNT(labels), oldest_ns);
}

static void emit_syscall_info(struct encoder *encoder, const struct view *view, size_t item)
{
	static const char *const classes[] = {
		[BYTES_NONE] = "none",
		[BYTES_READ] = "read",
		[BYTES_WRITTEN] = "write",
		[BYTES_TRANSFERRED] = "transfer",
	};
	const struct syscall *call = &syscalls[item];
	const bool pseudo = call->nr >= IOR_NR_MAX;
	char nr[16];
	const struct label labels[] = {
		{ "bytes", classes[call->bytes] },
		{ "family", call->family },
		{ "kind", call->kind },
		{ "nr", nr },
		{ "syscall", call->name },
		{ "wait", call->wait ? "true" : "false" },
	};

	(void)snprintf(nr, sizeof(nr), "%d", call->nr);
	if (call->nr >= 0 && !pseudo && view->facts->selection->on[item])
		encode_u64(encoder, labels, COUNT(labels), 1);
}

/* ---- the table ---- */

const struct family families[] = {
	{ "ior_attach_info", TYPE_GAUGE, "copies, exact, kernel, mode",
	  "How the programs are attached to the kernel; exact is false where it may keep calls from "
	  "them.",
	  items_one_if_attached, emit_attach_info },
	{ "ior_bpf_map_memory_bytes", TYPE_GAUGE, "map",
	  "Kernel memory of each BPF map of the exporter.", items_each_map, emit_map_memory },
	{ "ior_bpf_program_recursion_misses_total", TYPE_COUNTER, "program",
	  "Runs of a BPF program that the kernel skipped.", items_each_program, emit_misses },
	{ "ior_bpf_program_run_time_seconds_total", TYPE_COUNTER, "program",
	  "Time in a BPF program, while the kernel keeps BPF statistics (sysctl "
	  "kernel.bpf_stats_enabled).",
	  items_each_timed_program, emit_run_time },
	{ "ior_bpf_program_runs_total", TYPE_COUNTER, "program",
	  "Runs of a BPF program, while the kernel keeps BPF statistics.", items_each_timed_program,
	  emit_runs },
	{ "ior_bpf_stats_enabled", TYPE_GAUGE, "", "1 if the kernel keeps BPF statistics.",
	  items_one_if_programs, emit_bpf_stats },
	{ "ior_build_info", TYPE_GAUGE, "arch, compiler, libbpf, libmicrohttpd, revision, version",
	  "Build of the running exporter.", items_one, emit_build_info },
	{ "ior_config_last_reload_success_timestamp_seconds", TYPE_GAUGE, "",
	  "When the configuration was last loaded, by the start or by SIGHUP.", items_one,
	  emit_reload_success },
	{ "ior_config_last_reload_successful", TYPE_GAUGE, "",
	  "1 if the last reload of the configuration, and of the web configuration, succeeded.",
	  items_one, emit_reload_successful },
	{ "ior_gap_seconds", TYPE_HISTOGRAM, "`--by`, family",
	  "Time that threads spent outside of traced system calls before one of the family; "
	  "--collector.gap.",
	  each_gap, emit_gap_histogram },
	{ "ior_last_read_timestamp_seconds", TYPE_GAUGE, "",
	  "When the counters shown were read from the kernel.", items_one_if_up, emit_last_read },
	{ "ior_observations_lost_total", TYPE_COUNTER, "reason",
	  "System calls seen but not counted in any other metric.", items_each_reason, emit_lost },
	{ "ior_observations_total", TYPE_COUNTER, "",
	  "System calls counted: what the series of the duration histogram and of the noreturn counter "
	  "grow by, all together.",
	  items_one_if_up, emit_observations },
	{ "ior_rows", TYPE_GAUGE, "",
	  "Rows in use in the kernel, one for each set of labels and system call.", items_one_if_up,
	  emit_rows },
	{ "ior_rows_limit", TYPE_GAUGE, "",
	  "Rows there are; what comes past it is counted under __other__, until idle rows are given back.",
	  items_one_if_up, emit_rows_limit },
	{ "ior_rows_overflow_total", TYPE_COUNTER, "",
	  "System calls counted under __other__ because all rows were in use.", items_one_if_up,
	  emit_rows_overflow },
	{ "ior_scrape_duration_seconds", TYPE_GAUGE, "",
	  "Time taken to read and fold the counters shown.", items_one_if_up,
	  emit_scrape_duration },
	{ "ior_series_evicted_total", TYPE_COUNTER, "reason",
	  "Series that lost their place: displaced by busier ones, or idle; what they count goes to "
	  "__other__ from then on.",
	  items_each_eviction, emit_evicted },
	{ "ior_syscall_duration_seconds", TYPE_HISTOGRAM, "`--by`, family, syscall",
	  "Time from the entry of a system call to its return. Upper bounds are powers of two of a "
	  "second, inclusive.",
	  each_series, emit_duration },
	{ "ior_syscall_errors_by_errno_total", TYPE_COUNTER, "errno, family, syscall",
	  "System calls that returned an error, by its name, over all comms.", each_error,
	  emit_errno },
	{ "ior_syscall_errors_total", TYPE_COUNTER, "`--by`, family, syscall",
	  "System calls that returned an error that the program sees.", each_series, emit_errors },
	{ "ior_syscall_gap_seconds_total", TYPE_COUNTER, "`--by`, family, syscall",
	  "Time that threads spent outside of traced system calls before this one.", each_series,
	  emit_gap },
	{ "ior_syscall_in_flight_oldest_seconds", TYPE_GAUGE, "family, syscall",
	  "Age of the oldest call that was entered and has not returned.", each_in_flight,
	  emit_oldest },
	{ "ior_syscall_info", TYPE_GAUGE, "bytes, family, kind, nr, syscall, wait",
	  "Facts of each traced system call, for joins; wait marks calls whose time is mostly "
	  "waiting.",
	  each_syscall, emit_syscall_info },
	{ "ior_syscall_noreturn_total", TYPE_COUNTER, "`--by`, family, syscall",
	  "System calls that never return (exit, exit_group), counted at their entry.", each_series,
	  emit_noreturn },
	{ "ior_syscall_read_bytes_total", TYPE_COUNTER, "`--by`, family, syscall",
	  "Bytes that system calls of the read class returned.", each_series, emit_read_bytes },
	{ "ior_syscall_transferred_bytes_total", TYPE_COUNTER, "`--by`, family, syscall",
	  "Bytes that system calls moved from one descriptor to another; in neither of the other "
	  "two.",
	  each_series, emit_transferred_bytes },
	{ "ior_syscall_written_bytes_total", TYPE_COUNTER, "`--by`, family, syscall",
	  "Bytes that system calls of the write class accepted.", each_series, emit_written_bytes },
	{ "ior_syscalls_in_flight", TYPE_GAUGE, "`--by`, family, syscall",
	  "System calls entered and not returned now; of calls entered since the exporter started.",
	  each_in_flight, emit_in_flight },
	{ "ior_up", TYPE_GAUGE, "", "1 if the last read of the kernel's counters worked.",
	  items_one, emit_up },
};
const size_t families_n = COUNT(families);

void families_markdown(FILE *out)
{
	fprintf(out, "| metric | type | labels | meaning |\n|---|---|---|---|\n");
	for (size_t i = 0; i < families_n; i++)
		fprintf(out, "| `%s` | %s | %s | %s |\n", families[i].name,
			family_type_names[families[i].type], families[i].labels, families[i].help);
}
