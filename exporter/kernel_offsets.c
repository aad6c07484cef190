/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel_offsets.h"

#include <bpf/btf.h>
#include <stdlib.h>
#include <string.h>

#include "ior.h"

/* Anonymous structs within task_struct: with CONFIG_RANDSTRUCT one that holds nearly all of it. */
#define DEPTH_MAX 4

/* Type and byte offset of a member. */
struct place {
	uint32_t type, offset;
};

/* Finds a member by name, in anonymous members too. Returns whether it is there. */
static bool find_member(const struct btf *btf, uint32_t type, const char *name, unsigned int depth,
			struct place *ret)
{
	const struct btf_type *composite = btf__type_by_id(btf, type);
	struct place inner;

	if (!composite || !btf_is_composite(composite))
		return false;
	for (uint32_t i = 0; i < btf_vlen(composite); i++) {
		const struct btf_member *member = &btf_members(composite)[i];
		const uint32_t offset = btf_member_bit_offset(composite, i) / 8;
		const char *has = btf__name_by_offset(btf, member->name_off);

		if (!strcmp(has, name)) {
			*ret = (struct place){ member->type, offset };
			return true;
		}
		if (!*has && depth && find_member(btf, member->type, name, depth - 1, &inner)) {
			*ret = (struct place){ inner.type, offset + inner.offset };
			return true;
		}
	}
	return false;
}

/* 0 if it is not there. */
static uint32_t offset_of(const struct btf *btf, uint32_t type, const char *name)
{
	struct place place;

	return find_member(btf, type, name, DEPTH_MAX, &place) ? place.offset : 0;
}

/* Where thread_info is part of the task and has a status: on x86-64. */
static uint32_t offset_of_status(const struct btf *btf, uint32_t task)
{
	struct place info, status;

	if (!find_member(btf, task, "thread_info", DEPTH_MAX, &info) ||
	    !find_member(btf, info.type, "status", DEPTH_MAX, &status))
		return 0;
	return info.offset + status.offset;
}

/* Both or neither. */
static void fill_pair(const struct btf *btf, uint32_t task, const char *first, const char *second,
		      uint32_t *ret_first, uint32_t *ret_second)
{
	*ret_first = offset_of(btf, task, first);
	*ret_second = offset_of(btf, task, second);
	if (!*ret_first || !*ret_second)
		*ret_first = *ret_second = 0;
}

void kernel_offsets_fill(const struct btf *btf, struct ior_settings *ret)
{
	const int task = btf__find_by_name_kind(btf, "task_struct", BTF_KIND_STRUCT);

	if (task < 0)
		return;
	fill_pair(btf, (uint32_t)task, "comm", "group_leader", &ret->task_comm,
		  &ret->task_group_leader);
	fill_pair(btf, (uint32_t)task, "sas_ss_sp", "sas_ss_size", &ret->task_sas_ss_sp,
		  &ret->task_sas_ss_size);
	ret->task_status = offset_of_status(btf, (uint32_t)task);
}

void kernel_offsets_find(struct ior_settings *ret)
{
	struct btf *btf = btf__load_vmlinux_btf();

	if (!btf)
		return;
	kernel_offsets_fill(btf, ret);
	btf__free(btf);
}

/* Both take bits 1 and 2 where they are those of include/asm-generic/thread_info_tif.h: x86 does in
 * newer kernels, arm64 not up to 7.3, as the tests show that are run there. A bit too many makes a
 * call that returns a restart code without a signal an interrupted one, if it happens to be set;
 * one that is missing makes two of a call that is interrupted, so it is the worse. */
uint32_t kernel_signal_flags(bool arm64, const char *release)
{
	char *rest;
	const unsigned long major = strtoul(release, &rest, 10);
	const unsigned long minor = *rest == '.' ? strtoul(rest + 1, NULL, 10) : 0;
	const unsigned long version = major * 1000 + minor;
	const uint32_t generic = 1u << 1 | 1u << 2;

	if (arm64)
		return (version <= 7003 ? 0 : generic) | 1u << 0 | 1u << 6 | 1u << 7;
	if (version <= 5010) /* which got the second one later */
		return 1u << 2 | 1u << 19;
	return (version <= 6017 ? 1u << 2 : generic) | 1u << 17;
}
