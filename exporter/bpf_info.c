/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf_info.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The charge stands in fdinfo only ("memlock: 4096"). */
static uint64_t map_memory(int fd)
{
	unsigned long long bytes = 0;
	char path[64], line[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "memlock:", 8))
			bytes = strtoull(line + 8, NULL, 10);
	if (file)
		(void)fclose(file);
	return bytes;
}

static int compare_maps(const void *a, const void *b)
{
	return strcmp(((const struct source_map *)a)->name, ((const struct source_map *)b)->name);
}

void bpf_info_maps(const struct bpf_object *object, struct source_info *ret)
{
	const struct bpf_map *map;

	ret->maps_n = 0;
	bpf_object__for_each_map(map, object)
	{
		struct source_map *to = &ret->maps[ret->maps_n];
		const char *name = bpf_map__name(map);

		if (ret->maps_n == SOURCE_MAPS || bpf_map__fd(map) < 0)
			continue;
		/* libbpf names a section's map after its object: "ior_bpf.data.config" */
		if (strchr(name, '.'))
			name = strrchr(name, '.') + 1;
		(void)snprintf(to->name, sizeof(to->name), "%.15s", name);
		to->memory = map_memory(bpf_map__fd(map));
		ret->maps_n++;
	}
	qsort(ret->maps, ret->maps_n, sizeof(ret->maps[0]), compare_maps);
}

static int compare_programs(const void *a, const void *b)
{
	return strcmp(((const struct source_program *)a)->name,
		      ((const struct source_program *)b)->name);
}

int bpf_info_open_stats(void)
{
	return open("/proc/sys/kernel/bpf_stats_enabled", O_RDONLY | O_CLOEXEC);
}

static bool stats_enabled(int fd)
{
	char c = '0';

	return fd >= 0 && pread(fd, &c, 1, 0) == 1 && c == '1';
}

static bool describe(const struct bpf_object *object, const char *name, struct source_program *ret)
{
	const struct bpf_program *program = bpf_object__find_program_by_name(object, name);
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	/* one that was not loaded has no descriptor */
	if (!program || bpf_program__fd(program) < 0 ||
	    bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) < 0)
		return false;
	(void)snprintf(ret->name, sizeof(ret->name), "%s", name);
	ret->recursion_misses = info.recursion_misses;
	ret->run_time_ns = info.run_time_ns;
	ret->runs = info.run_cnt;
	return true;
}

void bpf_info_programs(const struct bpf_object *object, const char *const *names, size_t n,
		       int stats_fd, struct source_status *ret)
{
	ret->programs_n = 0;
	for (size_t i = 0; i < n && ret->programs_n < SOURCE_PROGRAMS; i++)
		ret->programs_n += describe(object, names[i], &ret->programs[ret->programs_n]);
	qsort(ret->programs, ret->programs_n, sizeof(ret->programs[0]), compare_programs);
	ret->bpf_stats = stats_enabled(stats_fd);
}

uint64_t bpf_info_misses(const struct bpf_object *object, const char *name)
{
	struct source_program program = { .recursion_misses = 0 };

	return describe(object, name, &program) ? program.recursion_misses : 0;
}
