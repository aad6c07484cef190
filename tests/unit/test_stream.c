/* SPDX-License-Identifier: Apache-2.0 */
/* A stream is the page, as it is or compressed. */
#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "failing.h"
#include "running.h"
#include "stream.h"
#include "suites.h"

static const struct page_options text = { .format = FORMAT_TEXT };

static struct page *open_page(struct running *f, const struct page_options *options)
{
	struct view view;

	ck_assert_int_eq(app_view(&f->app, &view), 0);
	return page_open(&view, options);
}

static int read_all(struct stream *stream, size_t step, struct buf *ret)
{
	static char bytes[1 << 16];
	ssize_t n;

	while ((n = stream_read(stream, bytes, step)) > 0)
		buf_add(ret, bytes, (size_t)n);
	ck_assert_int_eq(stream_read(stream, bytes, 1), n);
	return (int)n;
}

static void gunzip(struct buf *buf)
{
	static char bytes[1 << 20];
	z_stream z = { .next_in = (unsigned char *)buf->data,
		       .avail_in = (unsigned int)buf->len,
		       .next_out = (unsigned char *)bytes,
		       .avail_out = sizeof(bytes) };

	ck_assert_int_eq(inflateInit2(&z, 16 + 15), Z_OK);
	ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
	ck_assert_uint_eq(z.avail_in, 0);
	ck_assert_int_eq(inflateEnd(&z), Z_OK);
	buf->len = 0;
	buf_add(buf, bytes, z.total_out);
}

static const struct {
	enum coding coding;
	size_t step;
} ways[] = {
	{ CODING_IDENTITY, 1000 }, { CODING_IDENTITY, 1 << 16 }, { CODING_GZIP, 1 },
	{ CODING_GZIP, 1000 },	   { CODING_GZIP, 1 << 16 },
};

START_TEST(stream_is_the_page_whatever_the_size_of_a_read)
{
	struct buf whole = { 0 }, got = { 0 };
	struct stream *stream;
	struct running f;

	running_start(&f, "--no-dump", true);
	running_grow(&f.fake, 120);
	running_page(&f, &whole);
	stream = stream_open(open_page(&f, &text), ways[_i].coding);
	ck_assert_int_eq(stream_coding(stream), ways[_i].coding);
	ck_assert_int_eq(read_all(stream, ways[_i].step, &got), 0);
	if (ways[_i].coding == CODING_GZIP) {
		ck_assert_uint_lt(got.len, whole.len / 8);
		gunzip(&got);
	}
	ck_assert_uint_eq(got.len, whole.len);
	ck_assert(!memcmp(got.data, whole.data, whole.len));
	stream_close(stream);
	buf_free(&whole);
	buf_free(&got);
	running_stop(&f);
}

/* Bytes of a page of ior_up and ior_rows, and of as many families more. */
static size_t page_of(struct running *f, size_t n, bool families_wanted[FAMILIES_MAX],
		      struct buf *ret)
{
	const struct page_options some = { .format = FORMAT_TEXT, .families = families_wanted };
	struct view view;

	for (size_t i = 0; i < families_n; i++)
		families_wanted[i] = i + n >= families_n;
	ck_assert_int_eq(app_view(&f->app, &view), 0);
	page_render(&view, &some, ret);
	snapshot_unref(view.snapshot);
	return ret->len;
}

START_TEST(small_page_is_not_compressed)
{
	bool wanted[FAMILIES_MAX];
	const struct page_options some = { .format = FORMAT_TEXT, .families = wanted };
	bool small = false, large = false;
	struct running f;

	running_start(&f, "--no-dump", true);
	for (size_t n = 0; n < families_n && !large; n++) {
		struct buf whole = { 0 }, got = { 0 };
		const bool is_small = page_of(&f, n, wanted, &whole) < STREAM_COMPRESS_MIN;
		struct stream *stream = stream_open(open_page(&f, &some), CODING_GZIP);

		ck_assert_int_eq(stream_coding(stream), is_small ? CODING_IDENTITY : CODING_GZIP);
		ck_assert_int_eq(read_all(stream, 100, &got), 0);
		if (!is_small)
			gunzip(&got);
		ck_assert_uint_eq(got.len, whole.len);
		ck_assert(!whole.len || !memcmp(got.data, whole.data, whole.len));
		stream_close(stream);
		buf_free(&whole);
		buf_free(&got);
		small = small || (is_small && n > 0);
		large = !is_small;
	}
	ck_assert(small && large);
	running_stop(&f);
}

START_TEST(stream_that_cannot_be_opened_gives_up_its_snapshot)
{
	bool failed = true;
	struct running f;
	size_t n = 0;

	running_start(&f, "--no-dump", true);
	while (failed) {
		struct page *page = open_page(&f, &text);
		struct stream *stream;

		failing_arm(++n);
		stream = stream_open(page, CODING_GZIP);
		failed = failing_disarm();
		ck_assert_int_eq(stream == NULL, failed);
		stream_close(stream);
		ck_assert_uint_eq(atomic_load(&f.app.latest->refs), 1);
	}
	ck_assert_uint_gt(n, 7);
	ck_assert_ptr_null(stream_open(NULL, CODING_IDENTITY));
	running_stop(&f);
}

START_TEST(lack_of_memory_within_a_page_is_told_for_ever)
{
	struct stream *stream;
	struct running f;
	char byte;

	running_start(&f, "--no-dump", true);
	stream = stream_open(open_page(&f, &text), CODING_IDENTITY);
	failing_arm(1);
	ck_assert_int_eq(stream_read(stream, &byte, 1), -ENOMEM);
	ck_assert(failing_disarm());
	ck_assert_int_eq(stream_read(stream, &byte, 1), -ENOMEM);
	stream_close(stream);
	running_stop(&f);
}

Suite *stream_suite(void)
{
	const struct test tests[] = {
		{ stream_is_the_page_whatever_the_size_of_a_read, COUNT(ways) },
		{ small_page_is_not_compressed, 0 },
		{ stream_that_cannot_be_opened_gives_up_its_snapshot, 0 },
		{ lack_of_memory_within_a_page_is_told_for_ever, 0 },
	};

	return suite_make("stream", tests, COUNT(tests));
}
