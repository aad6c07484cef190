/* SPDX-License-Identifier: Apache-2.0 */
#include "encode.h"

#include "encode_format.h"

static const struct encoding *const encodings[FORMATS] = {
	[FORMAT_TEXT] = &encoding_text,
	[FORMAT_OPENMETRICS] = &encoding_openmetrics,
	[FORMAT_PROTOBUF] = &encoding_protobuf,
};

const char *encode_type(enum format format)
{
	return encodings[format]->type;
}

void encode_begin(struct encoder *ret, enum format format, bool created,
		  const struct bounds *bounds, struct buf *out)
{
	*ret = (struct encoder){
		.out = out,
		.encoding = encodings[format],
		.bounds = bounds,
		.created = created,
	};
}

void encode_end(struct encoder *encoder)
{
	if (encoder->encoding->end)
		encoder->encoding->end(encoder);
}

static void begin_family(struct encoder *encoder, const struct family *family, bool headed)
{
	encoder->family = family;
	encoder->headed = headed;
	encoder->measuring = false;
	encoder->created_wall_ns = 0;
}

void encode_family(struct encoder *encoder, const struct family *family)
{
	begin_family(encoder, family, false);
}

bool encode_is_sized(const struct encoder *encoder)
{
	return encoder->encoding->sized;
}

void encode_measure(struct encoder *encoder, const struct family *family)
{
	begin_family(encoder, family, true);
	encoder->measuring = true;
	encoder->bytes = 0;
}

void encode_sized(struct encoder *encoder, const struct family *family, size_t bytes)
{
	begin_family(encoder, family, true);
	if (bytes)
		encoder->encoding->header(encoder, bytes);
}

void encode_created(struct encoder *encoder, uint64_t wall_ns)
{
	encoder->created_wall_ns = wall_ns;
}

/* Before each sample. */
static void head(struct encoder *encoder)
{
	if (encoder->headed)
		return;
	encoder->headed = true;
	encoder->encoding->header(encoder, 0);
}

void encode_u64(struct encoder *encoder, const struct label *labels, size_t n, uint64_t value)
{
	head(encoder);
	encoder->encoding->u64(encoder, labels, n, value);
}

void encode_seconds(struct encoder *encoder, const struct label *labels, size_t n, uint64_t ns)
{
	head(encoder);
	encoder->encoding->seconds(encoder, labels, n, ns);
}

void encode_histogram(struct encoder *encoder, const struct label *labels, size_t n,
		      const struct ior_row *row)
{
	head(encoder);
	encoder->encoding->histogram(encoder, labels, n, row);
}
