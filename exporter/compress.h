/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes to fewer bytes, piece by piece, so that neither side is ever there as a whole. The only
 * part that knows zlib and libzstd; nothing of pages.
 */
#ifndef COMPRESS_H
#define COMPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Content-Encoding. */
enum coding { CODING_IDENTITY, CODING_GZIP, CODING_ZSTD, CODINGS };

/* "gzip"; NULL for identity. */
const char *compress_name(enum coding coding);

/* Is it built in? (identity and gzip always.) */
bool compress_has(enum coding coding);

/* What one compressor takes at most, in bytes. */
#define COMPRESSOR_BYTES (512 << 10)

struct compressor;

/* Not of CODING_IDENTITY. NULL without memory. */
struct compressor *compressor_open(enum coding coding);

/* Bytes that are not yet taken. */
struct compress_input {
	const char *data;
	size_t len;
	bool last; /* nothing follows */
};

/* Moves the input on, and fills dst, of max > 0 bytes. Returns how many; 0: all of the input is
 * taken, and if it was the last, the end is out; or -ENOMEM. */
ssize_t compressor_run(struct compressor *compressor, struct compress_input *input, char *dst,
		       size_t max);

/* NULL is fine. */
void compressor_close(struct compressor *compressor);

#endif
