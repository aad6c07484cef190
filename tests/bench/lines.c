/* SPDX-License-Identifier: Apache-2.0 */
#include "lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

uint64_t lines_now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void fill(struct lines *lines)
{
	uint64_t random = 1;

	for (size_t i = 0; i < lines->series_n; i++) {
		struct series *series = &lines->series[i];

		series->call = &syscalls[i % SYSCALLS];
		series->tuple = &lines->tuples[i / SYSCALLS];
		(void)snprintf(lines->tuples[i / SYSCALLS].comm, LABEL_SIZE, "worker-%zu",
			       i / SYSCALLS);
		for (unsigned int slot = 4; slot < 24; slot++) {
			random = random * 6364136223846793005 + 1442695040888963407;
			series->counts.slot[slot] = (random >> 33) >> (slot + random % 8);
			series->calls += series->counts.slot[slot];
		}
		series->counts.sum_ns = series->calls * 1234 * 10 + 1;
	}
}

bool lines_make(size_t n, struct lines *ret)
{
	*ret = (struct lines){ 0 };
	(void)bounds_choose(1000, 16000000000, 1, &ret->bounds);
	for (size_t i = 0; i < families_n; i++)
		if (families[i].type == TYPE_HISTOGRAM)
			ret->family = &families[i];
	ret->series_n = n / (ret->bounds.n + 3);
	ret->n = ret->series_n * (ret->bounds.n + 3);
	ret->series = calloc(ret->series_n, sizeof(*ret->series));
	ret->tuples = calloc(ret->series_n / SYSCALLS + 1, sizeof(*ret->tuples));
	if (!ret->series || !ret->tuples) {
		lines_free(ret);
		return false;
	}
	fill(ret);
	return true;
}

void lines_free(struct lines *lines)
{
	free(lines->series);
	free(lines->tuples);
}

void lines_encode(struct encoder *encoder, const struct series *series)
{
	const struct label labels[] = {
		{ "comm", series->tuple->comm },
		{ "family", series->call->family },
		{ "syscall", series->call->name },
	};

	encode_histogram(encoder, labels, 3, &series->counts);
}
