/* SPDX-License-Identifier: Apache-2.0 */
/* The table of flags, and the two texts made of it. */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "ior.h"

#define AT(field) .offset = offsetof(struct config, field)

const struct flag config_flags[] = {
	{ "config.file", .group = "Server", .metavar = "FILE", .type = FLAG_STRING, AT(config_file),
	  .not_in_file = true, .help = "Flags, one a line, as NAME=VALUE; SIGHUP reads it again." },
	{ "web.listen-address", .metavar = "HOST:PORT", .def = "localhost:9435",
	  .type = FLAG_STRINGS, AT(listen_addresses),
	  .help = "Address to serve on: a numeric host or localhost (127.0.0.1 and ::1); :9435 is "
		  "every address. Repeatable." },
	{ "web.telemetry-path", .metavar = "PATH", .def = "/metrics", .type = FLAG_STRING,
	  AT(telemetry_path), .help = "Path of the metrics." },
	{ "web.config.file", .metavar = "FILE", .type = FLAG_STRING, AT(web_config_file),
	  .help = "TLS, client certificates, passwords (bcrypt), headers and a rate limit: a file in "
		  "the format of Prometheus' exporter-toolkit. Read again when it or a file that it "
		  "names changes, and at SIGHUP." },
	{ "web.max-requests", .metavar = "N", .def = "40", .max = 1 << 20, .type = FLAG_NUMBER,
	  AT(web_max_requests),
	  .help = "Scrapes at a time; further ones are answered 503. 0: no limit." },
	{ "web.disable-exporter-metrics", .type = FLAG_BOOL, AT(disable_exporter_metrics),
	  .help = "Leave out the collectors bpf and process, whatever their flags say." },
	{ "web.openmetrics-created", .def = "false", .type = FLAG_BOOL, AT(openmetrics_created),
	  .help = "Add _created samples to OpenMetrics pages: when each counter began." },
	{ "web.systemd-socket", .def = "false", .type = FLAG_BOOL, AT(web_systemd_socket),
	  .help = "Serve on the sockets that systemd hands over (LISTEN_FDS), instead of on "
		  "--web.listen-address." },

	{ "trace-families", .group = "What is traced", .metavar = "LIST", .type = FLAG_STRING,
	  AT(trace_families),
	  .help = "Comma list of families of system calls to trace; the union of these three is "
		  "traced, everything if none is given." },
	{ "trace-kinds", .metavar = "LIST", .type = FLAG_STRING, AT(trace_kinds),
	  .help = "Comma list of kinds to trace." },
	{ "trace-syscalls", .metavar = "LIST", .type = FLAG_STRING, AT(trace_syscalls),
	  .help = "Comma list of system calls to trace (--list shows them)." },
	{ "no-trace-families", .metavar = "LIST", .type = FLAG_STRING, AT(no_trace_families),
	  .help = "Families not to trace; exclusions always win." },
	{ "no-trace-kinds", .metavar = "LIST", .type = FLAG_STRING, AT(no_trace_kinds),
	  .help = "Kinds not to trace." },
	{ "no-trace-syscalls", .metavar = "LIST", .type = FLAG_STRING, AT(no_trace_syscalls),
	  .help = "System calls not to trace." },
	{ "filter.pid", .alias = "pid", .metavar = "PID", .type = FLAG_STRINGS, AT(filter_pids),
	  .reload = true,
	  .help = "Count only calls of this process, all its threads included (also -pid). Repeatable, as each "
		  "--filter; of several kinds all must hold." },
	{ "filter.tid", .alias = "tid", .metavar = "TID", .type = FLAG_STRINGS, AT(filter_tids),
	  .reload = true, .help = "Count only calls of this thread (also -tid)." },
	{ "filter.uid", .metavar = "UID", .type = FLAG_STRINGS, AT(filter_uids), .reload = true,
	  .help = "Count only calls of processes whose real user has this number." },
	{ "filter.comm", .alias = "comm", .metavar = "GLOB", .type = FLAG_STRINGS, AT(filter_comms),
	  .reload = true,
	  .help = "Count only calls under comms that match: * is any text, ? any byte, [a-z] and "
		  "[!a-z] one of some (also -comm)." },
	{ "filter.cgroup", .metavar = "PATH", .type = FLAG_STRINGS, AT(filter_cgroups),
	  .reload = true,
	  .help = "Count only calls in this cgroup (a directory of a cgroup2 file system) and those "
		  "below it." },
	{ "include-self", .type = FLAG_BOOL, AT(include_self),
	  .help = "Also trace the exporter itself." },

	{ "attach", .metavar = "MODE", .def = "auto", .choices = "auto,tp_btf,tracepoint,raw_tp",
	  .type = FLAG_CHOICE, AT(attach),
	  .help = "How to attach to the kernel; auto takes the best that it has." },
	{ "copies", .metavar = "N", .def = "0", .min = 0, .max = IOR_COPIES_MAX,
	  .type = FLAG_NUMBER, AT(copies),
	  .help = "Copies of the programs (mode tp_btf), for kernels that keep a preempted program "
		  "from other tasks; 0 takes as many as this kernel needs: 4 from 7.2 on, else 1." },

	{ "by", .group = "Series", .metavar = "LABELS", .type = FLAG_STRING, AT(by_list),
	  .help = "Labels that tell series apart beside system call and family: a comma list of comm "
		  "and container (container_id and pod_uid), or none. comm if not given, and with "
		  "--replay those of the dump." },
	{ "path.cgroup", .metavar = "DIR", .def = "/sys/fs/cgroup", .type = FLAG_STRING,
	  AT(path_cgroup),
	  .help = "Where the cgroup tree of the machine is mounted, for --by container; in a container "
		  "it is not its own." },
	{ "comm.source", .metavar = "NAME", .def = "process", .choices = "process,thread",
	  .type = FLAG_CHOICE, AT(comm_source),
	  .help = "Whose comm a call is counted under: of the process (its thread group leader's) or "
		  "of the thread." },
	{ "comm.rewrite", .metavar = "REGEX=>TEXT", .type = FLAG_STRINGS, AT(comm_rewrites),
	  .reload = true,
	  .help = "Show a comm that the regular expression (POSIX extended) matches under this text, "
		  "in which $1 is what its first group matched: '^(kworker)/=>$1'. Repeatable; the "
		  "first that matches." },
	{ "comm.top", .metavar = "N", .def = "16", .max = IOR_ROWS_MAX, .type = FLAG_NUMBER,
	  AT(fold.top), .reload = true,
	  .help = "Comms (whole sets of the labels of --by) with series of their own, by their share of "
		  "the calls and of the time; all others are counted together under __other__. 0: no "
		  "limit." },
	{ "series.linger", .metavar = "DURATION", .def = "2m", .max = 86400000000000,
	  .type = FLAG_DURATION, AT(fold.linger_ns), .reload = true,
	  .help = "How long series that will not grow any more stay, and those of a comm that took "
		  "another's place are shown before they grow; at least two scrapes' intervals." },
	{ "series.idle", .metavar = "DURATION", .def = "1h", .max = 31536000000000000,
	  .type = FLAG_DURATION, AT(fold.idle_ns), .reload = true,
	  .help = "A comm that made no call for this long gives its place back; 0: never." },
	{ "series.max", .metavar = "N", .def = "8192", .min = 1,
	  .max = IOR_ROWS_MAX - IOR_ROWS_RESERVED, .type = FLAG_NUMBER, AT(series_max),
	  .help = "Rows in the kernel, one for each set of the labels of --by and system call; what "
		  "comes past it is counted under __other__, until idle rows are given back." },
	{ "series.memory", .metavar = "SIZE", .def = "64MiB", .min = 1 << 20, .max = 1ull << 40,
	  .type = FLAG_SIZE, AT(series_memory),
	  .help = "Most memory that the rows may take; decides how many CPUs share a set of rows." },
	{ "buckets.min", .metavar = "DURATION", .def = "1us", .max = 3600000000000,
	  .type = FLAG_DURATION, AT(buckets_min_ns),
	  .help = "The buckets shown begin at the largest power of two of a second up to this." },
	{ "buckets.max", .metavar = "DURATION", .def = "16s", .max = 3600000000000,
	  .type = FLAG_DURATION, AT(buckets_max_ns),
	  .help = "They end at the smallest that is at least this." },
	{ "buckets.step", .metavar = "N", .def = "1", .min = 1, .max = BOUNDS_MAX,
	  .type = FLAG_NUMBER, AT(buckets_step),
	  .help = "Show every N-th of them; sums and counts stay exact." },
	{ "collector.errno", .def = "true", .type = FLAG_BOOL, AT(collect_errno),
	  .help = "Show errors by errno (ior_syscall_errors_by_errno_total)." },
	{ "collector.bpf", .def = "true", .type = FLAG_BOOL, AT(collect_bpf),
	  .help = "Show what the kernel says of the exporter's own programs and maps (ior_bpf_*)." },
	{ "collector.process", .def = "true", .type = FLAG_BOOL, AT(collect_process),
	  .help = "Show what the exporter's own process takes (process_*)." },
	{ "collector.in-flight", .def = "true", .type = FLAG_BOOL, AT(collect_in_flight),
	  .help = "Show the calls in flight and the age of the oldest (ior_syscalls_in_flight, "
		  "ior_syscall_in_flight_oldest_seconds); sees all only in the initial PID namespace." },
	{ "collector.gap", .def = "false", .type = FLAG_BOOL, AT(collect_gap),
	  .help = "Keep and show histograms of the time between system calls (ior_gap_seconds)." },
	{ "interval", .metavar = "DURATION", .def = "10s", .min = 1000000000, .max = 3600000000000,
	  .type = FLAG_DURATION, AT(interval_ns),
	  .help = "How often the counters are read when nobody scrapes." },
	{ "max-age", .metavar = "DURATION", .def = "100ms", .max = 3600000000000,
	  .type = FLAG_DURATION, AT(max_age_ns),
	  .help = "A scrape shares the last read if it is not older than this." },

	{ "sandbox", .metavar = "LEVEL", .def = "all", .choices = "none,caps,landlock,all",
	  .type = FLAG_CHOICE, AT(sandbox),
	  .help = "Where the giving up of rights stops once the kernel is attached to: caps is the "
		  "user and all capabilities, landlock every file as well, all every system call but "
		  "the few that serving takes." },

	{ "once", .group = "Instead of serving", .metavar = "FORMAT", .def = NULL,
	  .choices = "no,text,openmetrics,protobuf,folded", .implied = "text", .type = FLAG_CHOICE,
	  AT(once), .not_in_file = true,
	  .help = "Count for --duration, print one scrape and exit. folded is one line "
		  "\"comm;family;syscall NANOSECONDS\" each (by container, the container_id comes "
		  "first), for flame graph tools." },
	{ "duration", .metavar = "DURATION", .def = "1s", .max = 86400000000000,
	  .type = FLAG_DURATION, AT(duration_ns),
	  .help = "How long --once and --dump count before they print; an interrupt ends it." },
	{ "dump", .type = FLAG_BOOL, AT(dump), .not_in_file = true,
	  .help = "Count for --duration, print the raw rows and exit; the output is for --replay." },
	{ "replay", .metavar = "FILE", .type = FLAG_STRING, AT(replay), .not_in_file = true,
	  .help = "Take the rows from a dump instead of from the kernel (- is standard input)." },
	{ "check", .type = FLAG_BOOL, AT(check), .not_in_file = true,
	  .help = "Say what this machine has and lacks for tracing, and exit." },
	{ "probe", .type = FLAG_BOOL, AT(probe), .not_in_file = true,
	  .help = "Ask the exporter that runs at --web.listen-address for its health, over TLS if "
		  "--web.config.file has it, and exit; that it wants a password or a client "
		  "certificate is healthy too." },
	{ "list", .type = FLAG_BOOL, AT(list), .not_in_file = true,
	  .help = "Print the table of system calls and exit." },
	{ "version", .type = FLAG_BOOL, AT(version), .not_in_file = true,
	  .help = "Print version and build, and exit." },
	{ "help", .type = FLAG_BOOL, AT(help), .not_in_file = true,
	  .help = "Print this text and exit." },

	{ "log.level", .group = "Log", .metavar = "LEVEL", .def = "info",
	  .choices = "debug,info,warn,error", .type = FLAG_CHOICE, AT(log_level), .reload = true,
	  .help = "Least level that is logged." },
	{ "log.format", .metavar = "FORMAT", .def = "logfmt", .choices = "logfmt,json",
	  .type = FLAG_CHOICE, AT(log_format), .help = "Format of the log." },
};
const size_t config_flags_n = sizeof(config_flags) / sizeof(config_flags[0]);

void config_env_name(const struct flag *flag, char *ret, size_t size)
{
	size_t n = (size_t)snprintf(ret, size, "IOR_%s", flag->name);

	for (size_t i = 0; i < n && i < size; i++)
		ret[i] = ret[i] == '.' || ret[i] == '-' ? '_' :
							  (char)toupper((unsigned char)ret[i]);
}

bool config_env_unknown(const char *assignment)
{
	size_t n = strcspn(assignment, "=");

	if (strncmp(assignment, "IOR_", 4) != 0)
		return false;
	for (size_t i = 0; i < config_flags_n; i++) {
		char name[64];

		config_env_name(&config_flags[i], name, sizeof(name));
		if (strlen(name) == n && !memcmp(name, assignment, n))
			return false;
	}
	return true;
}

/* What the texts say of flags that can change without a restart. */
static const char reloadable[] = " Can change at SIGHUP.";

void config_flag_spell(const struct flag *flag, char *ret, size_t size)
{
	if (flag->implied)
		(void)snprintf(ret, size, "--%s[=%s]", flag->name, flag->metavar);
	else if (flag->metavar)
		(void)snprintf(ret, size, "--%s=%s", flag->name, flag->metavar);
	else
		(void)snprintf(ret, size, "--%s%s", flag->def ? "[no-]" : "", flag->name);
}

void config_flag_text(const struct flag *flag, char *ret, size_t size)
{
	const bool choose = flag->choices && !flag->implied,
		   has_default = flag->metavar && flag->def;

	(void)snprintf(ret, size, "%s%s%s%s%s%s%s%s", flag->help, flag->reload ? reloadable : "",
		       choose ? " One of " : "", choose ? flag->choices : "", choose ? "." : "",
		       has_default ? " Default: " : "", has_default ? flag->def : "",
		       has_default ? "." : "");
}

/* Prints words wrapped at column 80, each new line indented. */
static void print_wrapped(FILE *out, const char *text, int indent)
{
	int column = indent;

	while (*text) {
		int n = (int)strcspn(text, " ");

		if (column > indent && column + 1 + n > 80) {
			fprintf(out, "\n%*s", indent, "");
			column = indent;
		}
		if (column > indent)
			column += fprintf(out, " ");
		column += fprintf(out, "%.*s", n, text);
		text += n;
		text += strspn(text, " ");
	}
}

static void print_groups(FILE *out, const char *title, enum syscall_group by)
{
	const char *names[SYSCALLS_GROUPS];
	size_t n = syscall_groups(by, names);

	fprintf(out, "\n%s:\n ", title);
	for (size_t i = 0, column = 1; i < n; i++) {
		if (column + 1 + strlen(names[i]) > 80) {
			fprintf(out, "\n ");
			column = 1;
		}
		column += (size_t)fprintf(out, " %s", names[i]);
	}
	fprintf(out, "\n");
}

void config_help(FILE *out)
{
	fprintf(out,
		"Usage: ior_exporter [FLAG...]\n\n"
		"Counts every system call of this machine in the kernel and serves latency\n"
		"histograms, bytes and errors by program to Prometheus.\n\n"
		"A flag takes one dash or two, and its value behind = or a space. Each can be\n"
		"set by an environment variable too: --web.listen-address by\n"
		"IOR_WEB_LISTEN_ADDRESS; a flag beats the environment, which beats the file that\n"
		"--config.file names.\n");
	for (size_t i = 0; i < config_flags_n; i++) {
		const struct flag *flag = &config_flags[i];
		char spelling[64], text[640];

		if (flag->group)
			fprintf(out, "\n%s:\n", flag->group);
		config_flag_spell(flag, spelling, sizeof(spelling));
		config_flag_text(flag, text, sizeof(text));
		fprintf(out, "  %s\n        ", spelling);
		print_wrapped(out, text, 8);
		fprintf(out, "\n");
	}
	print_groups(out, "Families", GROUP_FAMILY);
	print_groups(out, "Kinds", GROUP_KIND);
}

void config_help_markdown(FILE *out)
{
	fprintf(out, "| flag | default | meaning |\n|---|---|---|\n");
	for (size_t i = 0; i < config_flags_n; i++) {
		const struct flag *flag = &config_flags[i];
		char spelling[64];

		config_flag_spell(flag, spelling, sizeof(spelling));
		fprintf(out, "| `%s` | %s%s%s | %s%s |\n", spelling, flag->def ? "`" : "",
			flag->def ? flag->def : "", flag->def ? "`" : "", flag->help,
			flag->reload ? reloadable : "");
	}
}
