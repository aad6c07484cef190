/* SPDX-License-Identifier: Apache-2.0 */
/* Prometheus text format 0.0.4. */
#include "encode_lines.h"
#include "families.h"

static void add_header(struct encoder *encoder, size_t bytes)
{
	const struct family *family = encoder->family;
	struct buf *out = encoder->out;

	(void)bytes;
	buf_add_fmt(out, "# HELP %s ", family->name);
	lines_add_help(out, family->help, false);
	buf_add_fmt(out, "\n# TYPE %s %s\n", family->name, family_type_names[family->type]);
}

const struct encoding encoding_text = {
	.type = "text/plain; version=0.0.4; charset=utf-8",
	.header = add_header,
	.u64 = lines_u64,
	.seconds = lines_seconds,
	.histogram = lines_histogram,
};
