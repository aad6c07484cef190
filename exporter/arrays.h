/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arrays that the kernel's programs count in, as mapped: sums over shards, names of rows. Plain
 * memory to this module, so it needs no kernel to be tested or measured.
 */
#ifndef ARRAYS_H
#define ARRAYS_H

#include <stdint.h>

#include "ior.h"
#include "source.h"

/* What is remembered of a row; see reclaim.h. */
struct row_note {
	uint64_t calls;		  /* that the last visit found */
	uint32_t since_s;	  /* it had these by then, monotonic; 0: not known */
	uint32_t generation : 28; /* how often it was given back */
	uint32_t grew : 1;	  /* since the last step of reclaim.c */
	uint32_t quiet : 1;	  /* nobody counts in it any more */
	uint32_t read : 1;	  /* it was visited since it is quiet */
	uint32_t named : 1;	  /* when the visit began; then younger rows are left to the next */
};

struct cgroups;

struct arrays {
	struct ior_row *rows;		 /* [shards][rows_per_shard] */
	struct ior_key *keys;		 /* [rows_per_shard] */
	const struct ior_errnos *errnos; /* [errno_shards][IOR_NR_CALLS] */
	struct row_note *notes;		 /* [rows_per_shard] */
	struct cgroups *cgroups;	 /* if rows are named by container; else NULL */
	unsigned int by;		 /* enum by */
	uint32_t shards, errno_shards, rows_per_shard;
};

/* Of the rows below `used`, how many have a name, without the reserved ones. */
uint32_t rows_in_use(const struct arrays *arrays, uint32_t used);

/* Visits the rows below `used` that have counted something, each summed over the shards; and the
 * errors of each system call. The kernel may be counting meanwhile: each counter read is one that
 * it had. Returns 0, or what a visitor returned to end it. */
int rows_visit(const struct arrays *arrays, uint32_t used, const struct source_visitor *visitor);
int errnos_visit(const struct arrays *arrays, const struct source_visitor *visitor);

#endif
