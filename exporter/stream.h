/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page on its way out, as it is or compressed, block by block. Knows page and compress.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stddef.h>
#include <sys/types.h>

#include "compress.h"
#include "page.h"

/* Pages smaller than this many bytes go as they are: one packet is one packet, compressed or not.
 */
#define STREAM_COMPRESS_MIN 1024

struct stream;

/* Takes over the page, also on failure; NULL is fine. NULL without memory. */
struct stream *stream_open(struct page *page, enum coding coding);

/* Is what is read compressed? CODING_IDENTITY for a page that is too small. */
enum coding stream_coding(const struct stream *stream);

/* Copies up to max > 0 next bytes to dst. Returns how many, 0 at the end, or -ENOMEM, and then
 * that for ever. */
ssize_t stream_read(struct stream *stream, char *dst, size_t max);

/* NULL is fine. */
void stream_close(struct stream *stream);

#endif
