/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of histogram for the benchmarks of the formats.
 */
#ifndef BENCH_LINES_H
#define BENCH_LINES_H

#include "bounds.h"
#include "encode.h"
#include "families.h"
#include "snapshot.h"

/* Series of busy programs: values of all lengths, and seconds that need nine digits. */
struct lines {
	const struct family *family; /* which they are of */
	struct bounds bounds;
	struct series *series;
	size_t series_n;
	size_t n; /* lines that they are in the text format */
	struct tuple *tuples;
};

/* About n of them; false without memory. */
bool lines_make(size_t n, struct lines *ret);
void lines_free(struct lines *lines);

void lines_encode(struct encoder *encoder, const struct series *series);

uint64_t lines_now_ns(void);

#endif
