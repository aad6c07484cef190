/* SPDX-License-Identifier: Apache-2.0 */
#include "families.h"

#include <stdio.h>
#include <string.h>

#include "families_process.h"
#include "families_self.h"
#include "families_series.h"

const char *const family_type_names[] = {
	[TYPE_COUNTER] = "counter",
	[TYPE_GAUGE] = "gauge",
	[TYPE_HISTOGRAM] = "histogram",
	[TYPE_INFO] = "gauge",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct family families[] = {
	{ "ior_attach_info", TYPE_INFO, NULL, "copies, exact, kernel, mode",
	  "How the programs are attached to the kernel; exact is false where it may keep calls from "
	  "them.",
	  items_one_if_attached, emit_attach_info },
	{ "ior_bpf_map_memory_bytes", TYPE_GAUGE, "bpf", "map",
	  "Kernel memory of each BPF map of the exporter.", items_each_map, emit_map_memory },
	{ "ior_bpf_program_recursion_misses_total", TYPE_COUNTER, "bpf", "program",
	  "Runs of a BPF program that the kernel skipped.", items_each_program, emit_misses },
	{ "ior_bpf_program_run_time_seconds_total", TYPE_COUNTER, "bpf", "program",
	  "Time in a BPF program, while the kernel keeps BPF statistics (sysctl "
	  "kernel.bpf_stats_enabled).",
	  items_each_timed_program, emit_run_time },
	{ "ior_bpf_program_runs_total", TYPE_COUNTER, "bpf", "program",
	  "Runs of a BPF program, while the kernel keeps BPF statistics.", items_each_timed_program,
	  emit_runs },
	{ "ior_bpf_stats_enabled", TYPE_GAUGE, "bpf", "", "1 if the kernel keeps BPF statistics.",
	  items_one_if_programs, emit_bpf_stats },
	{ "ior_build_info", TYPE_INFO, NULL,
	  "arch, compiler, libbpf, libmicrohttpd, revision, version",
	  "Build of the running exporter.", items_one, emit_build_info },
	{ "ior_config_last_reload_success_timestamp_seconds", TYPE_GAUGE, NULL, "",
	  "When the configuration was last loaded, by the start or by SIGHUP.", items_one,
	  emit_reload_success },
	{ "ior_config_last_reload_successful", TYPE_GAUGE, NULL, "",
	  "1 if the last reload of the configuration, and of the web configuration, succeeded.",
	  items_one, emit_reload_successful },
	{ "ior_gap_seconds", TYPE_HISTOGRAM, "gap", "`--by`, family",
	  "Time that threads spent outside of traced system calls before one of the family; "
	  "--collector.gap.",
	  items_each_gap, emit_gap_histogram },
	{ "ior_last_read_timestamp_seconds", TYPE_GAUGE, NULL, "",
	  "When the counters shown were read from the kernel.", items_one_if_up, emit_last_read },
	{ "ior_observations_lost_total", TYPE_COUNTER, NULL, "reason",
	  "System calls seen but not counted in any other metric.", items_each_reason, emit_lost },
	{ "ior_observations_total", TYPE_COUNTER, NULL, "",
	  "System calls counted: what the series of the duration histogram and of the noreturn counter "
	  "grow by, all together.",
	  items_one_if_up, emit_observations },
	{ "ior_rows", TYPE_GAUGE, NULL, "",
	  "Rows in use in the kernel, one for each set of labels and system call.", items_one_if_up,
	  emit_rows },
	{ "ior_rows_limit", TYPE_GAUGE, NULL, "",
	  "Rows there are; what comes past it is counted under __other__, until idle rows are given back.",
	  items_one_if_up, emit_rows_limit },
	{ "ior_rows_overflow_total", TYPE_COUNTER, NULL, "",
	  "System calls counted under __other__ because all rows were in use.", items_one_if_up,
	  emit_rows_overflow },
	{ "ior_scrape_duration_seconds", TYPE_GAUGE, NULL, "",
	  "Time taken to read and fold the counters shown.", items_one_if_up,
	  emit_scrape_duration },
	{ "ior_scrape_errors_total", TYPE_COUNTER, NULL, "collector",
	  "Reads that failed: of the exporter's own process, and of the kernel's counters (syscall).",
	  items_each_reading, emit_reading_errors },
	{ "ior_series_evicted_total", TYPE_COUNTER, NULL, "reason",
	  "Series that lost their place: displaced by busier ones, or idle; what they count goes to "
	  "__other__ from then on.",
	  items_each_eviction, emit_evicted },
	{ "ior_syscall_duration_seconds", TYPE_HISTOGRAM, NULL, "`--by`, family, syscall",
	  "Time from the entry of a system call to its return. Upper bounds are powers of two of a "
	  "second, inclusive.",
	  items_each_series, emit_duration },
	{ "ior_syscall_errors_by_errno_total", TYPE_COUNTER, "errno", "errno, family, syscall",
	  "System calls that returned an error, by its name, over all comms.", items_each_error,
	  emit_errno },
	{ "ior_syscall_errors_total", TYPE_COUNTER, NULL, "`--by`, family, syscall",
	  "System calls that returned an error that the program sees.", items_each_series,
	  emit_errors },
	{ "ior_syscall_gap_seconds_total", TYPE_COUNTER, NULL, "`--by`, family, syscall",
	  "Time that threads spent outside of traced system calls before this one.",
	  items_each_series, emit_gap },
	{ "ior_syscall_in_flight_oldest_seconds", TYPE_GAUGE, "in-flight", "family, syscall",
	  "Age of the oldest call that was entered and has not returned.", items_each_in_flight,
	  emit_oldest },
	{ "ior_syscall_info", TYPE_INFO, NULL, "bytes, family, kind, nr, syscall, wait",
	  "Facts of each traced system call, for joins; wait marks calls whose time is mostly "
	  "waiting.",
	  items_each_syscall, emit_syscall_info },
	{ "ior_syscall_noreturn_total", TYPE_COUNTER, NULL, "`--by`, family, syscall",
	  "System calls that never return (exit, exit_group), counted at their entry.",
	  items_each_series, emit_noreturn },
	{ "ior_syscall_read_bytes_total", TYPE_COUNTER, NULL, "`--by`, family, syscall",
	  "Bytes that system calls of the read class returned.", items_each_series,
	  emit_read_bytes },
	{ "ior_syscall_transferred_bytes_total", TYPE_COUNTER, NULL, "`--by`, family, syscall",
	  "Bytes that system calls moved from one descriptor to another; in neither of the other "
	  "two.",
	  items_each_series, emit_transferred_bytes },
	{ "ior_syscall_written_bytes_total", TYPE_COUNTER, NULL, "`--by`, family, syscall",
	  "Bytes that system calls of the write class accepted.", items_each_series,
	  emit_written_bytes },
	{ "ior_syscalls_in_flight", TYPE_GAUGE, "in-flight", "`--by`, family, syscall",
	  "System calls entered and not returned now; of calls entered since the exporter started.",
	  items_each_in_flight, emit_in_flight },
	{ "ior_up", TYPE_GAUGE, NULL, "", "1 if the last read of the kernel's counters worked.",
	  items_one, emit_up },
	/* names and texts of client_golang, which dashboards and people know */
	{ "process_cpu_seconds_total", TYPE_COUNTER, "process", "",
	  "Total user and system CPU time spent in seconds.", items_process_stat,
	  emit_process_cpu },
	{ "process_max_fds", TYPE_GAUGE, "process", "", "Maximum number of open file descriptors.",
	  items_process_limits, emit_process_max_fds },
	{ "process_open_fds", TYPE_GAUGE, "process", "", "Number of open file descriptors.",
	  items_process_fds, emit_process_open_fds },
	{ "process_resident_memory_bytes", TYPE_GAUGE, "process", "",
	  "Resident memory size in bytes.", items_process_stat, emit_process_resident },
	{ "process_start_time_seconds", TYPE_GAUGE, "process", "",
	  "Start time of the process since unix epoch in seconds.", items_process_start,
	  emit_process_start },
	{ "process_virtual_memory_bytes", TYPE_GAUGE, "process", "",
	  "Virtual memory size in bytes.", items_process_stat, emit_process_virtual },
	{ "process_virtual_memory_max_bytes", TYPE_GAUGE, "process", "",
	  "Maximum amount of virtual memory available in bytes.", items_process_limits,
	  emit_process_virtual_max },
};
const size_t families_n = COUNT(families);

static bool ends_with(const char *text, size_t n, const char *end)
{
	size_t m = strlen(end);

	return n >= m && !memcmp(text + n - m, end, m);
}

size_t family_base(const struct family *family)
{
	const char *suffix = family->type == TYPE_COUNTER ? "_total" :
			     family->type == TYPE_INFO	  ? "_info" :
							    "";

	return strlen(family->name) - strlen(suffix);
}

const char *family_unit(const struct family *family)
{
	static const char *const units[] = { "seconds", "bytes" };

	for (size_t i = 0; i < COUNT(units); i++) {
		char end[16];

		(void)snprintf(end, sizeof(end), "_%s", units[i]);
		if (ends_with(family->name, family_base(family), end))
			return units[i];
	}
	return "";
}

void families_markdown(FILE *out)
{
	fprintf(out, "| metric | type | labels | meaning |\n|---|---|---|---|\n");
	for (size_t i = 0; i < families_n; i++)
		fprintf(out, "| `%s` | %s | %s | %s |\n", families[i].name,
			family_type_names[families[i].type], families[i].labels, families[i].help);
}
