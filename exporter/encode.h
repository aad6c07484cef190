/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples to bytes. The families call these verbs and nothing else; a format (encode_format.h)
 * implements them. Numbers are integers throughout: seconds are printed from nanoseconds.
 */
#ifndef ENCODE_H
#define ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bounds.h"
#include "buf.h"
#include "ior.h"

struct encoding;
struct family;
struct snapshot;

enum format {
	FORMAT_TEXT,	    /* Prometheus text 0.0.4 */
	FORMAT_OPENMETRICS, /* OpenMetrics text 1.0.0 */
	FORMAT_PROTOBUF,    /* io.prometheus.client.MetricFamily messages, each after its length */
	FORMATS,
};

/* Content-Type of a format, without a parameter `escaping`, which is the answer to a request's. */
const char *encode_type(enum format format);

/* The value is UTF-8; the encoder escapes what its format needs. */
struct label {
	const char *name, *value;
};

/* Where a page stands. Errors are the buffer's. */
struct encoder {
	struct buf *out;
	const struct encoding *encoding;
	const struct bounds *bounds;
	const struct family *family;
	bool headed;		  /* the family's header is out, or is not wanted */
	bool created;		  /* OpenMetrics: write `_created` samples */
	uint64_t created_wall_ns; /* see encode_created() */
	bool measuring;		  /* see encode_measure() */
	size_t bytes;		  /* measured so far */
};

/* A page of this format; `created` asks for samples of when counters began, where they are samples
 * of their own. All is borrowed. */
void encode_begin(struct encoder *ret, enum format format, bool created,
		  const struct bounds *bounds, struct buf *out);

/* The end of the page. */
void encode_end(struct encoder *encoder);

/* Samples that follow belong to this family. Its header appears with the first one, so a family
 * without samples leaves no trace. */
void encode_family(struct encoder *encoder, const struct family *family);

/* Must the bytes of a family's samples be known before its header? Then they are told twice: first
 * after encode_measure(), when they are not written but added up in `bytes`, then after
 * encode_sized() with that. */
bool encode_is_sized(const struct encoder *encoder);
void encode_measure(struct encoder *encoder, const struct family *family);
void encode_sized(struct encoder *encoder, const struct family *family, size_t bytes);

/* When the counters and histograms that follow began to count, since the epoch; 0: not known. */
void encode_created(struct encoder *encoder, uint64_t wall_ns);

#define ENCODE_LABELS_MAX 16

/* One sample. Labels are in alphabetical order; n is from 0 to ENCODE_LABELS_MAX. */
void encode_u64(struct encoder *encoder, const struct label *labels, size_t n, uint64_t value);
void encode_seconds(struct encoder *encoder, const struct label *labels, size_t n, uint64_t ns);

/* The cumulative buckets of the chosen bounds, +Inf, sum and count of a row; n is at least 1. */
void encode_histogram(struct encoder *encoder, const struct label *labels, size_t n,
		      const struct ior_row *row);

/* The whole snapshot as folded stacks, "comm;family;syscall NANOSECONDS" a line, by the
 * container_id before the comm, each if --by has it; calls that took no time left out. A `;` within
 * a name becomes `\x3b`. */
void encode_folded(const struct snapshot *snapshot, struct buf *out);

#endif
