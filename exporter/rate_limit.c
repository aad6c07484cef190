/* SPDX-License-Identifier: Apache-2.0 */
#include "rate_limit.h"

void rate_limit_init(struct rate_limit *ret, uint64_t interval_ns, uint64_t burst)
{
	*ret = (struct rate_limit){ interval_ns, burst, 0 };
}

bool rate_limit_allow(struct rate_limit *limit, uint64_t now_ns)
{
	uint64_t full_ns = limit->full_ns > now_ns ? limit->full_ns : now_ns;

	if (!limit->interval_ns)
		return true;
	/* a token is missing for each interval until it is full */
	if (full_ns + limit->interval_ns - now_ns > limit->burst * limit->interval_ns)
		return false;
	limit->full_ns = full_ns + limit->interval_ns;
	return true;
}
