/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer_maps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The errno table is large (683 kB a shard) and written on errors only, so few CPUs need one of
 * their own: 8 shards keep it below 6 MB on any machine. */
#define ERRNO_SHARDS_MAX 8

#define SEATS_MIN 1024
#define SEATS_MAX 4096 /* 1.6 MB */
#define SEATS_PER_CPU 256

uint32_t tracer_maps_seats(unsigned int cpus)
{
	uint32_t seats = SEATS_MIN;

	while (seats < SEATS_MAX && seats / SEATS_PER_CPU < cpus)
		seats *= 2;
	return seats;
}

int tracer_maps_choose(const struct source_bpf_options *options, struct ior_settings *ret)
{
	const int cpus = libbpf_num_possible_cpus();
	uint64_t affordable;

	if (cpus < 0)
		return cpus;
	ret->rows_per_shard = IOR_ROWS_RESERVED + options->series_max;
	affordable = options->series_memory / (ret->rows_per_shard * sizeof(struct ior_row));
	if (!affordable)
		return -EOVERFLOW;
	ret->shards = affordable < (uint64_t)cpus ? (uint32_t)affordable : (uint32_t)cpus;
	ret->errno_shards = ret->shards < ERRNO_SHARDS_MAX ? ret->shards : ERRNO_SHARDS_MAX;
	ret->seats = options->seats ?: tracer_maps_seats((unsigned int)cpus);
	ret->by = options->by;
	ret->comm_of_thread = options->comm_of_thread;
	return 0;
}

static int resize(const struct bpf_object *object, const char *name, uint32_t entries)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	return map ? bpf_map__set_max_entries(map, entries) : -ENOENT;
}

int tracer_maps_size(const struct bpf_object *object, const struct ior_settings *settings,
		     uint32_t threads_max)
{
	const uint32_t names = settings->rows_per_shard - IOR_ROWS_RESERVED;
	struct bpf_map *map = bpf_object__find_map_by_name(object, ".rodata.settings");
	int r = map ? bpf_map__set_initial_value(map, settings, sizeof(*settings)) : -ENOENT;

	r = r ?: resize(object, "rows", settings->shards * settings->rows_per_shard);
	r = r ?: resize(object, "keys", settings->rows_per_shard);
	r = r ?: resize(object, "errnos", settings->errno_shards * IOR_NR_CALLS);
	r = r ?: resize(object, "intern", names);
	r = r ?: resize(object, "free_rows", names);
	if (bpf_object__find_map_by_name(object, "seats"))
		r = r ?: resize(object, "seats", settings->seats ?: 1);
	return r || !threads_max ? r : resize(object, "threads", threads_max);
}

int tracer_maps_fill(const struct bpf_object *object, const struct ior_settings *settings)
{
	const int fd = tracer_maps_fd(object, "free_rows");
	int r = 0;

	for (uint32_t row = IOR_ROWS_RESERVED; !r && row < settings->rows_per_shard; row++)
		r = bpf_map_update_elem(fd, NULL, &row, BPF_ANY);
	return r;
}

int tracer_maps_fd(const struct bpf_object *object, const char *name)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	return map ? bpf_map__fd(map) : -ENOENT;
}

/* libbpf names a section's map after its object: "ior_bpf.data.config". */
static const struct bpf_map *find_map(const struct bpf_object *object, const char *name)
{
	const struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		const char *has = bpf_map__name(map);
		const size_t n = strlen(has), tail = strlen(name);

		if (!strcmp(has, name) ||
		    (*name == '.' && n > tail && !strcmp(has + n - tail, name)))
			return map;
	}
	return NULL;
}

int tracer_maps_mmap(const struct bpf_object *object, const char *name, bool writable, void **ret,
		     size_t *ret_size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const struct bpf_map *map = find_map(object, name);
	size_t size;
	void *data;

	if (!map)
		return -ENOENT;
	size = (size_t)bpf_map__value_size(map) * bpf_map__max_entries(map);
	size = (size + page - 1) & ~(page - 1);
	data = mmap(NULL, size, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED,
		    bpf_map__fd(map), 0);
	if (data == MAP_FAILED)
		return -errno;
	*ret = data;
	*ret_size = size;
	return 0;
}
