/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenMetrics text 1.0.0. The lines are those of text 0.0.4; what differs is the header, in which a
 * family has the name without the suffix of its type, and the end.
 */
#include "encode_lines.h"
#include "families.h"

static const char *const types[] = {
	[TYPE_COUNTER] = "counter",
	[TYPE_GAUGE] = "gauge",
	[TYPE_HISTOGRAM] = "histogram",
	[TYPE_INFO] = "info",
};

static void add_header(struct encoder *encoder, size_t bytes)
{
	const struct family *family = encoder->family;
	const char *unit = family_unit(family);
	const int n = (int)family_base(family);
	struct buf *out = encoder->out;

	(void)bytes;
	buf_add_fmt(out, "# TYPE %.*s %s\n", n, family->name, types[family->type]);
	if (*unit)
		buf_add_fmt(out, "# UNIT %.*s %s\n", n, family->name, unit);
	buf_add_fmt(out, "# HELP %.*s ", n, family->name);
	lines_add_help(out, family->help, true);
	buf_add_str(out, "\n");
}

/* Follows the samples of a series, if it is wanted and known. */
static void add_created(struct encoder *encoder, const struct label *labels, size_t n)
{
	const struct family *family = encoder->family;
	const bool counts = family->type == TYPE_COUNTER || family->type == TYPE_HISTOGRAM;

	if (encoder->created && encoder->created_wall_ns && counts)
		lines_created(encoder, family->name, family_base(family), labels, n);
}

static void add_u64(struct encoder *encoder, const struct label *labels, size_t n, uint64_t value)
{
	lines_u64(encoder, labels, n, value);
	add_created(encoder, labels, n);
}

static void add_seconds(struct encoder *encoder, const struct label *labels, size_t n, uint64_t ns)
{
	lines_seconds(encoder, labels, n, ns);
	add_created(encoder, labels, n);
}

static void add_histogram(struct encoder *encoder, const struct label *labels, size_t n,
			  const struct ior_row *row)
{
	lines_histogram(encoder, labels, n, row);
	add_created(encoder, labels, n);
}

static void add_end(struct encoder *encoder)
{
	buf_add_str(encoder->out, "# EOF\n");
}

const struct encoding encoding_openmetrics = {
	.type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
	.header = add_header,
	.u64 = add_u64,
	.seconds = add_seconds,
	.histogram = add_histogram,
	.end = add_end,
};
