/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing byte buffer. Lowest layer: knows nothing of the rest.
 *
 * Invariants: data[0..len) is what was appended; cap >= len. Errors are sticky: after a failed
 * growth err is -ENOMEM and every append is a no-op, so a writer checks once, at the end.
 */
#ifndef BUF_H
#define BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data;
	size_t len, cap;
	int err;
};

/* First capacity. Tests build with 1, so that every growth path runs. */
#ifndef BUF_MIN
#define BUF_MIN 4096
#endif

/* Longest text of a uint64_t, and of seconds from nanoseconds ("18446744073.709551615"). */
#define BUF_U64_MAX 20
#define BUF_SECONDS_MAX 21

void buf_add(struct buf *buf, const void *bytes, size_t n);
void buf_add_str(struct buf *buf, const char *text);
void buf_add_u64(struct buf *buf, uint64_t value);
/* printf-style, for the places where speed does not matter. */
void buf_add_fmt(struct buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Room for n more bytes to be written in place, NULL after an error; buf_used() then takes the end
 * of what was written, at most n bytes further. */
char *buf_reserve(struct buf *buf, size_t n);
void buf_used(struct buf *buf, const char *end);

/* Writes all of it, however often that takes. Returns 0 or -errno. */
int buf_write(const struct buf *buf, int fd);

/* Frees the bytes and makes the buffer an empty one, its error forgotten. */
void buf_free(struct buf *buf);

/* Write a number at p, without a NUL, and return the end. p has room for the maximum above.
 * Seconds are exact decimals without trailing zeros: 1500000000 ns is "1.5", 0 is "0". */
char *buf_put_u64(char *p, uint64_t value);
char *buf_put_seconds(char *p, uint64_t ns);

#endif
