/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a format implements of encode.h; for the encode_*.c files alone.
 */
#ifndef ENCODE_FORMAT_H
#define ENCODE_FORMAT_H

#include "encode.h"

struct encoding {
	const char *type; /* Content-Type */
	bool sized;	  /* see encode_is_sized() */
	/* `bytes` of samples follow, if it is sized */
	void (*header)(struct encoder *encoder, size_t bytes);
	void (*u64)(struct encoder *encoder, const struct label *labels, size_t n, uint64_t value);
	void (*seconds)(struct encoder *encoder, const struct label *labels, size_t n, uint64_t ns);
	void (*histogram)(struct encoder *encoder, const struct label *labels, size_t n,
			  const struct ior_row *row);
	void (*end)(struct encoder *encoder); /* NULL: nothing */
};

extern const struct encoding encoding_text, encoding_openmetrics, encoding_protobuf;

#endif
