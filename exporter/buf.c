/* SPDX-License-Identifier: Apache-2.0 */
#include "buf.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *buf_reserve(struct buf *buf, size_t n)
{
	size_t cap = buf->cap ? buf->cap : BUF_MIN;
	char *data;

	if (buf->err)
		return NULL;
	if (n <= buf->cap - buf->len)
		return buf->data + buf->len;
	while (cap - buf->len < n) {
		if (cap > SIZE_MAX / 2) {
			buf->err = -ENOMEM;
			return NULL;
		}
		cap *= 2;
	}
	data = realloc(buf->data, cap);
	if (!data) {
		buf->err = -ENOMEM;
		return NULL;
	}
	buf->data = data;
	buf->cap = cap;
	return data + buf->len;
}

void buf_used(struct buf *buf, const char *end)
{
	buf->len = (size_t)(end - buf->data);
}

void buf_add(struct buf *buf, const void *bytes, size_t n)
{
	char *p;

	if (!n)
		return;
	p = buf_reserve(buf, n);
	if (!p)
		return;
	memcpy(p, bytes, n);
	buf->len += n;
}

void buf_add_str(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_add_u64(struct buf *buf, uint64_t value)
{
	char *p = buf_reserve(buf, BUF_U64_MAX);

	if (p)
		buf_used(buf, buf_put_u64(p, value));
}

void buf_add_fmt(struct buf *buf, const char *fmt, ...)
{
	va_list args;
	char *p;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	p = buf_reserve(buf, (size_t)n + 1);
	if (!p)
		return;
	va_start(args, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, args);
	va_end(args);
	buf->len += (size_t)n;
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ 0 };
}

static const char digit_pairs[] =
	"00010203040506070809101112131415161718192021222324252627282930313233"
	"34353637383940414243444546474849505152535455565758596061626364656667"
	"68697071727374757677787980818283848586878889909192939495969798"
	"99";

char *buf_put_u64(char *p, uint64_t value)
{
	char text[BUF_U64_MAX];
	size_t at = sizeof(text);

	if (value < 10) { /* most buckets of most series */
		*p = (char)('0' + value);
		return p + 1;
	}
	while (value >= 100) {
		unsigned int pair = value % 100;

		value /= 100;
		at -= 2;
		memcpy(text + at, digit_pairs + 2 * (size_t)pair, 2);
	}
	if (value >= 10) {
		at -= 2;
		memcpy(text + at, digit_pairs + 2 * value, 2);
	} else {
		text[--at] = (char)('0' + value);
	}
	memcpy(p, text + at, sizeof(text) - at);
	return p + sizeof(text) - at;
}

char *buf_put_seconds(char *p, uint64_t ns)
{
	unsigned int fraction = ns % 1000000000;
	unsigned int digit = 100000000;

	p = buf_put_u64(p, ns / 1000000000);
	if (!fraction)
		return p;
	*p++ = '.';
	for (; fraction; digit /= 10) {
		*p++ = (char)('0' + fraction / digit);
		fraction %= digit;
	}
	return p;
}

int buf_write(const struct buf *buf, int fd)
{
	for (size_t at = 0; at < buf->len;) {
		ssize_t n = write(fd, buf->data + at, buf->len - at);

		if (n < 0 && errno == EAGAIN) { /* somebody else made it non-blocking */
			struct pollfd writable = { .fd = fd, .events = POLLOUT };

			(void)poll(&writable, 1, -1);
		} else if (n < 0 && errno != EINTR) {
			return -errno;
		}
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}
