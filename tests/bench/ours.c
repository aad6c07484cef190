/* SPDX-License-Identifier: Apache-2.0 */
#include "ours.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "ior.h"
#include "ior.skel.h"
#include "kernel_config.h"

uint32_t ours_shards(void)
{
	int cpus = libbpf_num_possible_cpus();

	return cpus > 0 ? (uint32_t)cpus : 1;
}

/* A map of globals, whose name libbpf begins with the object's. */
static struct bpf_map *globals(struct bpf_object *object, const char *section)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		const char *name = bpf_map__name(map);
		const size_t n = strlen(name), tail = strlen(section);

		if (n >= tail && !strcmp(name + n - tail, section))
			return map;
	}
	return NULL;
}

static int set_globals(struct bpf_object *object, const char *section, const void *bytes,
		       size_t size)
{
	struct bpf_map *map = globals(object, section);

	return map ? bpf_map__set_initial_value(map, bytes, size) : -ENOENT;
}

static int resize(struct bpf_object *object, const char *name, uint32_t entries)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	return map ? bpf_map__set_max_entries(map, entries) : -ENOENT;
}

static struct ior_filter filter_of(const struct ours *ours)
{
	struct ior_filter filter = { .kinds = ours->out };

	for (size_t i = 0; i < IOR_FILTER_MAX; i++) {
		filter.pid[i] = 1;
		filter.uid[i] = 54321;
		filter.cgroup[i] = ~0ull;
	}
	if (ours->in) {
		filter.kinds = IOR_FILTER_UID | IOR_FILTER_COMM;
		filter.uid[0] = getuid();
		filter.comm.begin[0] = filter.comm.star[0] = filter.comm.end[0] = 1;
	}
	return filter;
}

static int configure(struct bpf_object *object, const struct ours *ours)
{
	const uint32_t shards = ours_shards(), per_shard = IOR_ROWS_RESERVED + ours->rows;
	const struct ior_settings settings = {
		.rows_per_shard = per_shard,
		.by = ours->by,
		.shards = shards,
		.errno_shards = shards,
		.seats = ours->seats,
	};
	struct ior_config config = { .started_ns = 1, .filters = { [1] = filter_of(ours) } };
	struct selection selection;
	int r;

	if (ours->out || ours->in)
		config.filter = IOR_FILTER_WORD(config.filters[1].kinds, 1);
	memset(selection.on, !ours->none_selected, sizeof(selection.on));
	kernel_config_fill(&config, &selection, false);
	if ((r = set_globals(object, ".rodata.settings", &settings, sizeof(settings))) ||
	    (r = set_globals(object, ".data.config", &config, sizeof(config))) ||
	    (r = resize(object, "rows", shards * per_shard)) ||
	    (r = resize(object, "keys", per_shard)) ||
	    (r = resize(object, "errnos", shards * IOR_NR_CALLS)) ||
	    (r = resize(object, "seats", ours->seats ?: 1)))
		return r;
	r = resize(object, "intern", ours->rows);
	return r ?: resize(object, "free_rows", ours->rows);
}

void programs_choose(struct bpf_object *object, const char *const *names)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		bool wanted = false;

		for (const char *const *name = names; name && *name; name++)
			wanted = wanted || !strcmp(bpf_program__name(program), *name);
		(void)bpf_program__set_autoload(program, wanted);
	}
}

int ours_load(const struct ours *ours, const char *const *programs, struct bpf_object **ret)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "ior_bpf");
	struct bpf_object *object;
	const void *bytes;
	size_t size;
	int r;

	if (ours->path) {
		object = bpf_object__open_file(ours->path, &opts);
	} else {
		bytes = ior_bpf__elf_bytes(&size);
		object = bpf_object__open_mem(bytes, size, &opts);
	}
	if (!object)
		return -errno;
	programs_choose(object, programs);
	r = configure(object, ours);
	if (!r)
		r = bpf_object__load(object);
	if (r) {
		bpf_object__close(object);
		return r;
	}
	*ret = object;
	return 0;
}
