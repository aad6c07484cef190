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

struct arrays {
	const struct ior_row *rows;	 /* [shards][rows_per_shard] */
	const struct ior_key *keys;	 /* [rows_per_shard] */
	const struct ior_errnos *errnos; /* [errno_shards][IOR_NR_CALLS] */
	uint32_t shards, errno_shards, rows_per_shard;
};

/* Visits the rows below `used` that have counted something, each summed over the shards; and the
 * errors of each system call. The kernel may be counting meanwhile: each counter read is one that
 * it had. Returns 0, or what a visitor returned to end it. */
int rows_visit(const struct arrays *arrays, uint32_t used, const struct source_visitor *visitor);
int errnos_visit(const struct arrays *arrays, const struct source_visitor *visitor);

#endif
