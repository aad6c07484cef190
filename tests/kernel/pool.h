/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that are loaded once for all tests. To have the kernel verify them takes most of a short
 * test's time where the machine is emulated, so the suite's process loads the kinds of tracer that
 * many tests want, and does not attach them; a test that wants such a one attaches these, with maps
 * as new, what they keep of each thread included. Links are its own, so a test that fails leaves
 * nothing for the next one.
 */
#ifndef POOL_H
#define POOL_H

#include <stdbool.h>

#include "source.h"

/* Loads a tracer for these options, as tracer_load() does, unless one of the pool serves
 * them as well. Returns 0, or -errno with *err. */
int pool_add(const struct source_bpf_options *options, unsigned int hierarchy,
	     struct source_error *err);

/* Does the calling process' next source take its programs from the pool, where they fit? It does
 * not unless told so. */
void pool_lend(bool lend);

/* Threads of that comm that have a seat, of the programs lent to the calling process. They have
 * made a call since. */
unsigned int pool_seats_of(const char comm[16]);

/* Lends no more, and unloads what no other process has. */
void pool_close(void);

#endif
