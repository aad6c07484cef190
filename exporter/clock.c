/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <time.h>

static uint64_t read_clock(clockid_t id)
{
	struct timespec now;

	(void)clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t monotonic_ns(void *arg)
{
	(void)arg;
	return read_clock(CLOCK_MONOTONIC);
}

static uint64_t realtime_ns(void *arg)
{
	(void)arg;
	return read_clock(CLOCK_REALTIME);
}

const struct clock clock_system = { monotonic_ns, realtime_ns, NULL };
