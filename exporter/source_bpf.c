/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel as a source. After the open, configuration and counters are mapped: the rows are read
 * without any bpf() call. With tracer*.c, bpf_*.c and in_flight.c the only code that knows
 * libbpf. */
#include "source_bpf.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "bpf_info.h"
#include "cgroups.h"
#include "ior.h"
#include "kernel_config.h"
#include "self_test.h"
#include "tracer_maps.h"

#define SELF_TEST_MS 50
/* Copies that lost nothing on kernels that skip programs, but on emulated processors three of some
 * four million calls. */
#define COPIES_EXACT 4

static int map_arrays(struct source_bpf *bpf)
{
	static const char *const names[MAPS] = {
		[MAP_ROWS] = "rows",	       [MAP_KEYS] = "keys",
		[MAP_ERRNOS] = "errnos",       [MAP_CONTROL] = ".data.control",
		[MAP_CONFIG] = ".data.config", [MAP_PASSES] = ".data.passes",
	};
	static const bool writable[MAPS] = {
		[MAP_ROWS] = true, [MAP_KEYS] = true, [MAP_CONFIG] = true
	};

	for (size_t i = 0; i < MAPS; i++) {
		int r = tracer_maps_mmap(bpf->tracer.object, names[i], writable[i],
					 &bpf->maps[i].data, &bpf->maps[i].size);

		if (r < 0)
			return r;
	}
	bpf->arrays = (struct arrays){
		.rows = bpf->maps[MAP_ROWS].data,
		.keys = bpf->maps[MAP_KEYS].data,
		.errnos = bpf->maps[MAP_ERRNOS].data,
		.notes = calloc(bpf->tracer.settings.rows_per_shard, sizeof(struct row_note)),
		.shards = bpf->tracer.settings.shards,
		.errno_shards = bpf->tracer.settings.errno_shards,
		.rows_per_shard = bpf->tracer.settings.rows_per_shard,
		.cgroups = bpf->cgroups,
		.by = bpf->source.info.by,
	};
	bpf->free_rows = tracer_maps_fd(bpf->tracer.object, "free_rows");
	return bpf->arrays.notes ? 0 : -ENOMEM;
}

/* Our thread group in the initial PID namespace, which the programs compare with. */
static uint32_t own_tgid(const struct source_bpf *bpf)
{
	const struct ior_control *control = bpf->maps[MAP_CONTROL].data;
	const struct bpf_program *whoami =
		bpf_object__find_program_by_name(bpf->tracer.object, "whoami");
	LIBBPF_OPTS(bpf_test_run_opts, run);

	if (!whoami || bpf_prog_test_run_opts(bpf_program__fd(whoami), &run) < 0)
		return (uint32_t)getpid(); /* right outside of containers */
	return control->tgid;
}

/* The programs' clock. */
static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* From the return on, calls are counted. */
static void start_counting(struct source_bpf *bpf, const struct source_bpf_options *options)
{
	struct ior_config *config = bpf->maps[MAP_CONFIG].data;
	struct source_info *info = &bpf->source.info;
	struct self_test test = { 0 };
	struct utsname name;
	bool seen_all;

	bpf->misses_before = bpf_info_misses(bpf->tracer.object, TRACER_FIRST_EXIT);
	__atomic_store_n(&config->started_ns, now_ns(), __ATOMIC_SEQ_CST);
	seen_all = options->no_self_test ||
		   (self_test_run(config, bpf->maps[MAP_PASSES].data, SELF_TEST_MS, &test) == 0 &&
		    test.made == test.seen);
	if (options->include_self)
		__atomic_store_n(&config->self_tgid, 0, __ATOMIC_SEQ_CST);
	(void)uname(&name);
	(void)snprintf(info->mode, sizeof(info->mode), "%s", attach_names[bpf->tracer.attach]);
	(void)snprintf(info->kernel, sizeof(info->kernel), "%s", name.release);
	if (bpf->tracer.attach == ATTACH_RAW_TP && !bpf->tracer.settings.task_comm)
		(void)snprintf(info->no_leader, sizeof(info->no_leader),
			       "without BTF nothing tells what a task_struct holds");
	if (bpf->cgroups && bpf->tracer.attach == ATTACH_RAW_TP && bpf->tracer.settings.hierarchy)
		(void)snprintf(info->no_container, sizeof(info->no_container),
			       "mode raw_tp knows cgroups of version 2 only");
	info->copies = bpf->tracer.copies;
	info->self_test_made = test.made;
	info->self_test_seen = test.seen;
	/* The test confirms, it does not prove: classic tracepoints are skipped while other agents
	 * make map calls, and kernels that skip programs need copies. */
	info->exact = seen_all && bpf->tracer.attach != ATTACH_TRACEPOINT &&
		      (!bpf->tracer.skipping_kernel || bpf->tracer.copies >= COPIES_EXACT);
}

/* The iterator lists the threads of its reader's PID namespace only, and a list that lacks most of
 * the machine is worse than none. */
static void open_in_flight(struct source_bpf *bpf)
{
	static const char initial[] = "pid:[4026531836]"; /* PROC_PID_INIT_INO, fixed since 3.8 */
	struct source_info *info = &bpf->source.info;
	char namespace[sizeof(initial)] = "";
	const struct bpf_program *program =
		bpf_object__find_program_by_name(bpf->tracer.object, "in_flight");

	if (readlink("/proc/self/ns/pid", namespace, sizeof(namespace) - 1) < 0 ||
	    strcmp(namespace, initial) != 0) {
		(void)snprintf(info->no_in_flight, sizeof(info->no_in_flight),
			       "this is not the initial PID namespace (run with the host's)");
		return;
	}
	if (!program) {
		(void)snprintf(info->no_in_flight, sizeof(info->no_in_flight),
			       "mode %s has no list of threads", info->mode);
		return;
	}
	bpf->in_flight = bpf_program__attach(program);
	if (!bpf->in_flight)
		(void)snprintf(info->no_in_flight, sizeof(info->no_in_flight),
			       "attach the task iterator: %s", strerror(errno));
}

_Static_assert((int)BY_COMM == (int)IOR_BY_COMM && (int)BY_CONTAINER == (int)IOR_BY_CGROUP,
	       "the same bits in the kernel");
_Static_assert((int)CGROUPS_V2 == (int)IOR_HIERARCHY_V2 &&
		       (int)CGROUPS_V1_MEMORY == (int)IOR_HIERARCHY_MEMORY &&
		       (int)CGROUPS_V1_PIDS == (int)IOR_HIERARCHY_PIDS,
	       "the same hierarchies in the kernel");

/* Returns the hierarchy, or -errno. */
static int open_cgroups(struct source_bpf *bpf, const char *root, struct source_error *err)
{
	char dir[PATH_MAX];
	int hierarchy = cgroups_hierarchy(root, dir, sizeof(dir)), error = errno;

	if (hierarchy >= 0) {
		bpf->cgroups = cgroups_new(dir);
		error = errno;
	}
	if (bpf->cgroups)
		return hierarchy;
	(void)snprintf(err->operation, sizeof(err->operation), "find cgroups below '%.80s'", root);
	(void)snprintf(err->remedy, sizeof(err->remedy),
		       "--by container needs the cgroup tree: mount it there, or say where by "
		       "--path.cgroup");
	return -error;
}

static int open_steps(struct source_bpf *bpf, const struct source_bpf_options *options,
		      struct source_error *err)
{
	struct ior_config *config;
	int hierarchy = IOR_HIERARCHY_V2, r;

	bpf->source.info.by = options->by;
	if (options->by & BY_CONTAINER)
		hierarchy = open_cgroups(bpf, options->cgroup_root, err);
	if (hierarchy < 0)
		return hierarchy;
	r = tracer_load(options, (unsigned int)hierarchy, &bpf->tracer, err);
	if (r < 0)
		return r;
	r = map_arrays(bpf);
	if (r < 0)
		return tracer_failed(r, "map the BPF arrays", err);
	config = bpf->maps[MAP_CONFIG].data;
	kernel_config_fill(config, options->selection, options->gaps);
	if (options->filter && options->filter->kinds) {
		config->filters[1] = *options->filter;
		config->filter = IOR_FILTER_WORD(options->filter->kinds, 1);
	}
	r = bpf_wait_open(&bpf->wait);
	if (r < 0)
		return tracer_failed(r, "make a BPF map of maps", err);
	config->self_tgid = own_tgid(bpf);
	bpf->all_selected = kernel_config_selects_all(config);
	r = tracer_attach(&bpf->tracer);
	return r < 0 ? tracer_failed(r, "attach the BPF programs", err) : 0;
}

int source_bpf_open(const struct source_bpf_options *options, struct source **ret,
		    struct source_error *err)
{
	struct source_bpf *bpf = calloc(1, sizeof(*bpf));
	int r;

	if (!bpf)
		return tracer_failed(-ENOMEM, "start the tracer", err);
	bpf->source.ops = &source_bpf_ops;
	bpf->wait = (struct bpf_wait){ -1, -1 };
	bpf->stats = -1;
	r = open_steps(bpf, options, err);
	if (r < 0) {
		source_bpf_ops.close(&bpf->source);
		return r;
	}
	start_counting(bpf, options);
	bpf->programs = options->programs;
	if (options->programs) {
		bpf->stats = bpf_info_open_stats();
		bpf_info_maps(bpf->tracer.object, &bpf->source.info);
	}
	if (options->in_flight)
		open_in_flight(bpf);
	*ret = &bpf->source;
	return 0;
}

const char *source_bpf_library(void)
{
	return libbpf_version_string() + 1; /* "v1.1" */
}
