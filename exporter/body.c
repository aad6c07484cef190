/* SPDX-License-Identifier: Apache-2.0 */
#include "body.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Read of the stream at once. */
#define STEP (32 << 10)

void body_unref(struct body *body)
{
	if (!body || atomic_fetch_sub(&body->refs, 1) != 1)
		return;
	atomic_fetch_sub(body->bytes, body->len);
	free(body->memory);
	free(body);
}

static struct body *body_ref(struct body *body)
{
	atomic_fetch_add(&body->refs, 1);
	return body;
}

void bodies_init(struct bodies *bodies)
{
	*bodies = (struct bodies){
		.body_bytes_max = BODY_BYTES_MAX,
		.bytes_max = BODIES_BYTES_MAX,
	};
	(void)pthread_mutex_init(&bodies->lock, NULL);
}

static void drop(struct bodies *bodies)
{
	for (size_t f = 0; f < FORMATS; f++)
		for (size_t c = 0; c < CODINGS; c++) {
			body_unref(bodies->shared[f][c]);
			bodies->shared[f][c] = NULL;
		}
}

void bodies_free(struct bodies *bodies)
{
	drop(bodies);
	(void)pthread_mutex_destroy(&bodies->lock);
}

/* Reads all of the stream. Returns 0, -EFBIG if it is too large by itself,
 * -ENOBUFS if it is beside the others, or -ENOMEM. */
static int read_all(struct bodies *bodies, struct stream *stream, struct buf *ret)
{
	for (;;) {
		char *at = buf_reserve(ret, STEP);
		ssize_t n = at ? stream_read(stream, at, STEP) : ret->err;

		if (n <= 0)
			return (int)n;
		buf_used(ret, at + n);
		if (ret->len > bodies->body_bytes_max)
			return -EFBIG;
		if (ret->len + atomic_load(&bodies->bytes) > bodies->bytes_max)
			return -ENOBUFS;
	}
}

/* Takes over the memory. NULL without more of it. */
static struct body *body_new(struct bodies *bodies, struct buf *from, enum coding coding)
{
	struct body *body = calloc(1, sizeof(*body));
	/* what the buffer has in reserve is given back; but one that is empty stays
	 * as it is */
	char *memory = from->len ? realloc(from->data, from->len) : NULL;

	if (memory)
		from->data = memory;
	if (!body)
		return NULL;
	body->data = body->memory = from->data;
	body->len = from->len;
	body->coding = coding;
	atomic_init(&body->refs, 1);
	body->bytes = &bodies->bytes;
	atomic_fetch_add(body->bytes, body->len);
	*from = (struct buf){ 0 };
	return body;
}

/* Makes a page as a whole, if it may be. Returns as read_all(), and then *ret
 * is not set. */
static int make_whole(struct bodies *bodies, const struct view *view,
		      const struct page_options *options, enum coding coding, struct body **ret)
{
	struct buf bytes = { 0 };
	struct body *body = NULL;
	struct stream *stream;
	int r = -ENOMEM;

	(void)snapshot_ref(view->snapshot);
	stream = stream_open(page_open(view, options), coding);
	if (stream)
		r = read_all(bodies, stream, &bytes);
	if (r == 0)
		body = body_new(bodies, &bytes, stream_coding(stream));
	if (body)
		*ret = body;
	else if (r == 0)
		r = -ENOMEM;
	atomic_fetch_add(&bodies->pages_n, 1);
	if (stream && stream_coding(stream) != CODING_IDENTITY)
		atomic_fetch_add(&bodies->compressed_n, 1);
	stream_close(stream);
	buf_free(&bytes);
	return r;
}

static bool is_same(const struct reload_result *a, const struct reload_result *b)
{
	return a->successful == b->successful && a->success_wall_ns == b->success_wall_ns;
}

/* Makes room for those of this view. False for a view that is older than what
 * there is. */
static bool renew(struct bodies *bodies, const struct view *view)
{
	const uint64_t number = view->snapshot->number;

	if (number < bodies->number)
		return false;
	if (number != bodies->number || !is_same(&view->reload, &bodies->reload))
		drop(bodies);
	bodies->number = number;
	bodies->reload = view->reload;
	return true;
}

/* The body, shared or the caller's own; NULL if it has to be a stream. */
static struct body *take(struct bodies *bodies, const struct view *view,
			 const struct page_options *options, enum coding coding)
{
	const bool shares = !options->families && renew(bodies, view);
	struct body **shared = &bodies->shared[options->format][coding];
	size_t *too_large = &bodies->too_large[options->format][coding];
	const size_t series = view->snapshot->series_n;
	struct body *body = NULL;
	int r;

	if (shares && *shared)
		return body_ref(*shared);
	if (!options->families && *too_large && series >= *too_large)
		return NULL;
	r = make_whole(bodies, view, options, coding, &body);
	if (!options->families)
		*too_large = r == -EFBIG ? series : 0;
	if (body && shares)
		*shared = body_ref(body);
	return body;
}

int bodies_make(struct bodies *bodies, const struct view *view, const struct page_options *options,
		enum coding coding, struct made *ret)
{
	*ret = (struct made){ NULL, NULL };
	(void)pthread_mutex_lock(&bodies->lock);
	ret->body = take(bodies, view, options, coding);
	(void)pthread_mutex_unlock(&bodies->lock);
	if (ret->body) {
		snapshot_unref(view->snapshot);
		return 0;
	}
	ret->stream = stream_open(page_open(view, options), coding);
	return ret->stream ? 0 : -ENOMEM;
}
