/* SPDX-License-Identifier: Apache-2.0 */
/* Time as a value, so that tests bring their own. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

struct clock {
	uint64_t (*monotonic_ns)(void *arg);
	uint64_t (*realtime_ns)(void *arg); /* since the epoch */
	void *arg;
};

/* CLOCK_MONOTONIC and CLOCK_REALTIME. */
extern const struct clock clock_system;

#endif
