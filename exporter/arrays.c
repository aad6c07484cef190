/* SPDX-License-Identifier: Apache-2.0 */
#include "arrays.h"

#include <string.h>

static void add_row(struct ior_row *sum, const struct ior_row *row)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)row;

	for (size_t i = 0; i < sizeof(*sum) / sizeof(*to); i++)
		to[i] += __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}

static bool row_is_zero(const struct ior_row *row)
{
	const uint64_t *word = (const uint64_t *)row;
	uint64_t any = 0;

	for (size_t i = 0; i < sizeof(*row) / sizeof(*word); i++)
		any |= word[i];
	return !any;
}

static void sum_row(const struct arrays *arrays, uint32_t id, struct ior_row *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (uint32_t shard = 0; shard < arrays->shards; shard++)
		add_row(ret, &arrays->rows[(size_t)shard * arrays->rows_per_shard + id]);
}

int rows_visit(const struct arrays *arrays, uint32_t rows_used,
	       const struct source_visitor *visitor)
{
	struct ior_row counts;

	for (uint32_t id = 0; id < rows_used; id++) {
		const bool reserved = id < IOR_ROWS_RESERVED;
		char comm[LABEL_SIZE] = LABEL_OTHER;
		struct source_row row = { .comm = comm, .counts = &counts };
		int r;

		if (!reserved && !__atomic_load_n(&arrays->keys[id].ready, __ATOMIC_ACQUIRE))
			continue;
		sum_row(arrays, id, &counts);
		if (row_is_zero(&counts))
			continue; /* just made, its first call is being counted */
		if (!reserved)
			(void)label_from_comm(comm, (const char *)arrays->keys[id].comm,
					      IOR_COMM_LEN);
		row.call = syscall_by_nr(reserved ? id : arrays->keys[id].nr);
		r = visitor->row(visitor->arg, &row);
		if (r < 0)
			return r;
	}
	return 0;
}

int errnos_visit(const struct arrays *arrays, const struct source_visitor *visitor)
{
	for (uint32_t nr = 0; nr < IOR_NR_COUNT; nr++) {
		struct ior_errnos sum = { 0 };

		for (uint32_t shard = 0; shard < arrays->errno_shards; shard++)
			for (unsigned int slot = 0; slot < IOR_ERRNOS; slot++)
				sum.count[slot] += __atomic_load_n(
					&arrays->errnos[(size_t)shard * IOR_NR_COUNT + nr]
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
