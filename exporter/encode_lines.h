/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sample lines, which text 0.0.4 and OpenMetrics write alike, and what their headers share. For the
 * encode_*.c files alone.
 */
#ifndef ENCODE_LINES_H
#define ENCODE_LINES_H

#include "encode_format.h"

/* As in struct encoding. */
void lines_u64(struct encoder *encoder, const struct label *labels, size_t n, uint64_t value);
void lines_seconds(struct encoder *encoder, const struct label *labels, size_t n, uint64_t ns);
void lines_histogram(struct encoder *encoder, const struct label *labels, size_t n,
		     const struct ior_row *row);

/* The line "NAME_created{labels} SECONDS", NAME being the first name_len bytes of name. */
void lines_created(struct encoder *encoder, const char *name, size_t name_len,
		   const struct label *labels, size_t n);

/* A help text; backslashes and newlines are escaped, and quotes if asked for. */
void lines_add_help(struct buf *out, const char *help, bool quotes);

#endif
