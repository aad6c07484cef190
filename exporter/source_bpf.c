/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel as a source. After the open, configuration and counters are mapped: the rows are read
 * without any bpf() call. With tracer.c, bpf_info.c and in_flight.c the only code that knows
 * libbpf. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "arrays.h"
#include "bpf_info.h"
#include "bpf_wait.h"
#include "cgroups.h"
#include "in_flight.h"
#include "ior.h"
#include "kernel_config.h"
#include "reclaim.h"
#include "self_test.h"
#include "source.h"
#include "tracer.h"
#include "tracer_maps.h"

#define SELF_TEST_MS 50
/* Copies that lost nothing on kernels that skip programs, in all that was tried. */
#define COPIES_EXACT 4

/* An array of the kernel's, mapped. */
struct mapping {
	void *data;
	size_t size;
};

enum { MAP_ROWS, MAP_KEYS, MAP_ERRNOS, MAP_CONTROL, MAP_CONFIG, MAP_PASSES, MAPS };

struct source_bpf {
	struct source source;
	struct tracer tracer;
	struct arrays arrays;	 /* the contents of maps[] */
	struct cgroups *cgroups; /* if rows are named by container; else NULL */
	struct mapping maps[MAPS];
	bool programs;		    /* ask for their numbers at each read */
	struct bpf_link *in_flight; /* NULL: there is none */
	struct bpf_wait wait;
	int free_rows; /* the map, borrowed */
	bool all_selected;
	uint64_t misses_before; /* of the first copy, when counting started */
	uint64_t kept_before;	/* what the last read said of calls kept from all copies */
};

/* Calls that the kernel kept from every copy at both ends: the returns that no copy claimed, less
 * those of which the entry was seen, which are counted as no_exit. A program that is preempted
 * between its two counters makes the figure high for a moment, and it must not fall. Known only if
 * each number is looked at. */
static uint64_t kept_from_all(struct source_bpf *bpf)
{
	const struct ior_passes *passes = bpf->maps[MAP_PASSES].data;
	const struct ior_control *control = bpf->maps[MAP_CONTROL].data;
	uint64_t returns, seen = 0;

	if (!bpf->tracer.claims || !bpf->all_selected)
		return 0;
	/* Meanwhile calls return: in this order they are missing from what returned, not from what
	 * was claimed, so that none of them looks lost. */
	returns = bpf_info_misses(bpf->tracer.object, TRACER_FIRST_EXIT) - bpf->misses_before;
	for (size_t i = 0; i < IOR_PASSES; i++)
		returns += __atomic_load_n(&passes[i].runs, __ATOMIC_ACQUIRE);
	for (size_t i = 0; i < IOR_PASSES; i++)
		seen += __atomic_load_n(&passes[i].claimed, __ATOMIC_RELAXED);
	seen += __atomic_load_n(&control->missed_exits, __ATOMIC_RELAXED);
	if (returns > seen && returns - seen > bpf->kept_before)
		bpf->kept_before = returns - seen;
	return bpf->kept_before;
}

static void read_programs(const struct source_bpf *bpf, struct source_status *ret)
{
	const char *names[TRACER_LINKS];
	size_t n = tracer_programs(&bpf->tracer, names);

	bpf_info_programs(bpf->tracer.object, names, n, ret);
}

/* All rows that were ever taken are below. */
static uint32_t rows_used(const struct source_bpf *bpf)
{
	const struct ior_control *control = bpf->maps[MAP_CONTROL].data;
	const uint32_t next = __atomic_load_n(&control->next_row, __ATOMIC_ACQUIRE);

	return next < bpf->arrays.rows_per_shard ? next : bpf->arrays.rows_per_shard;
}

static int bpf_read(struct source *source, const struct source_visitor *visitor,
		    struct source_status *ret)
{
	struct source_bpf *bpf = (struct source_bpf *)source;
	const struct ior_control *control = bpf->maps[MAP_CONTROL].data;
	const uint32_t used = rows_used(bpf);
	int r = rows_visit(&bpf->arrays, used, visitor);

	r = r ?: errnos_visit(&bpf->arrays, visitor);
	if (!r && bpf->in_flight && visitor->in_flight)
		r = in_flight_visit(&bpf->arrays, bpf_link__fd(bpf->in_flight), visitor);
	if (r < 0)
		return r;
	for (size_t i = 0; i < IOR_LOST_REASONS; i++)
		ret->lost[i] = __atomic_load_n(&control->lost[i], __ATOMIC_RELAXED);
	ret->lost[IOR_LOST_RECURSION] += kept_from_all(bpf);
	if (bpf->programs)
		read_programs(bpf, ret);
	ret->rows = rows_in_use(&bpf->arrays, used);
	ret->rows_limit = bpf->arrays.rows_per_shard - IOR_ROWS_RESERVED;
	return 0;
}

/* The one that is not in use is written. Behind it nobody reads the one before any more, so that it
 * can be written the next time. */
static int bpf_set_filter(struct source *source, const struct ior_filter *filter)
{
	struct source_bpf *bpf = (struct source_bpf *)source;
	struct ior_config *config = bpf->maps[MAP_CONFIG].data;
	const __u32 generation = config->filter_generation + 1;
	int r = bpf_wait(&bpf->wait);

	if (r < 0)
		return r;
	config->filters[generation & 1] = *filter;
	__atomic_store_n(&config->filter_generation, generation, __ATOMIC_SEQ_CST);
	return bpf_wait(&bpf->wait);
}

static int wait_for_programs(void *arg)
{
	return bpf_wait(&((struct source_bpf *)arg)->wait);
}

static int give_row(void *arg, uint32_t row)
{
	const struct source_bpf *bpf = arg;

	return bpf_map_update_elem(bpf->free_rows, NULL, &row, BPF_ANY) ? -errno : 0;
}

static int bpf_reclaim(struct source *source, uint64_t now_ns)
{
	struct source_bpf *bpf = (struct source_bpf *)source;
	struct ior_config *config = bpf->maps[MAP_CONFIG].data;
	const struct reclaim_ops ops = { wait_for_programs, give_row, bpf };

	return reclaim_step(&bpf->arrays, rows_used(bpf), &ops, &config->rows_epoch, now_ns);
}

static void bpf_close(struct source *source)
{
	struct source_bpf *bpf = (struct source_bpf *)source;

	for (size_t i = 0; i < MAPS; i++)
		if (bpf->maps[i].data)
			(void)munmap(bpf->maps[i].data, bpf->maps[i].size);
	(void)bpf_link__destroy(bpf->in_flight);
	bpf_wait_close(&bpf->wait);
	cgroups_free(bpf->cgroups);
	free(bpf->arrays.notes);
	tracer_close(&bpf->tracer);
	free(bpf);
}

static const struct source_ops bpf_ops = {
	.read = bpf_read, .reclaim = bpf_reclaim, .set_filter = bpf_set_filter, .close = bpf_close
};

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
		config->filter_generation = 1;
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
	bpf->source.ops = &bpf_ops;
	bpf->wait = (struct bpf_wait){ -1, -1 };
	r = open_steps(bpf, options, err);
	if (r < 0) {
		bpf_close(&bpf->source);
		return r;
	}
	start_counting(bpf, options);
	bpf->programs = options->programs;
	if (options->programs)
		bpf_info_maps(bpf->tracer.object, &bpf->source.info);
	if (options->in_flight)
		open_in_flight(bpf);
	*ret = &bpf->source;
	return 0;
}

const char *source_bpf_library(void)
{
	return libbpf_version_string() + 1; /* "v1.1" */
}
