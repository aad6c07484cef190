/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the 31 bounds of the histogram the classic buckets show, and their `le` texts.
 */
#ifndef BOUNDS_H
#define BOUNDS_H

#include <stddef.h>
#include <stdint.h>

/* Slots 0 .. BOUNDS_MAX-1 of a row have an upper bound: 2^(slot-24) seconds. */
#define BOUNDS_MAX 31

/* Go's shortest text of each bound in seconds, with ".0" where it would be an integer: the one
 * spelling that every Prometheus stores alike. */
extern const char *const bound_le[BOUNDS_MAX];

/* The same as numbers, which they are exactly. */
extern const double bound_seconds[BOUNDS_MAX];

struct bounds {
	uint8_t slot[BOUNDS_MAX]; /* ascending */
	size_t n;
};

/* The bounds from the largest that is at most min_ns (or the smallest of all) to the smallest that
 * is at least max_ns (or the largest of all), every step-th of them. Returns 0, or -EINVAL if
 * min_ns > max_ns or step is 0. */
int bounds_choose(uint64_t min_ns, uint64_t max_ns, unsigned int step, struct bounds *ret);

#endif
