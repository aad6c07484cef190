/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer.h"

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

/* In the order of attaching: the end of a call before its beginning. */
static const char *const programs[][TRACER_LINKS] = {
	[DESIGN_NONE] = { NULL },
	[DESIGN_EMPTY] = { "empty_exit", "empty_enter" },
	[DESIGN_FLOOR] = { "floor_exit", "floor_enter" },
	[DESIGN_OURS] = { "sys_exit", "process_exit", "sys_enter" },
	[DESIGN_UNSELECTED] = { "sys_exit", "process_exit", "sys_enter" },
	[DESIGN_USUAL] = { "usual_exit", "usual_enter" },
};

static bool belongs(const struct bpf_program *program, enum design design)
{
	for (int i = 0; i < TRACER_LINKS && programs[design][i]; i++)
		if (!strcmp(bpf_program__name(program), programs[design][i]))
			return true;
	return false;
}

static int load_reference(enum design design, struct bpf_object **ret)
{
	struct bpf_object *object;
	struct bpf_program *program;
	const void *bytes;
	size_t size;
	int r;

	bytes = reference_bpf__elf_bytes(&size);
	object = bpf_object__open_mem(bytes, size, NULL);
	if (!object)
		return -errno;
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, belongs(program, design));
	r = bpf_object__load(object);
	if (r) {
		bpf_object__close(object);
		return r;
	}
	*ret = object;
	return 0;
}

int tracer_load(struct tracer *tracer, enum design design, const char *path)
{
	switch (design) {
	case DESIGN_NONE:
		return 0;
	case DESIGN_OURS:
	case DESIGN_UNSELECTED:
		return ours_load(path, design == DESIGN_OURS, OURS_ROWS, &tracer->object);
	default:
		return load_reference(design, &tracer->object);
	}
}

int tracer_attach(struct tracer *tracer, enum design design)
{
	for (int i = 0; i < TRACER_LINKS && programs[design][i]; i++) {
		struct bpf_program *program =
			bpf_object__find_program_by_name(tracer->object, programs[design][i]);

		tracer->links[i] = program ? bpf_program__attach(program) : NULL;
		if (!tracer->links[i]) {
			int r = program ? -errno : -ENOENT;

			tracer_detach(tracer);
			return r;
		}
	}
	return 0;
}

void tracer_detach(struct tracer *tracer)
{
	for (int i = 0; i < TRACER_LINKS; i++) {
		(void)bpf_link__destroy(tracer->links[i]);
		tracer->links[i] = NULL;
	}
}

void tracer_unload(struct tracer *tracer)
{
	tracer_detach(tracer);
	bpf_object__close(tracer->object);
	tracer->object = NULL;
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

unsigned int tracer_others(const struct tracer *tracer)
{
	unsigned int own = 0, all = 0;
	uint32_t id = 0;

	/* Each design has one program at either end. */
	for (int i = 0; i < TRACER_LINKS; i++)
		if (tracer->links[i])
			own = 2;
	while (!bpf_link_get_next_id(id, &id))
		all += is_syscall_link(id);
	return all > own ? all - own : 0;
}
