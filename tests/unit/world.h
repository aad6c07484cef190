/* SPDX-License-Identifier: Apache-2.0 */
/* A fold over rows that a test lets grow, and what its pages show. */
#ifndef WORLD_H
#define WORLD_H

#include "fake.h"
#include "fold.h"

#define WORLD_ROWS_MAX 16

struct world {
	struct fake_source fake;
	struct fake_clock clock;
	struct fold *fold;
	struct fake_row rows[WORLD_ROWS_MAX];
	struct snapshot *snapshot; /* of the last page */
};

void world_open(struct world *world, const struct fold_options *options);
void world_close(struct world *world);

/* A row that has counted nothing yet; rows are told by their order. */
void world_row(struct world *world, const char *comm, const char *syscall);

/* Calls of row `at` of `ns` each. */
void world_calls(struct world *world, size_t at, uint64_t n, uint64_t ns);

struct buf;

/* Appends "COMM@ID", without what is no label. */
void world_add_tuple(struct buf *out, const struct tuple *tuple);

/* Opens with three comms a, b and c that called getpid, of which the middle one did so the fewest
 * times. */
void world_open_three(struct world *world, const struct fold_options *options);

/* Reads and folds `seconds` after the page before; the page must be `expected`: "SYSCALL
 * TUPLE=CALLS" of each series, in the page's order, separated by blanks. */
void world_page(struct world *world, uint64_t seconds, const char *expected);

#endif
