/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the head of a request must be before anybody looks for its answer. Where two readers of one
 * request can differ (a body, a length said twice, a zero byte, two hosts), one of them may be made
 * to take a part of it for the next request: such a request is refused and its connection closed.
 * Knows RFC 9112; no server.
 */
#ifndef HEAD_H
#define HEAD_H

#include <stdbool.h>
#include <stdint.h>

/* What is wrong with a request target, as it was sent; NULL: nothing. */
const char *head_target_fault(const char *target);

/* The path of a target, which may be a whole URI (RFC 9112, 3.2.2: a server takes them from any
 * client). A query is not looked for; nor is its scheme, for there may be a proxy that ends TLS. */
const char *head_path(const char *target);

struct head {
	const char *fault; /* the first one; NULL: none yet */
	bool host;
	uint64_t timeout_ns; /* X-Prometheus-Scrape-Timeout-Seconds; UINT64_MAX: it does not say */
};

#define HEAD_EMPTY ((struct head){ .timeout_ns = UINT64_MAX })

/* Takes in one header field of the request. */
void head_add(struct head *head, const char *name, const char *value);

/* When all are in: what is wrong, or NULL. */
const char *head_fault(const struct head *head, const char *version);

#endif
