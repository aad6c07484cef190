/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A comm, or another text of arbitrary bytes, as the value of a label. A comm is up to 15 bytes
 * that any local user may choose; a label is valid UTF-8. The mapping is injective, so two comms
 * never share a series, and no comm can be taken for the collective LABEL_OTHER.
 */
#ifndef LABEL_H
#define LABEL_H

#include <stdbool.h>
#include <stddef.h>

/* Longest label with its NUL: 16 bytes, each at most as "\xNN". */
#define LABEL_SIZE (16 * 4 + 1)

/* The series of all comms that have none of their own. */
#define LABEL_OTHER "__other__"

/* Writes the label of a comm of at most n bytes (fewer if there is a NUL) to dst and returns its
 * length; n is at most 16. `\` becomes `\\`; bytes below 0x20, 0x7f, U+0080 to U+009F and each byte
 * that is not part of valid UTF-8 become `\xNN`; an empty comm is `\0`; a comm that is LABEL_OTHER
 * itself is `\x5f_other__`. Everything else stays. */
size_t label_from_comm(char dst[LABEL_SIZE], const char *comm, size_t n);

/* The label of any text of n bytes, by the same rules; size is at least 32. What is longer than
 * fits is cut, and ends with `\~` and 16 digits of a hash of all of it, which no text that fits
 * can. */
size_t label_from_text(char *dst, size_t size, const char *text, size_t n);

/* Could label_from_comm() have made this text (LABEL_OTHER itself included)? */
bool label_is_valid(const char *label);

/* Is all of the text valid UTF-8 of printable characters, as a label may be? */
bool label_is_printable(const char *text);

#endif
