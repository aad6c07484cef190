/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client asks for by Accept and Accept-Encoding (RFC 9110, 12.5), out of what there is. Pure
 * functions over header texts, which come from anybody: linear in their length, a fixed state, and
 * always an answer, for a scraper has more use for the wrong format than for 406.
 */
#ifndef NEGOTIATE_H
#define NEGOTIATE_H

#include <stddef.h>

#include "compress.h"
#include "encode.h"

/* The values of one header, in the order in which it was sent. */
#define HEADER_VALUES_MAX 8
struct header_values {
	const char *item[HEADER_VALUES_MAX];
	size_t n;
};

struct accepted {
	enum format format;
	const char *content_type; /* static */
};

/* The format of the highest q, the first of equals; of a format the most specific range counts. A
 * wildcard means text; so does a header that is missing, or asks for nothing that there is.
 * The Content-Type names the escaping that was asked for, where it is what the names are. */
struct accepted negotiate_format(const struct header_values *accept);

/* Any compression before none, of equals zstd; but zstd only if it is named. */
enum coding negotiate_coding(const struct header_values *accept_encoding);

#endif
