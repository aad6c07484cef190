/* SPDX-License-Identifier: Apache-2.0 */
/* Values as people write them: numbers, and lists of texts. strtoull() is not used: it takes signs
 * and blanks. */
#ifndef VALUES_H
#define VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each writes *ret and returns true, or returns false if text is anything else or too large. */
bool value_parse_number(const char *text, uint64_t *ret);   /* 8192 */
bool value_parse_duration(const char *text, uint64_t *ret); /* 100ms, 1h30m, 0; nanoseconds */
bool value_parse_size(const char *text, uint64_t *ret);	    /* 64MiB, 1GB, 4096; bytes */

struct strings {
	char **item; /* owned */
	size_t n;
};

/* Appends a copy of the first n bytes of text. Returns 0 or -ENOMEM. */
int strings_add(struct strings *strings, const char *text, size_t n);
void strings_free(struct strings *strings);

#endif
