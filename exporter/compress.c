/* SPDX-License-Identifier: Apache-2.0 */
#include "compress.h"

#include <errno.h>
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>
#ifndef NO_ZSTD
#include <zstd.h>
#endif

/*
 * Levels by measurement: pages of 9,281 and 176,407 lines of a real machine's rows, on one CPU of a
 * virtual machine (best of 5):
 *
 *	          ns a line       ratio
 *	gzip 1    438    221    15.3   20.6
 *	gzip 2    460    238    15.1   20.3
 *	gzip 3    511    259    15.5   20.7
 *	gzip 4    709    430    16.8   22.4
 *	gzip 5    759    452    18.0   23.8
 *	gzip 6    996    711    18.6   24.5
 *	zstd 1    104     94    17.2   27.5    in 1.4 MB
 *	zstd 1    100     90    16.6   25.9    in 0.5 MB: a window of 2^16
 *	zstd 3    114     97    17.5   26.8    in 3.7 MB
 *
 * A smaller window or memory level of zlib's is slower and no smaller.
 */
#define GZIP_LEVEL 1
#define GZIP_MEMORY 8	      /* zlib's default: 256 KiB in all */
#define GZIP_WINDOW (15 + 16) /* the largest; +16: with gzip's header and trailer */
#define ZSTD_LEVEL 1
#define ZSTD_WINDOW 16

struct compressor {
	enum coding coding;
	bool ended;
	z_stream gzip;
#ifndef NO_ZSTD
	ZSTD_CCtx *zstd;
#endif
};

const char *compress_name(enum coding coding)
{
	static const char *const names[CODINGS] = {
		[CODING_GZIP] = "gzip",
		[CODING_ZSTD] = "zstd",
	};

	return names[coding];
}

bool compress_has(enum coding coding)
{
#ifdef NO_ZSTD
	return coding != CODING_ZSTD;
#else
	return coding < CODINGS;
#endif
}

#ifdef NO_ZSTD
static bool open_zstd(struct compressor *compressor)
{
	(void)compressor;
	return false;
}

static ssize_t run_zstd(struct compressor *compressor, struct compress_input *input, char *dst,
			size_t max)
{
	(void)compressor;
	(void)input;
	(void)dst;
	(void)max;
	return -ENOMEM;
}

static void close_zstd(struct compressor *compressor)
{
	(void)compressor;
}
#else
static bool open_zstd(struct compressor *compressor)
{
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	compressor->zstd = zstd;
	return zstd &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL)) &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_windowLog, ZSTD_WINDOW)) &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1));
}

static ssize_t run_zstd(struct compressor *compressor, struct compress_input *input, char *dst,
			size_t max)
{
	ZSTD_inBuffer in = { input->data, input->len, 0 };
	ZSTD_outBuffer out = { dst, max, 0 };
	const size_t left = ZSTD_compressStream2(compressor->zstd, &out, &in,
						 input->last ? ZSTD_e_end : ZSTD_e_continue);

	if (ZSTD_isError(left)) /* its buffers are made at the first call */
		return -ENOMEM;
	input->data += in.pos;
	input->len -= in.pos;
	compressor->ended = input->last && !left;
	return (ssize_t)out.pos;
}

static void close_zstd(struct compressor *compressor)
{
	(void)ZSTD_freeCCtx(compressor->zstd);
}
#endif

static void *allocate(void *unused, unsigned int n, unsigned int size)
{
	(void)unused;
	return calloc(n, size);
}

static void release(void *unused, void *memory)
{
	(void)unused;
	free(memory);
}

static bool open_gzip(struct compressor *compressor)
{
	compressor->gzip = (z_stream){ .zalloc = allocate, .zfree = release };
	return deflateInit2(&compressor->gzip, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
			    Z_DEFAULT_STRATEGY) == Z_OK;
}

static ssize_t run_gzip(struct compressor *compressor, struct compress_input *input, char *dst,
			size_t max)
{
	z_stream *gzip = &compressor->gzip;
	int r;

	gzip->next_in = (const Bytef *)input->data;
	gzip->avail_in = (uInt)input->len;
	gzip->next_out = (Bytef *)dst;
	gzip->avail_out = (uInt)max;
	r = deflate(gzip, input->last ? Z_FINISH : Z_NO_FLUSH);
	input->data += input->len - gzip->avail_in;
	input->len = gzip->avail_in;
	compressor->ended = r == Z_STREAM_END;
	return (ssize_t)(max - gzip->avail_out);
}

struct compressor *compressor_open(enum coding coding)
{
	struct compressor *compressor = calloc(1, sizeof(*compressor));

	if (!compressor)
		return NULL;
	compressor->coding = coding;
	if (coding == CODING_ZSTD ? !open_zstd(compressor) : !open_gzip(compressor)) {
		compressor_close(compressor);
		return NULL;
	}
	return compressor;
}

ssize_t compressor_run(struct compressor *compressor, struct compress_input *input, char *dst,
		       size_t max)
{
	if (compressor->ended)
		return 0;
	return compressor->coding == CODING_ZSTD ? run_zstd(compressor, input, dst, max) :
						   run_gzip(compressor, input, dst, max);
}

void compressor_close(struct compressor *compressor)
{
	if (!compressor)
		return;
	if (compressor->coding == CODING_ZSTD)
		close_zstd(compressor);
	else
		(void)deflateEnd(&compressor->gzip); /* also of one that did not open */
	free(compressor);
}
