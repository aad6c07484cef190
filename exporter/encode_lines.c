/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page is mostly bucket lines that differ in `le` and value alone, so a series' lines are written
 * as copies of one prefix, a constant tail, and a number; space is reserved once a series.
 */
#include "encode_lines.h"

#include <string.h>

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

/* "name+suffix{labels} ", with room behind it for a value and a newline. */
static char *begin_sample(struct encoder *encoder, const char *name, size_t name_len,
			  const char *suffix, const struct label *labels, size_t n)
{
	char *p = buf_reserve(encoder->out, name_len + strlen(suffix) + labels_max(labels, n) + 4 +
						    BUF_SECONDS_MAX);

	if (!p)
		return NULL;
	p = put(p, name, name_len);
	p = put_str(p, suffix);
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

void lines_u64(struct encoder *encoder, const struct label *labels, size_t n, uint64_t value)
{
	const char *name = encoder->family->name;
	char *p = begin_sample(encoder, name, strlen(name), "", labels, n);

	if (p)
		end_sample(encoder, buf_put_u64(p, value));
}

void lines_seconds(struct encoder *encoder, const struct label *labels, size_t n, uint64_t ns)
{
	const char *name = encoder->family->name;
	char *p = begin_sample(encoder, name, strlen(name), "", labels, n);

	if (p)
		end_sample(encoder, buf_put_seconds(p, ns));
}

void lines_created(struct encoder *encoder, const char *name, size_t name_len,
		   const struct label *labels, size_t n)
{
	char *p = begin_sample(encoder, name, name_len, "_created", labels, n);

	if (p)
		end_sample(encoder, buf_put_seconds(p, encoder->created_wall_ns));
}

void lines_add_help(struct buf *out, const char *help, bool quotes)
{
	while (*help) {
		const size_t plain = strcspn(help, quotes ? "\\\n\"" : "\\\n");

		buf_add(out, help, plain);
		help += plain;
		if (*help)
			buf_add_fmt(out, "\\%c", *help == '\n' ? 'n' : *help);
		help += *help != '\0';
	}
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

void lines_histogram(struct encoder *encoder, const struct label *labels, size_t n,
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
