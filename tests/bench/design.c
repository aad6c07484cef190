/* SPDX-License-Identifier: Apache-2.0 */
#include "design.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "ior.h"
#include "ours.h"
#include "reference.skel.h"
#include "tracer_maps.h"

/* In the order of attaching: the end of a call before its beginning. */
static const char *const programs[][DESIGN_LINKS] = {
	[DESIGN_NONE] = { NULL },
	[DESIGN_EMPTY] = { "empty_exit", "empty_enter" },
	[DESIGN_FLOOR] = { "floor_exit", "floor_enter" },
	[DESIGN_OURS] = { "sys_exit", "process_exit", "sys_enter" },
	[DESIGN_UNSELECTED] = { "sys_exit", "process_exit", "sys_enter" },
	[DESIGN_OUT_PID] = { "sys_exit", "process_exit", "sys_enter" },
	[DESIGN_OUT_UID] = { "sys_exit", "process_exit", "sys_enter" },
	[DESIGN_OUT_COMM] = { "sys_exit", "process_exit", "sys_enter" },
	[DESIGN_OUT_CGROUP] = { "sys_exit", "process_exit", "sys_enter" },
	[DESIGN_IN] = { "sys_exit", "process_exit", "sys_enter" },
	[DESIGN_BY_BOTH] = { "sys_exit", "process_exit", "sys_enter" },
	[DESIGN_BY_CONTAINER] = { "sys_exit", "process_exit", "sys_enter" },
	[DESIGN_BY_NONE] = { "sys_exit", "process_exit", "sys_enter" },
	[DESIGN_USUAL] = { "usual_exit", "usual_enter" },
	[DESIGN_SHARED] = { "sys_exit_shared", "process_exit", "sys_enter" },
	[DESIGN_COPY] = { "sys_exit_0", "process_exit", "sys_enter_0" },
	[DESIGN_COPIES_2] = { "sys_exit_0", "sys_exit_1", "process_exit", "sys_enter_0",
			      "sys_enter_1" },
	[DESIGN_COPIES_4] = { "sys_exit_0", "sys_exit_1", "sys_exit_2", "sys_exit_3",
			      "process_exit", "sys_enter_0", "sys_enter_1", "sys_enter_2",
			      "sys_enter_3" },
};

static int load_reference(enum design design, struct bpf_object **ret)
{
	struct bpf_object *object;
	const void *bytes;
	size_t size;
	int r;

	bytes = reference_bpf__elf_bytes(&size);
	object = bpf_object__open_mem(bytes, size, NULL);
	if (!object)
		return -errno;
	programs_choose(object, programs[design]);
	r = bpf_object__load(object);
	if (r) {
		bpf_object__close(object);
		return r;
	}
	*ret = object;
	return 0;
}

static uint32_t by_of(enum design design)
{
	switch (design) {
	case DESIGN_BY_BOTH:
		return IOR_BY_COMM | IOR_BY_CGROUP;
	case DESIGN_BY_CONTAINER:
		return IOR_BY_CGROUP;
	case DESIGN_BY_NONE:
		return 0;
	default:
		return IOR_BY_COMM;
	}
}

static bool has_copies(enum design design)
{
	return design == DESIGN_COPY || design == DESIGN_COPIES_2 || design == DESIGN_COPIES_4;
}

static int load_ours(enum design design, const char *path, struct bpf_object **ret)
{
	static const uint32_t out[] = {
		[DESIGN_OUT_PID] = IOR_FILTER_PID,
		[DESIGN_OUT_UID] = IOR_FILTER_UID,
		[DESIGN_OUT_COMM] = IOR_FILTER_COMM,
		[DESIGN_OUT_CGROUP] = IOR_FILTER_CGROUP,
	};
	const struct ours ours = {
		.path = path,
		.none_selected = design == DESIGN_UNSELECTED,
		.rows = OURS_ROWS,
		.out = design < sizeof(out) / sizeof(out[0]) ? out[design] : 0,
		.by = by_of(design),
		.seats = has_copies(design) ? 0 : tracer_maps_seats(ours_shards()),
		.in = design == DESIGN_IN,
	};

	return ours_load(&ours, programs[design], ret);
}

int design_load(struct loaded *loaded, enum design design, const char *path)
{
	switch (design) {
	case DESIGN_NONE:
		return 0;
	case DESIGN_EMPTY:
	case DESIGN_FLOOR:
	case DESIGN_USUAL:
		return load_reference(design, &loaded->object);
	default:
		return load_ours(design, path, &loaded->object);
	}
}

int design_attach(struct loaded *loaded, enum design design)
{
	for (int i = 0; i < DESIGN_LINKS && programs[design][i]; i++) {
		struct bpf_program *program =
			bpf_object__find_program_by_name(loaded->object, programs[design][i]);

		loaded->links[i] = program ? bpf_program__attach(program) : NULL;
		if (!loaded->links[i]) {
			int r = program ? -errno : -ENOENT;

			design_detach(loaded);
			return r;
		}
	}
	return 0;
}

void design_detach(struct loaded *loaded)
{
	for (int i = 0; i < DESIGN_LINKS; i++) {
		(void)bpf_link__destroy(loaded->links[i]);
		loaded->links[i] = NULL;
	}
}

void design_unload(struct loaded *loaded)
{
	design_detach(loaded);
	bpf_object__close(loaded->object);
	loaded->object = NULL;
}

static uint32_t link_id(const struct bpf_link *link)
{
	struct bpf_link_info info = {};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &size) ? 0 : info.id;
}

/* Is the link a raw tracepoint's at a system call? Programs of type tp_btf have such links too. */
static bool is_syscall_link(uint32_t id)
{
	int fd = bpf_link_get_fd_by_id(id);
	struct bpf_link_info info = {};
	__u32 size = sizeof(info);
	char name[32] = "";
	bool is = false;

	if (fd < 0)
		return false;
	info.raw_tracepoint.tp_name = (uintptr_t)name;
	info.raw_tracepoint.tp_name_len = sizeof(name);
	if (!bpf_obj_get_info_by_fd(fd, &info, &size) &&
	    (info.type == BPF_LINK_TYPE_RAW_TRACEPOINT || info.type == BPF_LINK_TYPE_TRACING))
		is = !strcmp(name, "sys_enter") || !strcmp(name, "sys_exit");
	close(fd);
	return is;
}

unsigned int design_others(const struct loaded *loaded)
{
	unsigned int own = 0, all = 0;
	uint32_t id = 0;

	for (int i = 0; i < DESIGN_LINKS; i++)
		if (loaded->links[i])
			own += is_syscall_link(link_id(loaded->links[i]));
	while (!bpf_link_get_next_id(id, &id))
		all += is_syscall_link(id);
	return all > own ? all - own : 0;
}
