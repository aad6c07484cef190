/* SPDX-License-Identifier: Apache-2.0 */
#include "memory_need.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "ior.h"
#include "memory_limit.h"
#include "opener.h"
#include "self_test.h"
#include "snapshot.h"
#include "tracer_maps.h"

#define PAGE 4096ull
#define MIB (1ull << 20)

/* As in tracer.c. */
#define ERRNO_SHARDS_MAX 8

/* Measured on Linux 6.18 by the charges of a memory cgroup (memory.max_usage_in_bytes), with 2
 * CPUs; tests/e2e/test_memory.py holds the sum against the machine that runs it.
 * - Our own pages while libbpf loads, besides its copy of the kernel's BTF: 1.5 MB. The copy is
 *   freed before anything is served. */
#define USER_START (2 * MIB)
/* - The verifier's states for our programs: 1 MB for one pair, 3 MB for 8 copies of it, which is
 *   counted whatever is loaded. Charged from 6.17 on ("bpf: include verifier memory allocations in
 *   memcg statistics"), on older kernels a charge of 0.2 MB is all there is. No feature tells, so
 *   the release does. */
#define VERIFIER_CHARGED (3 * MIB)
#define VERIFIER_FREE (1 * MIB)
/* - In mode raw_tp, the state of threads: 14.7 MB. */
#define RAW_MAPS (15 * MIB)
/* - The self-test behind the load: its threads, each with its kernel and user stacks. */
#define SELF_TEST_THREAD (36ull * 1024)
/* - Serving: threads, buffers, pages that scrapes share while one more is compressed, and as many
 *   snapshots of a full table as there may be. */
#define USER_SERVE (3 * MIB + BODIES_BYTES_MAX + COMPRESSOR_BYTES)
/* - The fold: the rows of the last read and of the one now, whose names are read, too, and a series
 *   of each that is shown. */
#define FOLD_ROWS 2
/* - By container: a cgroup that is known takes 256 bytes (cgroups.c), one that a walk of the tree
 *   lists some 100, by the length of its name. As many as there are rows are counted. */
#define CGROUP_SIZE (256 + 100)
/* Different calls that a comm with series of its own makes: few make more. */
#define CALLS_OF_COMM 128

static FILE *open_below(const char *root, const char *path)
{
	char full[PATH_MAX];

	(void)snprintf(full, sizeof(full), "%s%s", root, path);
	return opener_fopen(full);
}

/* How many CPUs "0-3,8" names, which is what the file has; 1 if it cannot be read. */
static uint64_t count_cpus(const char *root, const char *path)
{
	FILE *file = open_below(root, path);
	uint64_t n = 0;
	char line[256] = "", *at = line;

	if (file) {
		(void)!fgets(line, sizeof(line), file);
		(void)fclose(file);
	}
	while (*at >= '0' && *at <= '9') {
		unsigned long first = strtoul(at, &at, 10), last = first;

		if (*at == '-')
			last = strtoul(at + 1, &at, 10);
		n += last >= first ? last - first + 1 : 0;
		at += *at == ',';
	}
	return n ? n : 1;
}

static uint64_t size_of_btf(const char *root)
{
	FILE *file = open_below(root, "/sys/kernel/btf/vmlinux");
	long size = -1;

	if (file && fseek(file, 0, SEEK_END) == 0)
		size = ftell(file);
	if (file)
		(void)fclose(file);
	return size < 0 ? 0 : (uint64_t)size;
}

static bool kernel_is_at_least(const char *root, unsigned long major, unsigned long minor)
{
	FILE *file = open_below(root, "/proc/sys/kernel/osrelease");
	unsigned long has_major, has_minor;
	char line[128] = "", *rest;

	if (file) {
		(void)!fgets(line, sizeof(line), file);
		(void)fclose(file);
	}
	has_major = strtoul(line, &rest, 10);
	has_minor = *rest == '.' ? strtoul(rest + 1, NULL, 10) : 0;
	return has_major > major || (has_major == major && has_minor >= minor);
}

static bool verifier_is_charged(const char *root)
{
	return kernel_is_at_least(root, 6, 17);
}

/* Mode raw_tp is what is left without BTF or task storage. */
static uint64_t size_of_raw_maps(const char *root)
{
	return size_of_btf(root) && kernel_is_at_least(root, 5, 13) ? 0 : RAW_MAPS;
}

/* A mapped array: whole pages, and one for its head. */
static uint64_t array_size(uint64_t n, size_t size)
{
	return (n * size + PAGE - 1) / PAGE * PAGE + PAGE;
}

/* A hash with all its elements made at once: 48 bytes of head each, a key of 32 and a value of 8,
 * and buckets of 16 bytes, a power of two of them. */
static uint64_t hash_size(uint64_t n)
{
	uint64_t buckets = 1;

	while (buckets < n)
		buckets *= 2;
	return n * (48 + 32 + 8) + buckets * 16 + PAGE;
}

/* A queue of rows: one slot more than it holds, and a head of some 300 bytes. */
static uint64_t queue_size(uint64_t n)
{
	return (n + 1) * sizeof(uint32_t) + 512;
}

/* An array that is not mapped, with a head of some 300 bytes. */
static uint64_t seats_size(uint64_t n)
{
	return n * IOR_SEAT_SIZE + 512;
}

/* The sizes that tracer.c gives the maps. */
static uint64_t size_of_maps(uint64_t cpus, uint32_t series_max, uint64_t series_memory)
{
	const uint64_t rows = (uint64_t)IOR_ROWS_RESERVED + series_max;
	uint64_t shards = series_memory / (rows * sizeof(struct ior_row)), errno_shards;

	if (shards > cpus)
		shards = cpus;
	errno_shards = shards < ERRNO_SHARDS_MAX ? shards : ERRNO_SHARDS_MAX;
	return array_size(shards * rows, sizeof(struct ior_row)) +
	       array_size(rows, sizeof(struct ior_key)) +
	       array_size(errno_shards * IOR_NR_CALLS, sizeof(struct ior_errnos)) +
	       array_size(1, sizeof(struct ior_settings)) +
	       array_size(1, sizeof(struct ior_config)) +
	       array_size(1, sizeof(struct ior_control)) +
	       array_size(IOR_PASSES, sizeof(struct ior_passes)) + hash_size(series_max) +
	       queue_size(series_max) + seats_size(tracer_maps_seats((unsigned int)cpus));
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Series on a page: of the comms that have a place, as many that lost it, and of everybody else. */
static uint64_t series_shown(uint64_t rows, uint64_t top)
{
	uint64_t shown = (2 * top + 1) * CALLS_OF_COMM;

	return top && shown < rows ? shown : rows;
}

/* Each row may be of another tuple. The fold has the container of each, and each snapshot that of
 * those with series: of the places, as many that lost theirs, and the collective one. */
static uint64_t size_of_containers(uint64_t rows, uint64_t top)
{
	const uint64_t most = 2 * top + 1, shown = top && most < rows ? most : rows;

	return rows * (sizeof(struct container) + CGROUP_SIZE) +
	       (SNAPSHOTS_MAX + 1) * shown * sizeof(struct container);
}

static uint64_t size_of_serving(uint64_t rows, const struct memory_sizes *sizes)
{
	return USER_SERVE + FOLD_ROWS * rows * sizeof(struct snapshot_row) +
	       rows * sizeof(struct tuple) +
	       (SNAPSHOTS_MAX + 1) * series_shown(rows, sizes->top) * sizeof(struct series) +
	       (sizes->by & BY_CONTAINER ? size_of_containers(rows, sizes->top) : 0);
}

void memory_need_estimate(const char *root, const struct memory_sizes *sizes,
			  struct memory_need *ret)
{
	const uint64_t rows = (uint64_t)IOR_ROWS_RESERVED + sizes->series_max;
	const uint64_t test =
		USER_START + SELF_TEST_THREAD * self_test_threads((unsigned int)count_cpus(
							root, "/sys/devices/system/cpu/online"));
	const uint64_t serve = size_of_serving(rows, sizes);
	uint64_t start = USER_START + size_of_btf(root) +
			 (verifier_is_charged(root) ? VERIFIER_CHARGED : VERIFIER_FREE);

	ret->maps = size_of_maps(count_cpus(root, "/sys/devices/system/cpu/possible"),
				 sizes->series_max, sizes->series_memory) +
		    size_of_raw_maps(root);
	/* The kernel frees maps late, some 0.1 s: at a restart those of the one before are there.
	 */
	start += ret->maps;
	ret->total = ret->maps + larger(start, larger(test, serve));
}

/* A need is rounded up, for a limit to be set by, and a limit down: the one stays the larger. */
static unsigned long long to_mib(uint64_t bytes)
{
	return (bytes + MIB - 1) / MIB;
}

int memory_need_check(const char *root, const struct memory_sizes *sizes, char *err,
		      size_t err_size)
{
	const struct memory_sizes smallest = { 1, sizes->series_memory, sizes->top, sizes->by };
	struct memory_need need, least;
	struct memory_limit limit;

	if (!memory_limit_find(root, &limit))
		return 0;
	memory_need_estimate(root, sizes, &need);
	if (need.total <= limit.bytes)
		return 0;
	memory_need_estimate(root, &smallest, &least);
	(void)snprintf(err, err_size,
		       "start tracing: the memory limit is %llu MiB (%s), and %llu MiB are needed, "
		       "%llu MiB of them for BPF maps (raise the limit%s)",
		       (unsigned long long)(limit.bytes / MIB), limit.file, to_mib(need.total),
		       to_mib(need.maps),
		       least.total <= limit.bytes ? ", or lower --series.max or --series.memory" :
						    "; fewer series are not enough");
	return -ENOMEM;
}
