/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples to bytes. The families call these verbs and nothing else; a format implements them.
 * Numbers are integers throughout: seconds are printed from nanoseconds.
 */
#ifndef ENCODE_H
#define ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bounds.h"
#include "buf.h"
#include "ior.h"

struct family;
struct snapshot;

enum format { FORMAT_TEXT, FORMAT_OPENMETRICS, FORMAT_PROTOBUF, FORMATS };

/* Content-Type of a format, without a parameter `escaping`, which is the answer to a request's. */
const char *encode_type(enum format format);

/* The value is UTF-8; the encoder escapes what its format needs. */
struct label {
	const char *name, *value;
};

/* Prometheus text 0.0.4. Errors are the buffer's. */
struct encoder {
	struct buf *out;
	const struct bounds *bounds;
	const struct family *family;
	bool headed; /* HELP and TYPE of the family are out */
};

/* Samples that follow belong to this family. Its header appears with the first one, so a family
 * without samples leaves no trace. */
void encode_family(struct encoder *encoder, const struct family *family);

/* One sample. Labels are in alphabetical order; n may be 0. */
void encode_u64(struct encoder *encoder, const struct label *labels, size_t n, uint64_t value);
void encode_seconds(struct encoder *encoder, const struct label *labels, size_t n, uint64_t ns);

/* The cumulative buckets of the chosen bounds, +Inf, sum and count of a row; n is at least 1. */
void encode_histogram(struct encoder *encoder, const struct label *labels, size_t n,
		      const struct ior_row *row);

/* Content-Type of the format. */
#define ENCODE_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* The whole snapshot as folded stacks, "comm;family;syscall NANOSECONDS" a line, by the
 * container_id before the comm, each if --by has it; calls that took no time left out. A `;` within
 * a name becomes `\x3b`. */
void encode_folded(const struct snapshot *snapshot, struct buf *out);

#endif
