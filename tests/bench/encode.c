/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures the text encoder on a million lines of histogram, against the same lines made by
 * snprintf. Both write blocks of 64 KiB, as a page is sent.
 */
#include <stdio.h>

#include "encode.h"
#include "lines.h"
#include "row.h"

#define LINES 1000000
#define BLOCK (64 << 10)
#define REPEATS 7
#define LIMIT_NS 20
#define LIMIT_RATIO 8

/* Where blocks go: a sum that tells two texts apart, so that nothing is optimised away. */
struct sink {
	size_t bytes;
	uint64_t hash;
	bool hashing;
};

typedef void encode_fn(struct buf *block, const struct lines *lines, const struct series *series);

static void flush(struct sink *sink, struct buf *block)
{
	sink->bytes += block->len;
	for (size_t i = 0; sink->hashing && i < block->len; i++)
		sink->hash = (sink->hash ^ (unsigned char)block->data[i]) * 0x100000001b3;
	block->len = 0;
}

static void by_encoder(struct buf *block, const struct lines *lines, const struct series *series)
{
	struct encoder encoder;

	encode_begin(&encoder, FORMAT_TEXT, false, &lines->bounds, block);
	encode_measure(&encoder, lines->family);
	lines_encode(&encoder, series);
}

/* The straightforward way: one formatted print a line, labels escaped beforehand. */
static void by_snprintf(struct buf *block, const struct lines *lines, const struct series *series)
{
	char *p = buf_reserve(block, 64 * 256), *const end = p + 64 * 256;
	const char *comm = series->tuple->comm, *family = series->call->family;
	const char *call = series->call->name, *name = lines->family->name;
	const struct bounds *bounds = &lines->bounds;
	uint64_t sum = 0;
	unsigned int slot = 0;

	for (size_t i = 0; i < bounds->n; i++) {
		for (; slot <= bounds->slot[i]; slot++)
			sum += series->counts.slot[slot];
		p += snprintf(
			p, (size_t)(end - p),
			"%s_bucket{comm=\"%s\",family=\"%s\",syscall=\"%s\",le=\"%s\"} %llu\n",
			name, comm, family, call, bound_le[bounds->slot[i]],
			(unsigned long long)sum);
	}
	p += snprintf(p, (size_t)(end - p),
		      "%s_bucket{comm=\"%s\",family=\"%s\",syscall=\"%s\",le=\"+Inf\"} %llu\n",
		      name, comm, family, call, (unsigned long long)series->calls);
	p += snprintf(p, (size_t)(end - p),
		      "%s_sum{comm=\"%s\",family=\"%s\",syscall=\"%s\"} %llu.%09llu\n", name, comm,
		      family, call, series->counts.sum_ns / 1000000000,
		      series->counts.sum_ns % 1000000000);
	p += snprintf(p, (size_t)(end - p),
		      "%s_count{comm=\"%s\",family=\"%s\",syscall=\"%s\"} %llu\n", name, comm,
		      family, call, (unsigned long long)series->calls);
	buf_used(block, p);
}

static double run(encode_fn *encode, const struct lines *lines, struct sink *sink)
{
	struct buf block = { 0 };
	uint64_t start = lines_now_ns();

	*sink = (struct sink){ .hashing = sink->hashing, .hash = 0xcbf29ce484222325 };
	for (size_t i = 0; i < lines->series_n; i++) {
		encode(&block, lines, &lines->series[i]);
		if (block.len >= BLOCK)
			flush(sink, &block);
	}
	flush(sink, &block);
	buf_free(&block);
	return (double)(lines_now_ns() - start);
}

int main(void)
{
	double best[2] = { 1e18, 1e18 };
	struct sink sink[2] = { { .hashing = true }, { .hashing = true } };
	encode_fn *const way[2] = { by_encoder, by_snprintf };
	struct lines lines;

	if (!lines_make(LINES, &lines))
		return 1;
	for (int i = 0; i < 2; i++)
		(void)run(way[i], &lines, &sink[i]);
	row_print("encode: the same bytes as snprintf", text("%zu MB", sink[0].bytes >> 20),
		  "equal",
		  sink[0].bytes == sink[1].bytes && sink[0].hash == sink[1].hash ? PASS : FAIL);
	sink[0].hashing = sink[1].hashing = false;
	for (int r = 0; r < REPEATS; r++)
		for (int i = 0; i < 2; i++) {
			double ns = run(way[i], &lines, &sink[i]) / (double)lines.n;

			best[i] = ns < best[i] ? ns : best[i];
		}
	row_print("encode: 1,000,000 lines",
		  text("%.1f ns a line, %.1f x snprintf", best[0], best[1] / best[0]),
		  text("<= %d ns, or >= %d x", LIMIT_NS, LIMIT_RATIO),
		  best[0] <= LIMIT_NS || best[1] / best[0] >= LIMIT_RATIO ? PASS : FAIL);
	lines_free(&lines);
	return 0;
}
