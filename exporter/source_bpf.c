/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel as a source, and the only file that knows libbpf. After the open there is no bpf()
 * call: configuration and counters are mapped. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "arrays.h"
#include "bpf_info.h"
#include "in_flight.h"
#include "ior.h"
#include "ior.skel.h"
#include "kernel_config.h"
#include "log.h"
#include "preflight.h"
#include "source.h"

/* The errno table is large (683 kB a shard) and written on errors only, so few CPUs need one of
 * their own: 8 shards keep it below 6 MB on any machine. */
#define ERRNO_SHARDS_MAX 8

/* An array of the kernel's, mapped. */
struct mapping {
	void *data;
	size_t size;
};

enum { MAP_ROWS, MAP_KEYS, MAP_ERRNOS, MAP_CONTROL, MAPS };

struct source_bpf {
	struct source source;
	struct ior_bpf *skel;
	struct arrays arrays; /* the contents of maps[] */
	struct mapping maps[MAPS];
	bool programs;	  /* ask for their numbers at each read */
	int in_flight_fd; /* of the iterator's link; -1: there is none */
};

static int bpf_read(struct source *source, const struct source_visitor *visitor,
		    struct source_status *ret)
{
	const struct source_bpf *bpf = (const struct source_bpf *)source;
	const struct ior_control *control = bpf->maps[MAP_CONTROL].data;
	uint32_t used = __atomic_load_n(&control->next_row, __ATOMIC_ACQUIRE);
	int r;

	if (used > bpf->arrays.rows_per_shard)
		used = bpf->arrays.rows_per_shard; /* allocation may overshoot when it ends */
	r = rows_visit(&bpf->arrays, used, visitor);
	if (!r)
		r = errnos_visit(&bpf->arrays, visitor);
	if (!r && bpf->in_flight_fd >= 0 && visitor->in_flight)
		r = in_flight_visit(bpf->in_flight_fd, visitor);
	if (r < 0)
		return r;
	for (size_t i = 0; i < IOR_LOST_REASONS; i++)
		ret->lost[i] = __atomic_load_n(&control->lost[i], __ATOMIC_RELAXED);
	if (bpf->programs)
		bpf_info_programs(bpf->skel->obj, ret);
	ret->rows = used - IOR_ROWS_RESERVED;
	ret->rows_limit = bpf->arrays.rows_per_shard - IOR_ROWS_RESERVED;
	return 0;
}

static void mapping_close(struct mapping *mapping)
{
	if (mapping->data)
		(void)munmap(mapping->data, mapping->size);
}

static void bpf_close(struct source *source)
{
	struct source_bpf *bpf = (struct source_bpf *)source;

	for (size_t i = 0; i < MAPS; i++)
		mapping_close(&bpf->maps[i]);
	ior_bpf__destroy(bpf->skel); /* detaches; NULL is fine */
	free(bpf);
}

static const struct source_ops bpf_ops = { .read = bpf_read, .close = bpf_close };

/* libbpf's messages are many and speak to its authors: ours say what happened, these help to find
 * out why. */
__attribute__((format(printf, 2, 0))) static int print_libbpf(enum libbpf_print_level level,
							      const char *fmt, va_list args)
{
	char text[512];
	size_t n;

	(void)level;
	(void)vsnprintf(text, sizeof(text), fmt, args);
	n = strlen(text);
	while (n && text[n - 1] == '\n')
		text[--n] = '\0';
	log_debug("libbpf", "text", text);
	return 0;
}

static int map_array(const struct bpf_map *map, int prot, struct mapping *ret)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (size_t)bpf_map__value_size(map) * bpf_map__max_entries(map);
	void *data;

	size = (size + page - 1) & ~(page - 1);
	data = mmap(NULL, size, prot, MAP_SHARED, bpf_map__fd(map), 0);
	if (data == MAP_FAILED)
		return -errno;
	*ret = (struct mapping){ data, size };
	return 0;
}

/* Sizes the maps: as many shards as memory allows, one a CPU at most. */
static int size_maps(struct source_bpf *bpf, const struct source_bpf_options *options)
{
	struct ior_bpf *skel = bpf->skel;
	const int cpus = libbpf_num_possible_cpus();
	uint64_t affordable;
	int r = 0;

	if (cpus < 0)
		return cpus;
	bpf->arrays.rows_per_shard = IOR_ROWS_RESERVED + options->series_max;
	affordable = options->series_memory / (bpf->arrays.rows_per_shard * sizeof(struct ior_row));
	if (!affordable)
		return -E2BIG;
	bpf->arrays.shards = affordable < (uint64_t)cpus ? (uint32_t)affordable : (uint32_t)cpus;
	bpf->arrays.errno_shards = bpf->arrays.shards < ERRNO_SHARDS_MAX ? bpf->arrays.shards :
									   ERRNO_SHARDS_MAX;
	skel->rodata->rows_per_shard = bpf->arrays.rows_per_shard;
	skel->rodata->shards = bpf->arrays.shards;
	skel->rodata->errno_shards = bpf->arrays.errno_shards;
	skel->rodata->comm_of_thread = options->comm_of_thread;
	r = r	  ?:
		    bpf_map__set_max_entries(skel->maps.rows,
					     bpf->arrays.shards * bpf->arrays.rows_per_shard);
	r = r ?: bpf_map__set_max_entries(skel->maps.keys, bpf->arrays.rows_per_shard);
	r = r	  ?:
		    bpf_map__set_max_entries(skel->maps.errnos,
					     bpf->arrays.errno_shards * IOR_NR_COUNT);
	r = r ?: bpf_map__set_max_entries(skel->maps.intern, options->series_max);
	return r;
}

static int map_arrays(struct source_bpf *bpf)
{
	const struct bpf_map *const maps[MAPS] = {
		[MAP_ROWS] = bpf->skel->maps.rows,
		[MAP_KEYS] = bpf->skel->maps.keys,
		[MAP_ERRNOS] = bpf->skel->maps.errnos,
		[MAP_CONTROL] = bpf->skel->maps.data_control,
	};

	for (size_t i = 0; i < MAPS; i++) {
		int r = map_array(maps[i], PROT_READ, &bpf->maps[i]);

		if (r < 0)
			return r;
	}
	bpf->arrays.rows = bpf->maps[MAP_ROWS].data;
	bpf->arrays.keys = bpf->maps[MAP_KEYS].data;
	bpf->arrays.errnos = bpf->maps[MAP_ERRNOS].data;
	return 0;
}

/* Our thread group in the initial PID namespace, which the programs compare with. */
static uint32_t own_tgid(const struct source_bpf *bpf)
{
	const struct ior_control *control = bpf->maps[MAP_CONTROL].data;
	LIBBPF_OPTS(bpf_test_run_opts, run);

	if (bpf_prog_test_run_opts(bpf_program__fd(bpf->skel->progs.whoami), &run) < 0)
		return (uint32_t)getpid(); /* right outside of containers */
	return control->tgid;
}

static int write_config(struct source_bpf *bpf, const struct source_bpf_options *options)
{
	struct mapping mapping = { NULL, 0 };
	int r = map_array(bpf->skel->maps.data_config, PROT_READ | PROT_WRITE, &mapping);

	if (r < 0)
		return r;
	kernel_config_fill(mapping.data, options->selection,
			   options->include_self ? 0 : own_tgid(bpf));
	mapping_close(&mapping);
	return 0;
}

/* The exit side first: a call whose entry is seen must have its exit seen. */
static int attach(struct ior_bpf *skel)
{
	skel->links.sys_exit = bpf_program__attach(skel->progs.sys_exit);
	if (!skel->links.sys_exit)
		return -errno;
	skel->links.process_exit = bpf_program__attach(skel->progs.process_exit);
	if (!skel->links.process_exit)
		return -errno;
	skel->links.sys_enter = bpf_program__attach(skel->progs.sys_enter);
	return skel->links.sys_enter ? 0 : -errno;
}

/* From 7.2 on, kernels run these programs preemptible, and a program that is preempted makes its
 * CPU skip it for others. A symbol tells those kernels (present from 7.2 on, absent in 7.1), and
 * its name stands in the kernel's BTF: searched there as bytes, for parsing all of BTF a second
 * time would double the time to start. */
static bool kernel_runs_every_program(void)
{
	static const char symbol[] = "trace_call_bpf_faultable";
	FILE *file = fopen("/sys/kernel/btf/vmlinux", "re");
	char block[64 << 10];
	size_t kept = 0, n;
	bool found = false;

	if (!file)
		return false;
	while (!found && (n = fread(block + kept, 1, sizeof(block) - kept, file)) > 0) {
		n += kept;
		found = memmem(block, n, symbol, sizeof(symbol)) != NULL;
		kept = n < sizeof(symbol) ? n : sizeof(symbol);
		memmove(block, block + n - kept, kept);
	}
	found = found || ferror(file);
	(void)fclose(file);
	return !found;
}

/* The iterator lists the threads of its reader's PID namespace only, and a list that lacks most of
 * the machine is worse than none. */
static void open_in_flight(struct source_bpf *bpf)
{
	static const char initial[] = "pid:[4026531836]"; /* PROC_PID_INIT_INO, fixed since 3.8 */
	struct ior_bpf *skel = bpf->skel;
	struct source_info *info = &bpf->source.info;
	char namespace[sizeof(initial)] = "";

	if (readlink("/proc/self/ns/pid", namespace, sizeof(namespace) - 1) < 0 ||
	    strcmp(namespace, initial)) {
		(void)snprintf(info->no_in_flight, sizeof(info->no_in_flight),
			       "this is not the initial PID namespace (run with the host's)");
		return;
	}
	skel->links.in_flight = bpf_program__attach(skel->progs.in_flight);
	if (!skel->links.in_flight) {
		(void)snprintf(info->no_in_flight, sizeof(info->no_in_flight),
			       "attach the task iterator: %s", strerror(errno));
		return;
	}
	bpf->in_flight_fd = bpf_link__fd(skel->links.in_flight);
}

static void describe(struct source_info *info)
{
	struct utsname name;

	(void)uname(&name);
	(void)snprintf(info->mode, sizeof(info->mode), "tp_btf");
	(void)snprintf(info->kernel, sizeof(info->kernel), "%s", name.release);
	info->copies = 1;
	info->exact = kernel_runs_every_program();
}

/* Names what failed and, by the errno, what helps. */
static int failed(int r, const char *operation, struct source_error *err)
{
	(void)snprintf(err->operation, sizeof(err->operation), "%s", operation);
	preflight_remedy(r, err->remedy, sizeof(err->remedy));
	return r;
}

int source_bpf_open(const struct source_bpf_options *options, struct source **ret,
		    struct source_error *err)
{
	struct source_bpf *bpf = calloc(1, sizeof(*bpf));
	int r;

	(void)libbpf_set_print(print_libbpf);
	if (!bpf)
		return failed(-ENOMEM, "start the tracer", err);
	bpf->source.ops = &bpf_ops;
	bpf->in_flight_fd = -1;
	bpf->skel = ior_bpf__open();
	if (!bpf->skel) {
		r = failed(errno > 0 ? -errno : -EINVAL, "open the BPF object", err);
		bpf_close(&bpf->source);
		return r;
	}
	r = size_maps(bpf, options);
	if (r < 0)
		(void)failed(r, "size the BPF maps", err);
	if (!r) {
		r = ior_bpf__load(bpf->skel);
		if (r < 0)
			(void)failed(r, "load the BPF programs", err);
	}
	if (!r) {
		r = map_arrays(bpf);
		r = r ?: write_config(bpf, options);
		if (r < 0)
			(void)failed(r, "map the BPF arrays", err);
	}
	if (!r) {
		r = attach(bpf->skel);
		if (r < 0)
			(void)failed(r, "attach the BPF programs", err);
	}
	if (r < 0) {
		bpf_close(&bpf->source);
		return r;
	}
	describe(&bpf->source.info);
	bpf->programs = options->programs;
	if (options->programs)
		bpf_info_maps(bpf->skel->obj, &bpf->source.info);
	if (options->in_flight)
		open_in_flight(bpf);
	*ret = &bpf->source;
	return 0;
}

const char *source_bpf_library(void)
{
	return libbpf_version_string() + 1; /* "v1.1" */
}
