/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prometheus' protobuf format: io.prometheus.client.MetricFamily messages, each after its length;
 * proto/metrics.proto has the parts that are written here. A histogram has both its classic and its
 * native buckets (schema 0), which are the row's slots as they are. Nested messages come after
 * their lengths, which are filled in when they are known.
 */
#include <assert.h>

#include "encode_format.h"
#include "encode_protobuf_size.h"
#include "families.h"
#include "protobuf_wire.h"

/* ---- values ---- */

/* The nearest double, as strtod() has it of the text. Below 2^53 ns the division rounds once. Above
 * there are 62 bits of quotient, the lowest of which stands for all that was cut off, so that the
 * conversion rounds once. */
static double seconds(uint64_t ns)
{
	unsigned int shift;
	unsigned __int128 scaled;
	uint64_t quotient;

	if (ns < 1ull << 53)
		return (double)ns / NS_PER_SECOND;
	shift = 29 + (unsigned int)__builtin_clzll(ns);
	scaled = (unsigned __int128)ns << shift;
	quotient = (uint64_t)(scaled / NS_PER_SECOND) | (scaled % NS_PER_SECOND != 0);
	return (double)quotient / (double)(1ull << 29) / (double)(1ull << (shift - 29));
}

static char *put_created(char *p, unsigned int field, uint64_t wall_ns)
{
	char *fields;

	if (!wall_ns)
		return p;
	fields = begin_message(p, field, ROOM_SMALL);
	p = put_number(fields, 1, wall_ns / NS_PER_SECOND);
	p = put_number(p, 2, wall_ns % NS_PER_SECOND);
	return end_message(fields, p, ROOM_SMALL);
}

#define CREATED_MAX (MESSAGE_MAX + 2 * NUMBER_MAX)

static char *put_bucket(char *p, unsigned int slot, uint64_t cumulative)
{
	char *length = put_tag(p, 3, BYTES); /* one byte */

	p = put_number(length + 1, 1, cumulative);
	p = put_double(p, 2, bound_seconds[slot]);
	*length = (char)(p - length - 1);
	return p;
}

/* Slot 0 is the zero bucket, slot k bucket k - 24. One span from the first that is not empty to the
 * last: an empty one between them takes one byte. */
static char *put_native(char *p, const struct ior_row *row)
{
	unsigned int first = 1, last = IOR_SLOTS - 1;
	uint64_t before = 0;
	char *fields;

	p = put_number(p, 5, zigzag(0)); /* schema */
	p = put_double(p, 6, bound_seconds[0]);
	p = put_number(p, 7, row->slot[0]);
	while (first < IOR_SLOTS && !row->slot[first])
		first++;
	if (first == IOR_SLOTS)
		return p;
	while (!row->slot[last])
		last--;

	fields = begin_message(p, 12, ROOM_SMALL);
	p = put_number(fields, 1, zigzag((int)first - 24));
	p = put_number(p, 2, last - first + 1);
	p = end_message(fields, p, ROOM_SMALL);

	fields = begin_message(p, 13, ROOM_SMALL);
	p = fields;
	for (unsigned int slot = first; slot <= last; slot++) {
		p = put_varint(p, zigzag((int64_t)(row->slot[slot] - before)));
		before = row->slot[slot];
	}
	return end_message(fields, p, ROOM_SMALL);
}

#define BUCKET_MAX (2 + 2 * NUMBER_MAX)
#define NATIVE_MAX (3 * NUMBER_MAX + 2 * MESSAGE_MAX + 2 * NUMBER_MAX + IOR_SLOTS * VARINT_MAX)
#define HISTOGRAM_MAX \
	(MESSAGE_MAX + 2 * NUMBER_MAX + BOUNDS_MAX * BUCKET_MAX + NATIVE_MAX + CREATED_MAX)

/* The bucket +Inf is the count: nobody sends it in this format. */
static char *put_histogram(char *p, const struct encoder *encoder, const struct ior_row *row)
{
	const struct bounds *bounds = encoder->bounds;
	char *const fields = begin_message(p, 7, ROOM_MIDDLE);
	uint64_t count = 0, sum = 0;
	unsigned int slot = 0;

	for (size_t i = 0; i < IOR_SLOTS; i++)
		count += row->slot[i];
	p = put_number(fields, 1, count);
	p = put_double(p, 2, seconds(row->sum_ns));
	for (size_t i = 0; i < bounds->n; i++) {
		for (; slot <= bounds->slot[i]; slot++)
			sum += row->slot[slot];
		p = put_bucket(p, bounds->slot[i], sum);
	}
	p = put_native(p, row);
	p = put_created(p, 15, encoder->created_wall_ns);
	return end_message(fields, p, ROOM_MIDDLE);
}

static char *put_value(char *p, const struct encoder *encoder, double value)
{
	const bool counter = encoder->family->type == TYPE_COUNTER;
	char *const fields = begin_message(p, counter ? 3 : 2, ROOM_SMALL);

	p = put_double(fields, 1, value);
	if (counter)
		p = put_created(p, 3, encoder->created_wall_ns);
	return end_message(fields, p, ROOM_SMALL);
}

#define VALUE_MAX (MESSAGE_MAX + NUMBER_MAX + CREATED_MAX)

/* ---- metrics and families ---- */

/* A label's name and value, and their lengths. */
struct pair {
	const char *text[2];
	size_t n[2];
};

static char *put_label(char *p, const struct pair *pair)
{
	p = put_tag(p, 1, BYTES);
	p = put_varint(p, text_size(pair->n[0]) + text_size(pair->n[1]));
	p = put_text(p, 1, pair->text[0], pair->n[0]);
	return put_text(p, 2, pair->text[1], pair->n[1]);
}

/* Begins one with its labels, with room for value_max more bytes; *fields is for end_metric(). */
static char *begin_metric(struct encoder *encoder, const struct label *labels, size_t n,
			  size_t value_max, char **fields)
{
	size_t max = MESSAGE_MAX + value_max;
	struct pair pair[ENCODE_LABELS_MAX];
	char *p;

	assert(n <= ENCODE_LABELS_MAX);
	for (size_t i = 0; i < n; i++) {
		pair[i] = (struct pair){
			{ labels[i].name, labels[i].value },
			{ strlen(labels[i].name), strlen(labels[i].value) },
		};
		max += (size_t)3 * MESSAGE_MAX + pair[i].n[0] + pair[i].n[1];
	}
	p = buf_reserve(encoder->out, max);
	if (!p)
		return NULL;
	*fields = p = begin_message(p, 4, ROOM_MIDDLE);
	for (size_t i = 0; i < n; i++)
		p = put_label(p, &pair[i]);
	return p;
}

static void end_metric(struct encoder *encoder, char *fields, const char *end)
{
	buf_used(encoder->out, end_message(fields, end, ROOM_MIDDLE));
}

static void add_value(struct encoder *encoder, const struct label *labels, size_t n, double value)
{
	char *fields, *p;

	if (encoder->measuring) {
		encoder->bytes += protobuf_value_size(encoder, labels, n);
		return;
	}
	p = begin_metric(encoder, labels, n, VALUE_MAX, &fields);
	if (p)
		end_metric(encoder, fields, put_value(p, encoder, value));
}

static void add_u64(struct encoder *encoder, const struct label *labels, size_t n, uint64_t value)
{
	add_value(encoder, labels, n, (double)value);
}

static void add_seconds(struct encoder *encoder, const struct label *labels, size_t n, uint64_t ns)
{
	add_value(encoder, labels, n, seconds(ns));
}

static void add_histogram(struct encoder *encoder, const struct label *labels, size_t n,
			  const struct ior_row *row)
{
	char *fields, *p;

	if (encoder->measuring) {
		encoder->bytes += protobuf_histogram_size(encoder, labels, n, row);
		return;
	}
	p = begin_metric(encoder, labels, n, HISTOGRAM_MAX, &fields);
	if (p)
		end_metric(encoder, fields, put_histogram(p, encoder, row));
}

static void add_header(struct encoder *encoder, size_t bytes)
{
	static const unsigned int types[] = {
		[TYPE_COUNTER] = 0,
		[TYPE_GAUGE] = 1,
		[TYPE_HISTOGRAM] = 4,
		[TYPE_INFO] = 1,
	};
	const struct family *family = encoder->family;
	const char *unit = family_unit(family);
	const size_t name_n = strlen(family->name), help_n = strlen(family->help);
	const size_t unit_n = strlen(unit);
	const size_t header =
		text_size(name_n) + text_size(help_n) + 2 + (unit_n ? text_size(unit_n) : 0);
	char *p = buf_reserve(encoder->out, VARINT_MAX + header);

	if (!p)
		return;
	p = put_varint(p, header + bytes);
	p = put_text(p, 1, family->name, name_n);
	p = put_text(p, 2, family->help, help_n);
	p = put_number(p, 3, types[family->type]);
	if (unit_n)
		p = put_text(p, 5, unit, unit_n);
	buf_used(encoder->out, p);
}

const struct encoding encoding_protobuf = {
	.type = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
		"encoding=delimited",
	.sized = true,
	.header = add_header,
	.u64 = add_u64,
	.seconds = add_seconds,
	.histogram = add_histogram,
};
