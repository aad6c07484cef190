/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line, its environment and its file as one struct of plain values. One table
 * (config_flags) is parser, defaults, --help, and the table of the README. Knows select, filter,
 * by, rewrite, bounds, fold and log; opens and starts nothing.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bounds.h"
#include "by.h"
#include "filter.h"
#include "fold.h"
#include "log.h"
#include "rewrite.h"
#include "select.h"
#include "values.h"

enum comm_source { COMM_OF_PROCESS, COMM_OF_THREAD };

/* What to do instead of serving. */
enum once { ONCE_NO, ONCE_TEXT, ONCE_OPENMETRICS, ONCE_PROTOBUF, ONCE_FOLDED };

struct config {
	char *config_file;
	struct strings listen_addresses;
	char *telemetry_path;
	char *web_config_file;
	uint64_t web_max_requests; /* 0: no limit */

	char *trace_families, *trace_kinds, *trace_syscalls;
	char *no_trace_families, *no_trace_kinds, *no_trace_syscalls;
	struct strings filter_pids, filter_tids, filter_uids, filter_comms, filter_cgroups;
	uint64_t copies; /* 0: as many as needed */

	char *by_list; /* NULL: not given */
	char *path_cgroup;
	unsigned int by;	  /* enum by, derived from by_list: BY_COMM if not given */
	unsigned int comm_source; /* enum comm_source */
	struct strings comm_rewrites;
	struct fold_options fold;
	uint64_t series_max;
	uint64_t series_memory;
	uint64_t buckets_min_ns, buckets_max_ns;
	uint64_t buckets_step;
	uint64_t interval_ns, max_age_ns;
	uint64_t duration_ns;
	char *replay;

	unsigned int attach;  /* enum attach */
	unsigned int once;    /* enum once */
	unsigned int sandbox; /* enum sandbox_level */
	unsigned int log_level, log_format;

	bool web_systemd_socket, openmetrics_created, disable_exporter_metrics;
	bool include_self;
	bool collect_errno, collect_in_flight, collect_bpf, collect_process, collect_gap;
	bool dump, check, probe, list, version, help;

	/* Derived from the above by config_parse(). */
	struct selection selection;
	struct ior_filter filter;
	struct rewrites *rewrites;
	struct bounds bounds;
	bool shows_bpf, shows_process; /* the collectors, unless both are disabled */
};

enum flag_type {
	FLAG_STRING,   /* char * */
	FLAG_STRINGS,  /* struct strings; repeatable, split at newlines in the environment */
	FLAG_BOOL,     /* bool; --no-NAME is its opposite */
	FLAG_NUMBER,   /* uint64_t */
	FLAG_SIZE,     /* uint64_t bytes: 64MiB, 1GiB, 4096 */
	FLAG_DURATION, /* uint64_t nanoseconds: 100ms, 10s, 1h30m */
	FLAG_CHOICE,   /* unsigned int, an index into choices */
};

struct flag {
	const char *name;
	const char *group;   /* heading in --help; given on the first flag of a group */
	const char *metavar; /* NULL: takes no value */
	const char *def;     /* as it would be written; NULL: none */
	const char *choices; /* FLAG_CHOICE: comma list */
	const char *help;
	uint64_t min, max;   /* FLAG_NUMBER, FLAG_SIZE, FLAG_DURATION */
	size_t offset;	     /* into struct config */
	const char *alias;   /* another name, for ior's users */
	const char *implied; /* FLAG_CHOICE: the value when the flag stands alone */
	enum flag_type type;
	bool reload;	  /* can change without a restart */
	bool not_in_file; /* has no place in --config.file */
};

#define FLAGS_MAX 96 /* there are fewer */
extern const struct flag config_flags[];
extern const size_t config_flags_n;

/* Parses argv[1..], the environment env (NULL-ended, as environ), and the file that one of them
 * names by --config.file; a flag beats the environment, which beats the file, which beats the
 * default. Fills *ret, to be freed by config_free() in any case. Returns 0, or -EINVAL (-ENOMEM,
 * the file's -errno) with one line in err that names the flag, or the file and its line, and what
 * is wrong. */
int config_parse(int argc, char *const argv[], char *const env[], struct config *ret, char *err,
		 size_t err_size);
void config_free(struct config *config);

/* The last step of config_parse(): holds the flags against each other and fills in what is derived.
 * Returns as that does. */
int config_check(struct config *config, char *err, size_t err_size);

/* The text of --help, ended by the valid families and kinds; and the flag table as Markdown. */
void config_help(FILE *out);
void config_help_markdown(FILE *out);

/* One flag as these spell it, "--once[=FORMAT]", "--series.max=N", "--[no-]collector.errno", and
 * all that --help says of it in one line. 64 and 640 bytes are enough. */
void config_flag_spell(const struct flag *flag, char *ret, size_t size);
void config_flag_text(const struct flag *flag, char *ret, size_t size);

/* Name of the environment variable of a flag: "IOR_WEB_LISTEN_ADDRESS". */
void config_env_name(const struct flag *flag, char *ret, size_t size);

/* Does a variable "IOR_...=" belong to no flag? For a debug line: Kubernetes makes some. */
bool config_env_unknown(const char *assignment);

#endif
