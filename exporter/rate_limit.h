/* SPDX-License-Identifier: Apache-2.0 */
/* A token bucket: `burst` requests at once, and one more each interval. */
#ifndef RATE_LIMIT_H
#define RATE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct rate_limit {
	uint64_t interval_ns; /* 0: no limit */
	uint64_t burst;
	uint64_t full_ns; /* when the bucket will be, or was, full */
};

/* A full bucket. At most 24 h and 100,000, so that their product fits. */
void rate_limit_init(struct rate_limit *ret, uint64_t interval_ns, uint64_t burst);

/* Takes a token, or says that there is none. now_ns does not go back. */
bool rate_limit_allow(struct rate_limit *limit, uint64_t now_ns);

#endif
