/* SPDX-License-Identifier: Apache-2.0 */
#include "encode_protobuf_size.h"

#include "families.h"
#include "protobuf_wire.h"

static size_t labels_size(const struct label *labels, size_t n)
{
	size_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		bytes += message_size(text_size(strlen(labels[i].name)) +
				      text_size(strlen(labels[i].value)));
	return bytes;
}

static size_t created_size(uint64_t wall_ns)
{
	if (!wall_ns)
		return 0;
	return message_size(number_size(wall_ns / NS_PER_SECOND) +
			    number_size(wall_ns % NS_PER_SECOND));
}

size_t protobuf_value_size(const struct encoder *encoder, const struct label *labels, size_t n)
{
	size_t value = DOUBLE_SIZE;

	if (encoder->family->type == TYPE_COUNTER)
		value += created_size(encoder->created_wall_ns);
	return message_size(labels_size(labels, n) + message_size(value));
}

static size_t native_size(const struct ior_row *row)
{
	unsigned int first = 1, last = IOR_SLOTS - 1;
	size_t bytes = number_size(0) + DOUBLE_SIZE + number_size(row->slot[0]), deltas = 0;
	uint64_t before = 0;

	while (first < IOR_SLOTS && !row->slot[first])
		first++;
	if (first == IOR_SLOTS)
		return bytes;
	while (!row->slot[last])
		last--;
	for (unsigned int slot = first; slot <= last; slot++) {
		deltas += varint_size(zigzag((int64_t)(row->slot[slot] - before)));
		before = row->slot[slot];
	}
	bytes += message_size(number_size(zigzag((int)first - 24)) + number_size(last - first + 1));
	return bytes + message_size(deltas);
}

/* The counts never fall, so neither do their sizes. */
static size_t buckets_size(const struct bounds *bounds, const struct ior_row *row)
{
	uint64_t sum = 0, too_large = 0x80; /* for a varint of so many bytes */
	size_t varint = 1, bytes = 0;
	unsigned int slot = 0;

	for (size_t i = 0; i < bounds->n; i++) {
		for (; slot <= bounds->slot[i]; slot++)
			sum += row->slot[slot];
		for (; varint < VARINT_MAX - 1 && sum >= too_large; too_large <<= 7)
			varint++;
		bytes += message_size(1 + varint + (sum >> 63) + DOUBLE_SIZE);
	}
	return bytes;
}

size_t protobuf_histogram_size(const struct encoder *encoder, const struct label *labels, size_t n,
			       const struct ior_row *row)
{
	uint64_t count = 0;
	size_t bytes;

	for (size_t i = 0; i < IOR_SLOTS; i++)
		count += row->slot[i];
	bytes = number_size(count) + DOUBLE_SIZE + buckets_size(encoder->bounds, row) +
		native_size(row) + created_size(encoder->created_wall_ns);
	return message_size(labels_size(labels, n) + message_size(bytes));
}
