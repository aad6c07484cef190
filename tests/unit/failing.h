/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allocations that fail on demand: the linker wraps malloc, calloc, realloc, reallocarray, strdup
 * and strndup of our objects (not those inside of shared libraries). Off until armed.
 *
 *	for (size_t n = 1;; n++) {
 *		failing_arm(n);
 *		r = operation();
 *		if (!failing_disarm())
 *			break; // it needs fewer than n
 *		...
 *	}
 *
 * Check allocates too: disarm before an assertion.
 */
#ifndef FAILING_H
#define FAILING_H

#include <stdbool.h>
#include <stddef.h>

/* The n-th allocation from now on fails (1: the next one), and no other. */
void failing_arm(size_t n);

/* The same, but the calling thread's allocations succeed and do not count. */
void failing_arm_elsewhere(size_t n);

/* Ends it. Did the allocation come, and fail? */
bool failing_disarm(void);

#endif
