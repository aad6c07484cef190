/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the page that wait for the compressor; not less than STREAM_COMPRESS_MIN. */
#define INPUT (16 << 10)

struct stream {
	struct page *page;
	struct compressor *compressor; /* NULL: as it is */
	enum coding coding;
	struct compress_input input; /* in bytes[] */
	int err;
	char bytes[INPUT];
};

/* Fills the input, which is empty, from the page. */
static int fill(struct stream *stream)
{
	struct compress_input *input = &stream->input;

	input->data = stream->bytes;
	while (input->len < INPUT && !input->last) {
		ssize_t n = page_read(stream->page, stream->bytes + input->len, INPUT - input->len);

		if (n < 0)
			return (int)n;
		input->len += (size_t)n;
		input->last = n == 0;
	}
	return 0;
}

struct stream *stream_open(struct page *page, enum coding coding)
{
	struct stream *stream = page ? calloc(1, sizeof(*stream)) : NULL;
	int r = 0;

	if (!stream) {
		page_close(page);
		return NULL;
	}
	stream->page = page;
	if (coding != CODING_IDENTITY) {
		r = fill(stream);
		if (r == 0 && !(stream->input.last && stream->input.len < STREAM_COMPRESS_MIN)) {
			stream->coding = coding;
			stream->compressor = compressor_open(coding);
			r = stream->compressor ? 0 : -ENOMEM;
		}
	}
	if (r < 0) {
		stream_close(stream);
		return NULL;
	}
	return stream;
}

enum coding stream_coding(const struct stream *stream)
{
	return stream->coding;
}

/* What was looked at to see how small the page is, then the page itself. */
static ssize_t read_plain(struct stream *stream, char *dst, size_t max)
{
	struct compress_input *input = &stream->input;

	if (!input->len)
		return page_read(stream->page, dst, max);
	if (max > input->len)
		max = input->len;
	memcpy(dst, input->data, max);
	input->data += max;
	input->len -= max;
	return (ssize_t)max;
}

static ssize_t read_compressed(struct stream *stream, char *dst, size_t max)
{
	for (;;) {
		ssize_t n = compressor_run(stream->compressor, &stream->input, dst, max);
		int r;

		if (n || stream->input.last)
			return n;
		r = fill(stream); /* all of it is taken */
		if (r < 0)
			return r;
	}
}

ssize_t stream_read(struct stream *stream, char *dst, size_t max)
{
	ssize_t n;

	if (stream->err)
		return stream->err;
	n = stream->compressor ? read_compressed(stream, dst, max) : read_plain(stream, dst, max);
	if (n < 0)
		stream->err = (int)n;
	return n;
}

void stream_close(struct stream *stream)
{
	if (!stream)
		return;
	page_close(stream->page);
	compressor_close(stream->compressor);
	free(stream);
}
