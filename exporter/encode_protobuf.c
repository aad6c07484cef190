/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prometheus' protobuf format: io.prometheus.client.MetricFamily messages, each after its length;
 * proto/metrics.proto has the parts that are written here. A histogram has both its classic and its
 * native buckets (schema 0), which are the row's slots as they are. Nested messages come after
 * their lengths, which are filled in when they are known.
 */
#include <string.h>

#include "encode_format.h"
#include "families.h"

enum wire { VARINT = 0, FIXED64 = 1, BYTES = 2 };

#define NS_PER_SECOND 1000000000u

/* ---- what messages are made of ---- */

static char *put_varint(char *p, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		*p++ = (char)(value | 0x80);
	*p++ = (char)value;
	return p;
}

#define VARINT_MAX 10

static size_t varint_size(uint64_t value)
{
	size_t n = 1;

	for (; value >= 0x80; value >>= 7)
		n++;
	return n;
}

static uint64_t zigzag(int64_t value)
{
	return (uint64_t)value << 1 ^ -(uint64_t)(value < 0);
}

/* No field has a number above 15, so its tag is one byte. */
static char *put_tag(char *p, unsigned int field, enum wire wire)
{
	*p++ = (char)(field << 3 | wire);
	return p;
}

static char *put_number(char *p, unsigned int field, uint64_t value)
{
	return put_varint(put_tag(p, field, VARINT), value);
}

/* Both machines that there are tables of system calls for are little-endian, as doubles are here.
 */
static char *put_double(char *p, unsigned int field, double value)
{
	p = put_tag(p, field, FIXED64);
	memcpy(p, &value, sizeof(value));
	return p + sizeof(value);
}

#define NUMBER_MAX (1 + VARINT_MAX) /* the longest of both */

static char *put_text(char *p, unsigned int field, const char *text, size_t n)
{
	p = put_varint(put_tag(p, field, BYTES), n);
	memcpy(p, text, n);
	return p + n;
}

static size_t text_size(size_t n)
{
	return 1 + varint_size(n) + n;
}

#define MESSAGE_MAX (1 + VARINT_MAX) /* what it takes beside its fields */
#define LENGTH_ROOM 2		     /* fits most histograms */

/* Returns where the fields of a message go, with room for the length before. */
static char *begin_message(char *p, unsigned int field)
{
	return put_tag(p, field, BYTES) + LENGTH_ROOM;
}

/* Fills in the length, and moves the fields if it takes another room. */
static char *end_message(char *fields, const char *end)
{
	const size_t n = (size_t)(end - fields), room = varint_size(n);
	char *p = fields - LENGTH_ROOM;

	if (room != LENGTH_ROOM)
		memmove(p + room, fields, n);
	return put_varint(p, n) + n;
}

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
	fields = begin_message(p, field);
	p = put_number(fields, 1, wall_ns / NS_PER_SECOND);
	p = put_number(p, 2, wall_ns % NS_PER_SECOND);
	return end_message(fields, p);
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

	fields = begin_message(p, 12);
	p = put_number(fields, 1, zigzag((int)first - 24));
	p = put_number(p, 2, last - first + 1);
	p = end_message(fields, p);

	fields = begin_message(p, 13);
	p = fields;
	for (unsigned int slot = first; slot <= last; slot++) {
		p = put_varint(p, zigzag((int64_t)(row->slot[slot] - before)));
		before = row->slot[slot];
	}
	return end_message(fields, p);
}

#define BUCKET_MAX (2 + 2 * NUMBER_MAX)
#define NATIVE_MAX (3 * NUMBER_MAX + 2 * MESSAGE_MAX + 2 * NUMBER_MAX + IOR_SLOTS * VARINT_MAX)
#define HISTOGRAM_MAX \
	(MESSAGE_MAX + 2 * NUMBER_MAX + BOUNDS_MAX * BUCKET_MAX + NATIVE_MAX + CREATED_MAX)

/* The bucket +Inf is the count: nobody sends it in this format. */
static char *put_histogram(char *p, const struct encoder *encoder, const struct ior_row *row)
{
	const struct bounds *bounds = encoder->bounds;
	char *const fields = begin_message(p, 7);
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
	return end_message(fields, p);
}

static char *put_value(char *p, const struct encoder *encoder, double value)
{
	const bool counter = encoder->family->type == TYPE_COUNTER;
	char *const fields = begin_message(p, counter ? 3 : 2);

	p = put_double(fields, 1, value);
	if (counter)
		p = put_created(p, 3, encoder->created_wall_ns);
	return end_message(fields, p);
}

#define VALUE_MAX (MESSAGE_MAX + NUMBER_MAX + CREATED_MAX)

/* ---- metrics and families ---- */

/* Begins one with its labels, with room for value_max more bytes; *fields is for end_metric(). */
static char *begin_metric(struct encoder *encoder, const struct label *labels, size_t n,
			  size_t value_max, char **fields)
{
	size_t max = MESSAGE_MAX + value_max;
	char *p;

	for (size_t i = 0; i < n; i++)
		max += (size_t)3 * MESSAGE_MAX + strlen(labels[i].name) + strlen(labels[i].value);
	p = buf_reserve(encoder->out, max);
	if (!p)
		return NULL;
	*fields = p = begin_message(p, 4);
	for (size_t i = 0; i < n; i++) {
		const size_t name_n = strlen(labels[i].name), value_n = strlen(labels[i].value);

		p = put_tag(p, 1, BYTES);
		p = put_varint(p, text_size(name_n) + text_size(value_n));
		p = put_text(p, 1, labels[i].name, name_n);
		p = put_text(p, 2, labels[i].value, value_n);
	}
	return p;
}

static void end_metric(struct encoder *encoder, char *fields, const char *end)
{
	buf_used(encoder->out, end_message(fields, end));
}

static void add_value(struct encoder *encoder, const struct label *labels, size_t n, double value)
{
	char *fields, *p = begin_metric(encoder, labels, n, VALUE_MAX, &fields);

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
	char *fields, *p = begin_metric(encoder, labels, n, HISTOGRAM_MAX, &fields);

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
