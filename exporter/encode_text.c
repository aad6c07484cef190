/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prometheus text format 0.0.4. A page is mostly bucket lines that differ in `le` and value alone,
 * so a series' lines are written as copies of one prefix, a constant tail, and a number; space is
 * reserved once a series.
 */
#include <string.h>

#include "encode.h"
#include "families.h"

/* `1.0"} ` and its length, made once. */
struct tail {
	char text[32];
	size_t len;
};

static struct tail tails[BOUNDS_MAX];
static const struct tail inf_tail = { "+Inf\"} ", 7 };

__attribute__((constructor)) static void make_tails(void)
{
	for (size_t i = 0; i < BOUNDS_MAX; i++) {
		size_t n = strlen(bound_le[i]);

		memcpy(tails[i].text, bound_le[i], n);
		memcpy(tails[i].text + n, "\"} ", 3);
		tails[i].len = n + 3;
	}
}

static char *put(char *p, const char *text, size_t n)
{
	memcpy(p, text, n);
	return p + n;
}

static char *put_str(char *p, const char *text)
{
	return put(p, text, strlen(text));
}

/* Label values escape backslash, quote and newline. */
static char *put_value(char *p, const char *value)
{
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			*p++ = '\\';
		if (*value == '\n') {
			*p++ = '\\';
			*p++ = 'n';
			continue;
		}
		*p++ = *value;
	}
	return p;
}

static char *put_labels(char *p, const struct label *labels, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			*p++ = ',';
		p = put_str(p, labels[i].name);
		p = put(p, "=\"", 2);
		p = put_value(p, labels[i].value);
		*p++ = '"';
	}
	return p;
}

/* Most that put_labels() can write. */
static size_t labels_max(const struct label *labels, size_t n)
{
	size_t max = 0;

	for (size_t i = 0; i < n; i++)
		max += strlen(labels[i].name) + 2 * strlen(labels[i].value) + 4;
	return max;
}

static void add_header(struct encoder *encoder)
{
	const struct family *family = encoder->family;

	/* help texts are ours and have nothing to escape */
	buf_add_fmt(encoder->out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help,
		    family->name, family_type_names[family->type]);
	encoder->headed = true;
}

void encode_family(struct encoder *encoder, const struct family *family)
{
	encoder->family = family;
	encoder->headed = false;
}

/* "name{labels} ", with room behind it for a value and a newline. */
static char *begin_sample(struct encoder *encoder, const struct label *labels, size_t n)
{
	const char *name = encoder->family->name;
	char *p;

	if (!encoder->headed)
		add_header(encoder);
	p = buf_reserve(encoder->out, strlen(name) + labels_max(labels, n) + 4 + BUF_SECONDS_MAX);
	if (!p)
		return NULL;
	p = put_str(p, name);
	if (n) {
		*p++ = '{';
		p = put_labels(p, labels, n);
		*p++ = '}';
	}
	*p++ = ' ';
	return p;
}

static void end_sample(struct encoder *encoder, char *p)
{
	*p++ = '\n';
	buf_used(encoder->out, p);
}

void encode_u64(struct encoder *encoder, const struct label *labels, size_t n, uint64_t value)
{
	char *p = begin_sample(encoder, labels, n);

	if (p)
		end_sample(encoder, buf_put_u64(p, value));
}

void encode_seconds(struct encoder *encoder, const struct label *labels, size_t n, uint64_t ns)
{
	char *p = begin_sample(encoder, labels, n);

	if (p)
		end_sample(encoder, buf_put_seconds(p, ns));
}

static char *put_bucket(char *p, const char *prefix, size_t prefix_len, const struct tail *tail,
			uint64_t value)
{
	p = put(p, prefix, prefix_len);
	p = put(p, tail->text, tail->len);
	p = buf_put_u64(p, value);
	*p++ = '\n';
	return p;
}

void encode_histogram(struct encoder *encoder, const struct label *labels, size_t n,
		      const struct ior_row *row)
{
	const struct bounds *bounds = encoder->bounds;
	const char *name = encoder->family->name;
	const size_t name_len = strlen(name);
	const size_t line_max = name_len + labels_max(labels, n) + sizeof(struct tail) + 40;
	char *p, *prefix, *inner;
	size_t prefix_len, inner_len;
	uint64_t sum = 0;
	unsigned int slot = 0;

	if (!encoder->headed)
		add_header(encoder);
	p = buf_reserve(encoder->out, line_max * (bounds->n + 3));
	if (!p)
		return;

	/* the first line in place; its beginning is the prefix of the others */
	prefix = p;
	p = put(p, name, name_len);
	p = put(p, "_bucket{", 8);
	inner = p;
	p = put_labels(p, labels, n);
	inner_len = (size_t)(p - inner);
	p = put(p, ",le=\"", 5);
	prefix_len = (size_t)(p - prefix);
	p = prefix;
	for (size_t i = 0; i < bounds->n; i++) {
		for (; slot <= bounds->slot[i]; slot++)
			sum += row->slot[slot];
		if (i == 0) {
			p += prefix_len;
			p = put(p, tails[bounds->slot[i]].text, tails[bounds->slot[i]].len);
			p = buf_put_u64(p, sum);
			*p++ = '\n';
		} else {
			p = put_bucket(p, prefix, prefix_len, &tails[bounds->slot[i]], sum);
		}
	}
	for (; slot < IOR_SLOTS; slot++)
		sum += row->slot[slot];
	p = put_bucket(p, prefix, prefix_len, &inf_tail, sum);

	p = put(p, name, name_len);
	p = put(p, "_sum{", 5);
	p = put(p, inner, inner_len);
	p = put(p, "} ", 2);
	p = buf_put_seconds(p, row->sum_ns);
	*p++ = '\n';
	p = put(p, name, name_len);
	p = put(p, "_count{", 7);
	p = put(p, inner, inner_len);
	p = put(p, "} ", 2);
	p = buf_put_u64(p, sum);
	*p++ = '\n';
	buf_used(encoder->out, p);
}

const char *encode_type(enum format format)
{
	static const char *const types[FORMATS] = {
		[FORMAT_TEXT] = "text/plain; version=0.0.4; charset=utf-8",
		[FORMAT_OPENMETRICS] = "application/openmetrics-text; version=1.0.0; charset=utf-8",
		[FORMAT_PROTOBUF] = ("application/vnd.google.protobuf; "
				     "proto=io.prometheus.client.MetricFamily; encoding=delimited"),
	};

	return types[format];
}
