/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures what a line of histogram costs in each format and coding, and how client_golang renders
 * the same ones.
 *
 * usage: formats RENDER      RENDER: the program of golang/render.go
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compress.h"
#include "encode.h"
#include "lines.h"
#include "row.h"

#define LINES 100000
#define ROUNDS 15
#define LIMIT_RATIO 20
#define BLOCK (64 << 10)

static size_t measure(const struct lines *lines, struct encoder *encoder)
{
	encode_measure(encoder, lines->family);
	for (size_t i = 0; i < lines->series_n; i++)
		lines_encode(encoder, &lines->series[i]);
	return encoder->bytes;
}

/* All of the family, as a page has it: whole, or in blocks of which the buffer has the last. */
static void render(const struct lines *lines, enum format format, bool whole, struct buf *out)
{
	struct encoder encoder;

	out->len = 0;
	encode_begin(&encoder, format, true, &lines->bounds, out);
	if (encode_is_sized(&encoder))
		encode_sized(&encoder, lines->family, measure(lines, &encoder));
	else
		encode_family(&encoder, lines->family);
	for (size_t i = 0; i < lines->series_n; i++) {
		if (!whole && out->len >= BLOCK)
			out->len = 0;
		lines_encode(&encoder, &lines->series[i]);
	}
}

/* Nanoseconds a line at best. */
static double time_render(const struct lines *lines, enum format format, struct buf *out)
{
	uint64_t best = UINT64_MAX;

	for (int round = 0; round < ROUNDS; round++) {
		const uint64_t start = lines_now_ns();
		uint64_t ns;

		render(lines, format, false, out);
		ns = lines_now_ns() - start;
		best = ns < best ? ns : best;
	}
	return (double)best / (double)lines->n;
}

static size_t compress(const struct buf *page, enum coding coding)
{
	struct compress_input input = { page->data, page->len, true };
	struct compressor *compressor = compressor_open(coding);
	static char block[64 << 10];
	size_t bytes = 0;
	ssize_t n;

	while (compressor && (n = compressor_run(compressor, &input, block, sizeof(block))) > 0)
		bytes += (size_t)n;
	compressor_close(compressor);
	return bytes;
}

static void measure_coding(const struct lines *lines, const struct buf *page, enum coding coding)
{
	uint64_t best = UINT64_MAX;
	size_t bytes = 0;

	for (int round = 0; round < 5; round++) {
		const uint64_t start = lines_now_ns();
		uint64_t ns;

		bytes = compress(page, coding);
		ns = lines_now_ns() - start;
		best = ns < best ? ns : best;
	}
	row_print(text("encode: %s of the text page", compress_name(coding)),
		  text("%.1f ns a line, %.1f %% of the size", (double)best / (double)lines->n,
		       100.0 * (double)bytes / (double)page->len),
		  "", INFO);
}

/* ---- client_golang ---- */

struct theirs {
	char format[16];
	double both_ns, encoded_ns; /* a line: gathered and encoded, and encoded alone */
};

/* Writes the page to a file of no name that the program reads as its standard input's file. */
static FILE *ask(const char *program, const struct buf *page)
{
	char command[512], path[] = "/tmp/ior_bench_XXXXXX";
	const int fd = mkstemp(path);
	FILE *pipe;

	if (fd < 0 || write(fd, page->data, page->len) != (ssize_t)page->len)
		return NULL;
	(void)close(fd);
	(void)snprintf(command, sizeof(command), "%s %s %d; rm -f %s", program, path, ROUNDS, path);
	pipe = popen(command, "r"); /* NOLINT(cert-env33-c): a benchmark's own command */
	if (!pipe)
		(void)unlink(path);
	return pipe;
}

static size_t run_theirs(const char *program, const struct buf *page, size_t lines,
			 struct theirs *ret, size_t max)
{
	FILE *pipe = ask(program, page);
	double both, encoded;
	size_t n = 0;

	while (pipe && n < max &&
	       fscanf(pipe, "%15s %lf %lf %*d", ret[n].format, &both, &encoded) == 3) {
		ret[n].both_ns = both / (double)lines;
		ret[n++].encoded_ns = encoded / (double)lines;
	}
	if (pipe)
		(void)pclose(pipe);
	return n;
}

static void compare(const char *name, double ours_ns, const struct theirs *theirs)
{
	const double ratio = theirs->both_ns / ours_ns;

	row_print(text("encode: %s against client_golang", name),
		  text("%.1f ns a line against %.0f (%.0f of them encode): %.1f x", ours_ns,
		       theirs->both_ns, theirs->encoded_ns, ratio),
		  text(">= %d x", LIMIT_RATIO), ratio >= LIMIT_RATIO ? PASS : FAIL);
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "text", "OpenMetrics", "protobuf" };
	struct buf out = { 0 }, page = { 0 };
	double ours_ns[FORMATS];
	struct theirs theirs[2];
	struct lines lines;
	size_t n;

	if (argc != 2 || !lines_make(LINES, &lines))
		return 1;
	render(&lines, FORMAT_TEXT, true, &page);
	for (int format = 0; format < FORMATS; format++)
		ours_ns[format] = time_render(&lines, (enum format)format, &out);
	n = run_theirs(argv[1], &page, lines.n, theirs, 2);
	if (n == 2) {
		compare("text", ours_ns[FORMAT_TEXT], &theirs[0]);
		compare("protobuf", ours_ns[FORMAT_PROTOBUF], &theirs[1]);
	} else {
		row_print("encode: against client_golang", "its program failed", "", FAIL);
	}
	for (int format = 0; format < FORMATS; format++)
		row_print(text("encode: %s", names[format]),
			  text("%.1f ns a line of text", ours_ns[format]), "", INFO);
	measure_coding(&lines, &page, CODING_GZIP);
	if (compress_has(CODING_ZSTD))
		measure_coding(&lines, &page, CODING_ZSTD);
	buf_free(&out);
	buf_free(&page);
	lines_free(&lines);
	return 0;
}
