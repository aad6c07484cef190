/* SPDX-License-Identifier: Apache-2.0 */
#include "label.h"

#include <assert.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Length of the well-formed UTF-8 sequence at s that stands for a printable character (Unicode
 * 15, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF), or 0. */
static size_t utf8_printable(const unsigned char *s, size_t n)
{
	uint32_t code;
	size_t len;

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f;
	if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		len = 2;
		code = s[0] & 0x1f;
	} else if (s[0] >= 0xe0 && s[0] <= 0xef) {
		len = 3;
		code = s[0] & 0x0f;
	} else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		len = 4;
		code = s[0] & 0x07;
	} else {
		return 0;
	}
	if (len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (len == 2 && code < 0xa0) /* C1 controls */
		return 0;
	if (len == 3 && (code < 0x800 || (code >= 0xd800 && code <= 0xdfff)))
		return 0;
	if (len == 4 && (code < 0x10000 || code > 0x10ffff))
		return 0;
	return len;
}

static char *put_hex(char *p, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	*p++ = '\\';
	*p++ = 'x';
	*p++ = digits[byte >> 4];
	*p++ = digits[byte & 15];
	return p;
}

/* Writes the label of the character that the n bytes at s begin with, at most 4 bytes; ret_taken is
 * the length of the character. Returns the length of its label. */
static size_t put_character(char *dst, const unsigned char *s, size_t n, size_t *ret_taken)
{
	size_t len = utf8_printable(s, n);

	*ret_taken = len ?: 1;
	if (*s == '\\') {
		dst[0] = '\\';
		dst[1] = '\\';
		return 2;
	}
	if (!len)
		return (size_t)(put_hex(dst, *s) - dst);
	memcpy(dst, s, len);
	return len;
}

#define HASH_LEN 18 /* `\~` and 16 digits */

/* FNV-1a, see draft-eastlake-fnv. */
static size_t put_hash(char *dst, const char *text, size_t n)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3;
	(void)snprintf(dst, HASH_LEN + 1, "\\~%016" PRIx64, hash);
	return HASH_LEN;
}

size_t label_from_text(char *dst, size_t size, const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text, *end = s + n;
	size_t at = 0, cut = 0; /* the hash fits behind cut */

	assert(size >= 32);
	if (!n) {
		memcpy(dst, "\\0", 3);
		return 2;
	}
	if (n == strlen(LABEL_OTHER) && !memcmp(text, LABEL_OTHER, n))
		at = (size_t)(put_hex(dst, *s++) - dst);
	while (s < end) {
		char part[4];
		size_t taken = 1, len = 1;

		if (at + HASH_LEN < size)
			cut = at;
		if (*s >= 0x20 && *s < 0x7f && *s != '\\') /* nearly always */
			part[0] = (char)*s;
		else
			len = put_character(part, s, (size_t)(end - s), &taken);
		if (at + len >= size)
			return cut + put_hash(dst + cut, text, n);
		memcpy(dst + at, part, len);
		at += len;
		s += taken;
	}
	dst[at] = '\0';
	return at;
}

size_t label_from_comm(char dst[LABEL_SIZE], const char *comm, size_t n)
{
	return label_from_text(dst, LABEL_SIZE, comm, strnlen(comm, n));
}

/* Undoes the escapes of a label. Returns the number of bytes, or -1 if it is none of ours. */
static int comm_from_label(char comm[16], const char *label)
{
	int n = 0;

	if (!strcmp(label, "\\0"))
		return 0;
	for (; *label; n++) {
		if (n == 16)
			return -1;
		if (*label != '\\') {
			comm[n] = *label++;
		} else if (label[1] == '\\') {
			comm[n] = '\\';
			label += 2;
		} else if (label[1] == 'x' && label[2] && label[3]) {
			static const char digits[] = "0123456789abcdef";
			const char *high = strchr(digits, label[2]);
			const char *low = strchr(digits, label[3]);

			if (!high || !low)
				return -1;
			comm[n] = (char)((high - digits) << 4 | (low - digits));
			label += 4;
		} else {
			return -1;
		}
	}
	return n;
}

bool label_is_valid(const char *label)
{
	char comm[16], again[LABEL_SIZE];
	int n;

	if (!strcmp(label, LABEL_OTHER))
		return true;
	n = comm_from_label(comm, label);
	if (n < 0)
		return false;
	(void)label_from_comm(again, comm, (size_t)n);
	return !strcmp(label, again);
}

bool label_is_printable(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t left = strlen(text), n;

	for (; left; left -= n, s += n) {
		n = utf8_printable(s, left);
		if (!n)
			return false;
	}
	return true;
}
