/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many bytes a sample takes in the protobuf format: what encode_protobuf.c writes, added up
 * without writing it. A family comes after its length.
 */
#ifndef ENCODE_PROTOBUF_SIZE_H
#define ENCODE_PROTOBUF_SIZE_H

#include "encode.h"

/* Of a counter or a gauge. */
size_t protobuf_value_size(const struct encoder *encoder, const struct label *labels, size_t n);
size_t protobuf_histogram_size(const struct encoder *encoder, const struct label *labels, size_t n,
			       const struct ior_row *row);

#endif
