/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do the attached programs see every call? The exporter makes known ones, from four threads on each
 * CPU at once (1,024 at most), so that they preempt each other inside the programs, and compares.
 */
#ifndef SELF_TEST_H
#define SELF_TEST_H

#include <stdbool.h>
#include <stdint.h>

#include "ior.h"

struct self_test {
	uint64_t made, seen; /* calls; seen at both ends */
};

/* How many threads that are, of that many CPUs. */
static inline unsigned int self_test_threads(unsigned int cpus)
{
	return cpus < 256 ? 4 * cpus : 1024;
}

/* Makes calls for duration_ms and fills *ret; config is the programs' own, whose self_tgid must be
 * this process's, and passes (IOR_PASSES) is where they count. Nothing of it shows in any series.
 * Returns 0, or -errno if not a single thread could be started. */
int self_test_run(struct ior_config *config, const struct ior_passes *passes,
		  unsigned int duration_ms, struct self_test *ret);

#endif
