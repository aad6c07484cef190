/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What protobuf messages are made of (https://protobuf.dev/programming-guides/encoding/), and how
 * many bytes that takes. Writers return where the next byte goes; there must be room.
 */
#ifndef PROTOBUF_WIRE_H
#define PROTOBUF_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum wire { VARINT = 0, FIXED64 = 1, BYTES = 2 };

static inline char *put_varint(char *p, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		*p++ = (char)(value | 0x80);
	*p++ = (char)value;
	return p;
}

#define VARINT_MAX 10

#define NS_PER_SECOND 1000000000u /* for google.protobuf.Timestamp */

/* One byte for each 7 bits. (Counting leading zeros is slow on many machines.) */
static inline size_t varint_size(uint64_t value)
{
	size_t n = 1;

	for (; value >= 0x80; value >>= 7)
		n++;
	return n;
}

static inline uint64_t zigzag(int64_t value)
{
	return (uint64_t)value << 1 ^ -(uint64_t)(value < 0);
}

/* No field has a number above 15, so its tag is one byte. */
static inline char *put_tag(char *p, unsigned int field, enum wire wire)
{
	*p++ = (char)(field << 3 | wire);
	return p;
}

static inline char *put_number(char *p, unsigned int field, uint64_t value)
{
	return put_varint(put_tag(p, field, VARINT), value);
}

/* Both machines that there are tables of system calls for are little-endian, as doubles are here.
 */
static inline char *put_double(char *p, unsigned int field, double value)
{
	p = put_tag(p, field, FIXED64);
	memcpy(p, &value, sizeof(value));
	return p + sizeof(value);
}

#define NUMBER_MAX (1 + VARINT_MAX) /* the longest of both */

static inline char *put_text(char *p, unsigned int field, const char *text, size_t n)
{
	p = put_varint(put_tag(p, field, BYTES), n);
	memcpy(p, text, n);
	return p + n;
}

static inline size_t text_size(size_t n)
{
	return 1 + varint_size(n) + n;
}

#define MESSAGE_MAX (1 + VARINT_MAX) /* what it takes beside its fields */

/* How many bytes its length will take, as far as is known before. */
enum room { ROOM_SMALL = 1, ROOM_MIDDLE = 2 }; /* up to 127 and 16383 bytes */

/* Returns where the fields of a message go, with room for the length before. */
static inline char *begin_message(char *p, unsigned int field, enum room room)
{
	return put_tag(p, field, BYTES) + room;
}

/* Fills in the length, and moves the fields if it takes another room. */
static inline char *end_message(char *fields, const char *end, enum room room)
{
	const size_t n = (size_t)(end - fields), takes = varint_size(n);
	char *p = fields - room;

	if (takes != room)
		memmove(p + takes, fields, n);
	return put_varint(p, n) + n;
}

static inline size_t number_size(uint64_t value)
{
	return 1 + varint_size(value);
}

#define DOUBLE_SIZE (1 + sizeof(double))

/* Of a message within another, by that of its fields. */
static inline size_t message_size(size_t fields)
{
	return 1 + varint_size(fields) + fields;
}

#endif
