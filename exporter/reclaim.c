/* SPDX-License-Identifier: Apache-2.0 */
#include "reclaim.h"

#include <string.h>

static void clear_counts(const struct arrays *arrays, uint32_t row)
{
	for (uint32_t shard = 0; shard < arrays->shards; shard++)
		memset(&arrays->rows[(size_t)shard * arrays->rows_per_shard + row], 0,
		       sizeof(struct ior_row));
}

/* Gives back what was quiet at the last read. Returns how many, or what failed. */
static int give_quiet(const struct arrays *arrays, uint32_t used, const struct reclaim_ops *ops)
{
	int given = 0;

	for (uint32_t row = IOR_ROWS_RESERVED; row < used; row++) {
		struct row_note *note = &arrays->notes[row];
		int r;

		if (!note->quiet || !note->read)
			continue;
		clear_counts(arrays, row);
		__atomic_store_n(&arrays->keys[row].state, 0, __ATOMIC_RELEASE);
		r = ops->give(ops->arg, row);
		if (r < 0)
			return r;
		*note = (struct row_note){ .generation = note->generation + 1u };
		given++;
	}
	return given;
}

static void retire(const struct arrays *arrays, uint32_t row)
{
	__atomic_fetch_or(&arrays->keys[row].state, IOR_ROW_RETIRED, __ATOMIC_SEQ_CST);
	arrays->notes[row].quiet = 1;
	arrays->notes[row].read = 0;
}

/* Rows that were just retired are in use again. */
static void take_back(const struct arrays *arrays, uint32_t used)
{
	for (uint32_t row = IOR_ROWS_RESERVED; row < used; row++) {
		if (!arrays->notes[row].quiet || arrays->notes[row].read)
			continue;
		arrays->notes[row].quiet = 0;
		__atomic_fetch_and(&arrays->keys[row].state, ~(uint32_t)IOR_ROW_RETIRED,
				   __ATOMIC_SEQ_CST);
	}
}

static int retire_idle(const struct arrays *arrays, uint32_t used, uint64_t now_ns)
{
	const uint32_t limit = arrays->rows_per_shard - IOR_ROWS_RESERVED;
	const bool full = rows_in_use(arrays, used) > limit / 2;
	const uint32_t now_s = (uint32_t)(now_ns / 1000000000);
	int retired = 0;

	for (uint32_t row = IOR_ROWS_RESERVED; row < used; row++) {
		struct row_note *note = &arrays->notes[row];

		if (note->grew || !note->since_s || !arrays->keys[row].state)
			note->since_s = now_s; /* who takes a free row has it since then */
		note->grew = 0;
		if (!full || note->quiet || arrays->keys[row].state != IOR_ROW_USED ||
		    now_s - note->since_s < RECLAIM_IDLE_SECONDS)
			continue;
		retire(arrays, row);
		retired++;
	}
	return retired;
}

int reclaim_step(const struct arrays *arrays, uint32_t used, const struct reclaim_ops *ops,
		 uint32_t *epoch, uint64_t now_ns)
{
	int given = give_quiet(arrays, used, ops), retired, r;

	if (given < 0)
		return given;
	retired = retire_idle(arrays, used, now_ns);
	r = retired ? ops->wait(ops->arg) : 0;
	/* Also for those that found no row and count under LABEL_OTHER since: now there are some.
	 */
	if (r == 0 && (given || retired))
		__atomic_fetch_add(epoch, 1, __ATOMIC_SEQ_CST);
	if (r == 0 && retired)
		r = ops->wait(ops->arg);
	if (r < 0)
		take_back(arrays, used);
	return r;
}
