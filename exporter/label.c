/* SPDX-License-Identifier: Apache-2.0 */
#include "label.h"

#include <stdint.h>
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

size_t label_from_comm(char dst[LABEL_SIZE], const char *comm, size_t n)
{
	const unsigned char *s = (const unsigned char *)comm;
	char *p = dst;

	n = strnlen(comm, n);
	if (!n) {
		memcpy(dst, "\\0", 3);
		return 2;
	}
	if (n == strlen(LABEL_OTHER) && !memcmp(comm, LABEL_OTHER, n)) {
		p = put_hex(p, *s++);
		n--;
	}
	while (n) {
		size_t len;

		if (*s >= 0x20 && *s < 0x7f && *s != '\\') { /* nearly always */
			*p++ = (char)*s++;
			n--;
			continue;
		}
		len = utf8_printable(s, n);
		if (*s == '\\') {
			*p++ = '\\';
			*p++ = '\\';
			len = 1;
		} else if (len) {
			memcpy(p, s, len);
			p += len;
		} else {
			p = put_hex(p, *s);
			len = 1;
		}
		s += len;
		n -= len;
	}
	*p = '\0';
	return (size_t)(p - dst);
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
