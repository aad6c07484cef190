/* SPDX-License-Identifier: Apache-2.0 */
#include "ours.h"

#include <errno.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "ior.h"
#include "ior.skel.h"
#include "kernel_config.h"

uint32_t ours_shards(void)
{
	int cpus = libbpf_num_possible_cpus();

	return cpus > 0 ? (uint32_t)cpus : 1;
}

/* The bytes that a map of globals will have at load, NULL if the object has no such map or it is
 * smaller than the exporter's: a build from other sources than this program's. */
static void *globals(struct bpf_object *object, const char *section, size_t size)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, section);
	size_t has = 0;
	/* const before libbpf 1.4, though to be written to: a skeleton does just that */
	void *bytes = map ? (void *)bpf_map__initial_value(map, &has) : NULL;

	return has >= size ? bytes : NULL;
}

static int resize(struct bpf_object *object, const char *name, uint32_t entries)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	return map ? bpf_map__set_max_entries(map, entries) : -ENOENT;
}

static int configure(struct bpf_object *object, bool selected, uint32_t rows)
{
	struct ior_bpf__rodata *rodata = globals(object, ".rodata", sizeof(*rodata));
	struct ior_bpf__data_config *data = globals(object, ".data.config", sizeof(*data));
	uint32_t shards = ours_shards(), per_shard = IOR_ROWS_RESERVED + rows;
	struct selection selection;
	int r;

	if (!rodata || !data)
		return -EINVAL;
	rodata->rows_per_shard = per_shard;
	rodata->shards = shards;
	rodata->errno_shards = shards;
	memset(selection.on, selected, sizeof(selection.on));
	kernel_config_fill(&data->config, &selection, 0);
	if ((r = resize(object, "rows", shards * per_shard)) ||
	    (r = resize(object, "keys", per_shard)) ||
	    (r = resize(object, "errnos", shards * IOR_NR_COUNT)))
		return r;
	return resize(object, "intern", rows);
}

int ours_load(const char *path, bool selected, uint32_t rows, struct bpf_object **ret)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "ior_bpf");
	struct bpf_object *object;
	const void *bytes;
	size_t size;
	int r;

	if (path) {
		object = bpf_object__open_file(path, &opts);
	} else {
		bytes = ior_bpf__elf_bytes(&size);
		object = bpf_object__open_mem(bytes, size, &opts);
	}
	if (!object)
		return -errno;
	r = configure(object, selected, rows);
	if (!r)
		r = bpf_object__load(object);
	if (r) {
		bpf_object__close(object);
		return r;
	}
	*ret = object;
	return 0;
}
