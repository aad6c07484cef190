/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of the kernel that nobody counts in any more are given to others, so that a machine whose
 * programs come and go never runs out of them. No count is lost or gets under another name:
 *
 * 1. An idle row is retired: no program finds it from then on. Threads that know it go on.
 * 2. After a wait for the programs that did not see that yet, the epoch changes, so each thread
 *    forgets the rows that it knew before it counts again, however long it slept. After another
 *    wait nobody counts in the row any more: it is quiet.
 * 3. The next read takes what it had counted until then.
 * 4. Its counters are cleared, and it is free.
 *
 * Plain memory and two functions to this module, so it needs no kernel to be tested.
 */
#ifndef RECLAIM_H
#define RECLAIM_H

#include <stdint.h>

#include "arrays.h"

struct reclaim_ops {
	int (*wait)(void *arg);		      /* see bpf_wait() */
	int (*give)(void *arg, uint32_t row); /* makes the row one that programs may take */
	void *arg;
};

/* Nothing is given back while no more than half of the rows are in use, and none that counted
 * something within this time. */
#define RECLAIM_IDLE_SECONDS 60

/* One step, between two reads: rows that were quiet at the last one are given back, and rows below
 * `used` that are idle are made quiet. All that the last read visited must be taken over. *epoch is
 * ior_config.rows_epoch. Returns 0, or what an operation returned: then nothing is lost, and it may
 * be tried again. */
int reclaim_step(const struct arrays *arrays, uint32_t used, const struct reclaim_ops *ops,
		 uint32_t *epoch, uint64_t now_ns);

#endif
