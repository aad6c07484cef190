/* SPDX-License-Identifier: Apache-2.0 */
/* What comes out is what went in, for the libraries' own decoders. */
#include <string.h>
#include <zlib.h>
#ifndef NO_ZSTD
#include <zstd.h>
#endif

#include "compress.h"
#include "failing.h"
#include "suites.h"

#define IN_MAX (200 << 10)
#define OUT_MAX (IN_MAX + (1 << 10))

static char in[IN_MAX], out[OUT_MAX], back[IN_MAX + 1];

/* Lines like those of a page, and some that are not. */
static void fill(size_t n)
{
	uint64_t random = 7;

	for (size_t i = 0; i < n; i++) {
		random = random * 6364136223846793005 + 1442695040888963407;
		in[i] = i % 97 ? "ior_syscall_bucket{comm=\"a\"} "[i % 29] : (char)(random >> 56);
	}
}

/* Compresses n bytes, given in pieces of `step` and taken in pieces of `max`. Returns how many
 * came. */
static size_t compress_all(enum coding coding, size_t n, size_t step, size_t max)
{
	struct compressor *compressor = compressor_open(coding);
	struct compress_input input = { in, 0, false };
	size_t given = 0, got = 0;
	ssize_t r = 0;

	ck_assert_ptr_nonnull(compressor);
	while (r > 0 || !input.last) {
		if (!r) {
			ck_assert_uint_eq(input.len, 0);
			input.len = n - given < step ? n - given : step;
			given += input.len;
			input.last = given == n;
		}
		r = compressor_run(compressor, &input, out + got,
				   OUT_MAX - got < max ? OUT_MAX - got : max);
		ck_assert_int_ge(r, 0);
		got += (size_t)r;
	}
	ck_assert_uint_eq(input.len, 0);
	ck_assert_int_eq(compressor_run(compressor, &input, out + got, 1), 0);
	compressor_close(compressor);
	return got;
}

/* A whole gzip file, its length and checksum right, and nothing behind it. */
static size_t gunzip(size_t n)
{
	z_stream z = { .next_in = (unsigned char *)out,
		       .avail_in = (unsigned int)n,
		       .next_out = (unsigned char *)back,
		       .avail_out = sizeof(back) };

	ck_assert_int_eq(inflateInit2(&z, 16 + 15), Z_OK);
	ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
	ck_assert_uint_eq(z.avail_in, 0);
	ck_assert_int_eq(inflateEnd(&z), Z_OK);
	return z.total_out;
}

static size_t unzstd(size_t n)
{
#ifdef NO_ZSTD
	return n;
#else
	const size_t ret = ZSTD_decompress(back, sizeof(back), out, n);

	ck_assert(!ZSTD_isError(ret));
	ck_assert_uint_eq(ZSTD_findFrameCompressedSize(out, n), n);
	return ret;
#endif
}

static const struct {
	size_t n, step, max;
} sizes[] = {
	{ 0, 1, 1 },
	{ 1, 1, 1 },
	{ 1000, 1, 1 },
	{ 5000, 7, 100000 },
	{ 70000, 16384, 32768 },
	{ IN_MAX, 16384, 32768 },
	{ IN_MAX, IN_MAX, 1 },
	{ IN_MAX, 1000, 10 },
	{ 65536, 65536, 65536 },
};

START_TEST(gzip_is_what_went_in)
{
	size_t n;

	fill(sizes[_i].n);
	n = compress_all(CODING_GZIP, sizes[_i].n, sizes[_i].step, sizes[_i].max);
	ck_assert_uint_eq(gunzip(n), sizes[_i].n);
	ck_assert(!memcmp(back, in, sizes[_i].n));
	ck_assert(sizes[_i].n < 5000 || n < sizes[_i].n / 4);
}

START_TEST(zstd_is_what_went_in)
{
	size_t n;

	if (!compress_has(CODING_ZSTD))
		return;
	fill(sizes[_i].n);
	n = compress_all(CODING_ZSTD, sizes[_i].n, sizes[_i].step, sizes[_i].max);
	ck_assert_uint_eq(unzstd(n), sizes[_i].n);
	ck_assert(!memcmp(back, in, sizes[_i].n));
	ck_assert(sizes[_i].n < 5000 || n < sizes[_i].n / 4);
}

START_TEST(codings_have_the_names_of_http)
{
	ck_assert_ptr_null(compress_name(CODING_IDENTITY));
	ck_assert_str_eq(compress_name(CODING_GZIP), "gzip");
	ck_assert_str_eq(compress_name(CODING_ZSTD), "zstd");
	ck_assert(compress_has(CODING_IDENTITY) && compress_has(CODING_GZIP));
#ifndef NO_ZSTD
	ck_assert(compress_has(CODING_ZSTD));
#endif
}

/* zlib takes its memory when it is opened, and from us. */
START_TEST(lack_of_memory_opens_nothing)
{
	struct compressor *compressor;
	bool failed = true;
	size_t n = 0;

	while (failed) {
		failing_arm(++n);
		compressor = compressor_open(CODING_GZIP);
		failed = failing_disarm();
		ck_assert_int_eq(compressor == NULL, failed);
		compressor_close(compressor);
	}
	ck_assert_uint_eq(n, 7); /* ours, its state, window, chains, heads, pending output */
}

Suite *compress_suite(void)
{
	const struct test tests[] = {
		{ gzip_is_what_went_in, COUNT(sizes) },
		{ zstd_is_what_went_in, COUNT(sizes) },
		{ codings_have_the_names_of_http, 0 },
		{ lack_of_memory_opens_nothing, 0 },
	};

	return suite_make("compress", tests, COUNT(tests));
}
