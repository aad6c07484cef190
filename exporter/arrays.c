/* SPDX-License-Identifier: Apache-2.0 */
#include "arrays.h"

#include <string.h>

#include "cgroups.h"
#include "kernel_config.h"

#define WORDS (sizeof(struct ior_row) / sizeof(__u64))

/* Adds the row of each shard. The kernel may be counting: aligned 64-bit words are read whole on
 * the architectures that have a table, also as parts of a vector, which plain loads let the
 * compiler use and atomic ones do not. */
static void sum_row(const struct arrays *arrays, uint32_t id, struct ior_row *ret)
{
	const size_t stride = arrays->rows_per_shard * WORDS;
	const __u64 *restrict from = (const __u64 *)&arrays->rows[id];
	__u64 *restrict to = (__u64 *)ret;

	if (arrays->shards == 1) {
		memcpy(ret, from, sizeof(*ret));
		return;
	}
	for (size_t i = 0; i < WORDS; i++) /* two at once: adding to a copy waits for the copy */
		to[i] = from[i] + from[stride + i];
	for (uint32_t shard = 2; shard < arrays->shards; shard++)
		for (size_t i = 0; i < WORDS; i++)
			to[i] += from[shard * stride + i];
}

static uint64_t calls_of(const struct ior_row *counts)
{
	uint64_t calls = 0;

	for (size_t i = 0; i < IOR_SLOTS; i++)
		calls += counts->slot[i];
	return calls;
}

uint32_t rows_in_use(const struct arrays *arrays, uint32_t used)
{
	uint32_t n = 0;

	for (uint32_t id = IOR_ROWS_RESERVED; id < used; id++)
		n += !!__atomic_load_n(&arrays->keys[id].state, __ATOMIC_RELAXED);
	return n;
}

static void note_visit(struct row_note *note, uint64_t calls)
{
	note->grew |= calls != note->calls;
	note->calls = calls;
	note->read = 1;
}

/* One row, which has counted something. */
static const struct container *container_of(const struct arrays *arrays, uint32_t id)
{
	if (!arrays->cgroups)
		return NULL;
	return id < IOR_ROWS_RESERVED ? &container_other :
					cgroups_find(arrays->cgroups, arrays->keys[id].cgroup);
}

static int visit_row(const struct arrays *arrays, uint32_t id, const struct ior_row *counts,
		     const struct source_visitor *visitor)
{
	const bool reserved = id < IOR_ROWS_RESERVED;
	const uint32_t nr = reserved ? id : arrays->keys[id].nr;
	char comm[LABEL_SIZE];
	struct source_row row = { .id = (uint64_t)id << 32 | arrays->notes[id].generation,
				  .other = reserved,
				  .comm = comm,
				  .container = container_of(arrays, id),
				  .counts = counts };

	if (!(arrays->by & BY_COMM))
		comm[0] = '\0';
	else if (reserved)
		memcpy(comm, LABEL_OTHER, sizeof(LABEL_OTHER));
	else
		(void)label_from_comm(comm, (const char *)arrays->keys[id].comm, IOR_COMM_LEN);
	if (nr < IOR_NR_CALLS)
		row.call = syscall_by_nr(nr);
	else
		row.family = kernel_config_family(nr - IOR_NR_GAP);
	return visitor->row(visitor->arg, &row);
}

/* Before any cgroup is asked for: of a row that comes later the cgroup may be younger than the list
 * that it is looked for in, and would be taken for one that is gone. */
static void note_named(const struct arrays *arrays, uint32_t used)
{
	for (uint32_t id = 0; id < used; id++)
		arrays->notes[id].named =
			id < IOR_ROWS_RESERVED ||
			__atomic_load_n(&arrays->keys[id].state, __ATOMIC_ACQUIRE);
}

int rows_visit(const struct arrays *arrays, uint32_t rows_used,
	       const struct source_visitor *visitor)
{
	struct ior_row counts;

	if (arrays->cgroups)
		cgroups_begin(arrays->cgroups);
	note_named(arrays, rows_used);
	for (uint32_t id = 0; id < rows_used; id++) {
		uint64_t calls;
		int r;

		if (!arrays->notes[id].named)
			continue;
		sum_row(arrays, id, &counts);
		calls = calls_of(&counts);
		note_visit(&arrays->notes[id], calls);
		if (!calls)
			continue; /* just made, its first call is being counted */
		r = visit_row(arrays, id, &counts, visitor);
		if (r < 0)
			return r;
	}
	return 0;
}

int errnos_visit(const struct arrays *arrays, const struct source_visitor *visitor)
{
	for (uint32_t nr = 0; nr < IOR_NR_CALLS; nr++) {
		struct ior_errnos sum = { 0 };

		for (uint32_t shard = 0; shard < arrays->errno_shards; shard++)
			for (unsigned int slot = 0; slot < IOR_ERRNOS; slot++)
				sum.count[slot] += __atomic_load_n(
					&arrays->errnos[(size_t)shard * IOR_NR_CALLS + nr]
						 .count[slot],
					__ATOMIC_RELAXED);
		for (unsigned int slot = 0; slot < IOR_ERRNOS; slot++) {
			int r;

			if (!sum.count[slot])
				continue;
			r = visitor->error(visitor->arg, syscall_by_nr(nr), slot, sum.count[slot]);
			if (r < 0)
				return r;
		}
	}
	return 0;
}
